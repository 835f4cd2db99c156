"""Watching issued reports: where a figure of one has changed since, those who received it are told, once."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from tasks.adjusting import changes_since
from tasks.issued import PROVINCE, Then, as_reviewed
from tasks.office.workspace import Workspace
from tasks.post.messages import Letter, compose, desk_of, no_messages
from tasks.post.occasions import Occasion, ReminderRules
from tasks.post.recipients import Directory
from tasks.post.told import change_lines, told_of
from tasks.reminding import REMINDED_COLUMNS
from tasks.steps import step
from tiendo.periods import Period
from tiendo.report_changes import alarming
from warehouse.connecting import reading, writing
from warehouse.origins import recorded_since
from warehouse.outbox_store import enqueue, known_keys
from warehouse.review_store import reports_of_kind


@dataclass(frozen=True)
class ChangedReport:
    """An issued report of which figures have changed: rows of report_changes that its readers must hear of."""

    then: Then
    rows: pd.DataFrame

    @property
    def period(self) -> Period:
        """The report's period."""
        return Period.parse(self.then.review.basis.period)

    @property
    def digest(self) -> str:
        """Names the change: the same one is told once."""
        told = self.rows[["code", "series", "actual", "band"]].to_csv(index=False, float_format="%.12g")
        return f"v{self.then.version} {hashlib.sha256(told.encode()).hexdigest()}"


@step(name="find changed reports")
def changed_reports(workspace: Workspace, now: datetime) -> list[ChangedReport]:
    """The issued reports, of each period the last, whose figures have changed enough to be told of (settings)."""
    share = workspace.settings.review.alert_change_pct
    found = []
    for then in _touched(workspace):
        rows = alarming(changes_since(workspace, then, now), share)
        if len(rows):
            found.append(ChangedReport(then, rows))
    return found


def _touched(workspace: Workspace) -> Iterator[Then]:
    """The last issued reports since whose instant something was recorded for a period that they rest on."""
    issued = reports_of_kind(workspace.engine, PROVINCE)
    last = issued.drop_duplicates(["period", "against", "view"], keep="last")
    if last.empty:
        return
    with reading(workspace.engine) as connection:
        recorded = recorded_since(connection, last.as_of.min().to_pydatetime())
    ends = [
        Period.of_index(kind, int(number)).last_month
        for kind, number in zip(recorded.kind, recorded.number, strict=True)
    ]
    recorded = recorded.assign(month=ends)
    for _, report in last.iterrows():
        until = Period.parse(report.period).last_month
        if ((recorded["last"] > report.as_of) & (recorded.month <= until)).any():
            yield as_reviewed(workspace, report)


@step(name="tell of changed reports")
def tell_of_changes(
    workspace: Workspace, changed: list[ChangedReport], today: date, now: datetime, dry_run: bool = False
) -> pd.DataFrame:
    """Put the messages to those who received the changed reports into the outbox (REMINDED_COLUMNS).

    With `dry_run` nothing is written.
    """
    messages = _messages(workspace, changed, today, now)
    new = pd.Series(False, index=messages.index)
    if not dry_run and len(messages):
        with writing(workspace.engine) as connection:
            known = known_keys(connection, messages.dedupe_key)
            enqueue(connection, messages)
        new = ~messages.dedupe_key.isin(known)
    return messages.assign(is_new=new)[REMINDED_COLUMNS]


def _messages(workspace: Workspace, changed: list[ChangedReport], today: date, now: datetime) -> pd.DataFrame:
    if not changed:
        return no_messages()
    settings = workspace.settings
    directory = Directory(workspace.current_plan().plan, today)
    rules = ReminderRules(
        settings.reminders.ladder, settings.reminders.hours, settings.reminders.mass_alarm_share
    )
    occasion = Occasion(directory, workspace.calendar, rules, today, now)
    desk = desk_of(directory, settings.channels, settings.workspace.locale, settings.workspace.timezone)
    letters = [
        (_letter(workspace, report, occasion), person)
        for report in changed
        for person in told_of(workspace, report.then.report.path, directory)
    ]
    return compose(letters, desk, now)


def _letter(workspace: Workspace, changed: ChangedReport, occasion: Occasion) -> Letter:
    then = changed.then
    bands = then.workspace.bands
    return Letter(
        "report_changed",
        {
            "version": then.version,
            "issued_on": workspace.calendar.civil_date(then.report.issued_at),
            "count": changed.rows.code.nunique(),
            "moved": int((changed.rows.kind == "moved").sum()),
            "changes": change_lines(changed.rows),
            "bands": bands,
        },
        unit=occasion.directory.plan.term.authority,
        period=changed.period,
        about=changed.digest,
        not_before=occasion.sends_at,
    )
