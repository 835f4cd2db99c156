"""Periods as people write them in a title or a file's name: `Quý IV năm 2013`, `6 tháng đầu năm 2013`, `2013-Q4`."""

import re

from tiendo.errors import InputError
from tiendo.folding import folded
from tiendo.periods import FREQUENCIES, Period

ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
FIRST_HALF = "dau"

_YEAR = r"(?:\s*(?:nam|[/\-–.,])\s*|\s+)(?P<year>20\d\d)"
# The more definite form is looked for first: a title of a quarter names its year as well.
_FORMS = (
    re.compile(r"(?<![\w-])(?P<code>20\d\d(?:-(?:q[1-4]|h[12]|0[1-9]|1[0-2]))?)(?![\w-]|/\d)"),
    re.compile(r"\bquy\s*(?P<quarter>iv|iii|ii|i|[1-4])" + _YEAR),
    re.compile(r"\b6\s*thang\s*(?P<half>dau|cuoi)" + _YEAR),
    re.compile(r"\bthang\s*(?P<month>1[0-2]|0?[1-9])" + _YEAR),
    re.compile(r"\bnam\s*(?P<whole>20\d\d)"),
)


def period_in(text: str) -> Period | None:
    """The first period that a text names for which returns are made; None where it names none."""
    plain = folded(text).replace("_", " ")
    if exact := _parsed(plain.upper()):
        return exact
    coded = [found for found in _FORMS[0].finditer(plain) if "-" in found["code"]]
    for found in [*coded, *(found for form in _FORMS[1:] for found in form.finditer(plain))]:
        if (period := _parsed(_code(found.groupdict()))) is not None:
            return period
    return None


def _code(found: dict[str, str | None]) -> str:
    year = found.get("year") or ""
    if quarter := found.get("quarter"):
        return f"{year}-Q{ROMAN.get(quarter, quarter)}"
    if half := found.get("half"):
        return f"{year}-H{1 if half == FIRST_HALF else 2}"
    if month := found.get("month"):
        return f"{year}-{int(month):02d}"
    return (found.get("code") or found.get("whole") or "").upper()


def _parsed(code: str) -> Period | None:
    try:
        period = Period.parse(code)
    except InputError:
        return None
    return period if period.kind in FREQUENCIES else None
