"""What a round asks beside the figures: in the template, read back, checked and kept; and each unit's own dates in it."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from collecting import HEAD, NOW, collected, drop, rows_of, with_plan
from intake_samples import TABLES
from openpyxl.worksheet.worksheet import Worksheet
from sheet_samples import WATER, row, sheet

from tasks.office.workspace import Workspace
from tasks.template.return_fields import NARRATIVE_FIELDS
from tasks.template.template_book import write_template
from tasks.templates import issue_templates
from tiendo.periods import Period
from warehouse.schema import finding, submission, value

CLOSING = Period.parse("2013-Q4")
ENTRY, WORDS, HIDDEN_ROW, HEADINGS = "Nhập số liệu", "Lời văn", 5, 6
ROUND = "code,name,period,kind,units,due,asks\n"
BESIDE = ("year_estimate", "outlook", "outlook_reason")
TITLES = ["Ước cả năm", "Khả năng hoàn thành", "Lý do của khả năng hoàn thành"]


def office_with(folder: Path, rounds: str, **tables: str) -> Workspace:
    return with_plan(folder / "office", tables=TABLES | {"rounds": ROUND + rounds} | tables)


def template(office: Workspace, unit: str = "080") -> openpyxl.Workbook:
    """The template of a unit for the fourth quarter, read back with its results."""
    (path,) = issue_templates(office, CLOSING, [unit], office.root / "out", NOW)
    return openpyxl.load_workbook(path, data_only=True)


def headings(page: Worksheet) -> list[Any]:
    return [cell.value for cell in page[HEADINGS] if cell.value]


def places(page: Worksheet) -> dict[str, str]:
    """Field → letters of its column."""
    return {str(cell.value): cell.column_letter for cell in page[HIDDEN_ROW] if cell.value}


def lines(page: Worksheet) -> dict[tuple[str, str], int]:
    """(indicator, period) → row."""
    at = places(page)
    codes = {
        (page[f"{at['indicator']}{n}"].value, page[f"{at['period']}{n}"].value): n
        for n in range(HIDDEN_ROW + 1, page.max_row + 1)
    }
    return {key: n for key, n in codes.items() if key[0]}


def filled(office: Workspace, cells: dict[str, Any], words: dict[str, str] | None = None) -> bytes:
    """The template of 080 with every quarterly row filled, and cells (`CHE.outlook`) and words as given."""
    book = template(office)
    page = book[ENTRY]
    at, rows = places(page), lines(page)
    figures = {"CHE": 100, "VIEC": 7, "NGHEO": 30}
    for (code, period), n in rows.items():
        page[f"{at['state']}{n}"] = None if code in figures or code == "NUOC" else "Chưa đến kỳ"
        if code in figures:
            page[f"{at['value']}{n}"] = figures[code]
        if code == "NUOC":
            page[f"{at['numerator']}{n}"], page[f"{at['denominator']}{n}"] = 45, 50
        for name in (name for name in cells if name.startswith(f"{code}.") and period == "2013-Q4"):
            page[f"{at[name.partition('.')[2]]}{n}"] = cells[name]
    for line in book[WORDS].iter_rows() if words else ():
        if line[2].value in (words or {}):
            line[1].value = (words or {})[line[2].value]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("asks", "titles", "has_words"),
    [
        pytest.param("", [], False, id="nothing more is asked"),
        pytest.param("year_estimate", TITLES[:1], False, id="the year's estimate"),
        pytest.param("outlook", TITLES[1:], False, id="the outlook and its reason"),
        pytest.param("narrative", [], True, id="words"),
        pytest.param("year_estimate;outlook;narrative", TITLES, True, id="all of it"),
    ],
)
def test_a_template_asks_what_its_round_asks(
    tmp_path: Path, asks: str, titles: list[str], has_words: bool
) -> None:
    office = office_with(tmp_path, f"sk,Sơ kết,2013-Q4,interim,080,,{asks}")
    book = template(office)
    assert [title for title in headings(book[ENTRY]) if title in TITLES] == titles
    assert (WORDS in book.sheetnames) == has_words
    told = {cell.value for cell in book["Hướng dẫn"]["B"]} & {TITLES[0], TITLES[1], "Trang Lời văn"}
    assert len(told) == len(asks.split(";")) * bool(asks), "the guide says how, of what is asked alone"
    other = template(office, "082")
    assert not set(TITLES) & set(headings(other[ENTRY])), "another unit is asked nothing more"
    assert WORDS not in other.sheetnames


def test_a_years_row_is_asked_no_estimate_of_the_year(tmp_path: Path) -> None:
    page = template(office_with(tmp_path, "sk,Sơ kết,2013-Q4,interim,,,year_estimate;outlook"))[ENTRY]
    at, rows = places(page), lines(page)
    locked = {
        key: [page[f"{at[name]}{rows[key]}"].protection.locked for name in BESIDE]
        for key in (("CHE", "2013-Q4"), ("XNK", "2013-H2"), ("VON", "2013"))
    }
    assert locked == {
        ("CHE", "2013-Q4"): [False, False, False],
        ("XNK", "2013-H2"): [False, False, False],
        ("VON", "2013"): [True, False, False],
    }


def test_a_template_says_its_units_own_dates_and_hour(tmp_path: Path) -> None:
    office = office_with(
        tmp_path, "sk,Sơ kết,2013-Q4,interim,082,2014-01-03,",
        deadlines="level,frequency,due,hour\ndistrict,quarter,last_month:6,11",
    )  # fmt: skip
    said = {unit: str(template(office, unit)[ENTRY]["A2"].value) for unit in ("080", "082")}
    assert "Chốt số liệu: 6/12/2013" in said["080"]
    assert "Hạn nộp: 11 giờ 00 ngày 6/12/2013" in said["080"]
    assert "Hạn nộp: 11 giờ 00 ngày 3/1/2014" in said["082"]


@pytest.mark.parametrize(
    ("outlook", "reason", "check"),
    [
        pytest.param(None, None, "Hợp lệ", id="no outlook"),
        pytest.param("will_meet", None, "Hợp lệ", id="a good outlook needs no reason"),
        pytest.param("unlikely", None, "Thiếu lý do khó đạt", id="unlikely, without a reason"),
        pytest.param("will_not", None, "Thiếu lý do khó đạt", id="not to be met, without a reason"),
        pytest.param("unlikely", "mưa lũ", "Hợp lệ", id="unlikely, with its reason"),
    ],
)
@pytest.mark.parametrize(
    "asked", [row(value=700.0), WATER | {"numerator": 45, "denominator": 50}], ids=["figure", "ratio"]
)
def test_the_check_column_asks_for_the_reason_of_a_poor_outlook(
    tmp_path: Path, asked: dict[str, Any], outlook: str | None, reason: str | None, check: str
) -> None:
    said = asked | {"asks_outlook": True, "outlook": outlook, "outlook_reason": reason}
    write_template(tmp_path / "Mau.xlsx", sheet([said]))
    page = openpyxl.load_workbook(tmp_path / "Mau.xlsx", data_only=True)[ENTRY]
    at = next(cell.column_letter for cell in page[HEADINGS] if cell.value == "Kiểm tra")
    assert page[f"{at}10"].value == check


def test_what_a_round_asked_is_read_typed_and_kept(tmp_path: Path) -> None:
    office = office_with(tmp_path, "sk,Sơ kết,2013-Q4,interim,,,year_estimate;outlook;narrative")
    cells = {
        "CHE.year_estimate": 120, "CHE.outlook": "Sẽ đạt", "VIEC.year_estimate": "gần 30",
        "VIEC.outlook": "Khó đạt", "VIEC.outlook_reason": "thiếu vốn", "NUOC.year_estimate": 91.5,
    }  # fmt: skip
    drop(office, "080", "a.xlsx", filled(office, cells, {"highlights": "Trồng vượt kế hoạch."}))
    assert list(collected(office).verdict) == ["accepted"]
    kept = rows_of(office, value).set_index("indicator")
    assert kept.year_estimate[["CHE", "VIEC", "NUOC"]].tolist() == [120, 30, 91.5]
    assert kept.outlook[["CHE", "VIEC", "NUOC"]].tolist() == ["will_meet", "unlikely", ""]
    assert kept.outlook_reason["VIEC"] == "thiếu vốn"


def test_a_changed_word_is_a_new_version(tmp_path: Path) -> None:
    office = office_with(tmp_path, "sk,Sơ kết,2013-Q4,interim,,,narrative")
    for name, text in (("a", "Trồng vượt."), ("b", "Trồng vượt."), ("c", "Trồng vượt kế hoạch.")):
        drop(office, "080", f"{name}.xlsx", filled(office, {}, {"highlights": text}))
        collected(office)
    quarterly = rows_of(office, submission).query("period == '2013-Q4'")
    assert quarterly.version.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        pytest.param("off", [], id="reasons are not asked"),
        pytest.param("warn", [("outlook_reason_required", "warning")], id="a reason is reminded of"),
        pytest.param("require", [("outlook_reason_required", "error")], id="a reason is required"),
    ],
)
def test_a_poor_outlook_wants_its_reason(tmp_path: Path, setting: str, wanted: list[tuple[str, str]]) -> None:
    settings = f'[calendar]\nname = "gregorian"\ndue_days = 10\n[rules]\nreason_required = "{setting}"\n'
    office = with_plan(tmp_path / "office", settings)
    head = HEAD.replace("note", "outlook,outlook_reason")
    rows = [
        "080,2013-Q4,CHE,1000,,,,,unlikely,", "080,2013-Q4,VIEC,5000,,,,,will_not,thiếu vốn",
        "080,2013-Q4,NUOC,,45,50,,,met,", "080,2013-Q4,NGHEO,1,,,,,,",
    ]  # fmt: skip
    drop(office, "080", "a.csv", head + "\n".join(rows))
    collected(office)
    found = rows_of(office, finding)
    about = found[found.code.str.startswith("outlook")]
    assert list(zip(about.code, about.severity, strict=True)) == wanted
    assert all(about.indicator == "CHE")
    assert all("khó đạt" in text for text in about.message)
    kept = rows_of(office, value).set_index("indicator")
    assert kept.number["CHE"] == 1000, "a figure loads whatever is said beside it"


def test_a_marked_template_shows_what_was_wrong_beside_a_figure(tmp_path: Path) -> None:
    office = office_with(tmp_path, "sk,Sơ kết,2013-Q4,interim,,,year_estimate;outlook;narrative")
    cells = {"CHE.outlook": "Chắc thế", "VIEC.year_estimate": "nhiều", "NGHEO.value": "x"}
    drop(office, "080", "a.xlsx", filled(office, cells, {"proposals": "Xin thêm vốn."}))
    assert list(collected(office).verdict) == ["returned"]
    (path,) = (office.root / "returns" / "2013-Q4").glob("*.xlsx")
    book = openpyxl.load_workbook(path)
    page = book[ENTRY]
    at, rows = places(page), lines(page)
    marked = {
        (code, name)
        for (code, _), n in rows.items()
        for name in ("value", *BESIDE)
        if page[f"{at[name]}{n}"].fill.fgColor.rgb == "FFFFC7CE"
    }
    assert marked == {("CHE", "outlook"), ("VIEC", "year_estimate"), ("NGHEO", "value")}
    said = {line[2].value: line[1].value for line in book[WORDS].iter_rows() if line[2].value}
    assert set(said) == set(NARRATIVE_FIELDS)
    assert said["proposals"] == "Xin thêm vốn.", "what was said in words comes back too"
