"""Merging: the standing rows of several units become those of the units that came after them, in SQL. SPEC §2.

How one indicator's figures merge is the core's to say (`tiendo.succession.merging_rules`).
"""

from collections.abc import Callable
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.periods import Period
from tiendo.succession import ADDED, LEAST, MOST, WEIGHTED, WHOLE
from warehouse.bulk import fill_temporary
from warehouse.schema import standing

_TEMPORARY = sa.MetaData()

step_table = sa.Table(
    "step",
    _TEMPORARY,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    # Before the successor in the key: each row of a period looks for what becomes of its unit.
    sa.Column("predecessor", sa.Text, primary_key=True),
    sa.Column("successor", sa.Text, primary_key=True),
    sa.Column("share", sa.Double, nullable=False),
    sa.Column("is_alone", sa.Boolean, nullable=False),
    prefixes=["TEMPORARY"],
)

rule_table = sa.Table(
    "merging_rule",
    _TEMPORARY,
    sa.Column("indicator", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("is_ratio", sa.Boolean, nullable=False),
    sa.Column("scale", sa.Double, nullable=False),
    sa.Column("weight_indicator", sa.Text, nullable=False),
    sa.Column("weight_frequency", sa.Text, nullable=False),
    prefixes=["TEMPORARY"],
)

# The figures by which those of the units are weighted. A table, so that it has an index for certain.
weight_table = sa.Table(
    "merging_weight",
    _TEMPORARY,
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("indicator", sa.Text, primary_key=True),
    sa.Column("number", sa.Double),
    prefixes=["TEMPORARY"],
)

# Of the states of several units the one that says most is the state of all: beside a figure a declaration counts as 0.
STATES = ("", "not_applicable", "not_due", "not_started", "none_occurred", "value")
STATUSES = ("", "final", "preliminary", "estimate")

# No root can be taken of it: the mean of years whose rates cannot be merged is unknown.
UNKNOWN_PRODUCT = -1.0

KEY = ("period", "unit", "indicator")

Words = dict[str, sa.ColumnElement[Any]]
Holds = Callable[[sa.FromClause], sa.ColumnElement[bool]]
Rows = Callable[[Period, Holds], sa.Subquery]  # those of a period's standing rows of which something holds
Merged = Callable[..., sa.ColumnElement[Any]]


def fill_rules(connection: Connection, rules: pd.DataFrame) -> None:
    """Fill the temporary table of how each indicator's figures merge (`Course.rules`)."""
    fill_temporary(connection, rule_table, rules)


def fill_steps(connection: Connection, steps: pd.DataFrame) -> None:
    """Fill the temporary table of what merges into what: kind, number, predecessor, successor, share."""
    heirs = steps.groupby(["kind", "number", "successor"]).share
    is_alone = (heirs.transform("size") == 1) & (steps.share == WHOLE)
    fill_temporary(connection, step_table, steps.assign(is_alone=is_alone))


def base_label(period: Period) -> str:
    """Under what period stands that with which merged units begin a period."""
    return f"<{period}"


def heirs_of(period: Period) -> sa.Select[tuple[str]]:
    """The units that begin a period with what others had."""
    return sa.select(step_table.c.successor).where(*_of_step(period))


def ancestors_of(period: Period) -> sa.Select[tuple[str]]:
    """The units whose figures others begin a period with."""
    return sa.select(step_table.c.predecessor).where(*_of_step(period))


def merge(connection: Connection, period: Period, table: sa.Table, rows_of: Rows) -> None:
    """Put what the merging units of a period begin it with into a table, under the period's base label.

    It is made of their predecessors' rows of the period before, which `rows_of` gives.
    """
    before = period.previous()
    units = ancestors_of(period)
    kinds = sa.select(rule_table.c.rule, rule_table.c.weight_frequency).distinct()
    for rule, frequency in connection.execute(kinds).all():
        chosen = (rule_table.c.rule == rule) & (rule_table.c.weight_frequency == frequency)
        at = before.last_of(frequency) if frequency else None
        if at:
            _fill_weights(connection, rows_of(at, _holding(units, rule_table.c.weight_indicator, chosen)))
        old = rows_of(before, _holding(units, rule_table.c.indicator, chosen))
        connection.execute(_merging(period, table, old, rule, at is not None))


def _holding(
    units: sa.Select[tuple[str]], indicator: sa.ColumnElement[str], chosen: sa.ColumnElement[bool]
) -> Holds:
    """Whether a row is of some units, and of an indicator of the chosen rules."""
    indicators = sa.select(indicator).where(chosen)
    return lambda rows: rows.c.unit.in_(units) & rows.c.indicator.in_(indicators)


def _fill_weights(connection: Connection, rows: sa.Subquery) -> None:
    fill_temporary(connection, weight_table)
    chosen = sa.select(rows.c.unit, rows.c.indicator, rows.c.number)
    connection.execute(sa.insert(weight_table).from_select(["unit", "indicator", "number"], chosen))


def _of_step(period: Period) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return step_table.c.kind == period.kind, step_table.c.number == period.index


def _merging(
    period: Period,
    table: sa.Table,
    old: sa.Subquery,
    merged_by: str,
    is_weighted: bool,
) -> sa.Insert:
    """The statement that merges the rows of the indicators of one rule."""
    step, rule = step_table, rule_table
    rows = old.join(step, step.c.predecessor == old.c.unit).join(rule, rule.c.indicator == old.c.indicator)
    by: sa.ColumnElement[Any] = sa.null().cast(sa.Double)
    if is_weighted:
        weight = weight_table.c
        same = (weight.unit == old.c.unit) & (weight.indicator == rule.c.weight_indicator)
        rows, by = rows.outerjoin(weight_table, same), weight.number
    words = _words(old, _merged_by(merged_by, by))
    words |= {
        "period": sa.literal(base_label(period), sa.Text),
        "unit": step.c.successor,
        "indicator": old.c.indicator,
    }
    chosen = sa.select(*(words[c.name].label(c.name) for c in standing.c)).select_from(rows)
    grouped = chosen.where(*_of_step(period)).group_by(
        step.c.successor, old.c.indicator, rule.c.is_ratio, rule.c.scale, step.c.is_alone
    )
    return sa.insert(table).from_select([c.name for c in standing.c], grouped)


def _merged_by(rule: str, by: sa.ColumnElement[Any]) -> Merged:
    """What becomes of a column of several rows by a rule: an expression; of one row alone it is that row's.

    by: the weight of each row. unknown: what stands where nothing can be said.
    """
    share = step_table.c.share

    def merged(column: sa.ColumnElement[Any], unknown: float | None = None) -> sa.ColumnElement[Any]:
        if rule == ADDED:
            return sa.func.sum(share * column)
        if rule in (LEAST, MOST):
            return sa.func.min(column) if rule == LEAST else sa.func.max(column)
        both = column.is_not(None) & by.is_not(None)
        weights = sa.func.nullif(sa.func.sum(sa.case((both, share * by))), 0.0)
        weighted = sa.func.sum(sa.case((both, share * by * column))) / weights
        nothing = sa.null() if unknown is None else sa.literal(unknown)
        return sa.case(
            (step_table.c.is_alone, sa.func.max(column)), else_=weighted if rule == WEIGHTED else nothing
        )

    return merged


def _words(old: sa.Subquery, merged: Merged) -> Words:
    """The expressions of a merged row."""
    rule, is_alone, share = rule_table, step_table.c.is_alone, step_table.c.share

    def most_telling(column: sa.ColumnElement[str], order: tuple[str, ...]) -> sa.ColumnElement[Any]:
        ranks = sa.func.max(sa.case(dict(zip(order, range(len(order)), strict=True)), value=column, else_=0))
        return sa.case(dict(enumerate(order)), value=ranks, else_="")

    top, bottom = merged(old.c.numerator), merged(old.c.denominator)
    quotient = rule.c.scale * top / sa.func.nullif(bottom, 0.0)
    # What a part takes of a whole's figure is reckoned, whoever reported the whole.
    is_part = sa.func.min(share) < WHOLE
    has_figure = sa.func.max(old.c.reported_on)
    qualified = sa.func.max(sa.case((old.c.qualifier.in_(("", "=")), 0), else_=1))
    words: Words = {
        "state": most_telling(old.c.state, STATES),
        "number": sa.case((sa.and_(rule.c.is_ratio, ~is_alone), quotient), else_=merged(old.c.number)),
        "numerator": top,
        "denominator": bottom,
        "status": sa.case(
            (is_part & has_figure.is_not(None), "estimate"), else_=most_telling(old.c.status, STATUSES)
        ),
        "qualifier": sa.case(
            (sa.func.min(old.c.qualifier) == sa.func.max(old.c.qualifier), sa.func.min(old.c.qualifier)),
            (qualified == 1, "~"),
            else_="=",
        ),
        "declared_state": most_telling(old.c.declared_state, STATES),
        "estimated_on": sa.case((is_part, has_figure), else_=sa.func.max(old.c.estimated_on)),
        "first_on": sa.func.min(old.c.first_on),
        "rate_product": merged(old.c.rate_product, UNKNOWN_PRODUCT),
        "rate_years": sa.func.max(old.c.rate_years),
    }
    dates = (
        "valued_on",
        "reported_on",
        "declared_on",
        "preliminary_on",
        "qualified_on",
        "gap_on",
        "changed_on",
    )
    words |= {name: sa.func.max(old.c[name]) for name in dates}
    return words | {c.name: merged(old.c[c.name]) for c in standing.c if c.name not in (*words, *KEY)}
