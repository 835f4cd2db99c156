"""The first sheet, Tổng hợp: official sentences, the programmes' counts, a chart of them, the sign block."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tasks.book import book_style as style
from tasks.book.book_cells import Link, write_merged
from tasks.book.book_style import Column, Page, Paper
from tasks.book.book_table import Line, write_headings, write_line, write_numbers
from tasks.book.column_widths import fitted
from tasks.book.letterhead import (
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
from tasks.book.review_lines import Lines
from tasks.book.review_titles import adjusted_text, judged_text, period_text
from tasks.book.summary_chart import Bars, write_chart
from tasks.book.summary_totals import programme_counts, write_totals
from tasks.book.text_fit import line_count, row_height
from tiendo.review import Review
from tiendo.rounds import round_of
from tiendo.wording import GROUPINGS, number_text, raised

SPLIT = 7  # the right half of the letterhead and of the sign block begins at this column
_GAP = 6.0  # points between the letterhead and the titles, the sentences and the table

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
            Column("number", "TT", 32, "code"),
            Column("name", "Chương trình", 160, grows=1),
            Column("leader", "Người phụ trách", 120, grows=1),
            Column("n", "Tổng chỉ tiêu", 46, "count"),
            Column("exceeded", review.band_words["exceeded"], 46, "count"),
            Column("met", review.band_words["met"], 46, "count"),
            Column("above", above, 46, "count"),
            Column("below", below, 46, "count"),
            Column("stalled", review.band_words["stalled"], 46, "count", over=within),
            Column("not_started", review.band_words["not_started"], 78, "count", over=within),
            Column("missing", review.band_words["missing"], 64, "count"),
            Column("not_judged", "Không đánh giá", 60, "count"),
            Column("index", "Mức đạt BQ", 60, "index"),
            Column("change", "So kỳ trước", 62, "change"),
        ],
        [Line(row) for row in programme_counts(review)],
    )


def write_summary(paper: Paper) -> None:
    """Write the first sheet: what the leaders read, sign and send."""
    review = paper.review
    row = write_letterhead(paper, 0, SPLIT)
    paper.set_height(row, _GAP)
    row = write_titles(paper, row + 1, _titles(review))
    gap = _write_paragraphs(
        paper, row, [review.sentence, review.resolution_sentence, review.doubts_sentence], BOLD
    )
    paper.set_height(gap, _GAP)
    head = gap + 1
    numbers = write_headings(paper, head) + 1
    write_numbers(paper, numbers)
    programmes = _programme_lines(paper)
    for number, line in enumerate(programmes, start=numbers + 1):
        write_line(paper, number, line)
    end = write_totals(paper, numbers + 1 + len(programmes), programmes)
    paper = _fit_first_page(paper, end, (head, numbers))
    row = _write_paragraphs(paper, end, legend(review, programmes), ITALIC)
    if programmes:
        room = paper.page_points - paper.height(end, row) - (SIGN_ROWS + 2) * style.DEFAULT_ROW_POINTS
        most = max(line.values["n"] for line in programmes)
        row = _write_chart(paper, end, row, Bars(numbers + 1, numbers + len(programmes), most), room)
    row = write_signs(paper, row + 1, SPLIT)
    paper.sheet.print_area(0, 0, row - 1, paper.last)


def _fit_first_page(paper: Paper, end: int, head: tuple[int, int]) -> Paper:
    """The paper with its columns so wide that, printed one page wide, its rows up to `end` stand on one page.

    Where that would be too small to read, the table runs on, with its heading rows on every page.
    """
    wider = max(paper.height(0, end) / paper.page_points, 1.0)
    columns = [replace(column, pixels=math.ceil(column.pixels * wider)) for column in paper.columns]
    fitting = replace(paper, columns=columns)
    if fitting.scale < style.LEAST_SCALE:
        paper.sheet.repeat_rows(*head)
        return paper
    style.set_widths(fitting)
    return fitting


def _write_chart(paper: Paper, legend_row: int, row: int, bars: Bars, room: float) -> int:
    """The chart, on a page that begins with the legend, and a bar behind each mean; returns the next row."""
    paper.sheet.set_h_pagebreaks([legend_row])
    index = [column.field for column in paper.columns].index("index")
    paper.sheet.conditional_format(bars.first, index, bars.last, index, _BAR)
    title = f"Số chỉ tiêu theo mức đạt của từng chương trình, {period_text(paper.review)}"
    return write_chart(paper, row, bars, title, room)


def _titles(review: Review) -> list[tuple[str, Look]]:
    programmes = len(review.level("programme"))
    what = f"{programmes} chương trình công tác trọng tâm" if programmes else "các chỉ tiêu"
    named = round_of(review.plan, review.period)
    rounds = [(named.name, MAIN_TITLE)] if named and named.kind != "regular" else []
    return [
        ("BÁO CÁO", MAIN_TITLE),
        *rounds,
        (f"Kết quả thực hiện {what} {period_text(review)}", MAIN_TITLE),
        *[(text, BOLD) for text in filter(None, [adjusted_text(review)])],
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
    names = paper.book.names
    return [
        Line(row | {"number": Link(row["number"], names[f"programme {row['code']}"])})
        for row in programme_counts(paper.review)
    ]


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
    return [*texts, *counting_notes(review, [line.values for line in programmes])]


def counting_notes(review: Review, programmes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why the programmes' counts are more than the total, where they are."""
    term = review.level("term")
    if not len(term) or sum(row["n"] for row in programmes) == term.n.iloc[0]:
        return []
    return ["Chỉ tiêu thuộc nhiều chương trình được tính ở mỗi chương trình và một lần ở dòng tổng."]
