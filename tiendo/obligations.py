"""Obligations: who owes a return for a period, by when, and how it stands on a day. SPEC §3."""

from datetime import date

import numpy as np
import pandas as pd

from tiendo.calendars import Calendar
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.reporting import owing_units

OBLIGATION_COLUMNS = ["unit", "period", "opens", "cut_off", "due", "locks", "state", "received_at", "version"]
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
IN = ("accepted_on_time", "accepted_late")
NOT_IN = ("overdue", "locked_missing")


def obligations(
    plan: Plan, calendar: Calendar, period: Period, submissions: pd.DataFrame, today: date
) -> pd.DataFrame:
    """Every obligation of a period as it stands at the end of a day (OBLIGATION_COLUMNS, one row a unit).

    `submissions`: unit, period, version, verdict, received_at (UTC), all versions. Those received after `today` are not
    seen. Dates are civil dates; `received_at` is the first accepted version's, else the last one's.
    """
    deadline = calendar.deadline(period)
    owing = pd.DataFrame({"unit": owing_units(plan, period, calendar)}, dtype="str")
    seen = submissions[submissions.period == str(period)]
    seen = seen[seen.received_at <= pd.Timestamp(calendar.instant(today, 24))]
    frame = owing.merge(_standing_of(seen, calendar, deadline.due), on="unit", how="left")
    frame = frame.assign(
        period=str(period),
        opens=deadline.opens,
        cut_off=deadline.cut_off,
        due=deadline.due,
        locks=deadline.locks,
    )
    absent = frame.state.isna()
    words = [
        (today < deadline.opens, "not_open"),
        (today <= deadline.due, "open"),
        (today <= deadline.locks, "overdue"),
        (True, "locked_missing"),
    ]
    waiting = next(word for holds, word in words if holds)
    frame["state"] = frame.state.mask(absent, waiting)
    # Sent back, it is owed again: at once when it came late, else when its time for correction is over.
    correct_by = calendar.add_working_days(deadline.due, calendar.correction_days)
    is_over = (today > deadline.due) & (~frame.in_time.eq(True) | (today > correct_by))
    frame["state"] = frame.state.mask((frame.state == "returned") & is_over, waiting)
    return frame[OBLIGATION_COLUMNS]


def _standing_of(seen: pd.DataFrame, calendar: Calendar, due: date) -> pd.DataFrame:
    """unit, state, received_at, version, in_time for the units that sent something."""
    columns = ["unit", "state", "received_at", "version", "in_time"]
    if seen.empty:
        return pd.DataFrame(columns=columns)
    seen = seen.sort_values(["unit", "version"]).assign(good=lambda s: s.verdict.isin(ACCEPTED))
    last = seen.drop_duplicates("unit", keep="last").set_index("unit")
    first = seen.drop_duplicates("unit").set_index("unit").received_at
    good = seen[seen.good].drop_duplicates("unit").set_index("unit").received_at.reindex(last.index)
    due_at = pd.Timestamp(calendar.due_instant(due))
    # A return sent in time and sent back counts as on time when its correction comes soon enough.
    correction_by = pd.Timestamp(
        calendar.due_instant(calendar.add_working_days(due, calendar.correction_days))
    )
    on_time = (good <= due_at) | ((first <= due_at) & (good <= correction_by))
    state = np.select([good.isna(), on_time], ["returned", "accepted_on_time"], "accepted_late")
    return pd.DataFrame(
        {
            "unit": last.index,
            "state": state,
            "received_at": good.where(good.notna(), last.received_at).to_numpy(),
            "version": last.version.to_numpy(),
            "in_time": (first <= due_at).to_numpy(),
        }
    )


def overdue_days(frame: pd.DataFrame, today: date) -> pd.Series:
    """Days since the due date of those not in; NaN for the others."""
    days = (pd.Timestamp(today) - pd.to_datetime(frame.due)).dt.days
    return days.where(frame.state.isin(NOT_IN))
