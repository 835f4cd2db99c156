"""A plan's tables read from files, as text: a folder of CSV files, or one workbook with a sheet a table."""

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from tiendo.errors import InputError, PlanError
from tiendo.plan_reading import problems

WORKBOOK = "plan.xlsx"
_SAVE_AS = "lưu lại dạng CSV UTF-8, phân cách bằng dấu phẩy"


def read_plan_folder(path: Path) -> dict[str, pd.DataFrame]:
    """Table name → columns of text, of a folder with CSV files or plan.xlsx, or of a workbook.

    The text is as written; what it means is not looked at. Raises InputError if there is nothing to read,
    PlanError with every table and row that cannot be read.
    """
    if path.is_dir():
        return _read_folder(path)
    if path.is_file() and path.suffix.lower() == ".xlsx":
        return _read_workbook(path)
    what = "không phải thư mục hay tệp .xlsx" if path.exists() else "không có thư mục này"
    raise InputError(f"{path}: {what}; chỉ tới thư mục chứa các bảng CSV của kế hoạch hoặc tệp {WORKBOOK}")


def _read_folder(folder: Path) -> dict[str, pd.DataFrame]:
    files = sorted(each for each in folder.glob("*.csv") if not each.name.startswith("."))
    workbook = folder / WORKBOOK
    if files and workbook.is_file():
        raise InputError(f"{folder}: có cả {WORKBOOK} và bảng CSV; giữ lại một dạng")
    if workbook.is_file():
        return _read_workbook(workbook)
    if not files:
        raise InputError(
            f"{folder}: không có bảng CSV nào và không có {WORKBOOK}; xem kế hoạch mẫu của tiendo init"
        )
    tables, found = {}, []
    for file in files:
        tables[file.stem], bad = _read_csv(file)
        found += bad
    if found:
        raise PlanError(pd.concat(found))
    return tables


def _read_csv(file: Path) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        return pd.DataFrame(), [problems(file.stem, [row], "", "không phải UTF-8", _SAVE_AS)]
    except OSError as error:
        raise InputError(f"{file}: không đọc được ({error.strerror}); kiểm tra quyền đọc") from None
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        fix = f"đóng các dấu ngoặc kép, hoặc {_SAVE_AS}"
        return pd.DataFrame(), [problems(file.stem, [0], "", f"không phải CSV ({error})", fix)]
    return _table(file.stem, rows)


def _table(name: str, rows: list[list[str]]) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """The rows below the heading, each as long as it; a row number stays the row's place in the file."""
    heading = [cell.strip() for cell in rows[0]] if rows else []
    while heading and not heading[-1]:
        heading.pop()
    if not heading:
        return pd.DataFrame(), [
            problems(name, [1], "", "bảng không có dòng tiêu đề", "ghi tên các cột ở dòng 1")
        ]
    if len(heading) == 1 and ";" in heading[0]:
        return pd.DataFrame(), [problems(name, [1], "", "các cột phân cách bằng dấu chấm phẩy", _SAVE_AS)]
    width = len(heading)
    longer = [number for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row[width:])]
    fix = 'bỏ dấu phẩy thừa, hoặc đặt ô có dấu phẩy trong "…"'
    found = [problems(name, [row], "", "dòng có nhiều ô hơn tiêu đề", fix) for row in longer]
    cells = [[*row[:width], *[""] * (width - len(row))] for row in rows[1:]]
    return pd.DataFrame(cells, columns=heading, dtype="str"), found


def _read_workbook(path: Path) -> dict[str, pd.DataFrame]:
    # Imported here: a plan in CSV tables needs no spreadsheet reader.
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names
        }
    except (CalamineError, OSError) as error:
        raise InputError(f"{path}: không mở được ({error}); lưu lại dạng .xlsx, không đặt mật khẩu") from None
    tables, found = {}, []
    for name, rows in sheets.items():
        texts = [[_as_text(cell) for cell in row] for row in rows]
        if any(cell for row in texts for cell in row):
            tables[name], bad = _table(name, texts)
            found += bad
    if found:
        raise PlanError(pd.concat(found))
    return tables


def _as_text(cell: Any) -> str:
    """A cell as the CSV tables would write it."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
