"""What units wrote beside their figures."""

from collections.abc import Collection
from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.periods import Period
from warehouse.bulk import read_frame
from warehouse.carrying import current_submissions
from warehouse.schema import value


def reasons_and_remedies(
    connection: Connection, periods: Collection[Period], as_of: datetime | None = None
) -> pd.DataFrame:
    """unit, period, indicator, reason, remedy of the current submissions' values that have either.

    `as_of`: as known at an instant (None: now).
    """
    parts = []
    for period in periods:
        latest = current_submissions(period, as_of).subquery()
        said = (
            sa.select(
                latest.c.unit,
                sa.literal(str(period)).label("period"),
                value.c.indicator,
                value.c.reason,
                value.c.remedy,
            )
            .join_from(latest, value, value.c.submission == latest.c.id)
            .where(sa.or_(value.c.reason != "", value.c.remedy != ""))
        )
        parts.append(read_frame(connection, said))
    return pd.concat(parts, ignore_index=True)
