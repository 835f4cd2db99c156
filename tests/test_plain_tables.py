"""Tables that are no template: known by their headings, matched to the plan, flagged, and sent back as a template."""

from pathlib import Path

import openpyxl
import pytest
from collecting import NOW, SETTINGS, codes, collected, drop, figures, line, rows_of, with_plan
from intake_samples import CALENDAR, frame_of, plan_of

from tasks.office.workspace import Workspace
from tasks.reading.known import known_headings
from tasks.template.template_words import WORDS
from tiendo.folding import folded
from tiendo.period_texts import period_in
from tiendo.periods import Period
from tiendo.plain_tables import with_codes
from warehouse.schema import finding


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("BIỂU NHẬP SỐ LIỆU – QUÝ IV/2013", "2013-Q4"),
        ("Báo cáo quý 3 năm 2026", "2026-Q3"),
        ("Kết quả quý II - 2013 của huyện", "2013-Q2"),
        ("bao cao quy IV.2013.xlsx", "2013-Q4"),
        ("Quy_4_2013.xlsx", "2013-Q4"),
        ("Mau_082_2013-Q4.xlsx", "2013-Q4"),
        ("Báo cáo 6 tháng đầu năm 2013", "2013-H1"),
        ("6 tháng cuối năm 2013", "2013-H2"),
        ("BC_2013-H1_v2.xlsx", "2013-H1"),
        ("Tháng 3/2013", "2013-03"),
        ("tháng 12 năm 2013", "2013-12"),
        ("Quý IV năm 2013 và cả năm 2013", "2013-Q4"),
        ("Báo cáo năm 2013", "2013"),
        ("2013", "2013"),
        ("Kế hoạch 2011-2015", None),
        ("ngày 15/3/2013", None),
        ("Nhập số liệu", None),
        ("9 tháng năm 2013", "2013"),  # nothing is owed for nine months; the year stands there too
    ],
)
def test_the_period_a_title_names(text: str, period: str | None) -> None:
    assert period_in(text) == (Period.parse(period) if period else None)


ROWS = """unit,period,indicator,name
,,CHE,Diện tích chè
,,,  DIỆN TÍCH   chè
,,,Tổng vốn
,,,Cộng
083,2012-Q1,,Việc làm mới"""


def test_rows_are_told_by_code_or_by_name_and_their_period_by_how_often_they_are_owed() -> None:
    rows = frame_of(ROWS)
    rows = rows.astype(object).where(rows != "", None)
    known = with_codes(rows, "080", Period.parse("2013-Q4"), plan_of(), CALENDAR)
    assert known[["unit", "period", "indicator"]].to_numpy().tolist() == [
        ["080", "2013-Q4", "CHE"],
        ["080", "2013-Q4", "CHE"],
        ["080", "2013", "VON"],
        ["080", "2013-Q4", "Cộng"],
        ["083", "2012-Q1", "VIEC"],
    ]


def test_a_name_of_two_indicators_is_neither() -> None:
    twice = "+XK,Diện tích chè,CT1,ha,quarter,flow,sum,,ratio,,tier,,,yes"
    rows = frame_of("unit,period,indicator,name\n080,,,Diện tích chè").astype(object)
    rows = rows.where(rows != "", None)
    known = with_codes(rows, "080", Period.parse("2013-Q4"), plan_of(indicators=twice), CALENDAR)
    assert known.indicator.tolist() == ["Diện tích chè"]


@pytest.mark.parametrize("locale", [0, 1])
@pytest.mark.parametrize("key", [key for key in WORDS if key.startswith("value") or key in ("name", "note")])
def test_the_headings_of_our_templates_are_known(key: str, locale: int) -> None:
    heading = folded(WORDS[key][locale].partition("(")[0])
    field = "value" if key.startswith("value") else key
    # English “Indicator” is also the field of codes: a name may stand in it.
    assert known_headings()[heading] in (field, "indicator" if key == "name" else field)


def table(path: Path, head: list[str], *rows: list[object], title: str = "Báo cáo quý IV năm 2013") -> bytes:
    """A workbook of a unit's own making."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in ([title], [], head, *rows):
        sheet.append(cells)
    book.save(path)
    return path.read_bytes()


HEAD = ["TT", "Chỉ tiêu", "ĐVT", "Kế hoạch năm", "Thực hiện trong kỳ", "Tử số", "Mẫu số", "Ghi chú"]
FULL = (
    ["I", "Phát triển kinh tế"],  # the heading of a group
    [1, "Diện tích chè", "ha", None, 100],
    [2, "Việc làm mới", "người", None, "trên 60"],
    [3, "Tỷ lệ hộ dùng nước sạch", "%", None, None, 45, 50],
)


def test_a_plain_table_is_matched_by_its_headings_and_flagged(office: Workspace, tmp_path: Path) -> None:
    drop(office, "080", "bao cao.xlsx", table(tmp_path / "a.xlsx", HEAD, *FULL))
    assert line(collected(office), "bao cao.xlsx") == ("080", "2013-Q4", 1, "accepted_with_warnings", 0, 1)
    assert figures(office) == {"CHE": 100, "VIEC": 60, "NUOC": 90}
    flagged = rows_of(office, finding)
    assert flagged[["code", "severity"]].to_numpy().tolist() == [["not_a_template", "warning"]]
    assert "theo tiêu đề cột" in flagged.found[0]


def test_a_plain_table_with_a_wrong_cell_comes_back_as_a_template(office: Workspace, tmp_path: Path) -> None:
    wrong = [FULL[0], [1, "Diện tích chè", "ha", None, "875 ha"], *FULL[2:]]
    drop(office, "080", "bao cao.xlsx", table(tmp_path / "a.xlsx", HEAD, *wrong))
    assert line(collected(office), "bao cao.xlsx")[3:] == ("returned", 1, 1)
    (back,) = (office.root / "returns" / "2013-Q4").glob("*.xlsx")
    cells = {str(cell.value) for row in openpyxl.load_workbook(back).worksheets[0] for cell in row}
    assert {"875 ha", "trên 60", "45"} <= cells


@pytest.mark.parametrize(
    ("head", "title", "name", "verdict", "code"),
    [
        pytest.param(HEAD, "Báo cáo", "quy 4.2013.xlsx", "accepted_with_warnings", "not_a_template", id="file's name"),
        pytest.param(HEAD, "Báo cáo", "bao cao.xlsx", "rejected", "unknown_period", id="no period anywhere"),
        pytest.param(
            [*HEAD, "Thực hiện lũy kế"], "Quý IV/2013", "a.xlsx", "rejected", "not_a_template", id="two figures"
        ),
        pytest.param(
            ["TT", "Nội dung", "Ghi"], "Quý IV/2013", "a.xlsx", "rejected", "not_a_template", id="other headings"
        ),
    ],
)  # fmt: skip
def test_what_a_plain_table_must_say(
    office: Workspace, tmp_path: Path, head: list[str], title: str, name: str, verdict: str, code: str
) -> None:
    drop(office, "080", name, table(tmp_path / "a.xlsx", head, *FULL, title=title))
    assert collected(office).verdict.tolist() == [verdict]
    assert codes(office) == [code]


def test_a_row_that_the_plan_does_not_have_is_told_by_its_name(office: Workspace, tmp_path: Path) -> None:
    drop(office, "080", "a.xlsx", table(tmp_path / "a.xlsx", HEAD, *FULL, ["", "Cộng", "", None, 160]))
    assert collected(office).verdict.tolist() == ["returned"]
    found = rows_of(office, finding).set_index("code")
    assert found.found["unknown_indicator"] == "Cộng"
    assert found.cell["unknown_indicator"] != ""
    assert figures(office)["CHE"] == 100


def test_where_signatures_are_asked_a_plain_table_is_none_of_ours(tmp_path: Path) -> None:
    office = with_plan(tmp_path / "office", SETTINGS + '[intake]\ntrust = "folder+signature"\n')
    drop(office, "080", "a.xlsx", table(tmp_path / "a.xlsx", HEAD, *FULL))
    assert collected(office, NOW).verdict.tolist() == ["rejected"]
    assert codes(office) == ["bad_signature"]
