"""The printed table: spanning headings, group rows, rows high enough for their text, filter, print titles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from tasks.book import book_style as style
from tasks.book.book_cells import Formula, Link, is_absent, write_cell, write_merged
from tasks.book.book_style import Column, Paper
from tasks.book.text_fit import cut_to_lines, line_count, row_height

LEAST_ROW = 18.0  # points; a table with air is read more easily
_INDENT_PIXELS = 12
# A text longer than this is cut: the row would be higher than Excel allows, or fill a page by itself.
MOST_LINES = 18
CUT = "…"
CUT_WITH_REST = "… (xem đủ ở trang {data})"
_BORDER: Mapping[str, Any] = {"border": 1, "border_color": style.GRID}

# How the cells of a kind look. A `figure` has its line's decimals, `actual` also the mark of an estimate,
# `target` as many as it needs, `pace` one more: of a whole number a part is done in a period.
KINDS: dict[str, dict[str, Any]] = {
    "text": {"align": "left", "text_wrap": True},
    "code": {"align": "center", "text_wrap": True},
    "count": {"align": "center", "num_format": style.COUNT_FORM, "shrink": True},
    "figure": {"align": "right", "shrink": True},
    "actual": {"align": "right", "shrink": True},
    "target": {"align": "right", "shrink": True},
    "pace": {"align": "right", "shrink": True},
    "margin": {"align": "right", "num_format": style.MARGIN_FORM, "shrink": True},
    "percent": {"align": "right", "num_format": style.PERCENT_FORM, "shrink": True},
    "index": {"align": "center", "num_format": style.PERCENT_FORM, "shrink": True},
    "share": {"align": "center", "num_format": style.SHARE_FORM, "shrink": True},
    "change": {"align": "center", "num_format": style.CHANGE_FORM, "shrink": True},
    "date": {"align": "center", "num_format": style.DATE_FORM},
    "moment": {"align": "center", "num_format": style.MOMENT_FORM, "shrink": True},
    "band": {"align": "center", "text_wrap": True},
}
WRAPPED = ("text", "code", "band")
LINK_LOOK: Mapping[str, Any] = {"font_color": "#1F3864", "underline": 1}


@dataclass(frozen=True)
class Line:
    """One row of figures: values by field, with what the look of a cell depends on.

    `look` is added to every cell (bold, italic, fill); `indent` sets the name in by so many steps.
    """

    values: Mapping[str, Any]
    look: Mapping[str, Any] = field(default_factory=dict)
    indent: int = 0
    decimals: float = float("nan")
    is_estimate: bool = False
    band: str = ""


@dataclass(frozen=True)
class Heading:
    """A row across the whole table that opens a group."""

    text: str


@dataclass(frozen=True)
class Extent:
    """Where a table stands (row numbers from 0): its heading rows, its body, the rows that open a group."""

    head: int
    last_head: int
    first: int
    last: int
    openers: frozenset[int] = frozenset()


def write_table(paper: Paper, top: int, rows: Sequence[Line | Heading]) -> Extent:
    """Write headings, then the rows, from row `top` on; returns where everything stands."""
    last_head = write_headings(paper, top)
    first = last_head + 1
    for number, row in enumerate(rows, start=first):
        if isinstance(row, Heading):
            _write_heading(paper, number, row)
        else:
            write_line(paper, number, row)
    openers = frozenset(number for number, row in enumerate(rows, start=first) if isinstance(row, Heading))
    return Extent(top, last_head, first, first + len(rows) - 1, openers)


def write_headings(paper: Paper, top: int) -> int:
    """Write the heading rows, two where some columns have a heading over them; returns the last one's row."""
    letters = {"bold": True, "font_color": style.WHITE, "bg_color": paper.book.accent}
    look = paper.book.look(align="center", text_wrap=True, **letters, **_BORDER)
    bottom = top + any(column.over for column in paper.columns)
    number = 0
    for over, group in groupby(paper.columns, key=lambda column: column.over):
        members = list(group)
        if over:
            write_merged(paper.sheet, (top, number, top, number + len(members) - 1), over, look)
        for at, column in enumerate(members, start=number):
            write_merged(paper.sheet, (bottom if over else top, at, bottom, at), column.heading, look)
        number += len(members)
    _set_heading_heights(paper, top, bottom)
    return bottom


def _set_heading_heights(paper: Paper, top: int, bottom: int) -> None:
    columns = paper.columns
    whole = row_height(max((_heading_lines(column) for column in columns if not column.over), default=1))
    low = row_height(max((_heading_lines(column) for column in columns if column.over), default=1))
    if bottom == top:
        paper.set_height(top, whole)
        return
    paper.set_height(top, max(whole - low, row_height(1)))
    paper.set_height(bottom, low)


def _heading_lines(column: Column) -> int:
    return line_count(column.heading, column.pixels, bold=True)


def write_numbers(paper: Paper, row: int) -> None:
    """The row of column numbers that official tables have beneath their headings."""
    look = paper.book.look(italic=True, align="center", **_BORDER)
    for number in range(len(paper.columns)):
        write_cell(paper.sheet, row, number, f"({number + 1})", look)
    paper.set_height(row, row_height(1))


def _write_heading(paper: Paper, row: int, heading: Heading) -> None:
    look = paper.book.look(bold=True, bg_color=paper.book.soft, align="left", text_wrap=True, **_BORDER)
    write_merged(paper.sheet, (row, 0, row, paper.last), heading.text, look)
    lines = line_count(heading.text, paper.pixels, bold=True)
    paper.set_height(row, row_height(lines, least=LEAST_ROW))


def write_line(paper: Paper, row: int, line: Line) -> None:
    """One row of the table, as high as its longest text needs."""
    places = {column.field: xl_rowcol_to_cell(row, number) for number, column in enumerate(paper.columns)}
    most = 1
    for number, column in enumerate(paper.columns):
        value, lines = _shown(paper, column, line)
        most = max(most, lines)
        if isinstance(value, Formula):
            value = _placed(value, places)
        look = paper.book.look(**_BORDER, **cell_look(column, line))
        write_cell(paper.sheet, row, number, value, look)
    paper.set_height(row, row_height(most, least=LEAST_ROW))


def _shown(paper: Paper, column: Column, line: Line) -> tuple[Any, int]:
    """The value and its lines; of a text that is too long what fits, with a word on where the rest is."""
    value = line.values.get(column.field)
    lines = text_lines(column, line) if column.kind in WRAPPED else 1
    if lines <= MOST_LINES or not isinstance(value, str):
        return value, lines
    data = paper.book.names.get("data")
    ending = CUT_WITH_REST.format(data=data) if data else CUT
    room, bold = _room(column, line), bool(line.look.get("bold"))
    return cut_to_lines(value, room, MOST_LINES, ending, bold), MOST_LINES


def _room(column: Column, line: Line) -> int:
    return column.pixels - (line.indent * _INDENT_PIXELS if column.field == "name" else 0)


def _placed(formula: Formula, places: Mapping[str, str]) -> Formula | float:
    """The formula with its row's cells, or its value alone where a cell that it needs is not in the table."""
    try:
        return replace(formula, text=formula.text.format(**places))
    except KeyError:
        return formula.value


def cell_look(column: Column, line: Line) -> dict[str, Any]:
    """The properties of one cell: its kind's, its line's, its band's."""
    look = KINDS[column.kind] | dict(line.look)
    if column.kind in ("figure", "actual", "target", "pace"):
        places = figure_places(column, line)
        look["num_format"] = style.form_of(places, line.is_estimate and column.kind == "actual")
    if column.kind == "band" and line.band:
        fill, letters = style.BAND_COLOURS[line.band]
        look |= {"bg_color": fill, "font_color": letters}
    if column.field == "name" and line.indent:
        look["indent"] = line.indent
    value = line.values.get(column.field)
    if isinstance(value, Link):
        look |= LINK_LOOK
    if column.kind == "change" and isinstance(value, float) and value:
        look["font_color"] = style.BETTER if value > 0 else style.WORSE
    return look


def figure_places(column: Column, line: Line) -> int:
    """Decimals of the line's figure in a column."""
    value = line.values.get(column.field)
    if column.kind == "target" and isinstance(value, int | float) and not is_absent(value):
        return style.target_places(value, line.decimals)
    return style.places_of(line.decimals) + (column.kind == "pace")


def text_lines(column: Column, line: Line) -> int:
    """Lines that the line's text takes in a column; 1 for a figure."""
    value = line.values.get(column.field)
    text = value.text if isinstance(value, Link) else value
    if not isinstance(text, str):
        return 1
    return line_count(text, _room(column, line), bold=bool(line.look.get("bold")))


def finish_table(paper: Paper, extent: Extent, is_filtered: bool = True) -> None:
    """Filter, frozen and repeated headings, page breaks and print area of a sheet that holds one table."""
    sheet, last = paper.sheet, max(extent.last, extent.last_head)
    if extent.openers:
        sheet.set_h_pagebreaks(page_breaks(paper, extent))
    if is_filtered:
        sheet.autofilter(extent.last_head, 0, last, paper.last)
    sheet.freeze_panes(extent.first, 0)
    sheet.repeat_rows(extent.head, extent.last_head)
    sheet.print_area(0, 0, last, paper.last)


def page_breaks(paper: Paper, extent: Extent) -> list[int]:
    """The rows that begin a page, so that no row that opens a group ends one."""
    breaks: list[int] = []
    start, left = extent.first, paper.page_points - paper.height(0, extent.first)
    for row in range(extent.first, extent.last + 1):
        if row > start and paper.height(start, row + 1) > left:
            start = _opened_at(row, start, extent)
            breaks.append(start)
            left = paper.page_points - paper.height(extent.head, extent.first)
    return breaks


def _opened_at(row: int, start: int, extent: Extent) -> int:
    """The row, or the heading over it; on a page with nothing else since `start` the row itself."""
    first = row
    while first - 1 in extent.openers:
        first -= 1
    return first if first > start else row
