"""Returns whose receipt the office dated back: what was sent by another way, and put in later. SPEC §3."""

from collections.abc import Collection
from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from warehouse.bulk import read_frame
from warehouse.connecting import reading
from warehouse.schema import backdating, receipt, submission

ACT = "backdate"


def dated_back(engine: Engine, periods: Collection[str], as_of: datetime | None = None) -> pd.DataFrame:
    """The returns for some periods that count as received at another moment, as known at an instant (default: now).

    act ("backdate"), unit, period, reason, received_at, recorded_at (UTC), recorded_by; by unit, period and version.
    """
    columns = (submission.c.unit, submission.c.period, backdating.c.reason, backdating.c.received_at)
    rows = (
        sa.select(*columns, backdating.c.recorded_at, backdating.c.recorded_by)
        .join(receipt, receipt.c.id == submission.c.receipt)
        .join(
            backdating,
            (backdating.c.sha256 == receipt.c.sha256)
            & (backdating.c.sender == receipt.c.sender)
            & (backdating.c.received_at == receipt.c.received_at),
        )
        .where(submission.c.period.in_(periods))
        .order_by(submission.c.unit, submission.c.period, submission.c.version, backdating.c.id)
    )
    if as_of is not None:
        rows = rows.where(submission.c.recorded_at <= as_of, backdating.c.recorded_at <= as_of)
    with reading(engine) as connection:
        return read_frame(connection, rows).assign(act=ACT)
