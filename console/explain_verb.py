"""The verb `explain`: what is behind a figure of a review."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from console.context import AsOf, Format, HereParameter, PeriodName, now
from console.printing import print_frame, print_lines

if TYPE_CHECKING:
    import pandas as pd


def add_to(app: App) -> None:
    """Register the verb."""
    app.command(explain, name="explain", help="một số liệu từ đâu ra: công thức, đơn vị, lần nộp, tệp và ô")


def explain(
    indicator: Annotated[str, Parameter(help="mã chỉ tiêu")],
    *,
    period: PeriodName,
    unit: Annotated[
        str | None, Parameter(name="--unit", help="mã đơn vị; mặc định: số của cơ quan lập kế hoạch")
    ] = None,
    against: Annotated[
        Literal["own", "year", "term"] | None,
        Parameter(name="--against", help="so với: own, year, term; mặc định: theo cài đặt"),
    ] = None,
    as_of: AsOf = None,
    report: Annotated[
        int | None, Parameter(name="--report", help="như trong báo cáo đã phát hành số này của kỳ")
    ] = None,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Print the steps behind a figure: a tree for people, rows for programs."""
    from console.moments import moment
    from tasks.explaining import explained
    from tiendo.errors import InputError
    from tiendo.periods import Period

    parsed = Period.parse(period)
    workspace = here.open()
    if report is not None and (against or as_of):
        raise InputError("--report đã nói so với gì và theo lúc nào; bỏ --against và --as-of")
    instant = moment(as_of, "--as-of", workspace.calendar)
    steps = explained(
        workspace,
        indicator,
        parsed,
        now=now(),
        unit=unit,
        against=against,
        as_of=instant,
        report=report,
    )
    if form == "table":
        print_tree(steps)
    else:
        print_frame(steps, form, workspace.calendar.timezone)


def print_tree(steps: "pd.DataFrame") -> None:
    """Print the steps as a tree on stdout: with colour on a terminal, as plain text elsewhere."""
    lines = list(zip(steps.depth.astype(int), steps.says, steps.step, strict=True))
    if sys.stdout.isatty():
        _print_rich(lines)
        return
    marks = guides([depth for depth, _, _ in lines])
    print_lines(f"{mark}{says}" for mark, (_, says, _) in zip(marks, lines, strict=True))


def guides(depths: list[int]) -> list[str]:
    """What stands before each line of a tree, given the lines' depths in order."""
    marks = []
    for at, depth in enumerate(depths):
        open_at = [_goes_on(depths, at, level) for level in range(1, depth + 1)]
        before = "".join("│  " if goes_on else "   " for goes_on in open_at[:-1])
        marks.append(before + ("├─ " if open_at[-1] else "└─ ") if open_at else "")
    return marks


def _goes_on(depths: list[int], at: int, level: int) -> bool:
    """Whether another line of a level follows under the same parent."""
    for depth in depths[at + 1 :]:
        if depth <= level:
            return depth == level
    return False


# Steps that a reader looks for first.
_BOLD, _DIM = ("figure", "band", "sum"), ("approval", "declared", "absent")


def _print_rich(lines: list[tuple[int, str, str]]) -> None:
    from rich.console import Console
    from rich.control import strip_control_codes
    from rich.text import Text
    from rich.tree import Tree

    open_at: list[Tree] = []
    roots: list[Tree] = []
    for depth, says, step in lines:
        style = "bold" if step in _BOLD else "dim" if step in _DIM else ""
        del open_at[depth:]
        text = Text(strip_control_codes(says), style=style)
        node = open_at[-1].add(text) if open_at else Tree(text, guide_style="dim")
        if not open_at:
            roots.append(node)
        open_at.append(node)
    for root in roots:
        Console().print(root)
