"""What a verb prints: data to stdout as a table, CSV or JSON, everything else to stderr."""

import csv
import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import pandas as pd

# Whole numbers beyond this are not exact in double precision.
EXACT = 2**53
BLOCK = 10_000  # rows turned into text at a time
SHOWN_DIGITS = 10  # of a number in a table on the screen


def tell(*lines: str) -> None:
    """Say something to the person at the keyboard, on stderr; data stays alone on stdout."""
    for line in lines:
        print(_plain(line, keep="\n"), file=sys.stderr)


def print_lines(lines: Iterable[str]) -> None:
    """Print a text that people read to stdout, where the same as CSV or JSON is for programs."""
    sys.stdout.writelines(_plain(line) + "\n" for line in lines)


def print_frame(frame: "pd.DataFrame", form: str, timezone: str = "UTC") -> None:
    """Print a table's rows to stdout in a form of FORMATS §4.

    Numbers stay unrounded, absent values, empty texts among them, are empty (JSON: null), instants stand in the
    given time zone.
    """
    names = [str(name) for name in frame.columns]
    blocks = (frame.iloc[n : n + BLOCK] for n in range(0, len(frame), BLOCK))
    rows = (row for block in blocks for row in _rows(block, ZoneInfo(timezone)))
    _WRITERS[form](names, rows)


def print_values(names: Sequence[str], rows: Iterable[Sequence[Any]], form: str) -> None:
    """Print rows of plain values to stdout in a form of FORMATS §4."""
    _WRITERS[form](list(names), iter([list(row) for row in rows]))


def _rows(frame: "pd.DataFrame", zone: ZoneInfo) -> Iterable[list[Any]]:
    columns = [_values(frame.iloc[:, at], zone) for at in range(frame.shape[1])]
    return (list(row) for row in zip(*columns, strict=True))


def _values(column: "pd.Series", zone: ZoneInfo) -> list[Any]:
    """Python values of a column, None where there is none; counts are whole numbers."""
    absent = column.isna()
    if column.dtype.kind == "f":
        absent |= column.abs() == float("inf")
        whole = bool(((column[~absent] % 1 == 0) & (column[~absent].abs() < EXACT)).all())
        return [
            None if none else (int(value) if whole else value)
            for value, none in zip(column, absent, strict=True)
        ]
    if column.dtype.kind == "M":
        instants = column.dt.tz_convert(zone) if column.dt.tz is not None else column
        return [None if none else _instant(value) for value, none in zip(instants, absent, strict=True)]
    return [None if none else _scalar(value) for value, none in zip(column, absent, strict=True)]


def _instant(value: datetime) -> str:
    if value.tzinfo is None and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    return value.isoformat(timespec="seconds")


def _scalar(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, bool | int | float) else str(value)


def _write_json(names: list[str], rows: Iterable[list[Any]]) -> None:
    sys.stdout.write("[")
    for number, row in enumerate(rows):
        record = {name: None if cell == "" else cell for name, cell in zip(names, row, strict=True)}
        sys.stdout.write(",\n " if number else "\n ")
        sys.stdout.write(json.dumps(record, ensure_ascii=False, allow_nan=False))
    sys.stdout.write("\n]\n")


def _write_csv(names: list[str], rows: Iterable[list[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([["" if value is None else _word(value) for value in row] for row in rows])


def _write_table(names: list[str], rows: Iterable[list[Any]]) -> None:
    rows = list(rows)
    cells = [[_plain(_shown(value)) for value in row] for row in rows]
    right = [any(_is_number(row[at]) for row in rows) for at in range(len(names))]
    widths = [max([_width(name), *(_width(row[at]) for row in cells)]) for at, name in enumerate(names)]
    for row in [names, ["─" * width for width in widths], *cells]:
        padded = [_padded(*each) for each in zip(row, widths, right, strict=True)]
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _padded(cell: str, width: int, right: bool) -> str:
    spaces = " " * (width - _width(cell))
    return spaces + cell if right else cell + spaces


def _shown(value: Any) -> str:
    """A value as people read it; programs take CSV or JSON, where nothing is rounded."""
    if value is None:
        return ""
    return f"{value:.{SHOWN_DIGITS}g}" if isinstance(value, float) else _word(value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _plain(text: str, keep: str = "") -> str:
    """The text without control characters: a file's name must not command the terminal."""
    return "".join(c if c in keep or not unicodedata.category(c).startswith("C") else "\ufffd" for c in text)


def _width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(not unicodedata.combining(c) for c in text)


_WRITERS = {"table": _write_table, "csv": _write_csv, "json": _write_json}
