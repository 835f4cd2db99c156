"""The first schema: plan, facts, judgements, delivery, audit.

Written out here, not taken from `schema.py`: what this revision makes must not change when the schema does.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Every table of the first schema, and the triggers that keep the audit as it was written."""
    _plan_side()
    _fact_side()
    _carried_side()
    _judgement_side()
    _delivery_side()
    _audit()


def _columns(
    make: Callable[[], sa.types.TypeEngine[Any]], nullable: bool
) -> Callable[..., list[sa.Column[Any]]]:
    def columns(*names: str) -> list[sa.Column[Any]]:
        return [sa.Column(name, make(), nullable=nullable, autoincrement=False) for name in names]

    return columns


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False) for name in names]


_keys = _columns(sa.Text, nullable=False)
_integers = _columns(sa.Integer, nullable=False)
_yes_no = _columns(sa.Boolean, nullable=False)
_instants = _columns(lambda: sa.DateTime(timezone=True), nullable=False)
_numbers = _columns(sa.Double, nullable=True)
_dates = _columns(sa.Date, nullable=True)
_optional_integers = _columns(sa.Integer, nullable=True)
_optional_instants = _columns(lambda: sa.DateTime(timezone=True), nullable=True)


def _refers(table: str, column: str, to: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.{key}"], name=f"fk_{table}_{column}")


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _plan_side() -> None:
    op.create_table(
        "plan_version",
        *_integers("version"),
        *_texts("digest"),
        *_instants("loaded_at"),
        *_texts("loaded_by"),
        _primary("plan_version", "version"),
    )
    op.create_table(
        "term",
        *_integers("plan_version", "row"),
        *_texts("code", "name", "authority"),
        *_dates("starts", "ends"),
        _primary("term", "plan_version", "row"),
        _refers("term", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "org_unit",
        *_integers("plan_version", "row"),
        *_texts("code", "name", "level", "parent"),
        *_dates("valid_from", "valid_to"),
        *_yes_no("reports"),
        *_numbers("weight", "order"),
        *_texts("cluster"),
        _primary("org_unit", "plan_version", "row"),
        _refers("org_unit", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "succession",
        *_integers("plan_version", "row"),
        *_texts("predecessor", "successor"),
        *_dates("date"),
        *_texts("kind"),
        *_numbers("share"),
        *_texts("document"),
        _primary("succession", "plan_version", "row"),
        _refers("succession", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "officer",
        *_integers("plan_version", "row"),
        *_texts("code", "name", "title", "unit", "email", "phone", "channels", "locale"),
        _primary("officer", "plan_version", "row"),
        _refers("officer", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "responsibility",
        *_integers("plan_version", "row"),
        *_texts("officer", "role", "scope", "code"),
        *_dates("valid_from", "valid_to"),
        _primary("responsibility", "plan_version", "row"),
        _refers("responsibility", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "programme",
        *_integers("plan_version", "row"),
        *_texts("code", "name"),
        *_numbers("order"),
        _primary("programme", "plan_version", "row"),
        _refers("programme", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "scheme",
        *_integers("plan_version", "row"),
        *_texts("code", "programme", "name"),
        *_numbers("order"),
        *_texts("lead_agency", "coordinating_agencies", "document"),
        _primary("scheme", "plan_version", "row"),
        _refers("scheme", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "indicator",
        *_integers("plan_version", "row"),
        *_texts("code", "name", "scheme", "programme"),
        *_yes_no("resolution"),
        *_texts("field", "parent"),
        *_numbers("order"),
        *_texts("unit"),
        *_optional_integers("decimals"),
        *_texts("frequency", "accumulation", "aggregation", "weight_indicator"),
        *_numbers("scale"),
        *_texts("type", "direction", "flags", "part_of", "reported_by", "figure_of"),
        *_numbers("tolerance_pct"),
        *_texts("counts"),
        *_numbers("weight"),
        *_yes_no("required"),
        *_texts("lead_agency", "coordinating_agencies", "definition", "data_source", "document"),
        _primary("indicator", "plan_version", "row"),
        _refers("indicator", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "target",
        *_integers("plan_version", "row"),
        *_texts("indicator", "unit", "span", "series"),
        *_numbers("baseline"),
        *_optional_integers("baseline_year"),
        *_numbers("target", "low", "high", "cap"),
        *_optional_integers("top_n"),
        *_texts("benchmark"),
        *_numbers("offset"),
        *_dates("due"),
        *_texts("text"),
        _primary("target", "plan_version", "row"),
        _refers("target", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "branch",
        *_integers("plan_version", "row"),
        *_texts("indicator", "branch"),
        _primary("branch", "plan_version", "row"),
        _refers("branch", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "stage",
        *_integers("plan_version", "row"),
        *_texts("indicator", "stage", "name"),
        *_numbers("weight"),
        *_dates("due"),
        _primary("stage", "plan_version", "row"),
        _refers("stage", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "rule",
        *_integers("plan_version", "row"),
        *_texts("indicator", "check"),
        *_numbers("value"),
        *_texts("other", "severity"),
        _primary("rule", "plan_version", "row"),
        _refers("rule", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "deadline",
        *_integers("plan_version", "row"),
        *_texts("level", "frequency", "cut_off", "due"),
        *_optional_integers("hour"),
        *_texts("locks"),
        *_dates("valid_from"),
        _primary("deadline", "plan_version", "row"),
        _refers("deadline", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "round",
        *_integers("plan_version", "row"),
        *_texts("code", "name", "period", "kind", "against", "units", "indicators"),
        *_dates("opens", "cut_off", "due", "locks"),
        *_texts("asks"),
        _primary("round", "plan_version", "row"),
        _refers("round", "plan_version", "plan_version", "version"),
    )
    op.create_table(
        "assignment",
        *_integers("plan_version", "row"),
        *_texts("code", "name", "programme", "scheme", "source", "document", "lead_agency"),
        *_texts("coordinating_agencies", "product"),
        *_dates("issued", "due"),
        *_texts("due_kind"),
        *_dates("extended_to"),
        _primary("assignment", "plan_version", "row"),
        _refers("assignment", "plan_version", "plan_version", "version"),
    )


def _fact_side() -> None:
    op.create_table(
        "receipt",
        *_integers("id"),
        *_texts("sha256", "source", "sender", "path", "stamp"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        *_instants("received_at", "recorded_at"),
        *_texts("verdict"),
        *_integers("errors", "warnings"),
        _primary("receipt", "id"),
        _unique("receipt", "sha256", "sender", "stamp"),
    )
    op.create_table(
        "backdating",
        *_integers("id"),
        *_texts("sha256", "sender", "path"),
        *_instants("received_at"),
        *_texts("reason"),
        *_instants("recorded_at"),
        *_texts("recorded_by"),
        _primary("backdating", "id"),
        _unique("backdating", "sha256", "sender", "received_at", "reason"),
    )
    op.create_table(
        "submission",
        *_integers("id", "receipt"),
        *_texts("unit", "period", "kind"),
        *_integers("number", "version"),
        *_optional_integers("supersedes"),
        *_texts("content_digest", "verdict"),
        *_integers("plan_version"),
        *_instants("received_at", "recorded_at"),
        _primary("submission", "id"),
        _refers("submission", "receipt", "receipt"),
        _refers("submission", "supersedes", "submission"),
        _refers("submission", "plan_version", "plan_version", "version"),
        _unique("submission", "period", "unit", "version"),
    )
    _index("submission", "kind", "number", "unit")
    _index("submission", "receipt")
    op.create_table(
        "value",
        *_integers("submission"),
        *_keys("indicator"),
        *_numbers("number", "numerator", "denominator"),
        *_texts("state", "status", "qualifier"),
        *_numbers("year_estimate"),
        *_texts("outlook", "outlook_reason", "note", "reason", "remedy"),
        *_optional_integers("carried_from"),
        _primary("value", "submission", "indicator"),
        _refers("value", "submission", "submission"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "finding",
        *_integers("receipt", "ordinal"),
        *_texts("severity", "code", "sheet", "cell", "period", "indicator", "found", "message", "fix"),
        _primary("finding", "receipt", "ordinal"),
        _refers("finding", "receipt", "receipt"),
        sqlite_with_rowid=False,
    )


def _carried_side() -> None:
    op.create_table(
        "standing",
        *_keys("period", "unit", "indicator"),
        *_texts("state"),
        *_numbers("number", "numerator", "denominator"),
        *_texts("status", "qualifier"),
        *_optional_integers("valued_on", "reported_on", "declared_on"),
        *_texts("declared_state"),
        *_optional_integers(
            "estimated_on", "preliminary_on", "qualified_on", "gap_on", "first_on", "changed_on"
        ),
        *_numbers("quarter_sum", "half_sum", "year_sum", "term_sum", "quarter_num", "quarter_den"),
        *_numbers("half_num", "half_den", "year_num", "year_den", "term_num", "term_den", "rate_sum"),
        *_numbers("rate_product"),
        *_optional_integers("rate_years"),
        _primary("standing", "period", "unit", "indicator"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "carried",
        *_keys("kind", "unit"),
        *_integers("number"),
        _primary("carried", "kind", "unit"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kept_figure",
        *_integers("plan_version"),
        *_keys("kind"),
        *_integers("number"),
        *_keys("indicator", "measure"),
        *_integers("span_start"),
        *_numbers("actual"),
        *_optional_integers("latest"),
        _primary("kept_figure", "plan_version", "kind", "number", "indicator", "measure", "span_start"),
        sqlite_with_rowid=False,
    )


def _judgement_side() -> None:
    op.create_table(
        "review",
        *_integers("id"),
        *_texts("period", "against"),
        *_instants("as_of"),
        *_texts("view"),
        *_integers("plan_version"),
        *_texts("band_rules"),
        *_instants("created_at"),
        *_texts("digest"),
        _primary("review", "id"),
        _refers("review", "plan_version", "plan_version", "version"),
    )
    _index("review", "period", "against")
    op.create_table(
        "attainment",
        *_integers("review"),
        *_keys("level", "code"),
        *_texts("name"),
        *_keys("unit"),
        *_texts("period", "span"),
        *_keys("series"),
        *_texts("type"),
        *_numbers("baseline", "target", "actual", "in_period", "previous", "same_period", "year_target"),
        *_numbers("term_target"),
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
        _primary("attainment", "review", "level", "code", "unit", "series"),
        _refers("attainment", "review", "review"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "report",
        *_integers("id", "review"),
        *_texts("period", "kind", "unit"),
        *_integers("version"),
        *_texts("path", "sha256"),
        *_instants("issued_at"),
        _primary("report", "id"),
        _refers("report", "review", "review"),
        _unique("report", "period", "kind", "unit", "version"),
    )


def _delivery_side() -> None:
    op.create_table(
        "outbox",
        *_integers("id"),
        *_keys("dedupe_key"),
        *_texts("kind", "unit", "period", "channel", "recipient", "address", "reference", "subject"),
        *_texts("body_text", "body_html"),
        sa.Column("attachments", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        *_optional_instants("not_before"),
        *_instants("created_at"),
        *_optional_instants("claimed_at", "sent_at"),
        _primary("outbox", "id"),
        _unique("outbox", "dedupe_key"),
    )
    _index("outbox", "state", "id")
    op.create_table(
        "delivery",
        *_integers("id", "outbox", "attempt"),
        *_instants("at"),
        *_texts("outcome", "detail"),
        _primary("delivery", "id"),
        _refers("delivery", "outbox", "outbox"),
    )
    _index("delivery", "outbox")


def _audit() -> None:
    op.create_table(
        "audit",
        *_integers("id"),
        *_instants("at"),
        *_texts("actor", "action", "subject", "before", "after", "reason", "previous_hash", "hash"),
        _primary("audit", "id"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _refuse_on_sqlite()
    else:
        _refuse_on_postgresql()


def _refuse_on_sqlite() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_refuses_{change.lower()} BEFORE {change} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
        )


def _refuse_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    )
