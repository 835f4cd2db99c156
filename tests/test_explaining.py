"""Explaining: a figure unfolds to its formula, units, versions, files and cells; and what it says is what is judged."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from collecting import HEAD, SETTINGS, collected, drop, quarter, rows_of, with_plan
from hypothesis import given
from hypothesis import strategies as st
from intake_samples import TABLES, instant, plan_of

from console.explain_verb import guides
from console.main import main
from flows.quarterly_review import quarterly_review
from tasks.correcting import correct_returns
from tasks.correction_batch import Deed
from tasks.explaining import explained
from tasks.office.workspace import Workspace, open_workspace
from tasks.sources.opening import archive_of
from tasks.tracing.value_cells import located
from tiendo.errors import InputError
from tiendo.explaining import STEP_COLUMNS, entering, inputs_of, resting_on
from tiendo.periods import Period
from warehouse.connecting import writing
from warehouse.schema import approval, submission

Q4 = Period.parse("2013-Q4")
NOW = instant("2014-01-20 09:00")
THIRD = instant("2013-10-08 09:00")
FOURTH = instant("2014-01-08 09:00")
AGAIN = instant("2014-01-09 10:00")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two quarters of 080, one of 082; then 080 sends its tea again, and leaves the rest as it was. Only read."""
    office = with_plan(tmp_path_factory.mktemp("explained") / "office", SETTINGS, TABLES)
    drop(office, "080", "q3.csv", quarter(che=90, viec=5, period="2013-Q3"))
    collected(office, THIRD)
    drop(office, "080", "q4.csv", quarter(che=100, viec=7))
    drop(office, "082", "q4.csv", quarter(che=300, viec=3, unit="082"))
    collected(office, FOURTH)
    drop(office, "080", "lai.csv", HEAD + "080,2013-Q4,CHE,120,,,,,đo lại\n")
    collected(office, AGAIN)
    return office


@pytest.fixture
def changing(office: Workspace, tmp_path: Path) -> Workspace:
    """The same, for one test that goes on."""
    office.engine.dispose()
    shutil.copytree(office.root, tmp_path / "office")
    return open_workspace(tmp_path / "office")


def steps_of(office: Workspace, indicator: str, **asked: object) -> pd.DataFrame:
    return explained(office, indicator, Q4, **({"now": NOW} | asked))  # type: ignore[arg-type]


def found(steps: pd.DataFrame, step: str, *columns: str) -> list[tuple[object, ...]]:
    return list(steps.loc[steps.step == step, list(columns)].itertuples(index=False, name=None))


def test_a_sum_unfolds_to_its_units_and_their_periods(office: Workspace) -> None:
    steps = steps_of(office, "VIEC")
    assert found(steps, "sum", "unit", "value") == [("10", 15.0)]
    assert found(steps, "unit", "unit", "value", "field") == [("080", 12.0, "term"), ("082", 3.0, "term")]
    assert found(steps, "period", "unit", "period", "value", "version") == [
        ("080", "2013-Q3", 5.0, 1),
        ("080", "2013-Q4", 7.0, 2),
        ("082", "2013-Q4", 3.0, 1),
    ]
    assert "tổng của các đơn vị: 12 + 3 = 15" in steps.formula[steps.step == "sum"].iloc[0]


def test_a_stock_unfolds_to_its_last_value_alone(office: Workspace) -> None:
    periods = found(steps_of(office, "CHE"), "period", "unit", "period", "value", "version")
    assert periods == [("080", "2013-Q4", 120.0, 2), ("082", "2013-Q4", 300.0, 1)]


def test_a_ratio_shows_numerators_and_denominators(office: Workspace) -> None:
    steps = steps_of(office, "NUOC")
    assert found(steps, "sum", "value", "numerator", "denominator") == [(90.0, 90.0, 100.0)]
    assert found(steps, "unit", "value", "numerator", "denominator") == [(90.0, 45.0, 50.0)] * 2
    assert "90 / 100 × 100 = 90" in steps.formula[steps.step == "sum"].iloc[0]


def test_the_attainment_is_given_in_words_and_numbers_and_the_target_with_why(office: Workspace) -> None:
    steps = steps_of(office, "NGHEO", against="year")
    assert found(steps, "attainment", "formula") == [
        ("100 × (A − B) / (T − B): 100 × (30 − 43) / (10 − 43) = 39,393939%",)
    ]
    assert found(steps, "target", "value", "formula") == [
        (10.0, "nhiệm kỳ 2011–2015: không có mục tiêu năm, lấy loại dài hơn gần nhất (nhiệm kỳ)")
    ]
    assert found(steps, "band", "field", "formula") == [("lagging", "từ 20% đến dưới 60%")]


def test_a_value_names_its_file_line_sender_and_when_it_came(office: Workspace) -> None:
    steps = steps_of(office, "CHE", unit="080")
    [row] = steps[steps.step == "period"].to_dict("records")
    assert (row["file"], row["cell"], row["sender"]) == ("inbox/080/lai.csv", "dòng 2", "080")
    assert row["received_at"] == AGAIN
    archived = office.root / row["archived"]
    assert archived.read_text().endswith("080,2013-Q4,CHE,120,,,,,đo lại\n")
    assert archived.stem == row["sha256"]
    assert "lần nộp 2" in row["says"]


def test_a_value_that_was_carried_names_the_version_and_file_that_gave_it(office: Workspace) -> None:
    steps = steps_of(office, "VIEC", unit="080")
    last = steps[steps.period == "2013-Q4"].iloc[-1]
    assert (last.version, last.file, last.cell) == (2, "inbox/080/q4.csv", "dòng 3")
    assert "lần nộp 2 (giữ số của lần 1)" in last.says


def test_what_the_office_did_to_a_value_stands_below_it(changing: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "sua.csv"
    file.write_text("unit,period,indicator,field,was,now,reason\n080,2013-Q4,CHE,value,120,125,nhầm dòng\n")
    correct_returns(changing, file, Deed("vp", NOW, "đối chiếu"))
    version = int(rows_of(changing, submission).id.max())
    word = {"id": 1, "submission": version, "act": "accepted", "document": "12/QĐ", "reason": ""}
    with writing(changing.engine) as connection:
        connection.execute(sa.insert(approval).values(word | {"recorded_at": NOW, "recorded_by": "vp"}))
    steps = steps_of(changing, "CHE", unit="080")
    assert found(steps, "period", "value", "version", "file", "cell") == [(125.0, 3, "sua.csv", "dòng 2")]
    assert "văn phòng hiệu chỉnh" in steps.says[steps.step == "period"].iloc[0]
    assert steps.says[steps.step == "correction"].tolist() == [
        "Văn phòng hiệu chỉnh value: 120 → 125 – nhầm dòng (vp, 09:00 20/1/2014)"
    ]
    assert steps.says[steps.step == "approval"].tolist() == [
        "Văn phòng chấp nhận: 12/QĐ (vp, 09:00 20/1/2014)"
    ]
    before = steps_of(changing, "CHE", unit="080", as_of=AGAIN)
    assert found(before, "period", "value", "version") == [(120.0, 2)]
    assert "correction" not in set(before.step), "not known then"


def test_findings_about_a_value_stand_below_it(changing: Workspace) -> None:
    drop(changing, "082", "q4b.csv", HEAD + "082,2013-Q4,CHE,200,,,,,\n")
    collected(changing, instant("2014-01-09 11:00"))
    drop(changing, "082", "q1.csv", quarter(che=150, unit="082", period="2014-Q1"))
    collected(changing, instant("2014-04-08 11:00"))
    steps = explained(changing, "CHE", Period.parse("2014-Q1"), now=instant("2014-04-20 09:00"), unit="082")
    assert "fell" in set(steps.field[steps.step == "finding"])


def test_in_a_file_of_many_units_only_the_findings_of_its_own_row_stand_below_a_value(tmp_path: Path) -> None:
    settings = SETTINGS.replace("[rules]", '[intake]\nmany_units_from = ["10"]\n[rules]')
    office = with_plan(tmp_path / "office", settings, TABLES)
    for period, che in (("2013-Q3", (100, 300)), ("2013-Q4", (90, 200))):
        units = zip(("080", "082"), che, strict=True)
        rows = "".join(f"{unit},{period},CHE,{number},,,,,\n" for unit, number in units)
        drop(office, "10", f"{period}.csv", HEAD + rows)
        collected(office, FOURTH)
    steps = steps_of(office, "CHE")
    assert found(steps, "finding", "unit", "cell") == [("080", "D2"), ("082", "D3")]


def test_a_silent_unit_and_a_period_without_a_return_are_named(office: Workspace) -> None:
    steps = steps_of(office, "VIEC", against="year")
    absent = found(steps, "absent", "unit", "period")
    assert ("082", "2013-Q3") in absent
    assert ("080", "2013-Q3") not in absent
    assert "080 Thành phố Lào Cai: chưa báo cáo" in steps_of(office, "VON", unit="080").says.tolist()


def test_as_of_an_instant_it_says_what_was_known_then(office: Workspace) -> None:
    then = steps_of(office, "CHE", as_of=FOURTH)
    assert found(then, "figure", "value") == [(400.0,)]
    assert found(then, "period", "value", "version") == [(100.0, 1), (300.0, 1)]


def test_a_figure_of_an_issued_report_is_explained_as_it_was_judged(changing: Workspace) -> None:
    quarterly_review.fn(workspace=str(changing.root), period="2013-Q4", against="term", now=NOW)
    drop(changing, "080", "sau.csv", HEAD + "080,2013-Q4,CHE,999,,,,,\n")
    collected(changing, instant("2014-01-21 10:00"))
    steps = steps_of(changing, "CHE", report=1, now=instant("2014-02-20 09:00"))
    assert found(steps, "figure", "value") == [(420.0,)]
    assert found(steps_of(changing, "CHE"), "figure", "value") == [(1299.0,)]
    with pytest.raises(InputError, match="không có báo cáo số 2"):
        steps_of(changing, "CHE", report=2)


@pytest.mark.parametrize(
    ("indicator", "asked", "says"),
    [
        pytest.param("CHEE", {}, "chỉ tiêu 'CHEE': không có mã này; .*CHE", id="an unknown indicator, the nearest named"),
        pytest.param("CHE", {"unit": "081"}, "--unit '081': không có mã này; .*08", id="an unknown unit"),
        pytest.param("CHE", {"unit": "S03"}, "không báo cáo chỉ tiêu CHE.*080, 082", id="a unit that does not report it"),
        pytest.param("CHE", {"against": "quy"}, "--against 'quy'", id="something to be judged against that is none"),
    ],
)  # fmt: skip
def test_what_cannot_be_explained_is_refused(
    office: Workspace, indicator: str, asked: dict[str, object], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        steps_of(office, indicator, **asked)


def test_a_row_of_the_offices_own_file_of_corrections_is_found_by_its_line(changing: Workspace) -> None:
    text = "unit,period,indicator,field,was,now,reason\n080,2013-Q3,CHE,value,90,95,\n080,2013-Q4,CHE,value,1,2,\n"
    kept = archive_of(changing.root).keep_bytes(text.encode(), ".csv")
    wanted = pd.DataFrame(
        [("080", "2013-Q4", "CHE", "sua.csv", kept.sha256, "", "correction", False, "value")],
        columns=["unit", "period", "indicator", "path", "sha256", "sender", "source", "is_ratio", "state"],
        index=[7],
    )
    cells = located(changing, changing.current_plan(), wanted)
    assert cells.to_dict() == {7: "dòng 3"}
    Path(kept.path).unlink()
    assert located(changing, changing.current_plan(), wanted).to_dict() == {7: ""}, "the copy is gone"


def test_the_verb_prints_a_tree_for_people_and_rows_for_programs(
    office: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "--workspace",
        str(office.root),
        "explain",
        "CHE",
        "--period",
        "2013-Q4",
        "--as-of",
        "2014-01-20",
    ]
    assert main(words) == 0
    tree = capsys.readouterr().out.splitlines()
    assert tree[0].startswith("CHE Diện tích chè – 10 Tỉnh Lào Cai: 420 ha, mục tiêu 1.000, đạt 42,0%")
    assert any(line.startswith("   ├─ 080 Thành phố Lào Cai: 120 ha") for line in tree)
    assert main([*words, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert list(rows[0]) == STEP_COLUMNS
    assert rows[0]["value"] == 420
    assert main([*words, "--report", "1"]) == 2
    assert "bỏ --against và --as-of" in capsys.readouterr().err


def test_the_verb_report_makes_an_issued_report_again(
    changing: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quarterly_review.fn(workspace=str(changing.root), period="2013-Q4", now=NOW)
    words = ["--workspace", str(changing.root), "report", "--period", "2013-Q4", "--issued", "1"]
    assert main([*words, "--out", str(tmp_path / "out"), "--format", "json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == [{"file": str(tmp_path / "out" / "BaoCao_2013-Q4_v1.xlsx"), "same": True}]
    assert "Giống hệt tệp đã phát hành." in said.err


# --- the core ------------------------------------------------------------------------------------------------

FACTS = pd.DataFrame(
    [
        ("2011-12", 2011 * 12 + 11, "value"),
        ("2012-06", 2012 * 12 + 5, "value"),
        ("2012-12", 2012 * 12 + 11, "none_occurred"),
        ("2013-06", 2013 * 12 + 5, "not_started"),
        ("2013-12", 2013 * 12 + 11, "not_due"),
    ],
    columns=["period", "month", "state"],
).assign(year=lambda f: f.month // 12)


@pytest.mark.parametrize(
    ("measure", "since", "periods"),
    [
        pytest.param("last", 2013, ["2013-06"], id="the last figure; what is not due is none"),
        pytest.param("last", 2014, ["2013-06"], id="a stock goes on into a new span"),
        pytest.param("own", 2014, [], id="a rate does not"),
        pytest.param("year", 2012, ["2012-06", "2012-12", "2013-06"], id="all of a sum's span"),
        pytest.param(
            "rate", 2011, ["2011-12", "2012-12", "2013-06"], id="the last of each year of a mean of rates"
        ),
        pytest.param("term", 2014, [], id="nothing of before a span"),
    ],
)
def test_which_values_enter_a_figure(measure: str, since: int, periods: list[str]) -> None:
    assert entering(FACTS, measure, since * 12).period.tolist() == periods


def test_what_an_indicator_rests_on() -> None:
    plan = plan_of(
        indicators="+MOI,Một trong hai,CT1,ha,quarter,stock,none,,any_of,,tier,,,no\n"
        "LAY,Lấy từ chè,CT1,ha,quarter,stock,sum,,ratio,,source:CHE,,,no",
        branches="indicator,branch\nMOI,LAY\nMOI,VIEC",
    )
    direct = {(row.indicator, row.input, row.role) for row in inputs_of(plan).itertuples()}
    assert direct == {("LAY", "CHE", "source"), ("MOI", "LAY", "branch"), ("MOI", "VIEC", "branch")}
    known = resting_on(plan)
    assert set(known.input[known.indicator == "MOI"]) == {"MOI", "LAY", "VIEC", "CHE"}
    assert set(known.input[known.indicator == "CHE"]) == {"CHE"}


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_the_guides_of_a_tree_lead_each_line_to_its_parent(steps: list[int]) -> None:
    """A line hangs at the column of its depth; a guide goes on exactly as long as another child follows."""
    depths = [0]
    for step in steps:
        depths.append(min(step + 1, depths[-1] + 1))
    marks = guides(depths)
    assert [len(mark) // 3 for mark in marks] == depths
    for at, (mark, depth) in enumerate(zip(marks, depths, strict=True)):
        if depth:
            further = depths[at + 1 :]
            until = next((n for n, d in enumerate(further) if d < depth), len(further))
            assert mark.endswith("├─ ") == (depth in further[:until])
