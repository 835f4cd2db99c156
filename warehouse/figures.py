"""Figures: the units' standing rows reduced to one row a node and question, in SQL. SPEC §5, aggregation over units."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tiendo.measures import Question
from warehouse.bulk import fill_temporary, insert_frame, read_frame
from warehouse.readings import Known, otherwise_table
from warehouse.schema import kept_figure, standing

Rows = sa.sql.selectable.NamedFromClause  # a table under another name

_TEMPORARY = sa.MetaData()

wanted_table = sa.Table(
    "wanted",
    _TEMPORARY,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("indicator", sa.Text, nullable=False),
    sa.Column("set", sa.Text, nullable=False),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("aggregation", sa.Text, nullable=False),
    sa.Column("accumulation", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("base_period", sa.Text, nullable=False),
    sa.Column("weight_indicator", sa.Text, nullable=False),
    sa.Column("weight_period", sa.Text, nullable=False),
    sa.Column("weight_is_flow", sa.Boolean, nullable=False),
    sa.Column("span_start", sa.Integer, nullable=False),
    sa.Column("term_start", sa.Integer, nullable=False),
    sa.Column("last_owed", sa.Integer, nullable=False),
    sa.Column("is_dated", sa.Boolean, nullable=False),
    prefixes=["TEMPORARY"],
)
member_table = sa.Table(
    "member",
    _TEMPORARY,
    sa.Column("set", sa.Text, primary_key=True),
    # In this order the rows of one wanted figure and node come together, and nothing needs sorting.
    sa.Column("node", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    prefixes=["TEMPORARY"],
)

FIGURE_COLUMNS = [
    "id",
    "node",
    "known",
    "valued",
    "reported",
    "not_applicable",
    "left_out",
    "estimates",
    "preliminary",
    "stale",
    "gaps",
    "total",
    "least",
    "most",
    "top",
    "bottom",
    "weighted",
    "weights",
    "weighed",
    "latest",
    "changed_first",
    "changed_last",
    "qualifiers",
]


_KEYS = {"id": "int64", "node": "str"}

# Sums that only some aggregations need; asking for the others would cost time for nothing.
NEEDED = {
    "min": ("least",),
    "max": ("most",),
    "any": ("most",),
    "all": ("least",),
    "ratio": ("top", "bottom"),
    "weighted_mean": ("weighted", "weights", "weighed"),
}
DATES = ("changed_first", "changed_last")  # of rows that ask when something was done
OPTIONAL = {name for names in (*NEEDED.values(), DATES) for name in names}


# The closings that a wanted row's figures are taken from.
ASKED_PERIODS = ["period", "base_period", "weight_period"]

# How the sums of two parts of a node's units become those of all.
_LEAST, _MOST = ("least", "changed_first"), ("most", "latest", "changed_last")

# Sums over many units end in digits that depend on the order of adding; these are certain. SPEC: figures come out the
# same whenever they are asked for, on whatever database.
CERTAIN_DIGITS = 13
SUMMED = ("total", "top", "bottom", "weighted", "weights")


def figures(question: Question, known: Known) -> pd.DataFrame:
    """One row for each wanted id and node with at least one standing row (FIGURE_COLUMNS).

    known: units with a figure to date; valued: with a value within the span; reported: with a value or a
    declaration of not started within it, unless it no longer applies there and gives no figure; not_applicable:
    whose last declaration within the span is that; left_out: that declared themselves not due or not applicable,
    have no figure for it and so are not expected; estimates, preliminary, stale, gaps, qualifiers: with such
    figures; total, least, most: of the units' figures to date; top, bottom: Σ numerators and denominators;
    weighted, weights, weighed: Σ w·x, Σ w and the number of units having both; latest, changed_*: month
    ordinals. Sums that a row does not need are absent (NaN).
    """
    parts = []
    for units, wanted in _by_place(question, known):
        elsewhere = question.members.unit.isin(units)
        for table, members in (
            (standing, question.members[~elsewhere]),
            (otherwise_table, question.members[elsewhere]),
        ):
            if len(members):
                parts.append(_reduced(known.connection, wanted, members, table))
    found = [part for part in parts if len(part)]
    if not found:
        return _no_figures()
    whole = pd.concat(found, ignore_index=True)
    return _certain(_joined(whole) if whole.duplicated(["id", "node"]).any() else whole)


def _by_place(question: Question, known: Known) -> list[tuple[frozenset[str], pd.DataFrame]]:
    """The units whose rows are in `standing_otherwise`, and the wanted rows for which it is they; mostly nobody."""
    wanted: dict[frozenset[str], list[pd.DataFrame]] = {}
    for periods, rows in question.wanted.groupby(ASKED_PERIODS, sort=False):
        units = known.elsewhere(map(str, periods), question.units_day)
        wanted.setdefault(frozenset(units), []).append(rows)
    return [(units, pd.concat(rows)) for units, rows in wanted.items()]


def _joined(parts: pd.DataFrame) -> pd.DataFrame:
    """One row an id and node, of the rows of several parts of its units."""
    by = parts.groupby(["id", "node"], sort=False)
    added = [name for name in FIGURE_COLUMNS[2:] if name not in (*_LEAST, *_MOST)]
    whole = [by[added].sum(min_count=1), by[list(_LEAST)].min(), by[list(_MOST)].max()]
    return pd.concat(whole, axis=1).reset_index()[FIGURE_COLUMNS]


def _certain(found: pd.DataFrame) -> pd.DataFrame:
    """The sums of several units without the digits that nobody can be sure of; one unit's figure is as it is."""
    many = (found.known > 1).to_numpy()
    rounded = {name: found[name].mask(many, _rounded(found.loc[many, name])) for name in SUMMED}
    return found.assign(**rounded)


def _rounded(numbers: pd.Series) -> pd.Series:
    texts = [float(f"{number:.{CERTAIN_DIGITS}g}") for number in numbers.astype(float)]
    return pd.Series(texts, index=numbers.index, dtype=float)


def _reduced(
    connection: Connection, wanted: pd.DataFrame, members: pd.DataFrame, standing: sa.Table
) -> pd.DataFrame:
    """The sums over some members whose rows are in one table."""
    wanted = wanted[wanted.period.isin(_reckoned(connection, wanted, standing))]
    if wanted.empty:
        return _no_figures()
    fill_temporary(connection, wanted_table, wanted[[c.name for c in wanted_table.c]])
    fill_temporary(connection, member_table, members)
    if connection.dialect.name == "postgresql":
        for table in (wanted_table, member_table):
            connection.exec_driver_sql(f"ANALYZE {table.name}")
    groups = wanted[["measure", "aggregation", "is_dated"]].drop_duplicates().itertuples(index=False)
    parts = [read_frame(connection, _reduction(standing, *group)) for group in groups]
    found = [part for part in parts if len(part)]
    return pd.concat(found, ignore_index=True) if found else _no_figures()


def _no_figures() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=_KEYS.get(name, "float64")) for name in FIGURE_COLUMNS})


def _reckoned(connection: Connection, wanted: pd.DataFrame, standing: sa.Table) -> list[str]:
    """The periods among the wanted ones that have standing rows: before a first return there are none."""
    periods = wanted.period.unique().tolist()
    return [
        period
        for period in periods
        if connection.execute(sa.select(sa.literal(1)).where(standing.c.period == period).limit(1)).first()
    ]


def _reduction(
    standing: sa.Table, measure: str, aggregation: str, is_dated: bool
) -> sa.Select[tuple[object, ...]]:
    """The reduction of the wanted rows of one measure and aggregation, dated or not."""
    s, base, weight = standing.alias("s"), standing.alias("base"), standing.alias("weight")
    w, m = wanted_table, member_table
    rows = m.join(w, w.c.set == m.c.set).join(
        s, (s.c.period == w.c.period) & (s.c.indicator == w.c.indicator) & (s.c.unit == m.c.unit)
    )
    if measure.endswith("since"):
        same = (base.c.indicator == w.c.indicator) & (base.c.unit == m.c.unit)
        rows = rows.outerjoin(base, (base.c.period == w.c.base_period) & same)
    if aggregation == "weighted_mean":
        same = (weight.c.indicator == w.c.weight_indicator) & (weight.c.unit == m.c.unit)
        rows = rows.outerjoin(weight, (weight.c.period == w.c.weight_period) & same)
    words = _sums(measure, aggregation == "ratio", s, base, weight)
    kept = {*NEEDED.get(aggregation, ()), *(DATES if is_dated else ())}
    columns = [
        (words[name] if name not in OPTIONAL or name in kept else sa.null().cast(sa.Double)).label(name)
        for name in FIGURE_COLUMNS[2:]
    ]
    chosen = (w.c.measure == measure) & (w.c.aggregation == aggregation) & (w.c.is_dated == is_dated)
    return sa.select(w.c.id, m.c.node, *columns).select_from(rows).where(chosen).group_by(w.c.id, m.c.node)


def _sums(
    measure: str, is_ratio: bool, s: Rows, base: Rows, weight: Rows
) -> dict[str, sa.ColumnElement[Any]]:
    w = wanted_table
    in_span = s.c.reported_on >= w.c.span_start
    is_valued = s.c.valued_on >= w.c.span_start
    is_declared = s.c.declared_on >= w.c.span_start
    is_not_applicable = is_declared & (s.c.declared_state == "not_applicable")
    is_not_due = is_declared & (s.c.declared_state == "not_due") & sa.func.coalesce(~in_span, True)
    x = _to_date(measure, "sum", s, base, in_span)
    top, bottom = _to_date(measure, "num", s, base, in_span), _to_date(measure, "den", s, base, in_span)
    by = sa.case(
        (w.c.weight_is_flow, weight.c.year_sum),
        (weight.c.declared_state != "not_applicable", weight.c.number),
    )
    both = x.is_not(None) & by.is_not(None)
    is_known = (bottom if is_ratio else x).is_not(None)
    is_last = measure in ("last", "own")
    # Of what is a sum or a mean, any of the figures that went into it; else the last figure's own.
    is_estimate = s.c.status == "estimate" if is_last else s.c.estimated_on >= w.c.span_start
    is_preliminary = s.c.status == "preliminary" if is_last else s.c.preliminary_on >= w.c.span_start
    is_qualified = s.c.qualifier.not_in(("", "=")) if is_last else s.c.qualified_on >= w.c.span_start
    is_gap = (
        (w.c.accumulation == "flow") & in_span & (s.c.gap_on >= w.c.span_start)
        & (s.c.gap_on <= w.c.last_owed) & (s.c.gap_on < s.c.declared_on)
    )  # fmt: skip
    return {
        "known": _count(is_known),
        "valued": _count(is_valued),
        "reported": _count(in_span & (is_known | ~is_not_applicable)),
        "not_applicable": _count(is_not_applicable),
        "left_out": _count((is_not_applicable & ~is_known) | is_not_due),
        "estimates": _count(is_estimate & is_known),
        "preliminary": _count(is_preliminary & is_known),
        "stale": _count((s.c.declared_on < w.c.last_owed) & is_known),
        "gaps": _count(is_gap),
        "total": sa.func.sum(x),
        "least": sa.func.min(x),
        "most": sa.func.max(x),
        "top": sa.func.sum(top),
        "bottom": sa.func.sum(bottom),
        "weighted": sa.func.sum(sa.case((both, x * by))),
        "weights": sa.func.sum(sa.case((both, by))),
        "weighed": _count(both),
        "latest": sa.func.max(sa.case((is_known, s.c.valued_on))),
        "changed_first": sa.func.min(sa.case((x > 0, s.c.changed_on))),
        "changed_last": sa.func.max(sa.case((x > 0, s.c.changed_on))),
        "qualifiers": _count(is_qualified & is_known),
    }


def _count(holds: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    # A filter costs a row that does not hold nothing; summing 0 and 1 takes a quarter longer over all.
    return sa.func.count().filter(holds)


_LAST = {"sum": "number", "num": "numerator", "den": "denominator"}


def _to_date(
    measure: str, part: str, s: Rows, base: Rows, in_span: sa.ColumnElement[bool]
) -> sa.ColumnElement[float]:
    """One unit's figure to date by a measure (`part` sum), or its numerator or denominator (num, den)."""
    last = s.c[_LAST[part]]
    if measure == "last":
        return sa.case((s.c.declared_state != "not_applicable", last))
    if measure in RATES:
        rate = RATES[measure](s, base)
        return sa.type_coerce(sa.case((in_span, rate if part == "sum" else last)), sa.Double)
    if measure == "own":
        return sa.case((in_span, last))
    if measure == "since":
        sum_before = sa.func.coalesce(base.c[f"term_{part}"], 0.0)
        return sa.type_coerce(sa.case((in_span, s.c[f"term_{part}"] - sum_before)), sa.Double)
    return sa.case((in_span, s.c[f"{measure}_{part}"]))


Yearly = tuple[sa.ColumnElement[float], sa.ColumnElement[float], sa.ColumnElement[int]]


def _years(s: Rows) -> Yearly:
    """Σ rates, Π (1 + rate) and number of the years of the term up to a standing row, its own year with them."""
    return (
        sa.func.coalesce(s.c.rate_sum, 0.0) + s.c.number,
        sa.func.coalesce(s.c.rate_product, 1.0) * (1 + s.c.number / 100.0),
        sa.func.coalesce(s.c.rate_years, 0) + 1,
    )


def _years_since(s: Rows, base: Rows) -> Yearly:
    """The same of the years after the base row; a product with a year of −100 % in it is unknown (NULL)."""
    is_of_term = base.c.reported_on >= wanted_table.c.term_start
    nothing = (0.0, 1.0, 0)
    total, product, years = _years(s)
    before = [sa.case((is_of_term, x), else_=none) for x, none in zip(_years(base), nothing, strict=True)]
    return total - before[0], product / sa.func.nullif(before[1], 0.0), years - before[2]


def _mean(of: Yearly) -> sa.ColumnElement[float]:
    return of[0] / of[2]


def _geometric_mean(of: Yearly) -> sa.ColumnElement[float]:
    # A year of less than −100 % leaves nothing to take a root of; PostgreSQL would refuse the whole query.
    return sa.case((of[1] >= 0, (sa.func.power(of[1], 1.0 / of[2]) - 1) * 100))


RATES: dict[str, Callable[[Rows, Rows], sa.ColumnElement[float]]] = {
    "rate": lambda s, base: _mean(_years(s)),
    "geometric": lambda s, base: _geometric_mean(_years(s)),
    "rate_since": lambda s, base: _mean(_years_since(s, base)),
    "geometric_since": lambda s, base: _geometric_mean(_years_since(s, base)),
}


def kept_figures(connection: Connection, plan_version: int) -> pd.DataFrame:
    """The authority's figures kept of past closings: kind, number, indicator, measure, span_start, actual, latest."""
    columns = [c for c in kept_figure.c if c.name != "plan_version"]
    return read_frame(connection, sa.select(*columns).where(kept_figure.c.plan_version == plan_version))


def keep_figures(connection: Connection, plan_version: int, rows: pd.DataFrame) -> None:
    """Keep the authority's figures of closings; what is kept already is replaced by closing."""
    for (kind, number), _ in rows.groupby(["kind", "number"]):
        connection.execute(
            sa.delete(kept_figure).where(
                kept_figure.c.plan_version == plan_version,
                kept_figure.c.kind == kind,
                kept_figure.c.number == number,
            )
        )
    insert_frame(connection, kept_figure, rows.assign(plan_version=plan_version))
