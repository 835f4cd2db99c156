"""Obligations: who owes a return for a period, by when, and how it stands on a day. SPEC §3."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from tiendo.calendars import Calendar
from tiendo.deadlines import INSTANT, deadlines_of, due_instants
from tiendo.period_acts import LOCKING, NO_ACT, WAIVE, is_locked, no_acts, standing_act
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.reporting import owing_units
from tiendo.succession import code_of, key_on, step_of

OBLIGATION_COLUMNS = ["unit", "period", "opens", "cut_off", "due", "locks", "state", "received_at", "version"]
OBLIGATION_COLUMNS += ["hour", "act", "owed_by"]
STATES = (
    "not_open",
    "open",
    "submitted",
    "returned",
    "accepted_on_time",
    "accepted_late",
    "overdue",
    "locked_missing",
    "waived",
)
ACCEPTED = ("accepted", "accepted_with_warnings")
SUBMITTED, RETURNED = "submitted", "returned"
IMPORTED = "import"  # the origin of a past period's figures: nothing was owed for them
IN = ("accepted_on_time", "accepted_late")
NOT_IN = ("overdue", "locked_missing")
STANDING_COLUMNS = ["unit", "state", "received_at", "version", "is_timely", "correct_by"]


def obligations(
    plan: Plan,
    calendar: Calendar,
    period: Period,
    submissions: pd.DataFrame,
    today: date,
    acts: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every obligation of a period as it stands at the end of a day (OBLIGATION_COLUMNS, one row a unit).

    `submissions`: unit, period, version, verdict, received_at (UTC), all versions; origin ("" where it is left out) and
    returned_at (UTC; when the office sent an accepted version back, else absent). Those received after `today` are not
    seen. `acts`: what the office did about periods (ACT_COLUMNS), as known. Dates are civil dates, `hour` is that of the
    due day; `received_at` is the first accepted version's, else the last one's; `act` is the standing act on the period
    (a waiver before one on locking); `owed_by` are the units (`;`) that stand for the unit on the day, itself while
    nobody came after it.
    """
    frame = _owed(plan, calendar, period, submissions)
    begin, end = (pd.Timestamp(calendar.instant(today, hour)) for hour in (0, 24))
    seen = submissions[(submissions.period == str(period)) & (submissions.received_at <= end)]
    frame = frame.merge(_standing_of(seen, frame, calendar), on="unit", how="left")
    case = frame[["unit", "period"]].assign(at=end, day=pd.Timestamp(today))
    known = no_acts() if acts is None else acts
    locking, waiver = (standing_act(known, case, kinds).act for kinds in (LOCKING, (WAIVE,)))
    locked = is_locked(locking, frame.locks < today)
    waiting = np.select(
        [waiver.eq(WAIVE), locked, today < frame.opens, today <= frame.due],
        ["waived", "locked_missing", "not_open", "open"],
        "overdue",
    )
    # Sent back, it is owed again: at once when it came late, else when its time for correction is over.
    is_over = (today > frame.due) & (~frame.is_timely.eq(True) | (begin > frame.correct_by)) | waiver.eq(
        WAIVE
    )
    is_owed = frame.state.isna() | (frame.state.eq(RETURNED) & is_over)
    frame["state"] = frame.state.astype(object).mask(is_owed, waiting)
    act = waiver.mask(waiver.eq(NO_ACT), locking)
    owed_by = _standing_for(plan, frame.unit, calendar.bounds(period)[1], today)
    return frame.assign(act=act, owed_by=owed_by)[OBLIGATION_COLUMNS]


def _standing_for(plan: Plan, units: pd.Series, last_day: date, today: date) -> pd.Series:
    """The units (`;`) that stand on a day for those that bore the codes on a period's last day."""
    links = plan.links[plan.links.date <= pd.Timestamp(today)]
    if links.empty or units.empty:
        return units
    heirs = step_of(links).groupby("predecessor").successor.agg(lambda keys: ";".join(map(code_of, keys)))
    keys = key_on(plan.units, units, pd.Series(pd.Timestamp(last_day), index=units.index))
    return keys.map(heirs.to_dict()).fillna(units)


def _owed(plan: Plan, calendar: Calendar, period: Period, submissions: pd.DataFrame) -> pd.DataFrame:
    """unit, period and the dates of those who owe; who has nothing for the period but what was imported owes nothing."""
    units = pd.Series(owing_units(plan, period, calendar), dtype="str", name="unit")
    if IMPORTED in set(submissions.get("origin", ())):
        of_period = submissions[submissions.period == str(period)]
        imported = of_period.origin == IMPORTED
        only = set(of_period.unit[imported]) - set(of_period.unit[~imported])
        units = units[~units.isin(only)].reset_index(drop=True)
    dates = deadlines_of(plan, calendar, period, units)
    return pd.concat([units, dates], axis=1).assign(period=str(period))


def _standing_of(seen: pd.DataFrame, frame: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """STANDING_COLUMNS of the units that sent something; frame: unit and dates of those who owe.

    is_timely: something came in time. correct_by: until when what was sent back may be corrected and count as timely.
    """
    if "origin" in seen:
        seen = seen[seen.origin != IMPORTED]
    seen = seen[seen.unit.isin(frame.unit)].sort_values(["unit", "version"])
    if seen.empty:
        return pd.DataFrame(columns=STANDING_COLUMNS)
    last = seen.drop_duplicates("unit", keep="last").set_index("unit")
    first = seen.drop_duplicates("unit").set_index("unit").received_at
    good = seen[seen.verdict.isin(ACCEPTED)].drop_duplicates("unit").set_index("unit").received_at
    good = good.reindex(last.index)
    due_at, correct_by = _limits(seen, frame.set_index("unit").loc[last.index], calendar)
    # A return sent in time and sent back counts as on time when its correction comes soon enough.
    on_time = (good <= due_at) | ((first <= due_at) & (good <= correct_by))
    undone = good.isna() | (last.verdict.eq(RETURNED) & _returned_at(last).notna())
    waits = undone & last.verdict.eq(SUBMITTED)
    state = np.select([waits, undone, on_time], [SUBMITTED, RETURNED, "accepted_on_time"], "accepted_late")
    return pd.DataFrame(
        {
            "unit": last.index,
            "state": state,
            "received_at": good.where(~undone, last.received_at).to_numpy(),
            "version": last.version.to_numpy(),
            "is_timely": (first <= due_at).to_numpy(),
            "correct_by": correct_by.array,
        }
    )


def _limits(seen: pd.DataFrame, dates: pd.DataFrame, calendar: Calendar) -> tuple[pd.Series, pd.Series]:
    """The last instant in time, and the last one for a correction, of each unit (the index of `dates`).

    What the office sent back only after the due date may be corrected within as many days of that.
    """
    due_at = due_instants(calendar, dates.due, dates.hour)
    correct_by = due_instants(calendar, dates.due, dates.hour, calendar.correction_days)
    returned = _returned_at(seen).groupby(seen.unit).max().reindex(dates.index).dropna()
    if returned.empty:
        return due_at, correct_by
    on = _mapped(returned, calendar.civil_date)
    later = due_instants(calendar, on, dates.hour[on.index], calendar.correction_days)
    return due_at, correct_by.where(~(correct_by < later.reindex(dates.index)), later.reindex(dates.index))


def _mapped(instants: pd.Series, to: Callable[[pd.Timestamp], date]) -> pd.Series:
    return pd.Series([to(each) for each in instants], index=instants.index, dtype=object)


def _returned_at(submissions: pd.DataFrame) -> pd.Series:
    """When the office sent each version back; absent where it did not, or where nothing is said of it."""
    if "returned_at" in submissions:
        return submissions.returned_at
    return pd.Series(pd.NaT, index=submissions.index, dtype=INSTANT)


def overdue_days(frame: pd.DataFrame, today: date) -> pd.Series:
    """Days since the due date of those not in; NaN for the others."""
    days = (pd.Timestamp(today) - pd.to_datetime(frame.due)).dt.days
    return days.where(frame.state.isin(NOT_IN))
