"""What the office did about periods: acts of locking, unlocking and waiving, written once and read back."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from tiendo.period_acts import EVERY_UNIT, WAIVE
from warehouse.audit_log import Entry, append_all
from warehouse.bulk import insert_frame, next_id, read_frame
from warehouse.connecting import reading, writing
from warehouse.schema import period_act


@dataclass(frozen=True)
class PeriodAct:
    """One act on a period, about some units ("" for all); `expires`: the last day on which it holds, None for no end."""

    act: str  # lock, unlock, waive
    period: str
    units: tuple[str, ...]
    reason: str
    expires: date | None
    recorded_at: datetime
    recorded_by: str


def record_act(engine: Engine, done: PeriodAct) -> list[str]:
    """Write an act and its entries in the audit, a row a unit; gives the units ("" for all) of the rows written.

    A unit of which the last act says just the same gets no row: doing it twice changes nothing.
    """
    with writing(engine) as connection:
        last = _last(connection, done)
        fresh = [unit for unit in done.units if last[unit] != _words(done, unit)]
        first = next_id(connection, period_act)
        rows = pd.DataFrame({"id": range(first, first + len(fresh)), "unit": fresh})
        of_all = {name: getattr(done, name) for name in ("act", "period", "reason", "recorded_by")}
        rows = rows.assign(**of_all, recorded_at=pd.Timestamp(done.recorded_at), expires=done.expires)
        insert_frame(connection, period_act, rows.astype({"expires": "datetime64[us]"}))
        append_all(connection, _entries(done, fresh, last))
    return fresh


def acts_of(
    engine: Engine, periods: Collection[str] | None = None, as_of: datetime | None = None
) -> pd.DataFrame:
    """The acts on some periods (default: all), as known at an instant (default: now), in the order of recording."""
    rows = sa.select(period_act)
    if periods is not None:
        rows = rows.where(period_act.c.period.in_(periods))
    if as_of is not None:
        rows = rows.where(period_act.c.recorded_at <= as_of)
    with reading(engine) as connection:
        return read_frame(connection, rows.order_by(period_act.c.id))


def _last(connection: Connection, done: PeriodAct) -> dict[str, str]:
    """Unit → what the last act says that competes with the new one: about the unit or all, on locking or a waiver."""
    rows = sa.select(period_act).where(period_act.c.period == done.period)
    of_waiving = (period_act.c.act == WAIVE) == sa.literal(done.act == WAIVE)
    before = read_frame(connection, rows.where(of_waiving).order_by(period_act.c.id))
    said = {}
    for unit in done.units:
        about = before if unit == EVERY_UNIT else before[before.unit.isin((unit, EVERY_UNIT))]
        said[unit] = _said(about.iloc[-1]) if len(about) else ""
    return said


def _said(row: pd.Series) -> str:
    expires = None if pd.isna(row.expires) else row.expires.date()
    return _as_json(row.act, row.unit, expires, row.reason)


def _words(done: PeriodAct, unit: str) -> str:
    return _as_json(done.act, unit, done.expires, done.reason)


def _as_json(act: str, unit: str, expires: date | None, reason: str) -> str:
    said = {"act": act, "unit": unit, "expires": expires and expires.isoformat(), "reason": reason}
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def _entries(done: PeriodAct, units: Sequence[str], last: Mapping[str, str]) -> list[Entry]:
    return [
        Entry(
            done.recorded_at,
            done.recorded_by,
            f"period {done.act}",
            f"{done.period} {unit}".strip(),
            before=last[unit],
            after=_words(done, unit),
            reason=done.reason,
        )
        for unit in units
    ]
