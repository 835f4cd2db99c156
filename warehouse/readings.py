"""Readings: the standing figures as known at an instant, as the office has accepted them, as units of another day.

Most units' figures are the same in every reading, and are carried already (`standing`). Only those of the units for
which a reading comes to something else are worked out again, from the first period in which they differ, in a temporary
table; what asks takes each unit's rows from where they are. The rows of a closing are those of the units of its last
day: asked for the units of a later day, they are restated on the way.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.course import FOREVER, Course
from tiendo.periods import Period
from tiendo.succession import step_of
from warehouse.bulk import fill_temporary
from warehouse.carrying import (
    KIND,
    NUMBER,
    PERIOD,
    carried_rows,
    fill_bearers,
    goes_on,
    latest_of,
    of_period,
    starting_spans,
    with_keys,
)
from warehouse.differing import Reading, counts_in, estimated_years, find_differing, nobody
from warehouse.merging import Holds, base_label, fill_rules, fill_steps, heirs_of, merge
from warehouse.schema import standing
from warehouse.year_estimates import put_in_place

ESTIMATE = "estimate"

differing_table = sa.Table(
    "differing",
    sa.MetaData(),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("first", sa.Integer, nullable=False),
    prefixes=["TEMPORARY"],
)

otherwise_table = sa.Table(
    "standing_otherwise",
    sa.MetaData(),
    *(sa.Column(c.name, c.type, primary_key=c.primary_key) for c in standing.c),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, eq=False)
class Known:
    """Where a reading's rows are: the warehouse's own, or, of some units and periods, in `standing_otherwise`.

    differing: kind, unit, first (period index): since when the figures of some units are others.
    """

    connection: Connection
    course: Course
    differing: pd.DataFrame = field(default_factory=nobody)
    is_plain: bool = True  # whether all that is recorded counts
    _there: dict[str, date] = field(default_factory=dict)

    @property
    def since(self) -> int | None:
        """The last month (ordinal) of the first period in which something differs; None where nothing does."""
        firsts = self.differing.groupby("kind")["first"].min().items()
        return min((Period.of_index(str(kind), int(n)).last_month for kind, n in firsts), default=None)

    def elsewhere(self, periods: Iterable[str], units_day: date) -> set[str]:
        """The units of a day whose rows of some periods are in `standing_otherwise`; they are when this returns."""
        asked = [Period.parse(text) for text in sorted(set(periods) - {""})]
        found: set[str] = set()
        for period in asked:
            rows = self.differing
            found |= set(rows.unit[(rows.kind == period.kind) & (rows["first"] <= period.index)])
            found |= set(self._links(period, units_day).successor)
        for period in asked if found else []:
            if self._there.get(str(period)) != units_day:
                self._take_over(period, units_day)
                self._there[str(period)] = units_day
        return found

    def _links(self, period: Period, units_day: date) -> pd.DataFrame:
        """The changes of units after a period's last day, up to another day."""
        links = self.course.links
        links = links[links.date <= pd.Timestamp(units_day)]
        return links[links.date.map(self.course.first_numbers(period.kind)) > period.index]

    def _take_over(self, period: Period, units_day: date) -> None:
        """Bring to `standing_otherwise` the rows of a period that do not differ, restated for the units of a day."""
        connection, rows = self.connection, otherwise_table
        differs = _differing_by(sa.literal(period.kind), sa.literal(period.index))
        connection.execute(sa.delete(rows).where(rows.c.period == str(period), rows.c.unit.not_in(differs)))
        # A unit's rows of all that is asked together are in one place.
        own = sa.select(standing).where(
            standing.c.period == str(period),
            standing.c.unit.in_(sa.select(differing_table.c.unit)),
            standing.c.unit.not_in(differs),
        )
        connection.execute(sa.insert(rows).from_select([c.name for c in standing.c], own))
        later = self._links(period, units_day)
        if later.empty:
            return
        after = period.next()
        fill_steps(connection, step_of(later).assign(kind=period.kind, number=after.index))
        fill_rules(connection, self.course.rules)
        merge(connection, after, rows, _rows_of)
        connection.execute(
            sa.delete(rows).where(rows.c.period == str(period), rows.c.unit.in_(heirs_of(after)))
        )
        begun = rows.c.period == base_label(after)
        connection.execute(sa.update(rows).where(begun).values(period=str(period)))


def known_by(
    connection: Connection,
    reading: Reading,
    closings: Iterable[Period],
    course: Course,
    carried_by: Course | None = None,
) -> Known:
    """The rows of a reading at the given closings (one a frequency) and before them.

    The warehouse's own rows must have been carried forward to the closings, by the course `carried_by` (default: the
    reading's own `course`; another where the plan was another one then). The temporary tables last as long as the
    connection's transaction; a later call takes the place of an earlier one.
    """
    ends = {closing.kind: closing for closing in closings}
    ahead = estimated_years(connection, reading, ends, course)
    differing = find_differing(connection, reading, ends, course, carried_by or course, ahead)
    if differing.empty and course.links.empty:
        return Known(connection, course, differing, reading.is_plain)
    heirs = pd.DataFrame({"kind": "", "unit": course.links.successor.unique(), "first": FOREVER})
    fill_temporary(connection, differing_table, pd.concat([differing, heirs], ignore_index=True))
    fill_temporary(connection, otherwise_table)
    if len(differing):
        _work_out(connection, _chain(differing, ends), reading, course)
    for kind, estimates in ahead.groupby("kind"):
        put_in_place(connection, otherwise_table, ends[str(kind)], estimates)
    return Known(connection, course, differing, reading.is_plain)


def _work_out(connection: Connection, chain: list[Period], reading: Reading, course: Course) -> None:
    """Fill `standing_otherwise` with the differing units' rows, period by period."""
    has_bearers = fill_bearers(connection, course)
    if len(course.steps):
        fill_steps(connection, course.steps)
        fill_rules(connection, course.rules)
    merging = set(zip(course.steps.kind, course.steps.number, strict=True))
    begun: set[str] = set()
    for period in chain:
        merges = (period.kind, period.index) in merging
        # What begins with the warehouse's own rows alone reads them where they are.
        source = otherwise_table if merges or period.kind in begun else standing
        if source is otherwise_table:
            _begin(connection, period)
        if merges:
            merge(connection, period, otherwise_table, _rows_of)
        starting = starting_spans(period, course.term_start)
        carrying = _carrying(source, reading, starting, has_bearers, merges)
        connection.execute(carrying, of_period(period, course.term_start))
        begun.add(period.kind)


def _begin(connection: Connection, period: Period) -> None:
    """Bring to `standing_otherwise` what the units that differ from a period on had before it."""
    begins = sa.select(differing_table.c.unit).where(
        differing_table.c.kind == period.kind, differing_table.c.first == period.index
    )
    before = period.previous()
    own = sa.select(standing).where(standing.c.period == str(before), standing.c.unit.in_(begins))
    _replace(connection, before, own)


def _chain(differing: pd.DataFrame, ends: dict[str, Period]) -> list[Period]:
    """The periods to be worked out, in the order of their ends: weights of another frequency are there when needed."""
    firsts = differing.groupby("kind")["first"].min().items()
    return sorted(
        Period.of_index(str(kind), number)
        for kind, first in firsts
        for number in range(int(first), ends[str(kind)].index + 1)
    )


def _replace(connection: Connection, period: Period, own: sa.Select[tuple[object, ...]]) -> None:
    """Put standing rows of a period into `standing_otherwise`; rows of the same units there give way."""
    rows = otherwise_table
    units = sa.select(own.subquery().c.unit)
    connection.execute(sa.delete(rows).where(rows.c.period == str(period), rows.c.unit.in_(units)))
    connection.execute(sa.insert(rows).from_select([c.name for c in standing.c], own))


def _differing_by(kind: sa.ColumnElement[str], number: sa.ColumnElement[int]) -> sa.Select[tuple[str]]:
    """The units that differ in a period of a kind, given its index."""
    return sa.select(differing_table.c.unit).where(
        differing_table.c.kind == kind, differing_table.c.first <= number
    )


def _rows_of(period: Period, holds: Holds) -> sa.Subquery:
    """A period's rows of which something holds, as the reading has them: some are in `standing_otherwise`."""
    differ = _differing_by(sa.literal(period.kind), sa.literal(period.index))
    parts = [
        sa.select(table).where(table.c.period == str(period), condition, holds(table))
        for table, condition in (
            (standing, standing.c.unit.not_in(differ)),
            (otherwise_table, otherwise_table.c.unit.in_(differ)),
        )
    ]
    return sa.union_all(*parts).subquery()


def _carrying(
    source: sa.Table, reading: Reading, starting: frozenset[str], has_bearers: bool, merges: bool
) -> sa.Insert:
    """The statement that fills the differing units' rows of a period; source: where their rows of before are."""
    here = _differing_by(KIND, NUMBER)
    old = sa.select(source).where(goes_on(source, merges), source.c.unit.in_(here)).subquery("old")
    latest = latest_of(PERIOD, counts_in(reading)).subquery("latest")
    keyed = with_keys(latest) if has_bearers else latest
    sent = sa.select(keyed.c.id, keyed.c.unit).where(keyed.c.unit.in_(here)).subquery("sent_here")
    counts = None if reading.estimates else lambda new: new.c.status != ESTIMATE
    return carried_rows(otherwise_table, old, sent, starting, counts)
