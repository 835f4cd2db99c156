"""A plan's files read as text: CSV as people save it, a workbook, and what cannot be read."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tasks.office.plan_files import read_plan_folder
from tiendo.errors import InputError, PlanError
from tiendo.plan import read_plan

SMALL = Path(__file__).parent.parent / "tasks" / "example" / "small" / "plan"


def as_workbook(folder: Path, target: Path, typed: Callable[[str], object] = str) -> Path:
    book = openpyxl.Workbook()
    for table in sorted(folder.glob("*.csv")):
        sheet = book.create_sheet(table.stem)
        for row in table.read_text(encoding="utf-8").splitlines():
            sheet.append([typed(cell) for cell in row.split(",")])
    book.save(target)
    return target


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_table_is_read_as_excel_or_a_program_saves_it(tmp_path: Path, mark: bytes, line_end: bytes) -> None:
    lines = ["code,name", "080,Thành phố Lào Cai", '082,"Bát Xát, huyện"', ""]
    (tmp_path / "org_units.csv").write_bytes(mark + line_end.join(line.encode() for line in lines))
    table = read_plan_folder(tmp_path)["org_units"]
    assert table.to_dict("list") == {"code": ["080", "082"], "name": ["Thành phố Lào Cai", "Bát Xát, huyện"]}


def test_a_workbook_gives_the_same_plan_as_its_tables(tmp_path: Path) -> None:
    as_workbook(SMALL, tmp_path / "plan.xlsx")
    assert read_plan(read_plan_folder(tmp_path)).digest == read_plan(read_plan_folder(SMALL)).digest


def test_numbers_dates_and_yes_no_of_a_workbook_are_read_as_the_tables_would_write_them(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "targets"
    sheet.append(["indicator", "target", "low", "due", "x"])
    sheet.append(["A", 5000, 0.1, date(2030, 12, 31), True])
    book.save(tmp_path / "plan.xlsx")
    table = read_plan_folder(tmp_path / "plan.xlsx")["targets"]
    assert table.iloc[0].tolist() == ["A", "5000", "0.1", "2030-12-31", "yes"]


UNREADABLE = [
    pytest.param("code;name\n1;A\n", 1, "chấm phẩy", id="semicolons"),
    pytest.param("code,name\n1,A,B\n", 2, "nhiều ô hơn", id="a comma too many"),
    pytest.param("", 1, "dòng tiêu đề", id="empty"),
    pytest.param("ĐƠN VỊ\n\ncode,name\n1,A\n", 1, "tên các cột ở dòng 3", id="a title above the headings"),
    pytest.param("code,,name\n1,,A\n2,x,B\n", 3, "không có tiêu đề", id="a cell below no heading"),
    pytest.param("code,name\n1,A\0B\n", 2, "NUL", id="a letter that no database keeps"),
    pytest.param('code,name\n1,"A\n', 0, "không phải CSV", id="open quotation mark"),
]


@pytest.mark.parametrize(("text", "row", "problem"), UNREADABLE)
def test_a_table_that_cannot_be_read_is_named_with_its_row(
    tmp_path: Path, text: str, row: int, problem: str
) -> None:
    (tmp_path / "org_units.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as error:
        read_plan_folder(tmp_path)
    found = error.value.problems.iloc[0]
    assert (found["table"], found["row"]) == ("org_units", row)
    assert problem in found["problem"]
    assert found["remedy"]


def test_an_empty_column_without_a_heading_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "org_units.csv").write_text("code,,name,,\n1,,A,,\n", encoding="utf-8")
    assert read_plan_folder(tmp_path)["org_units"].to_dict("list") == {"code": ["1"], "name": ["A"]}


def test_every_unreadable_table_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "term.csv").write_bytes("code,name\nA,Tỉnh\n".encode("utf-16"))
    (tmp_path / "org_units.csv").write_bytes(b"code,name\n1,\xff\n")
    with pytest.raises(PlanError) as error:
        read_plan_folder(tmp_path)
    assert error.value.problems["table"].tolist() == ["org_units", "term"]
    assert error.value.problems["row"].tolist() == [2, 1]


def broken_workbook(folder: Path) -> Path:
    (folder / "plan.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    return folder


def both_forms(folder: Path) -> Path:
    (folder / "plan.xlsx").write_bytes(b"")
    (folder / "term.csv").write_text("code\n")
    return folder


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda folder: folder / "nowhere", "không có thư mục", id="missing"),
        pytest.param(lambda folder: folder, "không có bảng CSV", id="empty folder"),
        pytest.param(lambda _: Path(__file__), "không phải thư mục", id="another file"),
        pytest.param(broken_workbook, "không mở được", id="broken workbook"),
        pytest.param(both_forms, "giữ lại một", id="two plans at once"),
    ],
)
def test_what_is_no_plan_is_told(tmp_path: Path, make: Callable[[Path], Path], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_plan_folder(make(tmp_path))
