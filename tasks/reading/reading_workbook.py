"""Reading a template workbook into columns. Runs in the reading child: standard library, calamine, orjson."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, load_workbook

from tasks.reading.raw_texts import Column, RefusedError, size_text, tidy, tidy_code, tidy_column
from tasks.template.return_fields import (
    ASKS_FIELD,
    ASKS_RATIO,
    ENTRY_FIELDS,
    KEYS_SHEET,
    STATUS_MARK,
    TABLE_MARKS,
    column_letters,
)

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
ENCRYPTED_FLAG = 0x1

# What is seen of a file, in words for its sender.
LOCKED = "nội dung đặt mật khẩu"
NO_WORKBOOK = "nội dung không phải sổ tính Excel"

# The table's head stands near the top; rows inserted above it by hand still leave it within these.
HEAD_ROWS = 100

Row = list[Any]


class Table(NamedTuple):
    """The sheet that holds the table: its cells, and where the row of field names is (0-based)."""

    sheet: str
    rows: list[Row]
    first_row: int  # rows and columns of the sheet before `rows` begins
    first_column: int
    head: int
    fields: dict[str, int]


def read_template(path: Path, limits: dict[str, int]) -> dict[str, Any]:
    """Keys, places and columns of a template workbook; raises RefusedError for anything else."""
    check_archive(path, limits)
    try:
        with load_workbook(str(path)) as book:
            keys = _keys(book)
            table = _table(book, limits)
    except PasswordError as error:
        raise RefusedError("encrypted", LOCKED) from error
    except CalamineError as error:
        raise RefusedError("unreadable", f"sổ tính bị hỏng bên trong (trình đọc báo: {error})") from error
    return {"keys": keys, **_contents(table, keys)}


def check_archive(path: Path, limits: dict[str, int]) -> None:
    """Raises RefusedError unless the file is a zip archive of a workbook within the limits of size."""
    with path.open("rb") as file:
        magic = file.read(8)
    if magic == OLE_MAGIC:
        if ENCRYPTED_STREAM in path.read_bytes():
            raise RefusedError("encrypted", LOCKED)
        raise RefusedError(
            "unknown_format", f"tên tệp có đuôi {path.suffix} nhưng nội dung theo kiểu Office cũ (.xls, .doc)"
        )
    if not magic:
        raise RefusedError("unreadable", "tệp rỗng")
    if not magic.startswith(ZIP_MAGIC):
        raise RefusedError("unknown_format", f"tên tệp có đuôi {path.suffix} nhưng {NO_WORKBOOK}")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise RefusedError("unreadable", "sổ tính bị hỏng hoặc thiếu phần cuối") from error
    _check_parts(parts, limits)


def _check_parts(parts: list[zipfile.ZipInfo], limits: dict[str, int]) -> None:
    if any(part.flag_bits & ENCRYPTED_FLAG for part in parts):
        raise RefusedError("encrypted", LOCKED)
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise RefusedError("unknown_format", NO_WORKBOOK)
    sizes = [part.file_size for part in parts]
    for size, most in ((max(sizes), limits["part_bytes"]), (sum(sizes), limits["unpacked_bytes"])):
        if size > most:
            raise RefusedError("too_large", f"{size_text(size)} sau khi mở nén, giới hạn {size_text(most)}")


def _keys(book: CalamineWorkbook) -> dict[str, str | None]:
    if KEYS_SHEET not in book.sheet_names:
        raise RefusedError("not_a_template", f"không có trang ẩn {KEYS_SHEET} của tệp mẫu")
    rows = book.get_sheet_by_name(KEYS_SHEET).to_python(nrows=HEAD_ROWS)
    return {str(row[0]): tidy_code(row[1]) for row in rows if len(row) > 1 and row[0]}


def _table(book: CalamineWorkbook, limits: dict[str, int]) -> Table:
    for name in book.sheet_names:
        if name == KEYS_SHEET:
            continue
        sheet = book.get_sheet_by_name(name)
        if sheet.height > limits["rows"] or sheet.width > limits["columns"]:
            seen = f"trang “{name}” có {sheet.height} dòng × {sheet.width} cột"
            raise RefusedError("too_large", f"{seen}, giới hạn {limits['rows']} × {limits['columns']}")
        rows: list[Row] = sheet.to_python()
        for head, row in enumerate(rows[:HEAD_ROWS]):
            if TABLE_MARKS.issubset(row):
                first_row, first_column = sheet.start or (0, 0)
                return Table(name, rows, first_row, first_column, head, _places(row))
    names = ", ".join(sorted(TABLE_MARKS))
    raise RefusedError("not_a_template", f"không trang nào có dòng ẩn mang tên các cột {names}")


def _places(head: Row) -> dict[str, int]:
    """Column of each field name; where a column was copied, the first one counts."""
    places: dict[str, int] = {}
    for column, name in enumerate(head):
        if isinstance(name, str) and name:
            places.setdefault(name, column)
    return places


def _contents(table: Table, keys: dict[str, str | None]) -> dict[str, Any]:
    code, period = table.fields["indicator"], table.fields["period"]
    kept = [n for n, row in enumerate(table.rows) if n > table.head and row[code] != ""]
    data = [table.rows[n] for n in kept]
    columns: dict[str, Column] = {
        "indicator": [tidy_code(row[code]) for row in data],
        "period": [tidy_code(row[period]) for row in data],
        **dict(_entries(table, data)),
    }
    fields = {name: _letters(table, column) for name, column in table.fields.items()}
    place, status = _sheet_status(table)
    if "status" not in columns:
        fields.pop("status", None)  # it stands above the table, not in the rows
    if status is not None:
        given = columns.get("status", [None] * len(data))
        columns["status"] = [status if own is None else own for own in given]
    return {
        "sheet": table.sheet,
        "fields": fields,
        "status_cell": place,
        "columns": {"unit": [keys.get("unit")] * len(data), **columns},
        "rows": [n + table.first_row + 1 for n in kept],
    }


def _entries(table: Table, data: list[Row]) -> Iterator[tuple[str, Column]]:
    """The fields that hold anything."""
    asks = table.fields.get(ASKS_FIELD)
    for field in ("name", *ENTRY_FIELDS):
        column = table.fields.get(field)
        if column is None:
            continue
        values = [row[column] for row in data]
        if field == "value" and asks is not None:
            values = ["" if row[asks] == ASKS_RATIO else row[column] for row in data]
        if values.count("") < len(values):
            yield field, tidy_column(values)


def _sheet_status(table: Table) -> tuple[str | None, Any]:
    """Address and content of the cell that gives the status of the whole sheet."""
    mark, named = table.fields["indicator"], table.fields["period"]
    for number, row in enumerate(table.rows[: table.head]):
        if row[mark] == STATUS_MARK and row[named] in table.fields:
            column = table.fields[row[named]]
            return f"{_letters(table, column)}{number + table.first_row + 1}", tidy(row[column])
    return None, None


def _letters(table: Table, column: int) -> str:
    return column_letters(column + table.first_column)
