"""Reports issued again: the adjusted version, its sheet of changes, what was issued made again, and who is told."""

import hashlib
import shutil
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from collecting import HEAD, SETTINGS, collected, drop, quarter, with_plan
from intake_samples import TABLES, frame_of, instant

from flows.dispatch import dispatch
from flows.quarterly_review import quarterly_review
from flows.remind import remind
from tasks.correcting import correct_returns
from tasks.correction_batch import Deed
from tasks.office.plan_files import read_plan_folder
from tasks.office.workspace import Workspace, open_workspace
from tasks.publishing import remake_report, write_report_files
from tasks.watching import changed_reports
from tiendo.errors import InputError
from tiendo.periods import Period
from tiendo.plan import read_plan
from warehouse.outbox_store import of_kind
from warehouse.plan_store import store_plan
from warehouse.review_store import issued_reports, latest_review

Q4 = Period.parse("2013-Q4")
FIRST = instant("2014-01-08 09:00")
ISSUED = instant("2014-01-13 09:00")
LATER = instant("2014-01-14 08:30")
MORNING = instant("2014-01-15 08:00")
ADJUSTED = instant("2014-01-16 09:00")

PEOPLE = {
    "officers": "code,name,unit,email,phone\nbi,Bà Bí thư,10,bi@lc.example,0912\nvp,Ông Văn phòng,10,vp@lc.example,",
    "responsibilities": "officer,role,scope,code\nbi,leader,term,NK\nvp,reviewer,unit,10",
}


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that has issued its review of 2013-Q4: two districts have 100 and 300 ha of tea, of 1000."""
    office = with_plan(tmp_path_factory.mktemp("issued") / "office", SETTINGS, TABLES | PEOPLE)
    drop(office, "080", "080.csv", quarter(che=100))
    drop(office, "082", "082.csv", quarter(che=300, unit="082"))
    collected(office, FIRST)
    reviewed(office, ISSUED)
    dispatch.fn(workspace=str(office.root), now=ISSUED)
    office.engine.dispose()
    return office.root


@pytest.fixture
def office(issued: Path, tmp_path: Path) -> Workspace:
    """That office, for one test."""
    shutil.copytree(issued, tmp_path / "office")
    return open_workspace(tmp_path / "office")


def reviewed(office: Workspace, now: datetime, as_of: datetime | None = None) -> pd.Series:
    return quarterly_review.fn(workspace=str(office.root), period=str(Q4), as_of=as_of, now=now).iloc[0]


def corrected(office: Workspace, che: object, at: datetime = LATER, note: str = "đo lại") -> None:
    """A return of unit 080 that says another area of tea."""
    rows = f"080,2013-Q4,CHE,{che},,,,,{note}\n"
    drop(office, "080", f"sua-{at:%d%H}-{che}.csv", HEAD + rows)
    collected(office, at)


def book(office: Workspace, version: int) -> openpyxl.Workbook:
    return openpyxl.load_workbook(office.root / f"reports/2013-Q4/BaoCao_2013-Q4_v{version}.xlsx")


def texts(sheet: openpyxl.worksheet.worksheet.Worksheet) -> list[list[object]]:
    """The rows of a sheet, what is empty left out."""
    return [
        [cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True) if any(row)
    ]


def test_a_first_report_has_no_sheet_of_changes(office: Workspace) -> None:
    assert "Thay đổi" not in book(office, 1).sheetnames
    assert "điều chỉnh" not in str(book(office, 1).properties.title)


def test_the_adjusted_report_says_so_and_what_changed_and_why(office: Workspace) -> None:
    corrected(office, 500)
    reviewed(office, ADJUSTED)
    adjusted = book(office, 2)
    assert str(adjusted.properties.title).endswith("bản điều chỉnh 1")
    title = ["Bản điều chỉnh 1, thay bản số 1 phát hành ngày 13/1/2014"]
    assert title in texts(adjusted["Tổng hợp"])
    rows = texts(adjusted["Thay đổi"])
    assert ["Xếp mức chuyển (1)"] in rows
    told = next(row for row in rows if "CHE" in row)
    assert told[2:9] == ["Diện tích chè", 400, 800, 1000, 1000, 40, 80]
    assert told[9:11] == ["Từ 20% đến dưới 60%", "Từ 60% đến dưới 100%"]
    assert told[11:13] == [400, 100], "the change, and its share in percent"
    assert told[13] == "Thành phố Lào Cai, 2013-Q4: 100 → 500 (đơn vị nộp lại, lần 2: đo lại)"
    assert ["Từ 60% đến dưới 100%", 0, 1, 1] in rows, "counts by band, was and is"
    assert ["Số liệu của đơn vị đã đổi (1)"] in rows
    assert adjusted["Thay đổi"].freeze_panes


def test_a_correction_by_the_office_is_named_with_its_reason(office: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "sua.csv"
    file.write_text("unit,period,indicator,field,was,now,reason\n080,2013-Q4,CHE,value,100,150,nhầm dòng\n")
    correct_returns(office, file, Deed("vp", LATER, "đối chiếu"))
    reviewed(office, ADJUSTED)
    told = next(row for row in texts(book(office, 2)["Thay đổi"]) if "CHE" in row)
    assert told[-1] == "Thành phố Lào Cai, 2013-Q4: 100 → 150 (văn phòng hiệu chỉnh, lần 2 – vp: nhầm dòng)"


def test_a_third_report_is_compared_with_the_second(office: Workspace) -> None:
    corrected(office, 500)
    reviewed(office, ADJUSTED)
    corrected(office, 510, instant("2014-01-17 08:00"))
    reviewed(office, instant("2014-01-18 09:00"))
    told = next(row for row in texts(book(office, 3)["Thay đổi"]) if "CHE" in row)
    assert "bản điều chỉnh 2" in str(book(office, 3).properties.title)
    assert told[3:5] == [800, 810]


def test_a_changed_plan_and_changed_thresholds_are_said_as_such(office: Workspace) -> None:
    plan = office.root / "plan" / "targets.csv"
    plan.write_text(plan.read_text().replace("CHE,,2011-2015,,,1000", "CHE,,2011-2015,,,2000"))
    store_plan(office.engine, read_plan(read_plan_folder(plan.parent)), LATER, "test")
    settings = office.root / "tiendo.toml"
    settings.write_text(settings.read_text() + "[bands]\nadvancing = 50\n")
    reviewed(open_workspace(office.root), ADJUSTED)
    rows = texts(book(office, 2)["Thay đổi"])
    told = next(row for row in rows if "CHE" in row)
    assert told[3:7] == [400, 400, 1000, 2000]
    assert told[-1] == "kế hoạch đổi (phiên bản 1 → 2)"
    whole = " ".join(str(row[0]) for row in rows)
    assert "Kế hoạch: phiên bản 1 → 2 (1 chỉ tiêu có định nghĩa" in whole
    assert "Ngưỡng xếp mức: 60% và 20% → 50% và 20%" in whole


def test_what_was_issued_is_made_again_to_the_byte(office: Workspace, tmp_path: Path) -> None:
    """After later returns, another plan, and another review of the period before."""
    issued = (office.root / "reports/2013-Q4/BaoCao_2013-Q4_v1.xlsx").read_bytes()
    corrected(office, 500)
    drop(office, "082", "q3.csv", quarter(che=250, unit="082", period="2013-Q3"))
    collected(office, ADJUSTED)
    tables = {name: frame_of(text) for name, text in (TABLES | PEOPLE).items()}
    tables["targets"] = frame_of(TABLES["targets"].replace("CHE,,2011-2015,,,1000", "CHE,,2011-2015,,,900"))
    store_plan(office.engine, read_plan(tables), ADJUSTED, "test")
    reviewed(office, ADJUSTED)
    for version in (1, 2):
        made = remake_report(office, Q4, version, tmp_path)
        assert made.is_same, f"v{version}"
    assert (tmp_path / "BaoCao_2013-Q4_v1.xlsx").read_bytes() == issued
    assert (office.root / "reports/2013-Q4/BaoCao_2013-Q4_v1.xlsx").read_bytes() == issued, "never touched"


@pytest.mark.parametrize(
    "as_of",
    [
        pytest.param(FIRST, id="at the very instant"),
        pytest.param(instant("2014-01-13 18:00"), id="on the day on which it was issued"),
        pytest.param(instant("2014-01-14 00:00"), id="at that day's end"),
    ],
)
def test_a_review_as_of_what_was_issued_issues_nothing_new(office: Workspace, as_of: datetime) -> None:
    corrected(office, 500)
    told = reviewed(office, ADJUSTED, as_of)
    assert (told.report, told.messages) == ("reports/2013-Q4/BaoCao_2013-Q4_v1.xlsx", 0)
    assert len(issued_reports(office.engine, str(Q4))) == 1


def test_a_draft_made_again_before_it_is_issued_is_of_the_later_day(tmp_path: Path) -> None:
    office = with_plan(tmp_path / "office", SETTINGS + "[review]\napproval = true\n")
    drop(office, "080", "080.csv", quarter(che=100))
    collected(office, FIRST)
    for now in (ISSUED, LATER):
        reviewed(office, now)
    stored = latest_review(office.engine, str(Q4), "own")
    assert stored is not None
    assert stored.today == date(2014, 1, 14)


def test_a_report_is_not_made_again_in_the_place_of_the_issued_one(office: Workspace) -> None:
    with pytest.raises(InputError, match="đó là nơi giữ báo cáo đã phát hành"):
        remake_report(office, Q4, 1, office.root / "reports" / "2013-Q4")
    with pytest.raises(InputError, match="không có báo cáo số 7; các số đã phát hành: 1"):
        remake_report(office, Q4, 7, None)


def test_a_draft_of_the_report_verb_lists_the_changes_too(office: Workspace, tmp_path: Path) -> None:
    corrected(office, 500)
    [path] = write_report_files(office, Q4, "province", None, tmp_path / "out", ADJUSTED.date())
    assert "Thay đổi" in openpyxl.load_workbook(path).sheetnames


# --- who is told ---------------------------------------------------------------------------------------------


def alerts(office: Workspace, now: datetime = MORNING) -> pd.DataFrame:
    told = remind.fn(workspace=str(office.root), today=now.date(), now=now)
    return told[told.kind == "report_changed"]


def test_those_who_received_a_report_are_told_once_that_a_band_has_moved(office: Workspace) -> None:
    assert alerts(office).empty, "nothing was recorded since"
    corrected(office, 500)
    first = alerts(office)
    assert sorted(first.recipient) == ["bi", "vp"]
    assert first.is_new.all()
    assert not alerts(office).is_new.any(), "the same change is told once"
    letter = of_kind(office.engine, "report_changed").iloc[0]
    assert "bản số 1 – 1 chỉ tiêu, 1 chuyển mức" in letter.subject
    assert "CHE Diện tích chè: 400 → 800" in letter.body_text
    assert "đơn vị nộp lại, lần 2: đo lại" in letter.body_text


@pytest.mark.parametrize(
    ("che", "share", "told"),
    [
        pytest.param(110, 5.0, 0, id="a change of 2.5 % within the band is not worth an alarm"),
        pytest.param(110, 2.0, 2, id="but where the office says that 2 % is"),
        pytest.param(130, 5.0, 2, id="a change of 7.5 % is, though the band stays"),
        pytest.param(100, 0.0, 0, id="the same figure sent again is no change"),
    ],
)
def test_a_change_within_a_band_is_told_from_a_share_on(
    office: Workspace, che: float, share: float, told: int
) -> None:
    settings = office.root / "tiendo.toml"
    settings.write_text(settings.read_text() + f"[review]\nalert_change_pct = {share}\n")
    corrected(office, che)
    assert len(alerts(open_workspace(office.root))) == told


def test_a_further_change_is_told_again(office: Workspace) -> None:
    corrected(office, 500)
    alerts(office)
    corrected(office, 900, instant("2014-01-15 10:00"))
    assert alerts(office, instant("2014-01-16 08:00")).is_new.all()


def test_a_return_for_a_later_period_touches_no_earlier_report(office: Workspace) -> None:
    drop(office, "080", "2014.csv", quarter(che=900, period="2014-Q1"))
    collected(office, instant("2014-04-02 08:00"))
    assert changed_reports(office, instant("2014-04-03 08:00")) == []


def test_a_changed_plan_alone_alarms_nobody(office: Workspace) -> None:
    """An issued report keeps its plan: what a new one would say is no change of its figures."""
    tables = {name: frame_of(text) for name, text in (TABLES | PEOPLE).items()}
    tables["targets"] = frame_of(TABLES["targets"].replace("CHE,,2011-2015,,,1000", "CHE,,2011-2015,,,410"))
    store_plan(office.engine, read_plan(tables), LATER, "test")
    corrected(office, 101, MORNING)
    assert changed_reports(office, ADJUSTED) == []
    corrected(office, 500, ADJUSTED)
    [changed] = changed_reports(office, instant("2014-01-17 08:00"))
    assert changed.rows.target.tolist() == [1000.0]


def test_the_adjusted_report_is_its_own_message_and_nobody_is_told_twice(office: Workspace) -> None:
    corrected(office, 500)
    told = reviewed(office, ADJUSTED)
    assert told.messages == 2
    letter = of_kind(office.engine, "review_issued").iloc[-1]
    assert letter.subject.startswith("[Báo cáo điều chỉnh 1] Rà soát Quý IV/2013")
    assert "thay bản số 1" in letter.body_text
    assert alerts(office, instant("2014-01-17 08:00")).empty


def test_a_trial_run_tells_nobody(office: Workspace) -> None:
    corrected(office, 500)
    told = remind.fn(workspace=str(office.root), today=MORNING.date(), now=MORNING, dry_run=True)
    assert "report_changed" in set(told.kind)
    assert of_kind(office.engine, "report_changed").empty


def test_the_issued_file_is_the_one_whose_hash_is_noted(office: Workspace) -> None:
    [row] = issued_reports(office.engine, str(Q4)).to_dict("records")
    assert hashlib.sha256((office.root / row["path"]).read_bytes()).hexdigest() == row["sha256"]
