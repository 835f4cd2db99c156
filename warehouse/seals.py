"""Seals: one hash over all values of a submission, so that the audit tells of each figure without repeating it."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from warehouse.bulk import stored_texts
from warehouse.schema import value

BETWEEN = "\x1f"  # the unit separator of ASCII, which no text of a return has

_COLUMNS = sorted((column for column in value.c if column.name != "submission"), key=lambda each: each.name)

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Texts = list[str]


def value_seals(values: pd.DataFrame) -> dict[int, str]:
    """Submission → SHA-256 (hex) over its values; values: columns of the table `value`, written or to be written.

    What the database keeps as the same is the same here: an absent column or cell and an empty one, 0 and −0.
    """
    rows = values.sort_values(["submission", "indicator"])
    columns = [_cells(rows, column) for column in _COLUMNS]
    submissions, starts = np.unique(rows.submission.to_numpy(dtype=np.int64), return_index=True)
    ends = [*starts[1:], len(rows)][: len(starts)]  # of nothing there is no end
    return {
        int(submission): hashlib.sha256(b"".join(_as_bytes(each[start:end]) for each in columns)).hexdigest()
        for submission, start, end in zip(submissions, starts, ends, strict=True)
    }


def _cells(rows: pd.DataFrame, column: sa.Column[Any]) -> Numbers | Texts:
    is_text = isinstance(column.type, sa.Text)
    if column.name not in rows:
        return [""] * len(rows) if is_text else np.full(len(rows), np.nan)
    if is_text:
        return stored_texts(rows[column.name])
    numbers = rows[column.name].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isnan(numbers), np.nan, numbers + 0.0)  # one NaN, one zero


def _as_bytes(cells: Numbers | Texts) -> bytes:
    """Numbers as little-endian doubles, texts as UTF-8, one after the other."""
    if isinstance(cells, np.ndarray):
        return cells.astype("<f8").tobytes()
    return (BETWEEN.join(cells) + BETWEEN).encode()
