"""A plan written to files that, loaded again, are the same plan: a folder of CSV tables, or a workbook."""

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.book.strict_sheet import write_whole
from tasks.office.plan_files import number_text
from tiendo.errors import InputError
from tiendo.plan_tables import TABLES

# Excel takes a CSV without this mark for another encoding, and spoils the letters.
EXCEL_UTF8 = "utf-8-sig"

# What people give as a file's ending when they mean something else than a folder.
_OTHER_FILES = (".csv", ".xls", ".xlsm", ".xlsb", ".ods", ".zip")

# How a cell of each kind is written; a kind that is not here is text.
_TEXTS: dict[str, Callable[[Any], str]] = {
    "number": number_text,
    "integer": number_text,
    "date": lambda day: str(day.date().isoformat()),
    "yes_no": lambda answer: "yes" if answer else "no",
}


def export_plan(tables: Mapping[str, pd.DataFrame], out: Path) -> None:
    """Writes typed plan tables: a workbook if `out` ends in .xlsx, else a folder of CSV tables.

    The same tables give the same bytes. Raises InputError where something is there already, where it cannot be
    written, or where a cell cannot hold a text whole; then nothing is left behind.
    """
    check_free(out)
    if out.suffix.lower() == ".xlsx":
        from tasks.office.plan_workbook import write_plan_workbook

        _write(write_plan_workbook, out, tables)
    else:
        _write_folder(out, tables)


def check_free(out: Path) -> None:
    """Raises InputError unless a plan can be exported to this path."""
    is_workbook = out.suffix.lower() == ".xlsx"
    try:
        if is_workbook and out.is_dir():
            raise InputError(f"{out}: là một thư mục; ghi tên tệp .xlsx khác")
        if not is_workbook and not out.is_dir() and (out.exists() or out.suffix.lower() in _OTHER_FILES):
            raise InputError(f"{out}: không phải thư mục hay tệp .xlsx; ghi tên thư mục mới hoặc tệp .xlsx")
        if out.exists() and (any(out.iterdir()) if out.is_dir() else out.stat().st_size):
            raise InputError(f"{out}: đã có nội dung; chọn tên khác, hoặc tự xóa trước")
    except OSError as error:
        raise InputError(f"{out}: không đọc được ({error.strerror}); chọn nơi khác hoặc cấp quyền") from None


def _write_folder(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    contents = {folder / f"{name}.csv": _csv_text(name, tables[name]).encode(EXCEL_UTF8) for name in TABLES}
    is_new = not folder.exists()
    written: list[Path] = []
    try:
        for path, content in contents.items():
            _write(write_whole, path, content)
            written.append(path)
    except InputError:
        for path in written:
            path.unlink(missing_ok=True)
        if is_new and folder.is_dir():
            folder.rmdir()
        raise


def _write(write: Callable[[Path, Any], None], path: Path, content: Any) -> None:
    """Writes, and tells in the user's language where the system does not let us."""
    try:
        write(path, content)
    except (InputError, OSError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(cause, OSError):
            raise
        reason = cause.strerror or cause
        raise InputError(f"{path}: không ghi được ({reason}); chọn nơi khác hoặc cấp quyền ghi") from None


def _csv_text(name: str, table: pd.DataFrame) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(TABLES[name].names)
    columns = [[_text(column.kind, cell) for cell in table[column.name]] for column in TABLES[name].columns]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()


def _text(kind: str, cell: Any) -> str:
    if kind not in _TEXTS:
        return str(cell)
    return "" if pd.isna(cell) else _TEXTS[kind](cell)
