"""Standing rows: each unit's figures to date, carried forward from one closing to the next.

A standing row at a closing is the row of the closing before, plus the current submission of this one. So a quarter's
review costs the same however many quarters lie behind it; a correction makes the rows from its period on be worked out
again. Readings that take other facts (as of an instant, restated: `readings`) use the same statements on a temporary
table, for the units for which they come to something else.

A row's `unit` is the unit's key (`tiendo.succession`): its code, unless another bore that code before it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.course import Course
from tiendo.periods import FREQUENCIES, Period
from tiendo.succession import code_of
from warehouse.bulk import insert_frame
from warehouse.merging import Holds, base_label, fill_rules, fill_steps, merge, step_table
from warehouse.schema import Instant, carried, kept_figure, standing, submission, value

SPANS = ("quarter", "half", "year", "term")

# Who bears a code that another unit bore before: filled for the length of a transaction.
bearer_table = sa.Table(
    "bearer",
    sa.MetaData(),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("first", sa.Integer, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    prefixes=["TEMPORARY"],
)
heir_table = sa.Table(
    "heir",
    sa.MetaData(),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
VALUED = ("value", "none_occurred")
REPORTED = (*VALUED, "not_started")


def forget(connection: Connection, touched: pd.DataFrame) -> None:
    """Drop what was carried from the given submissions on: kind, unit, number (index of the earliest period)."""
    if touched.empty:
        return
    first = touched.groupby(["kind", "unit"], as_index=False).number.min()
    rows = [
        {"k": k, "u": u, "n": int(n)} for k, u, n in zip(first.kind, first.unit, first.number, strict=True)
    ]
    connection.execute(
        sa.update(carried)
        .where(carried.c.kind == sa.bindparam("k"), carried.c.unit == sa.bindparam("u"))
        .where(carried.c.number >= sa.bindparam("n"))
        .values(number=sa.bindparam("n") - 1),
        rows,
    )
    # A figure may rest on weights of another frequency, so what is kept of every kind is forgotten from then on.
    ends = [
        Period.of_index(str(kind), int(number)).last_month
        for kind, number in touched.groupby("kind").number.min().items()
    ]
    month = Period("month", min(ends) // 12, min(ends) % 12 + 1)
    for kind in FREQUENCIES:
        ending = month.at_end(kind)
        assert ending is not None
        connection.execute(
            sa.delete(kept_figure).where(kept_figure.c.kind == kind, kept_figure.c.number >= ending.index)
        )


def forget_all(connection: Connection) -> None:
    """Drop all that was carried (the term's start, and so every sum, may have changed with the plan)."""
    for table in (standing, carried, kept_figure):
        connection.execute(sa.delete(table))


def carry_forward(connection: Connection, closings: Iterable[Period], course: Course) -> None:
    """Bring the standing rows up to the given closings (one a frequency), period by period.

    Only units whose chain is not there yet are worked out. A code that comes to another unit begins anew under that
    unit's key; a unit that comes after others begins with what they had, and they end.
    """
    has_bearers, has_steps = fill_bearers(connection, course), len(course.steps) > 0
    if has_steps:
        fill_steps(connection, course.steps)
        fill_rules(connection, course.rules)
        _fill_heirs(connection, course)
        _fall_behind(connection, course)
    merging = set(zip(course.steps.kind, course.steps.number, strict=True))
    pending = [period for closing in closings for period in _pending(connection, closing, has_steps)]
    for period in sorted(
        pending
    ):  # of all frequencies as time goes: what merges may be weighted by another's
        behind = _is_behind(
            standing, sa.literal(period.kind), sa.literal(period.index), has_bearers, has_steps
        )
        connection.execute(sa.delete(standing).where(standing.c.period == str(period), behind))
        merges = (period.kind, period.index) in merging
        if merges:
            merge(connection, period, standing, rows_at)
        carrying = _carrying(starting_spans(period, course.term_start), has_bearers, has_steps, merges)
        connection.execute(carrying, of_period(period, course.term_start))
        if merges:
            connection.execute(sa.delete(standing).where(standing.c.period == base_label(period)))
        _mark(connection, period, has_steps)


def rows_at(period: Period, holds: Holds) -> sa.Subquery:
    """Those of the standing rows of a period of which something holds."""
    return sa.select(standing).where(standing.c.period == str(period), holds(standing)).subquery()


def _fill_heirs(connection: Connection, course: Course) -> None:
    """Fill the temporary table of the codes that begin with others' figures, and from which period on."""
    heir_table.drop(connection, checkfirst=True)
    heir_table.create(connection)
    steps = course.steps.assign(unit=course.steps.successor.map(code_of))
    heirs = steps.groupby(["kind", "unit"], as_index=False).agg(number=("number", "min"))
    insert_frame(connection, heir_table, heirs)


def _fall_behind(connection: Connection, course: Course) -> None:
    """Where a chain is behind that others begin with, theirs is behind as well, from there on."""
    first = sa.select(submission.c.kind, submission.c.unit, sa.func.min(submission.c.number) - 1)
    reached = {
        (kind, unit): number
        for rows in (
            first.group_by(submission.c.kind, submission.c.unit),
            sa.select(carried.c.kind, carried.c.unit, carried.c.number),
        )
        for kind, unit, number in connection.execute(rows)
    }
    fallen: dict[tuple[str, str], int] = {}
    steps = course.steps.sort_values("number")
    for kind, number, predecessor, successor in zip(
        steps.kind, steps.number, steps.predecessor, steps.successor, strict=True
    ):
        heir, last = (kind, code_of(successor)), number - 1
        if reached.get((kind, code_of(predecessor)), last) < last and reached.get(heir, last) > last:
            reached[heir] = fallen[heir] = last
    for (kind, unit), number in fallen.items():
        here = (carried.c.kind == kind) & (carried.c.unit == unit)
        connection.execute(sa.update(carried).where(here).values(number=number))


def fill_bearers(connection: Connection, course: Course) -> bool:
    """Fill the temporary table of bearers; whether there are any."""
    bearer_table.drop(connection, checkfirst=True)
    if course.bearers.empty:
        return False
    bearer_table.create(connection)
    insert_frame(connection, bearer_table, course.bearers)
    return True


def is_carried(connection: Connection, closings: Iterable[Period]) -> bool:
    """Whether the standing rows reach the given closings already."""
    return not any(_pending(connection, closing, False) for closing in closings)


def _pending(connection: Connection, closing: Period, has_steps: bool) -> list[Period]:
    """Periods up to the closing for which some unit's chain has still to be carried."""
    units = _beginnings(sa.literal(closing.kind), has_steps).subquery()
    done = sa.and_(carried.c.kind == closing.kind, carried.c.unit == units.c.unit)
    start = sa.func.min(sa.func.coalesce(carried.c.number + 1, units.c.first))
    earliest = connection.scalar(sa.select(start).select_from(units.outerjoin(carried, done)))
    if earliest is None:
        return []
    return [Period.of_index(closing.kind, n) for n in range(int(earliest), closing.index + 1)]


def _beginnings(kind: sa.ColumnElement[str], has_steps: bool) -> sa.Select[tuple[str, int]]:
    """unit, first: from which period of a kind each unit has figures, its own or what it takes over."""
    own = sa.select(submission.c.unit, sa.func.min(submission.c.number).label("first"))
    own = own.where(submission.c.kind == kind).group_by(submission.c.unit)
    if not has_steps:
        return own
    heirs = sa.select(heir_table.c.unit, heir_table.c.number).where(heir_table.c.kind == kind)
    every = sa.union_all(own, heirs).subquery()
    return sa.select(every.c.unit, sa.func.min(every.c.first).label("first")).group_by(every.c.unit)


def _units_behind(period: Period, has_steps: bool) -> sa.Select[tuple[str]]:
    """Units with figures of the kind whose chain ends before the period."""
    return _behind(sa.literal(period.kind), sa.literal(period.index), has_steps)


def _behind(
    kind: sa.ColumnElement[str], number: sa.ColumnElement[int], has_steps: bool
) -> sa.Select[tuple[str]]:
    def not_done(unit: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        done = sa.select(sa.literal(1)).where(carried.c.kind == kind, carried.c.unit == unit)
        return ~sa.exists(done.where(carried.c.number >= number))

    own = sa.select(submission.c.unit).where(submission.c.kind == kind, submission.c.number <= number)
    own = own.where(not_done(submission.c.unit)).distinct()
    if not has_steps:
        return own
    heirs = sa.select(heir_table.c.unit).where(heir_table.c.kind == kind, heir_table.c.number <= number)
    every = sa.union(own, heirs.where(not_done(heir_table.c.unit))).subquery()
    return sa.select(every.c.unit)


def _is_behind(
    table: sa.Table,
    kind: sa.ColumnElement[str],
    number: sa.ColumnElement[int],
    has_bearers: bool,
    has_steps: bool,
) -> sa.ColumnElement[bool]:
    """Whether a standing row's unit has a chain that ends before the period."""
    behind = _behind(kind, number, has_steps)
    by_code = table.c.unit.in_(behind)
    if not has_bearers:
        return by_code
    keys = sa.select(bearer_table.c.key).where(bearer_table.c.code.in_(behind))
    return sa.or_(by_code, table.c.unit.in_(keys))


def _mark(connection: Connection, period: Period, has_steps: bool) -> None:
    units = list(connection.scalars(_units_behind(period, has_steps)))
    if not units:
        return
    connection.execute(
        sa.delete(carried).where(carried.c.kind == period.kind, carried.c.number < period.index)
        .where(carried.c.unit.in_(_units_behind(period, has_steps)))
    )  # fmt: skip
    rows = [{"kind": period.kind, "unit": unit, "number": period.index} for unit in units]
    connection.execute(sa.insert(carried), rows)


def current_submissions(period: Period, as_of: datetime | None) -> sa.Select[tuple[int, str]]:
    """id, unit of the latest version of each unit for a period, as known at an instant (None: now)."""
    return _latest_versions(sa.literal(str(period)), None if as_of is None else sa.literal(as_of, Instant()))


def _latest_versions(
    period: sa.ColumnElement[str], as_of: sa.ColumnElement[datetime] | None
) -> sa.Select[tuple[int, str]]:
    """id, unit of the newest version of each unit for a period."""
    return latest_of(period, None if as_of is None else lambda known: known.c.recorded_at <= as_of)


def latest_of(
    period: sa.ColumnElement[str], counts: Callable[[sa.FromClause], sa.ColumnElement[bool]] | None
) -> sa.Select[tuple[int, str]]:
    """id, unit of each unit's newest version for a period, among those that count (None: all)."""
    # Grouped and joined, not asked of each row by NOT EXISTS: this SQLite works out once.
    known = sa.select(submission).where(submission.c.period == period)
    if counts is not None:
        known = known.where(counts(submission))
    latest = known.subquery()
    newest = (
        sa.select(latest.c.unit, sa.func.max(latest.c.version).label("version"))
        .group_by(latest.c.unit)
        .subquery()
    )
    is_newest = (latest.c.unit == newest.c.unit) & (latest.c.version == newest.c.version)
    return sa.select(latest.c.id, latest.c.unit).join_from(latest, newest, is_newest)


BASE = sa.bindparam("base", type_=sa.Text())  # under which stands what merging units begin with
# What differs from one period to the next; the statements are made once and compiled once.
PERIOD, BEFORE = sa.bindparam("this_period", type_=sa.Text()), sa.bindparam("before", type_=sa.Text())
KIND, NUMBER = sa.bindparam("this_kind", type_=sa.Text()), sa.bindparam("this_number", type_=sa.Integer())
_MONTH, _YEAR = sa.bindparam("month", type_=sa.Integer()), sa.bindparam("year_start", type_=sa.Integer())
_TERM = sa.bindparam("term_start", type_=sa.Integer())
_MONTH_BEFORE = sa.bindparam("month_before", type_=sa.Integer())  # the last month of the period before


def of_period(period: Period, term_start: int) -> dict[str, object]:
    """The values for a period's statements."""
    return {
        "this_period": str(period),
        "base": base_label(period),
        "before": str(period.previous()),
        "this_kind": period.kind,
        "this_number": period.index,
        "month": period.last_month,
        "month_before": period.previous().last_month,
        "year_start": period.last_month // 12 * 12,
        "term_start": term_start,
    }


@cache
def _carrying(starting: frozenset[str], has_bearers: bool, has_steps: bool, merges: bool) -> sa.Insert:
    """The statement that fills a period's standing rows, of the units whose chain ends before it.

    `starting`: the spans that begin. `merges`: whether some units begin with what others had.
    """
    newest = latest_of(PERIOD, None).subquery("newest")
    behind = newest.c.unit.in_(_behind(KIND, NUMBER, has_steps))
    latest = sa.select(newest).where(behind).subquery("latest")
    begun = goes_on(standing, merges)
    before = sa.select(standing).where(begun, _is_behind(standing, KIND, NUMBER, has_bearers, has_steps))
    sent = with_keys(latest) if has_bearers else latest
    return carried_rows(standing, before.subquery("old"), sent, starting)


def goes_on(table: sa.Table, merges: bool) -> sa.ColumnElement[bool]:
    """Which rows of a table a period's begin with: those of the period before, and what merging units take over."""
    if not merges:
        return table.c.period == BEFORE
    step = (step_table.c.kind == KIND) & (step_table.c.number == NUMBER)
    ends = sa.union(*(sa.select(step_table.c[name]).where(step) for name in ("successor", "predecessor")))
    stays = table.c.unit.not_in(sa.select(ends.subquery().c[0]))
    return sa.or_((table.c.period == BEFORE) & stays, table.c.period == BASE)


def with_keys(latest: sa.Subquery) -> sa.Subquery:
    """The same submissions (id, unit), each under its unit's key."""
    bears = (bearer_table.c.kind == KIND) & (bearer_table.c.code == latest.c.unit)
    bears &= (bearer_table.c.first <= NUMBER) & (bearer_table.c["last"] >= NUMBER)
    # SQLite makes no index of its own for a column that it does not know to be text.
    key = sa.cast(sa.func.coalesce(bearer_table.c.key, latest.c.unit), sa.Text).label("unit")
    return sa.select(latest.c.id, key).select_from(latest.outerjoin(bearer_table, bears)).subquery("sent")


def carried_rows(
    table: sa.Table,
    old: sa.Subquery,
    sent: sa.Subquery,
    starting: frozenset[str],
    counts: Callable[[sa.FromClause], sa.ColumnElement[bool]] | None = None,
) -> sa.Insert:
    """The statement that fills a period's rows of a table: of the rows before it, joined with its current values.

    sent: id, unit of the submissions that count. `counts`: which of their values do (by default all).
    """
    new = value.alias("new")
    # The values are joined as the table that they are, by its key: a subquery of them would be copied first.
    of_sent = new.c.submission == sent.c.id
    if counts is not None:
        of_sent &= counts(new)
    is_same = of_sent & (new.c.indicator == old.c.indicator)
    kept = sa.select(*_columns(old, new, starting, old.c.unit, old.c.indicator)).select_from(
        old.outerjoin(sent, sent.c.unit == old.c.unit).outerjoin(new, is_same)
    )
    added = (
        sa.select(*_columns(old, new, starting, sent.c.unit, new.c.indicator))
        .select_from(
            sent.join(new, of_sent).outerjoin(
                old, (old.c.unit == sent.c.unit) & (old.c.indicator == new.c.indicator)
            )
        )
        .where(old.c.unit.is_(None))
    )
    return sa.insert(table).from_select([c.name for c in table.c], sa.union_all(kept, added))


def _columns(
    old: sa.Subquery,
    new: sa.FromClause,
    starting: frozenset[str],
    unit: sa.ColumnElement[str],
    indicator: sa.ColumnElement[str],
) -> list[sa.ColumnElement[object]]:
    """The expressions of a standing row, in the table's order."""
    # Spelled out: of a list with more than two words SQLite makes a table to look each state up in.
    is_valued, is_reported = (
        sa.or_(*(new.c.state == state for state in states)) for states in (VALUED, REPORTED)
    )
    is_declared = new.c.state.is_not(None)

    def figure(column: sa.ColumnElement[float]) -> sa.ColumnElement[float]:
        return sa.case({"value": column, "none_occurred": 0.0, "not_started": 0.0}, value=new.c.state)

    x, top, bottom = figure(new.c.number), figure(new.c.numerator), figure(new.c.denominator)

    def latest(holds: sa.ColumnElement[bool], fresh: object, name: str) -> sa.ColumnElement[object]:
        return sa.case((holds, fresh), else_=old.c[name])

    is_new_year = (old.c.reported_on < _YEAR) & (old.c.reported_on >= _TERM) & is_reported
    words: dict[str, sa.ColumnElement[Any]] = {
        "period": PERIOD,
        "unit": unit,
        "indicator": indicator,
        "state": sa.func.coalesce(latest(is_reported, new.c.state, "state"), ""),
        "number": latest(is_reported, x, "number"),
        "numerator": latest(is_reported, top, "numerator"),
        "denominator": latest(is_reported, bottom, "denominator"),
        "status": sa.func.coalesce(latest(is_reported, new.c.status, "status"), ""),
        "qualifier": sa.func.coalesce(latest(is_reported, new.c.qualifier, "qualifier"), ""),
        "valued_on": latest(is_valued, _MONTH, "valued_on"),
        "reported_on": latest(is_reported, _MONTH, "reported_on"),
        "declared_on": latest(is_declared, _MONTH, "declared_on"),
        "declared_state": sa.func.coalesce(latest(is_declared, new.c.state, "declared_state"), ""),
        "estimated_on": latest(is_reported & (new.c.status == "estimate"), _MONTH, "estimated_on"),
        "preliminary_on": latest(is_reported & (new.c.status == "preliminary"), _MONTH, "preliminary_on"),
        "qualified_on": latest(is_reported & new.c.qualifier.not_in(("", "=")), _MONTH, "qualified_on"),
        "gap_on": latest(is_declared & (old.c.declared_on < _MONTH_BEFORE), _MONTH_BEFORE, "gap_on"),
        "first_on": sa.func.coalesce(old.c.first_on, _MONTH),
        "changed_on": latest(
            is_reported & (old.c.number.is_(None) | (old.c.number != x)), _MONTH, "changed_on"
        ),
        "rate_sum": latest(is_new_year, sa.func.coalesce(old.c.rate_sum, 0.0) + old.c.number, "rate_sum"),
        "rate_product": latest(
            is_new_year,
            sa.func.coalesce(old.c.rate_product, 1.0) * (1 + old.c.number / 100.0),
            "rate_product",
        ),
        "rate_years": latest(is_new_year, sa.func.coalesce(old.c.rate_years, 0) + 1, "rate_years"),
    }
    for span in SPANS:
        for name, fresh in ((f"{span}_sum", x), (f"{span}_num", top), (f"{span}_den", bottom)):
            words[name] = fresh if span in starting else _running(old.c[name], fresh)
    return [words[column.name].label(column.name) for column in standing.c]


def starting_spans(period: Period, term_start: int) -> frozenset[str]:
    """The spans (quarter, half, year, term) in which a period is the first of its kind."""
    before = period.previous()
    starting = {span for span in SPANS[:-1] if period.at_end(span) != before.at_end(span)}
    return frozenset(starting | ({"term"} if before.last_month < term_start else set()))


def _running(so_far: sa.ColumnElement[float], fresh: sa.ColumnElement[float]) -> sa.ColumnElement[float]:
    return sa.func.coalesce(sa.func.coalesce(so_far, 0.0) + fresh, so_far)


def kinds_in_use(connection: Connection) -> list[str]:
    """Frequencies for which anything was ever submitted."""
    found = set(connection.scalars(sa.select(submission.c.kind).distinct()))
    return [kind for kind in FREQUENCIES if kind in found]
