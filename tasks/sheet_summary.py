"""The first sheet, Tổng hợp: official sentences, the programmes' counts, a chart of them, the sign block."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from tasks import book_style as style
from tasks.book_cells import Formula, Link, is_absent, sum_of, write_merged
from tasks.book_style import Column, Page, Paper
from tasks.book_table import LINK_LOOK, Line, fitted, write_headings, write_line, write_numbers
from tasks.letterhead import (
    BOLD,
    ITALIC,
    MAIN_TITLE,
    SIGN_ROWS,
    SUMMARY,
    Look,
    write_letterhead,
    write_signs,
    write_titles,
)
from tasks.review_lines import Lines, in_order
from tasks.review_titles import judged_text, leaders_of, period_text
from tasks.sheet_resolution import RESOLUTION
from tasks.summary_chart import write_chart
from tasks.text_fit import line_count, row_height
from tiendo.review import Review, counts_of
from tiendo.wording import GROUPINGS, grouped, number_text, raised

SPLIT = 7  # the right half of the letterhead and of the sign block begins at this column
NOT_JUDGED = ("unassessable", "not_due", "not_applicable")
JUDGED = ("exceeded", "met", "above", "below")  # neighbours in the table, and together all assessable bands
COUNTS = ("n", *JUDGED, "stalled", "not_started", "missing", "not_judged")
NO_INDEX = "–"

# A light bar behind the mean attainment, from 0 to 100 whatever the figures are.
_BAR = {
    "type": "data_bar",
    "bar_solid": True,
    "bar_color": "#BDD7EE",
    "min_type": "num",
    "min_value": 0,
    "max_type": "num",
    "max_value": 100,
}


def summary_pages(review: Review, lines: Lines) -> list[Page]:
    """The sheet Tổng hợp."""
    return [Page(SUMMARY, "Tổng hợp", columns_of(review), write_summary)]


def columns_of(review: Review) -> list[Column]:
    """The columns of the programmes' table, with the thresholds in force in their headings."""
    above, below = (raised(GROUPINGS[name].vi.format(**review.limits)) for name in ("above", "below"))
    within = "trong đó"
    return fitted(
        [
            Column("number", "TT", 36, "code"),
            Column("name", "Chương trình", 200, grows=3),
            Column("leader", "Người phụ trách", 150, grows=2),
            Column("n", "Tổng chỉ tiêu", 52, "count"),
            Column("exceeded", review.band_words["exceeded"], 50, "count"),
            Column("met", review.band_words["met"], 50, "count"),
            Column("above", above, 62, "count"),
            Column("below", below, 62, "count"),
            Column("stalled", review.band_words["stalled"], 54, "count", over=within),
            Column("not_started", review.band_words["not_started"], 62, "count", over=within),
            Column("missing", review.band_words["missing"], 62, "count"),
            Column("not_judged", "Không đánh giá", 62, "count"),
            Column("index", "Mức đạt BQ", 72, "percent"),
            Column("change", "So kỳ trước", 66, "change"),
        ]
    )


def write_summary(paper: Paper) -> None:
    """Write the first sheet: what the leaders read, sign and send."""
    review = paper.review
    row = write_letterhead(paper, 0, SPLIT)
    row = write_titles(paper, row + 1, _titles(review))
    head = _write_paragraphs(paper, row, [review.sentence, review.resolution_sentence], BOLD)
    numbers = write_headings(paper, head) + 1
    write_numbers(paper, numbers)
    programmes = _programme_lines(paper)
    for number, line in enumerate(programmes, start=numbers + 1):
        write_line(paper, number, line)
    end = _write_totals(paper, numbers + 1 + len(programmes), programmes)
    page = _fit_first_page(paper, end, (head, numbers))
    row = _write_paragraphs(paper, end, legend(review, programmes), ITALIC)
    if programmes:
        room = page - paper.height(end, row) - (SIGN_ROWS + 2) * style.DEFAULT_ROW_POINTS
        row = _write_chart(paper, end, row, (numbers + 1, numbers + len(programmes)), room)
    row = write_signs(paper, row + 1, SPLIT)
    paper.sheet.print_area(0, 0, row - 1, paper.last)


def _fit_first_page(paper: Paper, end: int, head: tuple[int, int]) -> float:
    """Scale the sheet so that its rows up to `end` stand on one page; returns the height of a page in points.

    Where that would be too small to read, the table runs on, with its heading rows on every page.
    """
    needed = int(100 * style.PAGE_POINTS_UNSCALED / paper.height(0, end))
    scale = min(needed, style.SCALE) if needed >= style.LEAST_SCALE else style.SCALE
    if needed < style.LEAST_SCALE:
        paper.sheet.repeat_rows(*head)
    paper.sheet.set_print_scale(scale)
    return 100 * style.PAGE_POINTS_UNSCALED / scale


def _write_chart(paper: Paper, legend_row: int, row: int, body: tuple[int, int], room: float) -> int:
    """The chart, on a page that begins with the legend, and a bar behind each mean; returns the next row."""
    paper.sheet.set_h_pagebreaks([legend_row])
    index = [column.field for column in paper.columns].index("index")
    paper.sheet.conditional_format(body[0], index, body[1], index, _BAR)
    title = f"Số chỉ tiêu theo mức đạt của từng chương trình, {period_text(paper.review)}"
    return write_chart(paper, row, body, title, room)


def _titles(review: Review) -> list[tuple[str, Look]]:
    programmes = len(review.level("programme"))
    what = f"{programmes} chương trình công tác trọng tâm" if programmes else "các chỉ tiêu"
    return [
        ("BÁO CÁO", MAIN_TITLE),
        (f"Kết quả thực hiện {what} {period_text(review)}", MAIN_TITLE),
        (judged_text(review), ITALIC),
    ]


def _write_paragraphs(paper: Paper, row: int, paragraphs: Sequence[str], look: Look) -> int:
    format_ = paper.book.look(text_wrap=True, align="left", **look)
    for text in filter(None, paragraphs):
        write_merged(paper.sheet, (row, 0, row, paper.last), text, format_)
        paper.set_height(row, row_height(line_count(text, paper.pixels, bold="bold" in look)))
        row += 1
    return row


def _programme_lines(paper: Paper) -> list[Line]:
    review = paper.review
    leaders, before = leaders_of(review), previous_index(review, "programme")
    rollups = {row["code"]: row for row in review.level("programme").to_dict("records")}
    programmes = in_order(review.plan.tables["programmes"]).to_dict("records")
    lines: list[Line] = []
    for programme in (each for each in programmes if each["code"] in rollups):
        code = programme["code"]
        names = {
            "number": Link(str(len(lines) + 1), paper.book.names[f"programme {code}"]),
            "name": programme["name"],
            "leader": "; ".join(title or name for name, title in leaders.get(code, ())),
        }
        lines.append(Line(counts_line(rollups[code], before.get(code)) | names))
    return lines


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


def _only_row(review: Review, level: str) -> tuple[dict[Any, Any], float | None]:
    """The one row of the levels term and resolution (empty if there is none), and its index before."""
    rows, before = review.level(level).to_dict("records"), previous_index(review, level)
    return (rows[0], before.get(rows[0]["code"])) if rows else ({}, None)


def _write_totals(paper: Paper, row: int, programmes: Sequence[Line]) -> int:
    """The total, its shares of all and of the judged, and the resolution's own; returns the next free row."""
    term, before = _only_row(paper.review, "term")
    if term:
        total = counts_line(term, before)
        sums = _sums(paper, row, total, programmes)
        _write_counts(paper, row, "TỔNG CỘNG", total | sums, look={"bold": True, "bg_color": paper.book.soft})
        row = _write_shares(paper, row, total)
    resolution, before = _only_row(paper.review, RESOLUTION)
    if resolution and RESOLUTION in paper.book.names:
        link = Link("Riêng các chỉ tiêu Nghị quyết", paper.book.names[RESOLUTION])
        _write_counts(paper, row, link, counts_line(resolution, before), look=BOLD)
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


def legend(review: Review, programmes: Sequence[Line]) -> list[str]:
    """The notes under the table."""
    limit, stalled = review.limits["advancing"], review.limits["stalled"]
    floor = number_text(review.bands.coverage_floor, 0)
    texts = [
        f"Ghi chú: Vượt: trên 100%. Đạt: 100%. Đạt trên {limit}: từ {limit} đến dưới 100%. Đạt dưới {limit}: "
        f"kể cả dưới {stalled} và chưa triển khai. Không đánh giá: chưa đủ căn cứ, chưa đến kỳ, "
        "không áp dụng. Cột (4) = (5) + (6) + (7) + (8) + (11) + (12). Mức đạt BQ: bình quân có trọng số, "
        f"mỗi chỉ tiêu tính nhiều nhất 100%; “–”: độ phủ dưới {floor}% hoặc không có kỳ trước. "
        "So kỳ trước: điểm %.",
    ]
    term = review.level("term")
    if len(term) and sum(line.values["n"] for line in programmes) != term.n.iloc[0]:
        texts.append("Chỉ tiêu thuộc nhiều chương trình được tính ở mỗi chương trình và một lần ở dòng tổng.")
    return texts
