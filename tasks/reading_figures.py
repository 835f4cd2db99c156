"""Reading the warehouse as it is now, or as it was known at an instant: attainment and obligations as tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tasks.office.workspace import Workspace
from tiendo.bands import BANDS
from tiendo.errors import InputError
from tiendo.evidence import judged
from tiendo.history import KEPT_COLUMNS, with_history
from tiendo.judgement import ATTAINMENT_COLUMNS
from tiendo.measures import Moment, Question
from tiendo.obligations import OBLIGATION_COLUMNS, obligations
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan
from tiendo.rollup import LEVELS, rollup
from tiendo.targets import AGAINST, ASSIGNED
from warehouse.connecting import reckoning, writing
from warehouse.figures import figures, keep_figures, kept_figures
from warehouse.intake_store import submissions_of
from warehouse.plan_store import LoadedPlan
from warehouse.schema import standing
from warehouse.standing import carry_forward, is_carried, standing_as_of

ALL_UNITS = "all"
LEVEL_NAMES = ("indicator", *LEVELS)
COUNT_COLUMNS = ["n", *BANDS]


@dataclass(frozen=True)
class JudgedPeriod:
    """A period judged: for each `against`, one row for each indicator, unit and series (see tiendo.evidence.judged)."""

    moment: Moment
    loaded: LoadedPlan
    rows: dict[str, pd.DataFrame]


def judge_period(
    workspace: Workspace,
    period: Period,
    against: Sequence[str],
    today: date,
    as_of: datetime | None = None,
    nodes: str = "authority",
) -> JudgedPeriod:
    """Bring the standing figures up to the period and judge it; what was worked out of the past is kept.

    nodes: "authority", or "all" for every reporting unit and every unit above it. The rows of the first `against` also
    say previous, same_period and first_met. Raises InputError if no plan is loaded, or the period is not of its term.
    """
    loaded = workspace.current_plan()
    loaded.plan.term.require(period)
    moment = Moment(period, today, workspace.calendar)
    with _standing(workspace, loaded.plan, moment, as_of) as (connection, table):

        def ask(question: Question) -> pd.DataFrame:
            return figures(connection, question, table)

        rows = judged(loaded.plan, moment, against, nodes, workspace.bands, ask)
        kept = kept_figures(connection, loaded.version)[KEPT_COLUMNS]
        known = kept if as_of is None else kept.iloc[:0]
        first = against[0]
        rows[first], fresh = with_history(loaded.plan, moment, rows[first], known, workspace.bands, ask)
    if as_of is None and len(fresh):
        with writing(workspace.engine) as connection:
            keep_figures(connection, loaded.version, fresh)
    return JudgedPeriod(moment, loaded, rows)


@contextmanager
def _standing(
    workspace: Workspace, plan: Plan, moment: Moment, as_of: datetime | None
) -> Iterator[tuple[Connection, sa.Table]]:
    closings = [moment.closing(frequency) for frequency in FREQUENCIES]
    start = plan.term.span.first_month
    if as_of is None:
        with reckoning(workspace.engine) as connection:
            ready = is_carried(connection, closings)
        if not ready:
            with writing(workspace.engine) as connection:
                carry_forward(connection, closings, start)
    with reckoning(workspace.engine) as connection:
        yield connection, standing if as_of is None else standing_as_of(connection, closings, start, as_of)


def attainment_table(
    workspace: Workspace,
    period: Period,
    against: Sequence[str] = (),
    levels: Sequence[str] = ("indicator",),
    units: Sequence[str] = (),
    as_of: datetime | None = None,
    today: date | None = None,
) -> pd.DataFrame:
    """The rows of FORMATS §4 (and `against`), computed from the warehouse as it is, or as known at `as_of`.

    Without units the authority's own figures; `all` for every reporting unit and every unit above it. Raises InputError
    for a level, unit or `against` that is not one.
    """
    against = list(against) or [workspace.settings.review.against]
    _refuse_unknown("--against", against, AGAINST)
    _refuse_unknown("--level", levels, LEVEL_NAMES)
    today = today or workspace.calendar.civil_date(as_of or datetime.now(tz=UTC))
    nodes = "all" if units else "authority"
    tables = []
    for each in against:
        result = judge_period(workspace, period, [each], today, as_of, nodes)
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
    attainment = rows.attainment.replace([np.inf, -np.inf], np.nan)
    table = table.assign(target=shown_target, attainment=attainment, judgement="", pace="", forecast_band="")
    return table.sort_values("series", key=lambda s: s != ASSIGNED, kind="stable")


def obligation_table(workspace: Workspace, period: Period, today: date) -> pd.DataFrame:
    """Who owes what for a period, as it stood at the end of a day (OBLIGATION_COLUMNS).

    Raises InputError for a span that nothing is owed for (nine months, a term), or that is not of the plan's term.
    """
    if period.kind not in FREQUENCIES:
        raise InputError(f"kỳ {period}: không đơn vị nào nộp cho kỳ này; dùng tháng, quý, nửa năm hoặc năm")
    plan = workspace.current_plan().plan
    plan.term.require(period)
    return obligations_of(workspace, plan, [period], today)


def obligations_of(workspace: Workspace, plan: Plan, periods: Sequence[Period], today: date) -> pd.DataFrame:
    """The obligations of several periods (OBLIGATION_COLUMNS), the submissions read once."""
    if not periods:
        return pd.DataFrame(columns=OBLIGATION_COLUMNS)
    sent = submissions_of(workspace.engine, periods=[str(period) for period in periods])
    tables = [obligations(plan, workspace.calendar, period, sent, today) for period in periods]
    return pd.concat([table for table in tables if len(table)] or tables, ignore_index=True)
