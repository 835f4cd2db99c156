"""Writing a workbook so that what the writer would drop or turn into something else is an error. STACK §4."""

import os
from collections.abc import Callable, Hashable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import quote_sheetname
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from tasks.book.book_cells import check_written
from tasks.book.book_style import BODY, DEFAULT_COLUMN_PIXELS, DEFAULT_ROW_PIXELS, FONT
from tiendo.errors import InputError

# Text stays text, whatever it looks like.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": FONT, "font_size": BODY},
    "default_column_width": DEFAULT_COLUMN_PIXELS,
    "default_row_height": DEFAULT_ROW_PIXELS,
}


@dataclass(frozen=True)
class Style:
    """Cell formats of one workbook, each made once."""

    book: Workbook
    made: dict[Hashable, Format] = field(default_factory=dict)

    def __call__(self, **properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            whole = {"font_name": FONT, "font_size": BODY, "valign": "vcenter", **properties}
            self.made[key] = self.book.add_format(whole)
        return self.made[key]


@dataclass(frozen=True)
class StrictSheet:
    """A worksheet whose writes happen as asked or raise TiendoError. Rows and columns count from 0."""

    sheet: Worksheet

    def text(self, row: int, column: int, text: str, style: Format) -> None:
        """A text, never a formula or a link; "" is a blank cell."""
        if text:
            self._done(self.sheet.write_string(row, column, text, style), row, column)
        else:
            self.blank(row, column, style)

    def number(self, row: int, column: int, number: float, style: Format) -> None:
        """A finite number."""
        self._done(self.sheet.write_number(row, column, number, style), row, column)

    def blank(self, row: int, column: int, style: Format) -> None:
        """An empty cell with a format."""
        self._done(self.sheet.write_blank(row, column, None, style), row, column)

    def value(self, row: int, column: int, value: Any, style: Format) -> None:
        """A raw value as it was typed: number, truth or text; None is blank."""
        if value is None or value == "":
            self.blank(row, column, style)
        elif isinstance(value, bool):
            self._done(self.sheet.write_boolean(row, column, value, style), row, column)
        elif isinstance(value, int | float):
            self.number(row, column, value, style)
        else:
            self.text(row, column, str(value), style)

    def formula(self, row: int, column: int, formula: str, style: Format, result: float | str) -> None:
        """A formula with the result that it has now, which previews and other programs show."""
        self._done(self.sheet.write_formula(row, column, formula, style, result), row, column)

    def note(self, row: int, column: int, text: str, options: dict[str, Any]) -> None:
        """A cell comment."""
        self._done(self.sheet.write_comment(row, column, text, options), row, column)

    def validate(self, first: tuple[int, int], last: tuple[int, int], options: dict[str, Any]) -> None:
        """A data validation over a range."""
        self._done(self.sheet.data_validation(*first, *last, options), *first)

    def merge(self, row: int, first: int, last: int, text: str, style: Format) -> None:
        """A text over several columns of one row."""
        self._done(self.sheet.merge_range(row, first, row, last, "", style), row, first)
        self.text(row, first, text, style)

    def link(self, row: int, column: int, target: tuple[str, str], style: Format, text: str) -> None:
        """A link to a cell of this workbook: `target` is the sheet's name and the address."""
        name, cell = target
        code = self.sheet.write_url(
            row, column, f"internal:{quote_sheetname(name)}!{cell}", style, string=text
        )
        self._done(code, row, column)

    def _done(self, code: int | None, row: int, column: int) -> None:
        check_written(code, self.sheet, row, column)


def write_workbook(path: Path, created: datetime, title: str, fill: Callable[[Workbook], None]) -> None:
    """Writes the workbook that `fill` makes, or leaves what was there; the same content gives the same bytes.

    Raises InputError where the file cannot be written.
    """
    content = BytesIO()
    book = Workbook(content, deepcopy(_OPTIONS))  # xlsxwriter writes into the options that it is given
    book.set_properties({"title": title, "created": created.astimezone(UTC).replace(tzinfo=None)})
    fill(book)
    book.close()
    write_whole(path, content.getvalue())


def write_whole(path: Path, content: bytes) -> None:
    """The file appears under its name only when it is whole; raises InputError where it cannot be written."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written: {error.strerror or error}") from error
