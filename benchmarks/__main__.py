"""`python -m benchmarks [--quick] [--only CASE …] [--repeats N] [--out FILE]`: measures and prints tables."""

import argparse
import os
import platform
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.cases import (
    QUICK_SCOPE,
    Result,
    Scope,
    country,
    history,
    intake,
    naive,
    orchestrated,
    past,
    province,
)
from benchmarks.tables import cost_table, target_table

CASES = ("intake", "country", "naive", "orchestrated", "history", "past", "province")


def main() -> None:
    """Measure what is asked for; the exit code says nothing about targets, the table does."""
    given = parsed()
    scope = QUICK_SCOPE if given.quick else Scope()
    if given.repeats:
        scope = replace(scope, repeats=given.repeats)
    results = measured(scope, given.only or CASES)
    # The targets are for the full sizes; of small ones they say nothing.
    targets = [] if scope.is_quick else [target_table(results)]
    text = "\n\n".join([heading(scope), cost_table(results), *targets]) + "\n"
    print(text)
    if given.out:
        given.out.write_text(text, encoding="utf-8")


def parsed() -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast tiendo is.")
    parser.add_argument("--quick", action="store_true", help="small sizes, no server: does it still run?")
    parser.add_argument("--only", nargs="+", choices=CASES, metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--repeats", type=int, help="runs of each, of which the median counts (default 3)")
    parser.add_argument("--out", type=Path, help="also write the tables into this file")
    return parser.parse_args()


def measured(scope: Scope, cases: tuple[str, ...]) -> list[Result]:
    """The results of the cases; with the naive way goes the country's quarter that it is held against."""
    results = []
    if "intake" in cases:
        tell("reading alone")
        results.append(intake(scope))
    if "country" in cases or "naive" in cases:
        tell("country-quarter")
        results.append(country(scope))
    if "naive" in cases:
        tell("naive way")
        results.append(naive(scope, results[-1].costs["product"]))
    if "orchestrated" in cases and not scope.is_quick:
        tell("orchestrated against plain")
        results.append(orchestrated(scope))
    if "history" in cases:
        tell("20th quarter against the first")
        results.append(history(scope))
    if "past" in cases:
        tell("as of and restated against plain")
        results.append(past(scope))
    if "province" in cases:
        tell("province-quarter")
        results.append(province(scope))
    return results


def tell(what: str) -> None:
    """Say on stderr what is being measured."""
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{datetime.now(tz=UTC):%H:%M:%S} {what} … {load}", file=sys.stderr, flush=True)


def heading(scope: Scope) -> str:
    """Where and when the figures are from."""
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    python = f"Python {platform.python_version()}"
    return f"{datetime.now(tz=UTC):%Y-%m-%d}, {machine}, {python}; medians of {scope.repeats}"


if __name__ == "__main__":
    main()
