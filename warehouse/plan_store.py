"""Plans in the warehouse: every version that was loaded, whole."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from tiendo.errors import InputError
from tiendo.plan import DIFFERENCE_COLUMNS, Plan, plan_differences
from tiendo.succession import merging_rules
from warehouse.audit_log import append
from warehouse.bulk import insert_frame, read_frame
from warehouse.connecting import reading, writing
from warehouse.schema import plan_tables, plan_version, review
from warehouse.standing import forget_all

FIRST = 1  # the version of the first plan


@dataclass(frozen=True)
class StoredPlan:
    """What storing a plan came to: its version, whether it is a new one, and what it changes.

    differences: table, code, change (added, removed, changed), column, before, after; empty for the first.
    """

    version: int
    changed: bool
    differences: pd.DataFrame


@dataclass(frozen=True)
class LoadedPlan:
    """A plan with the version it was stored under."""

    version: int
    plan: Plan


def store_plan(engine: Engine, plan: Plan, loaded_at: datetime, loaded_by: str) -> StoredPlan:
    """Store a plan as a new version, unless it is the newest one already; audited."""
    with writing(engine) as connection:
        newest = _newest(connection)
        if newest is None:
            _insert(connection, plan, 1, loaded_at, loaded_by)
            return StoredPlan(1, True, _no_differences())
        if _digest(connection, newest) == plan.digest:
            return StoredPlan(newest, False, _no_differences())
        old = _read(connection, newest)
        if _runs_otherwise(old, plan):
            forget_all(connection)
        _insert(connection, plan, newest + 1, loaded_at, loaded_by)
        return StoredPlan(newest + 1, True, plan_differences(old, plan))


def _runs_otherwise(old: Plan, new: Plan) -> bool:
    """Whether figures are carried forward otherwise: sums begin with the term, units begin with what others had."""
    if old.term.starts != new.term.starts or not old.links.equals(new.links):
        return True
    keys = ["code", "valid_from", "valid_to", "key"]
    bore, bear = (
        plan.units[plan.units.key != plan.units.code][keys].reset_index(drop=True) for plan in (old, new)
    )
    if not bore.equals(bear):
        return True
    return len(new.links) > 0 and not merging_rules(old.indicators).equals(merging_rules(new.indicators))


def load_plan(engine: Engine, version: int | None = None, as_of: datetime | None = None) -> LoadedPlan:
    """The plan of a version, by default of the newest, or of the newest that was loaded by an instant.

    Of a time before any was loaded, the first one: what was known then is nothing, by whatever plan. Raises InputError
    when no plan, or not that version, was ever loaded.
    """
    with reading(engine) as connection:
        newest = _newest(connection)
        if newest is None:
            raise InputError("chưa có kế hoạch nào trong kho; chạy `tiendo plan load`")
        if version is None and as_of is not None:
            version = _newest(connection, as_of) or FIRST
        wanted = newest if version is None else version
        if not 1 <= wanted <= newest:
            raise InputError(f"không có bản kế hoạch {wanted}; kho có các bản từ 1 đến {newest}")
        return LoadedPlan(wanted, _known(connection, wanted))


def plan_versions(engine: Engine) -> pd.DataFrame:
    """Every version, oldest first: version, loaded_at, loaded_by, digest, reviews (how many were made with it)."""
    made = sa.select(sa.func.count()).where(review.c.plan_version == plan_version.c.version)
    columns = [plan_version.c[name] for name in ("version", "loaded_at", "loaded_by", "digest")]
    rows = sa.select(*columns, made.scalar_subquery().label("reviews")).order_by(plan_version.c.version)
    with reading(engine) as connection:
        return read_frame(connection, rows)


def stored_digest(connection: Connection, version: int) -> str:
    """The digest of a version's tables as they are stored, which should be the one noted when it was loaded."""
    return _read(connection, version).digest


def _insert(
    connection: Connection,
    plan: Plan,
    version: int,
    loaded_at: datetime,
    loaded_by: str,
) -> None:
    row = {"version": version, "digest": plan.digest, "loaded_at": loaded_at, "loaded_by": loaded_by}
    connection.execute(sa.insert(plan_version).values(row))
    for name, table in plan_tables.items():
        insert_frame(connection, table, plan.tables[name].assign(plan_version=version))
    before = _digest(connection, version - 1)
    subject = f"plan_version {version}"
    append(connection, loaded_at, loaded_by, "plan_load", subject, before=before, after=plan.digest)


def _newest(connection: Connection, as_of: datetime | None = None) -> int | None:
    newest = sa.select(sa.func.max(plan_version.c.version))
    if as_of is not None:
        newest = newest.where(plan_version.c.loaded_at <= as_of)
    return connection.execute(newest).scalar()


def _digest(connection: Connection, version: int) -> str:
    digest = sa.select(plan_version.c.digest).where(plan_version.c.version == version)
    return connection.execute(digest).scalar() or ""


def _read(connection: Connection, version: int) -> Plan:
    tables = {}
    for name, table in plan_tables.items():
        columns = [column for column in table.c if column.name != "plan_version"]
        rows = sa.select(*columns).where(table.c.plan_version == version).order_by(table.c.row)
        tables[name] = read_frame(connection, rows)
    return Plan(tables)


# The plans read last, by what they hold: the steps of a run ask for the newest, and that of an instant, again and again.
_MOST_READ = 2
_LAST_READ: dict[str, Plan] = {}


def _known(connection: Connection, version: int) -> Plan:
    digest = _digest(connection, version)
    plan = _LAST_READ.get(digest)
    if plan is None:
        plan = _read(connection, version)
        if len(_LAST_READ) >= _MOST_READ:
            del _LAST_READ[next(iter(_LAST_READ))]
        _LAST_READ[digest] = plan
    return plan


def _no_differences() -> pd.DataFrame:
    return pd.DataFrame(columns=DIFFERENCE_COLUMNS, dtype=object)
