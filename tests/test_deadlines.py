"""Deadlines of the plan's own: per tier and frequency, dated, with their hours; and what of them cannot be read."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import INDICATOR, UNITS, frames, plan_of, province, rows, words

from tiendo.calendars import Calendar
from tiendo.deadlines import deadlines_of, last_closed, live_periods
from tiendo.errors import PlanError
from tiendo.obligations import obligations
from tiendo.periods import Period
from tiendo.plan import Plan, read_plan

ND09 = Calendar()
GREGORIAN = Calendar(name="gregorian")
COLUMNS = ["opens", "cut_off", "due", "locks"]
NOTHING = pd.DataFrame(
    {
        "unit": pd.Series(dtype="str"),
        "period": pd.Series(dtype="str"),
        "version": pd.Series(dtype="int64"),
        "verdict": pd.Series(dtype="str"),
        "received_at": pd.Series(dtype="datetime64[us, UTC]"),
    }
)


def plan_with(*deadlines: str, units: str = UNITS, **tables: object) -> Plan:
    """The province with an indicator of each frequency, reported by the districts and by the agency."""
    kinds = ("month", "quarter", "half", "year")
    indicators = [
        {**INDICATOR, "code": kind, "frequency": kind, "reported_by": "tier;S", "figure_of": "S"}
        for kind in kinds
    ]
    targets = [{"indicator": kind, "span": "2011-2015", "target": "5"} for kind in kinds]
    given_tables = {
        "indicators": indicators,
        "targets": targets,
        "org_units": units,
        "deadlines": [words(each) for each in deadlines],
        **tables,
    }
    return plan_of(province(**given_tables))  # type: ignore[arg-type]


def dates(plan: Plan, calendar: Calendar, period: str, unit: str = "A") -> list[str]:
    """opens, cut_off, due and locks of a unit."""
    frame = deadlines_of(plan, calendar, Period.parse(period), pd.Series([unit]))
    return [str(day) for day in frame.loc[0, COLUMNS]]


# The real rule: who reports quarterly does so by day 6 of the quarter's last month, who consolidates by day 8.
REPORTERS = "level=district frequency=quarter due=last_month:6"
CONSOLIDATORS = "level=agency frequency=quarter due=last_month:8"


@pytest.mark.parametrize(
    ("rule", "calendar", "period", "wanted"),
    [
        pytest.param(
            "due=cutoff+2wd",
            ND09,
            "2013-Q2",
            "2013-06-04 2013-06-14 2013-06-18 2013-07-18",
            id="two working days after a cut-off on Friday",
        ),
        pytest.param(
            "due=cutoff+10d",
            GREGORIAN,
            "2013-Q1",
            "2013-03-27 2013-03-31 2013-04-10 2013-05-10",
            id="ten calendar days",
        ),
        pytest.param(
            "due=day:15",
            GREGORIAN,
            "2013-Q1",
            "2013-04-01 2013-03-31 2013-04-15 2013-05-15",
            id="day 15 of the month after",
        ),
        pytest.param(
            "due=day:15",
            GREGORIAN,
            "2013-Q4",
            "2013-12-31 2013-12-31 2014-01-15 2014-02-14",
            id="day 15 of January, after the fourth quarter",
        ),
        pytest.param(
            "due=last_month:6",
            ND09,
            "2013-Q1",
            "2013-02-20 2013-03-06 2013-03-06 2013-04-05",
            id="before the data window ends: the cut-off is not after the due day",
        ),
        pytest.param(
            "due=last_month:6 cut_off=last_month:4",
            ND09,
            "2013-Q1",
            "2013-02-20 2013-03-04 2013-03-06 2013-04-05",
            id="with a cut-off of its own",
        ),
        pytest.param(
            "due=last_month:8",
            ND09,
            "2013-Q2",
            "2013-05-27 2013-06-10 2013-06-10 2013-07-10",
            id="a Saturday moves to Monday, and the cut-off may be as late",
        ),
        pytest.param(
            "due=last_month:31",
            GREGORIAN,
            "2013-Q2",
            "2013-06-17 2013-06-30 2013-07-01 2013-07-31",
            id="a month without a 31st: its last day, a Sunday, moves to Monday",
        ),
        pytest.param(
            "due=day:11",
            GREGORIAN,
            "2013-01",
            "2013-01-28 2013-01-31 2013-02-18 2013-03-20",
            id="within Tết 2013 (9 to 17 February): the first working day after it",
        ),
        pytest.param(
            "due=cutoff+2wd locks=due+10wd",
            ND09,
            "2013-Q2",
            "2013-06-04 2013-06-14 2013-06-18 2013-07-02",
            id="locked ten working days after",
        ),
        pytest.param(
            "due=cutoff+2wd locks=due+5d",
            ND09,
            "2013-Q2",
            "2013-06-04 2013-06-14 2013-06-18 2013-06-23",
            id="locked five days after",
        ),
        pytest.param(
            "due=day:5 locks=day:28",
            GREGORIAN,
            "2013-Q2",
            "2013-06-21 2013-06-30 2013-07-05 2013-07-28",
            id="locked on a day of the month",
        ),
        pytest.param(
            "due=cutoff+2wd cut_off=day:5",
            GREGORIAN,
            "2013-Q2",
            "2013-06-25 2013-07-05 2013-07-09 2013-08-08",
            id="due days after a cut-off of its own",
        ),
    ],
)
def test_a_rule_gives_the_dates_of_a_period(rule: str, calendar: Calendar, period: str, wanted: str) -> None:
    kind = Period.parse(period).kind
    plan = plan_with(f"level=district frequency={kind} {rule}")
    assert dates(plan, calendar, period) == wanted.split()


def test_each_tier_has_its_own_dates_and_who_has_none_the_calendars() -> None:
    plan = plan_with(REPORTERS, CONSOLIDATORS)
    frame = obligations(plan, ND09, Period.parse("2013-Q1"), NOTHING, date(2013, 3, 7)).set_index("unit")
    assert {unit: str(due) for unit, due in frame.due.items()} == {
        "A": "2013-03-06", "B": "2013-03-06", "C": "2013-03-06", "S": "2013-03-08",
    }  # fmt: skip
    assert dict(frame.state) == {"A": "overdue", "B": "overdue", "C": "overdue", "S": "open"}
    assert dates(plan, ND09, "2013-H1")[2] == str(ND09.deadline(Period.parse("2013-H1")).due)
    assert dates(plan_with(REPORTERS), ND09, "2013-Q1", "S")[2] == str(
        ND09.deadline(Period.parse("2013-Q1")).due
    )


@pytest.mark.parametrize(
    ("period", "due"),
    [
        pytest.param("2013-Q1", "2013-03-18", id="before any rule: the calendar"),
        pytest.param("2013-Q2", "2013-06-20", id="the rule in force since the period's last day"),
        pytest.param("2013-Q3", "2013-09-20", id="still that one"),
        pytest.param("2013-Q4", "2013-12-06", id="changed on the day before the period's last"),
    ],
)
def test_a_period_takes_the_rule_of_its_last_day(period: str, due: str) -> None:
    plan = plan_with(
        "level=district frequency=quarter due=last_month:6 valid_from=2013-12-13",
        "level=district frequency=quarter due=last_month:20 valid_from=2013-06-14",
    )
    assert dates(plan, ND09, period)[2] == due


def test_an_undated_rule_holds_until_a_dated_one_begins() -> None:
    plan = plan_with(
        "level=district frequency=quarter due=last_month:20 valid_from=2013-06-01",
        "level=district frequency=quarter due=last_month:6",
    )
    assert [dates(plan, ND09, period)[2] for period in ("2013-Q1", "2013-Q2")] == ["2013-03-06", "2013-06-20"]


def test_a_unit_has_the_tier_of_the_periods_last_day() -> None:
    lifted = UNITS.replace("parent,reports", "parent,reports,valid_from,valid_to").replace("yes", "yes,,")
    lifted = lifted.replace("no", "no,,").replace(
        "C,Huyện C,district,P,yes,,",
        "C,Huyện C,agency,P,yes,,2013-06-30\nC,Huyện C,district,P,yes,2013-07-01,",
    )
    plan = plan_with(REPORTERS, CONSOLIDATORS, units=lifted)
    assert dates(plan, ND09, "2013-Q2", "C")[2] == "2013-06-10"
    assert dates(plan, ND09, "2013-Q3", "C")[2] == "2013-09-06"


@pytest.mark.parametrize(
    ("hour", "received", "state"),
    [
        pytest.param("11", "2013-03-06 11:00", "accepted_on_time", id="at the tier's hour"),
        pytest.param("11", "2013-03-06 11:01", "accepted_late", id="a minute after it"),
        pytest.param("", "2013-03-06 17:00", "accepted_on_time", id="without an hour that of the settings"),
        pytest.param("24", "2013-03-06 23:59", "accepted_on_time", id="to the end of the day"),
        pytest.param("0", "2013-03-06 00:01", "accepted_late", id="before the day begins"),
    ],
)
def test_the_due_day_counts_to_the_tiers_hour(hour: str, received: str, state: str) -> None:
    plan = plan_with(f"{REPORTERS} hour={hour}")
    at = datetime.fromisoformat(f"{received}+07:00").astimezone(UTC)
    sent = pd.DataFrame({"unit": ["A"], "period": "2013-Q1", "version": 1, "verdict": "accepted"})
    sent["received_at"] = pd.to_datetime([at], utc=True)
    frame = obligations(plan, ND09, Period.parse("2013-Q1"), sent, date(2013, 3, 20)).set_index("unit")
    assert frame.state["A"] == state
    assert frame.hour["A"] == int(hour or 17)


@pytest.mark.parametrize(
    ("today", "closed"),
    [
        ("2013-04-11", "2012-Q4"),
        ("2013-04-10", "2012-Q4"),
        ("2013-04-12", "2013-Q1"),
        ("2013-07-10", "2013-Q1"),
    ],
)
def test_the_last_closed_period_is_the_latest_whose_due_date_is_past(today: str, closed: str) -> None:
    """The first quarter of 2013 was due on 10 April (ten calendar days), which moves to the 11th: a Wednesday."""
    calendar = Calendar(name="gregorian", due_days=11)
    assert calendar.deadline(Period.parse("2013-Q1")).due == date(2013, 4, 11)
    assert str(last_closed(plan_with(), calendar, "quarter", date.fromisoformat(today))) == closed


def test_a_period_is_closed_when_the_last_tier_was_due() -> None:
    plan = plan_with(REPORTERS, CONSOLIDATORS)
    closed = {day: str(last_closed(plan, ND09, "quarter", date(2013, 3, day))) for day in (7, 8, 9)}
    assert closed == {7: "2012-Q4", 8: "2012-Q4", 9: "2013-Q1"}


def test_periods_are_live_while_any_tiers_returns_are_taken() -> None:
    quick = "level=district frequency=quarter due=last_month:6 locks=due+1d"
    slow = "level=agency frequency=quarter due=last_month:8 locks=due+60d"
    plan = plan_with(quick, slow, "level=province frequency=month due=cutoff+2wd")
    quarters = {
        day: [
            str(each) for each in live_periods(plan, ND09, date.fromisoformat(day)) if each.kind == "quarter"
        ]
        for day in ("2013-02-19", "2013-02-20", "2013-03-06", "2013-05-07", "2013-05-08")
    }
    # The region's tier, for which nothing is said, has the calendar's dates.
    assert quarters == {
        "2013-02-19": [],
        "2013-02-20": ["2013-Q1"],
        "2013-03-06": ["2013-Q1"],
        "2013-05-07": ["2013-Q1"],
        "2013-05-08": [],
    }


@pytest.mark.parametrize(
    ("rule", "column", "remedy"),
    [
        pytest.param("level=huyện due=day:5", "level", "district|các tên", id="a tier nobody has"),
        pytest.param("level=district due=cutoff+2", "due", "cutoff.2wd", id="days of no kind"),
        pytest.param("level=district due=due+2wd", "due", "cutoff.2wd", id="due counted from itself"),
        pytest.param("level=district due=day:32", "due", "day:15", id="a day no month has"),
        pytest.param("level=district due=day:0", "due", "day:15", id="no day at all"),
        pytest.param("level=district due=ngày 6", "due", "last_month:6", id="words"),
        pytest.param(
            "level=district due=day:5 cut_off=cutoff+1d", "cut_off", "last_month:5", id="a cut-off counted"
        ),
        pytest.param(
            "level=district due=day:5 locks=cutoff+5d",
            "locks",
            "due.30d",
            id="locks counted from the cut-off",
        ),
        pytest.param("level=district due=day:5 hour=25", "hour", "0 đến 24", id="an hour no day has"),
        pytest.param(
            "level=district due=last_month:6 cut_off=last_month:7",
            "cut_off",
            "đổi",
            id="cut off after it is due",
        ),
        pytest.param(
            "level=district due=day:5 cut_off=day:6", "cut_off", "đổi", id="the same in the next month"
        ),
        pytest.param(
            "level=district due=day:5 locks=last_month:28", "locks", "đổi", id="locked before it is due"
        ),
        pytest.param("level=district due=", "due", "điền", id="no due rule"),
    ],
)
def test_a_wrong_rule_is_a_problem_of_the_plan(rule: str, column: str, remedy: str) -> None:
    with pytest.raises(PlanError) as refused:
        plan_with(*(f"{part} frequency=quarter" for part in [rule.replace(" 6", "_6")]))
    found = refused.value.problems
    assert set(found.table) == {"deadlines"}
    assert column in set(found.column)
    assert found.remedy[found.column == column].str.contains(remedy).any()


def test_every_wrong_rule_is_told_at_once() -> None:
    raw = province(
        indicators=[{**INDICATOR, "code": "X"}],
        targets=rows("indicator,span,target\nX,2011-2015,5"),
        deadlines=rows("level,frequency,due,hour\ndistrict,quarter,x,30\nregion,quarter,y,8"),
    )
    with pytest.raises(PlanError) as refused:
        read_plan(frames(raw))
    told = refused.value.problems
    assert sorted(zip(told.row, told.column, strict=True)) == [(2, "due"), (2, "hour"), (3, "due")]


counted = st.tuples(st.integers(0, 20), st.sampled_from(["d", "wd"])).map(lambda n: f"cutoff+{n[0]}{n[1]}")
in_month = st.tuples(st.sampled_from(["day", "last_month"]), st.integers(1, 31)).map(
    lambda d: f"{d[0]}:{d[1]}"
)
locking = st.tuples(st.integers(0, 90), st.sampled_from(["d", "wd"])).map(lambda n: f"due+{n[0]}{n[1]}")


@settings(max_examples=40, deadline=None)
@given(
    counted | in_month,
    st.just("") | locking,
    st.sampled_from(["month", "quarter", "half", "year"]),
    st.sampled_from([ND09, GREGORIAN]),
    st.integers(0, 30),
)
def test_whatever_the_rule_the_dates_keep_their_order(
    due: str, locks: str, kind: str, calendar: Calendar, number: int
) -> None:
    plan = plan_with(f"level=district frequency={kind} due={due} locks={locks}")
    period = Period.of_index(kind, Period.parse("2012").parts(kind)[0].index + number % 4)
    frame = deadlines_of(plan, calendar, period, pd.Series(["A", "S"]))
    own, usual = frame.loc[0], calendar.deadline(period)
    assert own.opens < own.due
    assert own.cut_off <= own.due <= own.locks
    assert calendar.is_working(own.due)
    assert list(frame.loc[1, COLUMNS]) == [usual.opens, usual.cut_off, usual.due, usual.locks]
