"""What the warehouse knows beside a batch of returns: the figures before, and those of the same periods."""

from collections.abc import Collection, Iterable, Sequence

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tiendo.periods import Period
from warehouse.bulk import read_frame
from warehouse.connecting import reading, writing
from warehouse.schema import standing, value
from warehouse.standing import SPANS, carry_forward, current_submissions, is_carried

FIGURES = ("unit", "period", "indicator", "state", "number", "numerator", "denominator")
BEFORE = ("unit", "indicator", "number", "reported_on")
SUMS = tuple(f"{span}_{suffix}" for span in SPANS for suffix in ("sum", "num", "den"))

# Beyond this many units all of a period are read: one query cannot name them all.
MOST_NAMED = 10_000


def figures_before(
    engine: Engine, units: Collection[str], periods: Iterable[Period], term_start: int
) -> pd.DataFrame:
    """The last figures of units at the closing before each period: BEFORE and period, which is that closing.

    `reported_on`: the last month (ordinal) of the period a figure is of. Figures are first carried forward to
    the closings, if they are not yet; `term_start`: the month ordinal at which the term's sums begin.
    """
    closings = sorted({period.previous() for period in periods})
    _carry(engine, closings, term_start)
    return _standing_at(engine, closings, BEFORE, standing.c.reported_on.is_not(None), _named(units))


def sums_before(
    engine: Engine, units: Collection[str], periods: Iterable[Period], indicators: Collection[str]
) -> pd.DataFrame:
    """The running sums of some indicators at the closing before each period: unit, indicator, SUMS, period.

    The figures must have been carried forward to it (`figures_before`).
    """
    closings = sorted({period.previous() for period in periods}) if indicators else []
    names = ("unit", "indicator", *SUMS)
    return _standing_at(engine, closings, names, standing.c.indicator.in_(indicators), _named(units))


def _named(units: Collection[str]) -> sa.ColumnElement[bool]:
    return standing.c.unit.in_(units) if len(units) <= MOST_NAMED else sa.true()


def _standing_at(
    engine: Engine, closings: Iterable[Period], names: Sequence[str], *conditions: sa.ColumnElement[bool]
) -> pd.DataFrame:
    columns = [standing.c[name] for name in names]
    with reading(engine) as connection:
        found = [
            read_frame(
                connection, sa.select(*columns).where(standing.c.period == str(closing), *conditions)
            ).assign(period=str(closing))  # a column of one word is not worth fetching
            for closing in closings
        ]
    found = [each for each in found if len(each)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*names, "period"])


def _carry(engine: Engine, closings: list[Period], term_start: int) -> None:
    latest = list({closing.kind: closing for closing in closings}.values())
    with reading(engine) as connection:
        pending = not is_carried(connection, latest)
    if pending:
        with writing(engine) as connection:
            carry_forward(connection, latest, term_start)


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
