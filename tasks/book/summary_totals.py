"""The counts of the first sheet's table: a programme's, their total, its shares, the resolution's own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from tasks.book import book_style as style
from tasks.book.book_cells import Formula, Link, is_absent, sum_of, write_merged
from tasks.book.book_style import Paper
from tasks.book.book_table import LINK_LOOK, Line, write_line
from tasks.book.letterhead import BOLD, ITALIC, Look
from tasks.book.review_lines import in_order
from tasks.book.review_titles import leaders_of
from tasks.book.sheet_resolution import RESOLUTION
from tiendo.review import Review, counts_of
from tiendo.wording import grouped

NOT_JUDGED = ("unassessable", "not_due", "not_applicable")
JUDGED = ("exceeded", "met", "above", "below")  # neighbours in the table, and together all assessable bands
COUNTS = ("n", *JUDGED, "stalled", "not_started", "missing", "not_judged")
NO_INDEX = "–"
TOTAL = "TỔNG CỘNG"
OF_RESOLUTION = "Riêng các chỉ tiêu Nghị quyết"


def programme_counts(review: Review) -> list[dict[str, Any]]:
    """A row for each programme judged, in the plan's order: number, code, name, leader and its counts_line."""
    leaders, before = leaders_of(review), previous_index(review, "programme")
    rollups = {row["code"]: row for row in review.level("programme").to_dict("records")}
    rows: list[dict[str, Any]] = []
    for programme in in_order(review.plan.tables["programmes"]).to_dict("records"):
        code = programme["code"]
        if code in rollups:
            leader = "; ".join(title or name for name, title in leaders.get(code, ()))
            about = {"number": str(len(rows) + 1), "code": code, "name": programme["name"], "leader": leader}
            rows.append(counts_line(rollups[code], before.get(code)) | about)
    return rows


def total_counts(review: Review, level: str) -> dict[str, Any]:
    """The counts_line of the levels term or resolution, which have one row; empty where there is none."""
    rows = review.level(level).to_dict("records")
    return counts_line(rows[0], previous_index(review, level).get(rows[0]["code"])) if rows else {}


def counts_line(row: Mapping[Any, Any], before: float | None) -> dict[str, Any]:
    """A rollup row's counts by the table's columns, its index, and the change in points since `before`."""
    counts = counts_of(row)
    values: dict[str, Any] = counts | grouped(counts) | {"n": int(row["n"])}
    values["not_judged"] = sum(counts[band] for band in NOT_JUDGED)
    index = row["index"]
    values["index"] = NO_INDEX if is_absent(index) else index
    values["change"] = NO_INDEX if is_absent(index) or is_absent(before) else index - before
    return values


def previous_index(review: Review, level: str) -> dict[str, float]:
    """Code → index of the period before, at one level; empty where there was no such period."""
    before = review.previous_rollups
    if before.empty:
        return {}
    rows = before[before.level == level]
    return dict(zip(rows.code.tolist(), rows["index"].tolist(), strict=True))


def write_totals(paper: Paper, row: int, programmes: Sequence[Line]) -> int:
    """The total, its shares of all and of the judged, and the resolution's own; returns the next free row."""
    if total := total_counts(paper.review, "term"):
        sums = _sums(paper, row, total, programmes)
        _write_counts(paper, row, TOTAL, total | sums, look={"bold": True, "bg_color": paper.book.soft})
        row = _write_shares(paper, row, total)
    resolution = total_counts(paper.review, RESOLUTION)
    if resolution and RESOLUTION in paper.book.names:
        link = Link(OF_RESOLUTION, paper.book.names[RESOLUTION])
        _write_counts(paper, row, link, resolution, look=BOLD)
        row += 1
    return row


def _sums(paper: Paper, row: int, total: Mapping[str, Any], programmes: Sequence[Line]) -> dict[str, Formula]:
    """Sums of the columns above, where the total is their sum: an indicator of two programmes counts once."""
    found = {}
    for number, column in enumerate(paper.columns):
        above = [line.values[column.field] for line in programmes if column.field in COUNTS]
        if above and sum(above) == total[column.field]:
            found[column.field] = sum_of(number, row - len(above), row - 1, above)
    return found


def _write_counts(
    paper: Paper, row: int, label: str | Link, values: Mapping[str, Any], *, look: Look, kind: str = "count"
) -> None:
    """A row of counts, or shares, whose label stands over the first three columns."""
    shown = [replace(column, kind=kind) if column.field in COUNTS else column for column in paper.columns]
    write_line(replace(paper, columns=shown), row, Line(values, look))
    letters = {"border": 1, "border_color": style.GRID, "align": "center", **look}
    letters |= LINK_LOOK if isinstance(label, Link) else {}
    write_merged(paper.sheet, (row, 0, row, 2), label, paper.book.look(**letters))


def _write_shares(paper: Paper, total_row: int, total: Mapping[str, Any]) -> int:
    """Shares of all and of the judged indicators, as formulas of the total row; returns the next free row."""
    cell = {
        column.field: xl_rowcol_to_cell(total_row, number, True, True)
        for number, column in enumerate(paper.columns)
    }
    judged = sum(total[name] for name in JUDGED)
    row = total_row + 1
    if total["n"]:
        shares = {
            name: Formula(f"={cell[name]}/{cell['n']}", total[name] / total["n"]) for name in COUNTS[1:]
        }
        _write_counts(paper, row, "Tỷ lệ trên tổng số chỉ tiêu", shares, look=ITALIC, kind="share")
        row += 1
    if judged and judged != total["n"]:
        of = f"SUM({cell[JUDGED[0]]}:{cell[JUDGED[-1]]})"
        names = (*JUDGED, "stalled", "not_started")
        shares = {name: Formula(f"={cell[name]}/{of}", total[name] / judged) for name in names}
        label = f"Tỷ lệ trên {judged} chỉ tiêu đánh giá được"
        _write_counts(paper, row, label, shares, look=ITALIC, kind="share")
        row += 1
    return row
