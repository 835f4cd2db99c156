"""Obligations: who owes what, and how it stands on a day."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import INDICATOR, plan_of, province, rows

from tiendo.calendars import Calendar
from tiendo.obligations import ACCEPTED, IN, STATES, obligations, overdue_days
from tiendo.periods import Period
from tiendo.plan import Plan, read_plan
from tiendo.reporting import closing_periods, owed_indicators, owing_units, reporter_sets

CASES = Path(__file__).parent / "cases"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

# 2026-Q1 closes on 14 March: due on Tuesday 17 March at 17:00, open from 3 March on, locked after 16 April.
CALENDAR = Calendar(due_working_days=2)
PERIOD = Period.parse("2026-Q1")
SENT_COLUMNS = ["unit", "period", "version", "verdict", "received_at"]


def plan_for(**indicator: str) -> Plan:
    """The province with one indicator."""
    row = {**INDICATOR, "code": "X", **indicator}
    return plan_of(province(indicators=[row], targets=rows("indicator,span,target\nX,2011-2015,5")))


PLAN = plan_for()


def sent(text: str) -> pd.DataFrame:
    """Versions as `03-16 16:59 accepted`, parted by `|`, of unit A for the first quarter of 2026."""
    given = [part.split() for part in text.split("|") if part.strip()]
    found = [
        (
            "A",
            "2026-Q1",
            number,
            verdict,
            datetime.fromisoformat(f"2026-{day} {hour}").replace(tzinfo=VIETNAM),
        )
        for number, (day, hour, verdict) in enumerate(given, start=1)
    ]
    frame = pd.DataFrame(found, columns=SENT_COLUMNS)
    return frame.assign(received_at=pd.to_datetime(frame.received_at, utc=True))


def state_on(day: str, versions: str, calendar: Calendar = CALENDAR) -> str:
    """The state of unit A's obligation at the end of a day of 2026."""
    today = date.fromisoformat(f"2026-{day}")
    frame = obligations(PLAN, calendar, PERIOD, sent(versions), today).set_index("unit")
    return str(frame.state["A"])


def test_the_dates_of_the_table_below() -> None:
    frame = obligations(PLAN, CALENDAR, PERIOD, sent(""), date(2026, 3, 1))
    dates = frame.set_index("unit").loc["A", ["opens", "cut_off", "due", "locks"]]
    assert [str(each) for each in dates] == ["2026-03-03", "2026-03-14", "2026-03-17", "2026-04-16"]
    assert CALENDAR.due_instant(date(2026, 3, 17)).astimezone(UTC).hour == 10


@pytest.mark.parametrize(
    ("versions", "days"),
    [
        pytest.param(
            "", "03-02=not_open 03-03=open 03-17=open 03-18=overdue 04-16=overdue 04-17=locked_missing",
            id="nothing sent",
        ),
        pytest.param("03-10 09:00 accepted", "03-09=open 03-10=accepted_on_time", id="sent early"),
        pytest.param("03-17 17:00 accepted", "03-17=accepted_on_time", id="sent at the due hour"),
        pytest.param("03-17 17:01 accepted", "03-17=accepted_late 03-20=accepted_late", id="sent a minute after it"),
        pytest.param("03-20 09:00 accepted_with_warnings", "03-19=overdue 03-20=accepted_late", id="three days late"),
        pytest.param("04-20 09:00 accepted", "04-19=locked_missing 04-20=accepted_late", id="let in after the lock"),
        pytest.param(
            "03-16 09:00 returned", "03-16=returned 03-17=returned 03-18=returned 03-19=overdue 04-17=locked_missing",
            id="sent back and never corrected: owed again when the time for correction is over",
        ),
        pytest.param(
            "03-18 09:00 returned", "03-18=overdue 03-19=overdue", id="sent back and late from the first: overdue"
        ),
        pytest.param(
            "03-17 16:00 returned | 03-18 16:59 accepted", "03-17=returned 03-18=accepted_on_time",
            id="sent back on the due day, corrected on the next working day",
        ),
        pytest.param(
            "03-17 16:00 returned | 03-18 17:01 accepted", "03-18=accepted_late", id="corrected a minute too late"
        ),
        pytest.param(
            "03-17 18:00 returned | 03-18 09:00 accepted", "03-18=accepted_late",
            id="the first came late: no time for correction",
        ),
        pytest.param(
            "03-10 09:00 returned | 03-11 09:00 returned | 03-12 09:00 accepted",
            "03-10=returned 03-11=returned 03-12=accepted_on_time", id="the third is right, and in time",
        ),
        pytest.param(
            "03-10 09:00 accepted | 03-25 09:00 accepted", "03-10=accepted_on_time 03-25=accepted_on_time",
            id="a later version changes an accepted return, it does not make it late",
        ),
        pytest.param(
            "03-10 09:00 accepted | 03-25 09:00 returned", "03-25=accepted_on_time",
            id="a later version that is sent back leaves the accepted one standing",
        ),
    ],
)  # fmt: skip
def test_an_obligation_stands_on_a_day(versions: str, days: str) -> None:
    found = {day: state_on(day, versions) for day, _, _ in (word.partition("=") for word in days.split())}
    assert found == dict(word.split("=") for word in days.split())


@pytest.mark.parametrize(
    ("correction_days", "wanted"),
    [
        pytest.param(0, "accepted_late", id="no time for correction"),
        pytest.param(1, "accepted_late", id="until Monday"),
        pytest.param(2, "accepted_on_time", id="until Tuesday"),
    ],
)
def test_the_days_for_correction_are_working_days_and_a_setting(correction_days: int, wanted: str) -> None:
    calendar = Calendar(due_working_days=5, correction_days=correction_days)
    assert calendar.deadline(PERIOD).due == date(2026, 3, 20), "a Friday"
    assert state_on("03-24", "03-20 09:00 returned | 03-24 16:00 accepted", calendar) == wanted


def test_an_obligation_says_the_accepted_receipt_and_the_last_version() -> None:
    versions = sent("03-10 09:00 returned | 03-11 09:00 accepted | 03-25 09:00 returned")
    row = obligations(PLAN, CALENDAR, PERIOD, versions, date(2026, 3, 26)).set_index("unit").loc["A"]
    assert row.received_at == pd.Timestamp("2026-03-11 02:00", tz="UTC")
    assert row.version == 3


def test_a_unit_that_owes_nothing_is_not_in_the_table() -> None:
    frame = obligations(PLAN, CALENDAR, PERIOD, sent(""), date(2026, 3, 1))
    assert list(frame.unit) == ["A", "B", "C"]
    assert obligations(PLAN, CALENDAR, Period.parse("2026-H1"), sent(""), date(2026, 3, 1)).empty


def test_other_periods_returns_are_no_matter() -> None:
    other = sent("03-10 09:00 accepted").assign(period="2025-Q4")
    frame = obligations(PLAN, CALENDAR, PERIOD, other, date(2026, 3, 26)).set_index("unit")
    assert frame.state["A"] == "overdue"


def test_overdue_days_count_from_the_day_after_the_due_day() -> None:
    frame = obligations(PLAN, CALENDAR, PERIOD, sent("03-20 09:00 accepted"), date(2026, 3, 22)).set_index(
        "unit"
    )
    days = overdue_days(frame, date(2026, 3, 22))
    assert days["B"] == 5
    assert pd.isna(days["A"])


hours = st.integers(0, 23)
versions = st.lists(
    st.tuples(st.integers(-20, 60), hours, st.sampled_from([*ACCEPTED, "returned"])), max_size=4
).map(sorted)


@settings(max_examples=40, deadline=None)
@given(versions, st.integers(-20, 60))
def test_what_is_in_stays_in_and_what_is_late_stays_late(
    given_versions: list[tuple[int, int, str]], offset: int
) -> None:
    due = date(2026, 3, 17)
    frame = pd.DataFrame(
        [
            ("A", "2026-Q1", n, verdict, datetime.combine(due + timedelta(days=days), time(hour), VIETNAM))
            for n, (days, hour, verdict) in enumerate(given_versions, start=1)
        ],
        columns=SENT_COLUMNS,
    )
    frame["received_at"] = pd.to_datetime(frame.received_at, utc=True)

    def state(day: date) -> str:
        return str(obligations(PLAN, CALENDAR, PERIOD, frame, day).set_index("unit").state["A"])

    before, after = state(due + timedelta(days=offset)), state(due + timedelta(days=offset + 1))
    assert {before, after} <= set(STATES)
    if before in IN:
        assert after == before


# --- who owes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reported_by", "units"),
    [
        pytest.param("", ["A", "B", "C"], id="nothing said: the tier"),
        pytest.param("tier", ["A", "B", "C"], id="all that report"),
        pytest.param("level:district", ["A", "B", "C"], id="a level"),
        pytest.param("level:agency", ["S"], id="another level, though it is not of the tier"),
        pytest.param("A;S", ["A", "S"], id="units by code"),
        pytest.param("tier;S", ["A", "B", "C", "S"], id="the tier and an agency"),
        pytest.param("A;tier", ["A", "B", "C"], id="nobody twice"),
        pytest.param("nobody", [], id="nobody"),
    ],
)
def test_an_indicator_is_owed_by_those_it_names(reported_by: str, units: list[str]) -> None:
    assert owing_units(plan_for(reported_by=reported_by), PERIOD, CALENDAR) == units


def test_a_figure_taken_from_elsewhere_is_owed_by_nobody() -> None:
    raw = province(
        indicators=[
            {**INDICATOR, "code": "X", "reported_by": "A"},
            {**INDICATOR, "code": "NQ", "reported_by": "source:X"},
            {**INDICATOR, "code": "ANY", "type": "any_of"},
            {**INDICATOR, "code": "MAIN"},
            {**INDICATOR, "code": "PART", "parent": "MAIN", "reported_by": "B"},
        ],
        targets=rows("indicator,span,target\nX,2011-2015,5\nNQ,2011-2015,5\nPART,2011-2015,5"),
        branches=rows("indicator,branch\nANY,X"),
    )
    sets, members = reporter_sets(plan_of(raw), date(2026, 3, 1))
    assert dict(sets) == {"X": "A", "PART": "B"}
    assert sorted(members.unit) == ["A", "B"]


@pytest.mark.parametrize(
    ("period", "units"),
    [
        pytest.param("2013-Q1", ["A"], id="before it begins"),
        pytest.param("2013-Q2", ["A", "N"], id="valid on the last day of the quarter"),
        pytest.param("2013-Q3", ["A", "N"], id="valid to the very last day"),
        pytest.param("2013-Q4", ["A"], id="no more"),
    ],
)
def test_a_unit_owes_while_it_is_valid_on_the_periods_last_day(period: str, units: list[str]) -> None:
    table = "code,name,level,parent,reports,valid_from,valid_to\n"
    table += (
        "P,Tỉnh,province,,no,,\nA,Huyện A,district,P,yes,,\nN,Huyện mới,district,P,yes,2013-06-30,2013-09-30"
    )
    raw = province(
        org_units=table,
        indicators=[{**INDICATOR, "code": "X"}],
        targets=rows("indicator,span,target\nX,2011-2015,5"),
    )
    assert owing_units(plan_of(raw), Period.parse(period), Calendar(name="gregorian")) == units


def test_a_closing_holds_every_period_that_ends_with_it() -> None:
    kinds = ("quarter", "half", "year")
    raw = province(
        indicators=[{**INDICATOR, "code": kind, "frequency": kind} for kind in kinds],
        targets=[{"indicator": kind, "span": "2011-2015", "target": "5"} for kind in kinds],
    )
    plan = plan_of(raw)
    assert [str(p) for p in closing_periods(plan, Period.parse("2013-Q4"))] == ["2013-Q4", "2013-H2", "2013"]
    assert [str(p) for p in closing_periods(plan, Period.parse("2013-Q2"))] == ["2013-Q2", "2013-H1"]
    assert [str(p) for p in closing_periods(plan, Period.parse("2013-Q3"))] == ["2013-Q3"]
    assert list(owed_indicators(plan, "A", Period.parse("2013"), CALENDAR).code) == ["year"]
    assert owed_indicators(plan, "S", Period.parse("2013"), CALENDAR).empty


# --- the published days of Lào Cai ------------------------------------------------------------------------


def test_what_was_overdue_in_lao_cai_comes_out_as_it_was() -> None:
    """Ten calendar days after each quarter; a return is overdue from the day after until the day it is in."""
    case = CASES / "lao_cai_resolution"
    plan = read_plan(
        {
            path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
            for path in (case / "plan").glob("*.csv")
        }
    )
    calendar = Calendar(name="gregorian", due_days=10, lock_days=20_000)
    received = pd.read_csv(case / "received.csv", dtype=str).rename(columns={"org_unit": "unit"})
    noon = pd.to_datetime(received.received_on + " 12:00").dt.tz_localize(VIETNAM).dt.tz_convert("UTC")
    frame = received.assign(version=1, verdict="accepted", received_at=noon)
    for text, due in received[["period", "due_on"]].drop_duplicates().itertuples(index=False):
        assert calendar.deadline(Period.parse(text)).due.isoformat() == due
    wanted = pd.read_csv(case / "expected_overdue.csv", dtype={"org_unit": str})
    found = []
    for day in wanted.as_of.unique():
        today = date.fromisoformat(day)
        for text in received.period.unique():
            table = obligations(plan, calendar, Period.parse(text), frame, today)
            table = table.assign(as_of=day, days_overdue=overdue_days(table, today))
            found.append(table[table.days_overdue.notna()][["as_of", "unit", "period", "days_overdue"]])
    said = pd.concat(found).set_axis(wanted.columns, axis=1).astype({"days_overdue": int})
    order = ["as_of", "org_unit", "period"]
    pd.testing.assert_frame_equal(
        said.sort_values(order, ignore_index=True),
        wanted.sort_values(order, ignore_index=True),
        check_dtype=False,
    )
