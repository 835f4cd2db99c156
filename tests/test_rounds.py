"""Rounds: what they ask, of whom, until when, what a review is called and judged against; and which are refused."""

from typing import Any

import pandas as pd
import pytest
from judging import INDICATOR, plan_of, province, rows

from tiendo.calendars import Calendar
from tiendo.deadlines import deadlines_of
from tiendo.errors import PlanError
from tiendo.parts import owed_grid, parts_of
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.reporting import closing_periods, owed_for, owing_units
from tiendo.rounds import against_of, asked_beside, round_of

CALENDAR = Calendar(name="gregorian", due_days=10)
Q2 = Period.parse("2013-Q2")
UNITS = pd.Series(["A", "B", "C", "S"])

# X and Y are owed each quarter by all districts, M each year by them, Z each quarter by the agency.
INDICATORS = [
    {**INDICATOR, "code": "X"},
    {**INDICATOR, "code": "Y"},
    {**INDICATOR, "code": "M", "frequency": "year"},
    {**INDICATOR, "code": "Z", "reported_by": "S"},
    {**INDICATOR, "code": "N", "reported_by": "nobody"},
]
TARGETS = [{"indicator": code, "span": "2011-2015", "target": "5"} for code in "XYMZN"]


def planned(*rounds: str) -> Plan:
    """The province's plan with rounds written as `code kind period key=value …`."""
    return plan_of(province(indicators=INDICATORS, targets=TARGETS, rounds=[_row(each) for each in rounds]))


def _row(text: str) -> dict[str, Any]:
    code, kind, period, *given = text.split()
    return {"code": code, "name": f"Đợt {code}", "kind": kind, "period": period} | dict(
        word.split("=", 1) for word in given
    )


def asked(plan: Plan, period: str = "2013-Q2") -> dict[str, str]:
    """Unit → the indicators it is asked for a period; both ways of working it out must say the same."""
    parsed = Period.parse(period)
    pairs = owed_for(plan, parsed, CALENDAR)
    found = pairs.groupby("unit").indicator.agg(lambda codes: " ".join(sorted(codes))).to_dict()
    assert owing_units(plan, parsed, CALENDAR) == sorted(found)
    cells = pd.DataFrame({"file": range(4), "unit": UNITS, "period": period, "sheet": "", "line": 2})
    grid = owed_grid(plan, parts_of(cells, plan, CALENDAR))
    of_grid = {
        unit: " ".join(sorted(plan.indicators.index[line])) for unit, line in zip(UNITS, grid, strict=True)
    }
    assert {unit: codes for unit, codes in of_grid.items() if codes} == found
    return {str(unit): str(codes) for unit, codes in found.items()}


USUAL = {"A": "X Y", "B": "X Y", "C": "X Y", "S": "Z"}


@pytest.mark.parametrize(
    ("rounds", "period", "wanted"),
    [
        pytest.param([], "2013-Q2", USUAL, id="no rounds: by frequency"),
        pytest.param(["r regular 2013-Q2"], "2013-Q2", USUAL, id="a regular round that says nothing more"),
        pytest.param(
            ["r regular 2013-Q2 indicators=X"],
            "2013-Q2",
            {"A": "X", "B": "X", "C": "X"},
            id="a round that asks one indicator of all: the agency owes nothing",
        ),
        pytest.param(
            ["r interim 2013-Q2 units=A indicators=X"],
            "2013-Q2",
            USUAL | {"A": "X"},
            id="asked less of one unit, the others as usual",
        ),
        pytest.param(
            ["r interim 2013-Q2 units=A indicators=X"],
            "2013-Q3",
            USUAL,
            id="the next period is as usual",
        ),
        pytest.param(
            ["r ad_hoc 2013-Q2 units=A;B indicators=M"],
            "2013-Q2",
            USUAL | {"A": "M X Y", "B": "M X Y"},
            id="ad hoc: a yearly indicator beside the quarter's, of two units",
        ),
        pytest.param(
            ["r ad_hoc 2013-05 units=A indicators=X;M"],
            "2013-05",
            {"A": "M X"},
            id="ad hoc: for a month in which nothing is owed",
        ),
        pytest.param(
            ["r ad_hoc 2013-05 indicators=Z;X"],
            "2013-05",
            {"A": "X", "B": "X", "C": "X", "S": "Z"},
            id="ad hoc: each is asked what it reports",
        ),
        pytest.param(["r ad_hoc 2013-05 units=A indicators=X"], "2013-06", {}, id="ad hoc: that month alone"),
    ],
)
def test_a_round_asks_its_indicators_of_its_units(
    rounds: list[str], period: str, wanted: dict[str, str]
) -> None:
    assert asked(planned(*rounds), period) == wanted


def test_a_closing_holds_the_period_of_an_ad_hoc_round() -> None:
    plan = planned("r ad_hoc 2013-06 units=A indicators=X")
    assert [str(each) for each in closing_periods(plan, Period.parse("2013-06"))] == ["2013-06", "2013-Q2"]
    assert [str(each) for each in closing_periods(plan, Period.parse("2013-05"))] == []


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        pytest.param("", "2013-06-26 2013-06-30 2013-07-10 2013-08-09", id="no dates of its own"),
        pytest.param(
            "due=2013-07-05",
            "2013-06-21 2013-06-30 2013-07-05 2013-08-04",
            id="due sooner: opens and locks move along",
        ),
        pytest.param(
            "due=2013-07-06", "2013-06-24 2013-06-30 2013-07-08 2013-08-07", id="due on a Saturday: on Monday"
        ),
        pytest.param(
            "cut_off=2013-06-20",
            "2013-06-17 2013-06-20 2013-07-01 2013-07-31",
            id="cut off sooner: due ten days after, a Sunday moved",
        ),
        pytest.param(
            "due=2013-06-25",
            "2013-06-11 2013-06-25 2013-06-25 2013-07-25",
            id="due within the period: cut off by then",
        ),
        pytest.param("locks=2013-07-12", "2013-06-26 2013-06-30 2013-07-10 2013-07-12", id="locked sooner"),
        pytest.param(
            "opens=2013-06-01 locks=2013-12-31",
            "2013-06-01 2013-06-30 2013-07-10 2013-12-31",
            id="open longer",
        ),
    ],
)
def test_a_round_sets_the_dates_of_its_units(given: str, wanted: str) -> None:
    plan = planned(f"r interim 2013-Q2 units=A;S {given}")
    frame = deadlines_of(plan, CALENDAR, Q2, UNITS)
    found = [" ".join(str(day) for day in line[:4]) for line in frame.itertuples(index=False)]
    usual = "2013-06-26 2013-06-30 2013-07-10 2013-08-09"
    assert found == [wanted, usual, usual, wanted]


def test_a_rounds_dates_stand_on_those_of_the_tier() -> None:
    raw = province(
        indicators=INDICATORS,
        targets=TARGETS,
        deadlines=rows("level,frequency,due,hour,locks\ndistrict,quarter,cutoff+3d,9,due+2d"),
        rounds=[_row("r interim 2013-Q2 units=A cut_off=2013-06-20")],
    )
    frame = deadlines_of(plan_of(raw), CALENDAR, Q2, UNITS)
    assert [str(day) for day in frame.due] == ["2013-06-24", "2013-07-03", "2013-07-03", "2013-07-10"]
    assert list(frame.hour) == [9, 9, 9, 17]
    assert [str(day) for day in frame.locks] == ["2013-06-26", "2013-07-05", "2013-07-05", "2013-08-09"]


@pytest.mark.parametrize(
    ("rounds", "period", "code", "against"),
    [
        pytest.param([], "2013-Q2", None, "own", id="no round: as the settings say"),
        pytest.param(["r regular 2013-Q2"], "2013-Q2", "r", "own", id="a round that says nothing of it"),
        pytest.param(
            ["r interim 2013-Q2 against=year"], "2013-Q2", "r", "year", id="a round against the year"
        ),
        pytest.param(["r interim 2013-Q2 against=year"], "2013-Q3", None, "own", id="another period"),
        pytest.param(
            ["gk interim 2011-2013 against=term"],
            "2011-2013",
            "gk",
            "term",
            id="a mid-term review of three years",
        ),
        pytest.param(["tk final 2011-2015 against=term"], "2011-2015", "tk", "term", id="the final review"),
        pytest.param(
            ["dx ad_hoc 2013-Q2 units=A indicators=M against=term", "r regular 2013-Q2 units=B against=year"],
            "2013-Q2",
            "r",
            "year",
            id="an ad hoc round beside another does not name the review",
        ),
        pytest.param(
            ["dx ad_hoc 2013-05 units=A indicators=X against=term"],
            "2013-05",
            "dx",
            "term",
            id="an ad hoc round alone does",
        ),
    ],
)
def test_a_review_is_called_and_judged_as_its_round_says(
    rounds: list[str], period: str, code: str | None, against: str
) -> None:
    plan = planned(*rounds)
    found = round_of(plan, Period.parse(period))
    assert (found.code if found else None, found.name if found else None) == (code, code and f"Đợt {code}")
    assert against_of(plan, Period.parse(period), "own") == against


@pytest.mark.parametrize(
    ("rounds", "period", "estimate", "outlook", "narrative"),
    [
        pytest.param([], "2013-Q2", "", "", "", id="no round asks nothing more"),
        pytest.param(["r interim 2013-Q2 asks=outlook"], "2013-Q2", "", "ABCS", "", id="an outlook, of all"),
        pytest.param(
            ["r interim 2013-Q2 units=A;B asks=year_estimate;narrative"],
            "2013-Q2",
            "AB",
            "",
            "AB",
            id="two things, of two units",
        ),
        pytest.param(
            ["r interim 2013-Q2 units=A asks=outlook", "s regular 2013-Q2 units=B asks=year_estimate"],
            "2013-Q2",
            "B",
            "A",
            "",
            id="each round of its own units",
        ),
        pytest.param(["r interim 2013-Q2 asks=outlook"], "2013-Q3", "", "", "", id="not in the next quarter"),
        pytest.param(
            ["r interim 2013-Q4 asks=year_estimate;outlook"],
            "2013",
            "",
            "ABCS",
            "",
            id="a year's own return is asked no estimate of the year",
        ),
        pytest.param(
            ["gk interim 2011-2013 asks=outlook;narrative"],
            "2013-Q4",
            "",
            "ABCS",
            "ABCS",
            id="a mid-term review asks in the returns that close with it",
        ),
    ],
)
def test_a_round_asks_beside_the_figures(
    rounds: list[str], period: str, estimate: str, outlook: str, narrative: str
) -> None:
    found = asked_beside(planned(*rounds), Period.parse(period), UNITS)
    said = ["".join(UNITS[found[name].to_numpy()]) for name in ("year_estimate", "outlook", "narrative")]
    assert said == [estimate, outlook, narrative]


@pytest.mark.parametrize(
    ("rounds", "row", "column", "problem"),
    [
        pytest.param(
            ["r regular 2013-Q2", "s interim 2013-Q2"],
            3,
            "units",
            "mọi đơn vị",
            id="two rounds ask all units at once",
        ),
        pytest.param(
            ["r regular 2013-Q2", "s interim 2013-Q2 units=A"],
            3,
            "units",
            "của A",
            id="one asks all, another one of them",
        ),
        pytest.param(
            ["r regular 2013-Q2 units=A;B", "s interim 2013-Q2 units=B;C"],
            3,
            "units",
            "của B",
            id="a unit in two rounds",
        ),
        pytest.param(
            ["r regular 2013-Q2 units=A against=year", "s interim 2013-Q2 units=B against=term"],
            3,
            "against",
            "năm|year",
            id="one period judged in two ways",
        ),
        pytest.param(
            ["r regular 2013-Q2 opens=2013-07-11 due=2013-07-10"],
            2,
            "due",
            "sớm hơn opens",
            id="due before it opens",
        ),
        pytest.param(
            ["r regular 2013-Q2 cut_off=2013-07-11 due=2013-07-10"],
            2,
            "due",
            "sớm hơn cut_off",
            id="due before the cut-off",
        ),
        pytest.param(
            ["r regular 2013-Q2 due=2013-07-10 locks=2013-07-01"],
            2,
            "locks",
            "sớm hơn due",
            id="locked before it is due",
        ),
        pytest.param(["r regular 2016-Q1"], 2, "period", "ngoài nhiệm kỳ", id="after the term"),
        pytest.param(["r regular 2013-Q2 units=X"], 2, "units", "không có mã", id="a unit nobody knows"),
        pytest.param(
            ["r regular 2013-Q2 indicators=W"], 2, "indicators", "không có mã", id="an indicator nobody knows"
        ),
        pytest.param(
            ["r regular 2013-Q2 indicators=N"],
            2,
            "indicators",
            "không đơn vị nào",
            id="an indicator that nobody reports",
        ),
        pytest.param(
            ["r regular 2013-Q2 indicators=M"],
            2,
            "indicators",
            "loại kỳ khác",
            id="a yearly indicator in a regular quarter",
        ),
        pytest.param(
            ["r regular 2013-Q2 units=P"], 2, "units", "không báo cáo", id="a unit that reports nothing"
        ),
        pytest.param(
            ["r ad_hoc 2013-05 units=S indicators=X"],
            2,
            "units",
            "không báo cáo",
            id="a unit that does not report the indicator",
        ),
        pytest.param(
            ["gk interim 2011-2013 due=2013-12-31"],
            2,
            "due",
            "không đơn vị nào nộp",
            id="a due date where nothing is sent",
        ),
        pytest.param(
            ["r regular 2013-05 units=A"],
            2,
            "units",
            "không đơn vị nào nộp",
            id="units of a month without monthly indicators",
        ),
        pytest.param(
            ["r regular 2013-Q2 asks=opinion"], 2, "asks", "không hợp lệ", id="asks what there is not"
        ),
        pytest.param(["r regular 2013-Q5"], 2, "period", "không hợp lệ", id="a period that is none"),
        pytest.param(["r vui 2013-Q2"], 2, "kind", "không hợp lệ", id="a kind that is none"),
    ],
)
def test_a_wrong_round_is_a_problem_of_the_plan(
    rounds: list[str], row: int, column: str, problem: str
) -> None:
    with pytest.raises(PlanError) as refused:
        planned(*rounds)
    found = refused.value.problems
    assert set(found.table) == {"rounds"}
    at = found[(found.row == row) & (found.column == column)]
    assert at.problem.str.contains(problem).any(), found.to_string()
    assert (at.remedy != "").all()
