"""A plan's tables read from files, as text: a folder of CSV files, or one workbook with a sheet a table."""

import csv
import io
import math
from pathlib import Path

import pandas as pd

from tiendo.errors import InputError, PlanError
from tiendo.plan_reading import problems
from tiendo.plan_tables import TABLES

WORKBOOK = "plan.xlsx"
_SAVE_AS = "lưu lại dạng CSV UTF-8, phân cách bằng dấu phẩy"

# Sheets of the workbook that tiendo writes which are no tables.
GUIDE, COLUMNS, LISTS = "Hướng dẫn", "Các cột", "_lists"
NO_TABLES = (GUIDE, COLUMNS, LISTS)

# Whole numbers up to here are written out; beyond, a double no longer holds each of them.
_WRITTEN_OUT = 1e15

# Titles that people put above a table take a few rows; a heading is looked for no further down.
_TITLE_ROWS = 20

Read = tuple[pd.DataFrame, list[pd.DataFrame]]


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


def number_text(number: float) -> str:
    """A number as the CSV tables write it: read again it is the same number."""
    is_negative_zero = number == 0 and math.copysign(1, number) < 0
    if number.is_integer() and abs(number) < _WRITTEN_OUT and not is_negative_zero:
        return str(int(number))
    return repr(number)


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
    return _whole({file.stem: _read_csv(file) for file in files})


def _read_workbook(path: Path) -> dict[str, pd.DataFrame]:
    # Imported here: a plan in CSV tables needs no spreadsheet reader.
    from tasks.office.plan_sheets import read_sheets

    return _whole(
        {sheet.name: table_of(sheet.name, sheet.rows, sheet.problems) for sheet in read_sheets(path)}
    )


def _whole(read: dict[str, Read]) -> dict[str, pd.DataFrame]:
    found = [each for _, bad in read.values() for each in bad if len(each)]
    if found:
        raise PlanError(pd.concat(found))
    return {name: table for name, (table, _) in read.items()}


def _read_csv(file: Path) -> Read:
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
    return table_of(file.stem, rows)


def table_of(name: str, rows: list[list[str]], told: tuple[pd.DataFrame, ...] = ()) -> Read:
    """The rows below the heading, each as long as it; a row number stays the row's place in the file.

    told: problems of its cells that are known already.
    """
    heading = [cell.strip() for cell in rows[0]] if rows else []
    while heading and not heading[-1]:
        heading.pop()
    unusable = _unusable_heading(name, heading, rows)
    if unusable is not None:
        return pd.DataFrame(), [*told, unusable]
    width = len(heading)
    longer = [number for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row[width:])]
    fix = 'bỏ dấu phẩy thừa, hoặc đặt ô có dấu phẩy trong "…"'
    found = [*told, problems(name, longer, "", "dòng có nhiều ô hơn tiêu đề", fix)]
    cells = [[*row[:width], *[""] * (width - len(row))] for row in rows[1:]]
    found += _nul_letters(name, heading, cells)
    table = pd.DataFrame(cells, columns=heading, dtype="str")
    if "" in heading:
        table, bad = _without_unnamed(name, table)
        found.append(bad)
    return table, found


def _unusable_heading(name: str, heading: list[str], rows: list[list[str]]) -> pd.DataFrame | None:
    """The problem of a table whose first row is no heading."""
    if not heading:
        return problems(name, [1], "", "bảng không có dòng tiêu đề", "ghi tên các cột ở dòng 1")
    if len(heading) == 1 and ";" in heading[0]:
        return problems(name, [1], "", "các cột phân cách bằng dấu chấm phẩy", _SAVE_AS)
    if name not in TABLES or not set(TABLES[name].names).isdisjoint(heading):
        return None
    known = set(TABLES[name].names)
    for number, row in enumerate(rows[1:_TITLE_ROWS], 2):
        if len(known & {cell.strip() for cell in row}) > 1:
            fix = f"xóa các dòng phía trên dòng {number}: tên các cột phải ở dòng 1"
            return problems(name, [1], "", f"dòng 1 là tựa đề, tên các cột ở dòng {number}", fix)
    return None


def _nul_letters(name: str, heading: list[str], cells: list[list[str]]) -> list[pd.DataFrame]:
    """Problems of cells with the letter NUL, which no database keeps."""
    return [
        problems(name, [number], column, "ô có ký tự NUL", "xóa ô và ghi lại")
        for number, row in enumerate(cells, 2)
        for column, cell in zip(heading, row, strict=True)
        if "\0" in cell
    ]


def _without_unnamed(name: str, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table without the empty columns that have no heading, and the problems of those that hold something."""
    unnamed = [place for place, column in enumerate(table.columns) if not column]
    cells = table.iloc[:, unnamed]
    rows = table.index[(cells != "").any(axis=1)] + 2
    problem, fix = "ô nằm dưới cột không có tiêu đề", "ghi tên cột ở dòng 1, hoặc xóa cột"
    named = [place for place in range(table.shape[1]) if place not in unnamed]
    return table.iloc[:, named], problems(name, rows, "", problem, fix)
