"""What the warehouse knows beside a batch of returns: the figures before, and those of the same periods."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tiendo.course import Course
from tiendo.periods import Period
from tiendo.succession import code_of
from warehouse.bulk import chunks, read_frame
from warehouse.carrying import SPANS, current_submissions
from warehouse.connecting import reading, reckoning, writing
from warehouse.differing import Reading
from warehouse.readings import known_by, otherwise_table
from warehouse.schema import standing, value
from warehouse.standing import carry_forward, is_carried

FIGURES = ("unit", "period", "indicator", "state", "number", "numerator", "denominator")
BEFORE = ("unit", "indicator", "number", "reported_on")
SUMS = tuple(f"{span}_{suffix}" for span in SPANS for suffix in ("sum", "num", "den"))

# Beyond this many units all of a period are read: one query cannot name them all.
MOST_NAMED = 10_000


def figures_before(
    engine: Engine, units: Collection[str], periods: Iterable[Period], course: Course
) -> pd.DataFrame:
    """The last figures of units (codes) at the closing before each period: BEFORE and period, which is that closing.

    `reported_on`: the last month (ordinal) of the period a figure is of. Figures are first carried forward to
    the closings, if they are not yet. Of a unit that came after others they are what those had.
    """
    wanted = sorted(set(periods))
    carry(engine, [period.previous() for period in wanted], course)
    return standing_before(
        engine, wanted, BEFORE, lambda table: table.c.reported_on.is_not(None), units, course
    )


def sums_before(
    engine: Engine,
    units: Collection[str],
    periods: Iterable[Period],
    indicators: Collection[str],
    course: Course,
) -> pd.DataFrame:
    """The running sums of some indicators at the closing before each period: unit, indicator, SUMS, period.

    The figures must have been carried forward to it (`figures_before`).
    """
    names = ("unit", "indicator", *SUMS)
    wanted = sorted(set(periods)) if indicators else []
    return standing_before(
        engine, wanted, names, lambda table: table.c.indicator.in_(indicators), units, course
    )


def carry(engine: Engine, closings: Iterable[Period], course: Course) -> None:
    """Carry the figures forward to some closings, if they are not there yet."""
    latest = list({closing.kind: closing for closing in sorted(closings)}.values())
    with reading(engine) as connection:
        pending = not is_carried(connection, latest)
    if pending:
        with writing(engine) as connection:
            carry_forward(connection, latest, course)


def standing_before(
    engine: Engine,
    periods: Iterable[Period],
    names: Sequence[str],
    chosen: Callable[[sa.Table], sa.ColumnElement[bool]],
    units: Collection[str] | None,
    course: Course,
) -> pd.DataFrame:
    """Columns of the standing rows at the closing before each period, of the units of that period, and `period`.

    `unit` is the unit's code, `period` the closing. units: codes (None: all). A unit that came after others has what
    those had.
    """
    found = [pd.DataFrame(columns=[*names, "period"])]
    with reckoning(engine) as connection:
        for period in periods:
            closing, last_day = period.previous(), course.calendar.bounds(period)[1]
            known = known_by(connection, Reading(), [closing], course)
            elsewhere = known.elsewhere([str(closing)], last_day)
            for table in (standing, otherwise_table) if elsewhere else (standing,):
                columns = sa.select(*(table.c[name] for name in names))
                here = columns.where(table.c.period == str(closing), chosen(table))
                for some in _some_keys(period, units, course):
                    rows = read_frame(
                        connection, here if some is None else here.where(table.c.unit.in_(some))
                    )
                    is_here = rows.unit.isin(elsewhere) == (table is otherwise_table)
                    # A column of one word is not worth fetching.
                    found.append(rows[is_here].assign(period=str(closing)))
    every = pd.concat([each for each in found if len(each)] or found[:1], ignore_index=True)
    return every.assign(unit=every.unit.map(code_of)) if len(course.bearers) else every


def _some_keys(period: Period, units: Collection[str] | None, course: Course) -> Iterator[list[str] | None]:
    """The keys of units in a period, in lists that fit into one query; None for all rows as they are."""
    bearers = course.bearers
    borne = bearers[
        (bearers.kind == period.kind) & (bearers["first"] <= period.index) & (bearers["last"] >= period.index)
    ]
    if (units is None and borne.empty) or (units is not None and len(units) > MOST_NAMED):
        yield None
        return
    key_of = dict(zip(borne.code, borne["key"], strict=True))
    yield from chunks(key_of.get(unit, unit) for unit in units or course.codes)


def figures_of_all(engine: Engine, indicators: Collection[str], periods: Iterable[Period]) -> pd.DataFrame:
    """What the current submissions of all units say of some indicators in some periods (FIGURES)."""
    with reading(engine) as connection:
        found = [read_frame(connection, _said(indicators, period)) for period in periods]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(FIGURES))


def _said(indicators: Collection[str], period: Period) -> sa.Select[tuple[object, ...]]:
    latest = current_submissions(period, None).subquery()
    columns = {
        "unit": latest.c.unit,
        "period": sa.literal(str(period), sa.Text),
        **{name: value.c[name] for name in FIGURES[2:]},
    }
    return (
        sa.select(*(column.label(name) for name, column in columns.items()))
        .join_from(latest, value, value.c.submission == latest.c.id)
        .where(value.c.indicator.in_(indicators))
    )
