"""Who is meant by `reported_by`: units by tier, by level or by code. FORMATS §2."""

from collections.abc import Iterable

import pandas as pd

TIER = "tier"
LEVEL = "level:"


def units_named(reported_by: Iterable[str], units: pd.DataFrame) -> list[str]:
    """The codes of the units that the words name, each once; units: org_units of one day."""
    found: list[str] = []
    codes = set(units.code)
    for word in reported_by:
        if word == TIER:
            found += units.code[units.reports].tolist()
        elif word.startswith(LEVEL):
            found += units.code[units.level == word.removeprefix(LEVEL)].tolist()
        elif word in codes:
            found.append(word)
    return list(dict.fromkeys(found))
