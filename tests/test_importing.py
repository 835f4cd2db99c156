"""Past periods' figures, imported on adopting tiendo in mid-term: history like any other, and nobody's debt."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from collecting import HEAD, NOW, collected, drop, figures, quarter, rows_of, with_plan
from intake_samples import instant

from console.main import main
from flows.collect import collect
from tasks.importing import Deed, Imported, ImportRefusedError, import_past
from tasks.office.plan_files import read_plan_folder
from tasks.office.workspace import Workspace, open_workspace
from tasks.reading_figures import attainment_table
from tiendo.errors import InputError
from tiendo.periods import Period
from tiendo.plan import read_plan
from warehouse.audit_log import broken_links
from warehouse.intake_store import current_submissions, current_values
from warehouse.plan_store import store_plan
from warehouse.schema import audit, finding, outbox, receipt, submission, value

CASE = Path(__file__).parent / "cases" / "bao_yen_2015_2020"
DEED = Deed("root", NOW, "sổ theo dõi cũ")
LONG_LOCKED = """
[calendar]
name = "gregorian"
due_days = 10
lock_days = 30
[rules]
reason_required = "require"
"""


@pytest.fixture
def locked_office(tmp_path: Path) -> Workspace:
    """An office whose past periods are locked long ago, and that demands reasons for shortfalls."""
    return with_plan(tmp_path / "office", LONG_LOCKED)


def put(folder: Path, name: str, *rows: str) -> Path:
    """A CSV of rows `unit,period,indicator,value,numerator,denominator,state,status,note`."""
    path = folder / "cu" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(rows[0] if rows and rows[0].startswith("unit,") else HEAD + "\n".join(rows))
    return path


def imported(office: Workspace, path: Path, deed: Deed = DEED) -> Imported:
    return import_past(office, path, deed)


def refused(office: Workspace, path: Path) -> list[tuple[object, ...]]:
    """(file, row, code, found) of everything that was wrong; nothing was written."""
    before = {table.name: len(rows_of(office, table)) for table in (receipt, submission, value, audit)}
    with pytest.raises(ImportRefusedError) as caught:
        imported(office, path)
    after = {table.name: len(rows_of(office, table)) for table in (receipt, submission, value, audit)}
    assert after == before
    rows = caught.value.problems
    return [
        (file, None if pd.isna(row) else int(row), code, found)
        for file, row, code, found in rows[["file", "row", "code", "found"]].itertuples(index=False)
    ]


# --- history like any other ------------------------------------------------------------------------------


def test_imported_returns_of_bao_yen_give_the_figures_that_collected_ones_give(tmp_path: Path) -> None:
    found = []
    for way in ("collected", "imported"):
        folder = tmp_path / way
        shutil.copytree(CASE, folder)
        workspace = open_workspace(folder)
        store_plan(workspace.engine, read_plan(read_plan_folder(folder / "plan")), NOW, "test")
        if way == "collected":
            collect.fn(workspace=str(folder), now=instant("2026-11-22 10:00"))
        else:
            inbox = Path(shutil.move(folder / "inbox", tmp_path / "so-cu"))
            done = imported(workspace, inbox, Deed("root", instant("2026-11-22 10:00"), "sổ cũ"))
            assert (done.files.verdict != "duplicate").all()
            assert done.files.submissions.sum() == len(done.files) == 340
        ask = partial(attainment_table, workspace, today=date(2026, 11, 22))
        levels = ["indicator", "term", "resolution"]
        found.append([ask(Period.parse(text), levels=levels, units=["all"]) for text in ("2017-Q2", "2019")])
    for one, other in zip(*found, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_imported_periods_come_from_nobody_and_are_audited_with_who_and_why(office: Workspace) -> None:
    imported(office, put(office.root, "q.csv", quarter(period="2012-Q4")))
    (row,) = rows_of(office, submission).to_dict("records")
    assert (row["unit"], row["period"], row["version"], row["verdict"]) == ("080", "2012-Q4", 1, "accepted")
    assert (row["origin"], json.loads(row["about"])) == ("import", {"by": "root", "reason": DEED.reason})
    (file,) = rows_of(office, receipt).to_dict("records")
    assert (file["source"], file["sender"], file["path"]) == ("import", "", "q.csv")
    entry = rows_of(office, audit).iloc[-1]
    assert (entry.actor, entry.action, entry.subject, entry.reason) == (
        "root",
        "import",
        "080 2012-Q4",
        DEED.reason,
    )
    assert broken_links(office.engine) == []
    kept = list((office.root / "archive").rglob(f"{file['sha256']}.csv"))
    assert [each.read_bytes() for each in kept] == [quarter(period="2012-Q4").encode()]
    assert len(rows_of(office, outbox)) == 0, "nobody is written to"


def test_a_period_long_locked_is_taken_and_no_reason_is_asked(locked_office: Workspace) -> None:
    shortfall = quarter(che=1, viec=0, period="2011-Q1")
    imported(locked_office, put(locked_office.root, "q.csv", shortfall))
    assert figures(locked_office, period="2011-Q1")["CHE"] == 1
    assert not set(rows_of(locked_office, finding).code) & {"reason_required", "late", "period_locked"}


def test_what_is_left_out_of_the_past_is_nothing_wrong(office: Workspace) -> None:
    imported(office, put(office.root, "q.csv", "080,2012-Q4,CHE,100,,,,,", "080,2012-Q4,VIEC,,,,,,"))
    assert figures(office, period="2012-Q4") == {"CHE": 100}


def test_one_file_may_speak_of_many_units_and_periods(office: Workspace) -> None:
    rows = [f"{unit},2012-Q{n},CHE,{n}0,,,,," for unit in ("080", "082") for n in (1, 2, 3, 4)]
    done = imported(office, put(office.root, "q.csv", *rows))
    assert done.files.drop(columns="warnings").values.tolist() == [["q.csv", "accepted", 2, 4, 8, 0, 8]]
    assert len(current_submissions(office.engine)) == 8


def test_a_unit_valid_then_and_not_today_has_its_history(office: Workspace) -> None:
    imported(office, put(office.root, "q.csv", "083,2012-Q1,CHE,5,,,,,"))
    assert figures(office, "083", "2012-Q1") == {"CHE": 5}
    (problem,) = refused(office, put(office.root, "sau.csv", "083,2012-Q4,CHE,5,,,,,"))
    assert problem == ("sau.csv", 2, "unknown_unit", "083")


def test_what_was_known_before_the_import_is_still_known_so(office: Workspace) -> None:
    imported(office, put(office.root, "q.csv", quarter(period="2012-Q4")))
    before = instant("2014-01-08 08:59")
    assert current_submissions(office.engine, as_of=before).empty
    assert len(current_values(office.engine, as_of=NOW)) == 4


def test_a_units_later_return_is_a_newer_version_of_what_was_imported(office: Workspace) -> None:
    imported(office, put(office.root, "q.csv", quarter(che=100, period="2013-Q4")))
    drop(office, "080", "q4.csv", quarter(che=120))
    assert collected(office).version["q4.csv"] == 2
    assert figures(office)["CHE"] == 120


def test_the_next_return_is_held_against_what_was_imported(office: Workspace) -> None:
    imported(office, put(office.root, "q.csv", quarter(che=100, period="2013-Q3")))
    drop(office, "080", "q4.csv", quarter(che=90))
    collected(office)
    assert "fell" in set(rows_of(office, finding).code)


# --- twice, and what changes ------------------------------------------------------------------------------


def test_importing_the_same_again_changes_nothing(office: Workspace) -> None:
    path = put(office.root, "q.csv", quarter(period="2012-Q4"))
    imported(office, path)
    before = [len(rows_of(office, table)) for table in (receipt, submission, value, audit)]
    done = imported(office, path)
    assert done.files[["verdict", "submissions", "values"]].values.tolist() == [["duplicate", 0, 0]]
    assert [len(rows_of(office, table)) for table in (receipt, submission, value, audit)] == before


def test_the_same_figures_in_other_bytes_make_no_new_version(office: Workspace) -> None:
    imported(office, put(office.root, "a.csv", quarter(period="2012-Q4")))
    done = imported(office, put(office.root, "b.csv", quarter(period="2012-Q4") + "\n\n"))
    assert done.files[["verdict", "submissions", "unchanged"]].values.tolist() == [["duplicate", 0, 1]]
    assert len(rows_of(office, submission)) == 1


def test_figures_mended_by_a_second_import_are_a_newer_version_and_the_rest_stays(office: Workspace) -> None:
    imported(office, put(office.root, "a.csv", quarter(che=100, viec=7, period="2012-Q4")))
    imported(office, put(office.root, "b.csv", "080,2012-Q4,CHE,101,,,,,"))
    assert current_submissions(office.engine).version.tolist() == [2]
    now = figures(office, period="2012-Q4")
    assert (now["CHE"], now["VIEC"]) == (101, 7)


def test_two_files_of_one_period_make_one_history(office: Workspace) -> None:
    put(office.root, "a.csv", "080,2012-Q4,CHE,100,,,,,")
    folder = put(office.root, "b.csv", "080,2012-Q4,VIEC,7,,,,,").parent
    done = imported(office, folder)
    assert done.files.file.tolist() == ["cu/a.csv", "cu/b.csv"]
    assert figures(office, period="2012-Q4") == {"CHE": 100, "VIEC": 7}


# --- what is refused --------------------------------------------------------------------------------------

WRONG_ROWS = [
    pytest.param("080,2012-Q4,CHE,một trăm,,,,,", "not_a_number", "một trăm", id="a text for a number"),
    pytest.param("080,2012-Q4,CHEE,5,,,,,", "unknown_indicator", "CHEE", id="an indicator nobody knows"),
    pytest.param("080,2012-Q4,VON,5,,,,,", "unknown_indicator", "VON", id="another frequency's indicator"),
    pytest.param("080,2012-Q4,NUOC,5,,,,,", "missing_numerator", "", id="a ratio without numerator"),
    pytest.param("080,2012-Q4,NUOC,,5,0,,,", "zero_denominator", "0", id="a denominator of zero"),
    pytest.param("080,2012-Q4,CHE,5,,,wrong,,", "bad_state", "wrong", id="a state that is none"),
    pytest.param("080,2012-Q4,CHE,5,,,,sure,", "bad_status", "sure", id="a status that is none"),
    pytest.param("080,2012-Q4,CHE,,,,value,,", "missing_value", "", id="a value without a figure"),
    pytest.param("999,2012-Q4,CHE,5,,,,,", "unknown_unit", "999", id="a unit nobody knows"),
    pytest.param("10,2012-Q4,CHE,5,,,,,", "unknown_period", "2012-Q4", id="a unit that owes nothing"),
    pytest.param("080,2012-Q5,CHE,5,,,,,", "unknown_period", "2012-Q5", id="a period that is none"),
    pytest.param("080,2016-Q1,CHE,5,,,,,", "unknown_period", "2016-Q1", id="a period after the term"),
    pytest.param("080,2014-Q1,CHE,5,,,,,", "period_not_over", "2014-Q1", id="a period that is not over"),
]


@pytest.mark.parametrize(("row", "code", "found"), WRONG_ROWS)
def test_a_wrong_row_is_told_with_its_place_and_nothing_is_loaded(
    office: Workspace, row: str, code: str, found: str
) -> None:
    good = "082,2012-Q4,CHE,5,,,,,"
    problems = refused(office, put(office.root, "q.csv", good, row))
    assert (code, 3) in {(each[2], each[1]) for each in problems}
    told = next(each for each in problems if each[2] == code)
    assert str(told[3]).startswith(found)


def test_all_that_is_wrong_in_all_files_is_told_at_once(office: Workspace) -> None:
    put(office.root, "a.csv", "080,2012-Q4,CHE,x,,,,,", "999,2012-Q4,CHE,5,,,,,", "080,2014-Q1,CHE,5,,,,,")
    folder = put(office.root, "b.csv", "082,2012-Q4,CHE,5,,,,,", "082,2012-Q4,CHE,6,,,,,").parent
    assert {(file, row, code) for file, row, code, _ in refused(office, folder)} == {
        ("cu/a.csv", 2, "not_a_number"),
        ("cu/a.csv", 3, "unknown_unit"),
        ("cu/a.csv", 4, "period_not_over"),
        ("cu/b.csv", 2, "duplicate_indicator"),
        ("cu/b.csv", 3, "duplicate_indicator"),
    }


def test_a_cell_given_by_two_files_is_told_with_the_other_place(office: Workspace) -> None:
    put(office.root, "a.csv", "080,2012-Q4,CHE,100,,,,,")
    folder = put(office.root, "b.csv", "080,2012-Q4,VIEC,7,,,,,", "080,2012-Q4,CHE,100,,,,,").parent
    with pytest.raises(ImportRefusedError) as caught:
        imported(office, folder)
    (problem,) = caught.value.problems.to_dict("records")
    assert (problem["file"], problem["row"], problem["code"]) == ("cu/b.csv", 3, "given_twice")
    assert "cu/a.csv dòng 2" in problem["message"]


def test_a_period_that_the_unit_reported_itself_is_refused_and_its_word_stands(office: Workspace) -> None:
    drop(office, "080", "q4.csv", quarter(che=120))
    collected(office)
    path = put(office.root, "q.csv", "080,2013-Q4,CHE,1,,,,,", "082,2013-Q4,CHE,5,,,,,")
    ((_, row, code, _),) = refused(office, path)
    assert (row, code) == (2, "has_return")
    assert figures(office)["CHE"] == 120


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param("unit,period,indicator\n", "no_figures", id="no rows"),
        pytest.param("a,b\n1,2\n", "not_a_template", id="other columns"),
        pytest.param("\x00\x01\x02", "unknown_format", id="no text at all"),
    ],
)
def test_a_file_that_is_no_table_of_figures_is_told(office: Workspace, content: str, code: str) -> None:
    path = office.root / "cu" / "q.csv"
    path.parent.mkdir()
    path.write_text(content)
    assert [(file, told) for file, _, told, _ in refused(office, path)] == [("q.csv", code)]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda folder: folder / "nowhere", "không có tệp hay thư mục", id="nothing there"),
        pytest.param(lambda folder: folder / "plan" / "..", "không có tệp .csv", id="no csv below"),
        pytest.param(lambda folder: folder / "tiendo.toml", "chỉ nhập tệp .csv", id="no csv"),
    ],
)
def test_a_path_without_csv_files_is_told(
    tmp_path: Path, office: Workspace, make: Callable[[Path], Path], said: str
) -> None:
    path = make(office.root)
    for table in office.root.rglob("*.csv"):
        table.unlink()
    with pytest.raises(InputError, match=said):
        imported(office, path)


# --- the command line -------------------------------------------------------------------------------------


def test_the_verb_loads_all_or_tells_all(office: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    here = ["--workspace", str(office.root), "import"]
    bad = put(office.root, "q.csv", "080,2012-Q4,CHE,x,,,,,", "082,2012-Q4,CHE,5,,,,,")
    assert main([*here, str(bad), "--reason", "sổ cũ", "--format", "json"]) == 2
    printed = capsys.readouterr()
    (row,) = json.loads(printed.out)
    assert (row["file"], row["row"], row["indicator"], row["code"]) == ("q.csv", 2, "CHE", "not_a_number")
    assert row["found"] == "x"
    assert row["fix"].startswith("Nhập một con số")
    assert "chưa nạp gì" in printed.err
    good = put(office.root, "q.csv", "080,2012-Q4,CHE,9,,,,,", "082,2012-Q4,CHE,5,,,,,")
    assert main([*here, str(good), "--reason", "sổ cũ", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["units"], row["submissions"], row["values"]) == (2, 2, 2)


@pytest.mark.parametrize("reason", [[], ["--reason", "  "]], ids=["not given", "blank"])
def test_an_import_needs_a_reason(
    office: Workspace, capsys: pytest.CaptureFixture[str], reason: list[str]
) -> None:
    path = put(office.root, "q.csv", quarter(period="2012-Q4"))
    assert main(["--workspace", str(office.root), "import", str(path), *reason]) == 2
    assert "--reason" in capsys.readouterr().err
    assert len(rows_of(office, submission)) == 0
