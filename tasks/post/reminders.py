"""Reminders of returns not in, and alerts of what is overdue: who is told what on a day, and who is not.

Nothing here reads a clock or sends; the rows carry keys by which a second run sends nothing twice.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import pandas as pd

from tasks.post.messages import Desk, Letter, compose
from tasks.post.occasions import Occasion
from tasks.post.recipients import Directory, Recipient
from tiendo.bands import BandRules
from tiendo.calendars import Calendar
from tiendo.periods import Period

# States of an obligation for which a return can still come in, before and after its due date.
BEFORE_DUE = ("open", "returned")
AFTER_DUE = ("overdue", "returned")
NOT_EXPECTED = ("waived", "not_open")

Addressed = tuple[Letter, Recipient]

# (unit, period) → how many indicators are owed, and those still missing (code, name).
Counts = Mapping[tuple[str, str], tuple[int, list[dict[str, str]]]]


@dataclass(frozen=True)
class _Owed:
    """A return that somebody still owes, and the step of the ladder it has come to."""

    unit: str
    period: Period
    due: date
    hour: int  # of the due day
    step: int
    reached: date  # the day on which it came to that step
    days: int  # working days left, or minus the calendar days since the due date


def reminder_messages(
    obligations: pd.DataFrame, progress: pd.DataFrame, occasion: Occasion, desk: Desk
) -> pd.DataFrame:
    """Outbox rows: reminders before the due date, alerts after it, or the question to the office instead.

    `obligations`: unit, period (text), due, hour (of the due day), state, of all periods in question. `progress`: unit,
    period, indicator, name, received (bool) of what these units owe; where it is empty no counts are given.
    A person gets one message a kind, and a new one only when some return has come to a new step.
    """
    expected = obligations[~obligations.state.isin(NOT_EXPECTED)]
    expected = expected.assign(due=pd.to_datetime(expected.due).dt.date)
    owed = _owed(expected, occasion)
    doubted = _doubted(expected, occasion)
    soon = [each for each in owed if each.step <= 0]
    late = [each for each in owed if each.step > 0 and each.due not in doubted]
    progress = progress.assign(period=progress.period.astype(str))
    letters = [
        *_digests("reminder", soon, expected, progress, occasion),
        *_digests("overdue", late, expected, progress, occasion),
        *_questions(doubted, expected, occasion),
    ]
    return compose(letters, desk, occasion.now)


def indicator_messages(
    overdue: pd.DataFrame, period: Period, bands: BandRules, occasion: Occasion, desk: Desk
) -> pd.DataFrame:
    """Outbox rows for indicators and stages unmet when their date has passed: one digest a person.

    `overdue`: indicator, name, kind (target, stage), what (the stage), due, days_overdue, attainment, band,
    lead_agency.
    Told are the officers of the lead agency, the leaders responsible, and the office.
    """
    directory = occasion.directory
    told: dict[Recipient, list[dict[Hashable, Any]]] = defaultdict(list)
    for row in overdue.astype(object).where(overdue.notna(), None).to_dict("records"):
        lead = str(row["lead_agency"] or "")
        item = row | {"lead_agency": directory.unit_name(lead) if lead else ""}
        people = (*directory.agency(lead), *directory.leaders(row["indicator"]), *directory.office)
        for person in dict.fromkeys(people):
            told[person].append(item)
    letters = [(_indicator_letter(items, period, bands, occasion), who) for who, items in told.items()]
    return compose(letters, desk, occasion.now)


def _indicator_letter(
    items: list[dict[Hashable, Any]], period: Period, bands: BandRules, occasion: Occasion
) -> Letter:
    about = ";".join(f"{each['indicator']} {each['what']} {each['due']:%Y-%m-%d}" for each in items)
    context = {"items": items, "bands": bands}
    return Letter("overdue_indicators", context, period=period, about=about, not_before=occasion.sends_at)


def _owed(expected: pd.DataFrame, occasion: Occasion) -> list[_Owed]:
    """What is owed and has come to a step of the ladder by the day of sending."""
    found: list[_Owed] = []
    for key, rows in expected.groupby(["due", "hour", "period", "state"]):
        due, hour, period, state = cast(tuple[date, int, str, str], key)
        past = -occasion.calendar.working_days_between(occasion.day, due)
        step = occasion.rules.step(past)
        if step is None or state not in (BEFORE_DUE if past <= 0 else AFTER_DUE):
            continue
        reached = occasion.calendar.add_working_days(due, step)
        days = -past if past <= 0 else -(occasion.day - due).days
        found += [
            _Owed(unit, Period.parse(period), due, int(hour), step, reached, days) for unit in rows.unit
        ]
    return found


def _digests(
    kind: str, owed: list[_Owed], expected: pd.DataFrame, progress: pd.DataFrame, occasion: Occasion
) -> Iterator[Addressed]:
    """One letter for each person who is to be told of what their units owe."""
    directory = occasion.directory
    people = {unit: _people(kind, unit, directory) for unit in expected.unit.unique()} if owed else {}
    units: dict[Recipient, list[str]] = defaultdict(list)
    told: dict[Recipient, list[_Owed]] = defaultdict(list)
    for unit, persons in people.items():
        for person in persons:
            units[person].append(unit)
    for each in owed:
        for person in people[each.unit]:
            told[person].append(each)
    closings = {due: _closing(rows) for due, rows in _by_due(expected)}
    counts = _counts(progress)
    for person, items in told.items():
        # Unit and period are part of the key: they must not change when one of several returns has come in.
        unit = units[person][0] if len(units[person]) == 1 else ""
        newest = max(items, key=lambda each: (each.reached, each.due))
        yield (
            Letter(
                kind,
                _digest(items, counts, directory, occasion.calendar),
                unit=unit,
                period=closings[newest.due],
                about=newest.reached.isoformat(),
                stage=f"T{newest.step:+d}",
                not_before=occasion.sends_at,
            ),
            person,
        )


def _people(kind: str, unit: str, directory: Directory) -> tuple[Recipient, ...]:
    heads = directory.heads(unit) if kind == "overdue" else ()
    return tuple(dict.fromkeys((*directory.reporters(unit), *heads)))


def _closing(rows: pd.DataFrame) -> Period:
    """The shortest of the periods: a template of it holds the others."""
    return min(map(Period.parse, rows.period.unique()), key=lambda each: each.last_month - each.first_month)


def _by_due(expected: pd.DataFrame) -> Iterator[tuple[date, pd.DataFrame]]:
    return (cast(tuple[date, pd.DataFrame], each) for each in expected.groupby("due"))


def _counts(progress: pd.DataFrame) -> Counts:
    counts = {}
    for key, rows in progress.groupby(["unit", "period"]):
        lacking = rows[~rows.received.astype(bool)]
        pairs = zip(lacking["indicator"], lacking["name"], strict=True)
        missing = [{"code": str(code), "name": str(name)} for code, name in pairs]
        counts[cast(tuple[str, str], key)] = (len(rows), missing)
    return counts


def _digest(
    items: list[_Owed], counts: Counts, directory: Directory, calendar: Calendar
) -> dict[str, object]:
    """What the wording of `reminder` and `overdue` asks for."""
    ordered = sorted(items, key=lambda each: (each.due, each.unit, each.period))
    counted = [(each, *counts.get((each.unit, str(each.period)), (0, []))) for each in ordered]
    shown = [
        {
            "unit": directory.unit_name(each.unit),
            "period": each.period,
            "due": calendar.due_instant(each.due, each.hour),
            "days": each.days,
            "owed": owed,
            "received": owed - len(missing),
            "missing": missing,
        }
        for each, owed, missing in counted
    ]
    return {
        "items": shown,
        "periods": sorted({each.period for each in items}),
        "days": min(each.days for each in items),
        "owed": sum(owed for _, owed, _ in counted),
        "missing": sum(len(missing) for _, _, missing in counted),
    }


def _doubted(expected: pd.DataFrame, occasion: Occasion) -> dict[date, list[str]]:
    """Due dates that so many units seem to have missed that the fault may well be ours, and the units."""
    doubted = {}
    for due, rows in _by_due(expected):
        late = sorted(set(rows.unit[rows.state == "overdue"]))
        if due < occasion.day and len(late) > rows.unit.nunique() * occasion.rules.mass_alarm_share:
            doubted[due] = late
    return doubted


def _questions(
    doubted: Mapping[date, list[str]], expected: pd.DataFrame, occasion: Occasion
) -> Iterator[Addressed]:
    """What the office is asked instead of telling the units."""
    for due, units in doubted.items():
        step = occasion.rules.step(occasion.calendar.working_days_between(due, occasion.day))
        if step is None:
            continue
        rows = expected[expected.due == due]
        context = {
            "overdue": len(units),
            "expected": rows.unit.nunique(),
            "units": [occasion.directory.unit_name(unit) for unit in units],
            "share": 100 * occasion.rules.mass_alarm_share,
        }
        letter = Letter(
            "mass_alarm",
            context,
            period=_closing(rows),
            about=due.isoformat(),
            stage=f"T{step:+d}",
            urgent=True,
            not_before=occasion.sends_at,
        )
        for person in occasion.directory.office:
            yield letter, person
