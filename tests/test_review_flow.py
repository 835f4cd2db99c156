"""The office's procedure: reviewed twice, published by hand, reminded; nothing twice, nothing lost."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.collect import collect
from flows.dispatch import dispatch
from flows.publish import publish
from flows.quarterly_review import quarterly_review
from flows.remind import remind
from tasks.office.plan_files import read_plan_folder
from tasks.office.workspace import Workspace, open_workspace
from tasks.publishing import write_report_files
from tasks.reminding import owed_returns
from tiendo.errors import InputError
from tiendo.periods import Period
from tiendo.plan import read_plan
from warehouse.outbox_store import in_state
from warehouse.plan_store import store_plan
from warehouse.review_store import issued_reports, latest_review

CASE = Path(__file__).parent / "cases" / "lao_cai_resolution"
NOW = datetime(2014, 1, 20, 2, 0, tzinfo=UTC)
LATER = datetime(2014, 1, 21, 2, 0, tzinfo=UTC)
YEAR = Period.parse("2013")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lào Cai's workspace with its plan loaded and the returns of two units waiting."""
    folder = tmp_path / "lao_cai"
    shutil.copytree(CASE, folder)
    for inbox in (folder / "inbox").iterdir():
        if inbox.name not in ("080", "S08"):
            shutil.rmtree(inbox)
    plan = read_plan(read_plan_folder(folder / "plan"))
    store_plan(open_workspace(folder).engine, plan, NOW, "test")
    return folder


def opened(folder: Path) -> Workspace:
    return open_workspace(folder)


def test_a_review_made_again_without_news_issues_no_second_report(folder: Path) -> None:
    first = quarterly_review.fn(workspace=str(folder), period="2013", now=NOW)
    again = quarterly_review.fn(workspace=str(folder), period="2013", now=NOW)
    assert again.report[0] == first.report[0] == "reports/2013/BaoCao_2013_v1.xlsx"
    assert first.messages[0] == 1
    assert again.messages[0] == 0
    assert len(issued_reports(opened(folder).engine, "2013")) == 1


def test_a_return_that_comes_in_later_makes_the_next_version(folder: Path) -> None:
    quarterly_review.fn(workspace=str(folder), period="2013", now=NOW)
    shutil.copytree(CASE / "inbox" / "082", folder / "inbox" / "082")
    told = quarterly_review.fn(workspace=str(folder), period="2013", now=LATER)
    assert told.report[0] == "reports/2013/BaoCao_2013_v2.xlsx"
    assert (folder / "reports/2013/BaoCao_2013_v1.xlsx").exists(), "what was issued stays"


def test_where_approval_is_asked_the_review_ends_with_a_draft(folder: Path) -> None:
    settings = folder / "tiendo.toml"
    settings.write_text(settings.read_text() + "\n[review]\napproval = true\n")
    drafted = quarterly_review.fn(workspace=str(folder), period="2013", now=NOW)
    assert drafted.report[0] == "reports/2013/nhap/BaoCao_2013_v1.xlsx"
    assert issued_reports(opened(folder).engine, "2013").empty
    issued = publish.fn(workspace=str(folder), period="2013", now=LATER)
    assert issued.report[0] == "reports/2013/BaoCao_2013_v1.xlsx"
    assert not (folder / drafted.report[0]).exists()
    with pytest.raises(InputError, match="không có bản nháp"):
        publish.fn(workspace=str(folder), period="2013", now=LATER)


def test_a_trial_run_collects_sends_and_issues_nothing(folder: Path) -> None:
    told = quarterly_review.fn(workspace=str(folder), period="2013", dry_run=True, now=NOW)
    assert told.sentence[0].startswith("Trong tổng số")
    assert not (folder / "reports").exists(), "not even a draft is left"
    assert latest_review(opened(folder).engine, "2013", "own") is None
    assert issued_reports(opened(folder).engine, "2013").empty
    assert in_state(opened(folder).engine, ["pending", "sent"]).empty
    assert len(list((folder / "inbox").rglob("*.csv"))) == 39 - 15


def test_a_late_reminder_leaves_those_in_peace_who_have_reported_since(folder: Path) -> None:
    """The run of 17 January 2014 is made on the 20th, when unit 080 has sent its return."""
    collect.fn(workspace=str(folder), now=NOW)
    workspace, then = opened(folder), date(2014, 1, 17)
    known = owed_returns(workspace, then, datetime(2014, 1, 17, 2, 0, tzinfo=UTC))
    late = owed_returns(workspace, then, NOW)
    of_080 = known.unit.eq("080") & known.period.eq("2013-Q4")
    assert known.state[of_080].tolist() == ["overdue"]
    assert late.state[of_080].tolist() == ["accepted_late"]
    others = ~known.unit.isin(["080", "S08"])
    assert late[others].equals(known[others])


def test_a_year_mistyped_makes_no_report(folder: Path) -> None:
    with pytest.raises(InputError, match="2062-Q3 nằm ngoài nhiệm kỳ"):
        quarterly_review.fn(workspace=str(folder), period="2062-Q3", now=NOW)
    assert not (folder / "reports").exists()


def test_reminders_of_one_day_go_out_once(folder: Path) -> None:
    """On 20 January 2014 most units are overdue: the office is asked instead of alarming them all."""
    collect.fn(workspace=str(folder), now=NOW)
    dispatch.fn(workspace=str(folder), now=NOW)
    first = remind.fn(workspace=str(folder), today=NOW.date(), now=NOW)
    assert set(first.kind) <= {"mass_alarm", "overdue", "overdue_indicators", "reminder"}
    assert "mass_alarm" in set(first.kind)
    assert first.is_new.all()
    assert not remind.fn(workspace=str(folder), today=NOW.date(), now=NOW).is_new.any()
    sent = dispatch.fn(workspace=str(folder), now=LATER)
    assert set(sent.state) == {"sent"}
    assert dispatch.fn(workspace=str(folder), now=LATER).empty


@pytest.mark.parametrize(
    ("kind", "unit", "names"),
    [
        ("province", None, ["BaoCao_2013.xlsx"]),
        ("overdue", None, ["BaoCao_2013_overdue_10.xlsx"]),
        ("programme", None, ["BaoCao_2013_programme_10.xlsx"]),
        ("unit", "080", ["BaoCao_2013_unit_080.xlsx"]),
    ],
)
def test_report_files_of_each_kind(
    folder: Path, tmp_path: Path, kind: str, unit: str | None, names: list[str]
) -> None:
    collect.fn(workspace=str(folder), now=NOW)
    made = write_report_files(opened(folder), YEAR, kind, unit, tmp_path / "out", NOW.date())
    assert [path.name for path in made] == names
    assert all(path.stat().st_size > 5000 for path in made)


def test_a_file_in_the_place_of_the_report_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="không tạo được thư mục"):
        write_report_files(opened(folder), YEAR, "province", None, tmp_path / "out", NOW.date())


def test_a_report_of_an_unknown_unit_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'999'"):
        write_report_files(opened(folder), YEAR, "unit", "999", tmp_path, NOW.date())
