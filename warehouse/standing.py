"""Standing rows: each unit's figures to date, carried forward from one closing to the next.

A standing row at a closing is the row of the closing before, plus the current submission of this one. So a quarter's
review costs the same however many quarters lie behind it; a correction makes the rows from its period on be worked out
again. Reckoning *as of* an instant uses the same statements on a temporary table.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.periods import FREQUENCIES, Period
from warehouse.schema import Instant, carried, kept_figure, standing, submission, value

SPANS = ("quarter", "half", "year", "term")

_known_then = sa.Table(
    "standing_as_of",
    sa.MetaData(),
    *(sa.Column(c.name, c.type, primary_key=c.primary_key) for c in standing.c),
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


def carry_forward(connection: Connection, closings: Iterable[Period], term_start: int) -> None:
    """Bring the standing rows up to the given closings (one a frequency), period by period.

    `term_start`: month ordinal at which the term's sums begin. Only units whose chain is not there yet are worked out.
    """
    for closing in closings:
        for period in _pending(connection, closing):
            behind = _units_behind(period)
            old = sa.delete(standing).where(standing.c.period == str(period), standing.c.unit.in_(behind))
            connection.execute(old)
            carrying = _carrying(standing, _starting_spans(period, term_start), is_as_of=False)
            connection.execute(carrying, _of_period(period, term_start))
            _mark(connection, period)


def is_carried(connection: Connection, closings: Iterable[Period]) -> bool:
    """Whether the standing rows reach the given closings already."""
    return not any(_pending(connection, closing) for closing in closings)


def standing_as_of(
    connection: Connection, closings: Iterable[Period], term_start: int, as_of: datetime
) -> sa.Table:
    """A temporary table with the standing rows of the closings as they were known at an instant."""
    _known_then.drop(connection, checkfirst=True)
    _known_then.create(connection)
    for closing in closings:
        first = _first_number(connection, closing.kind)
        for number in range(first, closing.index + 1):
            period = Period.of_index(closing.kind, number)
            carrying = _carrying(_known_then, _starting_spans(period, term_start), is_as_of=True)
            connection.execute(carrying, _of_period(period, term_start) | {"as_of": as_of})
    return _known_then


def _first_number(connection: Connection, kind: str) -> int:
    first = connection.scalar(sa.select(sa.func.min(submission.c.number)).where(submission.c.kind == kind))
    return int(first) if first is not None else 10**9


def _pending(connection: Connection, closing: Period) -> list[Period]:
    """Periods up to the closing for which some unit's chain has still to be carried."""
    units = (
        sa.select(submission.c.unit, sa.func.min(submission.c.number).label("first"))
        .where(submission.c.kind == closing.kind)
        .group_by(submission.c.unit)
        .subquery()
    )
    done = sa.and_(carried.c.kind == closing.kind, carried.c.unit == units.c.unit)
    start = sa.func.min(sa.func.coalesce(carried.c.number + 1, units.c.first))
    earliest = connection.scalar(sa.select(start).select_from(units.outerjoin(carried, done)))
    if earliest is None:
        return []
    return [Period.of_index(closing.kind, n) for n in range(int(earliest), closing.index + 1)]


def _units_behind(period: Period) -> sa.Select[tuple[str]]:
    """Units with submissions of the kind whose chain ends before the period."""
    return _behind(sa.literal(period.kind), sa.literal(period.index))


def _behind(kind: sa.ColumnElement[str], number: sa.ColumnElement[int]) -> sa.Select[tuple[str]]:
    done = (
        sa.select(sa.literal(1))
        .where(carried.c.kind == kind, carried.c.unit == submission.c.unit)
        .where(carried.c.number >= number)
    )
    return (
        sa.select(submission.c.unit)
        .where(submission.c.kind == kind, submission.c.number <= number, ~sa.exists(done))
        .distinct()
    )


def _mark(connection: Connection, period: Period) -> None:
    units = list(connection.scalars(_units_behind(period)))
    if not units:
        return
    connection.execute(
        sa.delete(carried).where(carried.c.kind == period.kind, carried.c.number < period.index)
        .where(carried.c.unit.in_(_units_behind(period)))
    )  # fmt: skip
    rows = [{"kind": period.kind, "unit": unit, "number": period.index} for unit in units]
    connection.execute(sa.insert(carried), rows)


def current_submissions(period: Period, as_of: datetime | None) -> sa.Select[tuple[int, str]]:
    """id, unit of the latest version of each unit for a period, as known at an instant (None: now)."""
    return _latest_versions(sa.literal(str(period)), None if as_of is None else sa.literal(as_of, Instant()))


def _latest_versions(
    period: sa.ColumnElement[str], as_of: sa.ColumnElement[datetime] | None
) -> sa.Select[tuple[int, str]]:
    known = sa.select(submission).where(submission.c.period == period)
    if as_of is not None:
        known = known.where(submission.c.recorded_at <= as_of)
    latest = known.subquery()
    newest = (
        sa.select(latest.c.unit, sa.func.max(latest.c.version).label("version"))
        .group_by(latest.c.unit)
        .subquery()
    )
    is_newest = (latest.c.unit == newest.c.unit) & (latest.c.version == newest.c.version)
    return sa.select(latest.c.id, latest.c.unit).join_from(latest, newest, is_newest)


# What differs from one period to the next; the statements are made once and compiled once.
_PERIOD, _BEFORE = sa.bindparam("this_period", type_=sa.Text()), sa.bindparam("before", type_=sa.Text())
_KIND, _NUMBER = sa.bindparam("this_kind", type_=sa.Text()), sa.bindparam("this_number", type_=sa.Integer())
_MONTH, _YEAR = sa.bindparam("month", type_=sa.Integer()), sa.bindparam("year_start", type_=sa.Integer())
_TERM, _AS_OF = sa.bindparam("term_start", type_=sa.Integer()), sa.bindparam("as_of", type_=Instant())


def _of_period(period: Period, term_start: int) -> dict[str, object]:
    """The values for a period's statements."""
    return {
        "this_period": str(period),
        "before": str(period.previous()),
        "this_kind": period.kind,
        "this_number": period.index,
        "month": period.last_month,
        "year_start": period.last_month // 12 * 12,
        "term_start": term_start,
    }


@cache
def _carrying(table: sa.Table, starting: frozenset[str], *, is_as_of: bool) -> sa.Insert:
    """The statement that fills a period's standing rows: of the period before, joined with its current values.

    Bounded to the units whose chain ends before it, unless as of an instant. `starting`: the spans that begin.
    """
    latest = _latest_versions(_PERIOD, _AS_OF if is_as_of else None).subquery()
    before = sa.select(table).where(table.c.period == _BEFORE)
    now = sa.select(latest)
    if not is_as_of:
        before = before.where(table.c.unit.in_(_behind(_KIND, _NUMBER)))
        now = now.where(latest.c.unit.in_(_behind(_KIND, _NUMBER)))
    old, sent, new = before.subquery("old"), now.subquery("sent"), value.alias("new")
    # The values are joined as the table that they are, by its key: a subquery of them would be copied first.
    is_same = (new.c.submission == sent.c.id) & (new.c.indicator == old.c.indicator)
    kept = sa.select(*_columns(old, new, starting, old.c.unit, old.c.indicator)).select_from(
        old.outerjoin(sent, sent.c.unit == old.c.unit).outerjoin(new, is_same)
    )
    added = (
        sa.select(*_columns(old, new, starting, sent.c.unit, new.c.indicator))
        .select_from(
            sent.join(new, new.c.submission == sent.c.id).outerjoin(
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
        "period": _PERIOD,
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
        "gap_on": latest(new.c.state.is_(None), _MONTH, "gap_on"),
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


def _starting_spans(period: Period, term_start: int) -> frozenset[str]:
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
