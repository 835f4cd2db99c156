"""Units over time: who is whom, what becomes of figures, targets, obligations and the right to correct. SPEC §2."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judging import (
    CALENDAR,
    INDICATOR,
    Raw,
    Row,
    by_key,
    cells,
    frames,
    judge_all,
    moment_of,
    plan_of,
    province,
    receive,
    rows,
    warehouse,
)
from sqlalchemy.engine import Engine

from tiendo.errors import PlanError
from tiendo.obligations import obligations
from tiendo.periods import Period
from tiendo.plan import Plan, read_plan
from tiendo.reporting import owing_units
from tiendo.senders import speaks_for
from tiendo.succession import steps_of
from warehouse.plan_store import store_plan

TODAY = date(2015, 12, 31)
NOW, LATER = datetime(2013, 1, 1, tzinfo=UTC), datetime(2014, 6, 1, tzinfo=UTC)

# A and B become the new B in the middle of 2013; C stays; in 2014 C is split between the new B and D.
UNITS = """code,name,level,parent,reports,valid_from,valid_to
P,Tỉnh,province,,no,,
A,Huyện A,district,P,yes,,2013-06-30
B,Huyện B,district,P,yes,,2013-06-30
B,Huyện AB,district,P,yes,2013-07-01,
C,Huyện C,district,P,yes,,2013-12-31
D,Huyện D,district,P,yes,2014-01-01,"""
CHANGES = """predecessor,successor,date,kind,share
A,B,2013-07-01,merge,
B,B,2013-07-01,merge,
C,B,2014-01-01,split,0.25
C,D,2014-01-01,split,0.75"""


def indicator(code: str, **about: str) -> Row:
    return {**INDICATOR, "code": code, **about}


INDICATORS = [
    indicator("FLOW", accumulation="flow"),
    indicator("STOCK"),
    indicator("SHARE", accumulation="flow", aggregation="ratio", scale="100"),
    indicator("MEAN", aggregation="weighted_mean", weight_indicator="STOCK"),
    indicator("PLAIN", aggregation="mean"),
    indicator("LEAST", aggregation="min"),
    indicator("MOST", aggregation="max"),
    indicator("ANY", aggregation="any", accumulation="state", type="milestone"),
    indicator("ALL", aggregation="all", accumulation="state", type="milestone"),
    indicator("RANK", aggregation="none", accumulation="state", type="rank", direction="down"),
]
TARGETS = "indicator,unit,span,target\n" + "\n".join(
    ["FLOW,,2011-2015,100", "FLOW,A,2011-2015,40", "FLOW,B,2011-2015,50", "FLOW,C,2011-2015,20"]
    + [f"{code},,2011-2015,10" for code in ("STOCK", "SHARE", "MEAN", "PLAIN", "LEAST", "MOST")]
    + ["ANY,,2011-2015,1", "ALL,,2011-2015,1", "RANK,,2011-2015,10"]
)


def changing(units: str = UNITS, changes: str = CHANGES, targets: str = TARGETS) -> Raw:
    return province(org_units=units, succession=changes, indicators=INDICATORS, targets=rows(targets))


WHOLE_TARGETS = "\n".join(
    line for line in TARGETS.splitlines() if not line.startswith("FLOW,") or ",," in line
)
PLAN = plan_of(changing())
SAID = """A 2013-Q1 FLOW 10 | B 2013-Q1 FLOW 20 | C 2013-Q1 FLOW 4
A 2013-Q2 FLOW 5 | B 2013-Q2 FLOW 6 | C 2013-Q2 FLOW 4
A 2013-Q2 STOCK 100 | B 2013-Q2 STOCK 300 | C 2013-Q2 STOCK 40
A 2013-Q2 SHARE 1/2 | B 2013-Q2 SHARE 3/10 | C 2013-Q2 SHARE 2/8
A 2013-Q2 MEAN 8 | B 2013-Q2 MEAN 4 | C 2013-Q2 MEAN 2
A 2013-Q2 PLAIN 8 | B 2013-Q2 PLAIN 4 | C 2013-Q2 PLAIN 3
A 2013-Q2 LEAST 8 | B 2013-Q2 LEAST 4 | C 2013-Q2 LEAST 6
A 2013-Q2 MOST 8 | B 2013-Q2 MOST 4 | C 2013-Q2 MOST 6
A 2013-Q2 ANY 1 | B 2013-Q2 ANY 0 | C 2013-Q2 ANY 0
A 2013-Q2 ALL 1 | B 2013-Q2 ALL 0 | C 2013-Q2 ALL 1
A 2013-Q2 RANK 3 | B 2013-Q2 RANK 5 | C 2013-Q2 RANK 9"""


def judged(
    engine: Engine,
    period: str,
    units: date | None = None,
    plan: Plan = PLAN,
    carried_by: Plan | None = None,
) -> dict[tuple[str, str], Row]:
    return by_key(judge_all(engine, plan, moment_of(period, TODAY), units=units, carried_by=carried_by))


def actuals(found: dict[tuple[str, str], Row], code: str, units: str) -> list[float | None]:
    """The figures of some units (`-` for one that has no row), rounded to four decimals."""
    numbers = [found[code, unit]["actual"] if (code, unit) in found else None for unit in units.split()]
    return [None if number is None or pd.isna(number) else round(number, 4) for number in numbers]


# indicator: its figures as reported of A, B, C and the province; after the merger of B, C and the province; after the
# split of B, D and the province; and what happens.
NONE = None
TABLE = {
    "FLOW": ([15, 26, 8, 49], [41, 8, 49], [43, 6, 49]),  # flows add, and of a flow a part has its share
    "STOCK": ([100, 300, 40, 440], [400, 40, 440], [410, 30, 440]),  # as stocks
    "SHARE": ([50, 30, 25, 30], [33.3333, 25, 30], [32.1429, 25, 30]),  # numerators and denominators add
    "MEAN": ([8, 4, 2, 4.7273], [5, 2, 4.7273], [4.9268, 2, 4.7273]),  # weighted anew
    "PLAIN": ([8, 4, 3, 5], [NONE, 3, 3], [NONE, NONE, NONE]),  # what is not weighted cannot be weighted anew
    "LEAST": ([8, 4, 6, 4], [4, 6, 4], [4, 6, 4]),  # the least of theirs; a part has the figure of the whole
    "MOST": ([8, 4, 6, 8], [8, 6, 8], [8, 6, 8]),  # the most of theirs
    "ANY": ([1, 0, 0, 1], [1, 0, 1], [1, 0, 1]),  # done where one had done it
    "ALL": ([1, 0, 1, 0], [0, 1, 0], [0, 1, 0]),  # done where all had
    "RANK": (
        [3, 5, 9, NONE],
        [NONE, 9, NONE],
        [NONE, NONE, NONE],
    ),  # ranks do not merge, and a part has not the whole's
}


def test_figures_become_the_new_units_by_the_indicators_aggregation(engine: Engine) -> None:
    receive(engine, cells(SAID))
    views = {
        "as reported": (judged(engine, "2013-Q2"), "A B C P"),
        "restated after the merger": (judged(engine, "2013-Q2", units=date(2013, 12, 31)), "B C P"),
        "restated after the split": (judged(engine, "2013-Q2", units=date(2014, 1, 1)), "B D P"),
        # The new units begin the quarter in which they come with what there was.
        "the quarter of the merger": (judged(engine, "2013-Q3"), "B C P"),
        "the quarter of the split": (judged(engine, "2014-Q1"), "B D P"),
    }
    for name, place in zip(views, (0, 1, 2, 1, 2), strict=True):
        found, units = views[name]
        assert {code: actuals(found, code, units) for code in TABLE} == {
            code: wanted[place] for code, wanted in TABLE.items()
        }, name
        assert {unit for _, unit in found} == {*units.split()}
    split = views["restated after the split"][0]
    assert {split["FLOW", unit]["status"] for unit in "BDP"} == {"estimate"}, "a share is reckoned"
    assert "estimate" in split["FLOW", "D"]["flags"].split(";")


def test_what_a_successor_reports_takes_the_place_of_what_it_took_over(engine: Engine) -> None:
    receive(engine, cells(SAID))
    receive(engine, cells("B 2013-Q3 STOCK 410 | B 2013-Q3 FLOW 100 | B 2013-Q3 RANK 4"))
    found = judged(engine, "2013-Q3")
    assert actuals(found, "STOCK", "B C P") == [410, 40, 450]
    assert actuals(found, "FLOW", "B C P") == [141, 8, 149]
    assert actuals(found, "RANK", "B") == [4]
    assert "restated" in found["FLOW", "B"]["flags"].split(";")


def test_a_late_correction_of_a_predecessor_reaches_its_successor(engine: Engine) -> None:
    receive(engine, cells(SAID))
    assert actuals(judged(engine, "2014-Q4"), "FLOW", "B D P") == [43, 6, 49]
    receive(engine, cells("A 2013-Q1 FLOW 11"))
    assert actuals(judged(engine, "2014-Q4"), "FLOW", "B D P") == [44, 6, 50]
    receive(engine, cells("A 2012-Q4 FLOW 1 | C 2012-Q4 FLOW 4"))
    assert actuals(judged(engine, "2014-Q4"), "FLOW", "B D P") == [46, 9, 55]


def test_nothing_is_rewritten_and_the_old_units_are_seen_as_they_were(engine: Engine) -> None:
    receive(engine, cells(SAID))
    before = judged(engine, "2013-Q2")
    receive(engine, cells("B 2013-Q3 STOCK 410 | D 2014-Q1 STOCK 7"))
    judged(engine, "2014-Q1")
    after = judged(engine, "2013-Q2")
    assert {key: row["actual"] for key, row in before.items() if row["actual"] == row["actual"]} == {
        key: row["actual"] for key, row in after.items() if row["actual"] == row["actual"]
    }


def test_successors_inherit_targets_and_the_text_says_so() -> None:
    with warehouse() as engine:
        receive(engine, cells(SAID))
        found = judged(engine, "2014-Q1")
        assert [found["FLOW", unit]["target"] for unit in "BD"] == [95, 15]
        assert found["FLOW", "B"]["text"] == "95 (quy đổi)"
        assert [judged(engine, "2013-Q2")["FLOW", unit]["target"] for unit in "ABC"] == [40, 50, 20]


def test_a_code_that_comes_to_another_unit_begins_anew(engine: Engine) -> None:
    # As province code 15: Yên Bái until 2025, Lào Cai after, which is not what became of Yên Bái.
    units = """code,name,level,parent,reports,valid_from,valid_to
P,Tỉnh,province,,no,,
A,Yên Bái,district,P,yes,,2013-06-30
B,Lào Cai,district,P,yes,,2013-06-30
A,Lào Cai,district,P,yes,2013-07-01,
E,Yên Bái mới,district,P,yes,2013-07-01,"""
    changes = "predecessor,successor,date,kind\nB,A,2013-07-01,move\nA,E,2013-07-01,rename"
    plan = plan_of(changing(units, changes, WHOLE_TARGETS))
    receive(engine, cells("A 2013-Q2 STOCK 1 | B 2013-Q2 STOCK 2 | A 2013-Q2 RANK 7"))
    found = judged(engine, "2013-Q3", plan=plan)
    assert actuals(found, "STOCK", "A B E P") == [2, None, 1, 3]
    assert actuals(found, "RANK", "A E") == [None, 7], "a whole unit under a new code keeps its rank"
    receive(engine, cells("A 2013-Q3 STOCK 20"))
    assert actuals(judged(engine, "2013-Q3", plan=plan), "STOCK", "A E P") == [20, 1, 21]
    assert actuals(judged(engine, "2013-Q2", plan=plan), "STOCK", "A B P") == [1, 2, 3]


STILL = "\n".join([*UNITS.splitlines()[:2], *(f"{code},Huyện {code},district,P,yes,," for code in "ABC")])


def test_a_plan_that_learns_of_a_change_later_carries_all_anew(engine: Engine) -> None:
    old = plan_of(changing(STILL, "predecessor,successor,date,kind"))
    store_plan(engine, old, NOW, "test")
    receive(engine, cells(SAID))
    assert actuals(judged(engine, "2013-Q3", plan=old), "STOCK", "A B C P") == [100, 300, 40, 440]
    store_plan(engine, PLAN, LATER, "test")
    assert actuals(judged(engine, "2013-Q3"), "STOCK", "B C P") == [400, 40, 440]
    then = judged(engine, "2013-Q3", plan=old, carried_by=PLAN)
    assert actuals(then, "STOCK", "A B C P") == [100, 300, 40, 440], "by the plan of then as it was then"


# --- who owes, and who may speak for whom ------------------------------------------------------------------


def owing(period: str) -> list[str]:
    return owing_units(PLAN, Period.parse(period), CALENDAR)


@pytest.mark.parametrize(
    ("period", "units"),
    [
        pytest.param("2013-Q2", ["A", "B", "C"], id="before the change: the old units"),
        pytest.param("2013-Q3", ["B", "C"], id="after it: the new ones"),
        pytest.param("2014-Q1", ["B", "D"], id="after the split"),
    ],
)
def test_the_units_of_a_periods_last_day_owe(period: str, units: list[str]) -> None:
    assert owing(period) == units


@pytest.mark.parametrize(
    ("day", "units"),
    [
        pytest.param("2013-06-30", ["A", "C"], id="as named"),
        pytest.param("2013-07-01", ["B", "C"], id="whoever came after a named unit"),
        pytest.param("2014-01-01", ["B", "D"], id="and after that"),
    ],
)
def test_an_indicator_named_to_a_unit_goes_on_with_its_successors(day: str, units: list[str]) -> None:
    raw = changing()
    raw["indicators"] = [indicator("X", reported_by="A;C")]
    raw["targets"] = rows("indicator,span,target\nX,2011-2015,5")
    plan = plan_of(raw)
    quarter = {"2013-06-30": "2013-Q2", "2013-07-01": "2013-Q3", "2014-01-01": "2014-Q1"}[day]
    assert owing_units(plan, Period.parse(quarter), CALENDAR) == units


@pytest.mark.parametrize(
    ("sender", "on", "unit", "period", "wanted"),
    [
        pytest.param("A", "2013-06-20", "A", "2013-Q1", True, id="a unit for itself"),
        pytest.param("B", "2013-06-20", "A", "2013-Q1", False, id="not for another"),
        pytest.param("B", "2013-07-05", "A", "2013-Q2", True, id="a successor for the unit it came after"),
        pytest.param("B", "2013-07-05", "B", "2013-Q2", True, id="also of the same code"),
        pytest.param("C", "2013-07-05", "A", "2013-Q2", False, id="not for a unit that went elsewhere"),
        pytest.param("A", "2013-07-05", "A", "2013-Q2", True, id="who is gone may still speak for itself"),
        pytest.param("D", "2014-02-01", "C", "2013-Q4", True, id="a part for the whole"),
        pytest.param("B", "2014-02-01", "C", "2013-Q4", True, id="and the other part"),
        pytest.param("B", "2014-02-01", "A", "2013-Q2", True, id="by way of two changes"),
        pytest.param("B", "2013-12-01", "C", "2013-Q3", False, id="not before it came after it"),
    ],
)
def test_who_may_speak_for_whom(sender: str, on: str, unit: str, period: str, wanted: bool) -> None:
    ends = CALENDAR.bounds(Period.parse(period))[1]
    asked = [pd.Series([each]) for each in (sender, date.fromisoformat(on), unit, ends)]
    assert speaks_for(PLAN, *asked).tolist() == [wanted]


def test_the_open_obligation_of_a_unit_that_is_gone_is_its_successors() -> None:
    none = pd.DataFrame(columns=["unit", "period", "version", "verdict", "received_at"])
    none = none.astype({"received_at": "datetime64[us, UTC]"})
    frame = obligations(PLAN, CALENDAR, Period.parse("2013-Q2"), none, date(2013, 7, 8)).set_index("unit")
    assert frame.state.to_dict() == {"A": "open", "B": "open", "C": "open"}
    assert frame.owed_by.to_dict() == {"A": "B", "B": "B", "C": "C"}
    later = obligations(PLAN, CALENDAR, Period.parse("2013-Q2"), none, date(2014, 1, 8)).set_index("unit")
    assert later.owed_by.to_dict() == {"A": "B", "B": "B", "C": "B;D"}


# --- what a plan may not say ---------------------------------------------------------------------------------


def refused(units: str = UNITS, changes: str = CHANGES) -> str:
    with pytest.raises(PlanError) as caught:
        read_plan(frames(changing(units, changes, WHOLE_TARGETS)))
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        pytest.param(
            CHANGES.replace("0.75", "0.7"), "succession.csv dòng 4, cột share",
            "cộng lại là 0.95", id="shares that do not sum",
        ),
        pytest.param(
            CHANGES.replace(",0.75", ","), "dòng 5, cột share", "chia tách cần phần", id="a split without a share"
        ),
        pytest.param(CHANGES.replace("0.25", "1.25"), "dòng 4, cột share", "không quá 1", id="a share above the whole"),
        pytest.param(
            CHANGES.replace("A,B,2013-07-01", "A,B,2013-08-01"), "dòng 2, cột date",
            "ngày 2013-07-31 không có đơn vị A", id="after the unit was gone",
        ),
        pytest.param(
            CHANGES.replace("C,D,2014-01-01", "C,D,2013-12-01"), "dòng 5, cột date",
            "ngày 2013-12-01 chưa có đơn vị D", id="before the unit was there",
        ),
        pytest.param(
            CHANGES + "\nC,D,2014-02-01,merge,", "dòng 6, cột date", "không có đơn vị C", id="of a unit that is no more",
        ),
        pytest.param(
            "predecessor,successor,date,kind\nP,C,2013-05-01,merge", "dòng 2, cột predecessor",
            "P vẫn còn hiệu lực", id="of a unit that is said to be still there",
        ),
    ],
)  # fmt: skip
def test_a_succession_that_makes_no_sense_is_refused(changes: str, place: str, said: str) -> None:
    words = refused(changes=changes)
    assert place in words
    assert said in words


def test_units_cannot_come_after_themselves() -> None:
    units = """code,name,level,parent,reports,valid_from,valid_to
P,Tỉnh,province,,no,,
A,A,district,P,yes,,
B,B,district,P,yes,,"""
    words = refused(units, "predecessor,successor,date,kind\nA,B,2013-01-01,merge\nB,A,2014-01-01,merge")
    assert "succession.csv dòng 2, cột successor: vòng lặp" in words


# --- laws ----------------------------------------------------------------------------------------------------


@st.composite
def reforms(draw: st.DrawFn) -> tuple[str, str]:
    """Units and succession of any chain of mergers and splits of five districts, one change or two a year."""
    units = {f"D{n}": ["", ""] for n in range(5)}
    changes = []
    for year in (2012, 2013, 2014):
        day = draw(st.sampled_from([f"{year}-01-01", f"{year}-05-20", f"{year}-10-01"]))
        there = [code for code, (_, until) in units.items() if not until]
        gone = draw(st.lists(st.sampled_from(there), min_size=1, max_size=min(3, len(there)), unique=True))
        heirs = [f"N{len(units) + n}" for n in range(draw(st.integers(1, 2)))]
        before = (datetime.fromisoformat(day) - pd.Timedelta(days=1)).date().isoformat()
        for code in gone:
            units[code][1] = before
            if len(heirs) == 1:
                changes.append(f"{code},{heirs[0]},{day},merge,")
            else:
                part = draw(st.sampled_from(["0.5", "0.25", "0.1"]))
                changes.append(f"{code},{heirs[0]},{day},split,{part}")
                changes.append(f"{code},{heirs[1]},{day},split,{1 - float(part)}")
        units |= {heir: [day, ""] for heir in heirs}
    lines = ["code,name,level,parent,reports,valid_from,valid_to", "P,Tỉnh,province,,no,,"]
    lines += [f"{code},{code},district,P,yes,{begins},{ends}" for code, (begins, ends) in units.items()]
    return "\n".join(lines), "\n".join(["predecessor,successor,date,kind,share", *changes])


@settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(reforms(), st.randoms(use_true_random=False))
def test_restating_by_any_chain_of_changes_keeps_the_sums(reform: tuple[str, str], random) -> None:  # type: ignore[no-untyped-def]
    plan = plan_of(changing(*reform, WHOLE_TARGETS))
    said, flow, last = [], 0, {}
    for quarter in (f"{year}-Q{n}" for year in (2011, 2012, 2013, 2014) for n in (1, 2, 3, 4)):
        for unit in owing_units(plan, Period.parse(quarter), CALENDAR):
            number = random.randint(0, 99)
            said.append(f"{unit} {quarter} FLOW {number} | {unit} {quarter} SHARE {number}/100")
            flow += number
    with warehouse() as engine:
        receive(engine, cells("\n".join(said)))
        for period, day in (("2014-Q4", None), ("2014-Q4", TODAY), ("2013-Q2", None), ("2013-Q2", TODAY)):
            found = judged(engine, period, units=day, plan=plan)
            own = [row["actual"] for (code, unit), row in found.items() if code == "FLOW" and unit != "P"]
            whole = found["FLOW", "P"]["actual"]
            assert sum(own) == pytest.approx(whole)
            last[period, day is None] = (whole, found["SHARE", "P"]["actual"])
            if period == "2014-Q4":
                assert whole == pytest.approx(flow), "nothing is lost and nothing is counted twice"
    for period in ("2014-Q4", "2013-Q2"):
        assert last[period, True] == pytest.approx(last[period, False])


def test_steps_of_one_period_are_one_change() -> None:
    steps = steps_of(PLAN.links, "year", CALENDAR)
    shares = {(row.predecessor, row.successor): row.share for row in steps.itertuples() if row.number == 2013}
    assert shares == {("A", "B@2013-07-01"): 1.0, ("B", "B@2013-07-01"): 1.0}
