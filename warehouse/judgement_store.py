"""What officers judge beside what is computed: given by the office and its leaders, or sent with units' returns."""

import json
from collections.abc import Collection
from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from tiendo.outlooks import OUTLOOK, OfficerJudgement
from tiendo.periods import Period
from warehouse.audit_log import append
from warehouse.bulk import chunks, next_id, read_frame
from warehouse.carrying import current_submissions
from warehouse.connecting import reading, writing
from warehouse.schema import officer_judgement, submission, value

SAID = ("verdict", "reason", "author")
RETURNED_COLUMNS = ["unit", "period", "indicator", "verdict", "reason", "recorded_at"]


def add_judgement(
    engine: Engine, judgement: OfficerJudgement, recorded_at: datetime, recorded_by: str
) -> bool:
    """Write a judgement and its audit; False where the last one of its subject, period and kind says the same."""
    with writing(engine) as connection:
        before = _last_said(connection, judgement)
        said = {name: getattr(judgement, name) for name in SAID}
        if before == said:
            return False
        row = vars(judgement) | {"recorded_at": recorded_at, "recorded_by": recorded_by}
        number = next_id(connection, officer_judgement)
        connection.execute(sa.insert(officer_judgement).values(row | {"id": number}))
        append(
            connection,
            recorded_at,
            recorded_by,
            "judge",
            f"{judgement.kind} {judgement.indicator} {judgement.unit or '*'} {judgement.period}",
            before=json.dumps(before, ensure_ascii=False, sort_keys=True) if before else "",
            after=json.dumps(said, ensure_ascii=False, sort_keys=True),
            reason=judgement.reason,
        )
    return True


def _last_said(connection: Connection, judgement: OfficerJudgement) -> dict[str, str] | None:
    table = officer_judgement
    same = {name: getattr(judgement, name) for name in ("indicator", "unit", "period", "kind")}
    last = sa.select(*(table.c[name] for name in SAID)).filter_by(**same).order_by(table.c.id.desc())
    row = connection.execute(last.limit(1)).mappings().first()
    return dict(row) if row else None


def given_judgements(engine: Engine, as_of: datetime | None = None) -> pd.DataFrame:
    """All rows of officer_judgement known at an instant (None: now), in the order of recording."""
    table = officer_judgement
    known = sa.select(*table.c).order_by(table.c.id)
    if as_of is not None:
        known = known.where(table.c.recorded_at <= as_of)
    with reading(engine) as connection:
        return read_frame(connection, known)


def returned_outlooks(
    engine: Engine,
    periods: Collection[Period],
    units: Collection[str] | None = None,
    as_of: datetime | None = None,
) -> pd.DataFrame:
    """The outlooks of the current returns of some periods (RETURNED_COLUMNS), as known at an instant (None: now).

    units: only theirs (None: of all).
    """
    parts = [None] if units is None else list(chunks(units))
    with reading(engine) as connection:
        found = [
            read_frame(connection, _outlooks(period, part, as_of)) for period in periods for part in parts
        ]
    found = [each for each in found if len(each)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=RETURNED_COLUMNS)


def _outlooks(
    period: Period, units: list[str] | None, as_of: datetime | None
) -> sa.Select[tuple[object, ...]]:
    latest = current_submissions(period, as_of).subquery()
    said = (
        sa.select(
            latest.c.unit,
            sa.literal(str(period), sa.Text).label("period"),
            value.c.indicator,
            value.c.outlook.label("verdict"),
            value.c.outlook_reason.label("reason"),
            submission.c.recorded_at,
        )
        .join_from(latest, value, value.c.submission == latest.c.id)
        .join(submission, submission.c.id == latest.c.id)
        .where(value.c[OUTLOOK] != "")
    )
    return said if units is None else said.where(latest.c.unit.in_(units))
