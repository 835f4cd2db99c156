"""What the office decides about returns, and facts that the database itself keeps as they were written.

Written out here, not taken from `schema.py`: what this revision makes must not change when the schema does.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# The audit was made append-only with the first schema.
APPEND_ONLY = (
    "plan_version",
    "submission",
    "value",
    "period_act",
    "approval",
    "correction",
    "officer_judgement",
)


def upgrade() -> None:
    """Acts on periods, approvals, corrections, judgements; where a submission came from, a review's day; refusals."""
    _decisions()
    for name in ("origin", "about"):
        op.add_column("submission", _text(name))
    # The civil day from which a review was judged: what is due, and so missing or overdue, depends on it.
    op.add_column("review", sa.Column("today", sa.Date(), nullable=True))
    op.add_column("attainment", sa.Column("needed", sa.Double(), nullable=True))
    op.add_column("attainment", _text("official"))
    refuse = _refuse_on_sqlite if op.get_bind().dialect.name == "sqlite" else _refuse_on_postgresql
    for table in APPEND_ONLY:
        refuse(table)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [_text(name) for name in names]


def _decisions() -> None:
    _decision("period_act", *_texts("act", "period", "unit", "reason"), sa.Column("expires", sa.Date()))
    _index("period_act", "period")
    _decision("approval", _of_submission("approval"), *_texts("act", "document", "reason"))
    _index("approval", "submission")
    _decision(
        "correction", _of_submission("correction"), *_texts("indicator", "field", "was", "now", "reason")
    )
    _index("correction", "submission")
    words = _texts("indicator", "unit", "period", "kind", "verdict", "reason", "author")
    _decision("officer_judgement", *words)
    _index("officer_judgement", "period")


def _decision(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        *columns,
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        _text("recorded_by"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )


def _of_submission(table: str) -> sa.Column[Any]:
    key = sa.ForeignKey("submission.id", name=f"fk_{table}_submission")
    return sa.Column("submission", sa.Integer(), key, nullable=False)


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column])


def _refuse_on_sqlite(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _refuse_on_postgresql(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
    )
