"""Tables that are no template: which indicator and period each of their rows is of."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tiendo.calendars import Calendar
from tiendo.folding import folded
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.reporting import closing_periods, owed_on


def with_codes(
    rows: pd.DataFrame, sender: str, closing: Period | None, plan: Plan, calendar: Calendar
) -> pd.DataFrame:
    """The rows of one table with unit, period and indicator filled in where it does not say them.

    rows: unit, period, indicator, name (texts or None). The unit is who sent it. An indicator is known by its name,
    among those that the unit owes at the closing; where two have the same name, neither. The period is the one that
    ends with the closing and has the indicator's frequency. What cannot be known stays None.
    """
    names = _names(plan, sender, closing, calendar)
    said = zip(rows.indicator, rows.name, strict=True)
    given = [_code(code, name, plan.indicators.index, names) for code, name in said]
    frequency = plan.indicators.frequency.reindex(pd.Index(given, dtype=object)).to_numpy(dtype=object)
    periods = {each.kind: str(each) for each in closing_periods(plan, closing)} if closing else {}
    period = [said or periods.get(kind) for said, kind in zip(rows.period, frequency, strict=True)]
    # What is of no indicator known is told with the others, under the closing itself.
    whole = str(closing) if closing else None
    return rows.assign(
        unit=[said or sender for said in rows.unit],
        indicator=np.array(given, dtype=object),
        period=np.array([each or whole for each in period], dtype=object),
    )


def _code(code: str | None, name: str | None, known: pd.Index, names: Mapping[str, str]) -> str | None:
    """The code that a row means; a name may stand in the column of codes. What is neither stands for itself."""
    if code in known:
        return code
    return next(
        (names[key] for key in (folded(code or ""), folded(name or "")) if key in names), code or name
    )


def _names(plan: Plan, unit: str, closing: Period | None, calendar: Calendar) -> Mapping[str, str]:
    """Folded name → code of the indicators that the unit may mean."""
    frame = plan.indicators
    if closing is not None:
        owed = owed_on(plan, calendar.bounds(closing)[1])
        frame = frame[frame.index.isin(owed.indicator[owed.unit == unit])]
    name = frame["name"].map(folded)
    alone = name[~name.duplicated(keep=False)]
    return dict(zip(alone, alone.index, strict=True))
