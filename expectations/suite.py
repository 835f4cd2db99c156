"""The suite that a batch of returns is validated against, and the findings that its failing rows become."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

from expectations.finding_details import DETAILS, OF_WHOLE, figure_found
from expectations.grounds import NO_ENTRY, SEVERITIES, STATES, Batch, basic_columns
from expectations.gx_run import failing_rows
from expectations.history_grounds import history_columns
from expectations.last_period import LastPeriod
from expectations.relation_grounds import bound_columns, comparison_columns, parts_columns, source_columns
from expectations.rules import Rule, alone, at_least, at_most, given, none_of, one_of
from expectations.shortfall_grounds import shortfall_columns
from tiendo.finding_codes import CONFIRMABLE, ERROR, INFO, WARNING
from tiendo.findings import findings, together
from tiendo.intake_rules import OFF, REQUIRE
from tiendo.labels import WORDS
from tiendo.number_texts import QUALIFIER_WORDS
from tiendo.parts import Grid


def submission_rules(reason_severity: str) -> list[Rule]:
    """The rules, the same for every plan: what differs from plan to plan is in the columns they compare."""
    return [
        given("unknown_indicator", "known", "indicator"),
        alone("duplicate_indicator", ["part", "said"], "indicator"),
        one_of("bad_state", "state", ("", *STATES), "state"),
        one_of("bad_status", "status", WORDS["status"], "status"),
        one_of("bad_qualifier", "qualifier", QUALIFIER_WORDS, "qualifier"),
        one_of("bad_outlook", "outlook", ("", *WORDS["outlook"]), "outlook"),
        given("outlook_reason_required", "outlook_explained", "outlook_reason", reason_severity),
        given("missing_value", "given", "value"),
        given("bad_state", "consistent", "state"),
        given("missing_numerator", "has_numerator", "numerator"),
        given("missing_denominator", "has_denominator", "denominator"),
        none_of("zero_denominator", "divisor", [0.0], "denominator"),
        *(at_least("out_of_range", "figure", f"low_{each}", severity=each) for each in SEVERITIES),
        *(at_most("out_of_range", "figure", f"high_{each}", severity=each) for each in SEVERITIES),
        one_of("unit_slip", "slip", [0.0], "value", WARNING),
        one_of("percent_as_fraction", "fraction", [0.0], "value", WARNING),
        *(at_most("large_change", "change", f"change_limit_{each}", severity=each) for each in SEVERITIES),
        *(at_least("fell", "figure", f"floor_{each}", severity=each) for each in SEVERITIES),
        *(
            at_most("parts_do_not_sum", "parts_gap", f"parts_limit_{each}", severity=each)
            for each in SEVERITIES
        ),
        *(at_most("compare_failed", "figure", f"most_{each}", severity=each) for each in SEVERITIES),
        given("reason_required", "explained", "reason", reason_severity),
        one_of("copy_of_previous", "copied", [0.0], "", WARNING),
        at_most("sources_differ", "source_gap", "source_limit", severity=WARNING),
    ]


Run = Callable[[pd.DataFrame, Sequence[Rule]], list[Grid]]


def validate(batch: Batch, run: Run = failing_rows) -> pd.DataFrame:
    """The findings of a batch's rows, from one run over all of them; no rows, no findings."""
    if batch.checked.empty:
        return together([])
    grounds = joined(batch)
    severity = ERROR if batch.rules.reason_required == REQUIRE else WARNING
    rules = [rule for rule in submission_rules(severity) if _concerns_any(grounds, rule)]
    if batch.rules.reason_required == OFF:
        rules = [rule for rule in rules if rule.code != "outlook_reason_required"]
    named = {name for rule in rules for name in rule.columns}
    failing = run(grounds[sorted(named)], rules)
    return together(
        _found(batch, grounds.iloc[rows], rule)
        for rule, rows in zip(rules, failing, strict=True)
        if len(rows)
    )


def _concerns_any(grounds: pd.DataFrame, rule: Rule) -> bool:
    """Whether any row has what the rule compares: a plan without rules of its own pays for none."""
    return rule.limit == "" or bool(grounds[rule.limit].notna().any())


def joined(batch: Batch) -> pd.DataFrame:
    """The checked rows with all their grounds as columns; the index is 0 … n−1."""
    last = LastPeriod(batch)
    columns = {
        **basic_columns(batch),
        **bound_columns(batch),
        **history_columns(batch, last),
        **parts_columns(batch),
        **comparison_columns(batch),
        **shortfall_columns(batch, last),
        **source_columns(batch),
    }
    return pd.concat([batch.checked, pd.DataFrame(columns, index=batch.checked.index)], axis=1)


def _found(batch: Batch, rows: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    told = {"field": rule.field, **DETAILS.get(rule.code, figure_found)(batch, rows, rule)}
    if rule.code in OF_WHOLE:
        rows = rows.assign(indicator="", line=0, entry=NO_ENTRY)
    found = partial(findings, code=rule.code, locale=batch.rules.locale)
    confirmed = rows.note.fillna("") != ""
    if rule.severity != WARNING or rule.code not in CONFIRMABLE or not confirmed.any():
        return found(rows, severity=rule.severity, **told)
    said = rows.assign(**told)
    return together([found(said[~confirmed], severity=WARNING), found(said[confirmed], severity=INFO)])
