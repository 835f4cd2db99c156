"""The real reform of 1 July 2025: what was reported before it and after it adds up, whoever asks, and nothing is lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from collecting import HEAD, codes, collected, drop, line, with_plan
from intake_samples import instant
from judging import judge_all, moment_of, receive, warehouse
from reform_2025 import EVE, ISLANDS, OWN_TARGET, REFORM, listed, mapping, reform, tables_of
from sqlalchemy.engine import Engine

from tasks.template.asked_rows import asked_rows
from tiendo.calendars import Calendar
from tiendo.obligations import obligations
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.reporting import owing_units
from warehouse.fact_digest import digest

CALENDAR = Calendar()  # nd09: the third quarter's window is 15 June to 14 September
AFTER, TODAY = date.fromisoformat(REFORM), date(2025, 10, 1)
LAO_CAI = "15"  # of Lào Cai and Yên Bái
CAO_BANG = "04"  # stayed itself while its communes changed
RATIOS = ("SHARE", "SPENT")
SEED = 2025


def returns(units: list[str], period: str) -> pd.DataFrame:
    """What units report for a quarter: whole numbers, so that sums are exact; some milestones done, ranks as drawn."""
    random, size = np.random.default_rng([SEED, Period.parse(period).index]), len(units)
    whole = {name: random.integers(50, 900, size).astype(float) for name in ("FLOW", "STOCK", "below")}
    above = np.floor(whole["below"] * random.random(size))
    numbers = {name: whole[name] for name in ("FLOW", "STOCK")}
    numbers |= {"MEAN": random.integers(0, 101, size) / 10, "RANK": random.permutation(size) + 1.0}
    numbers |= {name: (random.random(size) < 0.3) * 1.0 for name in ("DONE", "MARK")}
    told = {"period": period, "status": "final", "state": "value"}
    told |= {"value": None, "numerator": None, "denominator": None}
    parts = [
        pd.DataFrame({"unit": units, "indicator": code, **told, "value": x}) for code, x in numbers.items()
    ]
    ratio = {"numerator": above, "denominator": whole["below"]}
    parts += [pd.DataFrame({"unit": units, "indicator": code, **told, **ratio}) for code in RATIOS]
    return pd.concat(parts, ignore_index=True)


def reporting(plan: Plan, day: str) -> list[str]:
    units = plan.units_on(date.fromisoformat(day))
    return sorted(units.code[units.reports])


def judged(engine: Engine, plan: Plan, period: str, units: date | None = None) -> pd.DataFrame:
    """The judged rows of a review, by indicator and unit."""
    found = judge_all(engine, plan, moment_of(period, TODAY, CALENDAR), units=units)
    return found[found.series == "assigned"].set_index(["indicator", "unit"])


@dataclass(frozen=True)
class Told:
    """What was reported of some units, and what the reviews made of it: before the reform, restated, after it."""

    plan: Plan
    before: pd.DataFrame
    after: pd.DataFrame
    reported: pd.DataFrame
    restated: pd.DataFrame
    begun: pd.DataFrame
    later: pd.DataFrame
    digests: tuple[str, str]


def told(engine: Engine, plan: Plan) -> Told:
    """Two quarters of the old units and one of the new ones, each reviewed when it was there."""
    old, new = (reporting(plan, day) for day in (EVE, REFORM))
    before, after = pd.concat([returns(old, "2025-Q1"), returns(old, "2025-Q2")]), returns(new, "2025-Q3")
    receive(engine, before)
    first = digest(engine)
    reported = judged(engine, plan, "2025-Q2")
    restated = judged(engine, plan, "2025-Q2", units=AFTER)
    begun = judged(engine, plan, "2025-Q3")
    digests = (first, digest(engine))
    receive(engine, after)
    return Told(plan, before, after, reported, restated, begun, judged(engine, plan, "2025-Q3"), digests)


@pytest.fixture(scope="module")
def country() -> Iterator[Told]:
    with warehouse() as engine:
        yield told(engine, reform())


@pytest.fixture
def province(engine: Engine) -> Told:
    return told(engine, reform([LAO_CAI]))


# --- the sums, computed from the mapping alone ----------------------------------------------------------------


def standing(before: pd.DataFrame) -> pd.DataFrame:
    """What the old units had to date after two quarters: one row a unit, figures and ratios' parts in columns."""
    latest = before[before.period == "2025-Q2"].pivot(index="unit", columns="indicator", values="value")
    frame = latest[["STOCK", "MEAN", "RANK", "DONE", "MARK"]].astype(float)
    summed = before.groupby(["indicator", "unit"])[["value", "numerator", "denominator"]].sum()
    last = before[before.period == "2025-Q2"].set_index(["indicator", "unit"])
    frame["FLOW"] = summed.loc["FLOW"].value.astype(float)
    for code, source in (("SHARE", last), ("SPENT", summed)):
        for part in ("numerator", "denominator"):
            frame[f"{code} {part}"] = source.loc[code][part].astype(float)
    return frame.rename_axis(None)


def gathered(figures: pd.DataFrame, by: pd.Series, share: pd.Series | float = 1.0) -> pd.DataFrame:
    """Amounts added up, ratios added by their parts, means weighted by the stock; of a part its share."""
    amounts = ["FLOW", "STOCK", *(name for name in figures if " " in name)]
    parts = figures[amounts].mul(share, axis=0).assign(weighed=figures.MEAN * figures.STOCK * share)
    sums = parts.groupby(by.to_numpy()).sum()
    shown = {code: 100 * sums[f"{code} numerator"] / sums[f"{code} denominator"] for code in RATIOS}
    done = figures.DONE.groupby(by.to_numpy()).max()
    return pd.DataFrame(
        {"FLOW": sums.FLOW, "STOCK": sums.STOCK, **shown, "MEAN": sums.weighed / sums.STOCK, "DONE": done}
    )


def merged(case: Told, into: str) -> pd.DataFrame:
    """The old units' figures gathered under what the mapping says became of them (`new`, `new_province`)."""
    rows = mapping()[mapping().old.isin(case.before.unit)]
    figures = standing(case.before).loc[rows.old]
    return gathered(figures, rows[into], rows.share.to_numpy())


def under(case: Told, place: str) -> pd.DataFrame:
    """The old units' figures gathered under the places in which they lay (`district`, `old_province`)."""
    places = mapping().drop_duplicates("old").set_index("old")[place]
    figures = standing(case.before)
    return gathered(figures, places[figures.index])


def check_same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    """Every wanted figure (indicators in columns, units in rows) is among the judged ones."""
    actual = found.actual.unstack("indicator")[list(wanted.columns)].reindex(wanted.index)
    pd.testing.assert_frame_equal(
        actual, wanted, rtol=1e-9, check_dtype=False, check_names=False, check_index_type=False
    )


def check_sums(case: Told) -> None:
    """As reported and restated: each unit, each place above it and the whole, beside the sums from the mapping."""
    authority = case.plan.term.authority
    everything = pd.Series(authority, index=standing(case.before).index)
    whole = gathered(standing(case.before), everything)
    for view in (case.reported, case.restated, case.begun):
        check_same(view, whole)
    check_same(case.reported, standing(case.before)[["FLOW", "STOCK", "MEAN", "RANK", "DONE", "MARK"]])
    check_same(case.reported, under(case, "old_province").drop(index=authority, errors="ignore"))
    for view in (case.restated, case.begun):
        check_same(view, merged(case, "new"))
        check_same(view, merged(case, "new_province"))


def test_sums_of_the_country_agree_before_and_after_at_every_place(country: Told) -> None:
    assert (len(standing(country.before)), len(merged(country, "new"))) == (10_040, 3_321)
    check_sums(country)
    districts = under(country, "district").drop(index=[*ISLANDS])
    check_same(country.reported, districts)
    assert len(districts) == 691


def test_sums_of_two_provinces_that_became_one_agree_on_both_databases(province: Told) -> None:
    check_sums(province)


def test_the_merged_provinces_hold_what_their_parts_had(country: Told) -> None:
    became = listed("merger_provinces_2025-07")
    before = country.reported.loc["FLOW"].actual[became.old_province_code]
    after = country.restated.loc["FLOW"].actual
    sums = before.groupby(became.new_province_code.to_numpy()).sum()
    assert sums.to_dict() == pytest.approx(after[sums.index].to_dict())
    assert len(sums) == 34
    assert after["15"] == pytest.approx(before["10"] + before["15"]), (
        "Lào Cai is not Yên Bái, whose code it has"
    )


# --- what does not add up ----------------------------------------------------------------------------------------


def alone() -> pd.DataFrame:
    """The rows of the mapping in which one unit whole became one."""
    return mapping()[mapping().kind == "move"]


@pytest.mark.parametrize("view", ["restated", "begun"])
@pytest.mark.parametrize("code", ["RANK", "MARK"])
def test_ranks_and_undeclared_milestones_stay_with_whole_units_alone(
    country: Told, code: str, view: str
) -> None:
    found = getattr(country, view).loc[code]
    old = standing(country.before)[code]
    units = found.reindex(mapping().new.unique())
    assert len(alone()) == 137
    assert units.actual[alone().new].tolist() == old[alone().old].tolist()
    others = units.drop(index=alone().new)
    assert others.actual.isna().all()
    assert set(others.band) == {"unassessable"}
    above = found.drop(index=units.index)
    assert above.actual.isna().all(), "one commune's rank is not its province's"
    assert len(above) == 35


def test_what_a_part_of_a_commune_has_is_an_estimate(country: Told) -> None:
    parts = set(mapping().new[mapping().kind == "split"])
    status = country.restated.loc["FLOW"].status[mapping().new.unique()]
    assert set(status.index[status == "estimate"]) == parts


# --- nothing is rewritten, nothing mixed up -----------------------------------------------------------------------


def test_nothing_that_was_submitted_changes_by_a_review(country: Told) -> None:
    assert country.digests[0] == country.digests[1]


def test_a_new_commune_begins_with_what_it_took_over_and_goes_on_with_its_own(country: Told) -> None:
    own = country.after.pivot(index="unit", columns="indicator", values="value").astype(float)
    wanted = own[["STOCK", "MEAN", "RANK", "DONE", "MARK"]]
    check_same(country.later, wanted.assign(FLOW=merged(country, "new").FLOW + own.FLOW).rename_axis(None))


def test_a_code_borne_again_is_another_unit(country: Told) -> None:
    units = country.plan.units_on(AFTER)
    codes = set(listed("communes_2025-03").code) & set(listed("communes_2025-07").code)
    again = units[units.code.isin(codes - set(alone().new))]
    assert len(again) == 3_183
    assert set(again.key) == {f"{code}@{REFORM}" for code in again.code}
    old = standing(country.before).FLOW[again.code]
    flow = country.begun.loc["FLOW"].actual[again.code]
    assert (flow != old).mean() > 0.99, "the code's old bearer is no part of it alone"
    assert country.plan.unit_name("15", date(2025, 6, 30)) == "Tỉnh Yên Bái"
    assert units.key["15"] == "15@2025-07-01"


# --- who owes ---------------------------------------------------------------------------------------------------


def test_old_communes_owe_the_second_quarter_and_new_ones_the_third(country: Told) -> None:
    old, new = listed("communes_2025-03").code, listed("communes_2025-07").code
    assert owing_units(country.plan, Period.parse("2025-Q2"), CALENDAR) == sorted([*old, *ISLANDS])
    assert owing_units(country.plan, Period.parse("2025-Q3"), CALENDAR) == sorted(new)


def test_what_was_owed_on_the_day_of_the_reform_is_the_successors_to_give(country: Told) -> None:
    none = pd.DataFrame(columns=["unit", "period", "version", "verdict", "received_at"])
    none = none.astype({"received_at": "datetime64[us, UTC]"})
    found = obligations(country.plan, CALENDAR, Period.parse("2025-Q2"), none, AFTER).set_index("unit")
    heirs = mapping().groupby("old").new.agg(set)
    assert set(found.state) == {"overdue"}
    assert found.owed_by.str.split(";").map(set).to_dict() == heirs.to_dict()


# --- districts that report ----------------------------------------------------------------------------------------


def test_districts_that_report_hand_over_to_communes_in_shares(engine: Engine) -> None:
    plan = reform([LAO_CAI], by_districts=True)
    old = reporting(plan, EVE)
    before = pd.concat([returns(old, "2025-Q1"), returns(old, "2025-Q2")])
    receive(engine, before)
    reported, restated = judged(engine, plan, "2025-Q2"), judged(engine, plan, "2025-Q2", units=AFTER)
    whole = before[before.indicator == "FLOW"].value.sum()
    flow = restated.loc["FLOW"]
    communes = flow[flow.index != LAO_CAI]
    assert (len(old), len(communes)) == (18, 99)
    assert reported.loc["FLOW"].actual[LAO_CAI] == pytest.approx(whole)
    assert flow.actual[LAO_CAI] == pytest.approx(whole)
    assert communes.actual.sum() == pytest.approx(whole)
    assert set(communes.status) == {"estimate"}
    assert owing_units(plan, Period.parse("2025-Q3"), CALENDAR) == sorted(communes.index)


# --- a workspace: who may send what, and what a template shows ---------------------------------------------------

SETTINGS = """
[calendar]
name = "nd09"
[rules]
reason_required = "off"
"""


def csv_of(said: pd.DataFrame, unit: str, period: str) -> str:
    """A unit's return as a file."""
    own = said[(said.unit == unit) & (said.period == period)].fillna("")
    columns = ["unit", "period", "indicator", "value", "numerator", "denominator", "state", "status"]
    return HEAD + "\n".join(",".join([*map(str, row), ""]) for row in own[columns].itertuples(index=False))


def test_a_new_commune_reports_for_its_predecessor_and_is_shown_what_it_took_over(tmp_path: Path) -> None:
    tables = {name: frame.to_csv(index=False) for name, frame in tables_of([CAO_BANG]).items()}
    office = with_plan(tmp_path / "office", SETTINGS, tables)
    plan = office.current_plan().plan
    rows = mapping()[mapping().new.isin(reporting(plan, REFORM))]
    taken = rows[rows.kind == "merge"]
    new = taken.new.iloc[0]
    mine = rows[rows.new == new]
    other = rows[~rows.old.isin(mine.old)].old.iloc[0]
    said = returns(sorted(rows.old.unique()), "2025-Q2")
    for unit in mine.old[1:]:
        drop(office, unit, f"{unit}.csv", csv_of(said, unit, "2025-Q2"))
    collected(office, instant("2025-06-16 09:00"))
    drop(office, new, "cua-minh.csv", csv_of(said, mine.old.iloc[0], "2025-Q2"))
    drop(office, new, "cua-xa-khac.csv", csv_of(said, other, "2025-Q2"))
    table = collected(office, instant("2025-07-05 09:00"))
    assert line(table, "cua-minh.csv")[:4] == (mine.old.iloc[0], "2025-Q2", 1, "accepted_with_warnings")
    assert codes(office) == ["late", "wrong_sender"], "late it is, but the right hands sent it"
    assert line(table, "cua-xa-khac.csv")[3] == "rejected"
    asked = asked_rows(office, plan, Period.parse("2025-Q3"), [new]).set_index("indicator")
    sums = gathered(standing(said).loc[mine.old], mine.new, mine.share.to_numpy()).iloc[0]
    assert asked.previous[["FLOW", "STOCK", "SHARE", "MEAN"]].tolist() == pytest.approx(
        sums[["FLOW", "STOCK", "SHARE", "MEAN"]].tolist()
    )
    assert asked.target["FLOW"] == pytest.approx(OWN_TARGET * mine.share.sum())
    assert asked.previous_texts["STOCK"].endswith("(Quý II/2025, quy đổi)")
    assert pd.isna(asked.previous["RANK"])
