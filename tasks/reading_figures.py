"""Reading the warehouse as it is now, or as it was known at an instant: attainment and obligations as tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd

from tasks.approved import submissions_as_judged, with_unapproved
from tasks.known_figures import known_figures
from tasks.office.workspace import Workspace
from tasks.officers_words import held_judgements
from tiendo.bands import BANDS
from tiendo.errors import InputError
from tiendo.evidence import Ask, judged
from tiendo.history import KEPT_COLUMNS, with_history
from tiendo.inheritance import with_inherited_targets
from tiendo.judgement import ATTAINMENT_COLUMNS
from tiendo.measures import AS_REPORTED, RESTATED, Moment, Question
from tiendo.obligations import OBLIGATION_COLUMNS, obligations
from tiendo.outlooks import with_judgements
from tiendo.periods import FREQUENCIES, MONTHS, Period
from tiendo.plan import Plan
from tiendo.rollup import LEVELS, rollup
from tiendo.targets import AGAINST, ASSIGNED
from warehouse.connecting import writing
from warehouse.figures import figures, keep_figures, kept_figures
from warehouse.period_store import acts_of
from warehouse.plan_store import LoadedPlan
from warehouse.readings import Known

ALL_UNITS = "all"
LEVEL_NAMES = ("indicator", *LEVELS)
COUNT_COLUMNS = ["n", *BANDS]


@dataclass(frozen=True)
class JudgedPeriod:
    """A period judged: for each `against`, one row for each indicator, unit and series (see tiendo.evidence.judged).

    as_of: the instant up to which it was read (None: all); view: AS_REPORTED or RESTATED.
    """

    moment: Moment
    loaded: LoadedPlan
    rows: dict[str, pd.DataFrame]
    as_of: datetime | None = None
    view: str = AS_REPORTED


def judge_period(
    workspace: Workspace,
    period: Period,
    against: Sequence[str],
    today: date,
    as_of: datetime | None = None,
    nodes: str = "authority",
    view: str = AS_REPORTED,
) -> JudgedPeriod:
    """Bring the standing figures up to the period and judge it; what was worked out of the past is kept.

    nodes: "authority", or "all" for every reporting unit and every unit above it. as_of: by what was recorded by then,
    the plan with it. view: AS_REPORTED, for the units of the period's last day, or RESTATED, for those of today. The rows
    of the first `against` also say previous, same_period and first_met, always as they were reported. Raises InputError
    if no plan is loaded, or the period is not of its term.
    """
    loaded = workspace.current_plan(as_of)
    loaded.plan.term.require(period)
    moment = moment_of(workspace, loaded.plan, period, today, view)
    plan = with_inherited_targets(loaded.plan, moment.units_day)
    first = against[0]
    with known_figures(workspace, loaded.plan, period, as_of) as known:

        def ask(question: Question) -> pd.DataFrame:
            return figures(question, known)

        rows = judged(plan, moment, against, nodes, workspace.bands, ask)
        rows = with_unapproved(workspace, known.connection, plan, moment, nodes, rows, as_of)
        kept = _kept_before(known, loaded.version)
        rows[first], fresh = with_history(plan, moment, rows[first], kept, workspace.bands, ask)
    said = held_judgements(workspace.engine, loaded.plan, moment, as_of, nodes)
    rows[first] = with_judgements(rows[first], said)
    if known.is_plain and view == AS_REPORTED and len(fresh):
        with writing(workspace.engine) as connection:
            keep_figures(connection, loaded.version, fresh)
    return JudgedPeriod(moment, loaded, rows, as_of, view)


@contextmanager
def asking(workspace: Workspace, plan: Plan, moment: Moment, as_of: datetime | None) -> Iterator[Ask]:
    """What answers the core's questions for figures, as they are or as known at an instant (see `tiendo.evidence`)."""
    with known_figures(workspace, plan, moment.period, as_of) as known:
        yield lambda question: figures(question, known)


def moment_of(workspace: Workspace, plan: Plan, period: Period, today: date, view: str) -> Moment:
    """Where a review of a period stands on a day; restated, the units are those of that day, or the term's last."""
    last = workspace.calendar.bounds(period)[1]
    units = max(last, min(today, plan.term.ends)) if view == RESTATED else None
    return Moment(period, today, workspace.calendar, units, plan)


def _kept_before(known: Known, plan_version: int) -> pd.DataFrame:
    """The figures kept of past closings (KEPT_COLUMNS), but for those that are other ones in the reading."""
    kept = kept_figures(known.connection, plan_version)[KEPT_COLUMNS]
    if known.since is None:
        return kept
    last_month = (kept.number + 1) * kept.kind.map(MONTHS) - 1
    return kept[last_month < known.since]


def attainment_table(
    workspace: Workspace,
    period: Period,
    against: Sequence[str] = (),
    levels: Sequence[str] = ("indicator",),
    units: Sequence[str] = (),
    as_of: datetime | None = None,
    today: date | None = None,
    view: str = AS_REPORTED,
) -> pd.DataFrame:
    """The rows of FORMATS §4 (and `against`), computed from the warehouse as it is, or as known at `as_of`.

    Without units the authority's own figures; `all` for every reporting unit and every unit above it. Raises InputError
    for a level, unit or `against` that is not one.
    """
    against = list(against) or [workspace.usual_against(period, as_of)]
    _refuse_unknown("--against", against, AGAINST)
    _refuse_unknown("--level", levels, LEVEL_NAMES)
    today = today or workspace.calendar.civil_date(as_of or datetime.now(tz=UTC))
    nodes = "all" if units else "authority"
    tables = []
    for each in against:
        result = judge_period(workspace, period, [each], today, as_of, nodes, view)
        rows = _of_units(result.rows[each], result.loaded.plan, units)
        tables += [level_table(workspace, result, rows, level).assign(against=each) for level in levels]
    return pd.concat([table for table in tables if len(table)] or tables, ignore_index=True)


def _refuse_unknown(option: str, given: Sequence[str], known: Sequence[str]) -> None:
    for word in given:
        if word not in known:
            raise InputError(f"{option} {word!r}: không có giá trị này; dùng một trong: {', '.join(known)}")


def _of_units(rows: pd.DataFrame, plan: Plan, units: Sequence[str]) -> pd.DataFrame:
    if not units:
        return rows[rows.unit == plan.term.authority]
    if list(units) == [ALL_UNITS]:
        return rows
    _refuse_unknown("--unit", units, [*plan.units.code.unique(), ALL_UNITS])
    return rows[rows.unit.isin(units)]


def level_table(workspace: Workspace, result: JudgedPeriod, rows: pd.DataFrame, level: str) -> pd.DataFrame:
    """The attainment rows (ATTAINMENT_COLUMNS) of one level, for the units among the judged rows."""
    if level == "indicator":
        table = _indicator_rows(rows)
    else:
        plan = result.loaded.plan
        day = workspace.calendar.bounds(result.moment.period)[1]
        table = rollup(plan, rows, level, workspace.bands, day, workspace.settings.review.counting)
    table = table.assign(level=level, period=str(result.moment.period))
    return table.reindex(columns=ATTAINMENT_COLUMNS)


def _indicator_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """One row an (indicator, unit, series); unbounded attainment (`threshold` met with nothing left) is left out."""
    table = rows.drop(columns=[*COUNT_COLUMNS], errors="ignore").assign(code=rows.indicator)
    shown_target = rows.target.fillna(rows.low).fillna(rows.top_n)
    bounded = rows[["attainment", "forecast_attainment"]].replace([np.inf, -np.inf], np.nan)
    table = table.assign(target=shown_target, **bounded)
    return table.sort_values("series", key=lambda s: s != ASSIGNED, kind="stable")


def obligation_table(
    workspace: Workspace, period: Period, today: date, as_of: datetime | None = None
) -> pd.DataFrame:
    """Who owes what for a period, as it stood at the end of a day (OBLIGATION_COLUMNS), by what was known at `as_of`.

    Raises InputError for a span that nothing is owed for (nine months, a term), or that is not of the plan's term.
    """
    if period.kind not in FREQUENCIES:
        raise InputError(f"kỳ {period}: không đơn vị nào nộp cho kỳ này; dùng tháng, quý, nửa năm hoặc năm")
    plan = workspace.current_plan(as_of).plan
    plan.term.require(period)
    return obligations_of(workspace, plan, [period], today, as_of)


def obligations_of(
    workspace: Workspace, plan: Plan, periods: Sequence[Period], today: date, as_of: datetime | None = None
) -> pd.DataFrame:
    """The obligations of several periods (OBLIGATION_COLUMNS), submissions and acts read once, as known at `as_of`."""
    if not periods:
        return pd.DataFrame(columns=OBLIGATION_COLUMNS)
    names = [str(period) for period in periods]
    by_then = workspace.calendar.instant(today, 24)
    sent = submissions_as_judged(workspace, names, as_of=min(as_of, by_then) if as_of else by_then)
    if as_of is not None:
        sent = sent[sent.recorded_at <= pd.Timestamp(as_of)]
    acts = acts_of(workspace.engine, names, as_of)
    tables = [obligations(plan, workspace.calendar, period, sent, today, acts) for period in periods]
    return pd.concat([table for table in tables if len(table)] or tables, ignore_index=True)
