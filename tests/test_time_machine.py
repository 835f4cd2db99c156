"""Any sequence of returns, corrections, decisions and readings agrees with the model of time (`time_model`)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from judging import CALENDAR, INDICATOR, LATER, plan_of, province, receive, rows, warehouse
from sqlalchemy.engine import Engine
from time_model import (
    Act,
    Cell,
    Dates,
    Decision,
    Indicator,
    Obligation,
    Reading,
    Span,
    Version,
    World,
    as_float,
    node_figure,
    obligation,
)

from tiendo.aggregation import aggregated
from tiendo.approvals import CORRECTION, with_office_verdicts
from tiendo.course import course_of
from tiendo.measures import Moment, Question, members_of, wanted_figures
from tiendo.obligations import obligations
from tiendo.parts import places_of
from tiendo.periods import FREQUENCIES, Period
from tiendo.versions import numbered, with_carried
from warehouse import readings
from warehouse.approval_store import approvals_of
from warehouse.bulk import next_id
from warehouse.connecting import open_warehouse, reading, reckoning, writing
from warehouse.correction_store import commit_corrections
from warehouse.figures import figures
from warehouse.intake_store import IntakeBatch, commit_intake, current_values, submissions_of
from warehouse.period_store import PeriodAct, acts_of, record_act
from warehouse.schema import approval, metadata, submission
from warehouse.standing import carry_forward

INDICATORS = {
    each.code: each
    for each in (
        Indicator("FLOW", "quarter", "flow"),
        Indicator("STOCK", "quarter", "stock", "max"),
        Indicator("SHARE", "quarter", "flow", "ratio", scale=100),
        Indicator("COVER", "quarter", "stock", "ratio", scale=100),
        Indicator("MEAN", "quarter", "stock", "weighted_mean", weight="PEOPLE"),
        Indicator("YEAR", "year", "flow"),
        Indicator("PEOPLE", "year", "stock"),
        Indicator("RATE", "year", "rate", "mean"),
        Indicator("PACE", "quarter", "rate", "mean", is_geometric=True),
    )
}
UNITS = "ABC"
NODES = {"P": "ABC", "R": "AB", "A": "A", "B": "B", "C": "C"}
YEARS = (2012, 2013)
PERIODS = [f"{year}{part}" for year in YEARS for part in ("-Q1", "-Q2", "-Q3", "-Q4", "")]
BEFORE_TERM = ["2010-Q4", "2010"]
REVIEWS = ["2012-Q3", "2012", "2013-H1", "2013-9M", "2013"]
# What a question may leave out.
READINGS = [
    Reading(),
    Reading(accepted_only=True),
    Reading(accepted_only=True, needs_acceptance=True),
    Reading(estimates=False),
]
HOURS = st.sampled_from((0, 1, 24, 24 * 8, 24 * 90))
BACK = st.one_of(st.none(), st.integers(0, 40))
START = datetime(2012, 1, 3, 2, tzinfo=UTC)
TERM_START, SECOND_YEAR = 2011 * 12, 2012 * 12
# Over which spans each indicator is asked for; what is a last value is the same over all.
SPANS = {
    "FLOW": "term since year quarter",
    "STOCK": "term",
    "SHARE": "year",
    "COVER": "term",
    "MEAN": "year",
    "YEAR": "term",
    "RATE": "term since year",
    "PACE": "term",
}


def _row(each: Indicator) -> dict[str, str]:
    flags = "geometric" if each.is_geometric else ""
    type_ = "rate" if each.accumulation == "rate" else "ratio"
    own = {"code": each.code, "frequency": each.frequency, "accumulation": each.accumulation, "type": type_}
    weight = {"weight_indicator": each.weight, "flags": flags, "scale": str(each.scale)}
    return {**INDICATOR, **own, **weight, "aggregation": each.aggregation}


PLAN = plan_of(
    province(
        indicators=[_row(each) for each in INDICATORS.values()],
        targets=rows("indicator,span,target\n" + "\n".join(f"{code},2011-2015,10" for code in INDICATORS)),
    )
)


COURSE = course_of(PLAN, CALENDAR)


# --- what the machine says, and to whom


@dataclass(frozen=True)
class Return:
    """One return as it comes in: what it says, which cells it leaves out, how long it lay before it was recorded."""

    unit: str
    period: str
    told: Mapping[str, Cell]
    missing: tuple[str, ...]
    verdict: str


def figures_said(low: int, high: int) -> st.SearchStrategy[Cell]:
    number = st.integers(low, high).map(Fraction)
    status = st.sampled_from(("final", "final", "preliminary", "estimate"))
    said = st.builds(Cell, number=number, top=number, bottom=st.integers(1, 9).map(Fraction), status=status)
    nothing = st.builds(
        Cell, state=st.sampled_from(("none_occurred", "not_started", "not_due", "not_applicable"))
    )
    return st.one_of(said, said, nothing)


def _plain(indicator: Indicator, cell: Cell) -> Cell:
    """The cell with only the parts that the indicator has."""
    if cell.state != "value":
        return cell
    return replace(cell, number=None) if indicator.is_ratio else replace(cell, top=None, bottom=None)


def cells_said(code: str) -> st.SearchStrategy[Cell]:
    """What a return may say of an indicator: mostly a figure."""
    low = -5 if INDICATORS[code].accumulation == "rate" else 0
    return figures_said(low, 9).map(lambda cell: _plain(INDICATORS[code], cell))


@st.composite
def returns_said(draw: st.DrawFn) -> Return:
    """A return of any unit for any period: of each of its indicators a cell, nothing, or a cell that is missing."""
    unit, period = draw(st.sampled_from(UNITS)), draw(st.sampled_from([*PERIODS, *BEFORE_TERM]))
    told, missing = {}, []
    for code in _codes(period):
        word = draw(st.sampled_from(("said", "said", "said", "missing", "left out")))
        if word == "said":
            told[code] = draw(cells_said(code))
        elif word == "missing":
            missing.append(code)
    verdict = draw(st.sampled_from(("accepted", "accepted_with_warnings", "returned")))
    return Return(unit, period, told, tuple(missing), verdict)


def _codes(period: str) -> list[str]:
    kind = Period.parse(period).kind
    return [code for code, each in INDICATORS.items() if each.frequency == kind]


def batch_of(
    engine: Engine, returns: Sequence[Return], received_at: datetime, recorded_at: datetime, origin: str = ""
) -> IntakeBatch:
    """Returns as collect makes them ready: numbered as versions, with what each keeps of the one before it."""
    count, so_far = len(returns), len(submissions_of(engine))
    parts = pd.DataFrame({"unit": [r.unit for r in returns], "period": [r.period for r in returns]})
    parts["content_digest"] = [f"content {so_far + n}" for n in range(count)]
    parts["file"] = range(count)
    parts["kind"] = [Period.parse(text).kind for text in parts.period]
    parts["number"] = [Period.parse(text).index for text in parts.period]
    parts = parts.assign(
        verdict=[r.verdict for r in returns], received_at=received_at, recorded_at=recorded_at
    )
    units, periods = parts.unit.unique().tolist(), parts.period.unique().tolist()
    newest = submissions_of(engine, units, periods).drop_duplicates(["unit", "period"], keep="last")
    parts = numbered(parts, newest)
    current = current_values(engine, units, periods)
    current = current.assign(place=places_of(PLAN, current.indicator))
    keeps = np.array([[code in r.missing for code in PLAN.indicators.index] for r in returns])
    values = with_carried(_values(returns), parts, current, keeps)
    when = {"received_at": received_at, "recorded_at": recorded_at}
    receipts = pd.DataFrame(
        {"file": range(count), "verdict": parts.verdict, "sha256": parts.content_digest, **when}
    )
    receipts = receipts.assign(
        source="inbox", sender=parts.unit, path="x.csv", stamp="", size=1, errors=0, warnings=0
    )
    return IntakeBatch(
        receipts,
        parts.assign(plan_version=1, origin=origin),
        values.join(parts[["file", "unit", "period"]], on="part"),
        pd.DataFrame(columns=["file", "severity", "code", "message"]),
        pd.DataFrame(columns=["dedupe_key"]),
    )


def _values(returns: Sequence[Return]) -> pd.DataFrame:
    said = [_value(part, code, cell) for part, r in enumerate(returns) for code, cell in r.told.items()]
    columns = [*_value(0, "FLOW", Cell()), "place"]
    frame = pd.DataFrame(said).reindex(columns=columns)
    figures = ["number", "numerator", "denominator", "year_estimate"]
    return frame.astype(dict.fromkeys(figures, float)).assign(place=places_of(PLAN, frame.indicator))


def _value(part: int, code: str, cell: Cell) -> dict[str, Any]:
    quotient = None
    if INDICATORS[code].is_ratio and cell.top is not None and cell.bottom is not None:
        quotient = cell.top / cell.bottom * INDICATORS[code].scale
    figures = {"number": cell.number if quotient is None else quotient}
    figures |= {"numerator": cell.top, "denominator": cell.bottom, "year_estimate": None}
    texts = dict.fromkeys(("qualifier", "outlook", "outlook_reason", "note", "reason", "remedy"), "")
    known = {name: as_float(figure) for name, figure in figures.items()}
    return {"part": part, "indicator": code, "state": cell.state, "status": cell.status, **known, **texts}


def correct(engine: Engine, correction: Return, at: datetime) -> None:
    """Record a version that the office corrected, and that it did."""
    batch = batch_of(engine, [correction], at, at, CORRECTION)
    said = {"field": "value", "was": "", "now": "", "reason": "lý do"}
    rows = pd.DataFrame(
        [
            {"unit": correction.unit, "period": correction.period, "indicator": code, **said}
            for code in correction.told
        ]
    )
    commit_corrections(engine, batch, rows, at, "test")


def decide(engine: Engine, version: Version, act: str, at: datetime) -> None:
    """Record what the office decides about a version."""
    of = {"unit": version.unit, "period": version.period, "version": version.number}
    with writing(engine) as connection:
        number = connection.scalar(sa.select(submission.c.id).filter_by(**of))
        row = {"id": next_id(connection, approval), "submission": number, "act": act, "recorded_at": at}
        connection.execute(sa.insert(approval).values(row))


# --- how the warehouse is asked


@dataclass(frozen=True)
class Asked:
    """A review's question, made once: its moment, and each wanted figure with the span that the model knows it by."""

    moment: Moment
    question: Question
    spans: Mapping[int, tuple[str, Span]]

    @property
    def closings(self) -> list[Period]:
        """The last closing of each frequency."""
        return [self.moment.closing(frequency) for frequency in FREQUENCIES]


@cache
def asked_of(text: str) -> Asked:
    """What is asked of the warehouse for a review of a period."""
    moment = Moment(Period.parse(text), LATER, CALENDAR)
    last = moment.period.last_month
    starts = {"term": TERM_START, "since": SECOND_YEAR, "year": last // 12 * 12}
    starts |= {"half": last // 6 * 6, "quarter": last // 3 * 3}
    rows = [
        (code, "term" if word == "since" else word, starts[word])
        for code, words in SPANS.items()
        for word in words.split()
    ]
    spans = pd.DataFrame(rows, columns=["indicator", "span_kind", "span_start"])
    wanted = wanted_figures(PLAN, moment, spans)
    named = zip(wanted.id, wanted.indicator, wanted.span_kind, wanted.span_start, strict=True)
    known_by = {int(n): (str(code), Span(str(kind), int(start))) for n, code, kind, start in named}
    return Asked(moment, Question(wanted, members_of(PLAN, moment, "all"), moment.units_day), known_by)


def carry(engine: Engine, asked: Asked) -> None:
    """Bring the warehouse's figures up to a review's closings."""
    with writing(engine) as connection:
        carry_forward(connection, asked.closings, COURSE)


def figures_read(engine: Engine, text: str, reading: Reading) -> dict[tuple[int, str], dict[str, Any]]:
    """What the warehouse gives for a review: (id, node) → the sums, and `actual`."""
    asked = asked_of(text)
    carry(engine, asked)
    with reckoning(engine) as connection:
        known = readings.known_by(connection, readings.Reading(**vars(reading)), asked.closings, COURSE)
        sums = figures(asked.question, known)
    about = sums.merge(asked.question.wanted[["id", "indicator", "aggregation"]], on="id")
    members = about.node.map({node: len(units) for node, units in NODES.items()})
    about = about.assign(members=members, gathers=about.node == "P")
    about["scale"] = [INDICATORS[code].scale for code in about.indicator]
    found = about.assign(actual=aggregated(about)).set_index(["id", "node"])
    return dict(zip(found.index, found.to_dict("records"), strict=True))


def obligations_read(
    engine: Engine, text: str, today: date, as_of: datetime | None, needs_acceptance: bool
) -> pd.DataFrame:
    """The obligations of a period as the warehouse says they stood on a day, as known at an instant."""
    sent, acts = submissions_of(engine, periods=[text], as_of=as_of), acts_of(engine, [text], as_of)
    with reading(engine) as connection:
        said = approvals_of(connection, [text], as_of=as_of)
    sent = with_office_verdicts(sent, said, needs_acceptance)
    return obligations(PLAN, CALENDAR, Period.parse(text), sent, today, acts)


# --- what the model says of the same


def check_figures(
    world: World, found: Mapping[tuple[int, str], dict[str, Any]], text: str, reading: Reading
) -> None:
    """Raises AssertionError where a figure, or a count beside it, is not the model's."""
    returns, asked = world.taken(reading), asked_of(text)
    ends = {closing.kind: closing.last_month for closing in asked.closings}
    for (number, (code, span)), (node, units) in product(asked.spans.items(), NODES.items()):
        wanted = node_figure(returns, INDICATORS, code, units, ends, span, reading.estimates)
        row = found.get((number, node), {})
        unlike = {
            name: (count, row.get(name))
            for name, count in wanted.counts.items()
            if _count(row.get(name)) != count
        }
        if not _is_same(row.get("actual"), wanted.actual):
            unlike["actual"] = (wanted.actual, row.get("actual"))
        assert not unlike, f"{code} of {node} in {text} over {span}, {reading}: model, warehouse {unlike}"


def _count(found: float | None) -> int:
    return 0 if found is None or pd.isna(found) else int(found)


def _is_same(found: float | None, wanted: float | None) -> bool:
    if wanted is None or found is None or pd.isna(found):
        return wanted is None and (found is None or bool(pd.isna(found)))
    return abs(found - wanted) <= 1e-9 * max(1.0, abs(wanted))


def dates_of(text: str) -> Dates:
    """When a return for the period is owed, by the calendar."""
    deadline = CALENDAR.deadline(Period.parse(text))
    due_at = CALENDAR.due_instant(deadline.due)
    return Dates(deadline.opens, deadline.due, deadline.locks, due_at, _correct_by, CALENDAR.civil_date)


def _correct_by(day: date) -> datetime:
    return CALENDAR.due_instant(CALENDAR.add_working_days(day, CALENDAR.correction_days))


def check_obligations(
    engine: Engine, world: World, text: str, today: date, as_of: datetime | None, needs_acceptance: bool
) -> None:
    """Raises AssertionError where an obligation does not stand as the model says."""
    found = obligations_read(engine, text, today, as_of, needs_acceptance)
    assert sorted(found.unit) == list(UNITS)
    known, dates, ends_at = world.known(as_of), dates_of(text), CALENDAR.instant(today, 24)
    for row in found.to_dict("records"):
        wanted = obligation(known, row["unit"], text, dates, today, ends_at, needs_acceptance)
        version = None if pd.isna(row["version"]) else int(row["version"])
        received = None if pd.isna(row["received_at"]) else row["received_at"].to_pydatetime()
        told = Obligation(row["state"], received, version)
        assert told == wanted, f"{row['unit']} {text} on {today}, {as_of=}, {needs_acceptance=}"


def check_content(world: World, found: pd.DataFrame, as_of: datetime | None) -> None:
    """Raises AssertionError where the current versions do not hold what the model's do."""
    returns = world.taken(Reading(as_of))
    wanted = {
        (unit, period, version.number, code): (
            cell.state,
            cell.status,
            as_float(cell.number),
            as_float(cell.top),
        )
        for (unit, period), version in returns.items()
        for code, cell in version.cells.items()
    }
    held = {}
    for row in found.to_dict("records"):
        number = None if INDICATORS[row["indicator"]].is_ratio else _absent(row["number"])
        key = (row["unit"], row["period"], row["version"], row["indicator"])
        held[key] = (row["state"], row["status"], number, _absent(row["numerator"]))
    assert held == wanted


def _absent(number: float) -> float | None:
    return None if pd.isna(number) else float(number)


# --- the machine


class TimeMachine(RuleBasedStateMachine):
    """A warehouse and the model, told the same things at the same instants."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine, self.world, self.now = engine, World(), START
        self.instants: list[datetime] = [START]
        with writing(engine) as connection:
            metadata.create_all(connection)
        receive(engine, [], START)

    @initialize(returns=st.lists(returns_said(), min_size=4, max_size=8))
    def returns_are_there(self, returns: list[Return]) -> None:
        self.receives(returns, self.now)

    @rule(
        hours=HOURS,
        returns=st.lists(returns_said(), min_size=1, max_size=3),
        lay_hours=HOURS,
        is_reviewed=st.booleans(),
    )
    def returns_come_in(self, hours: int, returns: list[Return], lay_hours: int, is_reviewed: bool) -> None:
        self.now += timedelta(hours=hours)
        if is_reviewed:
            self.reviews(returns[0].period)
        self.receives(returns, self.now - timedelta(hours=lay_hours))

    def receives(self, returns: list[Return], received_at: datetime) -> None:
        """Returns are recorded now that came at a moment."""
        commit_intake(self.engine, batch_of(self.engine, returns, received_at, self.now))
        for r in returns:
            self.world.receive(r.unit, r.period, r.told, r.missing, r.verdict, received_at, self.now)
        self.instants.append(self.now)

    @rule(hours=HOURS, data=st.data(), is_reviewed=st.booleans())
    def the_office_corrects_a_figure(self, hours: int, data: st.DataObject, is_reviewed: bool) -> None:
        newest = [version for version in self.world.taken(Reading()).values() if version.cells]
        if not newest:
            return
        self.now += timedelta(hours=hours)
        old = data.draw(st.sampled_from(sorted(newest, key=lambda version: (version.unit, version.period))))
        if is_reviewed:
            self.reviews(old.period)
        code = data.draw(st.sampled_from(sorted(old.cells)))
        now = data.draw(cells_said(code).filter(lambda cell: cell != old.cells[code]))
        others = tuple(other for other in old.cells if other != code)
        correction = Return(old.unit, old.period, {code: now}, others, old.verdict)
        correct(self.engine, correction, self.now)
        self.world.correct(old.unit, old.period, code, now, self.now)
        self.instants.append(self.now)

    @rule(hours=HOURS, which=st.integers(0, 40), act=st.sampled_from(("accepted", "returned")))
    def the_office_decides(self, hours: int, which: int, act: str) -> None:
        self.now += timedelta(hours=hours)
        self.decides(which, act)

    def decides(self, which: int, act: str) -> None:
        """The office decides about a version, so many before the last one."""
        version = self.world.versions[-1 - which % len(self.world.versions)]
        decide(self.engine, version, act, self.now)
        self.world.decisions.append(Decision(version.unit, version.period, version.number, act, self.now))
        self.instants.append(self.now)

    @rule(
        hours=HOURS,
        act=st.sampled_from(("lock", "unlock", "waive")),
        period=st.sampled_from(PERIODS),
        unit=st.sampled_from(("", *UNITS)),
        days=st.one_of(st.none(), st.integers(0, 40)),
    )
    def the_office_acts_on_a_period(
        self, hours: int, act: str, period: str, unit: str, days: int | None
    ) -> None:
        self.now += timedelta(hours=hours)
        until = None if days is None else CALENDAR.civil_date(self.now) + timedelta(days=days)
        record_act(self.engine, PeriodAct(act, period, (unit,), "lý do", until, self.now, "test"))
        self.world.acts.append(Act(act, period, unit, until, self.now))
        self.instants.append(self.now)

    @rule(period=st.sampled_from(REVIEWS), reading=st.sampled_from(READINGS), back=BACK, before=st.booleans())
    def someone_reads_figures(self, period: str, reading: Reading, back: int | None, before: bool) -> None:
        as_of = self._instant(back)
        if as_of and before:
            as_of -= timedelta(microseconds=1)
        self.checks(period, replace(reading, as_of=as_of))
        check_content(self.world, current_values(self.engine, as_of=as_of), as_of)

    @rule(period=st.sampled_from(PERIODS), days=st.integers(-20, 60), back=BACK, needs=st.booleans())
    def someone_asks_who_owes_what(self, period: str, days: int, back: int | None, needs: bool) -> None:
        today = CALENDAR.deadline(Period.parse(period)).due + timedelta(days=days)
        check_obligations(self.engine, self.world, period, today, self._instant(back), needs)

    def _instant(self, back: int | None) -> datetime | None:
        """An instant at which something was recorded, so many from the last one."""
        return None if back is None else self.instants[-1 - back % len(self.instants)]

    @invariant()
    def the_present_is_what_the_model_says(self) -> None:
        check_content(self.world, current_values(self.engine), None)

    def reviews(self, period: str) -> None:
        """What a review of the period does before it reads: what comes in after it must undo that."""
        carry(self.engine, asked_of(period))

    def checks(self, period: str, reading: Reading) -> None:
        """A review of the period is read: all of it must be the model's."""
        check_figures(self.world, figures_read(self.engine, period, reading), period, reading)

    def teardown(self) -> None:
        """At the end all is read as it is now, and in every way as it was known before."""
        self.checks("2013", Reading())
        step = len(self.instants) // len(READINGS) + 1
        for way, as_of in zip(READINGS, reversed(self.instants[::step]), strict=False):
            self.checks("2013", replace(way, as_of=as_of))
        for decision in self.world.decisions[-1:]:
            self.checks("2013", Reading(decision.recorded_at - timedelta(microseconds=1), accepted_only=True))
        for period in sorted({version.period for version in self.world.versions} & set(PERIODS)):
            for today in (CALENDAR.deadline(Period.parse(period)).due + timedelta(days=1), LATER):
                check_obligations(self.engine, self.world, period, today, None, bool(len(period) % 2))


@dataclass(frozen=True)
class Said:
    """One step of a story: a return of one figure, or what the office decides about the last version."""

    unit: str = ""
    period: str = ""
    code: str = ""
    cell: Cell | None = None
    act: str = ""


def one(words: str) -> list[Said]:
    """The steps of `A 2013-Q4 FLOW 5 | returned`: figures (or cell states), and acts of the office, parted by `|`."""
    return [_said(part.split()) for part in words.split("|")]


def _said(part: list[str]) -> Said:
    if len(part) == 1:
        return Said(act=part[0])
    unit, period, code, figure = part
    cell = Cell(number=Fraction(figure)) if figure.isdecimal() else Cell(state=figure)
    return Said(unit, period, code, cell)


STORIES = [
    pytest.param(
        "A 2012-Q2 FLOW 5 | returned | A 2012-Q2 FLOW 9 | accepted | returned",
        id="what the office sends back counts until then",
    ),
    pytest.param(
        "A 2013-Q4 MEAN 5 | B 2013-Q4 MEAN 9 | A 2013 PEOPLE 3 | B 2013 PEOPLE 1 | A 2013 PEOPLE not_applicable",
        id="a weight that applies no more weighs nothing",
    ),
    pytest.param(
        "A 2010-Q4 FLOW 7 | A 2012-Q1 FLOW 1 | A 2010-Q4 FLOW 9 | A 2010 RATE 5 | A 2012 RATE 2 | A 2013 RATE 4",
        id="what lies before the term is in no sum and no mean",
    ),
]


@pytest.mark.parametrize("story", STORIES)
def test_a_story_is_told_as_the_model_tells_it_at_every_instant(story: str) -> None:
    """A day after another, each figure coming after a review of its period."""
    with warehouse() as engine:
        machine = TimeMachine(engine)
        for step in one(story):
            machine.now += timedelta(days=1)
            if step.cell is None:
                machine.decides(0, step.act)
            else:
                machine.reviews(step.period)
                told = {step.code: step.cell}
                machine.receives([Return(step.unit, step.period, told, (), "accepted")], machine.now)
        for way, as_of in product(READINGS[:2], [None, *machine.instants]):
            machine.checks("2013", replace(way, as_of=as_of))


@pytest.fixture
def machines(new_warehouse: Callable[[], str]) -> Iterator[Callable[[], TimeMachine]]:
    """Gives, at each call, a machine over another empty warehouse of one kind."""
    with ExitStack() as opened:

        def create() -> TimeMachine:
            engine = open_warehouse(new_warehouse())
            opened.callback(engine.dispose)
            return TimeMachine(engine)

        yield create


EXAMPLES = {"sqlite": 8, "postgresql": 2}


def test_whatever_happens_every_reading_is_the_model_s(
    machines: Callable[[], TimeMachine], new_warehouse: Callable[[], str]
) -> None:
    kind = sa.make_url(new_warehouse()).get_backend_name()
    run_state_machine_as_test(
        machines,
        settings=settings(
            max_examples=EXAMPLES[kind],
            stateful_step_count=12,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
