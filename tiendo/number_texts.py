"""Numbers that stand in a file as text: how they are read, and when there are two ways to read them. SPEC §4.

A *form* names the two marks. `vi`: groups of three digits parted by a point, decimals after a comma
(`1.234,5`); `en` the other way about; `point` is for programs: a decimal point, no groups.

The file's own form counts: in vi `1.234,5` is 1234.5 and `27.004` is 27004. Another reading is named beside
it wherever there is one, so that nothing is guessed in silence:

- one mark before exactly three digits (`27.004`, `1,234`) may part groups or decimals; the reading of the
  file's own form is taken, the other form's is named.
- a text that only the other form can read (`12.5` or `1,234.5` in vi) is taken by that form; named is what a
  misplaced group mark would make of it (125). Where that gives nothing (`1,234,567`) there is no doubt.

Blanks between groups of three digits part them in every form. An approximate figure begins with a qualifier.
"""

import re
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np
import pandas as pd

MARKS = {"vi": (".", ","), "en": (",", ".")}  # of groups, of decimals
OTHER = {"vi": "en", "en": "vi"}
POINT = "point"

# Words and signs before a figure that make it a bound or an approximation. The longer ones are tried first.
QUALIFIER_WORDS = {
    ">=": (
        *(">=", "≥", ">", "trên", "hơn", "tối thiểu", "ít nhất", "không dưới"),
        *("at least", "more than", "over", "above"),
    ),
    "<=": (
        *("<=", "≤", "<", "dưới", "tối đa", "không quá", "nhiều nhất"),
        *("at most", "less than", "under", "below"),
    ),
    "~": (
        *("~", "≈", "gần", "khoảng", "xấp xỉ", "ước", "ước đạt"),
        *("about", "nearly", "around"),
    ),
    "=": ("=",),
}
_QUALIFIER_OF = {word: code for code, words in QUALIFIER_WORDS.items() for word in words}
_QUALIFIED = re.compile(
    "("
    + "|".join(re.escape(word) for word in sorted(_QUALIFIER_OF, key=len, reverse=True))
    + r")\s*(?=[\d+\-−.,])(.*)",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d{3}(?!\d))")
_SIGNED = re.compile(r"[+\-−]?\d[\d.,]*(?:[eE][+\-]?\d+)?|[+\-−]?[.,]\d+")
_EMBEDDED = re.compile(r"[+\-−]?\d[\d.,]*\d|\d")
_MULTIPLES = re.compile(
    r"trăm|ng[hà]|vạn|tri[eệ]u|t[ỷỉ]\b|thousand|million|billion|\d\s*[kKmM]\b", re.IGNORECASE
)
# What makes another figure of the digits beside it: an accountant's minus, a rise or fall, a short million.
_CHANGES = re.compile(
    r"\(\s*[\d.,]+\s*\)|\b(?:giảm|tăng|âm|cộng|trừ|tr|trđ|minus|plus|down|up|fell|rose)\b|\d\s*tr",
    re.IGNORECASE,
)
_GROUP_DIGITS = 3
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


@dataclass(frozen=True)
class Reading:
    """What a text says: the number, a second way to read it (NaN: none), the qualifier ("": none)."""

    number: float = nan
    other: float = nan
    qualifier: str = ""


def read_text(text: str, form: str) -> Reading:
    """The reading of one text by a form (vi, en, point)."""
    qualifier, figure = _parted(text.strip())
    figure = figure.replace("−", "-")
    if form == POINT:
        return Reading(_plain(figure, "", "."), qualifier=qualifier)
    figure = _BLANKS.sub("", figure)
    own, other = (_plain(figure, *MARKS[each]) for each in (form, OTHER[form]))
    if isfinite(own):
        return Reading(own, other if _EITHER.fullmatch(figure) else nan, qualifier)
    misplaced = _plain(figure.replace(MARKS[form][0], ""), *MARKS[form]) if isfinite(other) else nan
    return Reading(other, nan if misplaced == other else misplaced, qualifier)


def _parted(text: str) -> tuple[str, str]:
    match = _QUALIFIED.fullmatch(text)
    return (_QUALIFIER_OF[match[1].lower()], match[2].strip()) if match else ("", text)


def _plain(figure: str, group: str, decimal: str) -> float:
    """The number, its groups (if any mark parts them) being of three digits; NaN if the text is none."""
    if not _SIGNED.fullmatch(figure):
        return nan
    whole, mark, rest = figure.partition(decimal)
    if not {*rest}.isdisjoint(".,"):
        return nan
    if group and group in whole:
        if not re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(group)}\d{{3}})+", whole):
            return nan
        whole = whole.replace(group, "")
    if not {*whole}.isdisjoint(".,"):
        return nan
    number = float(f"{whole}{'.' if mark else ''}{rest}")
    return number if isfinite(number) else nan


def read_texts(texts: pd.Series, form: str) -> pd.DataFrame:
    """The readings of a column of texts: number, other (floats, NaN: none), qualifier."""
    numbers = pd.to_numeric(_as_program_writes(texts, form), errors="coerce").to_numpy(dtype=float)
    plain = np.isfinite(numbers)
    frame = pd.DataFrame({"number": numbers, "other": nan, "qualifier": ""}, index=texts.index)
    left = texts[~plain]
    if len(left):
        codes, distinct = pd.factorize(left)
        readings = [read_text(text, form) for text in distinct]
        for name in frame:
            column = np.array([getattr(reading, str(name)) for reading in readings])
            frame.loc[left.index, name] = column[codes]
    return frame


def _as_program_writes(texts: pd.Series, form: str) -> pd.Series:
    """Texts with one plain reading as a program writes them, so that the column is read at once; else ""."""
    if form == POINT:
        return texts
    group, decimal = MARKS[form]
    parts = (text.partition(decimal) if group not in text else ("", "", "") for text in texts)
    plain = [
        "" if len(rest) == _GROUP_DIGITS else f"{whole}{'.' if mark else ''}{rest}"
        for whole, mark, rest in parts
    ]
    return pd.Series(plain, index=texts.index, dtype=object)


def suggested(text: str, form: str) -> str:
    """The figure within a text that is none, as it should be typed alone; "" where that would be a guess."""
    match = _QUALIFIED.fullmatch(text.strip())
    word, rest = (f"{match[1]} ", match[2]) if match else ("", text)
    rest = _BLANKS.sub("", rest)
    found = _EMBEDDED.findall(rest)
    if len(found) != 1 or _MULTIPLES.search(text) or _CHANGES.search(text):
        return ""
    if isfinite(read_text(found[0], form).number):
        return f"{word}{found[0]}"
    as_typed_by_people = read_text(found[0], "vi")
    is_plain = (
        form == POINT and isfinite(as_typed_by_people.number) and not isfinite(as_typed_by_people.other)
    )
    return f"{word}{as_typed_by_people.number:.15g}" if is_plain else ""
