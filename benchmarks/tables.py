"""The results as markdown tables."""

import math
from collections.abc import Sequence

from benchmarks.cases import Result, Target


def cost_table(results: list[Result]) -> str:
    """What each way has cost."""
    rows = [
        (
            result.name,
            way,
            f"{cost.seconds:.1f}",
            ", ".join(f"{name} {seconds:.1f}" for name, seconds in cost.laps.items()),
            f"{cost.cpu_seconds:.1f}",
            f"{cost.imports_seconds:.1f}",
            f"{cost.peak_mb:.0f}",
        )
        for result in results
        for way, cost in result.costs.items()
    ]
    heads = ("case", "way", "seconds", "of which", "CPU seconds", "imports (s, beside)", "peak MB")
    return table(heads, rows)


def target_table(results: list[Result]) -> str:
    """How each target stands."""
    rows = [
        (result.name, target.what, limit_text(target), f"{target.reached:.2f} {target.unit}", verdict(target))
        for result in results
        for target in result.targets
    ]
    return table(("case", "target", "asked", "reached", ""), rows)


def limit_text(target: Target) -> str:
    """The limit in words; "" where none was asked for."""
    if math.isinf(target.limit):
        return ""
    return f"{'≥' if target.at_least else '≤'} {target.limit:g} {target.unit}"


def verdict(target: Target) -> str:
    """Whether a target holds, in a word."""
    if math.isinf(target.limit):
        return ""
    return "holds" if target.holds else "**falls short**"


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A markdown table."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
