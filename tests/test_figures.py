"""Standing rows and figures in SQL: carried forward or worked out from scratch, the same, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judging import (
    CALENDAR,
    INDICATOR,
    LATER,
    RULES,
    Row,
    by_key,
    cells,
    judge_all,
    moment_of,
    plan_of,
    province,
    receive,
    rows,
    warehouse,
)
from sqlalchemy.engine import Connection, Engine
from test_reference import differences, world_of

from tiendo.course import Course
from tiendo.periods import FREQUENCIES, Period
from warehouse.bulk import read_frame
from warehouse.connecting import reckoning, writing
from warehouse.differing import Reading
from warehouse.readings import known_by, otherwise_table
from warehouse.schema import carried, kept_figure, standing
from warehouse.standing import carry_forward, forget_all, is_carried

COURSE = Course(2011 * 12)
START = datetime(2014, 1, 1, tzinfo=UTC)
KEY = ["period", "unit", "indicator"]

PLAN = plan_of(
    province(
        indicators=[
            {**INDICATOR, "code": "F", "accumulation": "flow"},
            {**INDICATOR, "code": "S"},
            {**INDICATOR, "code": "Q", "accumulation": "flow", "aggregation": "ratio", "scale": "100"},
            {**INDICATOR, "code": "G", "accumulation": "rate", "aggregation": "mean", "type": "rate"},
        ],
        targets=rows(
            "indicator,span,target\nF,2011-2015,100\nS,2011-2015,100\nQ,2011-2015,100\nG,2011-2015,10"
        ),
    )
)


@pytest.fixture
def sqlite() -> Iterator[Engine]:
    """An empty SQLite warehouse, where the database makes no difference."""
    with warehouse() as engine:
        yield engine


def closings(period: str) -> list[Period]:
    moment = moment_of(period)
    return [moment.closing(frequency) for frequency in FREQUENCIES]


def carry(engine: Engine, period: str) -> None:
    with writing(engine) as connection:
        carry_forward(connection, closings(period), COURSE)


def rows_of(connection: Connection, table: sa.Table, closing: Period) -> pd.DataFrame:
    """The standing rows of a closing."""
    return read_frame(connection, sa.select(*table.c).where(table.c.period == str(closing)))


def from_scratch(engine: Engine, period: str, as_of: datetime) -> pd.DataFrame:
    """The rows of the closings of a period as known at an instant, in order: those that differ worked out again."""
    carry(engine, period)
    with reckoning(engine) as connection:
        known = known_by(connection, Reading(as_of), closings(period), COURSE)
        found = []
        for closing in closings(period):
            elsewhere = known.elsewhere([str(closing)], CALENDAR.bounds(closing)[1])
            for table in (standing, otherwise_table) if elsewhere else (standing,):
                rows = rows_of(connection, table, closing)
                found.append(rows[rows.unit.isin(elsewhere) == (table is otherwise_table)])
        return pd.concat(found).sort_values(KEY, ignore_index=True)


def stored(engine: Engine, period: str) -> pd.DataFrame:
    with reckoning(engine) as connection:
        found = [rows_of(connection, standing, closing) for closing in closings(period)]
    return pd.concat(found).sort_values(KEY, ignore_index=True)


def random_return(random: Random) -> list[Row]:
    """One unit's return for one period: some cells of it, of all states."""
    unit, year = random.choice("ABC"), random.choice((2012, 2013))
    period = f"{year}{random.choice(('-Q1', '-Q2', '-Q3', '-Q4', '-H1', '-H2', ''))}"
    said = []
    for code in random.sample("FSQG", random.randint(1, 4)):
        number = str(random.randint(0, 9))
        figure = f"{number}/4" if code == "Q" else number
        states = ("none_occurred", "not_started", "not_due", "not_applicable")
        said.append(f"{unit} {period} {code} {random.choice((figure, figure, figure, figure, *states))}")
    return cells("\n".join(said))


@settings(max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_carrying_forward_gives_what_working_out_from_scratch_gives(random: Random) -> None:
    """Returns and corrections in any order, with reviews between them, some of earlier periods."""
    with warehouse() as engine:
        check_random_history(engine, random, steps=8)


def test_carrying_forward_gives_the_same_on_both_databases(engine: Engine) -> None:
    check_random_history(engine, Random(2013), steps=15)


def check_random_history(engine: Engine, random: Random, steps: int) -> None:
    remembered = {}
    for step in range(steps):
        instant = START + timedelta(days=step)
        receive(engine, random_return(random), instant)
        if random.random() < 0.5:
            carry(engine, random.choice(("2012-Q3", "2013-H1", "2013")))
        if random.random() < 0.3:
            carry(engine, "2013")
            remembered[instant] = stored(engine, "2013")
    carry(engine, "2013")
    end = START + timedelta(days=steps)
    pd.testing.assert_frame_equal(stored(engine, "2013"), from_scratch(engine, "2013", end), rtol=1e-12)
    for instant, then in remembered.items():
        pd.testing.assert_frame_equal(from_scratch(engine, "2013", instant), then, rtol=1e-12)


def figure(engine: Engine, code: str, period: str = "2013", as_of: datetime | None = None) -> Row:
    return by_key(judge_all(engine, PLAN, moment_of(period), as_of=as_of))[code, "P"]


def test_a_correction_of_the_past_is_in_every_later_figure(engine: Engine) -> None:
    receive(engine, cells("A 2011-Q1 F 10 | A 2012-Q3 F 20 | A 2013-Q4 F 30 | B 2012-Q1 F 1"), START)
    assert figure(engine, "F")["actual"] == 61
    receive(engine, cells("A 2011-Q1 F 15"), START + timedelta(days=1))
    assert figure(engine, "F")["actual"] == 66
    assert figure(engine, "F", "2011-Q2")["actual"] == 15
    receive(engine, cells("B 2011-Q4 F 4"), START + timedelta(days=2))
    assert figure(engine, "F")["actual"] == 70, "also a return for a period before the unit's first"


def test_a_correction_supersedes_the_whole_return(sqlite: Engine) -> None:
    receive(sqlite, cells("A 2013-Q4 F 30 | A 2013-Q4 S 5"), START)
    receive(sqlite, cells("A 2013-Q4 F 31"), START + timedelta(days=1))
    assert figure(sqlite, "F")["actual"] == 31
    assert figure(sqlite, "S")["band"] == "missing"


def test_everything_can_be_asked_as_it_was_known_then(engine: Engine) -> None:
    instants = [START + timedelta(days=n) for n in range(3)]
    receive(engine, cells("A 2013-Q3 F 10 | A 2013-Q3 S 3"), instants[0])
    receive(engine, cells("A 2013-Q4 F 20 | A 2013-Q4 S 4"), instants[1])
    receive(engine, cells("A 2013-Q3 F 15 | A 2013-Q3 S 9"), instants[2])
    found = [figure(engine, "F", as_of=instant)["actual"] for instant in instants]
    assert found == [10, 30, 35]
    assert [figure(engine, "S", as_of=instant)["actual"] for instant in instants] == [3, 4, 4]
    before = figure(engine, "F", as_of=START - timedelta(days=1))
    assert (before["band"], before["reported"]) == ("missing", 0)
    assert figure(engine, "F")["actual"] == 35


def test_reading_the_past_leaves_the_present_as_it_is(sqlite: Engine) -> None:
    receive(sqlite, cells("A 2013-Q3 F 10"), START)
    receive(sqlite, cells("A 2013-Q3 F 15"), START + timedelta(days=1))
    carry(sqlite, "2013")
    now = stored(sqlite, "2013")
    from_scratch(sqlite, "2013", START)
    pd.testing.assert_frame_equal(stored(sqlite, "2013"), now)


def test_what_is_carried_is_not_carried_again(engine: Engine) -> None:
    receive(engine, cells("A 2013-Q1 F 10 | B 2013-Q3 F 5 | A 2013 G 3"), START)
    with reckoning(engine) as connection:
        assert not is_carried(connection, closings("2013"))
    carry(engine, "2013")
    with reckoning(engine) as connection:
        assert is_carried(connection, closings("2013"))
        assert is_carried(connection, closings("2013-Q2")), "what lies before as well"
        assert not is_carried(connection, closings("2014-Q1"))
    before = stored(engine, "2013")
    carry(engine, "2013")
    carry(engine, "2013-Q2")
    pd.testing.assert_frame_equal(stored(engine, "2013"), before)


def test_a_return_makes_only_its_own_unit_be_carried_anew(sqlite: Engine) -> None:
    receive(sqlite, cells("A 2013-Q1 F 10 | B 2013-Q1 F 5"), START)
    carry(sqlite, "2013")
    receive(sqlite, cells("A 2013-Q2 F 1"), START + timedelta(days=1))
    with reckoning(sqlite) as connection:
        upto = read_frame(connection, sa.select(carried.c.unit, carried.c.number))
    assert dict(zip(upto.unit, upto.number, strict=True)) == {
        "A": Period.parse("2013-Q1").index,
        "B": Period.parse("2013-Q4").index,
    }


def test_with_another_term_all_is_worked_out_anew(sqlite: Engine) -> None:
    receive(sqlite, cells("A 2012-Q1 F 10 | A 2013-Q1 F 5"), START)
    carry(sqlite, "2013")
    assert figure(sqlite, "F")["actual"] == 15
    with writing(sqlite) as connection:
        forget_all(connection)
        carry_forward(connection, closings("2013"), Course(2013 * 12))
    assert list(stored(sqlite, "2013").term_sum) == [5]


def test_zero_and_nothing_are_not_the_same_in_sql(engine: Engine) -> None:
    receive(engine, cells("A 2013-Q4 F 0 | B 2013-Q4 F not_due | C 2013-Q4 F none_occurred"), START)
    row = figure(engine, "F")
    assert (row["actual"], row["expected"], row["reported"], row["band"]) == (0, 2, 2, "stalled")
    silent = figure(engine, "S")
    assert pd.isna(silent["actual"])
    assert silent["band"] == "missing"


def test_a_year_below_minus_100_percent_has_no_geometric_mean(engine: Engine) -> None:
    about = {"code": "G", "accumulation": "rate", "aggregation": "mean", "type": "rate", "flags": "geometric"}
    plan = plan_of(
        province(indicators=[{**INDICATOR, **about}], targets=rows("indicator,span,target\nG,2011-2015,10"))
    )
    receive(engine, cells("A 2012-Q4 G -150 | A 2013-Q4 G 10"), START)
    row = by_key(judge_all(engine, plan, moment_of("2013")))["G", "P"]
    assert (row["band"], row["reported"]) == ("unassessable", 1)


def test_a_year_of_minus_100_percent_does_not_break_the_mean_after_it(engine: Engine) -> None:
    about = {
        **INDICATOR,
        "code": "G",
        "accumulation": "rate",
        "aggregation": "mean",
        "type": "rate",
        "flags": "geometric",
    }
    plan = plan_of(province(indicators=[about], targets=rows("indicator,span,target\nG,2012-2015,10")))
    receive(engine, cells("A 2011-Q4 G -100 | A 2012-Q4 G 10 | A 2013-Q4 G 21"), START)
    row = by_key(judge_all(engine, plan, moment_of("2013")))["G", "P"]
    assert row["band"] == "unassessable", "the years since cannot be told from a running product of nought"


def test_kept_figures_of_the_past_follow_a_correction(sqlite: Engine) -> None:
    receive(sqlite, cells("A 2012-Q4 F 20 | A 2013-Q3 F 60 | A 2013-Q4 F 30"), START)

    def history() -> tuple[float, float, str]:
        row = by_key(judge_all(sqlite, PLAN, moment_of("2013-Q4"), history=True))["F", "P"]
        return row["previous"], row["same_period"], row["first_met"]

    assert history() == (80, 20, "2013-12-31")
    with reckoning(sqlite) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(kept_figure))
    assert history() == (80, 20, "2013-12-31"), "from what was kept"
    receive(sqlite, cells("A 2012-Q4 F 45"), START + timedelta(days=1))
    assert history() == (105, 45, "2013-09-30")


def test_a_target_that_was_met_early_says_when(sqlite: Engine) -> None:
    """Bảo Yên: value added 635 (2015) → 995 (2019), due 2020: reached one year early (the target is a stand-in)."""
    about = {**INDICATOR, "code": "BY", "frequency": "year", "reported_by": "A"}
    raw = province(
        term="code,name,authority,starts,ends\nNK,Nhiệm kỳ,P,2016-01-01,2020-12-31",
        indicators=[about],
        targets=rows(
            "indicator,span,target,baseline,baseline_year,due\nBY,2016-2020,990,635,2015,2020-12-31"
        ),
    )
    receive(sqlite, cells("A 2016 BY 702 | A 2017 BY 790 | A 2018 BY 896 | A 2019 BY 995"), START)
    row = by_key(judge_all(sqlite, plan_of(raw), moment_of("2019"), history=True))["BY", "P"]
    assert (row["first_met"], row["band"], row["previous"]) == ("2019-12-31", "exceeded", 896)


def test_not_to_have_started_is_no_early_success(sqlite: Engine) -> None:
    about = {**INDICATOR, "code": "POOR", "type": "gap", "direction": "down", "aggregation": "mean"}
    raw = province(indicators=[about], targets=rows("indicator,span,baseline,target\nPOOR,2011-2015,70,25"))
    receive(sqlite, cells("A 2013-Q1 POOR not_started | A 2013-Q2 POOR 36"), START)
    row = by_key(judge_all(sqlite, plan_of(raw), moment_of("2013-Q2"), history=True))["POOR", "P"]
    assert (row["first_met"], row["actual"]) == ("", 36)
    assert pd.isna(row["previous"])


def test_a_plan_that_nobody_reports_for_has_a_review_too(sqlite: Engine) -> None:
    about = {**INDICATOR, "code": "N", "reported_by": "nobody"}
    plan = plan_of(province(indicators=[about], targets=rows("indicator,span,target\nN,2013,5")))
    receive(sqlite, [])
    found = judge_all(sqlite, plan, moment_of("2013"), history=True)
    assert list(found.band) == ["not_applicable"]


def test_every_frequency_stands_for_itself(engine: Engine) -> None:
    kinds = ("month", "quarter", "half", "year")
    made = [
        {**INDICATOR, "code": kind, "frequency": kind, "accumulation": "flow", "reported_by": "A"}
        for kind in kinds
    ]
    targets = [{"indicator": kind, "span": "2013", "target": "10"} for kind in kinds]
    receive(
        engine,
        cells(
            "A 2013-11 month 1|A 2013-12 month 2|A 2013-Q3 quarter 3|A 2013-Q4 quarter 4|A 2013-H2 half 5|A 2013 year 6"
        ),
        START,
    )
    found = by_key(
        judge_all(engine, plan_of(province(indicators=made, targets=targets)), moment_of("2013"), "year")
    )
    assert {kind: found[kind, "P"]["actual"] for kind in kinds} == {
        "month": 3,
        "quarter": 7,
        "half": 5,
        "year": 6,
    }


@pytest.mark.parametrize("seed", [1])
def test_both_databases_say_what_the_reference_says(engine: Engine, seed: int) -> None:
    assert not differences(engine, world_of(seed))


def test_the_day_of_the_review_is_handed_in(sqlite: Engine) -> None:
    receive(sqlite, cells("A 2013-Q4 F 10"), START)
    early = by_key(judge_all(sqlite, PLAN, moment_of("2013", date(2014, 1, 2)), "term", RULES))
    late = by_key(judge_all(sqlite, PLAN, moment_of("2013", LATER), "term", RULES))
    assert early["S", "P"]["band"] == "missing", "the quarters before were due"
    assert early["F", "B"]["flags"] == late["F", "B"]["flags"] == ""
