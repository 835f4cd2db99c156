"""What keeps imported figures of a unit and period from being taken: no such unit, nothing owed, too early, reported."""

import pandas as pd

from tiendo.findings import findings, together
from tiendo.intake_rules import IntakeRules
from tiendo.parts import Grid
from tiendo.wording import date_text

CASE = ["unit", "period"]


def check_past(
    parts: pd.DataFrame, owed: Grid, returned: pd.DataFrame, rules: IntakeRules, today: object
) -> pd.DataFrame:
    """One finding for each part that cannot be taken, of what hinders it first.

    parts: of `parts_of`; owed: their grid; returned: unit, period, version of what units have reported themselves;
    today: a date in the workspace's time zone.
    """
    found, left = [], parts.assign(is_owed=pd.Series(owed.any(axis=1), index=parts.index))
    for check in (_unknown_unit, _unknown_period, _not_over, _has_return):
        bad = check(left, returned, rules, today)
        found.append(bad)
        told = pd.MultiIndex.from_frame(bad[["file", *CASE]])
        left = left[~pd.MultiIndex.from_frame(left[["file", *CASE]]).isin(told)]
    return together(found)


def _unknown_unit(
    parts: pd.DataFrame, _returned: pd.DataFrame, rules: IntakeRules, _today: object
) -> pd.DataFrame:
    """A unit is looked for on its period's last day; without a period it only has to be known."""
    is_known = parts.unit.isin(rules.known_units)
    for _, some in parts[parts.kind != ""].groupby("period"):
        is_known[some.index] = some.unit.isin(rules.plan.units_on(some.cut_off.iloc[0]).index)
    bad = parts[~is_known]
    return findings(bad, "unknown_unit", locale=rules.locale, found=bad.unit, field="unit")


def _unknown_period(
    parts: pd.DataFrame, _returned: pd.DataFrame, rules: IntakeRules, _today: object
) -> pd.DataFrame:
    bad = parts[~parts.is_owed | (parts.last_month > rules.plan.term.span.last_month)]
    return findings(bad, "unknown_period", locale=rules.locale, found=bad.period, field="period")


def _not_over(
    parts: pd.DataFrame, _returned: pd.DataFrame, rules: IntakeRules, today: object
) -> pd.DataFrame:
    bad = parts[pd.Series([day >= today for day in parts.cut_off], index=parts.index, dtype=bool)]
    ends = [date_text(day, rules.locale) for day in bad.cut_off]
    return findings(bad, "period_not_over", locale=rules.locale, found=bad.period, field="period", ends=ends)


def _has_return(
    parts: pd.DataFrame, returned: pd.DataFrame, rules: IntakeRules, _today: object
) -> pd.DataFrame:
    last = returned.groupby(CASE).version.max()
    version = last.reindex(pd.MultiIndex.from_frame(parts[CASE])).to_numpy(dtype=float)
    bad = parts.assign(version=version)[pd.notna(version)].astype({"version": "int64"})
    return findings(bad, "has_return", locale=rules.locale, found=bad.period, field="period")
