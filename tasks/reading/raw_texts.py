"""Raw values as they came out of a file, made safe for JSON; and the digest of what a file says.

Standard library and orjson only: the reading child imports it.
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Any

import orjson

from tasks.template.return_fields import ENTRY_FIELDS, NARRATIVE_FIELDS

# Names, states and codes come again in every file; long texts do not, and would fill the memory.
REMEMBERED_LENGTH = 200

Column = list[Any]
Digest = tuple[str, str, int, str]  # unit, period, rows, sha256


class RefusedError(Exception):
    """A file that cannot be taken: a code of FORMATS §3, and what was seen (a key of `tiendo.seen.SEEN`, facts)."""

    def __init__(self, code: str, seen: str, **facts: Any) -> None:
        super().__init__(code, seen, facts)
        self.code = code
        self.seen = seen
        self.facts = facts


def tidy(value: Any) -> Any:
    """A cell as JSON can carry it: text NFC without outer blanks, a date as ISO text, empty as None."""
    if isinstance(value, str):
        return tidy_text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = float(value)  # some formats part whole numbers from others
    if isinstance(value, float):
        return value if isfinite(value) else str(value)  # JSON would lose an infinity
    return value if value is None or isinstance(value, bool) else str(value)


def tidy_column(cells: Column) -> Column:
    """A column of cells as JSON can carry them: each text once, figures without a call."""
    texts = {cell: tidy_text(cell) for cell in set(cells) if isinstance(cell, str)}
    return [
        texts[cell] if type(cell) is str else cell if type(cell) is float and isfinite(cell) else tidy(cell)
        for cell in cells
    ]


def tidy_text(value: str) -> str | None:
    """Text NFC without outer blanks; blank is None."""
    return _remembered(value) if len(value) <= REMEMBERED_LENGTH else _normal(value)


@lru_cache(maxsize=2**14)
def _remembered(value: str) -> str | None:
    return _normal(value)


def _normal(value: str) -> str | None:
    value = value.strip()
    return unicodedata.normalize("NFC", value) if value else None


def tidy_code(value: Any) -> str | None:
    """A code as text, also where a program made a number of it."""
    if isinstance(value, str):
        return tidy_text(value)
    value = tidy(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if value is None else str(value)


def digests(columns: dict[str, Column], about: Mapping[str, Any] | None = None) -> list[Digest]:
    """What is said for each unit and period; neither the order of rows nor the names of indicators count.

    about: what was typed beside the figures, of which the answers in words (NARRATIVE_FIELDS) are said too.
    """
    words = {name: text for name, text in (about or {}).items() if name in NARRATIVE_FIELDS}
    empty = [None] * len(columns["indicator"])
    said = (columns.get(field, empty) for field in ENTRY_FIELDS)
    groups: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
    keys = (columns["unit"], columns["period"], columns["indicator"])
    for unit, period, *row in zip(*keys, *said, strict=True):
        groups[unit or "", period or ""].append(tuple(row))
    return [(*key, len(rows), _digest(key, rows, words)) for key, rows in groups.items()]


def _digest(key: tuple[str, str], rows: list[tuple[Any, ...]], words: Mapping[str, Any]) -> str:
    in_order = sorted(rows, key=lambda row: row[0] or "")
    said = [key, in_order, sorted(words.items())] if words else [key, in_order]
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def parted(columns: dict[str, Column]) -> tuple[dict[str, str], dict[str, Column]]:
    """Columns that say one text in every row, as that text, and the others; empty ones are left out."""
    same, others = {}, {}
    for name, column in columns.items():
        first = column[0] if column else None
        if not isinstance(first, str | None) or column.count(first) < len(column):
            others[name] = column
        elif first is not None:
            same[name] = first
    return same, others


def whole_digest(parts: list[Digest]) -> str:
    """sha256 of a whole file from the digests of its units and periods."""
    return hashlib.sha256(orjson.dumps(sorted(parts))).hexdigest()
