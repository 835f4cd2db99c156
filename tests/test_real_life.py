"""What officers do to a form, and what comes of it: copied forward, copied sheets, percent cells, other programs."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from collecting import NOW, codes, collected, drop, figures, rows_of
from openpyxl.workbook import Workbook
from test_locked_cells import Q4, cell, filled

from tasks.office.workspace import Workspace
from tiendo.cells import type_cells
from tiendo.number_texts import suggested
from warehouse.schema import finding

Change = Callable[[Workbook], None]


def put(indicator: str, field: str, value: object) -> Change:
    def change(book: Workbook) -> None:
        cell(book.worksheets[0], indicator, field).value = value  # type: ignore[assignment]

    return change


def title(text: str) -> Change:
    def change(book: Workbook) -> None:
        book.worksheets[0]["A1"] = text

    return change


def copied(figure: object, first: bool = False, state: str = "visible") -> Change:
    """The sheet copied within the book, with another figure in the copy."""

    def change(book: Workbook) -> None:
        copy = book.copy_worksheet(book.worksheets[0])
        copy.title = "Nhập số liệu (2)"
        cell(copy, "CHE", "value").value = figure  # type: ignore[assignment]
        copy.sheet_state = state
        if first:
            book.move_sheet(copy, -len(book.sheetnames) + 1)

    return change


def emptied_and_copied(book: Workbook) -> None:
    """Only the copy is filled."""
    copied(100)(book)
    for indicator in ("CHE", "VIEC", "XNK", "VON", "VON-NS", "VON-DN"):
        cell(book.worksheets[0], indicator, "value").value = None
    for part in ("numerator", "denominator"):
        cell(book.worksheets[0], "NUOC", part).value = None


def ratio_typed(book: Workbook) -> None:
    """The ratio itself is typed over its formula, its parts are left empty."""
    for part in ("numerator", "denominator"):
        cell(book.worksheets[0], "NUOC", part).value = None
    cell(book.worksheets[0], "NUOC", "value").value = 45.1


@pytest.mark.parametrize(
    ("name", "change", "verdict", "found", "che"),
    [
        pytest.param("Mau.xlsx", title("BIỂU NHẬP SỐ LIỆU – QUÝ I/2014"), "rejected", {"period_differs"}, None,
                     id="last period's form with another title"),
        pytest.param("Mau_080_2014-Q1.xlsx", title("BIỂU"), "rejected", {"period_differs"}, None,
                     id="last period's form with another name"),
        pytest.param("Mau.xlsx", title("BÁO CÁO NĂM 2013"), "accepted", set(), 100, id="a title of the same closing"),
        pytest.param("Mau.xlsx", copied(100), "accepted", set(), 100, id="a copy that says the same"),
        pytest.param("Mau.xlsx", copied(999), "rejected", {"two_tables"}, None, id="a copy that says otherwise"),
        pytest.param("Mau.xlsx", copied(999, first=True, state="hidden"), "accepted", set(), 100,
                     id="a hidden copy before it does not win"),
        pytest.param("Mau.xlsx", emptied_and_copied, "accepted", set(), 100, id="only the copy is filled"),
        pytest.param("Mau.xlsx", put("NGHEO", "value", 0.305), "accepted_with_warnings", {"percent_as_fraction"}, 100,
                     id="30,5% kept as 0,305, and no past"),
        pytest.param("Mau.xlsx", put("NGHEO", "value", 30.5), "accepted", set(), 100, id="30,5"),
        pytest.param("Mau.xlsx", ratio_typed, "returned", {"missing_numerator", "missing_denominator"}, 100,
                     id="a ratio without its parts"),
    ],
)  # fmt: skip
def test_what_officers_do_to_a_form(
    office: Workspace,
    tmp_path: Path,
    name: str,
    change: Change,
    verdict: str,
    found: set[str],
    che: float | None,
) -> None:
    book = openpyxl.load_workbook(filled(office, tmp_path))
    change(book)
    book.save(tmp_path / "changed.xlsx")
    drop(office, "080", name, (tmp_path / "changed.xlsx").read_bytes())
    assert collected(office).verdict.tolist() == [verdict]
    assert set(codes(office)) == found
    assert figures(office).get("CHE") == che


def test_who_made_a_return_comes_back_with_it(office: Workspace, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(filled(office, tmp_path))
    sheet = book["Thông tin nộp"]
    typed = {"prepared_by": "Lò Thị Mai", "document_number": "12/BC-UBND"}
    for row in sheet.iter_rows():
        if row[2].value in typed:
            row[1].value = typed[row[2].value]
    put("CHE", "value", "875 ha")(book)
    book.save(tmp_path / "changed.xlsx")
    drop(office, "080", "Mau.xlsx", (tmp_path / "changed.xlsx").read_bytes())
    assert collected(office).verdict.tolist() == ["returned"]
    (back,) = (office.root / "returns" / Q4).glob("*.xlsx")
    again = {row[2].value: row[1].value for row in openpyxl.load_workbook(back)["Thông tin nộp"].iter_rows()}
    assert {name: again[name] for name in typed} == typed


@pytest.mark.parametrize(
    ("name", "separator", "encoding"),
    [("Mau.csv", ",", "utf-8"), ("Mau.txt", "\t", "utf-16"), ("Mau.csv", ";", "utf-8-sig")],
)
def test_a_form_saved_as_text_is_told_to_be_saved_as_a_workbook(
    office: Workspace, tmp_path: Path, name: str, separator: str, encoding: str
) -> None:
    rows = openpyxl.load_workbook(filled(office, tmp_path)).worksheets[0].iter_rows(values_only=True)
    table = pd.DataFrame(list(rows))
    table.to_csv(tmp_path / name, sep=separator, encoding=encoding, header=False, index=False)
    drop(office, "080", name, (tmp_path / name).read_bytes())
    assert collected(office, NOW).verdict.tolist() == ["rejected"]
    told = rows_of(office, finding)
    assert told.code.tolist() == ["not_a_template"]
    assert "lưu dạng .xlsx" in told.found[0]


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("875 ha", "875"),
        ("1 234 ha", "1234"),
        ("trên 100 ha", "trên 100"),
        ("(500)", ""),
        ("giảm 5", ""),
        ("tăng 5%", ""),
        ("1.5tr", ""),
        ("2 trđ", ""),
        ("5 triệu", ""),
    ],
)
def test_a_figure_is_suggested_only_where_it_is_no_guess(text: str, figure: str) -> None:
    assert suggested(text, "vi") == figure


@pytest.mark.parametrize(
    ("typed", "found", "fix"),
    [
        ("-", "-", "chọn ở cột Tình trạng"),
        ("Không", "Không", "chọn ở cột Tình trạng"),
        ("KPS", "KPS", "chọn ở cột Tình trạng"),
        ("1900-01-08", "08/01/1900", "đặt định dạng ô là Number"),
        ("nhiều", "nhiều", "một con số, ví dụ 12,5"),
    ],
)
def test_what_is_no_number_is_told_as_it_was_seen_and_how_to_mend_it(
    typed: str, found: str, fix: str
) -> None:
    cells = pd.DataFrame(
        {
            "file": 0,
            "sheet": "s",
            "row": 9,
            "unit": "080",
            "period": Q4,
            "indicator": "CHE",
            "value": [typed],
        },
        dtype=object,
    )
    told = type_cells(cells.astype({"file": "int64", "row": "int64"}), {0: "vi"}).findings
    assert told.code.tolist() == ["not_a_number"]
    assert told.found[0] == found
    assert fix in told.fix[0]
