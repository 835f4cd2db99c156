"""Plans: what is wrong with one is told whole, with its place and remedy; loading it twice changes nothing."""

from copy import deepcopy
from functools import cache

import pandas as pd
import pytest
from judging import INDICATOR, Raw, Row, frames, plan_of, province, rows

from tiendo.errors import PROBLEM_COLUMNS, InputError, PlanError
from tiendo.periods import Period
from tiendo.plan import Plan, plan_differences, read_plan
from tiendo.plan_checks import plan_warnings
from tiendo.plan_tables import TABLES


def good() -> Raw:
    """A plan without a fault: one indicator of each kind that the faults below need."""
    made = [
        {"code": "SUM"},
        {"code": "MEAN", "aggregation": "weighted_mean", "weight_indicator": "SUM"},
        {"code": "GAP", "type": "gap", "direction": "down"},
        {"code": "RANGE", "type": "range"},
        {"code": "CEIL", "type": "ceiling", "direction": "down"},
        {"code": "RANK", "type": "rank", "accumulation": "state", "aggregation": "none", "reported_by": "S"},
        {"code": "BENCH", "type": "benchmark"},
        {
            "code": "STONE",
            "type": "milestone",
            "accumulation": "state",
            "aggregation": "none",
            "reported_by": "S",
        },
        {"code": "ANY", "type": "any_of"},
        {"code": "NQ", "reported_by": "source:SUM", "resolution": "yes", "programme": ""},
        {"code": "NONE", "reported_by": "nobody", "resolution": "yes", "programme": ""},
        {"code": "PART", "parent": "SUM", "part_of": "SUM", "scheme": "DA1"},
    ]
    targets = """indicator,unit,span,baseline,target,low,high,cap,top_n,benchmark
SUM,,2011-2015,,100,,,,,
SUM,A,2011-2015,,60,,,,,
SUM,B,2011-2015,,40,,,,,
MEAN,,2011-2015,,5,,,,,
GAP,,2011-2015,70,25,,,,,
RANGE,,2011-2015,,,12.8,13,,,
CEIL,,2011-2015,,0,,,4,,
RANK,,2011-2015,,,,,,3,
BENCH,,2011-2015,,,,,,,SUM
STONE,,2011-2015,,,,,,,
NQ,,2013,,50,,,,,
PART,,2011-2015,,5,,,,,"""
    return province(
        indicators=[{**INDICATOR, **row} for row in made],
        targets=targets,
        schemes="code,name,programme,lead_agency\nDA1,Đề án,CT1,S",
        branches="indicator,branch\nANY,SUM\nANY,GAP",
        stages="indicator,stage,name,weight\nSTONE,1,Lập dự án,30\nSTONE,2,Khởi công,70",
        rules="indicator,check,value,other\nSUM,min,0,\nSUM,compare,,GAP",
        officers="code,name,unit\nmy,Giàng Thị Mỷ,A",
        responsibilities="officer,role,scope,code\nmy,leader,programme,CT1",
        succession="predecessor,successor,date,kind\nA,A,2013-01-01,rename",
    )


@cache
def good_plan() -> Plan:
    return plan_of(good())


def problems_of(raw: Raw) -> pd.DataFrame:
    try:
        plan_of(raw)
    except PlanError as error:
        return error.problems
    return pd.DataFrame(columns=PROBLEM_COLUMNS)


def with_cell(table: str, row: int, **cells: str) -> Raw:
    """The good plan with some cells of one row (2 = the first) put otherwise."""
    raw = good()
    raw[table][row - 2] |= cells
    return raw


def with_row(table: str, text: str) -> Raw:
    """The good plan with one more row, in the columns named."""
    raw = good()
    raw[table].append(dict(word.split("=", 1) for word in text.split()))
    return raw


def test_faults_of_every_sort_are_told_at_once() -> None:
    raw = with_cell("targets", 2, target="1.000,5")
    raw["targets"].append({"indicator": "SUM", "span": "2011-2015", "unit": "ZZ", "target": "5"})
    raw["org_units"][2]["reports"] = "có"
    raw["rules"] = [{"indicator": "SUM", "check": "min", "severity": "error"}]
    found = problems_of(raw)
    assert {f"{row.table} {row.row} {row.column}" for row in found.itertuples()} == {
        "targets 2 target",
        "targets 14 unit",
        "org_units 4 reports",
        "rules 2 value",
    }


def test_a_misspelt_heading_does_not_hide_the_faults_of_other_tables() -> None:
    raw = with_cell("targets", 2, target="1.000,5")
    raw["indicators"] = [
        {("accumulatoin" if name == "accumulation" else name): cell for name, cell in row.items()}
        for row in raw["indicators"]
    ]
    found = problems_of(raw)
    assert {f"{row.table} {row.row} {row.column}" for row in found.itertuples()} == {
        "indicators 1 accumulatoin",
        "indicators 1 accumulation",
        "targets 2 target",
    }


def test_a_whole_table_has_neither_row_nor_column_in_the_sentence() -> None:
    raw = frames(good())
    del raw["targets"]
    with pytest.raises(PlanError, match=r"^targets\.csv: thiếu bảng bắt buộc") as refusal:
        read_plan(raw)
    assert "dòng 0" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "is_of_term"),
    [
        ("2010", False),
        ("2010-Q4", False),
        ("2011-Q1", True),
        ("2011-2015", True),
        ("2015-12", True),
        ("2062-Q3", False),
    ],
)
def test_a_period_is_of_the_term_if_it_ends_within_it(text: str, is_of_term: bool) -> None:
    term, period = good_plan().term, Period.parse(text)
    if is_of_term:
        term.require(period)
        return
    with pytest.raises(InputError, match=f"{text} nằm ngoài nhiệm kỳ 2011-2015"):
        term.require(period)


def test_the_plan_that_the_faults_are_put_into_has_none() -> None:
    assert problems_of(good()).empty


AGAIN = "name=x level=district"
NEW = "name=x unit=ha frequency=year accumulation=stock aggregation=sum type=ratio"

FAULTS = [
    # what kind of value a cell holds
    ("a required cell is empty", with_cell("indicators", 2, name=""), "indicators 2 name"),
    ("a number is no number", with_cell("targets", 2, target="1.000,5"), "targets 2 target"),
    ("a number has grouping commas", with_cell("targets", 2, target="1,000"), "targets 2 target"),
    ("a number without end", with_cell("targets", 2, target="inf"), "targets 2 target"),
    ("a whole number is broken", with_cell("targets", 9, top_n="2.5"), "targets 9 top_n"),
    ("a date in another order", with_cell("term", 2, ends="31/12/2015"), "term 2 ends"),
    ("a date that does not exist", with_cell("term", 2, ends="2015-02-30"), "term 2 ends"),
    ("neither yes nor no", with_cell("org_units", 4, reports="có"), "org_units 4 reports"),
    ("a span that is none", with_cell("targets", 2, span="2013-Q5"), "targets 2 span"),
    ("a word that is no choice", with_cell("indicators", 2, type="ratios"), "indicators 2 type"),
    ("a flag that there is not", with_cell("indicators", 2, flags="corridor;level"), "indicators 2 flags"),
    ("a code with a slash", with_cell("org_units", 5, code="B/1"), "org_units 5 code"),
    ("a code that starts with a dot", with_cell("org_units", 5, code="..B"), "org_units 5 code"),
    # keys and references
    ("the same code twice", with_row("indicators", f"code=SUM {NEW}"), "indicators 14 code"),
    (
        "the same target twice",
        with_row("targets", "indicator=SUM span=2011-2015 target=5"),
        "targets 14 indicator",
    ),
    ("a target of no indicator", with_cell("targets", 2, indicator="SUMM"), "targets 2 indicator"),
    ("a target of no unit", with_cell("targets", 3, unit="AA"), "targets 3 unit"),
    ("a parent that there is not", with_cell("org_units", 4, parent="RR"), "org_units 4 parent"),
    (
        "a programme that there is not",
        with_cell("indicators", 2, programme="CT1;CT9"),
        "indicators 2 programme",
    ),
    ("an authority that there is not", with_cell("term", 2, authority="PP"), "term 2 authority"),
    ("a lead agency that there is not", with_cell("schemes", 2, lead_agency="SS"), "schemes 2 lead_agency"),
    ("a leader of no programme", with_cell("responsibilities", 2, code="CT9"), "responsibilities 2 code"),
    (
        "a head of no unit",
        with_cell("responsibilities", 2, role="head", scope="unit", code="CT1"),
        "responsibilities 2 code",
    ),
    # term and units
    (
        "two terms",
        with_row("term", "code=N2 name=x authority=P starts=2016-01-01 ends=2020-12-31"),
        "term 2 code",
    ),
    ("a term that ends before it starts", with_cell("term", 2, ends="2010-12-31"), "term 2 ends"),
    (
        "a unit that ends before it begins",
        with_cell("org_units", 5, valid_from="2014-01-01", valid_to="2013-01-01"),
        "org_units 5 valid_to",
    ),
    (
        "two units of a code at once",
        with_row("org_units", f"code=B valid_from=2013-01-01 {AGAIN}"),
        "org_units 8 valid_from",
    ),
    ("a unit above itself", with_cell("org_units", 2, parent="A"), "org_units 2 parent"),
    # indicators
    (
        "a weighted mean without weights",
        with_cell("indicators", 3, weight_indicator=""),
        "indicators 3 weight_indicator",
    ),
    (
        "an indicator as its own weight",
        with_cell("indicators", 3, weight_indicator="MEAN"),
        "indicators 3 weight_indicator",
    ),
    ("branches announced but not given", with_cell("indicators", 5, type="all_of"), "indicators 5 type"),
    ("a scale of zero", with_cell("indicators", 2, scale="0"), "indicators 2 scale"),
    ("a weight below zero", with_cell("indicators", 2, weight="-1"), "indicators 2 weight"),
    ("a component of itself", with_cell("indicators", 2, parent="SUM"), "indicators 2 parent"),
    ("a part of its own part", with_cell("indicators", 2, part_of="PART"), "indicators 2 part_of"),
    (
        "a reporter that there is not",
        with_cell("indicators", 2, reported_by="A;X"),
        "indicators 2 reported_by",
    ),
    (
        "a level that there is not",
        with_cell("indicators", 2, reported_by="level:districts"),
        "indicators 2 reported_by",
    ),
    (
        "a source that there is not",
        with_cell("indicators", 11, reported_by="source:SOM"),
        "indicators 11 reported_by",
    ),
    (
        "a source beside a unit",
        with_cell("indicators", 11, reported_by="source:SUM;A"),
        "indicators 11 reported_by",
    ),
    ("a source of itself", with_cell("indicators", 11, reported_by="source:NQ"), "indicators 11 reported_by"),
    (
        "a source decided by branches",
        with_cell("indicators", 11, reported_by="source:ANY"),
        "indicators 11 reported_by",
    ),
    (
        "nobody beside a unit",
        with_cell("indicators", 12, reported_by="nobody;A"),
        "indicators 12 reported_by",
    ),
    (
        "the figure of one who does not report",
        with_cell("indicators", 2, reported_by="A;B", figure_of="S"),
        "indicators 2 figure_of",
    ),
    # targets
    ("no target", with_cell("targets", 2, target=""), "targets 2 target"),
    ("a range without an upper end", with_cell("targets", 7, high=""), "targets 7 high"),
    ("a range upside down", with_cell("targets", 7, low="14"), "targets 7 low"),
    ("a ratio to a target of zero", with_cell("targets", 2, target="0"), "targets 2 target"),
    ("a gap with no way to go", with_cell("targets", 6, target="70"), "targets 6 target"),
    ("a ceiling of zero without a cap", with_cell("targets", 8, cap=""), "targets 8 cap"),
    ("a rank without places", with_cell("targets", 9, top_n=""), "targets 9 top_n"),
    ("a rank of no place", with_cell("targets", 9, top_n="0"), "targets 9 top_n"),
    ("a benchmark of nothing", with_cell("targets", 10, benchmark=""), "targets 10 benchmark"),
    ("its own benchmark", with_cell("targets", 10, benchmark="BENCH"), "targets 10 benchmark"),
    ("a target after the term", with_cell("targets", 12, span="2016"), "targets 12 span"),
    (
        "the authority's target twice",
        with_row("targets", "indicator=SUM unit=P span=2011-2015 target=5"),
        "targets 14 unit",
    ),
    # branches, stages, rules
    ("a branch of itself", with_cell("branches", 2, branch="ANY"), "branches 2 branch"),
    ("branches of what takes none", with_cell("branches", 2, indicator="RANGE"), "branches 2 indicator"),
    ("stages of no milestone", with_cell("stages", 2, indicator="SUM"), "stages 2 indicator"),
    ("a stage of no weight", with_cell("stages", 2, weight="0"), "stages 2 weight"),
    ("a bound without a value", with_cell("rules", 2, value=""), "rules 2 value"),
    ("a comparison with nothing", with_cell("rules", 3, other=""), "rules 3 other"),
    ("a check that there is not", with_cell("rules", 2, check="minimum"), "rules 2 check"),
]


# What names a code that cannot be, or lies outside such a term, is told too; so is each member of a loop.
WITH_MORE = {
    "a code with a slash",
    "a code that starts with a dot",
    "a unit above itself",
    "a part of its own part",
    "a term that ends before it starts",
}


@pytest.mark.parametrize(("says", "raw", "place"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_told_with_its_place_and_remedy_and_no_other_is(says: str, raw: Raw, place: str) -> None:
    found = problems_of(raw)
    places = found[["table", "row", "column"]].astype(str).agg(" ".join, axis=1)
    assert place in set(places)
    assert says in WITH_MORE or set(places) == {place}
    assert (found[["problem", "remedy"]] != "").all(axis=None)


def test_every_fault_is_told_at_once() -> None:
    raw = good()
    raw["targets"][0]["target"] = "many"
    raw["targets"][5]["low"] = "few"
    raw["indicators"][1]["type"] = "rations"
    found = problems_of(raw)
    places = {("indicators", 3, "type"), ("targets", 2, "target"), ("targets", 7, "low")}
    assert set(zip(found.table, found.row, found.column, strict=True)) == places


@pytest.mark.parametrize(
    ("table", "column", "nearest"),
    [
        pytest.param("indicators", "acumulation", "accumulation", id="a letter left out"),
        pytest.param("targets", "baselines", "baseline", id="a letter too many"),
        pytest.param("org_units", "report", "reports", id="a plural"),
    ],
)
def test_an_unknown_column_is_told_with_the_nearest_known_name(table: str, column: str, nearest: str) -> None:
    raw = good()
    for row in raw[table]:
        row[column] = "x"
    found = problems_of(raw)
    assert list(found[["table", "row", "column"]].iloc[0]) == [table, 1, column]
    assert repr(nearest) in found.remedy.iloc[0]


def test_an_unknown_word_is_told_with_the_nearest_known_one() -> None:
    found = problems_of(with_cell("indicators", 2, type="treshold"))
    assert "'threshold'" in found.remedy.iloc[0]
    assert "'SUM'" in problems_of(with_cell("targets", 2, indicator="SUMM")).remedy.iloc[0]


def test_an_unknown_table_and_a_missing_one_are_told() -> None:
    tables = frames(good())
    tables["indicator"] = tables.pop("indicators")
    with pytest.raises(PlanError) as refused:
        read_plan(tables)
    found = refused.value.problems.set_index("table")
    assert "'indicators'" in found.remedy["indicator"]
    assert found.problem["indicators"] == "thiếu bảng bắt buộc"


def test_a_missing_and_a_doubled_column_are_told() -> None:
    tables = frames(good())
    tables["indicators"] = tables["indicators"].drop(columns="type")
    units = tables["org_units"]
    tables["org_units"] = pd.concat([units, units[["name"]]], axis=1)
    with pytest.raises(PlanError) as refused:
        read_plan(tables)
    found = {(row.table, row.row, row.column): row.problem for row in refused.value.problems.itertuples()}
    assert found == {
        ("indicators", 1, "type"): "thiếu cột bắt buộc",
        ("org_units", 1, "name"): "cột xuất hiện hai lần",
    }


def test_a_refusal_is_an_input_error_that_names_the_first_place() -> None:
    raw = good()
    raw["targets"][0]["target"] = "many"
    raw["targets"][5]["low"] = "few"
    with pytest.raises(InputError, match=r"targets\.csv dòng 2, cột target: .* \(và 1 lỗi khác\)"):
        plan_of(raw)


def test_empty_lines_are_passed_over_and_rows_keep_their_number() -> None:
    raw = good()
    raw["targets"].insert(1, {})
    raw["targets"][2]["target"] = "many"
    assert list(problems_of(raw).row) == [4]


# --- what is read -----------------------------------------------------------------------------------------


def test_only_four_tables_must_be_there() -> None:
    raw = {name: table for name, table in good().items() if TABLES[name].required}
    raw["indicators"] = [{**INDICATOR, "code": "SUM", "programme": ""}]
    raw["targets"] = rows("indicator,span,target\nSUM,2013,5")
    plan = plan_of(raw)
    assert set(plan.tables) == set(TABLES)
    assert plan.indicators.programmes["SUM"] == ""


def test_an_empty_cell_means_its_default() -> None:
    row = good_plan().indicators.loc["SUM"]
    assert (row.scale, row.weight, row.direction, row.reported_by, row.required) == (1, 1, "up", "tier", True)
    assert row.counts == ""
    assert pd.isna(row.decimals)


def test_texts_are_stripped_and_composed() -> None:
    raw = with_cell("org_units", 2, name=" Tỉnh Đắk Nông ")
    assert plan_of(raw).unit_name("P") == "Tỉnh Đắk Nông"


@pytest.mark.parametrize(
    ("code", "counted"),
    [
        pytest.param("GAP", False, id="a branch is not counted"),
        pytest.param("PART", False, id="a part of a sum is not counted"),
        pytest.param("SUM", False, id="a weight and benchmark is not counted"),
        pytest.param("RANGE", True, id="any other is"),
        pytest.param("NONE", True, id="also what nobody reports"),
    ],
)
def test_what_counts(code: str, counted: bool) -> None:
    assert good_plan().indicators.counted[code] == counted


@pytest.mark.parametrize("word", ["yes", "no"])
def test_what_an_indicator_says_of_counting_goes_before(word: str) -> None:
    raw = good()
    raw["indicators"] = [{**row, "counts": word} for row in raw["indicators"]]
    assert (plan_of(raw).indicators.counted == (word == "yes")).all()


def test_an_indicator_belongs_to_its_own_and_its_schemes_programmes() -> None:
    raw = good()
    raw["schemes"][0]["programme"] = "CT2;CT1"
    plan = plan_of(raw)
    assert plan.indicators.programmes["PART"] == "CT1;CT2"
    assert plan.indicators.lead["PART"] == "S", "of its scheme"


# --- warnings ---------------------------------------------------------------------------------------------


def warned(raw: Raw) -> set[tuple[str, int, str]]:
    found = plan_warnings(plan_of(raw).tables)
    return set(zip(found.table, found.row, found.column, strict=True))


SUMMED = {"type": "rate", "aggregation": "sum", "accumulation": "rate"}
ODDITIES = {
    "units' targets of 99 against 100": (with_cell("targets", 4, target="39"), ("targets", 2, "target")),
    "a weight that counts": (with_cell("indicators", 2, counts="yes"), ("indicators", 2, "counts")),
    "a weight that says nothing of it": (good(), ("indicators", 2, "counts")),
    "a unit's target of zero": (with_cell("targets", 3, target="0"), ("targets", 3, "target")),
    "no target": (with_row("indicators", f"code=BARE {NEW}"), ("indicators", 14, "code")),
    "none of many": (with_cell("indicators", 7, reported_by="tier"), ("indicators", 7, "aggregation")),
    "rates added over years": (
        with_cell("indicators", 3, type="rate", accumulation="flow"),
        ("indicators", 3, "accumulation"),
    ),
    "rates added over units": (with_cell("indicators", 3, **SUMMED), ("indicators", 3, "aggregation")),
}


@pytest.mark.parametrize(("raw", "place"), ODDITIES.values(), ids=ODDITIES.keys())
def test_an_oddity_is_a_warning_and_the_plan_is_read(raw: Raw, place: tuple[str, int, str]) -> None:
    assert place in warned(raw)


def test_units_targets_within_the_tolerance_are_no_matter() -> None:
    raw = with_cell("targets", 4, target="39")
    raw["indicators"][0]["tolerance_pct"] = "1"
    assert ("targets", 2, "target") not in warned(raw)


# --- twice, and what changed ------------------------------------------------------------------------------


def shuffled(raw: Raw) -> Raw:
    return {name: [dict(reversed(row.items())) for row in table] for name, table in raw.items()}


def test_the_same_plan_has_the_same_digest_whatever_the_order_of_its_columns() -> None:
    plan = good_plan()
    again = read_plan({name: table[table.columns[::-1]] for name, table in frames(shuffled(good())).items()})
    assert again.digest == plan.digest
    assert plan_differences(plan, again).empty


def test_what_is_written_otherwise_but_means_the_same_has_the_same_digest() -> None:
    other = good()
    other["targets"][0]["target"] = "100.0"
    other["indicators"][0] |= {"scale": "1", "direction": "up", "reported_by": "tier", "required": "yes"}
    assert plan_of(other).digest == good_plan().digest


@pytest.mark.parametrize(
    ("table", "change", "wanted"),
    [
        pytest.param("targets", {"target": "120"}, ("changed", "target", "100", "120"), id="a target"),
        pytest.param("indicators", {"name": "khác"}, ("changed", "name", "chỉ tiêu", "khác"), id="a name"),
        pytest.param("org_units", {"reports": "yes"}, ("changed", "reports", "no", "yes"), id="who reports"),
    ],
)
def test_a_change_is_told_with_before_and_after(table: str, change: Row, wanted: tuple[str, ...]) -> None:
    after = deepcopy(good())
    after[table][0] |= change
    old, new = good_plan(), plan_of(after)
    assert old.digest != new.digest
    found = plan_differences(old, new)
    assert [tuple(row) for row in found[["change", "column", "before", "after"]].itertuples(index=False)] == [
        wanted
    ]
    assert list(found.table) == [table]


def test_rows_added_and_removed_are_told_by_their_key() -> None:
    new = good()
    new["targets"] = [*new["targets"][1:], {"indicator": "SUM", "span": "2014", "target": "80"}]
    found = plan_differences(good_plan(), plan_of(new))
    assert sorted(zip(found.change, found.table, strict=True)) == [
        ("added", "targets"),
        ("removed", "targets"),
    ]
    assert found.code.str.startswith("SUM").all()
