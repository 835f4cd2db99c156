"""The plan as a workbook for people: a guide, a sheet for every table with notes and lists, and what is in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter.utility import quote_sheetname, xl_col_to_name
from xlsxwriter.workbook import Workbook

from tasks.book.book_cells import LONGEST_TEXT, check_written
from tasks.book.strict_sheet import StrictSheet, Style, write_workbook
from tasks.book.text_fit import width_pixels
from tasks.office.plan_files import COLUMNS, GUIDE, LISTS, number_text
from tasks.office.plan_guide import write_columns, write_guide
from tiendo.errors import InputError
from tiendo.plan_tables import TABLES, Column
from tiendo.plan_words import choices_of, column_lines

# The same plan gives the same bytes, whenever it is written.
CREATED = datetime(2000, 1, 1, tzinfo=UTC)
TITLE = "Kế hoạch"

DAY_FORM = "yyyy-mm-dd"  # typed as it is shown, a day is understood under every regional setting
TEXT_FORM = "@"
FIRST_DAY = date(1900, 3, 1)  # spreadsheets disagree about the days before
LAST_ROW = 1_048_575

REQUIRED_FILL, OPTIONAL_FILL, LETTERS, GRID = "#8B1A1A", "#E4EAF4", "#FFFFFF", "#A6A6A6"
LEAST_PIXELS, MOST_PIXELS = 70, 420
PRINTED_COLUMNS = 12  # that a page one sheet wide still shows legibly
MEASURED_ROWS = 1_000  # rows that a column's width is found from
HEADING_ROOM = 34  # pixels of padding and of the filter's button
NOTE_PIXELS, NOTE_LINE_PIXELS, NOTE_SIZE = 380, 19, 10

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Lists:
    """The hidden sheet of choices: where each column's stand."""

    ranges: Mapping[tuple[str, str], str]

    def source(self, table: str, column: Column) -> str:
        """What a cell of a column may be chosen from, as a formula; "" if it is free."""
        if column.to:  # the codes that stand in the other sheet now
            sheet = quote_sheetname(column.to)
            return f"=OFFSET({sheet}!$A$2,0,0,MAX(1,COUNTA({sheet}!$A:$A)-1),1)"
        return self.ranges.get((table, column.name), "")


def write_plan_workbook(path: Path, tables: Tables) -> None:
    """Writes the workbook of typed plan tables; of none, an empty one to fill.

    The same tables give the same bytes. Raises InputError where it cannot be written, or where a cell cannot
    hold a text whole.
    """
    for name in TABLES:
        if name in tables:
            _refuse_lost_texts(name, tables[name])

    def fill(book: Workbook) -> None:
        style = Style(book)
        write_guide(StrictSheet(book.add_worksheet(GUIDE)), style)
        write_columns(StrictSheet(book.add_worksheet(COLUMNS)), style)
        sheets = {name: StrictSheet(book.add_worksheet(name)) for name in TABLES}
        lists = _write_lists(StrictSheet(book.add_worksheet(LISTS)), style)
        for name, out in sheets.items():
            _write_table(out, style, name, tables.get(name), lists)

    write_workbook(path, CREATED, TITLE, fill)


def _refuse_lost_texts(name: str, table: pd.DataFrame) -> None:
    """Raises InputError for the first text that a cell of a workbook cannot hold."""
    for column in TABLES[name].columns:
        if column.kind not in ("text", "list", "span"):
            continue
        for row, text in enumerate(table[column.name], 2):
            length = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
            problem = f"dài {length} ký tự, ô của sổ tính chứa tối đa {LONGEST_TEXT}" * (
                length > LONGEST_TEXT
            )
            if "\ufffe" in text or "\uffff" in text:
                problem = "có ký tự mà sổ tính không ghi được"
            if problem:
                raise InputError(
                    f"bảng {name} dòng {row}, cột {column.name}: {problem}; sửa lại, hoặc xuất ra thư mục CSV"
                )


def _write_lists(out: StrictSheet, style: Style) -> Lists:
    ranges, place = {}, 0
    for name, table in TABLES.items():
        for column in table.columns:
            if choices := list(choices_of(name, column)):
                for row, choice in enumerate([f"{name}.{column.name}", *choices]):
                    out.text(row, place, choice, style())
                letter = xl_col_to_name(place)
                ranges[name, column.name] = f"={LISTS}!${letter}$2:${letter}${len(choices) + 1}"
                place += 1
    out.sheet.hide()
    return Lists(ranges)


def _write_table(out: StrictSheet, style: Style, name: str, table: pd.DataFrame | None, lists: Lists) -> None:
    columns = TABLES[name].columns
    for place, column in enumerate(columns):
        look = style(border=1, border_color=GRID, **_form(column))
        cells = [] if table is None else list(_cells(column, table[column.name]))
        out.sheet.set_column_pixels(place, place, _pixels(column, cells), style(**_form(column)))
        _write_heading(out, style, place, name, column)
        for row, cell in enumerate(cells, 1):
            _write_cell(out, row, place, cell, look)
        _validate(out, place, column, lists.source(name, column))
    out.sheet.freeze_panes(1, 1)
    out.sheet.autofilter(0, 0, max(0 if table is None else len(table), 1), len(columns) - 1)
    out.sheet.set_row_pixels(0, 28)
    out.sheet.set_tab_color(REQUIRED_FILL if TABLES[name].required else GRID)
    out.sheet.set_landscape()
    out.sheet.set_paper(9)
    if len(columns) <= PRINTED_COLUMNS:
        out.sheet.fit_to_pages(1, 0)
    out.sheet.repeat_rows(0)
    out.sheet.repeat_columns(0)


def _form(column: Column) -> dict[str, Any]:
    if column.kind == "date":
        return {"num_format": DAY_FORM, "align": "center"}
    if column.kind in ("number", "integer"):
        return {"align": "right", "indent": 1}
    return {"num_format": TEXT_FORM}


def _write_heading(out: StrictSheet, style: Style, place: int, name: str, column: Column) -> None:
    colours = (
        {"bg_color": REQUIRED_FILL, "font_color": LETTERS} if column.required else {"bg_color": OPTIONAL_FILL}
    )
    out.text(
        0, place, column.name, style(bold=True, border=1, border_color=GRID, num_format=TEXT_FORM, **colours)
    )
    lines = column_lines(name, column)
    height = sum(1 + int(width_pixels(line, NOTE_SIZE) // (NOTE_PIXELS - 20)) for line in lines) + 1
    size = {"width": NOTE_PIXELS, "height": height * NOTE_LINE_PIXELS}
    out.note(0, place, "\n".join(lines), {**size, "font_size": NOTE_SIZE, "author": "tiendo"})


def _cells(column: Column, cells: pd.Series) -> Iterator[str | float | date]:
    """What is written: a text, a number, or a day; "" is nothing."""
    for cell in cells:
        if column.kind == "yes_no":
            yield "yes" if cell else "no"
        elif isinstance(cell, str):
            yield cell
        elif pd.isna(cell):
            yield ""
        elif column.kind == "date":
            yield day if (day := cell.date()) >= FIRST_DAY else day.isoformat()
        else:
            yield _number(float(cell))


def _number(number: float) -> float | str:
    """The number, or as text if the 16 digits that are written of it would make another."""
    return number if float(f"{number:.16G}") == number else number_text(number)


def _write_cell(out: StrictSheet, row: int, place: int, cell: str | float | date, look: Any) -> None:
    if isinstance(cell, date):
        check_written(out.sheet.write_datetime(row, place, cell, look), out.sheet, row, place)
    elif isinstance(cell, str):
        out.text(row, place, cell, look)
    else:
        out.number(row, place, cell, look)


def _pixels(column: Column, cells: list[str | float | date]) -> int:
    """As wide as the heading and the texts need, within reason."""
    texts = [str(cell).partition("\n")[0][:200] for cell in cells[:MEASURED_ROWS]]
    widest = max((width_pixels(text) for text in texts), default=0)
    least = 110 if column.kind == "date" else 220 if column.name in _WIDE else LEAST_PIXELS
    needed = max(widest + 12, width_pixels(column.name, bold=True) + HEADING_ROOM, least)
    return int(min(needed, MOST_PIXELS))


_WIDE = ("name", "definition", "data_source", "document", "product")


def _validate(out: StrictSheet, place: int, column: Column, source: str) -> None:
    """A list to choose from, or a check that what should be a number or a day is one."""
    options: dict[str, Any]
    if source:
        # Several, joined, may be typed where a list is meant; a code may come from a row still to be written.
        is_closed = column.kind != "list" and not column.to
        options = {"validate": "list", "source": source, "show_error": is_closed}
        options |= {"error_title": "Không có trong danh sách", "error_message": "Chọn một mục của danh sách."}
    elif column.kind == "date":
        options = {"validate": "date", "criteria": ">=", "value": FIRST_DAY, "error_type": "warning"}
        options |= {"error_title": "Không phải ngày", "error_message": "Ghi ngày dạng 2026-12-31."}
    elif column.kind in ("number", "integer"):
        options = {"validate": "decimal", "criteria": "between", "minimum": -1e300, "maximum": 1e300}
        options |= {"error_title": "Không phải số", "error_message": "Chỉ ghi số, không ghi đơn vị tính."}
    else:
        return
    out.validate((1, place), (LAST_ROW, place), options)
