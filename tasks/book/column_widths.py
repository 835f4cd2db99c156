"""Columns as wide as a page allows: figures whole first, then the texts so that the table is shortest."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from tasks.book import book_style as style
from tasks.book.book_cells import is_absent
from tasks.book.book_style import Column
from tasks.book.book_table import MOST_LINES, WRAPPED, Line, figure_places, text_lines
from tasks.book.text_fit import CELL_PADDING, line_count, width_pixels
from tiendo.wording import number_text

LONGEST_FIGURE = 116  # pixels: a longer one is printed smaller
MOST_HEADING_LINES = 3  # of a column of figures, where the page has room
_SHORT_PIXELS = range(56, LONGEST_FIGURE, 4)
STEP = 12  # pixels by which widths are tried


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
    fixed = [column for column in columns if column.kind in WRAPPED and not column.grows]
    least = np.array([max((text_lines(column, line) for column in fixed), default=1) for line in lines])
    counts = {
        number: [_lines_at(columns[number], step, lines) for step in range(steps + 1)] for number in growing
    }

    def height(split: Iterable[int]) -> tuple[int, int]:
        taken = list(split)
        rows = (counts[number][step] for number, step in zip(growing, taken, strict=True))
        unevenness = sum(step * step for step in taken)  # decides among tables of one height
        return int(np.minimum(np.maximum.reduce([least, *rows]), MOST_LINES).sum()), unevenness

    splits = [split for split in product(range(steps + 1), repeat=len(growing)) if sum(split) == steps]
    best = dict(zip(growing, min(splits, key=height), strict=True))
    return [best.get(number, 0) for number in range(len(columns))]


def _lines_at(column: Column, step: int, lines: Sequence[Line]) -> Any:
    wider = replace(column, pixels=column.pixels + step * STEP)
    return np.array([text_lines(wider, line) for line in lines])


def snug_column(lines: Sequence[Line], field: str, heading: str, least: int, kind: str = "figure") -> Column:
    """A column as wide as its longest figure or code, and as its heading, where the page has room."""
    column = Column(field, heading, least, kind)
    figures = max((_width_of(line, column) for line in lines), default=0)
    fits = (
        pixels for pixels in _SHORT_PIXELS if line_count(heading, pixels, bold=True) <= MOST_HEADING_LINES
    )
    return replace(column, needs=min(max(figures, next(fits, LONGEST_FIGURE)), LONGEST_FIGURE))


def short_column(lines: Sequence[Line], field: str, heading: str) -> Column:
    """A column of codes or words, each on at most two lines where the page has room."""
    texts = {line.values[field] for line in lines}
    fits = (pixels for pixels in _SHORT_PIXELS if all(line_count(text, pixels) <= 2 for text in texts))
    return Column(field, heading, _SHORT_PIXELS[0], "code", needs=next(fits, LONGEST_FIGURE))


def _width_of(line: Line, column: Column) -> int:
    value = line.values[column.field]
    if is_absent(value):
        return 0
    text = value if isinstance(value, str) else number_text(value, figure_places(column, line))
    mark = style.ESTIMATE_MARK.strip('"') if line.is_estimate and column.kind == "actual" else ""
    return math.ceil(width_pixels(text + mark, bold=bool(line.look.get("bold")))) + CELL_PADDING
