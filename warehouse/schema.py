"""The tables of the warehouse. A change here needs a revision in `migrations/`; a test compares the two.

Rules for all tables: absent text is '' and never NULL, absent numbers and dates are NULL; instants are UTC;
ids are given by the writer (`bulk.next_id`), who is alone, so both databases give the same.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from tiendo.plan_tables import TABLES
from tiendo.plan_tables import Table as PlanTable


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment in UTC: timezone-aware going in and coming out, on SQLite too."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The moment as the database keeps it; a naive one is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The moment with its time zone, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)


def _key(name: str, kind: type[sa.types.TypeEngine[Any]] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''")) for name in names]


def _numbers(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Double) for name in names]


def _integers(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def _optional_integers(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer) for name in names]


def _instants(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, Instant, nullable=False) for name in names]


def _optional_instants(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, Instant) for name in names]


def _reference(name: str, to: str, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(
        name,
        sa.Integer,
        sa.ForeignKey(to),
        primary_key=primary_key,
        nullable=False,
        autoincrement=False,
    )


# Plan side: one row a plan version, and the plan's own tables with every version's rows.

plan_version = sa.Table(
    "plan_version",
    metadata,
    _key("version", sa.Integer),
    *_texts("digest"),
    *_instants("loaded_at"),
    *_texts("loaded_by"),
)


def singular(name: str) -> str:
    """The name of the warehouse table that holds a plan table: org_units → org_unit, branches → branch."""
    for ending, replacement in (("ies", "y"), ("ches", "ch"), ("s", "")):
        if name.endswith(ending):
            return name.removesuffix(ending) + replacement
    return name


_PLAN_COLUMNS: dict[str, Callable[[str], list[sa.Column[Any]]]] = {
    "text": _texts,
    "list": _texts,
    "span": _texts,
    "number": _numbers,
    "integer": _optional_integers,
    "date": lambda name: [sa.Column(name, sa.Date)],
    "yes_no": lambda name: [sa.Column(name, sa.Boolean, nullable=False)],
}


def _plan_table(name: str, table: PlanTable) -> sa.Table:
    columns = [made for column in table.columns for made in _PLAN_COLUMNS[column.kind](column.name)]
    version = _reference("plan_version", "plan_version.version", primary_key=True)
    return sa.Table(singular(name), metadata, version, _key("row", sa.Integer), *columns)


plan_tables: dict[str, sa.Table] = {name: _plan_table(name, table) for name, table in TABLES.items()}

# Fact side: what was received, what it said, and what was wrong with it.

receipt = sa.Table(
    "receipt",
    metadata,
    _id(),
    *_texts("sha256", "source", "sender", "path", "stamp"),
    sa.Column("size", sa.BigInteger, nullable=False),
    *_instants("received_at", "recorded_at"),
    *_texts("verdict"),
    *_integers("errors", "warnings"),
    sa.UniqueConstraint("sha256", "sender", "stamp"),
)

backdating = sa.Table(
    "backdating",
    metadata,
    _id(),
    *_texts("sha256", "sender", "path"),
    *_instants("received_at"),
    *_texts("reason"),
    *_instants("recorded_at"),
    *_texts("recorded_by"),
    sa.UniqueConstraint("sha256", "sender", "received_at", "reason"),
)

submission = sa.Table(
    "submission",
    metadata,
    _id(),
    _reference("receipt", "receipt.id"),
    *_texts("unit", "period", "kind"),
    *_integers("number", "version"),
    sa.Column("supersedes", sa.Integer, sa.ForeignKey("submission.id")),
    *_texts("content_digest", "verdict"),
    _reference("plan_version", "plan_version.version"),
    *_instants("received_at", "recorded_at"),
    # How it came: '' a unit's return, or IMPORT, CORRECTION; and what the sender said of it (JSON): who made it, who
    # answers for it, the signed document's number and date.
    *_texts("origin", "about"),
    # The period first: the same index then finds one unit's current version and a whole period's.
    sa.UniqueConstraint("period", "unit", "version"),
    sa.Index(None, "receipt"),
    sa.Index(None, "kind", "number", "unit"),
)

value = sa.Table(
    "value",
    metadata,
    _reference("submission", "submission.id", primary_key=True),
    _key("indicator"),
    *_numbers("number", "numerator", "denominator"),
    *_texts("state", "status", "qualifier"),
    *_numbers("year_estimate"),
    *_texts("outlook", "outlook_reason", "note", "reason", "remedy"),
    # The version of the same unit and period that gave the value, when a later one leaves it as it was.
    *_optional_integers("carried_from"),
    sqlite_with_rowid=False,
)

finding = sa.Table(
    "finding",
    metadata,
    _reference("receipt", "receipt.id", primary_key=True),
    _key("ordinal", sa.Integer),
    *_texts("severity", "code", "sheet", "cell", "period", "indicator", "found", "message", "fix"),
    sqlite_with_rowid=False,
)

# What the office decides about returns, each row said once and for all: a later row takes the place of an earlier one,
# none is ever changed. `recorded_by` is the account at the keyboard, `author` whom the row speaks for.

period_act = sa.Table(
    "period_act",
    metadata,
    _id(),
    *_texts("act", "period", "unit"),  # lock, unlock, waive; unit '' is every unit
    *_texts("reason"),
    sa.Column(
        "expires", sa.Date
    ),  # the last day on which an unlock or a waiver holds; NULL: until taken back
    *_instants("recorded_at"),
    *_texts("recorded_by"),
    sa.Index(None, "period"),
)

approval = sa.Table(
    "approval",
    metadata,
    _id(),
    _reference("submission", "submission.id"),
    *_texts(
        "act", "document", "reason"
    ),  # confirmed (by the unit's head), accepted, returned (by the office)
    *_instants("recorded_at"),
    *_texts("recorded_by"),
    sa.Index(None, "submission"),
)

correction = sa.Table(
    "correction",
    metadata,
    _id(),
    _reference("submission", "submission.id"),  # the version that the correction made
    *_texts("indicator", "field", "was", "now", "reason"),
    *_instants("recorded_at"),
    *_texts("recorded_by"),
    sa.Index(None, "submission"),
)

officer_judgement = sa.Table(
    "officer_judgement",
    metadata,
    _id(),
    *_texts("indicator", "unit", "period"),
    *_texts("kind", "verdict"),  # outlook (met, will_meet, unlikely, will_not) or official (a band)
    *_texts("reason", "author"),
    *_instants("recorded_at"),
    *_texts("recorded_by"),
    sa.Index(None, "period"),
)

# To-date figures carried forward from period to period, and how far they are carried.

standing = sa.Table(
    "standing",
    metadata,
    _key("period"),
    _key("unit"),
    _key("indicator"),
    *_texts("state"),
    *_numbers("number", "numerator", "denominator"),
    *_texts("status", "qualifier"),
    *_optional_integers("valued_on", "reported_on", "declared_on"),
    *_texts("declared_state"),
    *_optional_integers("estimated_on", "preliminary_on", "qualified_on", "gap_on", "first_on", "changed_on"),
    *_numbers("quarter_sum", "half_sum", "year_sum", "term_sum"),
    *_numbers("quarter_num", "quarter_den", "half_num", "half_den"),
    *_numbers("year_num", "year_den", "term_num", "term_den"),
    *_numbers("rate_sum", "rate_product"),
    *_optional_integers("rate_years"),
    sqlite_with_rowid=False,
)

carried = sa.Table(
    "carried", metadata, _key("kind"), _key("unit"), *_integers("number"), sqlite_with_rowid=False
)

# The authority's own figures at each closing, once worked out: a review's past is not reckoned again.

kept_figure = sa.Table(
    "kept_figure",
    metadata,
    _key("plan_version", sa.Integer),
    _key("kind"),
    _key("number", sa.Integer),
    _key("indicator"),
    _key("measure"),
    _key("span_start", sa.Integer),
    *_numbers("actual"),
    *_optional_integers("latest"),
    sqlite_with_rowid=False,
)

# Judgement side: what was judged, from what, and the files made of it.

review = sa.Table(
    "review",
    metadata,
    _id(),
    *_texts("period", "against"),
    *_instants("as_of"),
    *_texts("view"),
    _reference("plan_version", "plan_version.version"),
    *_texts("band_rules"),
    *_instants("created_at"),
    *_texts("digest"),
    # The civil day from which it was judged: what is due, and so missing or overdue, depends on it.
    sa.Column("today", sa.Date),
    sa.Index(None, "period", "against"),
)

# The columns of FORMATS §4, in its order.
attainment = sa.Table(
    "attainment",
    metadata,
    _reference("review", "review.id", primary_key=True),
    _key("level"),
    _key("code"),
    *_texts("name"),
    _key("unit"),
    *_texts("period", "span"),
    _key("series"),
    *_texts("type"),
    *_numbers("baseline", "target", "actual", "in_period", "previous", "same_period"),
    *_numbers("year_target", "term_target"),
    *_texts("status"),
    *_numbers("attainment", "margin"),
    *_texts("band", "flags", "pace"),
    *_numbers("forecast", "forecast_attainment"),
    *_texts("forecast_band", "judgement"),
    *_numbers("weight"),
    *_optional_integers("expected", "reported"),
    *_numbers("coverage"),
    *_optional_integers("n", "exceeded", "met", "advancing", "lagging", "stalled", "not_started"),
    *_optional_integers("missing", "unassessable", "not_due", "not_applicable"),
    *_numbers("index"),
    *_texts("first_met"),
    # Beside FORMATS §4: the pace needed from now on, and the band that was given officially where no formula does.
    *_numbers("needed"),
    *_texts("official"),
    sqlite_with_rowid=False,
)

report = sa.Table(
    "report",
    metadata,
    _id(),
    _reference("review", "review.id"),
    *_texts("period", "kind", "unit"),
    *_integers("version"),
    *_texts("path", "sha256"),
    *_instants("issued_at"),
    sa.UniqueConstraint("period", "kind", "unit", "version"),
)

# Delivery side: what is to be sent, and each attempt.

outbox = sa.Table(
    "outbox",
    metadata,
    _id(),
    sa.Column("dedupe_key", sa.Text, nullable=False, unique=True),
    *_texts("kind", "unit", "period", "channel", "recipient", "address", "reference"),
    *_texts("subject", "body_text", "body_html"),
    sa.Column("attachments", sa.Text, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'pending'")),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    *_optional_instants("not_before"),
    *_instants("created_at"),
    *_optional_instants("claimed_at", "sent_at"),
    sa.Index(None, "state", "id"),
)

delivery = sa.Table(
    "delivery",
    metadata,
    _id(),
    _reference("outbox", "outbox.id"),
    *_integers("attempt"),
    *_instants("at"),
    *_texts("outcome", "detail"),
    sa.Index(None, "outbox"),
)

# Tables whose rows the database itself refuses to change or to delete.
APPEND_ONLY = (
    "audit",
    "plan_version",
    "submission",
    "value",
    "period_act",
    "approval",
    "correction",
    "officer_judgement",
)

# Who did what, when and why; the database itself refuses to change or delete a row.

audit = sa.Table(
    "audit",
    metadata,
    _id(),
    *_instants("at"),
    *_texts("actor", "action", "subject", "before", "after", "reason", "previous_hash", "hash"),
)
