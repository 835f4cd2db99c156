"""What goes back to a sender: the same workbook with its wrong cells marked, or a CSV of findings."""

import csv
import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sheet_samples import OUTPUT, WATER, row, sheet

from tasks.reading.returns import read_returns
from tasks.template.answers import with_entries, write_corrected, write_findings_csv
from tasks.template.template_book import write_template
from tiendo.findings import FINDING_COLUMNS

ENTRY, FAULTS = "Nhập số liệu", "Lỗi"
RED, ORANGE, YELLOW = "FFFFC7CE", "FFFFD9A0", "FFFFF9D6"
ASKED = [row(), WATER, OUTPUT]


def finding(indicator: str = "", field: str = "", **changes: str) -> dict[str, object]:
    """One finding, as validation gives it."""
    said = {
        "file": 0,
        "severity": "error",
        "code": "not_a_number",
        "sheet": ENTRY,
        "cell": "Z99",
        "period": "2026-Q3" if indicator else "",
        "indicator": indicator,
        "found": "875 ha",
        "message": "không phải số.",
        "fix": "Nhập 875.",
        "field": field,
    }
    return said | changes


def corrected(folder: Path, *findings: dict[str, object]) -> openpyxl.Workbook:
    """The workbook that goes back for a return with figures, a reason and a text where a figure should be."""
    path = folder / "Mau.xlsx"
    write_template(path, sheet(ASKED))
    book = openpyxl.load_workbook(path)
    for place, value in {"C4": "Sơ bộ", "I10": "875 ha", "L10": "Mưa lũ", "G11": 45, "I12": 650.5}.items():
        book[ENTRY][place] = value
    book.save(path)
    cells = read_returns(pd.DataFrame({"file": [0], "path": [path]})).cells
    filled = with_entries(sheet(ASKED), cells)
    write_corrected(folder / "back.xlsx", filled, pd.DataFrame(findings, columns=FINDING_COLUMNS))
    return openpyxl.load_workbook(folder / "back.xlsx", data_only=True)


def colours(page: Worksheet) -> dict[str, str]:
    """The cells marked as wrong, with their colours."""
    cells = (cell for cells in page.iter_rows() for cell in cells)
    fills = {cell.coordinate: cell.fill.fgColor.rgb for cell in cells}
    return {place: fill for place, fill in fills.items() if fill in (RED, ORANGE)}


def table(page: Worksheet) -> list[list[object]]:
    """The rows of the sheet of findings."""
    return [[cell.value for cell in cells] for cells in page.iter_rows(min_row=5)]


def test_values_are_kept_as_they_were_typed(tmp_path):
    page = corrected(tmp_path, finding("CT1.01", "value"))[ENTRY]
    kept = {place: page[place].value for place in ("C4", "I10", "L10", "G11", "H11", "I12")}
    assert kept == {"C4": "Sơ bộ", "I10": "875 ha", "L10": "Mưa lũ", "G11": 45, "H11": None, "I12": 650.5}
    assert page["O10"].value == "Sửa: không phải số"
    assert page["O4"].value == "Đã nhập 3/3 · Cần sửa 2"


def test_a_wrong_cell_is_red_with_what_and_how_and_still_open(tmp_path):
    page = corrected(tmp_path, finding("CT1.01", "value"))[ENTRY]
    assert colours(page) == {"I10": RED}
    assert page["I10"].comment.text == "Lỗi: không phải số.\nNhập 875."
    assert not page["I10"].protection.locked
    assert page["I12"].fill.fgColor.rgb == YELLOW


@pytest.mark.parametrize(
    ("indicator", "field", "place"),
    [
        pytest.param("CT1.03", "value", "I12", id="a figure"),
        pytest.param("CT1.02", "denominator", "H11", id="a part of a ratio"),
        pytest.param("CT1.02", "value", "G11", id="a ratio begins with its numerator"),
        pytest.param("CT1.02", "", "G11", id="a ratio as a whole"),
        pytest.param("CT1.01", "state", "K10", id="a state"),
        pytest.param("CT1.01", "remedy", "M10", id="a remedy"),
        pytest.param("CT1.01", "indicator", "I10", id="a row is marked at its figure"),
        pytest.param("", "status", "C4", id="the status of the whole sheet"),
    ],
)
def test_a_finding_is_shown_at_the_cell_to_fill(tmp_path, indicator, field, place):
    book = corrected(tmp_path, finding(indicator, field))
    assert colours(book[ENTRY]) == {place: RED}
    (found,) = table(book[FAULTS])
    assert found[2] == place


def test_a_finding_without_a_period_is_shown_at_its_indicator(tmp_path):
    assert colours(corrected(tmp_path, finding("CT1.03", "value", period=""))[ENTRY]) == {"I12": RED}


def test_a_cell_with_two_findings_has_both_the_gravest_first(tmp_path):
    mild = finding("CT1.01", "value", severity="warning", message="thay đổi lớn.", fix="Kiểm tra.")
    page = corrected(tmp_path, mild, finding("CT1.01", "value"))[ENTRY]
    assert colours(page) == {"I10": RED}
    assert page["I10"].comment.text == "Lỗi: không phải số.\nNhập 875.\nLưu ý: thay đổi lớn.\nKiểm tra."
    assert colours(corrected(tmp_path, mild)[ENTRY]) == {"I10": ORANGE}


def test_the_sheet_of_findings_says_where_what_why_and_how(tmp_path):
    book = corrected(
        tmp_path,
        finding(
            code="old_template", severity="warning", cell="", found="", message="mẫu cũ.", fix="Tải mẫu mới."
        ),
        finding("CT1.03", "value"),
        finding(
            "CT9.99", "indicator", cell="A40", found="CT9.99", message="không có chỉ tiêu này.", fix="Xóa."
        ),
    )
    page = book[FAULTS]
    assert book.sheetnames[:2] == [ENTRY, FAULTS]
    assert page["A1"].value == "CÁC Ô CẦN SỬA – Huyện Bát Xát, Quý III/2026"
    assert [cell.value for cell in page[4]] == ["TT", "Mức", "Ô", "Chỉ tiêu", "Đã ghi", "Vì sao", "Cách sửa"]
    assert table(page) == [
        [1, "Lưu ý", None, "Cả tệp", None, "Mẫu cũ.", "Tải mẫu mới."],
        [2, "Lỗi", "I12", "CT1.03 Giá trị sản xuất", "875 ha", "Không phải số.", "Nhập 875."],
        [3, "Lỗi", "A40", "CT9.99", "CT9.99", "Không có chỉ tiêu này.", "Xóa."],
    ]
    assert [page[f"C{n}"].hyperlink and page[f"C{n}"].hyperlink.location for n in (5, 6, 7)] == [
        None,
        "'Nhập số liệu'!I12",
        None,
    ]


def test_a_figure_sent_back_stays_to_be_mended_until_it_is_changed(tmp_path):
    rule = finding("CT1.03", "value", message="ngoài khoảng cho phép.", found="650,5")
    page = corrected(tmp_path, rule)[ENTRY]
    assert page["O12"].value == "Sửa: xem trang Lỗi"
    formula = openpyxl.load_workbook(tmp_path / "back.xlsx")[ENTRY]["O12"].value
    assert formula.startswith("=INDEX(td_checks,IF(I12=650.5,")
    page = corrected(tmp_path, rule | {"severity": "warning"})[ENTRY]
    assert page["O12"].value == "Hợp lệ"


def test_it_opens_at_the_first_wrong_cell(tmp_path):
    book = corrected(tmp_path, finding("CT1.03", "value"), finding("CT1.02", "denominator"))
    assert book.active.title == ENTRY
    view = book[ENTRY].sheet_view
    assert {each.pane: each.activeCell for each in view.selection}["bottomRight"] == "H11"
    assert view.pane.topLeftCell == "C8"


def test_it_opens_at_the_first_red_cell_though_an_orange_one_comes_before(tmp_path):
    mild = finding("CT1.01", "value", severity="warning")
    page = corrected(tmp_path, mild, finding("CT1.03", "value"))[ENTRY]
    assert colours(page) == {"I10": ORANGE, "I12": RED}
    assert {each.pane: each.activeCell for each in page.sheet_view.selection}["bottomRight"] == "I12"


def test_it_opens_at_the_status_if_that_alone_is_red(tmp_path):
    mild = finding("CT1.01", "value", severity="warning")
    page = corrected(tmp_path, mild, finding("", "status"))[ENTRY]
    assert {each.pane: each.activeCell for each in page.sheet_view.selection}["bottomRight"] == "C4"


def test_the_cells_told_are_those_of_the_workbook(tmp_path):
    filled = with_entries(
        sheet(ASKED), pd.DataFrame({"indicator": ["CT1.02"], "period": ["2026-Q3"], "numerator": [45]})
    )
    found = [finding("CT1.02", "numerator"), finding("", "status"), finding("CT9.99", "value", cell="Z99")]
    told = write_corrected(tmp_path / "back.xlsx", filled, pd.DataFrame(found, columns=FINDING_COLUMNS))
    assert [fault.cell for fault in told] == ["G11", "C4", "Z99"]
    page = openpyxl.load_workbook(tmp_path / "back.xlsx")[FAULTS]
    assert [cells[2] for cells in table(page)] == ["G11", "C4", "Z99"]


def test_a_ratio_sent_back_may_be_mended_in_either_part(tmp_path):
    entries = {"indicator": ["CT1.02"], "period": ["2026-Q3"], "numerator": [99999], "denominator": [720]}
    filled = with_entries(sheet(ASKED), pd.DataFrame(entries))
    found = pd.DataFrame([finding("CT1.02", "numerator")], columns=FINDING_COLUMNS)
    write_corrected(tmp_path / "back.xlsx", filled, found)
    formula = openpyxl.load_workbook(tmp_path / "back.xlsx")[ENTRY]["O11"].value
    assert formula.startswith("=INDEX(td_checks,IF(AND(G11=99999,H11=720),")


def test_what_goes_back_reads_as_what_was_sent(tmp_path):
    corrected(tmp_path, finding("CT1.01", "value"))
    paths = [tmp_path / "Mau.xlsx", tmp_path / "back.xlsx"]
    reading = read_returns(pd.DataFrame({"file": [0, 1], "path": paths}))
    assert reading.files.content_digest.nunique() == 1


def test_rows_that_are_not_asked_and_rows_sent_twice_do_not_come_back_twice(tmp_path):
    cells = pd.DataFrame(
        {"indicator": ["CT1.01", "CT1.01", "CT9.99"], "period": "2026-Q3", "value": [1.0, 2.0, 3.0]}
    )
    filled = with_entries(sheet(ASKED), cells)
    assert filled.rows.indicator.tolist() == ["CT1.01", "CT1.02", "CT1.03"]
    assert filled.rows.value.fillna(-1).tolist() == [1.0, -1, -1]


@pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(1)", "http://example.org"])
def test_what_was_typed_never_becomes_a_formula_or_a_link(tmp_path, text):
    found = finding("CT1.01", "value", found=text, message=text, fix=text)
    filled = with_entries(
        sheet(ASKED), pd.DataFrame({"indicator": ["CT1.01"], "period": ["2026-Q3"], "value": [text]})
    )
    write_corrected(tmp_path / "back.xlsx", filled, pd.DataFrame([found]))
    book = openpyxl.load_workbook(tmp_path / "back.xlsx")
    assert book[ENTRY]["I10"].data_type == "s"
    cells = [cell for cells in book[FAULTS].iter_rows() for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert [cell.coordinate for cell in cells if cell.hyperlink] == ["C5"]


def test_findings_of_a_csv_go_back_as_csv(tmp_path):
    found = pd.DataFrame(
        [finding("CT1.01", "value"), finding("CT1.02", "value", found="=1+1"), finding(found="-5,2")]
    )
    write_findings_csv(tmp_path / "loi.csv", found)
    content = (tmp_path / "loi.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert list(rows[0]) == [name for name in FINDING_COLUMNS if name != "file"]
    assert [each["found"] for each in rows] == ["875 ha", "'=1+1", "-5,2"]
    assert rows[0]["message"] == "không phải số."
