"""Who may speak for whom: a unit for itself, and for those it came after. SPEC §2."""

import pandas as pd

from tiendo.plan import Plan
from tiendo.succession import key_on


def speaks_for(
    plan: Plan, senders: pd.Series, sent_on: pd.Series, units: pd.Series, unit_days: pd.Series
) -> pd.Series:
    """Whether each sender is, on the day of sending, the unit spoken for (of a code and a day), or came after it.

    Who is not there any more on the day may still speak for itself.
    """
    same_code: pd.Series = senders == units
    if plan.links.empty and (plan.units.key == plan.units.code).all():
        return same_code
    sent, of = pd.to_datetime(sent_on), pd.to_datetime(unit_days)
    who, whose = key_on(plan.units, senders, sent), key_on(plan.units, units, of)
    itself = (who == whose) | (same_code & (who.isna() | whose.isna()))
    return itself | _came_after(plan, who, whose, sent)


def _came_after(plan: Plan, who: pd.Series, whose: pd.Series, days: pd.Series) -> pd.Series:
    found = pd.Series(False, index=who.index)
    for day in days.dropna().unique():
        heirs = pd.MultiIndex.from_frame(plan.step_to(day)[["predecessor", "successor"]])
        found |= (days == day) & pd.MultiIndex.from_arrays([whose, who]).isin(heirs)
    return found
