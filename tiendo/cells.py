"""Raw cells of many files become typed rows, a column at a time; what cannot be typed is a finding."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from tiendo.findings import findings, together
from tiendo.folding import folded
from tiendo.labels import LOCALES, WORDS
from tiendo.number_texts import POINT, QUALIFIER_WORDS, read_texts, suggested
from tiendo.old_encodings import recognised_texts
from tiendo.wording import short_number

NUMBER_FIELDS = {
    "value": "number",
    "numerator": "numerator",
    "denominator": "denominator",
    "year_estimate": "year_estimate",
}
FIGURE_FIELDS = ("value", "numerator", "denominator")  # those that make the row's figure
WORD_FIELDS = ("state", "status", "outlook")  # choices, given by code or by word
TEXT_FIELDS = ("outlook_reason", "note", "reason", "remedy")
KEY_FIELDS = ("unit", "period", "indicator", "name")

ENTRY_COLUMNS = [
    "file",
    "sheet",
    "line",
    *KEY_FIELDS,
    *NUMBER_FIELDS.values(),
    *WORD_FIELDS,
    "qualifier",
    *TEXT_FIELDS,
    "broken",
]

NO_FIGURE = ("một con số, ví dụ {}", "a number, such as {}")
EXAMPLES = {"vi": "12,5", "en": "12.5", POINT: "12.5"}

# What people write where there is nothing to report: a state says that.
NONE_WORDS = ("-", "–", "—", "x", "khong", "khong co", "k", "kps", "kco", "0 co", "n/a", "na", "nil", "none")
NO_NONE = (
    "{}; nếu không có số thì xóa ô và chọn ở cột Tình trạng",
    "{}; if there is none clear the cell and choose in the column State",
)
NO_DAY = (
    "lại con số: bảng tính đã đổi số thành ngày, đặt định dạng ô là Number trước ({})",
    "the number again: the spreadsheet made a day of it, set the cell's format to Number first ({})",
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Objects = np.ndarray[Any, np.dtype[np.object_]]
_NUMBER, _TEXT, _WRONG = 0, 1, 2  # sorts of cells; an empty one is a number that is not there
_KINDS = {str: _TEXT, bool: _WRONG}
_type_of = np.frompyfunc(type, 1, 1)


@dataclass(frozen=True)
class Entries:
    """The typed rows of a batch, and what was wrong with their cells.

    rows: ENTRY_COLUMNS; `line` is the row in the sheet, numbers are floats (NaN: not given), texts "" where
    empty; state "" means that nothing was said, and a word that is not known stays as it was typed; `broken`:
    a cell of the figure could not be typed. The index, 0 … n−1, is the findings' `entry`.
    """

    rows: pd.DataFrame
    findings: pd.DataFrame


def number_form(kind: str, has_decimal_comma: bool, locale: str) -> str:
    """How a file writes numbers as text: a CSV with a decimal point, all else as people of the locale do."""
    return locale if has_decimal_comma or kind != "csv" else POINT


def in_unicode(cells: pd.DataFrame) -> tuple[pd.DataFrame, dict[int, str]]:
    """The raw cells with what was typed in an old encoding in Unicode, and of each such file the encoding."""
    encodings: dict[int, str] = {}
    for field in ("value", *WORD_FIELDS, *TEXT_FIELDS):
        column = _objects(cells, field)
        is_text = _kinds(column) == _TEXT
        known = recognised_texts(set(column[is_text])) if is_text.any() else {}
        if known:
            old = is_text & pd.Series(column).isin(known).to_numpy()
            encodings |= dict(
                zip(cells.file[old], (known[text].encoding for text in column[old]), strict=True)
            )
            column = np.array(
                [known[text].text if isinstance(text, str) and text in known else text for text in column],
                dtype=object,
            )
            cells = cells.assign(**{field: column})
    return cells, encodings


def type_cells(
    cells: pd.DataFrame, forms: Mapping[int, str], locale: str = "vi", flaws: pd.DataFrame | None = None
) -> Entries:
    """The typed rows of raw cells: file, sheet, row and the fields of FORMATS §3 as objects.

    Texts come without outer blanks, None is an empty cell; `forms` gives each file's number form. A number
    cell is taken as it is, text is read by the form; a boolean, a date or an infinite number is
    `not_a_number`. flaws (file, row, field, code, found): cells of which something else than their content is wrong.
    A figure may carry its qualifier ("trên 60"), and a state may stand in the cell of the
    value. An empty state beside a figure means `value`, an empty status `final`.
    """
    cells = cells.reset_index(drop=True)
    rows = _said_in_words(cells)
    form = cells.file.map(forms)
    found = []
    for field, name in NUMBER_FIELDS.items():
        typed = _numbers(_objects(cells, field), form, takes_state=field == "value")
        rows[name] = typed.number
        if typed.is_plain:
            continue
        rows["qualifier"] = rows.qualifier.mask(typed.qualifier != "", typed.qualifier)
        rows["state"] = rows.state.mask(rows.state == "", typed.state)
        rows["broken"] |= typed.wrong & (field in FIGURE_FIELDS)
        cell = rows.assign(field=field, found=cells[field], form=form)
        found += [_not_numbers(cell[typed.wrong], locale), _doubts(cell, typed, locale)]
    if flaws is not None and len(flaws):
        flawed = _flawed(rows, flaws)
        rows["broken"] |= rows.index.isin(flawed.entry[flawed.field.isin(FIGURE_FIELDS)])
        found.append(_flaws_told(flawed, locale))
    has_figure = rows[["number", "numerator", "denominator"]].notna().any(axis=1) | rows.broken
    rows["state"] = rows.state.mask((rows.state == "") & has_figure, "value")
    rows["status"] = rows.status.mask(rows.status == "", "final")
    rows["qualifier"] = rows.qualifier.mask(rows.qualifier == "", "=")
    return Entries(rows[ENTRY_COLUMNS], together(found))


def _flawed(rows: pd.DataFrame, flaws: pd.DataFrame) -> pd.DataFrame:
    """The flaws of cells that are typed, with the row they belong to (`entry`)."""
    where = rows[["file", "line", "sheet", "unit", "period", "indicator"]].rename_axis("entry").reset_index()
    of_cells = flaws[flaws.field.isin([*NUMBER_FIELDS, *WORD_FIELDS])]
    return of_cells.merge(where, left_on=["file", "row"], right_on=["file", "line"])


def _flaws_told(flawed: pd.DataFrame, locale: str) -> pd.DataFrame:
    """Findings of cells that hold an error, or are merged over several rows."""
    errors = flawed[(flawed.code == "not_a_number") & flawed.field.isin(list(NUMBER_FIELDS))]
    merged = flawed[flawed.code == "merged_cells"]
    number = NO_FIGURE[LOCALES.index(locale)].format(EXAMPLES[locale])
    return together(
        [
            findings(errors, "not_a_number", locale=locale, suggested=number),
            findings(merged, "merged_cells", locale=locale, found="", area=merged.found),
        ]
    )


def _said_in_words(cells: pd.DataFrame) -> pd.DataFrame:
    rows = pd.DataFrame({"file": cells.file, "line": cells.row.astype("int64"), "broken": False})
    for field in ("sheet", *KEY_FIELDS, *TEXT_FIELDS):
        rows[field] = _texts(cells, field)
    for field in WORD_FIELDS:
        rows[field] = _coded(_texts(cells, field), _codes(field))
    rows["qualifier"] = _coded(_texts(cells, "qualifier"), _qualifier_codes())
    return rows


@dataclass(frozen=True)
class _Numbers:
    """A column of number cells, typed: what is wrong has no number, what is doubtful another reading."""

    number: pd.Series
    other: pd.Series
    qualifier: pd.Series
    state: pd.Series
    wrong: pd.Series
    is_plain: bool  # numbers and empty cells alone


def _numbers(column: Objects, form: pd.Series, takes_state: bool) -> _Numbers:
    kinds = _kinds(column)
    numbers = np.array(np.where(kinds == _NUMBER, column, np.nan), dtype=float)
    frame = pd.DataFrame({"number": numbers, "other": np.nan, "qualifier": "", "state": ""})
    wrong = pd.Series((kinds == _WRONG) | np.isinf(numbers))
    texts = pd.Series(column[kinds == _TEXT], index=frame.index[kinds == _TEXT], dtype=object)
    for name, some in texts.groupby(form[texts.index], sort=False):
        read = read_texts(some, str(name))
        frame.loc[some.index, ["number", "other", "qualifier"]] = read
        unread = some[read.number.isna()]
        if takes_state:
            state = _coded(unread.astype("str"), _codes("state"))
            state = state[state.isin(WORDS["state"])]
            frame.loc[state.index, "state"] = state
            unread = unread.drop(state.index)
        wrong[unread.index] = True
    frame["number"] = frame.number.mask(wrong)
    frame["qualifier"] = frame.qualifier.mask(frame.number.isna(), "")
    is_plain = texts.empty and not wrong.any()
    return _Numbers(frame.number, frame.other, frame.qualifier, frame.state, wrong, is_plain)


def _kinds(column: Objects) -> np.ndarray[Any, np.dtype[np.int8]]:
    if pd.isna(column).all():
        return np.zeros(len(column), dtype=np.int8)
    types = _type_of(column)
    return np.select([types == kind for kind in _KINDS], list(_KINDS.values()), _NUMBER).astype(np.int8)


def _not_numbers(bad: pd.DataFrame, locale: str) -> pd.DataFrame:
    raw = [cell_text(cell) for cell in bad.found]
    texts = [_as_seen(text) for text in raw]
    fixes = [_remedy(text, form, locale) for text, form in zip(raw, bad.form, strict=True)]
    return findings(bad, "not_a_number", locale=locale, found=texts, suggested=fixes, entry=bad.index)


def _as_seen(text: str) -> str:
    """A day as people write it; all else as it is."""
    return "/".join(reversed(text.split("-"))) if _DAY.fullmatch(text) else text


def _remedy(text: str, form: str, locale: str) -> str:
    """What to type instead of a text that is no number, as the end of a sentence that begins with “Nhập”."""
    at = LOCALES.index(locale)
    number = NO_FIGURE[at].format(EXAMPLES[form])
    if _DAY.fullmatch(text):
        return NO_DAY[at].format(number)
    if folded(text) in NONE_WORDS:
        return NO_NONE[at].format(number)
    return suggested(text, form) or number


def _doubts(cell: pd.DataFrame, typed: _Numbers, locale: str) -> pd.DataFrame:
    doubtful = cell[typed.other.notna()]
    readings: dict[str, Any] = {
        "reading": [short_number(number, locale) for number in typed.number[doubtful.index]],
        "other_reading": [short_number(number, locale) for number in typed.other[doubtful.index]],
    }
    return findings(doubtful, "ambiguous_number", locale=locale, entry=doubtful.index, **readings)


def cell_text(cell: object) -> str:
    """A raw cell as a person would see it."""
    if isinstance(cell, bool):
        return str(cell).upper()
    return "" if cell is None else str(cell)


def _objects(cells: pd.DataFrame, field: str) -> Objects:
    empty = np.full(len(cells), None, dtype=object)
    return cells[field].to_numpy(dtype=object) if field in cells else empty


def _texts(cells: pd.DataFrame, field: str) -> pd.Series:
    if field not in cells or not cells[field].notna().any():
        return pd.Series("", index=cells.index, dtype="str")
    return cells[field].astype("str").fillna("")


def _coded(texts: pd.Series, known: Mapping[str, str]) -> pd.Series:
    """The code of each word; an unknown word stays."""
    codes, words = pd.factorize(texts)
    coded = np.array([known.get(folded(word), word) for word in words], dtype=object)
    return pd.Series(coded[codes], index=texts.index, dtype="str") if len(words) else texts


@cache
def _codes(group: str) -> dict[str, str]:
    return {folded(text): code for code, words in WORDS[group].items() for text in (code, *words)}


@cache
def _qualifier_codes() -> dict[str, str]:
    return {folded(word): code for code, words in QUALIFIER_WORDS.items() for word in words}
