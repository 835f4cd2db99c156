"""Targets inherited: what a unit that came after others has to reach where the plan sets it none of its own. SPEC §2."""

from dataclasses import replace
from datetime import date

import pandas as pd

from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.plan_checks import ADDED_UP
from tiendo.succession import ADDED, key_on, merging_rules
from tiendo.wording import short_number

KEY = ["indicator", "span", "series"]
AMOUNTS = ["target", "baseline", "cap"]
TOLD = " (quy đổi)"


def with_inherited_targets(plan: Plan, day: date) -> Plan:
    """The plan with the targets of the units of a day: their own, and those that come to them from predecessors.

    A row of targets is of the unit that bore its code when its span began. A successor without a target inherits the sum
    of its predecessors', where these are amounts that add up and all of them have one; of a part its share. Its text
    says that it is restated (*quy đổi*).
    """
    if plan.links.empty and (plan.units.key == plan.units.code).all():
        return plan
    owned = plan.targets[plan.targets.unit != ""]
    owned = owned.assign(key=_owners(plan, owned))
    there = plan.units_on(day).set_index("key").code
    own = owned[owned.key.isin(there.index)]
    step = plan.step_to(day)
    inherited = _inherited(plan, step[step.successor.isin(there.index)], owned)
    has_own = pd.MultiIndex.from_frame(inherited[[*KEY, "key"]]).isin(
        pd.MultiIndex.from_frame(own[[*KEY, "key"]])
    )
    inherited = inherited[~has_own].assign(unit=lambda rows: rows.key.map(there))
    parts = [plan.targets[plan.targets.unit == ""], own, _like(inherited, plan.targets)]
    targets = pd.concat([part[plan.targets.columns] for part in parts if len(part)], ignore_index=True)
    return replace(plan, tables={**plan.tables, "targets": targets})


def _owners(plan: Plan, targets: pd.DataFrame) -> pd.Series:
    """The key of the unit that each row of targets is of: of who bore the code when the span began, else first after."""
    starts = {text: Period.parse(text).first_month for text in targets["span"].unique()}
    days = {text: pd.Timestamp(month // 12, month % 12 + 1, 1) for text, month in starts.items()}
    first = (
        plan.units.sort_values("valid_from", na_position="first")
        .drop_duplicates("code")
        .set_index("code")["key"]
    )
    return key_on(plan.units, targets.unit, targets["span"].map(days)).fillna(targets.unit.map(first))


def _inherited(plan: Plan, step: pd.DataFrame, owned: pd.DataFrame) -> pd.DataFrame:
    """KEY, key (the successor's), AMOUNTS, baseline_year, due, text: what all predecessors of a unit have together."""
    theirs = owned[owned.indicator.isin(_adding_up(plan))].rename(columns={"key": "predecessor"})
    parts = step.merge(theirs, on="predecessor")
    parts[AMOUNTS] = parts[AMOUNTS].mul(parts.share, axis=0)
    by = parts.groupby([*KEY, "successor"], sort=False)
    sums = by[AMOUNTS].sum(min_count=1).join(by[["baseline_year", "due", "row"]].first())
    sums = sums.join(by.predecessor.nunique().rename("known")).reset_index()
    every = step.groupby("successor").predecessor.nunique()
    whole = sums[sums.known == sums.successor.map(every)].rename(columns={"successor": "key"})
    return whole.assign(text=[f"{short_number(target)}{TOLD}" for target in whole.target])


def _adding_up(plan: Plan) -> pd.Index:
    rule = merging_rules(plan.indicators).set_index("indicator").rule
    adds = plan.indicators.aggregation.eq("sum") & plan.indicators.type.isin(ADDED_UP) & rule.eq(ADDED)
    return plan.indicators.index[adds]


def _like(rows: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """The rows with the columns of a table, each of its kind; empty where nothing is said."""
    whole = rows.reindex(columns=table.columns)
    texts = [name for name in table.columns if isinstance(table[name].dtype, pd.StringDtype)]
    whole = whole.assign(**{name: whole[name].astype(object).fillna("") for name in texts})
    return whole.astype(table.dtypes.to_dict())
