"""What an adjusted report says otherwise than the one before it: figures, bands, counts, and what stands behind."""

from typing import Any

import pandas as pd
import pytest
from intake_samples import plan_of

from tiendo.bands import BANDS
from tiendo.report_changes import alarming, behind_changes, changed_counts, changed_rows, redefined

NAN = float("nan")


def attained(*rows: dict[str, Any]) -> pd.DataFrame:
    """Attainment rows of level indicator, of one unit."""
    usual = {
        "name": "Diện tích chè", "series": "assigned", "span": "2011-2015", "target": 1000.0, "actual": 500.0,
        "attainment": 50.0, "band": "lagging", "status": "final",
    }  # fmt: skip
    return pd.DataFrame([usual | row for row in rows])


CHE = {"code": "CHE"}

# What is now, beside CHE as it was: kind of the change (none), change in percent, whether it alarms at 5 %.
CASES = [
    pytest.param(CHE, None, NAN, False, id="the same figure is no change"),
    pytest.param(CHE | {"actual": 500.0 + 1e-8}, None, NAN, False, id="what double precision cannot hold is none"),
    pytest.param(CHE | {"actual": 520.0, "attainment": 52.0}, "changed", 4.0, False, id="a small change is listed"),
    pytest.param(CHE | {"actual": 526.0, "attainment": 52.6}, "changed", 5.2, True, id="beyond the share it alarms"),
    pytest.param(CHE | {"actual": 525.0, "attainment": 52.5}, "changed", 5.0, False, id="at just the share not"),
    pytest.param(CHE | {"actual": 470.0, "attainment": 47.0}, "changed", -6.0, True, id="a fall alarms like a rise"),
    pytest.param(
        CHE | {"actual": 501.0, "attainment": 50.1, "band": "advancing"}, "moved", 0.2, True, id="a moved band alarms",
    ),
    pytest.param(CHE | {"actual": NAN, "attainment": NAN}, "changed", NAN, True, id="a figure that is gone alarms"),
    pytest.param(CHE | {"target": 990.0, "attainment": 50.5}, "changed", 0.0, False, id="another target is a change"),
    pytest.param(CHE | {"status": "estimate"}, "status", 0.0, False, id="an estimate turned final changes no figure"),
]  # fmt: skip


@pytest.mark.parametrize(("now", "kind", "percent", "alarms"), CASES)
def test_what_changed(now: dict[str, Any], kind: str | None, percent: float, alarms: bool) -> None:
    rows = changed_rows(attained(CHE), attained(now))
    assert rows.kind.tolist() == ([kind] if kind else [])
    if kind:
        assert rows.change_pct[0] == pytest.approx(percent, nan_ok=True)
    assert len(alarming(rows, 5)) == alarms


def test_a_figure_that_was_nought_changes_beyond_any_share() -> None:
    rows = changed_rows(attained(CHE | {"actual": 0.0}), attained(CHE | {"actual": 1.0}))
    assert len(alarming(rows, 1e6)) == 1


def test_bands_that_moved_come_first_then_figures_then_what_was_added_and_dropped() -> None:
    before = attained({"code": "A"}, {"code": "B"}, {"code": "C"})
    now = attained(
        {"code": "A", "actual": 1.0}, {"code": "B", "band": "met"}, {"code": "D", "name": "Chỉ tiêu mới"}
    )
    rows = changed_rows(before, now)
    assert rows[["kind", "code"]].to_numpy().tolist() == [
        ["moved", "B"],
        ["changed", "A"],
        ["added", "D"],
        ["dropped", "C"],
    ]
    assert rows["name"].tolist()[2:] == ["Chỉ tiêu mới", "Diện tích chè"]


def test_a_series_of_targets_is_compared_with_itself() -> None:
    before = attained(CHE, CHE | {"series": "aspired", "target": 1200.0, "attainment": 41.7})
    now = attained(CHE | {"actual": 600.0}, CHE | {"series": "aspired", "target": 1200.0, "attainment": 50.0})
    assert changed_rows(before, now).series.tolist() == ["assigned", "aspired"]


def test_counts_are_told_of_every_band_that_either_report_has() -> None:
    none = dict.fromkeys(BANDS, 0)
    before = pd.DataFrame([none | {"level": "term", "met": 2, "lagging": 1}])
    now = pd.DataFrame([none | {"level": "term", "met": 1, "advancing": 2}])
    assert changed_counts(before, now).to_numpy().tolist() == [
        ["term", "met", 2, 1],
        ["term", "advancing", 0, 2],
        ["term", "lagging", 1, 0],
    ]


VALUES = pd.DataFrame(
    [
        ("080", "2013-Q4", "VIEC"),
        ("080", "2012-Q4", "VIEC"),
        ("082", "2012-Q4", "CHE"),
        ("082", "2013", "VON-NS"),
    ],
    columns=["unit", "period", "indicator"],
)


@pytest.mark.parametrize(
    ("code", "span", "at"),
    [
        pytest.param("VIEC", "2011-2015", [0, 1], id="all quarters of a term's sum"),
        pytest.param("VIEC", "2013", [0], id="a quarter of before the year does not enter the year's sum"),
        pytest.param("CHE", "2013", [2], id="a stock of before goes on"),
        pytest.param("VON", "2013", [], id="the parts of a sum are checked against it, not added"),
    ],
)
def test_which_values_stand_behind_an_indicator(code: str, span: str, at: list[int]) -> None:
    rows = attained({"code": code, "span": span})
    assert behind_changes(plan_of(), rows, VALUES)["at"].tolist() == at


@pytest.mark.parametrize(
    ("tables", "codes"),
    [
        pytest.param({}, set(), id="the same plan"),
        pytest.param({"targets": "+VIEC,,2013,,,900"}, {"VIEC"}, id="a target added"),
        pytest.param(
            {"indicators": "+MOI,Chỉ tiêu mới,CT1,ha,quarter,stock,sum,,ratio,,nobody,,,no"},
            {"MOI"},
            id="an indicator added",
        ),
        pytest.param({"programmes": "code,name\nCT1,Tên khác"}, set(), id="a programme's name defines no indicator"),
    ],
)  # fmt: skip
def test_which_indicators_two_plans_define_otherwise(tables: dict[str, str], codes: set[str]) -> None:
    assert redefined(plan_of(), plan_of(**tables)) == codes
