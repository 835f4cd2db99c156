"""What changed between two versions of a plan, as a list that the office reads."""

import json
from pathlib import Path

import pytest
from collecting import NOW, collected, drop, quarter, with_plan
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_samples import TABLES, instant
from judging import INDICATOR, Raw, Row, plan_of, province, rows

from console.main import main
from flows.assess import assess
from tasks.office.workspace import Workspace
from tiendo.plan import Plan
from tiendo.plan_changes import CHANGE_COLUMNS, change_list, counting_indicators, plan_changes
from warehouse.plan_store import load_plan, plan_versions, store_plan
from warehouse.review_store import latest_review, read_review


def mid_term(counted: range, **changed: Row) -> Raw:
    """A plan of one main indicator without a figure of its own, and components of it with a target each.

    changed: code → columns of its row; `target` of its target.
    """
    components = [
        INDICATOR | {"code": f"C{n:02d}", "name": f"Chỉ tiêu {n}", "parent": "M", "field": "Kinh tế"}
        for n in counted
    ]
    main_one = INDICATOR | {"code": "M", "name": "Kinh tế phát triển", "reported_by": "nobody"}
    indicators = [
        row | {name: text for name, text in changed.get(row["code"], {}).items() if name != "target"}
        for row in (main_one, *components)
    ]
    targets = [
        {"indicator": row["code"], "span": "2011-2015", "target": "100"}
        | {name: text for name, text in changed.get(row["code"], {}).items() if name == "target"}
        for row in components
    ]
    return province(indicators=indicators, targets=targets)


def at_mid_term() -> Plan:
    return plan_of(mid_term(range(1, 56)))


def at_the_end() -> Plan:
    """Eight components dropped and three added, two redefined, one set another target: 55 become 50."""
    raw = mid_term(
        range(9, 59),
        C09={"type": "threshold", "unit": "%"},
        C10={"definition": "Tính theo chuẩn mới"},
        C11={"target": "120.5"},
        C12={"lead_agency": "S"},
        C13={"field": "Xã hội"},
    )
    return plan_of(raw)


def test_a_mid_term_change_like_that_of_lai_chau_reads_like_a_list() -> None:
    lines = change_list(at_mid_term(), at_the_end())
    assert lines[:4] == [
        "Chỉ tiêu thành phần: 55 → 50",
        "Chỉ tiêu: 56 → 51",
        "Mục tiêu: 55 → 50",
        "",
    ]
    heads = [line for line in lines if line.endswith(":")]
    assert heads == [
        "Chỉ tiêu thêm (3):",
        "Chỉ tiêu bỏ (8):",
        "Chỉ tiêu định nghĩa lại (2):",
        "Chỉ tiêu chuyển chỗ, đổi cách đếm (1):",
        "Chỉ tiêu đổi thông tin khác (1):",
        "Mục tiêu đổi (1):",
    ]
    for line in (
        "  C56 Chỉ tiêu 56: cùng 1 mục tiêu",
        "  C01 Chỉ tiêu 1: cùng 1 mục tiêu",
        "  C09 Chỉ tiêu 9: đơn vị tính (unit) “ha” → “%”; loại mục tiêu (type) thực hiện chia mục tiêu, càng cao "
        "càng tốt → đạt hay không đạt ngưỡng",
        "  C10 Chỉ tiêu 10: định nghĩa (definition) – → “Tính theo chuẩn mới”",
        "  C11 Chỉ tiêu 11 (2011-2015): mục tiêu (target) 100 → 120,5",
        "  C12 Chỉ tiêu 12: mã đơn vị chủ trì (lead_agency) – → S",
        "  C13 Chỉ tiêu 13: lĩnh vực (field) “Kinh tế” → “Xã hội”",
    ):
        assert line in lines


def test_for_programs_each_change_is_a_row_with_the_name_of_what_changed() -> None:
    changes = plan_changes(at_mid_term(), at_the_end())
    assert list(changes.columns) == CHANGE_COLUMNS
    told = {tuple(row) for row in changes.itertuples(index=False)}
    for row in (
        ("indicators", "C01", "Chỉ tiêu 1", "removed", "", "", ""),
        ("targets", "C01 · 2011-2015 · assigned", "Chỉ tiêu 1", "removed", "", "100", ""),
        ("targets", "C56 · 2011-2015 · assigned", "Chỉ tiêu 56", "added", "", "", "100"),
        ("indicators", "C09", "Chỉ tiêu 9", "changed", "type", "ratio", "threshold"),
        ("targets", "C11 · 2011-2015 · assigned", "Chỉ tiêu 11", "changed", "target", "100", "120.5"),
    ):
        assert row in told
    assert len(changes) == 2 * (8 + 3) + 2 + 1 + 1 + 1 + 1


@pytest.mark.parametrize(
    ("counting", "number"),
    [pytest.param("component", 55, id="its components"), pytest.param("main", 1, id="the main one")],
)
def test_what_counts_is_counted_at_the_level_that_counts(counting: str, number: int) -> None:
    assert len(counting_indicators(at_mid_term(), counting)) == number


# --- one change at a time ---------------------------------------------------------------------------------

SAMPLE = province(
    org_units="code,name,level,parent,valid_from,valid_to,reports\nP,Tỉnh,province,,,,no\n"
    "A,Huyện A,district,P,,,yes\nB,Huyện B,district,P,,,yes\nS,Sở,agency,P,,,no",
    indicators=[INDICATOR | {"code": "CHE", "name": "Diện tích chè"}],
    targets=rows(
        "indicator,unit,span,series,target,text\nCHE,,2011-2015,assigned,1000,\nCHE,A,2013,aspired,5,trên 5 ha"
    ),
    officers="code,name,unit\nCB1,Nguyễn Văn An,A",
    responsibilities="officer,role,scope,code\nCB1,reporter,unit,A",
)


MERGER = {"predecessor": "A", "successor": "B", "date": "2014-01-01", "kind": "merge"}


def changed(table: str, *new: Row, place: int | None = None, **columns: str) -> Raw:
    """The sample with rows added to a table, the row at a place taken out, or changed where columns are given."""
    given = [dict(row) for row in SAMPLE.get(table, [])]
    if place is not None and columns:
        given[place] |= columns
    elif place is not None:
        given.pop(place)
    return SAMPLE | {table: [*given, *new]}


CHANGES = [
    pytest.param(
        changed("org_units", {"code": "C", "name": "Huyện C", "level": "district", "parent": "P"}),
        ["Đơn vị thêm (1):", "  C Huyện C"],
        id="a unit added",
    ),
    pytest.param(
        changed("org_units", place=2, valid_to="2013-06-30"),
        [
            "Đơn vị thôi (1):",
            "  B Huyện B: ngày cuối còn hiệu lực (valid_to) – → 2013-06-30",
        ],
        id="a unit that ceases to be",
    ),
    pytest.param(
        changed("org_units", place=2), ["Đơn vị bỏ khỏi kế hoạch (1):", "  B Huyện B"], id="a unit taken out"
    ),
    pytest.param(
        changed("org_units", place=2, name="Thị xã B"),
        ["Đơn vị: thay đổi (1):", "  B Thị xã B: tên đầy đủ của đơn vị (name) “Huyện B” → “Thị xã B”"],
        id="a unit renamed",
    ),
    pytest.param(
        changed("org_units", place=1, valid_to="2013-12-31") | {"succession": [MERGER]},
        ["Sáp nhập, chia tách: thêm (1):", "  A · B · 2014-01-01 Huyện A → Huyện B"],
        id="a merger",
    ),
    pytest.param(
        changed("targets", place=1, target="6"),
        ["Mục tiêu đổi (1):", "  CHE Diện tích chè, Huyện A (2013, aspired): mục tiêu (target) 5 → 6"],
        id="a unit's target of another series",
    ),
    pytest.param(
        changed("targets", {"indicator": "CHE", "span": "2014", "target": "1234.5"}),
        ["Mục tiêu thêm (1):", "  CHE Diện tích chè (2014): 1.234,5"],
        id="a target added",
    ),
    pytest.param(
        changed("targets", place=1),
        ["Mục tiêu bỏ (1):", "  CHE Diện tích chè, Huyện A (2013, aspired): trên 5 ha"],
        id="a target dropped, as it was printed",
    ),
    pytest.param(
        changed("rules", {"indicator": "CHE", "check": "max", "value": "9"}),
        ["Quy tắc kiểm tra: thêm (1):", "  CHE · max Diện tích chè"],
        id="a rule",
    ),
    pytest.param(
        changed("responsibilities", place=0),
        ["Phân công: bỏ (1):", "  CB1 · reporter · unit · A Nguyễn Văn An"],
        id="somebody who is responsible no more",
    ),
    pytest.param(
        changed("term", place=0, name="Nhiệm kỳ mới"),
        ["Nhiệm kỳ: thay đổi (1):", "  NK Nhiệm kỳ mới: tên nhiệm kỳ (name) “Nhiệm kỳ” → “Nhiệm kỳ mới”"],
        id="the term's name",
    ),
]


@pytest.mark.parametrize(("new", "said"), CHANGES)
def test_a_change_is_said_in_words(new: Raw, said: list[str]) -> None:
    assert change_list(plan_of(SAMPLE), plan_of(new))[-2:] == said


def test_plans_that_say_the_same_differ_in_nothing() -> None:
    assert change_list(plan_of(SAMPLE), plan_of(SAMPLE)) == ["Không có gì khác nhau."]
    assert plan_changes(plan_of(SAMPLE), plan_of(SAMPLE)).empty


SOME = st.sets(st.integers(1, 12), min_size=1)


@settings(max_examples=15, deadline=None)  # each reads two plans
@given(SOME, SOME)
def test_what_one_way_adds_the_other_way_drops(one: set[int], other: set[int]) -> None:
    first, second = (plan_of(mid_term(range(1, 13)) | _only(each)) for each in (one, other))
    there, back = plan_changes(first, second), plan_changes(second, first)
    turned = {"added": "removed", "removed": "added"}
    assert {(row.table, row.code, row.change) for row in there.itertuples()} == {
        (row.table, row.code, turned[row.change]) for row in back.itertuples()
    }


def _only(numbers: set[int]) -> Raw:
    """The mid-term plan's tables with some of its components alone."""
    raw, codes = mid_term(range(1, 13)), {"M", *(f"C{n:02d}" for n in numbers)}
    return {
        "indicators": [row for row in raw["indicators"] if row["code"] in codes],
        "targets": [row for row in raw["targets"] if row["indicator"] in codes],
    }


# --- versions in the warehouse, and the command line ------------------------------------------------------


@pytest.fixture
def reviewed(tmp_path: Path) -> Workspace:
    """An office that has reviewed a quarter with its first plan, and then loads another."""
    office = with_plan(tmp_path / "office")
    drop(office, "080", "q4.csv", quarter(che=600))
    collected(office)
    assess.fn(workspace=str(office.root), period="2013-Q4", against="term", now=NOW)
    targets = office.root / "plan" / "targets.csv"
    targets.write_text(TABLES["targets"].replace("CHE,,2011-2015,,,1000", "CHE,,2011-2015,,,600"))
    assert main(["--workspace", str(office.root), "plan", "load", "--format", "json"]) == 0
    return office


def test_a_review_keeps_the_plan_it_was_made_with_and_its_figures(reviewed: Workspace) -> None:
    old = latest_review(reviewed.engine, "2013-Q4", "term")
    assert old is not None
    later = instant("2030-01-02 09:00")
    assess.fn(workspace=str(reviewed.root), period="2013-Q4", against="term", now=later)
    new = latest_review(reviewed.engine, "2013-Q4", "term")
    assert new is not None
    again = read_review(reviewed.engine, old.id)
    found = {}
    for name, review in (("old", again), ("new", new)):
        row = review.attainment.query("level == 'indicator' and code == 'CHE'").iloc[0]
        found[name] = (review.basis.plan_version, row.target, row.attainment, row.band)
    assert found == {"old": (1, 1000, 60, "advancing"), "new": (2, 600, 100, "met")}
    assert plan_versions(reviewed.engine).reviews.tolist() == [1, 1]
    assert load_plan(reviewed.engine, 1).plan.targets.target.iloc[0] == 1000


def test_the_versions_are_listed_with_what_counts_and_the_reviews_made_with_them(
    reviewed: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["--workspace", str(reviewed.root), "plan", "versions", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(row["version"], row["indicators"], row["counting"], row["reviews"]) for row in listed] == [
        (1, 8, 6, 1),
        (2, 8, 6, 0),
    ]
    assert set(listed[0]) == {
        "version", "loaded_at", "loaded_by", "digest", "indicators", "counting", "reviews",
    }  # fmt: skip


@pytest.mark.parametrize("words", [[], ["1"], ["1", "2"]], ids=["the last two", "since one", "both named"])
def test_the_verb_prints_the_list(
    reviewed: Workspace, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    capsys.readouterr()
    assert main(["--workspace", str(reviewed.root), "plan", "diff", *words]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Kế hoạch Nhiệm kỳ 2011–2015: bản 1 → bản 2",
        "Chỉ tiêu thành phần: 6, không đổi",
        "",
        "Mục tiêu đổi (1):",
        "  CHE Diện tích chè (2011-2015): mục tiêu (target) 1.000 → 600",
    ]


def test_the_verb_gives_rows_to_programs(reviewed: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["--workspace", str(reviewed.root), "plan", "diff", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert list(row) == CHANGE_COLUMNS
    assert (row["code"], row["before"], row["after"]) == ("CHE · 2011-2015 · assigned", "1000", "600")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["3"], "không có bản kế hoạch 3", id="a version that is not there"),
        pytest.param(["1", "9"], "không có bản kế hoạch 9", id="a later one that is not there"),
        pytest.param(["0"], "không có bản kế hoạch 0", id="version 0"),
        pytest.param(["x"], "V1", id="no number"),
    ],
)
def test_versions_that_are_not_there_are_refused(
    reviewed: Workspace, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["--workspace", str(reviewed.root), "plan", "diff", *words]) == 2
    assert said in capsys.readouterr().err


def test_with_one_version_there_is_nothing_to_compare(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = with_plan(tmp_path / "office")
    assert main(["--workspace", str(office.root), "plan", "diff"]) == 2
    assert "mới có một bản" in capsys.readouterr().err
    store_plan(office.engine, load_plan(office.engine).plan, NOW, "test")
    assert plan_versions(office.engine).version.tolist() == [1]
