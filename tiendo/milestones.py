"""Milestones: how much is done, when it was, and how early. SPEC §6."""

import numpy as np
import pandas as pd

from tiendo.bands import at_least, near
from tiendo.measures import Moment
from tiendo.periods import Period
from tiendo.plan import Plan


def stage_shares(plan: Plan) -> pd.DataFrame:
    """Share of the weights done when the first `place` stages of a milestone are: indicator, place, share."""
    stages = plan.tables["stages"]
    by = stages.groupby("indicator").weight
    share = by.cumsum() / by.transform("sum")
    place = (stages.groupby("indicator").cumcount() + 1).astype(float)
    return pd.DataFrame({"indicator": stages.indicator, "place": place, "share": share})


def with_milestones(frame: pd.DataFrame, stage_shares: pd.DataFrame, moment: Moment) -> pd.DataFrame:
    """done (share of the stages done), done_stages, days_early and done_on of milestones."""
    is_milestone = frame.type == "milestone"
    frame["done_stages"] = frame.actual.where(is_milestone & frame.indicator.isin(stage_shares.indicator))
    keyed = stage_shares.set_index(["indicator", "place"]).share
    places = pd.MultiIndex.from_arrays([frame.indicator, np.floor(frame.done_stages.fillna(0))])
    by_stage = pd.Series(keyed.reindex(places).to_numpy(), index=frame.index).mask(frame.done_stages < 1, 0.0)
    wanted = frame.target.where(frame.target > 0, 1.0)
    plain = at_least(frame.actual, wanted).astype(float).where(frame.actual.notna())
    frame["done"] = by_stage.where(frame.done_stages.notna(), plain).where(is_milestone)
    month = frame.changed_first.where(frame.aggregation == "any", frame.changed_last)
    done_on = month.map(_month_end(moment, month)).where(near(frame.done.fillna(0), 1.0))
    frame["done_on"] = pd.to_datetime(done_on)
    due = pd.to_datetime(frame["due"])
    until = frame.done_on.fillna(pd.Timestamp(moment.today).floor("D"))
    days = (due - until).dt.days.astype(float)
    frame["days_early"] = days.where(frame.done_on.notna() | (days < 0)).where(is_milestone)
    return frame


def _month_end(moment: Moment, months: pd.Series) -> dict[float, pd.Timestamp]:
    ends = {}
    for month in months.dropna().unique():
        period = Period("month", int(month) // 12, int(month) % 12 + 1)
        ends[month] = pd.Timestamp(moment.calendar.bounds(period)[1])
    return ends
