"""The year's plan beside each unit's figure, as a template shows it."""

from collections.abc import Collection

import pandas as pd

from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.targets import ASSIGNED, chosen_targets

KEY = ["unit", "indicator"]


def year_plans(plan: Plan, period: Period, units: Collection[str], lone_reporter: pd.Series) -> pd.DataFrame:
    """unit, indicator, target (the year's) of the units that have one: their own, or the authority's.

    The authority's is also that of an indicator's only reporter: `lone_reporter` names it by indicator.
    """
    authority = plan.term.authority
    targets = chosen_targets(plan, period, "year", {authority, *units})
    targets = targets[(targets.series == ASSIGNED) & targets.year_target.notna()]
    targets = targets[[*KEY, "year_target"]].rename(columns={"year_target": "target"})
    whole = targets[targets.unit == authority]
    theirs = whole.assign(unit=whole.indicator.map(lone_reporter)).dropna(subset="unit")
    both = pd.concat([targets[targets.unit.isin(units)], theirs[theirs.unit.isin(units)]])
    return both.drop_duplicates(KEY)
