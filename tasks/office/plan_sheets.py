"""The sheets of a plan's workbook as rows of text, with the cells that cannot be taken as they are."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from tasks.office.plan_files import NO_TABLES, number_text
from tasks.reading.archive_scan import entries_of
from tasks.reading.limits import Limits
from tasks.reading.raw_texts import RefusedError
from tasks.reading.sheet_facts import Area, SheetFacts
from tasks.reading.xlsx_scan import WORKBOOK, Sheet, facts_of, scanned_xlsx
from tasks.template.return_fields import column_letters
from tiendo.errors import InputError
from tiendo.labels import LOCALES
from tiendo.plan_reading import problems
from tiendo.plan_tables import TABLES, Column
from tiendo.seen import seen_text

ANSWERS = ("no", "yes")
_SAVE_AGAIN = "mở bằng Excel hoặc LibreOffice, lưu lại dạng .xlsx, không đặt mật khẩu"
LIMITS = Limits(rows=200_000).for_child()
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
    try:
        values, looks = _looked_at(path)
        book = CalamineWorkbook.from_filelike(BytesIO(values))
        facts = {name: facts_of(sheet, closely=True) for name, sheet in looks.items()}
        tables = [name for name in facts if _name(name).strip() not in NO_TABLES]
        sheets = [_sheet(book, name, facts[name]) for name in tables]
    except RefusedError as refusal:
        seen = seen_text(refusal.seen, refusal.facts, LOCALES[0])
        raise InputError(f"{path}: không mở được, {seen}; {_SAVE_AGAIN}") from None
    except (CalamineError, OSError) as error:
        raise InputError(f"{path}: không mở được ({error}); {_SAVE_AGAIN}") from None
    except BaseException as error:
        # The reader is written in Rust: what it did not think of comes as a panic, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise InputError(f"{path}: không mở được, nội dung bị hỏng; {_SAVE_AGAIN}") from None
    return [sheet for sheet in sheets if sheet.rows or sheet.problems]


def _looked_at(path: Path) -> tuple[bytes, dict[str, Sheet]]:
    """A workbook's values and its sheets, looked at like a return before anything reads them."""
    if (size := path.stat().st_size) > LIMITS["file_bytes"]:
        raise RefusedError("too_large", "file_size", size_bytes=size, limit_bytes=LIMITS["file_bytes"])
    content = path.read_bytes()
    entries = entries_of(content, LIMITS)
    if WORKBOOK not in entries:
        raise RefusedError("unknown_format", "no_table", suffix=path.suffix)
    return scanned_xlsx(content, entries, {**LIMITS, "careful": True})


def _name(sheet: str) -> str:
    return unicodedata.normalize("NFC", sheet)


def _sheet(book: CalamineWorkbook, name: str, facts: SheetFacts) -> PlanSheet:
    sheet = book.get_sheet_by_name(name)
    rows: list[Row] = sheet.to_python(skip_empty_area=False)
    texts = [[_as_text(cell) for cell in row] for row in rows]
    heading = [text.strip() for text in texts[0]] if texts else []
    table = _name(name)
    columns = _columns_of(table, heading)
    _answer(texts, rows, columns)
    found = [
        *_lost_cells(table, heading, facts),
        *_merged_cells(table, heading, facts.merged),
        *_stray_dates(table, columns, rows),
    ]
    if not found and not any(text for row in texts for text in row):
        texts = []
    return PlanSheet(table, texts, tuple(found))


def _lost_cells(name: str, heading: list[str], facts: SheetFacts) -> Iterator[pd.DataFrame]:
    """Problems of the cells that the reader gives as empty though they are not."""
    for (row, column), error in facts.errors.items():
        fix = "sửa công thức, hoặc ghi giá trị vào ô"
        yield problems(name, [row + 1], _column(heading, column), f"ô báo lỗi {error}", fix)
    for row, column in sorted(facts.uncached):
        fix = "mở tệp bằng Excel hoặc LibreOffice rồi lưu lại, hoặc ghi giá trị vào ô"
        yield problems(name, [row + 1], _column(heading, column), "công thức chưa có kết quả", fix)


def _merged_cells(name: str, heading: list[str], areas: Iterable[Area]) -> Iterator[pd.DataFrame]:
    """Problems of merged cells: only the first of them holds the value, the others would be empty."""
    for row, column, _, _ in areas:
        if column < max(len(heading), 1):
            fix = "bỏ gộp ô, ghi giá trị vào từng ô; tựa đề thì xóa: tên các cột phải ở dòng 1"
            yield problems(name, [row + 1], _column(heading, column), "ô bị gộp", fix)


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
    """A column's heading, or its letters where it has none; columns count from 0."""
    return (heading[column] if column < len(heading) else "") or column_letters(column)


def _as_text(cell: Any) -> str:
    """A cell as the CSV tables would write it."""
    if isinstance(cell, bool):
        return ANSWERS[cell]
    if isinstance(cell, float):
        return number_text(cell)
    if isinstance(cell, datetime) and cell.time() == datetime.min.time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
