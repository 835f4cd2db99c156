"""The year as units estimate it (ước cả năm): the figure at a year's end where it has not been reported yet. SPEC §4."""

from collections.abc import Callable

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.periods import MONTHS, Period
from warehouse.bulk import fill_temporary, read_frame
from warehouse.schema import submission, value

LAST_MONTH = 11  # of a year, as ordinals of months count

estimate_table = sa.Table(
    "year_estimate",
    sa.MetaData(),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("indicator", sa.Text, primary_key=True),
    sa.Column("estimate", sa.Double, nullable=False),
    prefixes=["TEMPORARY"],
)


def ends_year(period: Period) -> bool:
    """Whether a period is the last of its kind in a year, and shorter than it."""
    return period.last_month % 12 == LAST_MONTH and MONTHS[period.kind] < MONTHS["year"]


def year_estimates(
    connection: Connection,
    closing: Period,
    counts: Callable[[sa.FromClause], sa.ColumnElement[bool]] | None,
) -> pd.DataFrame:
    """unit (code), number, indicator, estimate: what each unit last estimated for the closing's year, before its end.

    `number`: the index of the period whose return said so. `counts`: which submissions do.
    """
    first = Period("year", closing.last_month // 12).parts(closing.kind)[0]
    later = submission.alias("later")
    newer = sa.select(sa.literal(1)).where(
        later.c.period == submission.c.period,
        later.c.unit == submission.c.unit,
        later.c.version > submission.c.version,
    )
    rows = (
        sa.select(
            submission.c.unit, submission.c.number, value.c.indicator, value.c.year_estimate.label("estimate")
        )
        .join(value, value.c.submission == submission.c.id)
        .where(submission.c.kind == closing.kind, submission.c.number.between(first.index, closing.index))
        .where(value.c.year_estimate.is_not(None))
    )
    if counts is not None:
        newer, rows = newer.where(counts(later)), rows.where(counts(submission))
    found = read_frame(connection, rows.where(~sa.exists(newer)))
    return found.sort_values("number", kind="stable").drop_duplicates(["unit", "indicator"], keep="last")


def put_in_place(connection: Connection, table: sa.Table, closing: Period, estimates: pd.DataFrame) -> None:
    """Let estimates (unit: key, indicator, estimate) be the figures at a closing that is not reported yet, in a table.

    A flow's estimate is the sum of its year; of a ratio nothing can be estimated in this way: it has two parts.
    """
    fill_temporary(connection, estimate_table, estimates)
    month, e = closing.last_month, estimate_table
    of_unit = (e.c.unit == table.c.unit) & (e.c.indicator == table.c.indicator)
    figure = sa.select(e.c.estimate).where(of_unit).scalar_subquery()
    is_due = (table.c.period == str(closing)) & sa.or_(
        table.c.reported_on.is_(None), table.c.reported_on < month
    )
    is_plain = table.c.denominator.is_(None)
    so_far = sa.func.coalesce(table.c.term_sum, 0.0) - sa.func.coalesce(table.c.year_sum, 0.0)
    connection.execute(
        sa.update(table)
        .where(is_due, is_plain, sa.exists(sa.select(sa.literal(1)).where(of_unit)))
        .values(
            number=figure,
            year_sum=figure,
            term_sum=so_far + figure,
            state="value",
            declared_state="value",
            status="estimate",
            valued_on=month,
            reported_on=month,
            declared_on=month,
            estimated_on=month,
        )
    )
