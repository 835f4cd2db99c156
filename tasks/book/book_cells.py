"""Writing cells so that nothing is lost in silence, and nothing from input becomes a formula or a link."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from tiendo.errors import TiendoError

LONGEST_TEXT = 32_767  # characters in a cell
INFINITE = "∞"


@dataclass(frozen=True)
class Formula:
    """A formula of ours with its computed value, which previews show; `{field}` names a cell of its row."""

    text: str
    value: float


@dataclass(frozen=True)
class Link:
    """Text that leads to the top of another sheet of the same workbook."""

    text: str
    sheet: str


def check_written(code: object, sheet: Worksheet, row: int, column: int) -> None:
    """Raises TiendoError where xlsxwriter answered that it wrote nothing."""
    if code:
        place = f"{sheet.get_name()}!{xl_rowcol_to_cell(row, column)}"
        raise TiendoError(f"{place} could not be written (xlsxwriter answered {code}); shorten its text")


def write_cell(sheet: Worksheet, row: int, column: int, value: Any, look: Format) -> None:
    """Write a value by its kind: text as text, a figure as a figure, a date as a date; unknown is blank."""
    if isinstance(value, float) and math.isinf(value):
        value = INFINITE
    check_written(_write(sheet, row, column, value, look), sheet, row, column)


def _write(sheet: Worksheet, row: int, column: int, value: Any, look: Format) -> object:
    if is_absent(value):
        return sheet.write_blank(row, column, None, look)
    if isinstance(value, str):
        return sheet.write_string(row, column, cut(value, LONGEST_TEXT), look)
    if isinstance(value, Formula):
        return sheet.write_formula(row, column, value.text, look, value.value)
    if isinstance(value, Link):
        target = f"internal:{quote_sheetname(value.sheet)}!A1"
        return sheet.write_url(row, column, target, look, cut(value.text, LONGEST_TEXT))
    if isinstance(value, date):
        return sheet.write_datetime(row, column, value, look)
    return sheet.write_number(row, column, value, look)


def is_absent(value: Any) -> bool:
    """Whether there is nothing to print: None, NaN, NaT or empty text."""
    return value == "" if isinstance(value, str) else bool(pd.isna(value))


def write_merged(sheet: Worksheet, area: tuple[int, int, int, int], value: str | Link, look: Format) -> None:
    """Write one value over an area (first row, first column, last row, last column)."""
    row, column, last_row, last_column = area
    if (row, column) != (last_row, last_column):
        check_written(sheet.merge_range(*area, "", look), sheet, row, column)
    write_cell(sheet, row, column, value, look)


def cut(text: str, limit: int) -> str:
    """The text, or as much as fits with an ellipsis that shows there is more."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def sum_of(column: int, first: int, last: int, values: Sequence[float]) -> Formula:
    """The sum of a column's cells from row `first` to `last`, with its value."""
    top, bottom = xl_rowcol_to_cell(first, column), xl_rowcol_to_cell(last, column)
    return Formula(f"=SUM({top}:{bottom})", float(sum(values)))
