"""Rollups: how many indicators stand in which band, and the index, at every level of a review."""

import math
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import INDICATOR, RULES, Row, plan_of, province

from tiendo.bands import ASSESSABLE, BANDS, BandRules
from tiendo.plan import Plan
from tiendo.rollup import LEVELS, counting_rows, rollup

DAY = date(2013, 12, 31)  # the last of the reviewed period
NO_PROGRAMME = {"programme": ""}
MADE: list[Row] = [
    {"code": "A1", "scheme": "DA1", **NO_PROGRAMME, "field": "kinh tế", "lead_agency": "S"},
    {"code": "A2", "scheme": "DA2", **NO_PROGRAMME, "field": "kinh tế"},
    {"code": "A3", "programme": "CT1;CT2", "field": "xã hội", "weight": "3"},
    {"code": "A4", "programme": "CT2", "scheme": "DA1", "field": "", "lead_agency": "A"},
    {"code": "NQ1", "resolution": "yes", **NO_PROGRAMME, "field": "xã hội"},
    {"code": "NQ2", "resolution": "yes", "programme": "CT1"},
    {"code": "MAIN", "programme": "CT2"},
    {"code": "C1", "parent": "MAIN", "programme": "CT2"},
    {"code": "C2", "parent": "MAIN", "programme": "CT2"},
    {"code": "NOT", "counts": "no"},
    {"code": "PART", "part_of": "A1"},
    {"code": "LONE", **NO_PROGRAMME},
]
PLAN = plan_of(
    province(
        indicators=[{**INDICATOR, **row} for row in MADE],
        targets=[{"indicator": row["code"], "span": "2011-2015", "target": "5"} for row in MADE],
        schemes="code,name,programme,lead_agency,order\nDA1,Đề án 1,CT1,S,2\nDA2,Đề án 2,CT1;CT2,R,1",
        officers="code,name\nmy,Mỷ\nlo,Lò\nvp,Phòng",
        responsibilities="officer,role,scope,code\nmy,leader,programme,CT1\nlo,leader,scheme,DA1\nlo,leader,indicator,A3"
        "\nvp,reviewer,term,NK\nlo,leader,unit,A",
    )
)


def judged(
    bands: dict[str, str], attainment: dict[str, float] | None = None, plan: Plan = PLAN
) -> pd.DataFrame:
    """Judged rows of the authority; an indicator that is not named is met."""
    table = plan.indicators[["code", "weight"]].rename(columns={"code": "indicator"})
    band = [bands.get(code, "met") for code in table.indicator]
    found = table.assign(unit="P", series="assigned", band=band).reset_index(drop=True)
    percent = pd.Series([(attainment or {}).get(code, math.nan) for code in found.indicator])
    return found.assign(attainment=percent.where(percent.notna() | (found.band != "met"), 100.0))


def groups(level: str, counting: str = "component") -> dict[str, int]:
    table = rollup(PLAN, judged({}), level, RULES, DAY, counting)
    return dict(zip(table.code, table.n, strict=True))


@pytest.mark.parametrize(
    ("level", "wanted"),
    [
        # A1: CT1 by its scheme. A2: both programmes of its scheme. A3: both of its own. A4: CT2 and its scheme's CT1.
        pytest.param(
            "programme", {"CT1": 5, "CT2": 5}, id="an indicator used in two programmes counts once in each"
        ),
        pytest.param(
            "term", {"term": 7}, id="and once in the term, which counts those that belong to a programme"
        ),
        pytest.param(
            "resolution", {"resolution": 2}, id="the resolution counts its own, in a programme or not"
        ),
        pytest.param("scheme", {"DA2": 1, "DA1": 2}, id="schemes in the plan's order"),
        pytest.param("field", {"kinh tế": 2, "xã hội": 2}, id="fields"),
        pytest.param("agency", {"R": 1, "A": 1, "S": 1}, id="the scheme's lead agency where none is named"),
        pytest.param(
            "leader",
            {"my": 5, "lo": 3},
            id="a leader by programme, scheme or indicator; nothing counts twice",
        ),
        pytest.param("main", {"MAIN": 2}, id="components under their main indicator"),
    ],
)
def test_a_level_counts(level: str, wanted: dict[str, int]) -> None:
    assert groups(level) == wanted


def test_counting_main_counts_the_heading_in_place_of_its_components() -> None:
    assert groups("programme", "main") == {"CT1": 5, "CT2": 4}
    assert groups("term", "main") == {"term": 6}
    counted = set(counting_rows(PLAN, judged({}), "main").indicator)
    assert {"MAIN"} == counted & {"MAIN", "C1", "C2"}
    assert {"C1", "C2"} == set(counting_rows(PLAN, judged({}), "component").indicator) & {"MAIN", "C1", "C2"}


def test_parts_weights_and_what_says_so_are_not_counted() -> None:
    assert not {"NOT", "PART"} & set(counting_rows(PLAN, judged({}), "component").indicator)


def test_lao_cai_to_the_end_of_2013() -> None:
    """404 indicators: 52 exceeded or met, 236 advancing, 116 below 60 % (90 lagging, 15 stalled, 11 not started)."""
    numbers = {"exceeded": 20, "met": 32, "advancing": 236, "lagging": 90, "stalled": 15, "not_started": 11}
    codes = [f"I{n}" for n in range(404)]
    plan = plan_of(
        province(
            indicators=[{**INDICATOR, "code": code} for code in codes],
            targets=[{"indicator": code, "span": "2011-2015", "target": "5"} for code in codes],
        )
    )
    bands = [band for band, number in numbers.items() for _ in range(number)]
    row = rollup(plan, judged(dict(zip(codes, bands, strict=True)), plan=plan), "term", RULES, DAY).iloc[0]
    assert row.n == 404
    assert row.exceeded + row.met == 52
    assert row.lagging + row.stalled + row.not_started == 116
    assert {band: row[band] for band in numbers} == numbers


def test_the_resolution_of_lao_cai_over_all_and_over_the_assessable() -> None:
    bands = ["exceeded"] * 6 + ["met"] + ["advancing"] * 12 + ["not_applicable"] * 8
    codes = [f"NQ{n}" for n in range(27)]
    made = [{**INDICATOR, "code": code, "resolution": "yes", "programme": ""} for code in codes]
    plan = plan_of(
        province(indicators=made, targets=[{"indicator": c, "span": "2013", "target": "5"} for c in codes])
    )
    row = rollup(
        plan, judged(dict(zip(codes, bands, strict=True)), plan=plan), "resolution", RULES, DAY
    ).iloc[0]
    assessable = sum(row[band] for band in ASSESSABLE)
    assert (row.n, assessable) == (27, 19)
    assert round(100 * row.exceeded / row.n, 1) == 22.2
    assert round(100 * row.exceeded / assessable, 1) == 31.6
    assert row.coverage == 100, "what does not apply is nothing to cover"


@pytest.mark.parametrize(
    ("bands", "attainment", "index", "coverage"),
    [
        pytest.param(
            {"A1": "exceeded", "A4": "lagging"},
            {"A1": 166.0, "A4": 40.0},
            70.0,
            100.0,
            id="166 and 40 make 70, not 103",
        ),
        pytest.param(
            {"A1": "stalled", "A4": "met"}, {"A1": -50.0}, 50.0, 100.0, id="moving away counts as nothing"
        ),
        pytest.param(
            {"A1": "not_started", "A4": "met"}, {"A1": 0.0}, 50.0, 100.0, id="not started counts as 0"
        ),
        pytest.param(
            {"A1": "exceeded", "A4": "lagging"},
            {"A1": math.inf, "A4": 40.0},
            70.0,
            100.0,
            id="without bound is 100",
        ),
        pytest.param(
            {"A1": "met", "A4": "lagging"},
            {"A1": math.nan, "A4": 40.0},
            70.0,
            100.0,
            id="a threshold of zero, met",
        ),
        pytest.param(
            {"A1": "not_applicable"}, {}, 100.0, 100.0, id="what does not apply is not covered, nor missed"
        ),
        pytest.param({"A1": "not_due"}, {}, 100.0, 100.0, id="nor what is not due"),
        pytest.param({"A1": "missing"}, {}, math.nan, 50.0, id="below the floor there is no index"),
        pytest.param({"A1": "missing", "A4": "unassessable"}, {}, math.nan, 0.0, id="nothing to go by"),
    ],
)
def test_the_index_of_a_scheme(
    bands: dict[str, str], attainment: dict[str, float], index: float, coverage: float
) -> None:
    frame = judged(bands, attainment)
    row = rollup(PLAN, frame, "scheme", RULES, DAY).set_index("code").loc["DA1"]
    assert row["index"] == pytest.approx(index, nan_ok=True)
    assert row.coverage == pytest.approx(coverage)


def test_the_index_weighs_and_the_floor_is_a_setting() -> None:
    frame = judged({"A1": "missing", "A3": "advancing"}, {"A3": 60.0})
    found = rollup(PLAN, frame, "programme", BandRules(coverage_floor=85), DAY).set_index("code")
    # CT1: A1 missing, A2 100, A3 60 with weight 3, A4 100, NQ2 100: 6 of 7 known.
    assert found.coverage["CT1"] == pytest.approx(100 * 6 / 7)
    assert found["index"]["CT1"] == pytest.approx((100 + 180 + 100 + 100) / 6)
    strict = rollup(PLAN, frame, "programme", BandRules(coverage_floor=90), DAY).set_index("code")
    assert math.isnan(strict["index"]["CT1"])
    assert not math.isnan(strict["index"]["CT2"])


def test_units_are_rolled_up_each_for_itself() -> None:
    both = pd.concat([judged({}), judged({"A1": "missing"}).assign(unit="A")], ignore_index=True)
    found = rollup(PLAN, both, "term", RULES, DAY).set_index("unit")
    assert dict(found.met) == {"P": 7, "A": 6}
    assert found.missing["A"] == 1


def test_of_several_series_the_declared_one_counts() -> None:
    two = pd.concat([judged({"A1": "missing"}).assign(series="aspired"), judged({})], ignore_index=True)
    row = rollup(PLAN, two, "term", RULES, DAY).iloc[0]
    assert (row.n, row.met) == (7, 7)


def test_groups_bear_the_plans_names() -> None:
    assert list(rollup(PLAN, judged({}), "scheme", RULES, DAY)["name"]) == ["Đề án 2", "Đề án 1"]
    assert list(rollup(PLAN, judged({}), "term", RULES, DAY)["name"]) == ["Nhiệm kỳ"]
    assert list(rollup(PLAN, judged({}), "leader", RULES, DAY)["name"]) == ["Mỷ", "Lò"]


def test_who_led_a_programme_in_the_period_answers_for_it() -> None:
    indicators = [{**INDICATOR, "code": "A1", "programme": "CT1"}]
    plan = plan_of(
        province(
            indicators=indicators,
            targets="indicator,span,target\nA1,2011-2015,5",
            officers="code,name\nmy,Mỷ\nlo,Lò",
            responsibilities="officer,role,scope,code,valid_from,valid_to\nmy,leader,programme,CT1,,2012-12-31"
            "\nlo,leader,programme,CT1,2013-01-01,",
        )
    )
    for day, name in ((date(2012, 12, 31), "Mỷ"), (date(2013, 1, 1), "Lò")):
        assert list(rollup(plan, judged({}, plan=plan), "leader", RULES, day)["name"]) == [name]


bands_of_all = st.fixed_dictionaries({row["code"]: st.sampled_from(BANDS) for row in MADE})
percents = st.fixed_dictionaries(
    {row["code"]: st.floats(-200, 300) | st.just(math.nan) | st.just(math.inf) for row in MADE}
)


@given(bands_of_all, percents, st.sampled_from(sorted(LEVELS)), st.sampled_from(["component", "main"]))
def test_the_counts_over_all_bands_are_the_number_of_indicators(
    bands: dict[str, str], attainment: dict[str, float], level: str, counting: str
) -> None:
    frame = judged(bands, attainment)
    table = rollup(PLAN, frame, level, RULES, DAY, counting)
    counted = set(counting_rows(PLAN, frame, "component" if level == "main" else counting).indicator)
    groups_of = LEVELS[level](PLAN, DAY)
    for row in table.to_dict("records"):
        members = {code for code in counted if row["code"] in groups_of[code].split(";")}
        assert sum(row[band] for band in BANDS) == row["n"] == len(members)
        for band in BANDS:
            assert row[band] == sum(frame.set_index("indicator").band[code] == band for code in members)
        if not math.isnan(row["index"]):
            assert 0 <= row["index"] <= 100
            assert row["coverage"] >= RULES.coverage_floor
    everywhere = {code for code in counted for group in groups_of[code].split(";") if group}
    assert set(table.code) == {group for code in everywhere for group in groups_of[code].split(";")}
