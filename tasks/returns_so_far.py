"""What a review says of returns beside its own obligations: how it went in the term so far, and what was let pass."""

from datetime import date, datetime

import pandas as pd

from tasks.approved import submissions_as_judged
from tasks.closing import exceptions_of
from tasks.office.workspace import Workspace
from tasks.reading_figures import obligations_of
from tiendo.period_acts import EXCEPTION_COLUMNS
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.reporting import closing_periods
from tiendo.timeliness import by_unit
from warehouse.dated_back import dated_back


def periods_so_far(plan: Plan, period: Period) -> list[Period]:
    """The periods of the term that something is asked for and that end by a period's end, in the order of their ends."""
    months = [month for month in plan.term.span.parts("month") if month.last_month <= period.last_month]
    found = {each for month in months for each in closing_periods(plan, month)}
    return sorted(each for each in found if each.first_month >= plan.term.span.first_month)


def timeliness_so_far(
    workspace: Workspace, plan: Plan, period: Period, today: date, as_of: datetime | None = None
) -> pd.DataFrame:
    """What was expected of each unit up to a period, and what came (`timeliness.by_unit`), as known at an instant."""
    return by_unit(obligations_of(workspace, plan, periods_so_far(plan, period), today, as_of), today)


def with_stages(workspace: Workspace, owed: pd.DataFrame, as_of: datetime | None = None) -> pd.DataFrame:
    """Obligations (unit, period, version) with `stage`, how far their version has come (approvals.STAGES), else ""."""
    key = ["unit", "period", "version"]
    judged = submissions_as_judged(workspace, owed.period.unique().tolist(), as_of=as_of)
    stages = judged.set_index(key).stage.reindex(pd.MultiIndex.from_frame(owed[key]))
    return owed.assign(stage=stages.astype("str").fillna("").to_numpy())


def exceptions_for(
    workspace: Workspace, plan: Plan, period: Period, today: date, as_of: datetime | None = None
) -> pd.DataFrame:
    """What was let pass (EXCEPTION_COLUMNS and received_at), newest periods first, as known at an instant.

    About the returns that close with the period: the acts that stand at the end of `today`, and the receipts dated back.
    Of earlier periods only what was said since the period began: the rest stood in earlier reviews.
    """
    periods = periods_so_far(plan, period)
    names = [str(each) for each in periods]
    parts = [exceptions_of(workspace, periods, today, as_of), dated_back(workspace.engine, names, as_of)]
    every = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    every = every.reindex(columns=[*EXCEPTION_COLUMNS, "received_at"])
    since = pd.Timestamp(workspace.calendar.instant(workspace.calendar.bounds(period)[0], 0))
    is_own = every.period.isin([str(each) for each in periods if each.last_month == period.last_month])
    order = {name: -place for place, name in enumerate(names)}
    chosen = every[is_own | (every.recorded_at >= since)]
    return chosen.assign(place=chosen.period.map(order)).sort_values(
        ["place", "act", "unit", "recorded_at"], ignore_index=True
    ).drop(columns="place")  # fmt: skip
