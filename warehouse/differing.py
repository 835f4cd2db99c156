"""Which units' figures a reading takes otherwise than they are carried, and since when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.approvals import IMPORT
from tiendo.course import Course
from tiendo.periods import Period
from tiendo.verdicts import ACCEPTED, RETURNED
from warehouse.bulk import read_frame
from warehouse.schema import approval, standing, submission
from warehouse.year_estimates import ends_year, year_estimates

DIFFERING_COLUMNS = ["kind", "unit", "first"]

Holds = Callable[[sa.FromClause], sa.ColumnElement[bool]]


@dataclass(frozen=True)
class Reading:
    """Which facts are taken, and for the units of which day.

    as_of: those recorded by an instant (None: all). accepted_only: not what the office sent back and, where it has to
    accept each return (`needs_acceptance`), only what it accepted; what was there before counts instead. estimates:
    whether figures of status estimate count. year_estimates: whether, at the end of a year that is not reported yet, what
    units estimated for it does.
    """

    as_of: datetime | None = None
    accepted_only: bool = False
    needs_acceptance: bool = False
    estimates: bool = True
    year_estimates: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether all that is recorded counts, and nothing else."""
        return self == Reading()


def nobody() -> pd.DataFrame:
    """No unit differs (DIFFERING_COLUMNS)."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in DIFFERING_COLUMNS})


def find_differing(
    connection: Connection,
    reading: Reading,
    ends: dict[str, Period],
    course: Course,
    carried_by: Course,
    ahead: pd.DataFrame,
) -> pd.DataFrame:
    """DIFFERING_COLUMNS: since which period each unit's (key's) figures are other ones in the reading.

    `ahead`: estimates of years that end with a closing.
    """
    parts = [
        _with_keys(_uncounted(connection, reading, ends), course),
        _of_other_course(course, carried_by),
        ahead[DIFFERING_COLUMNS],
    ]
    if not reading.estimates:
        parts.append(_estimating(connection, ends))
    found = pd.concat([part for part in parts if len(part)] or [nobody()], ignore_index=True)
    found = found[found.kind.isin(ends)].groupby(["kind", "unit"], as_index=False).agg(first=("first", "min"))
    return _with_heirs(found, course)


def _of_other_course(course: Course, carried_by: Course) -> pd.DataFrame:
    """The units that one of two courses knows otherwise than the other, each from its first period as such."""
    if course is carried_by:
        return nobody()
    found = []
    for here, there in ((course, carried_by), (carried_by, course)):
        steps, known = here.steps, there.steps.assign(is_known=True)
        own = steps.merge(known, on=list(steps.columns), how="left")
        own = own[own.is_known.isna()]
        named = own.rename(columns={"number": "first"})
        found += [named.assign(unit=named[name])[DIFFERING_COLUMNS] for name in ("predecessor", "successor")]
        bears = here.bearers.merge(
            there.bearers.assign(is_known=True), on=list(here.bearers.columns), how="left"
        )
        bears = bears[bears.is_known.isna()]
        found += [
            bears[["kind", name, "first"]].set_axis(DIFFERING_COLUMNS, axis=1) for name in ("code", "key")
        ]
    return pd.concat(found, ignore_index=True)


def _with_heirs(found: pd.DataFrame, course: Course) -> pd.DataFrame:
    """The units, and those that begin with what they have, from then on."""
    if found.empty:
        return found
    for kind, steps in course.steps.groupby("kind"):
        for number, rows in steps.groupby("number"):
            before = found[(found.kind == kind) & (found["first"] < number)].unit
            heirs = rows.successor[rows.predecessor.isin(before)].unique()
            new = pd.DataFrame({"kind": kind, "unit": heirs, "first": number})
            found = (
                pd.concat([found, new]).groupby(["kind", "unit"], as_index=False).agg(first=("first", "min"))
            )
    return found


def _uncounted(connection: Connection, reading: Reading, ends: dict[str, Period]) -> pd.DataFrame:
    """kind, unit (code), first of the submissions that do not count in the reading."""
    counts = counts_in(reading)
    if counts is None:
        return nobody()
    of_kinds = [
        (submission.c.kind == kind) & (submission.c.number <= end.index) for kind, end in ends.items()
    ]
    columns = (submission.c.kind, submission.c.unit, submission.c.number.label("first"))
    return read_frame(
        connection, sa.select(*columns).where(sa.not_(counts(submission)), sa.or_(*of_kinds)).distinct()
    )


def counts_in(reading: Reading) -> Holds | None:
    """Whether a row of `submission` counts in the reading; None where all do."""
    if reading.as_of is None and not reading.accepted_only:
        return None

    def counts(rows: sa.FromClause) -> sa.ColumnElement[bool]:
        holds = [rows.c.recorded_at <= reading.as_of] if reading.as_of is not None else []
        if reading.accepted_only:
            last = sa.func.coalesce(_last_act(rows, reading.as_of), "")
            holds.append(last != RETURNED)
            if reading.needs_acceptance:  # what was imported needs no word of the office
                holds.append(sa.or_(last == ACCEPTED, rows.c.origin == IMPORT))
        return sa.and_(*holds)

    return counts


def _last_act(rows: sa.FromClause, as_of: datetime | None) -> sa.ScalarSelect[str]:
    """What the office last decided about a submission; NULL where it has not."""
    acts = sa.select(approval.c.act).where(approval.c.submission == rows.c.id)
    acts = acts.where(approval.c.act.in_((ACCEPTED, RETURNED)))
    if as_of is not None:
        acts = acts.where(approval.c.recorded_at <= as_of)
    return acts.order_by(approval.c.id.desc()).limit(1).scalar_subquery()


def _with_keys(found: pd.DataFrame, course: Course) -> pd.DataFrame:
    """Rows of codes as rows of the keys of the units that bore them then."""
    if found.empty or course.bearers.empty:
        return found
    borne = course.bearers.rename(columns={"code": "unit", "first": "from"})
    both = found.merge(borne, on=["kind", "unit"])
    both = both[(both["from"] <= both["first"]) & (both["first"] <= both["last"])]
    keys = both.set_index(DIFFERING_COLUMNS)["key"].reindex(pd.MultiIndex.from_frame(found))
    return found.assign(unit=pd.Series(keys.to_numpy(), index=found.index).fillna(found.unit))


def estimated_years(
    connection: Connection, reading: Reading, ends: dict[str, Period], course: Course
) -> pd.DataFrame:
    """DIFFERING_COLUMNS, indicator, estimate: what units (keys) estimate for the year that ends with a closing.

    `first` is that closing.
    """
    parts = [nobody().assign(indicator="", estimate=0.0)]
    for kind, end in ends.items():
        if reading.year_estimates and ends_year(end):
            said = year_estimates(connection, end, counts_in(reading)).assign(kind=kind)
            keys = _with_keys(said[["kind", "unit", "number"]].set_axis(DIFFERING_COLUMNS, axis=1), course)
            parts.append(said.assign(unit=keys.unit, first=end.index))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _estimating(connection: Connection, ends: dict[str, Period]) -> pd.DataFrame:
    """The units that have estimated something by the closings, each from the first period of all on."""
    parts = []
    for kind, end in ends.items():
        first = connection.scalar(
            sa.select(sa.func.min(submission.c.number)).where(submission.c.kind == kind)
        )
        units = sa.select(standing.c.unit).where(
            standing.c.period == str(end), standing.c.estimated_on.is_not(None)
        )
        parts.append(read_frame(connection, units.distinct()).assign(kind=kind, first=first))
    return pd.concat(parts, ignore_index=True)[DIFFERING_COLUMNS]
