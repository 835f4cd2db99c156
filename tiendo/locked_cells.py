"""What a template says by itself, held against the plan: a changed name or measure makes it unclear what a figure is of.

A table sorted by its visible columns alone, or a unit of measure typed over, would otherwise put figures where they
do not belong, and nothing else would show it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tiendo.bands import TOLERANCE
from tiendo.finding_codes import ERROR, INFO, WARNING
from tiendo.findings import findings, together
from tiendo.folding import folded
from tiendo.labels import LOCALES
from tiendo.parts import NOWHERE, Grid
from tiendo.plan import Plan
from tiendo.wording import short_number

COLUMN_NAMES = {
    "name": ("tên chỉ tiêu", "the indicator's name"),
    "measure": ("đơn vị tính", "the measure"),
    "target": ("kế hoạch năm", "the year's plan"),
    "previous": ("lũy kế kỳ trước", "the last figure to date"),
}


REMEDIES = {
    "name": (
        "Tải tệp mẫu mới, chép số vào đúng dòng",
        "Take a new form and copy the figures into the right rows",
    ),
    "measure": (
        "Đổi số sang đơn vị tính {expected} rồi nhập lại; không sửa đơn vị tính",
        "Turn the figure into {expected} and write it again; leave the measure as it is",
    ),
    "target": (
        "Số thực hiện đúng thì không phải làm gì; lần sau tải tệp mẫu mới",
        "Nothing if the figure is right; take a new form next time",
    ),
    "previous": ("Không phải làm gì", "Nothing"),
}


HOW_REPORTED = ["unit", "accumulation", "aggregation", "scale"]


def redefined(old: Plan, new: Plan) -> list[str]:
    """Codes of the indicators that are reported in another way in a newer plan: a figure means another thing."""
    both = old.indicators.index.intersection(new.indicators.index)
    before, after = (plan.indicators.loc[both, HOW_REPORTED] for plan in (old, new))
    return both[(before != after).any(axis=1)].tolist()


def changed_cells(
    rows: pd.DataFrame, plan: Plan, is_current: pd.Series, expected: Mapping[str, Grid], locale: str
) -> pd.DataFrame:
    """Findings of the locked cells that do not say what the plan and the warehouse say.

    rows: typed, with part, place, and name, measure (texts), target, previous (objects) as they stand in the file.
    is_current: of each row, whether its file was made for the current plan; of an older form or another table a name
    is wrong only if it is another indicator's. expected: target and previous as part × indicator, NaN where there
    is none. A name or measure is an error of its row, a target a warning, a previous figure (which may have been
    corrected since the form was issued) is only said.
    """
    known = rows[rows.place != NOWHERE]
    current = is_current[known.index]
    return together(
        [
            _wrong_texts(known, plan.indicators["name"], "name", current, locale),
            _wrong_texts(known, plan.indicators["unit"], "measure", current | True, locale),
            _wrong_numbers(known[current], expected, "target", WARNING, locale),
            _wrong_numbers(known[current], expected, "previous", INFO, locale),
        ]
    )


def _wrong_texts(
    rows: pd.DataFrame, said_by_plan: pd.Series, field: str, is_current: pd.Series, locale: str
) -> pd.DataFrame:
    own = said_by_plan.map(folded)
    others = set(own)
    pairs = pd.DataFrame({"place": rows.place, "given": rows[field], "current": is_current})
    once = pairs.drop_duplicates()
    given = once.given.map(lambda text: folded(text) if isinstance(text, str) else "")
    differs = (given != "") & (given.to_numpy() != own.to_numpy()[once.place])
    wrong = once[differs & (once.current | given.isin(others))]
    if wrong.empty:
        return together([])
    is_wrong = pd.MultiIndex.from_frame(pairs).isin(pd.MultiIndex.from_frame(wrong))
    bad = rows[is_wrong]
    expected = said_by_plan.to_numpy()[bad.place]
    return _told(bad, field, ERROR, bad[field], expected, locale)


def _wrong_numbers(
    rows: pd.DataFrame, expected: Mapping[str, Grid], field: str, severity: str, locale: str
) -> pd.DataFrame:
    given = pd.to_numeric(rows[field], errors="coerce").to_numpy(dtype=float)
    due = expected[field][rows.part, rows.place]
    with np.errstate(invalid="ignore"):
        differs = np.abs(given - due) > TOLERANCE * np.maximum(np.abs(given), np.abs(due))
    bad = rows[differs]
    return _told(
        bad,
        field,
        severity,
        [short_number(number, locale) for number in given[differs]],
        [short_number(number, locale) for number in due[differs]],
        locale,
    )


def _told(
    bad: pd.DataFrame, field: str, severity: str, found: Any, expected: Any, locale: str
) -> pd.DataFrame:
    column = COLUMN_NAMES[field][LOCALES.index(locale)]
    remedy = REMEDIES[field][LOCALES.index(locale)]
    told = bad.assign(found=found, expected=expected, field=field, column=column, entry=bad.index)
    told["remedy"] = [remedy.format(expected=each) for each in told.expected]
    return findings(told, "locked_cell_changed", locale=locale, severity=severity)
