"""The steps of remind: what is owed on a day, who is to be told, and the messages put into the outbox."""

from datetime import date, datetime

import pandas as pd

from tasks.office.workspace import Workspace
from tasks.post.messages import desk_of
from tasks.post.occasions import Occasion, ReminderRules
from tasks.post.recipients import Directory
from tasks.post.reminders import indicator_messages, reminder_messages
from tasks.reading_figures import judge_period, obligations_of
from tasks.steps import step
from tiendo.deadlines import last_closed, live_periods
from tiendo.obligations import IN
from tiendo.period_acts import UNLOCK, exceptions
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan
from tiendo.reporting import owed_for
from tiendo.rounds import against_of
from tiendo.targets import overdue_targets
from warehouse.connecting import writing
from warehouse.intake_store import reported_indicators
from warehouse.outbox_store import enqueue, known_keys
from warehouse.period_store import acts_of

END_OF_DAY = 24
REMINDED_COLUMNS = ["kind", "unit", "period", "channel", "recipient", "subject", "not_before", "is_new"]


@step(name="find what is owed")
def owed_returns(workspace: Workspace, today: date, now: datetime) -> pd.DataFrame:
    """The obligations of every period that is open or past due and not locked on a day (OBLIGATION_COLUMNS).

    What has come in since that day is left as it is now: a run that comes late reminds nobody of what is done.
    """
    plan = workspace.current_plan().plan
    periods = reminded_periods(workspace, plan, today)
    then = obligations_of(workspace, plan, periods, today)
    since = workspace.calendar.civil_date(now)
    if since <= today:
        return then
    present = obligations_of(workspace, plan, periods, since).set_index(["unit", "period"])
    done = present.index[present.state.isin(IN)]
    is_done = pd.MultiIndex.from_frame(then[["unit", "period"]]).isin(done)
    return then.assign(state=then.state.mask(is_done, "accepted_late"))


def reminded_periods(workspace: Workspace, plan: Plan, today: date) -> list[Period]:
    """Periods for which returns may come in on a day: by their dates, or because the office unlocked them."""
    live = live_periods(plan, workspace.calendar, today)
    standing = exceptions(
        acts_of(workspace.engine),
        pd.Timestamp(workspace.calendar.instant(today, END_OF_DAY)),
        pd.Timestamp(today),
    )
    unlocked = standing.period[standing.act == UNLOCK].unique()
    return sorted({*live, *map(Period.parse, unlocked)})


@step(name="find overdue indicators")
def overdue_indicators(workspace: Workspace, today: date) -> tuple[Period, pd.DataFrame]:
    """The last closed period, and the indicators and stages whose date has passed and that are not met by it."""
    plan = workspace.current_plan().plan
    shortest = min(plan.indicators.frequency, key=FREQUENCIES.index)
    last = last_closed(plan, workspace.calendar, shortest, today)
    period = min(last, plan.term.span.parts(shortest)[-1])
    against = against_of(plan, period, workspace.settings.review.against)
    rows = judge_period(workspace, period, [against], today).rows[against]
    own = rows[rows.unit == plan.term.authority].assign(code=lambda f: f.indicator)
    return period, overdue_targets(plan, own, workspace.calendar, today)


@step(name="write reminders")
def write_reminders(
    workspace: Workspace,
    owed: pd.DataFrame,
    overdue: tuple[Period, pd.DataFrame],
    today: date,
    now: datetime,
    dry_run: bool = False,
) -> pd.DataFrame:
    """Put the messages into the outbox that are not there yet (REMINDED_COLUMNS; is_new: put out by this run).

    With `dry_run` nothing is written.
    """
    plan = workspace.current_plan().plan
    directory = Directory(plan, today)
    settings = workspace.settings
    rules = ReminderRules(
        settings.reminders.ladder, settings.reminders.hours, settings.reminders.mass_alarm_share
    )
    occasion = Occasion(directory, workspace.calendar, rules, today, now)
    desk = desk_of(directory, settings.channels, settings.workspace.locale, settings.workspace.timezone)
    period, indicators = overdue
    messages = pd.concat(
        [
            reminder_messages(owed, _progress(workspace, plan, owed), occasion, desk),
            indicator_messages(indicators, period, workspace.bands, occasion, desk),
        ],
        ignore_index=True,
    )
    new = pd.Series(False, index=messages.index)
    if not dry_run:
        with writing(workspace.engine) as connection:
            known = known_keys(connection, messages.dedupe_key)
            enqueue(connection, messages)
        new = ~messages.dedupe_key.isin(known)
    return messages.assign(is_new=new)[REMINDED_COLUMNS]


def _progress(workspace: Workspace, plan: Plan, owed: pd.DataFrame) -> pd.DataFrame:
    """unit, period, indicator, name, received (bool) of all that the owing units owe."""
    waiting = owed[~owed.state.isin(IN)]
    parts = []
    for text, rows in waiting.groupby("period"):
        period = Period.parse(str(text))
        pairs = owed_for(plan, period, workspace.calendar)
        pairs = pairs[pairs.unit.isin(rows.unit) & pairs.required]
        parts.append(pairs.assign(period=str(text)))
    columns = ["unit", "period", "indicator", "name", "received"]
    if not parts:
        return pd.DataFrame(columns=columns)
    every = pd.concat(parts, ignore_index=True)
    known = reported_indicators(workspace.engine, every.period.unique().tolist())
    every = every.merge(known.assign(received=True), on=["unit", "period", "indicator"], how="left")
    every = every.assign(received=every.received.eq(True), name=every.indicator.map(plan.indicators["name"]))
    return every[columns]
