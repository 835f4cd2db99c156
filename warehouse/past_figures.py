"""What the warehouse knows beside a batch of returns: the figures before, and those of the same periods."""

from collections.abc import Collection, Iterable

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tiendo.periods import Period
from warehouse.bulk import read_frame
from warehouse.connecting import reading, writing
from warehouse.schema import standing, value
from warehouse.standing import SPANS, carry_forward, current_submissions, is_carried

FIGURES = ("unit", "period", "indicator", "state", "number", "numerator", "denominator")
SUMS = tuple(f"{span}_{suffix}" for span in SPANS for suffix in ("sum", "num", "den"))

# Beyond this many units all of a period are read: one query cannot name them all.
MOST_NAMED = 10_000


def figures_before(
    engine: Engine, units: Collection[str], periods: Iterable[Period], term_start: int, with_sums: bool
) -> pd.DataFrame:
    """The last figures of units at the closing before each period: FIGURES, reported_on, and SUMS if asked.

    `period` is that closing, `reported_on` the last month (ordinal) of the period a figure is of. Figures are
    first carried forward to the closing, if they are not yet; `term_start`: the month ordinal at which the
    term's sums begin.
    """
    closings = sorted({period.previous() for period in periods})
    _carry(engine, closings, term_start)
    columns = [standing.c[name] for name in (*FIGURES, "reported_on", *(SUMS if with_sums else ()))]
    wanted = sa.select(*columns).where(standing.c.period.in_([str(closing) for closing in closings]))
    if len(units) <= MOST_NAMED:
        wanted = wanted.where(standing.c.unit.in_(units))
    with reading(engine) as connection:
        return read_frame(connection, wanted.where(standing.c.reported_on.is_not(None)))


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
