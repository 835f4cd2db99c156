"""Reading a CSV return into columns. Runs in the reading child: standard library and orjson only."""

import csv
import difflib
import io
from pathlib import Path
from typing import Any

from tasks.reading.raw_texts import Column, RefusedError, tidy_text
from tasks.template.return_fields import CSV_FIELDS, CSV_REQUIRED, column_letters

Record = list[str]


def read_csv(path: Path, limits: dict[str, int]) -> dict[str, Any]:
    """Places and columns of a CSV return; raises RefusedError for anything else.

    `decimal_comma` is true for a `;`-separated file, as a Vietnamese Excel saves it.
    """
    text = _decoded(path.read_bytes())
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        records = list(reader)
    except csv.Error as error:
        seen = f"dòng {reader.line_num}: dấu ngoặc kép không khép lại hoặc đặt sai chỗ"
        raise RefusedError("unreadable", seen) from error
    if len(records) > limits["rows"]:
        raise RefusedError("too_large", f"{len(records)} dòng, giới hạn {limits['rows']} dòng")
    header = _header(records)
    return {
        "decimal_comma": separator == ";",
        "sheet": None,
        "fields": {name: column_letters(column) for column, name in enumerate(header)},
        **_contents(header, records),
    }


def _decoded(content: bytes) -> str:
    if b"\0" in content:
        raise RefusedError("unknown_format", "tên tệp có đuôi .csv nhưng nội dung không phải văn bản")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        seen = f"dòng {line}: chữ không ghi theo bảng mã UTF-8 (trong Excel chọn lưu kiểu CSV UTF-8)"
        raise RefusedError("unreadable", seen) from error


def _separator(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    return ";" if header.count(";") > header.count(",") else ","


def _header(records: list[Record]) -> list[str]:
    head = records[0] if records else []
    names = [(tidy_text(name) or "").lower() for name in head]
    if missing := [name for name in CSV_REQUIRED if name not in names]:
        raise RefusedError("not_a_template", f"thiếu cột: {', '.join(missing)}")
    if unknown := [name for name in names if name not in CSV_FIELDS]:
        raise RefusedError("not_a_template", "; ".join(map(_nearest, unknown)))
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RefusedError("not_a_template", f"cột lặp lại: {', '.join(twice)}")
    return names


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, CSV_FIELDS, n=1, cutoff=0)[0]
    return f"không có cột “{name}”, gần nhất là “{near}”"


def _contents(header: list[str], records: list[Record]) -> dict[str, Any]:
    kept = [n for n, record in enumerate(records) if n > 0 and any(map(str.strip, record))]
    width = len(header)
    for n in kept:
        if any(map(str.strip, records[n][width:])):  # an unquoted comma: every later field would be wrong
            raise RefusedError("unreadable", f"dòng {n + 1}: {len(records[n])} ô, tiêu đề có {width} cột")
    data = [records[n] + [""] * (width - len(records[n])) for n in kept]
    columns: dict[str, Column] = {
        name: [tidy_text(record[column]) for record in data] for column, name in enumerate(header)
    }
    return {"columns": columns, "rows": [n + 1 for n in kept]}
