"""Rollup: how many indicators stand in which band, per programme, scheme, field, leader, agency, unit. SPEC §9."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from tiendo.bands import ASSESSABLE, BANDS, MET, BandRules
from tiendo.plan import Plan
from tiendo.targets import ASSIGNED

NOT_COVERABLE = ("not_applicable", "not_due")


def counting_rows(plan: Plan, judged: pd.DataFrame, counting: str) -> pd.DataFrame:
    """The judged rows that count: `component` counts the components, `main` the main indicators; others alike."""
    indicators = plan.indicators
    counted = indicators.counted & (
        ~indicators.has_components if counting == "component" else indicators.parent.eq("")
    )
    rows = judged[judged.indicator.isin(indicators.index[counted])]
    rows = rows.sort_values("series", key=lambda s: s != ASSIGNED, kind="stable")
    return rows.drop_duplicates(["indicator", "unit"])


def _exploded(rows: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """The rows once for each of the `;`-joined groups of their indicator."""
    of = groups[groups != ""].str.split(";").explode().rename("group")
    return rows.merge(of, left_on="indicator", right_index=True)


Groups = Callable[[Plan, date], pd.Series]


def _single(code: str, holds: Callable[[Plan], pd.Series]) -> Groups:
    return lambda plan, _: pd.Series(
        np.where(holds(plan), code, ""), index=plan.indicators.index, dtype="str"
    )


def _column(name: str) -> Groups:
    return lambda plan, _: plan.indicators[name]


def _leaders(plan: Plan, day: date) -> pd.Series:
    """indicator → officers who lead it on a day, by programme, scheme, indicator or the whole term."""
    roles, at = plan.responsibilities, pd.Timestamp(day)
    roles = roles[~(roles.valid_from > at) & ~(roles.valid_to < at)]
    indicators = plan.indicators
    of: dict[str, list[str]] = {code: [] for code in indicators.index}
    for officer, scope, code in roles.loc[roles.role == "leader", ["officer", "scope", "code"]].itertuples(
        index=False
    ):
        for indicator in _in_scope(indicators, scope, code):
            of[indicator].append(officer)
    return pd.Series({code: ";".join(dict.fromkeys(found)) for code, found in of.items()}, dtype="str")


def _in_scope(indicators: pd.DataFrame, scope: str, code: str) -> pd.Index:
    if scope == "term":
        return indicators.index
    if scope == "indicator":
        return indicators.index[indicators.index == code]
    column = {"programme": indicators.programmes, "scheme": indicators.schemes, "unit": indicators.lead}[
        scope
    ]
    return indicators.index[column.str.split(";").map(lambda codes: code in codes)]


# level → indicator → `;`-joined codes of the groups it counts in on a day. A new level is one entry.
LEVELS: dict[str, Groups] = {
    "main": _column("parent"),
    "scheme": _column("schemes"),
    "programme": _column("programmes"),
    "field": _column("field"),
    "leader": _leaders,
    "agency": _column("lead"),
    "resolution": _single("resolution", lambda plan: plan.indicators.resolution),
    "term": _single("term", lambda plan: plan.indicators.programmes != ""),
}


def rollup(
    plan: Plan, judged: pd.DataFrame, level: str, rules: BandRules, day: date, counting: str = "component"
) -> pd.DataFrame:
    """One row a (group, unit): n, the count of every band, index and coverage (percent), weight.

    `day`: the reviewed period's last, on which who leads what is asked.
    The counts over all bands equal n. The index is Σ w·min(P,100)⁺ / Σ w over the assessable (SPEC §9); NaN where less
    than the coverage floor of the weight is assessable.
    """
    rows = judged if level == "main" else counting_rows(plan, judged, counting)
    if level == "main":
        rows = counting_rows(plan, judged, "component")
    rows = _exploded(rows, LEVELS[level](plan, day))
    assessable = rows.band.isin(ASSESSABLE)
    # A threshold can be met where its attainment has no measure (T = 0).
    score = rows.attainment.fillna(rows.band.isin(MET) * 100.0).clip(lower=0, upper=100)
    rows = rows.assign(
        weight_in=rows.weight.where(assessable, 0.0),
        scored=(rows.weight * score).where(assessable, 0.0),
        coverable=rows.weight.where(~rows.band.isin(NOT_COVERABLE), 0.0),
    )
    keys = ["group", "unit"]
    sums = rows.groupby(keys)[["weight", "weight_in", "scored", "coverable"]].sum()
    counts = rows.groupby([*keys, "band"]).size().unstack("band").reindex(columns=list(BANDS))
    table = counts.fillna(0).astype(int).join(sums)
    table["n"] = table[list(BANDS)].sum(axis=1)
    table["coverage"] = 100 * table.weight_in / table.coverable.where(table.coverable > 0)
    index = table.scored / table.weight_in.where(table.weight_in > 0)
    table["index"] = index.where(table.coverage >= rules.coverage_floor)
    table = table.reset_index().rename(columns={"group": "code"})
    return _named_and_ordered(plan, table.assign(level=level), level)


def _named_and_ordered(plan: Plan, table: pd.DataFrame, level: str) -> pd.DataFrame:
    names, order = _names(plan, level)
    table["name"] = [names.get(code, code) for code in table.code]
    known = {code: place for place, code in enumerate(order)}
    place = table.code.map(known).fillna(len(known))
    return (
        table.assign(place=place)
        .sort_values(["place", "code", "unit"])
        .drop(columns="place")
        .reset_index(drop=True)
    )


def _names(plan: Plan, level: str) -> tuple[dict[str, str], list[str]]:
    """Code → name of a level's groups, and the codes in the plan's order."""
    tables = {
        "main": plan.tables["indicators"],
        "scheme": plan.tables["schemes"],
        "programme": plan.tables["programmes"],
        "leader": plan.tables["officers"],
        "agency": plan.units,
    }
    if level in tables:
        table = tables[level]
        if "order" in table:
            table = table.sort_values("order", kind="stable", na_position="last")
        return dict(zip(table.code, table["name"], strict=True)), table.code.tolist()
    if level == "term":
        return {"term": plan.term.name}, []
    if level == "resolution":
        return {"resolution": "Chỉ tiêu Nghị quyết"}, []
    return {}, list(dict.fromkeys(plan.indicators.field))
