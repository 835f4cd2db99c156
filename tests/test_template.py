"""The template workbook that a unit fills: what it shows, what it asks, what it hides."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from sheet_samples import KEY, OUTPUT, WATER, many, row, sheet

from tasks.template.return_fields import KEY_NAMES
from tasks.template.signing import is_signed, sign
from tasks.template.template_book import write_template
from tiendo.errors import TiendoError

ENTRY, HIDDEN_ROW, HEADINGS, LETTERS, FIRST = "Nhập số liệu", 5, 6, 7, 8


def written(path: Path, *rows: dict[str, Any], **changes: Any) -> openpyxl.Workbook:
    """The workbook for these rows, read back with its formulas."""
    write_template(path / "Mau.xlsx", sheet(list(rows), **changes))
    return openpyxl.load_workbook(path / "Mau.xlsx")


def shown(path: Path) -> Worksheet:
    """The sheet of figures with the results that stand in it."""
    return openpyxl.load_workbook(path / "Mau.xlsx", data_only=True)[ENTRY]


def line(page: Worksheet, number: int) -> list[Any]:
    """The cells of a row up to the last that people see."""
    cells = [cell.value for cell in page[number]]
    return cells[: [cell.value for cell in page[LETTERS]].index(None)]


def column(page: Worksheet, field: str) -> str:
    """The letters of a field, as the hidden row names it."""
    return next(cell.column_letter for cell in page[HIDDEN_ROW] if cell.value == field)


def test_the_table_stands_cell_by_cell_as_people_know_it(tmp_path):
    written(tmp_path, row(), OUTPUT | {"required": False})
    page = shown(tmp_path)
    assert line(page, HEADINGS) == [
        "TT", "Chỉ tiêu", "ĐVT", "Kế hoạch năm", "Lũy kế kỳ trước", "Cách ghi", "Thực hiện (ghi theo cột F)",
        "% kế hoạch", "Tình trạng", "Nguyên nhân", "Giải pháp", "Ghi chú", "Kiểm tra",
    ]  # fmt: skip
    assert line(page, LETTERS) == list("ABCDEFGHIJKLM")
    assert line(page, FIRST) == ["I", "Chương trình 1", *[None] * 11]
    assert line(page, FIRST + 1) == [None, "Đề án 1", *[None] * 11]
    assert line(page, FIRST + 2) == [
        1, "Diện tích trồng rừng mới tập trung", "ha", 1250, 625, "trong kỳ", *[None] * 6, "Thiếu số liệu",
    ]  # fmt: skip
    assert line(page, FIRST + 3) == [
        2, "Giá trị sản xuất", "tỷ đồng", 37500, 625, "lũy kế", *[None] * 6, "Không bắt buộc",
    ]  # fmt: skip


def test_the_head_names_unit_period_dates_and_counts(tmp_path):
    written(tmp_path, row(), OUTPUT)
    page = shown(tmp_path)
    assert page["A1"].value == "BIỂU NHẬP SỐ LIỆU – QUÝ III/2026"
    assert "082 – Huyện Bát Xát" in page["A2"].value
    assert "Chốt số liệu: 14/9/2026" in page["A2"].value
    assert "Hạn nộp: 17 giờ 00 ngày 16/9/2026" in page["A2"].value
    assert page["C4"].value == "Chính thức"
    assert page["M4"].value == "Đã nhập 0/2 · Cần sửa 2"


@pytest.mark.parametrize(
    ("accumulation", "heading"),
    [
        pytest.param("flow", "Thực hiện trong kỳ", id="a flow is given for the period"),
        pytest.param("cumulative", "Thực hiện lũy kế", id="a cumulative figure is given to date"),
        pytest.param("stock", "Hiện có cuối kỳ", id="a stock is given as it stands"),
        pytest.param("rate", "Thực hiện của năm", id="a rate is given for the year"),
        pytest.param("state", "Kết quả đến cuối kỳ", id="a state is given as reached"),
    ],
)
def test_the_heading_says_what_kind_of_figure_is_asked(tmp_path, accumulation, heading):
    page = written(tmp_path, row(accumulation=accumulation))[ENTRY]
    assert page[f"{column(page, 'value')}{HEADINGS}"].value == heading
    assert "Cách ghi" not in line(page, HEADINGS)


def test_numerator_and_denominator_are_asked_only_of_ratios(tmp_path):
    assert "Tử số" not in line(written(tmp_path, row())[ENTRY], HEADINGS)
    page = written(tmp_path, row(), WATER)[ENTRY]
    asked = {name: column(page, name) for name in ("numerator", "denominator", "value")}
    plain, ratio = FIRST + 2, FIRST + 3
    locked = {name: page[f"{letter}{plain}"].protection.locked for name, letter in asked.items()}
    assert locked == {"numerator": True, "denominator": True, "value": False}
    locked = {name: page[f"{letter}{ratio}"].protection.locked for name, letter in asked.items()}
    assert locked == {"numerator": False, "denominator": False, "value": True}


def test_groups_stand_by_period_then_programme_then_scheme(tmp_path):
    page = written(
        tmp_path,
        row("A"),
        row("B", period="2026-H2"),
        row("C", programme="Chương trình 2", scheme=""),
        row("D", scheme="Đề án 2"),
        row("E", scheme=""),
    )[ENTRY]
    code = column(page, "indicator")
    lines = [(page[f"A{n}"].value, page[f"{code}{n}"].value or page[f"B{n}"].value) for n in range(FIRST, 20)]
    assert lines[:12] == [
        ("A", "QUÝ III/2026"), ("I", "Chương trình 1"), (1, "E"), (None, "Đề án 1"), (2, "A"),
        (None, "Đề án 2"), (3, "D"), ("II", "Chương trình 2"), (4, "C"),
        ("B", "6 THÁNG CUỐI NĂM 2026"), ("I", "Chương trình 1"), (None, "Đề án 1"),
    ]  # fmt: skip
    periods = [page[f"{column(page, 'period')}{n}"].value for n in range(FIRST, 21)]
    assert [text for text in periods if text] == ["2026-Q3"] * 4 + ["2026-H2"]


def test_hidden_names_codes_and_keys_are_there_for_programs(tmp_path):
    book = written(tmp_path, row(), WATER)
    page = book[ENTRY]
    assert page.row_dimensions[HIDDEN_ROW].hidden
    fields = {cell.value for cell in page[HIDDEN_ROW]} - {None}
    assert fields == {
        "name", "measure", "target", "previous", "numerator", "denominator", "value", "state", "reason",
        "remedy", "note", "indicator", "period", "asks", "status", "qualifier",
    }  # fmt: skip
    for field in ("indicator", "period", "asks", "status", "qualifier"):
        group = next(d for d in page.column_dimensions.values() if _covers(d, column(page, field)))
        assert group.hidden
    assert [page[f"{column(page, 'indicator')}{n}"].value for n in (FIRST + 2, FIRST + 3)] == [
        "CT1.01",
        "CT1.02",
    ]
    assert {name: book[name].sheet_state for name in book.sheetnames} == {
        "Nhập số liệu": "visible",
        "Hướng dẫn": "visible",
        "Thông tin nộp": "visible",
        "_tiendo": "veryHidden",
        "_lists": "veryHidden",
    }
    keys = {name.value: value.value for name, value in book["_tiendo"].iter_rows()}
    assert tuple(keys) == KEY_NAMES
    assert (keys["unit"], keys["period"], keys["plan_version"]) == ("082", "2026-Q3", "3")
    assert is_signed(keys, [KEY])


def _covers(dimension: Any, letters: str) -> bool:
    number = openpyxl.utils.column_index_from_string(letters)
    return dimension.min <= number <= dimension.max


def test_a_template_without_a_key_is_unsigned(tmp_path):
    keys = {
        name.value: value.value for name, value in written(tmp_path, row(), key=None)["_tiendo"].iter_rows()
    }
    assert keys["signature"] is None


def test_only_yellow_cells_can_be_filled(tmp_path):
    page = written(tmp_path, row(), WATER)[ENTRY]
    assert page.protection.sheet
    assert page.protection.password is None
    cells = [cell for cells in page.iter_rows() for cell in cells]
    hidden = (column(page, "status"), column(page, "qualifier"))
    open_cells = {c.coordinate for c in cells if not c.protection.locked and c.column_letter not in hidden}
    yellow = {c.coordinate for c in cells if c.fill.fgColor.rgb == "FFFFF9D6"}
    assert open_cells == yellow
    fields = {page[f"{re.sub(r'[0-9]', '', place)}{HIDDEN_ROW}"].value for place in open_cells - {"C4"}}
    assert fields == {"value", "numerator", "denominator", "state", "reason", "remedy", "note"}


def test_each_figure_has_a_check_and_a_hint_with_last_periods_figure(tmp_path):
    page = written(
        tmp_path,
        row(),
        WATER,
        row("CT1.04", previous_texts="trên 60 ha (Quý II/2026)"),
        row("CT1.05", previous=None),
    )[ENTRY]
    hints = {str(v.sqref): v for v in page.data_validations.dataValidation}
    assert "Kỳ trước: 625 ha." in hints[f"{column(page, 'value')}10"].prompt
    assert "Kỳ trước: 43,3 %." in hints[f"{column(page, 'numerator')}11"].prompt
    assert "Kỳ trước: trên 60 ha (Quý II/2026)." in hints[f"{column(page, 'value')}12"].prompt
    assert "chưa có số liệu" in hints[f"{column(page, 'value')}13"].prompt
    assert hints[f"{column(page, 'numerator')}11"].type == "decimal"
    state = column(page, "state")
    assert hints[f"{state}8:{state}13"].formula1 == "td_states"
    assert hints["C4"].formula1 == "td_statuses"


def test_lists_are_named_ranges_of_the_words_of_the_labels(tmp_path):
    book = written(tmp_path, row())
    lists = {name: _range(book, name) for name in ("td_states", "td_statuses")}
    assert lists["td_states"] == [
        "Có số liệu", "Không phát sinh", "Chưa triển khai", "Chưa đến kỳ", "Không áp dụng",
    ]  # fmt: skip
    assert lists["td_statuses"] == ["Ước tính", "Sơ bộ", "Chính thức"]


def _range(book: openpyxl.Workbook, name: str) -> list[str]:
    title, area = next(iter(book.defined_names[name].destinations))
    return [cell.value for (cell,) in book[title][area]]


def test_the_note_on_a_name_gives_code_way_definition_and_source(tmp_path):
    note = written(tmp_path, row())[ENTRY]["B10"].comment.text
    assert "Mã: CT1.01" in note
    assert "Cách ghi: ghi số phát sinh trong kỳ" in note
    assert "Định nghĩa: Diện tích trồng mới đã nghiệm thu" in note
    assert "Nguồn số liệu: Sở Nông nghiệp và Môi trường" in note


STAGES = ("Phê duyệt quy hoạch", "Bàn giao mặt bằng", "Hoàn thành hạ tầng")
MILESTONE = {
    "accumulation": "state",
    "aggregation": "none",
    "type": "milestone",
    "measure": "mốc",
    "target": None,
}


@pytest.mark.parametrize(
    ("changes", "way", "heading"),
    [
        pytest.param(
            MILESTONE, "ghi 1 khi đã hoàn thành, 0 khi chưa", "Đã hoàn thành (1) hay chưa (0)", id="milestone"
        ),
        pytest.param(
            MILESTONE | {"stages": STAGES},
            "ghi số giai đoạn đã hoàn thành, 0 khi chưa có",
            "Số giai đoạn đã hoàn thành",
            id="a milestone in stages",
        ),
        pytest.param(MILESTONE | {"type": "rank"}, "ghi thứ hạng, 1 là cao nhất", "Thứ hạng", id="a rank"),
    ],
)
def test_a_place_in_an_order_says_what_to_write(tmp_path, changes, way, heading):
    book = written(tmp_path, row(**changes))
    page = book[ENTRY]
    value = column(page, "value")
    assert page[f"{value}{HEADINGS}"].value == heading
    assert f"Cách ghi: {way}" in page["B10"].comment.text
    (hint,) = [v for v in page.data_validations.dataValidation if str(v.sqref) == f"{value}10"]
    assert hint.promptTitle == heading
    assert way.capitalize()[:20] in hint.prompt
    guide = " ".join(str(cell.value) for cells in book["Hướng dẫn"].iter_rows() for cell in cells)
    assert way in guide


def test_the_stages_of_a_milestone_are_listed_with_their_numbers(tmp_path):
    page = written(tmp_path, row(**MILESTONE, stages=STAGES), row("CT1.02"))[ENTRY]
    listed = "1 = Phê duyệt quy hoạch\n2 = Bàn giao mặt bằng\n3 = Hoàn thành hạ tầng"
    assert listed in page["B10"].comment.text
    value = column(page, "value")
    (hint,) = [v for v in page.data_validations.dataValidation if str(v.sqref) == f"{value}10"]
    assert listed.replace("\n", "; ") in hint.prompt
    assert page["F10"].value == "số giai đoạn"
    assert page["F11"].value == "trong kỳ"


def test_many_stages_are_cut_to_what_a_hint_can_hold(tmp_path):
    stages = tuple(f"Hoàn thành hạng mục số {n} của công trình" for n in range(1, 21))
    page = written(tmp_path, row(**MILESTONE, stages=stages))[ENTRY]
    prompts = [
        v.prompt
        for v in page.data_validations.dataValidation
        if v.promptTitle == "Số giai đoạn đã hoàn thành"
    ]
    assert [len(prompt) for prompt in prompts] == [255]
    assert "20 = Hoàn thành hạng mục số 20 của công trình" in page["B10"].comment.text


def test_the_guide_begins_with_enable_editing(tmp_path):
    guide = written(tmp_path, row())["Hướng dẫn"]
    assert "Enable Editing / Cho phép chỉnh sửa" in guide["A1"].value
    texts = {cell.value for cells in guide.iter_rows() for cell in cells}
    assert "17 giờ 00 ngày 16/9/2026." in texts
    assert "Nguyễn Thị Hoa\n0214 3 840 000" in texts


CHECKS = [
    pytest.param({}, "Thiếu số liệu", id="an empty required row lacks its figure"),
    pytest.param({"required": False}, "Không bắt buộc", id="an empty row that need not be filled"),
    pytest.param({"value": 0}, "Hợp lệ", id="zero is a figure"),
    pytest.param({"value": "trên 60"}, "Hợp lệ", id="an approximate figure"),
    pytest.param({"value": "~60"}, "Hợp lệ", id="an approximate figure by its sign"),
    pytest.param({"value": "Không phát sinh"}, "Hợp lệ", id="a state typed into the figure's cell"),
    pytest.param({"value": "875 ha"}, "Sửa: không phải số", id="a figure with its unit of measure"),
    pytest.param({"value": "1.234,5"}, "Xem lại: số ghi dạng chữ", id="a number that is text"),
    pytest.param({"state": "Không phát sinh"}, "Hợp lệ", id="a state in place of a figure"),
    pytest.param({"state": "not_due"}, "Hợp lệ", id="a state given by its code"),
    pytest.param({"state": "Có số liệu"}, "Thiếu số liệu", id="a figure is announced but not given"),
    pytest.param({"state": "Có số liệu", "value": 5}, "Hợp lệ", id="a figure is announced and given"),
    pytest.param({"state": "Chưa triển khai", "value": 5}, "Sửa: vừa có số vừa chọn tình trạng", id="both"),
    pytest.param({"state": "Chưa rõ"}, "Sửa: tình trạng ngoài danh sách", id="a state that is none"),
    pytest.param({"value": 100, "reason_below": 60.0}, "Thiếu nguyên nhân", id="short of the plan"),
    pytest.param(
        {"value": 100, "reason_below": 60.0, "reason": "Mưa lũ"},
        "Thiếu giải pháp",
        id="a reason but no remedy",
    ),
    pytest.param(
        {"value": 200, "reason_below": 60.0}, "Hợp lệ", id="not short: a flow adds to what was before"
    ),
    pytest.param(
        {"accumulation": "cumulative", "value": 600},
        "Xem lại: nhỏ hơn kỳ trước",
        id="a figure to date that fell",
    ),
    pytest.param(
        {"accumulation": "cumulative", "value": 600, "note": "đính chính"},
        "Hợp lệ",
        id="a fall that is explained",
    ),
    pytest.param(
        {"measure": "%", "accumulation": "stock", "value": 0.125},
        "Xem lại: 12,5% ghi là 12,5",
        id="12,5% typed",
    ),
    pytest.param({"ratio": True, "numerator": 5}, "Thiếu mẫu số", id="a ratio without denominator"),
    pytest.param({"ratio": True, "denominator": 5}, "Thiếu tử số", id="a ratio without numerator"),
    pytest.param(
        {"ratio": True, "numerator": 5, "denominator": 0}, "Sửa: mẫu số bằng 0", id="divided by zero"
    ),
    pytest.param(
        {"ratio": True, "numerator": "x", "denominator": 5}, "Sửa: không phải số", id="a part that is text"
    ),
    pytest.param({"ratio": True, "numerator": 5, "denominator": 9}, "Hợp lệ", id="a ratio with both parts"),
]


@pytest.mark.parametrize(("changes", "result"), CHECKS)
def test_the_check_column_says_what_is_wrong(tmp_path, changes, result):
    written(tmp_path, row(**changes))
    assert line(shown(tmp_path), FIRST + 2)[-1] == result


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice recalculates the formulas")
def test_formulas_give_the_results_that_are_written_with_them(tmp_path):
    rows = [row(f"CT{n}") | dict(case.values[0]) for n, case in enumerate(CHECKS)]
    bare = written(tmp_path, *rows)
    (tmp_path / "bare").mkdir()
    bare.save(tmp_path / "bare" / "Mau.xlsx")  # openpyxl keeps formulas and drops their results
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", tmp_path / "new"]
    subprocess.run([*command, tmp_path / "bare" / "Mau.xlsx"], check=True, capture_output=True, timeout=120)
    expected, counted = shown(tmp_path), shown(tmp_path / "new")
    ours = [
        (c.coordinate, c.value)
        for cells in bare[ENTRY]
        for c in cells
        if c.data_type == "f" and c.row > RULES
    ]
    results = {place: expected[place].value or "" for place, _ in ours}
    assert {place: counted[place].value or "" for place, _ in ours} == pytest.approx(results)


RULES = 3  # its decimal mark is that of the machine


def test_every_formula_is_of_excel_2007_and_has_its_result(tmp_path):
    filled = [row(value=5.0), WATER | {"numerator": 1.0, "denominator": 3.0}, OUTPUT | {"value": 650.0}]
    book = written(tmp_path, *filled)
    page, results = book[ENTRY], shown(tmp_path)
    formulas = [cell for cells in page.iter_rows() for cell in cells if cell.data_type == "f"]
    known = {
        "ABS", "AND", "COUNTIF", "IF", "INDEX", "ISNA", "ISNUMBER", "LEFT", "LEN", "LOWER", "MATCH", "MID",
        "N", "SUBSTITUTE", "SUMPRODUCT",
    }  # fmt: skip
    used = {name for cell in formulas for name in re.findall(r"([A-Z][A-Z.0-9]*)\(", str(cell.value))}
    assert used <= known
    assert all(results[cell.coordinate].value is not None for cell in formulas)
    assert results[f"{column(page, 'value')}11"].value == pytest.approx(100 / 3)
    percent = line(results, HEADINGS).index("% kế hoạch")
    shares = [results.cell(n, percent + 1).value for n in (10, 11, 12)]
    assert shares == pytest.approx([630 / 1250, 100 / 3 / 86.5, 650 / 37500])


@pytest.mark.parametrize(
    "text", ["=1+1", "{=1+1}", "+1", "http://example.org", "mailto:a@b.vn", "internal:A1", "12"]
)
def test_texts_of_the_plan_stay_texts(tmp_path, text):
    fields = ("name", "measure", "programme", "scheme", "definition", "data_source", "previous_texts")
    book = written(tmp_path, row(**dict.fromkeys(fields, text), reason=text), unit_name=text, contact=(text,))
    formulas = {c.value for page in book for cells in page.iter_rows() for c in cells if c.data_type == "f"}
    assert all(text not in str(formula) for formula in formulas if text != "12")
    assert book[ENTRY]["B10"].value == text
    assert book[ENTRY]["B10"].data_type == "s"
    assert not any(page._hyperlinks for page in book)


def test_a_template_of_404_rows_is_small(tmp_path):
    write_template(tmp_path / "Mau.xlsx", sheet(many(404)))
    assert (tmp_path / "Mau.xlsx").stat().st_size <= 300 * 1024


def test_the_same_sheet_gives_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_template(tmp_path / name, sheet(many(12)))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    core = zipfile.ZipFile(tmp_path / "a.xlsx").read("docProps/core.xml").decode()
    assert "2026-09-01T08:00:00Z" in core


def test_it_prints_on_a4_landscape_with_headings_on_each_page(tmp_path):
    page = written(tmp_path, row())[ENTRY]
    assert (page.page_setup.orientation, page.page_setup.paperSize, page.page_setup.fitToHeight) == (
        "landscape",
        9,
        0,
    )
    assert page.print_title_rows == "$6:$7"
    assert page.freeze_panes == "C8"
    fonts = {cell.font.name for cells in page.iter_rows() for cell in cells if cell.value is not None}
    assert fonts == {"Times New Roman"}


def test_an_english_template_speaks_english(tmp_path):
    write_template(tmp_path / "Mau.xlsx", sheet([row()], locale="en"))
    page = openpyxl.load_workbook(tmp_path / "Mau.xlsx", data_only=True)["Figures"]
    assert line(page, HEADINGS)[:4] == ["No.", "Indicator", "Measure", "Year's plan"]
    assert line(page, FIRST + 2)[-1] == "Missing figure"


def test_what_would_be_lost_is_an_error_and_leaves_no_file(tmp_path):
    with pytest.raises(TiendoError, match=r"B10"):
        write_template(tmp_path / "Mau.xlsx", sheet([row(name="x" * 40_000)]))
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_an_error_and_what_was_there_stays(tmp_path):
    (tmp_path / "Mau.xlsx").mkdir()
    with pytest.raises(TiendoError, match="cannot be written"):
        write_template(tmp_path / "Mau.xlsx", sheet([row()]))
    assert [path.name for path in tmp_path.iterdir()] == ["Mau.xlsx"]


def test_a_sheet_without_a_needed_column_is_refused():
    with pytest.raises(TiendoError, match="accumulation"):
        sheet([{name: value for name, value in row().items() if name != "accumulation"}])


texts = st.text(max_size=12)
keys_of_a_template = st.fixed_dictionaries(dict.fromkeys(KEY_NAMES[:-1], texts))


@given(keys=keys_of_a_template, name=st.sampled_from(KEY_NAMES[:-1]), other=texts)
def test_a_signature_holds_for_its_own_keys_only(keys, name, other):
    signed = keys | {"signature": sign(keys, KEY)}
    assert is_signed(signed, [KEY])
    assert not is_signed(signed, [b"another key"])
    assert is_signed(signed | {name: other}, [KEY]) == (other == keys[name])


def test_the_first_workbook_of_a_process_has_the_same_bytes_as_the_next(tmp_path):
    script = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from pathlib import Path\n"
        "from sheet_samples import row, sheet\n"
        "from tasks.template.template_book import write_template\n"
        "for name in ('a', 'b'):\n"
        "    write_template(Path(sys.argv[1]) / f'{name}.xlsx', sheet([row()]))\n"
    )
    root = Path(__file__).resolve().parent.parent
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=root, check=True)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
