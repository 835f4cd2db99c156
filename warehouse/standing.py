"""Standing rows: each unit's figures to date, carried forward from one closing to the next.

A standing row at a closing is the row of the closing before, plus the current submission of this one. So a quarter's
review costs the same however many quarters lie behind it; a correction makes the rows from its period on be worked out
again. Readings that take other facts (as of an instant, restated: `readings`) use the same statements on a temporary
table, for the units for which they come to something else.

A row's `unit` is the unit's key (`tiendo.succession`): its code, unless another bore that code before it.
"""

from collections.abc import Iterable
from functools import cache

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.course import Course
from tiendo.periods import FREQUENCIES, Period
from tiendo.succession import code_of
from warehouse.bulk import fill_temporary
from warehouse.carrying import (
    KIND,
    NUMBER,
    PERIOD,
    bearer_table,
    carried_rows,
    fill_bearers,
    goes_on,
    latest_of,
    of_period,
    starting_spans,
    with_keys,
)
from warehouse.merging import Holds, base_label, fill_rules, fill_steps, merge
from warehouse.schema import carried, kept_figure, standing, submission

heir_table = sa.Table(
    "heir",
    sa.MetaData(),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    prefixes=["TEMPORARY"],
)


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
    # Of all frequencies as time goes: what merges may be weighted by another's figures.
    for period in sorted(pending):
        behind = _is_behind(sa.literal(period.kind), sa.literal(period.index), has_bearers, has_steps)
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
    steps = course.steps.assign(unit=course.steps.successor.map(code_of))
    heirs = steps.groupby(["kind", "unit"], as_index=False).agg(number=("number", "min"))
    fill_temporary(connection, heir_table, heirs)


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
    kind: sa.ColumnElement[str], number: sa.ColumnElement[int], has_bearers: bool, has_steps: bool
) -> sa.ColumnElement[bool]:
    """Whether a standing row's unit has a chain that ends before the period."""
    behind = _behind(kind, number, has_steps)
    by_code = standing.c.unit.in_(behind)
    if not has_bearers:
        return by_code
    keys = sa.select(bearer_table.c.key).where(bearer_table.c.code.in_(behind))
    return sa.or_(by_code, standing.c.unit.in_(keys))


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


@cache
def _carrying(starting: frozenset[str], has_bearers: bool, has_steps: bool, merges: bool) -> sa.Insert:
    """The statement that fills a period's standing rows, of the units whose chain ends before it.

    `starting`: the spans that begin. `merges`: whether some units begin with what others had.
    """
    newest = latest_of(PERIOD, None).subquery("newest")
    behind = newest.c.unit.in_(_behind(KIND, NUMBER, has_steps))
    latest = sa.select(newest).where(behind).subquery("latest")
    begun = goes_on(standing, merges)
    before = sa.select(standing).where(begun, _is_behind(KIND, NUMBER, has_bearers, has_steps))
    sent = with_keys(latest) if has_bearers else latest
    return carried_rows(standing, before.subquery("old"), sent, starting)
