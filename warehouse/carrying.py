"""Carrying: the statement that makes a period's standing rows of those before them and of what was submitted for it.

The same for the warehouse's own rows (`standing`) and for those of another reading (`readings`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.course import Course
from tiendo.periods import Period
from warehouse.bulk import fill_temporary
from warehouse.merging import base_label, step_table
from warehouse.schema import Instant, standing, submission, value

SPANS = ("quarter", "half", "year", "term")

VALUED = ("value", "none_occurred")
REPORTED = (*VALUED, "not_started")


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


def fill_bearers(connection: Connection, course: Course) -> bool:
    """Fill the temporary table of bearers; whether there are any."""
    if course.bearers.empty:
        return False
    fill_temporary(connection, bearer_table, course.bearers)
    return True


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
