"""The printed table: spanning headings, group rows, rows high enough for their text, filter, print titles."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, product
from typing import Any

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from tasks import book_style as style
from tasks.book_cells import Formula, Link, is_absent, write_cell, write_merged
from tasks.book_style import Column, Paper
from tasks.text_fit import CELL_PADDING, line_count, row_height, width_pixels
from tiendo.wording import number_text

LEAST_ROW = 20.0  # points; a table with air is read more easily
_INDENT_PIXELS = 12
_BORDER: Mapping[str, Any] = {"border": 1, "border_color": style.GRID}

# How the cells of a kind look. A `figure` has its line's decimals, `actual` also the mark of an estimate.
KINDS: dict[str, dict[str, Any]] = {
    "text": {"align": "left", "text_wrap": True},
    "code": {"align": "center", "text_wrap": True},
    "count": {"align": "center", "num_format": style.COUNT_FORM, "shrink": True},
    "figure": {"align": "right", "shrink": True},
    "actual": {"align": "right", "shrink": True},
    "margin": {"align": "right", "num_format": style.MARGIN_FORM, "shrink": True},
    "percent": {"align": "right", "num_format": style.PERCENT_FORM, "shrink": True},
    "share": {"align": "center", "num_format": style.SHARE_FORM, "shrink": True},
    "change": {"align": "right", "num_format": style.CHANGE_FORM, "shrink": True},
    "date": {"align": "center", "num_format": style.DATE_FORM},
    "band": {"align": "center", "text_wrap": True},
}
_WRAPPED = ("text", "code", "band")
LONGEST_FIGURE = 116  # pixels: a longer one is printed smaller
STEP = 12  # pixels by which widths are tried
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
    """Where a table stands (row numbers from 0): its heading rows and its body."""

    head: int
    last_head: int
    first: int
    last: int


def fitted(
    columns: Sequence[Column], lines: Sequence[Line] = (), yielding: Sequence[str] = ()
) -> list[Column]:
    """The columns as wide as the page allows: figures first, then those that grow.

    Given the lines of the table, those that grow get the widths that make it shortest. On a page too narrow
    for all, the fields of `yielding` give way, the first ones first.
    """
    kept = list(columns)
    for name in yielding:
        if _spare(kept) < 0:
            kept = [column for column in kept if column.field != name]
    assert _spare(kept) >= 0, f"the table is {-_spare(kept)} pixels wider than the page"
    wanted = [max(column.needs - column.pixels, 0) for column in kept]
    kept = _widened(kept, wanted, min(_spare(kept), sum(wanted)))
    shares = _shortest(kept, lines) if lines else [column.grows for column in kept]
    return _widened(kept, shares, _spare(kept))


def _spare(columns: Sequence[Column]) -> int:
    return style.PAGE_PIXELS - sum(column.pixels for column in columns)


def _widened(columns: Sequence[Column], shares: Sequence[int], pixels: int) -> list[Column]:
    whole = sum(shares) or 1
    return [
        replace(column, pixels=column.pixels + pixels * share // whole)
        for column, share in zip(columns, shares, strict=True)
    ]


def _shortest(columns: Sequence[Column], lines: Sequence[Line]) -> list[int]:
    """How many steps of spare width each column takes in the shortest table."""
    growing = [number for number, column in enumerate(columns) if column.grows]
    steps = _spare(columns) // STEP
    fixed = [column for column in columns if column.kind in _WRAPPED and not column.grows]
    least = np.array([max((_text_lines(column, line) for column in fixed), default=1) for line in lines])
    counts = {
        number: [_lines_at(columns[number], step, lines) for step in range(steps + 1)] for number in growing
    }

    def height(split: Iterable[int]) -> int:
        rows = (counts[number][step] for number, step in zip(growing, split, strict=True))
        return int(np.maximum.reduce([least, *rows]).sum())

    splits = [split for split in product(range(steps + 1), repeat=len(growing)) if sum(split) == steps]
    best = dict(zip(growing, min(splits, key=height), strict=True))
    return [best.get(number, 0) for number in range(len(columns))]


def _lines_at(column: Column, step: int, lines: Sequence[Line]) -> Any:
    wider = replace(column, pixels=column.pixels + step * STEP)
    return np.array([_text_lines(wider, line) for line in lines])


def figure_column(
    lines: Sequence[Line], field: str, heading: str, least: int, kind: str = "figure"
) -> Column:
    """A column of figures, as wide as its longest one (up to LONGEST_FIGURE) where the page has room."""
    needs = max((_figure_width(line, field) for line in lines), default=0)
    return Column(field, heading, least, kind, needs=min(needs, LONGEST_FIGURE))


def _figure_width(line: Line, field: str) -> int:
    value = line.values[field]
    if is_absent(value):
        return 0
    text = value if isinstance(value, str) else number_text(value, style.places_of(line.decimals))
    mark = style.ESTIMATE_MARK.strip('"') if line.is_estimate and field == "actual" else ""
    return math.ceil(width_pixels(text + mark, bold=bool(line.look.get("bold")))) + CELL_PADDING


def write_table(paper: Paper, top: int, rows: Sequence[Line | Heading]) -> Extent:
    """Write headings, then the rows, from row `top` on; returns where everything stands."""
    last_head = write_headings(paper, top)
    first = last_head + 1
    for number, row in enumerate(rows, start=first):
        if isinstance(row, Heading):
            _write_heading(paper, number, row)
        else:
            write_line(paper, number, row)
    return Extent(top, last_head, first, first + len(rows) - 1)


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
    for number, column in enumerate(paper.columns):
        value = line.values.get(column.field)
        if isinstance(value, Formula):
            value = _placed(value, places)
        look = paper.book.look(**_BORDER, **cell_look(column, line))
        write_cell(paper.sheet, row, number, value, look)
    wrapped = (_text_lines(column, line) for column in paper.columns if column.kind in _WRAPPED)
    paper.set_height(row, row_height(max(wrapped, default=1), least=LEAST_ROW))


def _placed(formula: Formula, places: Mapping[str, str]) -> Formula | float:
    """The formula with its row's cells, or its value alone where a cell that it needs is not in the table."""
    try:
        return replace(formula, text=formula.text.format(**places))
    except KeyError:
        return formula.value


def cell_look(column: Column, line: Line) -> dict[str, Any]:
    """The properties of one cell: its kind's, its line's, its band's."""
    look = KINDS[column.kind] | dict(line.look)
    if column.kind in ("figure", "actual"):
        look["num_format"] = style.figure_form(line.decimals, line.is_estimate and column.kind == "actual")
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


def _text_lines(column: Column, line: Line) -> int:
    value = line.values.get(column.field)
    text = value.text if isinstance(value, Link) else value
    if not isinstance(text, str):
        return 1
    indent = line.indent * _INDENT_PIXELS if column.field == "name" else 0
    return line_count(text, column.pixels - indent, bold=bool(line.look.get("bold")))


def finish_table(paper: Paper, extent: Extent, is_filtered: bool = True) -> None:
    """Filter, frozen and repeated headings, and print area of a sheet that holds one table."""
    sheet, last = paper.sheet, max(extent.last, extent.last_head)
    if is_filtered:
        sheet.autofilter(extent.last_head, 0, last, paper.last)
    sheet.freeze_panes(extent.first, 0)
    sheet.repeat_rows(extent.head, extent.last_head)
    sheet.print_area(0, 0, last, paper.last)
