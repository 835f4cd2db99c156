"""Locked cells: what a template says by itself is held against the plan and the warehouse, not believed."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from collecting import NOW, collected, drop, figures, quarter, rows_of
from intake_samples import instant
from openpyxl.worksheet.worksheet import Worksheet

from tasks.example.filling import fill_template
from tasks.office.plan_files import read_plan_folder
from tasks.office.workspace import Workspace
from tasks.templates import issue_templates
from tiendo.periods import Period
from tiendo.plan import read_plan
from warehouse.plan_store import store_plan
from warehouse.schema import finding

Q4 = "2013-Q4"
FIGURES = [(Q4, "CHE", 100), (Q4, "VIEC", 7), ("2013-H2", "XNK", 5), ("2013", "VON", 100)]
FIGURES += [("2013", "VON-NS", 60), ("2013", "VON-DN", 40)]
RATIO = {"period": Q4, "indicator": "NUOC", "numerator": "45", "denominator": "50"}


def filled(office: Workspace, folder: Path) -> Path:
    """The template of 080 for the last quarter of 2013, filled and complete."""
    (template,) = issue_templates(office, Period.parse(Q4), ["080"], folder / "out", NOW)
    entries = pd.DataFrame(FIGURES, columns=["period", "indicator", "value"]).astype(str)
    fill_template(template, pd.concat([entries, pd.DataFrame([RATIO])]).fillna(""), folder / "Mau.xlsx")
    return folder / "Mau.xlsx"


def places(sheet: Worksheet) -> tuple[dict[str, int], dict[str, int]]:
    """Column of each field and row of each indicator of a template."""
    head = next(row for row in sheet.iter_rows() if any(cell.value == "indicator" for cell in row))
    fields = {str(cell.value): cell.column for cell in head if cell.value}
    codes = (sheet.cell(row, fields["indicator"]).value for row in range(1, sheet.max_row + 1))
    return fields, {str(code): row for row, code in enumerate(codes, 1) if code}


def cell(sheet: Worksheet, indicator: str, field: str) -> "openpyxl.cell.cell.Cell":
    fields, rows = places(sheet)
    return sheet.cell(rows[indicator], fields[field])  # type: ignore[return-value]


def swap_names(sheet: Worksheet) -> None:
    """Sorted by what is seen alone: the hidden codes stay where they were."""
    first, second = (cell(sheet, code, "name") for code in ("CHE", "VIEC"))
    first.value, second.value = second.value, first.value


def put(indicator: str, field: str, value: object) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        cell(sheet, indicator, field).value = value  # type: ignore[assignment]

    return change


@pytest.mark.parametrize(
    ("change", "found", "loaded"),
    [
        pytest.param(lambda sheet: None, [], {"CHE", "VIEC", "NUOC", "VON"}, id="nothing"),
        pytest.param(
            swap_names, [("CHE", "error"), ("VIEC", "error")], {"NUOC", "VON"}, id="names of other rows"
        ),
        pytest.param(
            put("CHE", "name", "Diện tích cà phê"), [("CHE", "error")], {"VIEC", "NUOC", "VON"}, id="another name"
        ),
        pytest.param(put("CHE", "name", "DIỆN TÍCH  CHÈ"), [], {"CHE", "VIEC", "NUOC", "VON"}, id="the same name"),
        pytest.param(
            put("VIEC", "measure", "nghìn người"), [("VIEC", "error")], {"CHE", "NUOC", "VON"}, id="another measure"
        ),
        pytest.param(
            put("VON", "target", 90), [("VON", "warning")], {"CHE", "VIEC", "NUOC", "VON"}, id="another plan"
        ),
    ],
)  # fmt: skip
def test_what_a_changed_locked_cell_means(
    office: Workspace,
    tmp_path: Path,
    change: Callable[[Worksheet], None],
    found: list[tuple[str, str]],
    loaded: set[str],
) -> None:
    # 080 alone owes VON here, so that the authority's plan of the year is its own.
    indicators = (office.root / "plan" / "indicators.csv").read_text()
    (office.root / "plan" / "indicators.csv").write_text(
        indicators.replace("VON,tier,,", "VON,080,,").replace("ratio,,tier,,1", "ratio,,080,,1")
    )
    store_plan(office.engine, read_plan(read_plan_folder(office.root / "plan")), NOW, "test")
    book = openpyxl.load_workbook(filled(office, tmp_path))
    change(book.worksheets[0])
    book.save(tmp_path / "changed.xlsx")
    drop(office, "080", "Mau.xlsx", (tmp_path / "changed.xlsx").read_bytes())
    collected(office)
    told = rows_of(office, finding)
    told = told[told.code == "locked_cell_changed"]
    assert list(zip(told.indicator, told.severity, strict=True)) == found
    assert told.cell.str.fullmatch("[A-Z]+[0-9]+").all()
    taken = {**figures(office), **figures(office, period="2013")}
    assert {
        code for code, number in taken.items() if number == number and not code.startswith("VON-")
    } == loaded


def test_a_figure_corrected_since_the_template_was_issued_is_only_said(
    office: Workspace, tmp_path: Path
) -> None:
    drop(office, "080", "quy3.csv", quarter(90, period="2013-Q3"))
    collected(office, instant("2013-10-08 08:00"))
    template = filled(office, tmp_path)
    drop(office, "080", "quy3.csv", quarter(95, period="2013-Q3"))
    collected(office, instant("2013-12-30 08:00"))
    drop(office, "080", "Mau.xlsx", template.read_bytes())
    assert collected(office).verdict.tolist() == ["accepted"]
    told = rows_of(office, finding).iloc[-1]
    assert (told.code, told.severity, told.indicator, told.found) == (
        "locked_cell_changed",
        "info",
        "CHE",
        "90",
    )
    assert "95" in told.message


def test_of_an_older_template_only_a_name_of_another_indicator_is_wrong(
    office: Workspace, tmp_path: Path
) -> None:
    template = filled(office, tmp_path)
    plan = office.root / "plan" / "indicators.csv"
    plan.write_text(plan.read_text().replace("Diện tích chè", "Diện tích chè trồng mới"))
    store_plan(office.engine, read_plan(read_plan_folder(office.root / "plan")), NOW, "test")
    drop(office, "080", "Mau.xlsx", template.read_bytes())
    assert collected(office).verdict.tolist() == ["accepted_with_warnings"]
    assert rows_of(office, finding).code.tolist() == ["old_template"]


def test_of_an_older_template_an_indicator_reported_in_another_way_today_is_not_taken(
    office: Workspace, tmp_path: Path
) -> None:
    template = filled(office, tmp_path)
    plan = office.root / "plan" / "indicators.csv"
    plan.write_text(
        plan.read_text().replace(
            "VIEC,Việc làm mới,CT1,người,quarter,flow", "VIEC,Việc làm mới,CT1,người,quarter,cumulative"
        )
    )
    store_plan(office.engine, read_plan(read_plan_folder(office.root / "plan")), NOW, "test")
    drop(office, "080", "Mau.xlsx", template.read_bytes())
    assert collected(office).verdict.tolist() == ["returned"]
    told = rows_of(office, finding).set_index("code")
    assert set(told.index) == {"old_template", "redefined"}
    assert told.indicator["redefined"] == "VIEC"
    assert set(figures(office)) == {"CHE", "NUOC"}
