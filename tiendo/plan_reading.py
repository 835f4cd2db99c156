"""Plan tables as text become typed tables; whatever cannot be typed is a problem with its place and remedy."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import pandas as pd

from tiendo.errors import PROBLEM_COLUMNS, InputError
from tiendo.periods import Period
from tiendo.plan_tables import TABLES, Column, Table

YES_NO = {"yes": True, "no": False}
FIRST_ROW = 2  # row 1 of a table is its heading

# Every unit's code becomes a folder's name, every indicator's code part of a key.
_CODE_FORM = r"[\w][\w.\-]{0,63}"


def problems(table: str, rows: Iterable[object], column: str, problem: str, remedy: str) -> pd.DataFrame:
    """One problem row (PROBLEM_COLUMNS) for each given row number of a table."""
    return pd.DataFrame(
        [(table, row, column, problem, remedy) for row in rows], columns=PROBLEM_COLUMNS, dtype=object
    )


def no_problems() -> pd.DataFrame:
    """An empty frame of problems."""
    return problems("", [], "", "", "")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name that the word most likely meant, as the remedy's words."""
    known = list(known)
    padded = _padded(word, known)
    if padded:
        return f"có phải là {padded!r}?"
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.4)
    return f"có phải là {close[0]!r}?" if close else f"các tên dùng được: {', '.join(known)}"


def nearest_code(code: str, known: Iterable[str]) -> str:
    """The same for a code in a cell, where a spreadsheet may have taken it for a number; cut if it is long."""
    words = nearest(code, known)
    lost = "; ô dạng số làm mất số 0, đổi ô sang dạng Text rồi ghi lại" if _padded(code, known) else ""
    return f"{words[:200]}{lost}"


_FIGURES = re.compile(r"\d+(\.\d+)?")


def _padded(word: str, known: Iterable[str]) -> str:
    """The known code that a spreadsheet turned into this number (080 → 80, 1.10 → 1.1); "" if there is none."""
    if not _FIGURES.fullmatch(word):
        return ""
    same = (each for each in known if _FIGURES.fullmatch(each) and float(each) == float(word))
    return next(same, "")


def check_names(raw: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Problems of tables and columns that are not of a plan, or that a plan must have."""
    found = [
        problems(name, [0], "", "không phải bảng của kế hoạch", nearest(name, TABLES))
        for name in raw
        if name not in TABLES
    ]
    for name, table in TABLES.items():
        if name not in raw:
            if table.required:
                found.append(problems(name, [0], "", "thiếu bảng bắt buộc", f"thêm plan/{name}.csv"))
            continue
        given = list(raw[name].columns)
        found += [
            problems(name, [1], column, "không có cột này", nearest(column, table.names))
            for column in given
            if column not in table.names
        ]
        found += [
            problems(name, [1], column, "cột xuất hiện hai lần", "giữ lại một cột")
            for column in {c for c in given if given.count(c) > 1}
        ]
        found += [
            problems(name, [1], column.name, "thiếu cột bắt buộc", f"thêm cột {column.name!r}")
            for column in table.columns
            if column.required and column.name not in given
        ]
    return found


def typed_table(name: str, raw: pd.DataFrame | None) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """One table with every column of its kind (and `row`), and the problems of its cells."""
    if raw is None:
        return _empty_table(name).copy(), []
    table = TABLES[name]
    raw = raw.loc[:, ~raw.columns.duplicated()].fillna("").reset_index(drop=True)
    texts = {c: raw[c].astype(str).str.strip().str.normalize("NFC") for c in raw.columns if c in table.names}
    frame = pd.DataFrame(texts, columns=table.names).fillna("")
    frame.insert(0, "row", range(FIRST_ROW, FIRST_ROW + len(frame)))
    frame = frame[(frame[table.names] != "").any(axis=1)].reset_index(drop=True)
    found = []
    for column in table.columns:
        frame[column.name], bad = _typed_column(name, frame, column)
        found += bad
    found += _duplicates(name, table, frame)
    return frame, found


@cache
def _empty_table(name: str) -> pd.DataFrame:
    return typed_table(name, pd.DataFrame(columns=TABLES[name].names, dtype=str))[0]


def _typed_column(name: str, frame: pd.DataFrame, column: Column) -> tuple[pd.Series, list[pd.DataFrame]]:
    text = frame[column.name]
    found = []
    empty = text == ""
    if column.required and empty.any():
        found.append(problems(name, frame.row[empty], column.name, "ô bắt buộc đang trống", "điền giá trị"))
    if empty.all():  # as most columns of most plans are
        blank = _blank(column.kind, column.default)
        return blank.take([0] * len(text)).set_axis(text.index), found
    if column.default:
        text = text.mask(empty, column.default)
    typed, bad, remedy = _KINDS[column.kind](text)
    if bad is not None and bad.any():
        for row, value in zip(frame.row[bad], text[bad], strict=True):
            found.append(problems(name, [row], column.name, f"{value!r} không hợp lệ", remedy))
    if column.choices:
        found += _outside_choices(name, frame, column, typed)
    if column.name == "code" and column.kind == "text":
        wrong = ~empty & ~text.str.fullmatch(_CODE_FORM)
        for row, value in zip(frame.row[wrong], text[wrong], strict=True):
            remedy = "mã chỉ gồm chữ, số, dấu chấm, gạch; tối đa 64 ký tự"
            found.append(problems(name, [row], column.name, f"mã {value!r} không dùng được", remedy))
    return typed, found


@cache
def _blank(kind: str, default: str) -> pd.Series:
    """What an empty cell means, as a typed column of one row."""
    return _KINDS[kind](pd.Series([default], dtype=str))[0]


def _outside_choices(name: str, frame: pd.DataFrame, column: Column, typed: pd.Series) -> list[pd.DataFrame]:
    given = typed.str.split(";").explode() if column.kind == "list" else typed
    given = given[(given != "") & ~given.isin(column.choices)]
    return [
        problems(name, [row], column.name, f"{value!r} không hợp lệ", nearest(value, column.choices))
        for row, value in zip(frame.row[given.index], given, strict=True)
    ]


Typed = tuple[
    pd.Series, pd.Series | None, str
]  # the column, where it cannot be read (None: nowhere), the remedy


def _text(text: pd.Series) -> Typed:
    return text.astype(str), None, ""


def _number(text: pd.Series) -> tuple[pd.Series, pd.Series, str]:
    # + 0.0 makes -0 plain 0: SQLite keeps no other, and the plan stored must be the plan read.
    number = pd.to_numeric(text.mask(text == ""), errors="coerce").astype(float) + 0.0
    bad = (number.isna() & (text != "")) | number.abs().eq(float("inf"))
    return number, bad, "viết số với dấu chấm thập phân, không có dấu phân nhóm"


def _integer(text: pd.Series) -> Typed:
    number, bad, _ = _number(text)
    return number, bad | (number.notna() & (number % 1 != 0)), "viết một số nguyên"


def _date(text: pd.Series) -> Typed:
    day = pd.to_datetime(text.mask(text == ""), format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    return day, day.isna() & (text != ""), "viết ngày dạng 2013-12-31"


def _yes_no(text: pd.Series) -> Typed:
    lower = text.str.lower()
    return lower.map(YES_NO).eq(True), ~lower.isin(YES_NO), "viết yes hoặc no"


def _list(text: pd.Series) -> Typed:
    joined = text.str.replace(r"\s*;\s*", ";", regex=True).str.strip(";")
    return joined.astype(str), None, ""


def _span(text: pd.Series) -> Typed:
    bad = pd.Series([value != "" and not _is_period(value) for value in text], index=text.index, dtype=bool)
    return text.astype(str), bad, "viết 2011-2015, 2013, 2013-H1, 2013-9M, 2013-Q4 hoặc 2013-03"


def _is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except InputError:
        return False
    return True


_KINDS: dict[str, Callable[[pd.Series], Typed]] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "date": _date,
    "yes_no": _yes_no,
    "list": _list,
    "span": _span,
}


def _duplicates(name: str, table: Table, frame: pd.DataFrame) -> list[pd.DataFrame]:
    if not table.key:
        return []
    again = frame.duplicated(list(table.key), keep="first")
    if not again.any():
        return []
    words = frame.loc[again, list(table.key)].astype(str).fillna("").agg(" · ".join, axis=1)
    return [
        problems(name, [row], table.key[0], f"trùng khóa {key}", "xóa một trong hai dòng")
        for row, key in zip(frame.row[again], words, strict=True)
    ]


def check_references(tables: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Problems of codes that name nothing in the table they should be in."""
    found = []
    for name, table in TABLES.items():
        for column in table.columns:
            if not column.to or tables[name].empty:
                continue
            known = set(tables[column.to].code) - {""}
            given = tables[name].set_index("row")[column.name].str.split(";").explode()
            for row, value in given[(given != "") & ~given.isin(known)].items():
                problem = f"không có mã {value!r} trong bảng {column.to}"
                remedy = f"thêm vào {column.to}.csv, hoặc {nearest_code(value, sorted(known))}"
                found.append(problems(name, [row], column.name, problem, remedy))
    return found
