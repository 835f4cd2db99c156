"""The sheet Chỉ tiêu Nghị quyết: the resolution's indicators by field, components under their main one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from tasks.book.book_cells import is_absent
from tasks.book.book_style import Column, Page, Paper
from tasks.book.book_table import Heading, Line, finish_table, write_table
from tasks.book.column_widths import fitted, short_column, snug_column
from tasks.book.letterhead import BOLD, ITALIC, MAIN_TITLE, write_opening
from tasks.book.review_lines import Lines, notes, under_their_mains
from tasks.book.review_titles import judged_text, period_text
from tiendo.review import Review

RESOLUTION = "resolution"  # the sheet's key, and the level of its counts
NO_FIELD = "Lĩnh vực khác"
# Columns that are left out where nothing is in them, and those that give way first on a full page.
_IF_GIVEN = ("baseline", "same_period", "in_period", "year_text", "year_percent", "outlook_text", "measure")
_YIELDING = ("in_period", "same_period", "year_text", "year_percent")
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def resolution_pages(review: Review, lines: Lines) -> list[Page]:
    """The resolution's sheet, where the plan has such indicators."""
    own = _of_resolution(lines)
    if not own:
        return []
    write = partial(write_resolution, lines=own)
    return [Page(RESOLUTION, "Chỉ tiêu Nghị quyết", columns_of(review, own), write)]


def _of_resolution(lines: Lines) -> list[Line]:
    """The resolution's indicators and all their components, in the plan's order."""
    chosen: set[str] = {code for code, line in lines.items() if line.values["resolution"]}
    while more := {code for code, line in lines.items() if line.values["parent"] in chosen} - chosen:
        chosen |= more
    return [_dressed(line) for code, line in lines.items() if code in chosen]


def _dressed(line: Line) -> Line:
    """The line with remedies in its notes; its percentage is the term's where the term's target judges."""
    values = line.values
    judged_by_term = values["target"] == values["term_target"] and not is_absent(values["term_percent"])
    percent = values["term_percent"] if judged_by_term else values["percent"]
    return replace(line, values={**values, "percent": percent, "notes": notes(values, with_remedy=True)})


def write_resolution(paper: Paper, lines: Sequence[Line]) -> None:
    """Write the resolution's sheet."""
    review = paper.review
    titles = [
        ("TÌNH HÌNH THỰC HIỆN CÁC CHỈ TIÊU NGHỊ QUYẾT", MAIN_TITLE),
        (f"Kết quả {period_text(review)}", BOLD),
        (judged_text(review), ITALIC),
        (review.resolution_sentence, {}),
    ]
    row = write_opening(paper, titles)
    finish_table(paper, write_table(paper, row, list(_by_field(lines))))


def columns_of(review: Review, lines: Sequence[Line]) -> list[Column]:
    """The columns of the resolution's table, as far as the data goes."""
    year, term = review.period.years[-1], review.plan.term.span
    done = "Ước TH" if review.is_estimated else "TH"
    targets = review.plan.targets
    base = (
        targets.baseline_year[targets.indicator.isin([line.values["code"] for line in lines])]
        .dropna()
        .unique()
    )
    start = f"TH năm {int(base[0])}" if len(base) == 1 else "TH năm gốc"
    columns = [
        Column("number", "TT", 40, "code"),
        Column("name", "Chỉ tiêu", 130, grows=1),
        short_column(lines, "measure", "ĐVT"),
        snug_column(lines, "baseline", start, 62),
        snug_column(lines, "term_text", f"Mục tiêu NQ {term.year}–{term.number}", 72, "target"),
        snug_column(lines, "year_text", f"Mục tiêu năm {year}", 62, "target"),
        snug_column(lines, "same_period", f"TH cùng kỳ {year - 1}", 62),
        snug_column(lines, "in_period", f"{done} trong kỳ", 62),
        snug_column(lines, "actual", f"{done} lũy kế (BQ)", 66, "actual"),
        Column("percent", "% KH", 58, "percent"),
        Column("year_percent", f"% KH {year}", 58, "percent"),
        snug_column(lines, "margin", "So mục tiêu (±)", 64, "margin"),
        Column("band_text", "Đánh giá", 84, "band"),
        Column("outlook_text", "Khả năng hoàn thành", 88),
        Column("lead_name", "Chủ trì", 76, grows=1),
        Column("notes", "Nguyên nhân, giải pháp", 130, grows=1),
    ]
    given = [
        column
        for column in columns
        if column.field not in _IF_GIVEN
        or any(not is_absent(line.values.get(column.field)) for line in lines)
    ]
    return fitted(given, lines, yielding=_YIELDING)


def _by_field(lines: Sequence[Line]) -> Iterator[Line | Heading]:
    """The lines under headings of their fields, numbered 1, 2 and their components 2.1, 2.2."""
    fields: dict[str, list[Line]] = {}
    field_of = ""
    for line in under_their_mains(lines):
        field_of = field_of if line.indent else line.values["field"]
        fields.setdefault(field_of, []).append(line)
    numbers: list[int] = [0]
    for order, (name, members) in enumerate(fields.items(), start=1):
        if len(fields) > 1 or name:
            yield Heading(f"{roman(order)}. {name or NO_FIELD}")
        for line in members:
            numbers = [*numbers, 0][: line.indent + 1]
            numbers[-1] += 1
            yield replace(line, values={**line.values, "number": ".".join(map(str, numbers))})


def roman(number: int) -> str:
    """A small number in Roman numerals, as fields are numbered."""
    text = ""
    for value, letters in _ROMAN:
        while number >= value:
            text, number = text + letters, number - value
    return text
