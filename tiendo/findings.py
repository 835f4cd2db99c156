"""Findings: what is wrong or doubtful in a return, where, and how to mend it, one row each.

A finding is a value. It becomes words here, from the catalogue of `finding_codes`, in the language asked for.
"""

from collections.abc import Iterable
from string import Formatter
from typing import Any

import pandas as pd

from tiendo.finding_codes import CODES, FILE, SEVERITIES, words_of
from tiendo.labels import LOCALES, period_label
from tiendo.periods import Period

# FORMATS §3, and `file`, the file's number in its batch.
FINDING_COLUMNS = [
    "file",
    "severity",
    "code",
    "sheet",
    "cell",
    "period",
    "indicator",
    "found",
    "message",
    "fix",
    "field",
]

# What a batch needs beside them: the unit spoken of, the row in the sheet (0: none), and the row of the typed
# cells (-1: none), by which a wrong cell is kept from loading.
KEY_COLUMNS = ["unit", "line", "entry"]
COLUMNS = [*FINDING_COLUMNS, *KEY_COLUMNS]
NUMBERS = {"file": "int64", "line": "int64", "entry": "int64"}
ABSENT = {"line": 0, "entry": -1}

PERIOD_NAME = "period_name"  # in the words of a code: the name of the row's period

FOUND_LENGTH = 120  # of what was found: a cell can hold 32 767 letters


def no_findings() -> pd.DataFrame:
    """An empty frame of findings."""
    return pd.DataFrame({name: pd.Series(dtype=NUMBERS.get(name, "str")) for name in COLUMNS})


def findings(
    rows: pd.DataFrame, code: str, *, locale: str = "vi", severity: str | None = None, **columns: Any
) -> pd.DataFrame:
    """One finding (COLUMNS) of a code for each of the rows.

    `rows` needs `file`; sheet, unit, period, indicator, line and entry are taken where it has them. `columns`
    (a value, or a column of the same index) come before the rows' own and give the words of the message: what
    its format string names must be there (for PERIOD_NAME, a period). `severity` overrides the code's own, as
    rules and settings do.
    """
    if rows.empty:
        return no_findings()
    said = rows.assign(**columns)
    of = words_of(code, severity)
    message, fix = (of.vi, of.vi_fix) if locale == LOCALES[0] else (of.en, of.en_fix)
    frame = pd.DataFrame({name: said[name] if name in said else ABSENT.get(name, "") for name in COLUMNS})
    frame = frame.fillna({name: "" for name in COLUMNS if name not in NUMBERS})
    frame["found"] = frame.found.astype(str).str.slice(0, FOUND_LENGTH)
    frame["severity"] = severity or of.severity
    frame["code"] = code
    frame["message"] = _worded(message, said, locale)
    frame["fix"] = _worded(fix, said, locale)
    return frame.astype({name: NUMBERS.get(name, "str") for name in COLUMNS}).reset_index(drop=True)


def _worded(template: str, said: pd.DataFrame, locale: str) -> list[str]:
    names = list(dict.fromkeys(name for _, name, _, _ in Formatter().parse(template) if name))
    if not names:
        return [template] * len(said)
    if PERIOD_NAME in names:
        named = {text: period_label(Period.parse(text), locale) for text in said.period.unique()}
        said = said.assign(**{PERIOD_NAME: said.period.map(named)})
    columns = (said[name] for name in names)
    return [template.format(**dict(zip(names, values, strict=True))) for values in zip(*columns, strict=True)]


def together(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Several frames of findings as one."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else no_findings()


def addressed(found: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """The findings with `cell` (A1) where their row and field stand in the file.

    `places`: file, field, column (letters). A finding that has a cell already keeps it.
    """
    if found.empty:
        return found
    columns = places.drop_duplicates(["file", "field"]).set_index(["file", "field"])["column"]
    keys = pd.MultiIndex.from_frame(found[["file", "field"]])
    letters = pd.Series(columns.reindex(keys).to_numpy(), index=found.index)
    known = (found.cell == "") & (found.line > 0) & letters.notna()
    return found.assign(cell=found.cell.mask(known, letters.astype(str) + found.line.astype(str)))


def in_order(found: pd.DataFrame) -> pd.DataFrame:
    """Findings as a reader wants them: file by file, what concerns all of a file first, then errors first."""
    is_of_row = ~found.code.map({code: of.level == FILE for code, of in CODES.items()}).eq(True)
    keys = found.assign(
        is_of_row=is_of_row, rank=found.severity.map(SEVERITIES.index), nowhere=found.line == 0
    )
    order = ["file", "is_of_row", "rank", "nowhere", "line", "period", "indicator"]
    return found.loc[keys.sort_values(order, kind="stable").index].reset_index(drop=True)
