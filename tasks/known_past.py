"""What the warehouse knows of a batch's units and periods before the batch is recorded."""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy.engine import Engine

from expectations.grounds import SAME_COLUMNS, Past
from expectations.shortfall_grounds import flows_judged
from tiendo.course import course_of
from tiendo.intake_rules import OFF, IntakeRules
from tiendo.parts import NOWHERE, places_of
from tiendo.periods import Period
from tiendo.plan import Plan
from warehouse.intake_store import current_values, submissions_of
from warehouse.past_figures import figures_before, figures_of_all, sums_before


@dataclass(frozen=True)
class History:
    """All versions so far of the parts' units and periods; the values of the newest, with their places."""

    versions: pd.DataFrame
    values: pd.DataFrame


def history_of(engine: Engine, plan: Plan, parts: pd.DataFrame) -> History:
    """The history of parts (unit, period)."""
    units, periods = parts.unit.unique().tolist(), parts.period.unique().tolist()
    versions = submissions_of(engine, units, periods)
    has_some = versions[["unit", "period"]].drop_duplicates()
    known_units, known_periods = has_some.unit.unique().tolist(), has_some.period.unique().tolist()
    values = current_values(engine, known_units, known_periods)
    place = places_of(plan, values.indicator)
    return History(versions, values.assign(place=place)[place != NOWHERE])


def past_of(engine: Engine, parts: pd.DataFrame, history: History, rules: IntakeRules) -> Past:
    """What new parts are held against: figures before them, running sums, other sources."""
    plan, course = rules.plan, course_of(rules.plan, rules.calendar)
    units, periods = parts.unit.unique().tolist(), [Period.parse(text) for text in parts.period.unique()]
    judged = flows_judged(plan, units) if rules.reason_required != OFF else []
    two_sourced = plan.indicators.index[plan.indicators.figure_of != ""].tolist()
    others = figures_of_all(engine, two_sourced, periods if two_sourced else [])
    return Past(
        before=figures_before(engine, units, periods, course),
        sums=sums_before(engine, units, periods, judged, course),
        same=pd.concat([history.values[SAME_COLUMNS], others]).drop_duplicates(
            ["unit", "period", "indicator"]
        ),
    )
