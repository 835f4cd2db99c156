"""The sheets of a plan's workbook as rows of text, with the cells that cannot be taken as they are."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from tasks.office.plan_files import NO_TABLES, number_text
from tasks.office.plan_scan import SheetScan, scan_workbook
from tiendo.errors import InputError
from tiendo.plan_reading import problems
from tiendo.plan_tables import TABLES, Column

ANSWERS = ("no", "yes")
_RETYPE = "định dạng cột là Text (Chữ) rồi ghi lại ô"

Row = list[Any]


@dataclass(frozen=True)
class PlanSheet:
    """One sheet: its rows as text from row 1 on, and the problems of its cells."""

    name: str
    rows: list[list[str]]
    problems: tuple[pd.DataFrame, ...]


def read_sheets(path: Path) -> list[PlanSheet]:
    """The sheets that hold anything, but for the guide and its helpers.

    Raises InputError for what is no workbook, or too large a one.
    """
    scans = {name: scan for name, scan in scan_workbook(path).items() if _name(name).strip() not in NO_TABLES}
    try:
        book = CalamineWorkbook.from_path(path)
        plain = {each.name for each in book.sheets_metadata if each.typ is SheetTypeEnum.WorkSheet}
        sheets = [_sheet(book, name, scan) for name, scan in scans.items() if name in plain]
    except (CalamineError, OSError) as error:
        raise InputError(f"{path}: không mở được ({error}); lưu lại dạng .xlsx, không đặt mật khẩu") from None
    except BaseException as error:
        # The reader is written in Rust: what it did not think of comes as a panic, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise InputError(f"{path}: không mở được, nội dung bị hỏng; lưu lại dạng .xlsx") from None
    return [sheet for sheet in sheets if sheet.rows or sheet.problems]


def _name(sheet: str) -> str:
    return unicodedata.normalize("NFC", sheet)


def _sheet(book: CalamineWorkbook, name: str, scan: SheetScan) -> PlanSheet:
    sheet = book.get_sheet_by_name(name)
    rows: list[Row] = sheet.to_python(skip_empty_area=False)
    texts = [[_as_text(cell) for cell in row] for row in rows]
    heading = [text.strip() for text in texts[0]] if texts else []
    table = _name(name)
    columns = _columns_of(table, heading)
    _answer(texts, rows, columns)
    found = [
        *_lost_cells(table, heading, scan),
        *_merged_cells(table, heading, sheet.merged_cell_ranges or ()),
        *_stray_dates(table, columns, rows),
    ]
    if not found and not any(text for row in texts for text in row):
        texts = []
    return PlanSheet(table, texts, tuple(found))


def _lost_cells(name: str, heading: list[str], scan: SheetScan) -> Iterator[pd.DataFrame]:
    """Problems of the cells that the reader gives as empty though they are not."""
    for (row, column), error in scan.errors.items():
        fix = "sửa công thức, hoặc ghi giá trị vào ô"
        yield problems(name, [row], _column(heading, column), f"ô báo lỗi {error}", fix)
    for row, column in scan.without_result:
        fix = "mở tệp bằng Excel hoặc LibreOffice rồi lưu lại, hoặc ghi giá trị vào ô"
        yield problems(name, [row], _column(heading, column), "công thức chưa có kết quả", fix)


def _merged_cells(
    name: str, heading: list[str], areas: Iterable[tuple[tuple[int, int], tuple[int, int]]]
) -> Iterator[pd.DataFrame]:
    """Problems of merged cells: only the first of them holds the value, the others would be empty."""
    for (row, column), _ in areas:
        if column < max(len(heading), 1):
            fix = "bỏ gộp ô, ghi giá trị vào từng ô; tựa đề thì xóa: tên các cột phải ở dòng 1"
            yield problems(name, [row + 1], _column(heading, column + 1), "ô bị gộp", fix)


def _columns_of(name: str, heading: list[str]) -> dict[int, Column]:
    """The columns of the plan that stand in a sheet, by their place."""
    known = {column.name: column for column in TABLES[name].columns} if name in TABLES else {}
    return {place: known[text] for place, text in enumerate(heading) if text in known}


def _answer(texts: list[list[str]], rows: list[Row], columns: Mapping[int, Column]) -> None:
    """Writes yes and no where a program keeps them as 1 and 0, as LibreOffice does with truth in a cell for text."""
    for place, column in columns.items():
        if column.kind == "yes_no" or set(column.choices) == set(ANSWERS):
            for text, row in zip(texts, rows, strict=True):
                if isinstance(row[place], float) and row[place] in (0, 1):
                    text[place] = ANSWERS[int(row[place])]


def _stray_dates(name: str, columns: Mapping[int, Column], rows: list[Row]) -> Iterator[pd.DataFrame]:
    """Problems of codes and texts that the spreadsheet took for days or hours: `1-2`, `2026-03`."""
    for place, column in columns.items():
        if column.kind == "date":
            continue
        for number, row in enumerate(rows, 1):
            if isinstance(row[place], date | time | timedelta):
                problem = f"ô là ngày giờ ({_as_text(row[place])}), cột này không ghi ngày giờ"
                yield problems(name, [number], column.name, problem, _RETYPE)


def _column(heading: list[str], column: int) -> str:
    """A column's heading, or its letters where it has none; columns count from 1."""
    if column <= len(heading) and heading[column - 1]:
        return heading[column - 1]
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _as_text(cell: Any) -> str:
    """A cell as the CSV tables would write it."""
    if isinstance(cell, bool):
        return ANSWERS[cell]
    if isinstance(cell, float):
        return number_text(cell)
    if isinstance(cell, datetime) and cell.time() == datetime.min.time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
