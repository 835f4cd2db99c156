"""The plan written out and read again: nothing is lost, nothing is guessed, and people can fill it in."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from console.main import main
from tasks.office.plan_export import export_plan
from tasks.office.plan_files import COLUMNS, GUIDE, LISTS, read_plan_folder
from tasks.office.plan_guide import EMPTY_WORKBOOK
from tasks.office.plan_workbook import write_plan_workbook
from tiendo.errors import InputError, PlanError
from tiendo.plan import Plan, read_plan
from tiendo.plan_tables import TABLES
from tiendo.plan_words import column_lines, missing_words
from warehouse.plan_store import load_plan, store_plan

EXAMPLES = Path(__file__).parent.parent / "tasks" / "example"
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
FORMS = [pytest.param("plan.xlsx", id="workbook"), pytest.param("plan", id="tables")]

Rows = Mapping[str, list[dict[str, str]]]


def plan_of(rows: Rows) -> Plan:
    """The small plan with more rows; a row with a code that is there already takes its place."""
    raw = read_plan_folder(EXAMPLES / "small" / "plan")
    for name, more in rows.items():
        raw[name] = pd.concat([raw.get(name, pd.DataFrame()), pd.DataFrame(more)], ignore_index=True).fillna(
            ""
        )
    return read_plan(raw)


def written(plan: Plan, out: Path) -> Plan:
    export_plan(plan.tables, out)
    return read_plan(read_plan_folder(out))


def indicator(code: str, **more: str) -> dict[str, str]:
    usual = {"name": "x", "unit": "ha", "frequency": "year", "accumulation": "stock", "aggregation": "none"}
    return {"code": code, "type": "ratio", "reported_by": "XA01", **usual, **more}


TEXTS = [
    "080",
    "1e5",
    "=1+1",
    "+84 214",
    "@vp",
    "-5",
    "'080",
    'Bát Xát, "huyện" vùng cao',
    "dòng một\ndòng hai",
    "dòng một\r\ndòng hai\rba",
    "a;b",
    "Tie\u0302\u0301n đo\u0323\u0302",
    "_x000D_ _x0041_",
    "a\x0bb\x01c",
    "<b>&amp;</b>",
    "TRUE",
    "yes",
    "2013-12-31",
    "57,5%",
    "#REF!",
    "NaN",
    "null",
    "tab\tbên trong",
    "😀",
    "x" * 32_767,
]
NUMBERS = [
    "0.1",
    "1e-7",
    "123456789.123",
    "1234567890123",
    "0.30000000000000004",
    "-0",
    "1e300",
    "5e-324",
    "0",
]
DAYS = ["2013-12-31", "1900-01-15", "1900-03-01", "1789-07-14", "9999-12-31"]

LOSSLESS: list[Any] = [
    *[
        pytest.param({"programmes": [{"code": "N", "name": text}]}, id=f"text {text[:20]!r}")
        for text in TEXTS
    ],
    *[
        pytest.param({"programmes": [{"code": "N", "name": "x", "order": text}]}, id=f"number {text}")
        for text in NUMBERS
    ],
    *[
        pytest.param(
            {
                "responsibilities": [
                    {"officer": "vp", "role": "head", "scope": "unit", "code": "XA01", "valid_to": day}
                ]
            },
            id=f"day {day}",
        )
        for day in DAYS
    ],
    pytest.param(
        {"org_units": [{"code": code, "name": "x", "level": "l"} for code in ("080", "1e5")]}, id="codes"
    ),
    pytest.param(
        {"indicators": [indicator("Z", scheme="DA01; DA02", flags="corridor;geometric", counts="no")]},
        id="lists",
    ),
    pytest.param(
        {
            "rounds": [{"code": "r", "name": "x", "period": "2026-03", "kind": "final", "asks": "outlook"}],
            "assignments": [{"code": "a", "name": "x", "lead_agency": "SNN", "due_kind": "standing"}],
            "deadlines": [{"level": "commune", "frequency": "year", "due": "cutoff+2wd", "hour": "17"}],
        },
        id="tables that the small plan leaves empty",
    ),
    pytest.param(
        {"programmes": [{"code": code, "name": "x"} for code in ("Z", "B", "010", "A", "1")]},
        id="order of rows",
    ),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rows", LOSSLESS)
def test_an_exported_plan_is_the_same_plan(tmp_path: Path, rows: Rows, form: str) -> None:
    plan = plan_of(rows)
    assert written(plan, tmp_path / form).digest == plan.digest


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("example", ["small", "province"])
def test_an_example_is_exported_whole_and_always_with_the_same_bytes(
    tmp_path: Path, example: str, form: str
) -> None:
    plan = read_plan(read_plan_folder(EXAMPLES / example / "plan"))
    assert written(plan, tmp_path / form).digest == plan.digest
    export_plan(plan.tables, tmp_path / "again" / form)
    first = sorted(path for path in [tmp_path / form, *(tmp_path / form).glob("*")] if path.is_file())
    assert [(tmp_path / "again" / path.relative_to(tmp_path)).read_bytes() for path in first] == [
        path.read_bytes() for path in first
    ]


cell_texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffe\uffff"), max_size=30
)
cell_numbers = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(st.tuples(cell_texts, cell_numbers, st.dates(date(1000, 1, 1))), min_size=1, max_size=8))
def test_whatever_stands_in_a_plan_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float, date]]
) -> None:
    folder = tmp_path_factory.mktemp("plan")
    programmes = [
        {"code": f"N{number}", "name": text.strip() or "x", "order": repr(order)}
        for number, (text, order, _) in enumerate(rows)
    ]
    units = [
        {"code": f"N{number}", "name": "x", "level": text.strip() or "x", "valid_from": day.isoformat()}
        for number, (text, _, day) in enumerate(rows)
    ]
    plan = plan_of({"programmes": programmes, "org_units": units})
    for out in (folder / "plan.xlsx", folder / "plan"):
        assert written(plan, out).digest == plan.digest


@pytest.mark.parametrize("form", FORMS)
def test_loading_an_exported_plan_makes_no_new_version(engine: Engine, tmp_path: Path, form: str) -> None:
    names = [{"code": f"N{place}", "name": text} for place, text in enumerate(TEXTS)]
    names += [{"code": f"M{place}", "name": "x", "order": number} for place, number in enumerate(NUMBERS)]
    store_plan(engine, plan_of({"programmes": names}), NOW, "test")
    again = written(load_plan(engine).plan, tmp_path / form)
    stored = store_plan(engine, again, NOW, "test")
    assert (stored.version, stored.changed) == (1, False)


# What export refuses.


def a_file(path: Path) -> Path:
    path.write_text("something")
    return path


def a_full_folder(path: Path) -> Path:
    path.mkdir()
    a_file(path / "note.txt")
    return path


def an_empty_folder(path: Path) -> Path:
    path.mkdir()
    return path


REFUSED_OUT: list[Any] = [
    pytest.param(lambda tmp: a_file(tmp / "p.xlsx"), "đã có nội dung", id="workbook that is there"),
    pytest.param(lambda tmp: a_full_folder(tmp / "p"), "đã có nội dung", id="folder with something in it"),
    pytest.param(lambda tmp: a_file(tmp / "p"), "không phải thư mục", id="file"),
    pytest.param(
        lambda tmp: an_empty_folder(tmp / "p.xlsx"), "là một thư mục", id="folder named as a workbook"
    ),
    pytest.param(lambda tmp: tmp / "p.ods", "không phải thư mục", id="another kind of file"),
    pytest.param(
        lambda tmp: a_file(tmp / "f") / "p.xlsx", "không (đọc|ghi) được", id="workbook below a file"
    ),
    pytest.param(
        lambda _: Path("/proc/x/p.xlsx"), "không ghi được", id="workbook where nothing can be written"
    ),
    pytest.param(lambda _: Path("/proc/x"), "không ghi được", id="folder where nothing can be written"),
]


@pytest.mark.parametrize(("make", "said"), REFUSED_OUT)
def test_a_plan_is_not_exported_over_anything(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    out = make(tmp_path)
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}
    with pytest.raises(InputError, match=said) as error:
        export_plan(plan_of({}).tables, out)
    assert str(out) in str(error.value)
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")} == before


def test_an_empty_folder_and_an_empty_file_may_be_exported_to(tmp_path: Path) -> None:
    plan = plan_of({})
    assert written(plan, an_empty_folder(tmp_path / "p")).digest == plan.digest
    (tmp_path / "p.xlsx").touch()
    assert written(plan, tmp_path / "p.xlsx").digest == plan.digest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("x" * 32_768, "32768 ký tự", id="a letter too many"),
        pytest.param("😀" * 16_384, "32768 ký tự", id="letters that count twice"),
        pytest.param("a\ufffeb", "không ghi được", id="a letter that no file holds"),
    ],
)
def test_a_text_that_no_cell_holds_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    plan = plan_of({"programmes": [{"code": "N", "name": text}]})
    with pytest.raises(InputError, match=rf"bảng programmes dòng \d+, cột name: .*{said}"):
        export_plan(plan.tables, tmp_path / "p.xlsx")
    assert not list(tmp_path.iterdir())
    assert written(plan, tmp_path / "p").digest == plan.digest, "tables hold it"


def test_export_says_what_it_wrote_or_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root, out = tmp_path / "w", tmp_path / "out.xlsx"
    assert main(["init", str(root)]) == 0
    assert EMPTY_WORKBOOK in capsys.readouterr().err
    here = ["--workspace", str(root)]
    assert main([*here, "plan", "export", str(out)]) == 2
    assert "chưa có kế hoạch nào" in capsys.readouterr().err
    assert main([*here, "plan", "load"]) == 0
    for target in (out, tmp_path / "tables"):
        capsys.readouterr()
        assert main([*here, "plan", "export", str(target)]) == 0
        assert f"đã xuất bản 1 ra {target}" in capsys.readouterr().err
        assert main([*here, "plan", "load", str(target)]) == 0
        assert "không đổi, vẫn là bản 1" in capsys.readouterr().err
        assert main([*here, "plan", "export", str(target)]) == 2


# The workbook as people find it.


def test_every_table_column_and_choice_has_its_words_and_none_is_superfluous() -> None:
    assert missing_words() == []


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / EMPTY_WORKBOOK
    write_plan_workbook(path, {})
    return path


def test_the_workbook_has_a_guide_a_sheet_a_table_and_hidden_lists(empty: Path) -> None:
    book = openpyxl.load_workbook(empty)
    assert book.sheetnames == [GUIDE, COLUMNS, *TABLES, LISTS]
    assert [sheet.title for sheet in book if sheet.sheet_state != "visible"] == [LISTS]
    assert book.active is not None
    assert book.active.title == GUIDE
    told = " ".join(str(cell.value) for row in book[GUIDE] for cell in row)
    assert all(
        word in told for word in ("tiendo plan check", "tiendo plan load", "plan/plan.xlsx", EMPTY_WORKBOOK)
    )


@pytest.mark.parametrize("name", TABLES)
def test_a_sheet_says_how_its_columns_are_filled(empty: Path, name: str) -> None:
    book = openpyxl.load_workbook(empty)
    sheet = book[name]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref
    required = {cell.value for cell in sheet[1] if cell.fill.fgColor.rgb == "FF8B1A1A"}
    assert required == {column.name for column in TABLES[name].columns if column.required}
    validations = {str(each.sqref).split(":")[0][:-1]: each for each in sheet.data_validations.dataValidation}
    for cell, column in zip(sheet[1], TABLES[name].columns, strict=True):
        assert cell.value == column.name
        assert cell.font.b
        assert cell.comment is not None
        assert cell.comment.text.split("\n") == column_lines(name, column)
        dimensions = sheet.column_dimensions.values()
        (form,) = (each.number_format for each in dimensions if each.min <= cell.column <= each.max)
        numbers = column.kind in ("number", "integer")
        assert form == ("yyyy-mm-dd" if column.kind == "date" else "General" if numbers else "@")
        rule = validations.get(cell.column_letter)
        if column.kind == "yes_no" or column.choices:
            assert rule is not None
            area = rule.formula1.removeprefix("=").partition("!")[2].replace("$", "")
            offered = [row[0].value for row in book[LISTS][area]]
            assert offered == list(column.choices or ("yes", "no"))
            assert bool(rule.showErrorMessage) == (column.kind != "list"), "several may be typed"
        assert (rule is None) == (
            column.kind in ("text", "span", "list") and not (column.choices or column.to)
        )


def test_texts_are_never_formulas_and_days_are_days(tmp_path: Path) -> None:
    names = [{"code": f"N{place}", "name": text} for place, text in enumerate(("=1+1", "+1", "@x", "080"))]
    write_plan_workbook(tmp_path / "p.xlsx", plan_of({"programmes": names}).tables)
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    cells = [row[1] for row in book["programmes"].iter_rows(min_row=2)][-4:]
    assert [(cell.data_type, cell.value) for cell in cells] == [
        ("s", text) for text in ("=1+1", "+1", "@x", "080")
    ]
    assert book["term"]["D2"].value == datetime(2026, 1, 1)  # noqa: DTZ001
    assert isinstance(book["targets"]["G2"].value, int | float)


def test_an_unfilled_workbook_is_told_what_it_lacks(empty: Path) -> None:
    with pytest.raises(PlanError, match="đúng một nhiệm kỳ"):
        read_plan(read_plan_folder(empty))


FILLED: dict[str, list[dict[str, object]]] = {
    "term": [
        {
            "code": "N1",
            "name": "Nhiệm kỳ",
            "authority": "10",
            "starts": date(2026, 1, 1),
            "ends": "2030-12-31",
        }
    ],
    "org_units": [
        {"code": "10", "name": "Tỉnh", "level": "province"},
        {"code": "080", "name": "Xã, một", "level": "commune", "parent": "10", "reports": "yes"},
        {"code": "1e5", "name": "Xã hai", "level": "commune", "parent": "10", "reports": "yes"},
    ],
    "indicators": [
        {**indicator("A", reported_by="tier", aggregation="sum"), "decimals": 1, "resolution": True},
    ],
    "targets": [{"indicator": "A", "span": "2026-03", "target": 57.5, "text": "trên 57,5%", "unit": "080"}],
}


def fill(source: Path, target: Path) -> Path:
    """Fills the sheets in as another program does, by the headings in row 1."""
    book = openpyxl.load_workbook(source)
    for name, rows in FILLED.items():
        place = {cell.value: cell.column for cell in book[name][1]}
        for number, row in enumerate(rows, 2):
            for column, value in row.items():
                book[name].cell(number, place[column], value)  # type: ignore[arg-type]
    book.save(target)
    return target


def texts_of(rows: list[dict[str, object]]) -> list[dict[str, str]]:
    return [{name: "yes" if value is True else str(value) for name, value in row.items()} for row in rows]


def expected_plan() -> Plan:
    return read_plan({name: pd.DataFrame(texts_of(rows)).fillna("") for name, rows in FILLED.items()})


def test_a_copy_filled_by_another_program_is_the_plan_that_was_typed(empty: Path, tmp_path: Path) -> None:
    plan = read_plan(read_plan_folder(fill(empty, tmp_path / "p.xlsx")))
    assert plan.digest == expected_plan().digest


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_copy_saved_by_libreoffice_is_the_plan_that_was_typed(empty: Path, tmp_path: Path) -> None:
    filled = fill(empty, tmp_path / "p.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    words = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path / "out"),
        str(filled),
    ]
    subprocess.run(words, check=True, capture_output=True, timeout=180)
    assert read_plan(read_plan_folder(tmp_path / "out" / "p.xlsx")).digest == expected_plan().digest


# Workbooks as people make them, and what is wrong with them.


def small_workbook(path: Path, change: Callable[[openpyxl.Workbook], None]) -> Path:
    write_plan_workbook(path, plan_of({}).tables)
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def setting(
    name: str, cell: str, value: object, number_format: str = ""
) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        book[name][cell] = value
        if number_format:
            book[name][cell].number_format = number_format

    return change


def titled(book: openpyxl.Workbook) -> None:
    book["targets"].insert_rows(1)
    book["targets"]["A1"] = "MỤC TIÊU"


def titled_and_merged(book: openpyxl.Workbook) -> None:
    titled(book)
    book["targets"].merge_cells("A1:D1")


def merged_down(book: openpyxl.Workbook) -> None:
    book["targets"].merge_cells("A2:A3")


def more_sheets(book: openpyxl.Workbook) -> None:
    book.create_sheet("Trang tính2")
    book.create_sheet("nhap")["A1"] = "x"


def error_alone(book: openpyxl.Workbook) -> None:
    book.create_sheet("nhap")["A1"] = "#N/A"


FAULTS: list[Any] = [
    pytest.param(setting("targets", "G3", "=1/0"), ("targets", 3, "target"), "chưa có kết quả", id="formula"),
    pytest.param(setting("targets", "O3", "#REF!"), ("targets", 3, "text"), "báo lỗi #REF!", id="error"),
    pytest.param(
        setting("targets", "Z3", "#N/A"), ("targets", 3, "Z"), "báo lỗi #N/A", id="error beside the table"
    ),
    pytest.param(error_alone, ("nhap", 1, "A"), "báo lỗi #N/A", id="error alone in a sheet"),
    pytest.param(titled, ("targets", 1, ""), "tên các cột ở dòng 2", id="title"),
    pytest.param(titled_and_merged, ("targets", 1, "MỤC TIÊU"), "bị gộp", id="merged title"),
    pytest.param(merged_down, ("targets", 2, "indicator"), "bị gộp", id="merged rows"),
    pytest.param(more_sheets, ("nhap", 0, ""), "không phải bảng", id="unknown sheet"),
    pytest.param(
        setting("targets", "Q3", "x"), ("targets", 3, ""), "nhiều ô hơn", id="cell beside the table"
    ),
    pytest.param(
        setting("targets", "C2", date(2026, 3, 1)),
        ("targets", 2, "span"),
        "ngày giờ (2026-03-01)",
        id="span as a day",
    ),
    pytest.param(
        setting("term", "E2", datetime(2030, 12, 31, 8)),  # noqa: DTZ001
        ("term", 2, "ends"),
        "2030-12-31T08:00:00",
        id="a day with an hour",
    ),
    pytest.param(
        setting("term", "E2", 47848, "General"), ("term", 2, "ends"), "'47848'", id="a day as a number"
    ),
]


@pytest.mark.parametrize(("change", "place", "said"), FAULTS)
def test_what_would_be_lost_or_guessed_is_a_problem_with_its_place(
    tmp_path: Path, change: Callable[[openpyxl.Workbook], None], place: tuple[str, int, str], said: str
) -> None:
    with pytest.raises(PlanError) as error:
        read_plan(read_plan_folder(small_workbook(tmp_path / "p.xlsx", change)))
    found = error.value.problems
    at = found[(found.table == place[0]) & (found.row == place[1]) & (found.column == place[2])]
    assert len(at), found
    assert said in " ".join(at.problem)
    assert at.remedy.all()


HARMLESS: list[Any] = [
    pytest.param(lambda book: None, id="unchanged"),
    pytest.param(setting("targets", "A500", " "), id="blanks far below"),
    pytest.param(setting("targets", "AB3", ""), id="nothing far to the right"),
    pytest.param(setting("targets", "G2", 300, "0%"), id="percent form: the number as stored"),
    pytest.param(setting("indicators", "E2", False), id="truth"),
    pytest.param(lambda book: book.create_sheet("Trang tính2"), id="empty sheet"),
    pytest.param(lambda book: book.remove(book["rounds"]), id="optional table left out"),
    pytest.param(setting(GUIDE, "A40", "ghi chú riêng"), id="note in the guide"),
    pytest.param(setting(COLUMNS, "H2", "#REF!"), id="error in a sheet that is no table"),
]


@pytest.mark.parametrize("change", HARMLESS)
def test_what_says_nothing_changes_nothing(
    tmp_path: Path, change: Callable[[openpyxl.Workbook], None]
) -> None:
    path = small_workbook(tmp_path / "p.xlsx", change)
    assert read_plan(read_plan_folder(path)).digest == plan_of({}).digest


@pytest.mark.parametrize(
    ("cell", "code"), [pytest.param(80, "080", id="080 as a number"), pytest.param(1.1, "1.10", id="1.10")]
)
def test_a_code_that_became_a_number_is_told_with_the_code_meant(
    tmp_path: Path, cell: float, code: str
) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["org_units"].append([code, "Xã", "commune"])
        book["targets"]["B3"] = cell

    with pytest.raises(PlanError) as error:
        read_plan(read_plan_folder(small_workbook(tmp_path / "p.xlsx", change)))
    (found,) = error.value.problems.to_dict("records")
    assert (found["table"], found["row"], found["column"]) == ("targets", 3, "unit")
    assert f"có phải là {code!r}?" in found["remedy"]
    assert "Text" in found["remedy"]


def with_first_table(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """A workbook with the XML of its first table changed."""
    source = path.with_name("source.xlsx")
    write_plan_workbook(source, {})
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == "xl/worksheets/sheet3.xml" else content)
    return path


def with_sheet(xml: str) -> Callable[[Path], Path]:
    """Gives a workbook whose first table holds this XML."""

    def changed(content: bytes) -> bytes:
        return re.sub(rb"<sheetData>.*</sheetData>", xml.encode(), content, flags=re.DOTALL)

    return lambda path: with_first_table(path, changed)


def cut_off(path: Path) -> Path:
    return with_first_table(path, lambda content: content[: content.index(b"</row>")])


def spoiled(path: Path) -> Path:
    write_plan_workbook(path, {})
    content = bytearray(path.read_bytes())
    content[2000:2100] = b"\xff" * 100
    path.write_bytes(content)
    return path


def bomb(path: Path) -> Path:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/workbook.xml", "w") as part,
    ):
        for _ in range(210):
            part.write(bytes(2**20))
    return path


def another_archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
    return path


def old_office(path: Path) -> Path:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    return path


FAR = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'
HOSTILE: list[Any] = [
    pytest.param(spoiled, "không mở được", id="spoiled"),
    pytest.param(bomb, "khi mở nén", id="bomb"),
    pytest.param(another_archive, "không mở được", id="another archive"),
    pytest.param(old_office, "mật khẩu", id="old or locked"),
    pytest.param(
        with_sheet(FAR.format(row=1048576, cell="XFD1048576")),
        "XFD1048576, ngoài giới hạn",
        id="a cell far away",
    ),
    pytest.param(cut_off, "thiếu phần cuối", id="sheet cut off"),
    pytest.param(with_sheet("<sheetData><row><c><v>1</row>"), "không mở được", id="broken XML"),
    pytest.param(
        with_sheet("<sheetData>" + "<c " * 300_000 + "</sheetData>"), "không mở được", id="endless tag"
    ),
]


@pytest.mark.parametrize(("make", "said"), HOSTILE)
def test_a_hostile_workbook_is_refused_in_one_sentence(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    path = make(tmp_path / "p.xlsx")
    with pytest.raises(InputError, match=said):
        read_plan_folder(path)
