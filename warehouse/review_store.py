"""What was judged, with all that it was judged from, and the reports that were issued about it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from tiendo.errors import InputError, TiendoError
from warehouse.audit_log import Entry, append_all
from warehouse.bulk import insert_frame, next_id, read_frame
from warehouse.connecting import reading, writing
from warehouse.schema import attainment, report, review

REPORT_COLUMNS = ["kind", "unit", "version", "path", "sha256", "issued_at"]
OURSELVES = "tiendo"  # in the audit, of what the flows do by themselves


@dataclass(frozen=True)
class ReviewBasis:
    """From what a review was judged: two reviews with the same basis and figures are one."""

    period: str
    against: str  # own, year or term
    as_of: datetime
    view: str  # as_reported or restated
    plan_version: int
    band_rules: str  # canonical JSON


@dataclass(frozen=True)
class StoredReview:
    """A review read back; `attainment` has the columns of FORMATS §4, every level; today: the day it was judged from."""

    id: int
    basis: ReviewBasis
    created_at: datetime
    digest: str
    attainment: pd.DataFrame
    today: date | None = None


def store_review(
    engine: Engine, basis: ReviewBasis, figures: pd.DataFrame, created_at: datetime, today: date | None = None
) -> int:
    """Store the judged figures (columns of FORMATS §4, every level) and return the review's id.

    `today`: the day from which they were judged. Storing the same figures on the same basis again gives the id they
    have, whatever the day.
    """
    digest = _digest(figures)
    with writing(engine) as connection:
        same = sa.select(review.c.id).filter_by(**vars(basis), digest=digest)
        known = connection.execute(same).scalar()
        if known is not None:
            _date_again(connection, int(known), today)
            return int(known)
        number = next_id(connection, review)
        row = {"id": number, **vars(basis), "created_at": created_at, "digest": digest, "today": today}
        connection.execute(sa.insert(review).values(row))
        insert_frame(connection, attainment, figures.assign(review=number))
        return number


def _date_again(connection: Connection, review_id: int, today: date | None) -> None:
    """A review that no report was issued of yet is of the day on which it was made last."""
    is_issued = sa.exists(sa.select(sa.literal(1)).where(report.c.review == review_id))
    chosen = (review.c.id == review_id) & ~is_issued
    connection.execute(sa.update(review).where(chosen).values(today=today))


def read_review(engine: Engine, review_id: int) -> StoredReview:
    """A stored review. Raises InputError if there is none with this id."""
    with reading(engine) as connection:
        row = connection.execute(sa.select(review).where(review.c.id == review_id)).first()
        if row is None:
            raise InputError(f"không có kỳ rà soát số {review_id} trong kho")
        return _stored(connection, row)


def latest_review(
    engine: Engine,
    period: str,
    against: str,
    view: str = "as_reported",
    as_of: datetime | None = None,
    by: datetime | None = None,
) -> StoredReview | None:
    """The review of a period that was stored last, if there is one.

    as_of: of those that read the warehouse up to an instant; by: of those that were stored before one.
    """
    chosen = sa.select(review).filter_by(period=period, against=against, view=view)
    if as_of is not None:
        chosen = chosen.where(review.c.as_of <= as_of)
    if by is not None:
        chosen = chosen.where(review.c.created_at < by)
    chosen = chosen.order_by(review.c.id.desc())
    with reading(engine) as connection:
        row = connection.execute(chosen.limit(1)).first()
        return None if row is None else _stored(connection, row)


def next_report_version(engine: Engine, period: str, kind: str, unit: str) -> int:
    """The number that the next report of this kind about a unit (the authority's code, or a unit's) gets."""
    with reading(engine) as connection:
        return _last_version(connection, period, kind, unit) + 1


def record_report(
    engine: Engine,
    review_id: int,
    *,
    kind: str,
    unit: str,
    version: int,
    path: str,
    sha256: str,
    issued_at: datetime,
) -> None:
    """Note a report that was issued: its number, where it lies below the workspace, its content's hash.

    Doing it twice changes nothing. Raises TiendoError if the number was given to another content.
    """
    row = (kind, unit, version, path, sha256, issued_at)
    record_reports(engine, review_id, pd.DataFrame([row], columns=REPORT_COLUMNS))


def record_reports(engine: Engine, review_id: int, reports: pd.DataFrame, by: str = OURSELVES) -> None:
    """As `record_report`, for many reports of one review (REPORT_COLUMNS) in one transaction; audited as done `by`."""
    with writing(engine) as connection:
        period = connection.execute(sa.select(review.c.period).where(review.c.id == review_id)).scalar_one()
        issued = _issued(connection, period)[["kind", "unit", "version", "sha256"]]
        both = reports.merge(issued, on=["kind", "unit", "version"], how="left", suffixes=("", "_issued"))
        is_new = both.sha256_issued.isna()
        other = both[~is_new & (both.sha256 != both.sha256_issued)]
        if len(other):
            row = other.iloc[0]
            raise TiendoError(
                f"báo cáo {row.kind} {row.unit} kỳ {period} số {row.version} đã phát hành; lấy số tiếp theo"
            )
        fresh = both[is_new]
        first = next_id(connection, report)
        numbered = fresh.assign(id=range(first, first + len(fresh)), review=review_id, period=period)
        insert_frame(connection, report, numbered)
        append_all(connection, [_issue(row, by) for row in numbered.to_dict("records")])


def _issue(row: Mapping[Any, Any], by: str) -> Entry:
    """The audit's entry of a report that was issued."""
    subject = f"{row['period']} {row['kind']} {row['unit']}"
    after = json.dumps({"version": row["version"], "sha256": row["sha256"]})
    return Entry(row["issued_at"], by, "issue", subject, after=after)


def issued_reports(engine: Engine, period: str) -> pd.DataFrame:
    """The reports issued for a period, in the order of their issue: all columns of the table."""
    with reading(engine) as connection:
        return _issued(connection, period)


def reports_of_kind(engine: Engine, kind: str) -> pd.DataFrame:
    """The reports of a kind issued for any period, in the order of their issue.

    All columns of the table, and against, view and as_of of their reviews.
    """
    rows = sa.select(report, review.c.against, review.c.view, review.c.as_of)
    rows = rows.join(review, review.c.id == report.c.review).where(report.c.kind == kind)
    with reading(engine) as connection:
        return read_frame(connection, rows.order_by(report.c.id))


def _issued(connection: Connection, period: str) -> pd.DataFrame:
    return read_frame(connection, sa.select(report).where(report.c.period == period).order_by(report.c.id))


def _last_version(connection: Connection, period: str, kind: str, unit: str) -> int:
    last = sa.select(sa.func.max(report.c.version)).filter_by(period=period, kind=kind, unit=unit)
    return int(connection.execute(last).scalar() or 0)


def _stored(connection: Connection, row: sa.Row[tuple[object, ...]]) -> StoredReview:
    columns = [column for column in attainment.c if column.name != "review"]
    figures = read_frame(connection, sa.select(*columns).where(attainment.c.review == row.id))
    basis = ReviewBasis(**{name: getattr(row, name) for name in ReviewBasis.__dataclass_fields__})
    return StoredReview(row.id, basis, row.created_at, row.digest, figures, row.today)


def _digest(figures: pd.DataFrame) -> str:
    """SHA-256 of the figures in whatever order they come, every column that is stored."""
    columns = [column.name for column in attainment.c if column.name in figures]
    rows = sorted(map(repr, figures[columns].itertuples(index=False, name=None)))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
