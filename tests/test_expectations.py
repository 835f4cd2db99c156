"""What a return is held against: each rule as a table of returns, and one run for all of them."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from intake_samples import batch_of, plan_of, rules_of

from expectations.grounds import Batch
from expectations.gx_run import RuleDidNotRunError, failing_rows, great_expectations
from expectations.rules import Rule, at_most, given, one_of
from expectations.suite import joined, submission_rules
from expectations.suite import validate as validate_by_great_expectations
from tiendo.finding_codes import CODES, ERROR, WARNING
from tiendo.intake_rules import IntakeRules

QUARTER = "unit,period,indicator,value,numerator,denominator,state,reason,remedy\n"
CHE, VIEC = "080,2013-Q4,CHE,100,,,,,", "080,2013-Q4,VIEC,7,,,,,"
NUOC, NGHEO = "080,2013-Q4,NUOC,,45,50,,,", "080,2013-Q4,NGHEO,30,,,,,"
GOOD = (CHE, VIEC, NUOC, NGHEO)


def quarter(*rows: str) -> str:
    """A return of 080 for 2013-Q4: the good rows, those given in the place of their indicator's own."""
    named = {row.split(",")[2]: row for row in GOOD}
    named |= {row.split(",")[2]: row for row in rows}
    return QUARTER + "\n".join(row for row in named.values() if row.split(",")[3:] != ["out"])


def plainly(frame: pd.DataFrame, rules: Sequence[Rule]) -> list[np.ndarray]:
    """What each rule means, said once more without Great Expectations, which takes half a second a run."""
    return [frame.index[_fails(frame, rule)].to_numpy() for rule in rules]


def _fails(frame: pd.DataFrame, rule: Rule) -> pd.Series:
    columns, values = [frame[name] for name in rule.columns], rule.arguments.get("value_set")
    by_kind = {
        "ExpectColumnValuesToNotBeNull": lambda one: one.isna(),
        "ExpectColumnValuesToBeInSet": lambda one: one.notna() & ~one.isin(values),
        "ExpectColumnValuesToNotBeInSet": lambda one: one.isin(values),
        "ExpectColumnPairValuesAToBeGreaterThanB": lambda limit, value: value > limit,
        "ExpectCompoundColumnsToBeUnique": lambda *_: frame.duplicated(rule.columns, keep=False),
    }
    return by_kind[rule.expectation](*columns)


def validate(batch: Batch) -> pd.DataFrame:
    return validate_by_great_expectations(batch, plainly)


def codes(batch: Batch) -> list[tuple[str, str, str]]:
    """What is found: (indicator, code, severity)."""
    found = validate(batch)
    return sorted(zip(found.indicator, found.code, found.severity, strict=True))


def test_a_good_return_has_no_findings() -> None:
    assert codes(batch_of(quarter())) == []


@pytest.mark.parametrize(
    ("row", "found"),
    [
        pytest.param("080,2013-Q4,CHE,out", [("CHE", "missing_value")], id="left out"),
        pytest.param("080,2013-Q4,CHE,,,,,,", [("CHE", "missing_value")], id="an empty cell"),
        pytest.param("080,2013-Q4,CHE,,,,value,,", [("CHE", "missing_value")], id="said to be there"),
        pytest.param("080,2013-Q4,NGHEO,out", [], id="an optional one left out"),
        pytest.param("080,2013-Q4,NGHEO,,,,,,", [], id="an optional one empty"),
        pytest.param("080,2013-Q4,CHE,0,,,,,", [], id="zero is a figure"),
        pytest.param("080,2013-Q4,CHE,875 ha,,,,,", [], id="a wrong number is found when it is typed"),
        pytest.param("080,2013-Q4,CHE,,,,none_occurred,,", [], id="none occurred"),
        pytest.param("080,2013-Q4,CHE,0,,,none_occurred,,", [], id="none occurred, and 0"),
        pytest.param("080,2013-Q4,CHE,,,,not_started,,", [], id="not started"),
        pytest.param("080,2013-Q4,CHE,,,,not_due,,", [], id="not due"),
        pytest.param("080,2013-Q4,CHE,,,,not_applicable,,", [], id="not applicable"),
        pytest.param("080,2013-Q4,CHE,5,,,not_due,,", [("CHE", "bad_state")], id="a state and a figure"),
        pytest.param("080,2013-Q4,CHE,,,,sẽ làm,,", [("CHE", "bad_state")], id="a state nobody knows"),
        pytest.param("080,2013-Q4,NUOC,,,,,,", [("NUOC", "missing_value")], id="an empty ratio"),
        pytest.param("080,2013-Q4,NUOC,,,50,,,", [("NUOC", "missing_numerator")], id="without numerator"),
        pytest.param("080,2013-Q4,NUOC,,45,,,,", [("NUOC", "missing_denominator")], id="without denominator"),
        pytest.param(
            "080,2013-Q4,NUOC,90,,,,,",
            [("NUOC", "missing_denominator"), ("NUOC", "missing_numerator")],
            id="only the percentage of a ratio",
        ),
        pytest.param("080,2013-Q4,NUOC,,45,0,,,", [("NUOC", "zero_denominator")], id="over zero"),
        pytest.param("080,2013-Q4,NUOC,,0,50,,,", [], id="a ratio of zero"),
        pytest.param("080,2013-Q4,XYZ,5,,,,,", [("XYZ", "unknown_indicator")], id="an indicator of nobody"),
        pytest.param("080,2013-Q4,VON,5,,,,,", [("VON", "unknown_indicator")], id="owed by the year"),
    ],
)
def test_what_a_row_must_say(row: str, found: list[tuple[str, str]]) -> None:
    assert codes(batch_of(quarter(row))) == [(*each, "error") for each in found]


@pytest.mark.parametrize("field", ["status", "qualifier", "outlook"])
def test_a_choice_that_is_not_in_the_list_is_an_error(field: str) -> None:
    text = quarter().replace("unit,period,indicator,value", f"unit,period,indicator,{field},value", 1)
    lines = [line.replace(",CHE,", ",CHE,?,").replace(",VIEC,", ",VIEC,,") for line in text.splitlines()]
    lines = [line.replace(",NUOC,", ",NUOC,,").replace(",NGHEO,", ",NGHEO,,") for line in lines]
    assert codes(batch_of("\n".join(lines))) == [("CHE", f"bad_{field}", "error")]


def test_of_an_indicator_said_twice_neither_row_counts() -> None:
    found = validate(batch_of(f"{quarter()}\n{CHE}"))
    assert found.code.tolist() == ["duplicate_indicator"] * 2
    assert found.line.tolist() == [2, 6]
    assert found.entry.tolist() == [0, 4]
    assert "2 lần" in found.message[0]


def test_the_same_indicator_in_two_returns_is_said_once_in_each() -> None:
    assert codes(batch_of([quarter(), quarter()])) == []


def test_a_missing_cell_is_found_where_it_should_stand() -> None:
    found = validate(batch_of(quarter("080,2013-Q4,CHE,,,,,,"))).iloc[0]
    assert (found.unit, found.period, found.line, found.field, found.entry) == (
        "080",
        "2013-Q4",
        2,
        "value",
        0,
    )
    found = validate(batch_of(quarter("080,2013-Q4,NUOC,,,,,,"))).iloc[0]
    assert found.field == "numerator"
    found = validate(batch_of(quarter("080,2013-Q4,CHE,out"))).iloc[0]
    assert (found.line, found.entry) == (0, -1)


RULES = "indicator,check,value,other,severity\n"


def ruled(text: str) -> IntakeRules:
    """The rules of intake with rows of the plan's table `rules`."""
    return rules_of(plan_of(rules=RULES + text))


@pytest.mark.parametrize(
    ("rule", "value", "severity"),
    [
        ("CHE,min,50,,error", 49.9, "error"),
        ("CHE,min,50,,error", 50, None),
        ("CHE,min,50,,warning", 49.9, "warning"),
        ("CHE,max,200,,error", 200.1, "error"),
        ("CHE,max,200,,error", 200, None),
        ("CHE,max,0.3,,error", 0.1 + 0.2, None),
        ("CHE,max,200,,warning", 1000, "warning"),
        ("VIEC,max,1,,error", 100, None),
    ],
)
def test_bounds_of_the_plan(rule: str, value: float, severity: str | None) -> None:
    text = quarter(f"080,2013-Q4,CHE,{value!r},,,,,", "080,2013-Q4,VIEC,1,,,,,")
    expected = [("CHE", "out_of_range", severity)] if severity else []
    assert codes(batch_of(text, ruled(rule))) == expected


def test_bounds_of_a_ratio_are_held_against_its_quotient() -> None:
    found = validate(batch_of(quarter("080,2013-Q4,NUOC,,55,50,,,"), ruled("NUOC,max,100,,error")))
    assert found.code.tolist() == ["out_of_range"]
    assert (found.found[0], found.message[0]) == (
        "tử số 55, mẫu số 50 (tỷ lệ 110)",
        "ngoài khoảng cho phép (≤ 100).",
    )
    assert found.field[0] == "numerator", "the cell that was typed into, not the quotient's"


@pytest.mark.parametrize(
    ("rule", "rows", "message"),
    [
        pytest.param("", ["CHE,3115"], "thay đổi 3.015% so với kỳ trước (100), quá 300%.", id="the setting"),
        pytest.param("CHE,max_change_pct,250,,error", ["CHE,400"], "(100), quá 250%.", id="a rule of change"),
        pytest.param("NGHEO,min,5000000,,error", ["NGHEO,1"], "(≥ 5.000.000)", id="the least"),
        pytest.param("NGHEO,max,5000000,,warning", ["NGHEO,5000001"], "(≤ 5.000.000)", id="the most"),
        pytest.param(
            "VIEC,compare,200000,CHE,error", ["VIEC,20000001"], "CHE (20.000.000)", id="another figure"
        ),
    ],
)
def test_the_limit_told_is_the_plans_own(rule: str, rows: list[str], message: str) -> None:
    text = quarter(*(f"080,2013-Q4,{row},,,,," for row in rows))
    found = validate(batch_of(text, ruled(rule), before="080,2013-Q3,CHE,100")).iloc[0]
    assert message in found.message


@pytest.mark.parametrize(
    ("indicator", "before", "now", "code"),
    [
        pytest.param("CHE", 100, 100, None, id="no change"),
        pytest.param("CHE", 100, 399, None, id="almost four times"),
        pytest.param("CHE", 100, 401, "large_change", id="more than 300 % more"),
        pytest.param("VIEC", 100, 10, None, id="a fall is at most 100 %"),
        pytest.param("VIEC", 0, 1000, None, id="from nothing"),
        pytest.param("VIEC", 875, 912_000, "unit_slip", id="thousands of what was asked"),
        pytest.param("VIEC", 875_000, 912, "unit_slip", id="a thousandth of it"),
        pytest.param("VIEC", 875, 87_500, "large_change", id="a hundred times is no slip of a unit"),
        pytest.param("NGHEO", 36, 0.34, "unit_slip", id="a percentage typed as a fraction"),
        pytest.param("NGHEO", 36, 0, None, id="a percentage of 0 is no fraction"),
        pytest.param("NGHEO", 0.9, 0.8, None, id="a percentage that was below 1 before"),
        pytest.param("VIEC", 36, 0.34, None, id="a figure that is no percentage"),
        pytest.param("CHE", 100, 99, "fell", id="a cumulative figure that fell"),
        pytest.param("VIEC", 100, 99, None, id="a flow may fall"),
    ],
)
def test_against_the_last_period(indicator: str, before: float, now: float, code: str | None) -> None:
    batch = batch_of(
        quarter(f"080,2013-Q4,{indicator},{now},,,,,"), before=f"080,2013-Q3,{indicator},{before}"
    )
    assert codes(batch) == ([(indicator, code, "warning")] if code else [])


@pytest.mark.parametrize(
    ("rule", "before", "now", "found"),
    [
        pytest.param(
            "VIEC,max_change_pct,10,,error", 100, 111, ("large_change", "error"), id="a rule of its own"
        ),
        pytest.param(
            "VIEC,max_change_pct,10,,warning", 100, 111, ("large_change", "warning"), id="as a warning"
        ),
        pytest.param("VIEC,max_change_pct,10,,error", 100, 110, None, id="within it"),
        pytest.param("VIEC,max_change_pct,900,,error", 100, 900, None, id="wider than the setting"),
        pytest.param("VIEC,not_falling,,,error", 100, 99, ("fell", "error"), id="a rule not to fall"),
        pytest.param(
            "VIEC,not_falling,,,warning", 100, 99, ("fell", "warning"), id="not to fall, as a warning"
        ),
    ],
)
def test_rules_on_change(rule: str, before: float, now: float, found: tuple[str, str] | None) -> None:
    batch = batch_of(
        quarter(f"080,2013-Q4,VIEC,{now},,,,,"), ruled(rule), before=f"080,2013-Q3,VIEC,{before}"
    )
    assert codes(batch) == ([("VIEC", *found)] if found else [])


def test_the_setting_says_how_large_a_change_is() -> None:
    rules = rules_of(large_change_pct=20.0)
    batch = batch_of(quarter("080,2013-Q4,VIEC,130,,,,,"), rules, before="080,2013-Q3,VIEC,100")
    found = validate(batch).iloc[0]
    assert (found.code, found.message) == ("large_change", "thay đổi 30% so với kỳ trước (100), quá 20%.")


def test_a_cumulative_figure_with_yearly_targets_alone_begins_anew_each_year() -> None:
    yearly = plan_of(targets="indicator,unit,span,target\nCHE,,2013,1000\nCHE,,2014,1000")
    text = quarter("080,2013-Q4,CHE,5,,,,,").replace("2013-Q4", "2014-Q1")
    assert codes(batch_of(text, rules_of(yearly), before="080,2013-Q4,CHE,100")) == []
    assert codes(batch_of(text, before="080,2013-Q4,CHE,100")) == [("CHE", "fell", "warning")]


def test_the_last_period_may_lie_in_the_same_batch_in_whatever_order() -> None:
    earlier = quarter().replace("2013-Q4", "2013-Q3")
    later = quarter("080,2013-Q4,CHE,99,,,,,")
    assert codes(batch_of([later, earlier])) == [("CHE", "fell", "warning")]
    # What stood in the warehouse before is overtaken by the batch.
    batch = batch_of([later, earlier], before="080,2013-Q3,CHE,10\n080,2013-Q2,CHE,10")
    assert ("CHE", "fell", "warning") in codes(batch)


@pytest.mark.parametrize(
    ("figures", "found"),
    [
        pytest.param((100, 7, 90, 30), True, id="all four as before"),
        pytest.param((100, 7, 90, 31), False, id="one moved"),
        pytest.param((100, 7, 0, 0), False, id="two figures and zeros prove nothing"),
    ],
)
def test_a_copy_of_the_last_period(figures: tuple[float, ...], found: bool) -> None:
    _, _, nuoc, ngheo = figures
    text = quarter(f"080,2013-Q4,NUOC,,{nuoc / 2},50,,,", f"080,2013-Q4,NGHEO,{ngheo},,,,,")
    told = "100 7 90 30" if found or ngheo == 31 else "100 7 0 0"
    names = ("CHE", "VIEC", "NUOC", "NGHEO")
    before = "\n".join(f"080,2013-Q3,{name},{was}" for name, was in zip(names, told.split(), strict=True))
    result = validate(batch_of(text, before=before))
    assert result.code.tolist() == (["copy_of_previous"] if found else [])
    if found:
        assert (result.indicator[0], result.line[0], result.period[0]) == ("", 0, "2013-Q4")


YEAR = "unit,period,indicator,value\n080,2013,VON,{}\n080,2013,VON-NS,{}\n080,2013,VON-DN,{}"


@pytest.mark.parametrize(
    ("rule", "figures", "severity"),
    [
        pytest.param("", (100, 60, 40), None, id="the parts sum"),
        pytest.param("", (100, 60, 39), None, id="within one percent"),
        pytest.param("", (100, 60, 38), "error", id="beyond it"),
        pytest.param("VON,parts_sum,5,,error", (100, 60, 38), None, id="a rule that allows five percent"),
        pytest.param("VON,parts_sum,0,,warning", (100, 60, 39), "warning", id="a rule that allows none"),
        pytest.param("", (74661, 24508, 50153), None, id="the funds of Lào Cai"),
    ],
)
def test_parts_that_sum(rule: str, figures: tuple[float, ...], severity: str | None) -> None:
    batch = batch_of(YEAR.format(*figures), ruled(rule) if rule else None)
    assert codes(batch) == ([("VON", "parts_do_not_sum", severity)] if severity else [])


def test_parts_are_only_summed_where_all_of_them_are_given() -> None:
    assert codes(batch_of(YEAR.format(100, 60, "x"))) == []


def test_what_the_parts_sum_to_is_said() -> None:
    found = validate(batch_of(YEAR.format(100, 60, 30))).iloc[0]
    assert found.message == "các phần (VON-NS, VON-DN) cộng lại là 90, lệch 10."


@pytest.mark.parametrize(
    ("rule", "viec", "severity"),
    [
        ("VIEC,compare,,CHE,error", 100, None),
        ("VIEC,compare,,CHE,error", 101, "error"),
        ("VIEC,compare,2,CHE,error", 200, None),
        ("VIEC,compare,0.5,CHE,warning", 51, "warning"),
        ("VIEC,compare,,NUOC,error", 91, "error"),
        ("VIEC,compare,,NUOC,error\nVIEC,compare,,CHE,error", 101, "error"),
    ],
)
def test_one_figure_that_another_limits(rule: str, viec: float, severity: str | None) -> None:
    batch = batch_of(quarter(f"080,2013-Q4,VIEC,{viec},,,,,"), ruled(rule))
    assert codes(batch) == ([("VIEC", "compare_failed", severity)] if severity else [])


HALF = "unit,period,indicator,value\n{},2013-H2,XNK,{}"


@pytest.mark.parametrize(
    ("returns", "same", "found"),
    [
        pytest.param([("S03", 100), ("080", 60), ("082", 40)], "", None, id="both sources agree"),
        pytest.param([("S03", 101), ("080", 60), ("082", 40)], "", None, id="within two percent"),
        pytest.param([("S03", 110), ("080", 60), ("082", 40)], "", "S03", id="they differ"),
        pytest.param([("S03", 110), ("080", 60)], "", None, id="a district is still to come"),
        pytest.param(
            [("S03", 110)], "080,2013-H2,XNK,60\n082,2013-H2,XNK,40", "S03", id="the districts came before"
        ),
        pytest.param(
            [("082", 40)], "080,2013-H2,XNK,60\nS03,2013-H2,XNK,110", "082", id="the last district comes"
        ),
    ],
)
def test_two_sources_of_one_figure(returns: list[tuple[str, float]], same: str, found: str | None) -> None:
    result = validate(batch_of([HALF.format(*each) for each in returns], same=same))
    assert result.code.tolist() == (["sources_differ"] if found else [])
    if found:
        assert (result.unit[0], result.severity[0]) == (found, "warning")
        assert result.message[0] == "số của S03 là 110, cộng từ các đơn vị khác là 100."


OWN = """+VIEC,080,2013,,,100
CHE,080,2013-Q4,,,200
CHE,080,2013,,,150
NGHEO,080,2011-2015,43,2010,10"""


@pytest.mark.parametrize(
    ("setting", "rows", "found"),
    [
        pytest.param(
            "warn", ["CHE,119,,,,,"], [("CHE", "warning")], id="below 60 % of the quarter's own target"
        ),
        pytest.param("warn", ["CHE,120,,,,,"], [], id="60 % is enough"),
        pytest.param("require", ["CHE,119,,,,,"], [("CHE", "error")], id="required"),
        pytest.param("off", ["CHE,119,,,,,"], [], id="not asked"),
        pytest.param("warn", ["CHE,119,,,,mưa lũ,trồng lại"], [], id="the reason and the remedy are there"),
        pytest.param("warn", ["CHE,119,,,,mưa lũ,"], [("CHE", "warning")], id="the remedy is missing"),
        pytest.param("warn", ["CHE,,,,not_started,,"], [("CHE", "warning")], id="not started is behind"),
        pytest.param("warn", ["CHE,,,,not_due,,"], [], id="not due is not"),
        pytest.param(
            "warn", ["VIEC,19,,,,,"], [("VIEC", "warning")], id="a flow: 40 before and 19 now are 59"
        ),
        pytest.param("warn", ["VIEC,20,,,,,"], [], id="a flow: 40 before and 20 now are 60"),
        pytest.param("warn", ["NGHEO,24,,,,,"], [("NGHEO", "warning")], id="19 of 33 points of poverty"),
        pytest.param("warn", ["NGHEO,23,,,,,"], [], id="20 of 33 points are 60.6 %"),
    ],
)
def test_a_shortfall_from_a_units_own_target_wants_a_reason(
    setting: str, rows: list[str], found: list[tuple[str, str]]
) -> None:
    good = ["080,2013-Q4,CHE,200,,,,,", "080,2013-Q4,VIEC,60,,,,,", "080,2013-Q4,NGHEO,10,,,,,"]
    text = quarter(*good, *(f"080,2013-Q4,{row}" for row in rows))
    batch = batch_of(text, rules_of(plan_of(targets=OWN), reason_required=setting), sums={"VIEC": 40})
    assert codes(batch) == [(indicator, "reason_required", severity) for indicator, severity in found]


def test_earlier_quarters_of_the_same_batch_count_towards_the_year() -> None:
    earlier = quarter("080,2013-Q4,VIEC,40,,,,,", "080,2013-Q4,CHE,100,,,,,").replace("2013-Q4", "2013-Q3")
    later = quarter("080,2013-Q4,VIEC,20,,,,,", "080,2013-Q4,CHE,200,,,,,", "080,2013-Q4,NGHEO,10,,,,,")
    rules = rules_of(plan_of(targets=OWN), reason_required="warn")
    found = validate(batch_of([earlier, later], rules))
    assert set(zip(found.period, found.indicator, strict=True)) == {("2013-Q3", "VIEC"), ("2013-Q3", "NGHEO")}
    # A quarter sent again changes what the warehouse has already summed.
    batch = batch_of([earlier, later], rules, same="080,2013-Q3,VIEC,5")
    assert "VIEC" in set(validate(batch).query("period == '2013-Q4'").indicator)


def test_the_authoritys_target_is_that_of_its_only_reporter() -> None:
    alone = plan_of(
        targets="+DIEN,,2013,,,100",
        indicators="+DIEN,Số hộ có điện,CT1,hộ,quarter,stock,sum,,ratio,,080,,,yes",
    )
    text = f"{quarter()}\n080,2013-Q4,DIEN,50,,,,,"
    found = validate(batch_of(text, rules_of(alone, reason_required="warn")))
    assert found.indicator.tolist() == ["DIEN"]
    assert found.message[0] == "mới đạt 50% mục tiêu mà thiếu nguyên nhân, giải pháp."


def test_nothing_received_needs_no_run() -> None:
    batch = batch_of(quarter())
    nothing = replace(batch, rows=batch.rows.iloc[:0], owed=batch.owed & False)
    assert validate(nothing).empty


def test_the_suite_is_the_same_however_many_indicators_a_plan_has() -> None:
    assert len(submission_rules(WARNING)) == len(submission_rules(ERROR)) < 40
    assert {rule.code for rule in submission_rules(WARNING)} <= set(CODES)
    grounds = joined(batch_of(quarter()))
    assert {name for rule in submission_rules(WARNING) for name in rule.columns} <= set(grounds.columns)


def test_an_expectation_that_cannot_run_is_no_pass() -> None:
    frame = pd.DataFrame({"figure": [1.0, 2.0], "limit": ["a", "b"]})
    with pytest.raises(RuleDidNotRunError, match="out_of_range"):
        failing_rows(frame, [at_most("out_of_range", "figure", "limit")])
    with pytest.raises(RuleDidNotRunError, match="missing_value"):
        failing_rows(frame, [given("missing_value", "not_there", "value")])


def test_failing_rows_are_named_by_their_index() -> None:
    frame = pd.DataFrame({"figure": [1.0, math.nan, 3.0], "word": ["a", "b", "c"]}, index=[10, 20, 30])
    rules = [given("missing_value", "figure", "value"), one_of("bad_state", "word", ["a", "b"], "state")]
    assert [rows.tolist() for rows in failing_rows(frame, rules)] == [[20], [30]]


def test_great_expectations_finds_what_the_rules_mean() -> None:
    """One run over a batch in which nearly every rule fails somewhere."""
    rows = [
        "CHE,40,,,,,", "CHE,,,,,,", "CHE,5,,,not_due,,", "CHE,,,,sẽ làm,,", "VIEC,912000,,,,,", "VIEC,,,,,,",
        "NUOC,,,50,,,", "NUOC,,45,,,,", "NUOC,,45,0,,,", "NGHEO,0.34,,,,,", "XYZ,5,,,,,", "VIEC,120,,,,,",
    ]  # fmt: skip
    returns = [quarter(f"080,2013-Q4,{row}") for row in rows]
    returns += [f"{quarter()}\n{CHE}", YEAR.format(100, 60, 30)]
    plan = plan_of(
        targets=OWN,
        rules=f"{RULES}CHE,min,50,,error\nCHE,max,90,,warning\nVIEC,compare,,CHE,error\nVIEC,not_falling,,,error",
    )
    before = "080,2013-Q3,CHE,100\n080,2013-Q3,VIEC,875\n080,2013-Q3,NGHEO,36"
    batch = batch_of(returns, rules_of(plan, reason_required="warn"), before=before)
    found, meant = validate_by_great_expectations(batch), validate(batch)
    assert len(set(meant.code)) >= 13
    pd.testing.assert_frame_equal(found, meant)


def test_the_validator_sends_nothing_and_writes_nothing(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert great_expectations() is not None
    validate_by_great_expectations(batch_of(quarter()))
    assert list(tmp_path.iterdir()) == []
