"""Reading a CSV return into columns. Runs in the reading child: standard library, orjson and the core's only."""

import csv
import difflib
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

from tasks.reading.raw_texts import Column, RefusedError, tidy_text
from tasks.template.return_fields import CSV_FIELDS, CSV_REQUIRED, TABLE_MARKS, column_letters
from tiendo.old_encodings import Decoded, UndecodableError, decoded

Record = list[str]
Numbered = Iterator[tuple[int, Record]]

SEPARATORS = ",;\t"
HEAD_ROWS = 20  # within these a form that was saved as text shows the hidden names of its columns
LONG_HEADING = 2**16  # characters: far beyond the fields there are, not so far that looking at it takes long
MOST_TOLD = 5  # columns in one answer; the others are of the same kind
MOST_TOLD_LENGTH = 60

# What people call the fields in a table of their own; they need the names that programs use.
HEADINGS = {
    "đơn vị": "unit",
    "mã đơn vị": "unit",
    "tên đơn vị": "unit",
    "kỳ": "period",
    "kỳ báo cáo": "period",
    "mã chỉ tiêu": "indicator",
    "chỉ tiêu": "indicator",
    "mã": "indicator",
    "thực hiện": "value",
    "thực hiện trong kỳ": "value",
    "giá trị": "value",
    "số liệu": "value",
    "kết quả": "value",
    "lũy kế": "value",
    "tử số": "numerator",
    "mẫu số": "denominator",
    "tình trạng": "state",
    "trạng thái": "status",
    "ước cả năm": "year_estimate",
    "khả năng hoàn thành": "outlook",
    "ghi chú": "note",
    "nguyên nhân": "reason",
    "lý do": "reason",
    "giải pháp": "remedy",
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")
# Excel writes this line and takes it for no row.
_SEP_LINE = re.compile(r'\ufeff?"?sep=([,;|\t])"?[ \t]*(\r\n|\r|\n)', re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*")


def read_csv(path: Path, limits: dict[str, int]) -> dict[str, Any]:
    """Places and columns of a CSV return; raises RefusedError for anything else.

    `decimal_comma` is true for a file parted by `;` or tabs, as a Vietnamese Excel saves it; `encoding` names what
    the file was written in, None for UTF-8. Texts stand as they are in it: rows count from 1 with the heading.
    """
    file = _decoded(path)
    start, separator = _separator(file.text)
    records: Numbered = enumerate(_records(file.text, start, separator), start=1)
    header, records = _header(records)
    return {
        "decimal_comma": separator in ";\t",
        "encoding": None if file.encoding == "UTF-8" else file.encoding,
        "sheet": None,
        "fields": {name: column_letters(column) for column, name in enumerate(header)},
        **_contents(header, records, limits["rows"]),
    }


def _decoded(path: Path) -> Decoded:
    content = path.read_bytes()
    binary = RefusedError("unknown_format", "no_text", suffix=path.suffix or ".csv")
    try:
        file = decoded(content)
    except UndecodableError as error:
        if _CONTROLS.search(content) and not content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            raise binary from error
        raise RefusedError("unreadable", "no_encoding", line=error.line) from error
    if "\0" in file.text:
        raise binary
    return file


def _separator(text: str) -> tuple[int, str]:
    """Where the table begins, and what parts its cells: as a line `sep=` says, or most often in the heading."""
    if told := _SEP_LINE.match(text):
        return told.end(), told[1]
    heading = _LINE.match(text.lstrip(" \r\n\ufeff")[:LONG_HEADING])
    assert heading is not None
    return 0, max(SEPARATORS, key=heading[0].count)


def _records(text: str, start: int, separator: str) -> Iterator[Record]:
    """The records of a table, blank ones too."""
    lines = io.StringIO(text, newline="")  # "" lets a single \r end a line too
    lines.seek(start)
    skipped = 1 if start else 0
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        seen = "long_cell" if "field limit" in str(error) else "bad_quotes"
        facts = {"most": csv.field_size_limit()} if seen == "long_cell" else {}
        raise RefusedError("unreadable", seen, line=reader.line_num + skipped, **facts) from error


def _header(records: Numbered) -> tuple[Record, Numbered]:
    """The names of the columns: the first record that is not blank."""
    first = list(islice(records, HEAD_ROWS))
    place, head = next(
        ((n, record) for n, (_, record) in enumerate(first) if any(map(str.strip, record))), (0, [])
    )
    if any(TABLE_MARKS.issubset(record) for _, record in first[place + 1 :]):
        raise RefusedError("not_a_template", "template_as_text")
    rest: Numbered = chain(first[place + 1 :], records)
    return _checked_names(head), rest


def _checked_names(head: Record) -> Record:
    names = [(tidy_text(name.replace("\ufeff", "")) or "").lower() for name in head]
    while names and not names[-1]:
        names.pop()  # a separator after the last name
    unknown = [name for name in dict.fromkeys(names) if name not in CSV_FIELDS]
    nearest = {name: _nearest(name) for name in unknown[:MOST_TOLD]}
    missing = [name for name in CSV_REQUIRED if name not in names]
    if unknown and (any(nearest.values()) or not missing):
        raise RefusedError("not_a_template", "nearest_columns", names=_told(nearest, len(unknown)))
    if missing:
        raise RefusedError("not_a_template", "no_column", names=", ".join(missing))
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RefusedError("not_a_template", "column_twice", names=", ".join(twice))
    return names


def _nearest(name: str) -> str | None:
    """The field that is meant by a name of a column, as far as one can tell."""
    near = difflib.get_close_matches(name[:MOST_TOLD_LENGTH], [*CSV_FIELDS, *HEADINGS], n=1)
    return HEADINGS.get(near[0], near[0]) if near else None


def _told(nearest: dict[str, str | None], count: int) -> str:
    pairs = [
        f"“{name[:MOST_TOLD_LENGTH]}”" + (f" → “{near}”" if near else "") for name, near in nearest.items()
    ]
    return ", ".join(pairs) + (" …" if count > len(pairs) else "")


def _contents(header: Record, records: Numbered, most_rows: int) -> dict[str, Any]:
    """Columns of the records below the heading, blank ones left out, and their numbers."""
    width, count = len(header), 0
    columns: list[Column] = [[] for _ in header]
    rows: list[int] = []
    for number, record in records:
        if not any(map(str.strip, record)):
            continue
        if any(map(str.strip, record[width:])):  # an unquoted comma: every later field would be wrong
            raise RefusedError("unreadable", "too_many_cells", line=number, cells=len(record), columns=width)
        count += 1
        if count > most_rows:  # only counted, so that a file of many millions needs no memory
            continue
        rows.append(number)
        for column, cell in zip(columns, chain(record, repeat("")), strict=False):  # short ones end early
            column.append(tidy_text(cell))
    if count > most_rows:
        raise RefusedError("too_large", "row_count", rows=count, most_rows=most_rows)
    return {"columns": dict(zip(header, columns, strict=True)), "rows": rows}
