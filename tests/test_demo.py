"""The example province: every kind of target and of return, played through the real flows from plan to review."""

import json
import math
import re
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from console.main import main
from tasks.example.example_province import CLOSING, CORRECTED, MISPLACED, SILENT, UNCORRECTED, story
from tasks.example.filling import fill_template
from tasks.office.plan_files import read_plan_folder
from tasks.office.workspace import Workspace, open_workspace
from tasks.reading.file_kinds import XLSX
from tasks.reading.reading_workbook import read_workbook
from tasks.reading.returns import Limits
from tasks.reading_figures import attainment_table, judge_period, obligation_table
from tasks.template.asked_rows import asked_rows
from tasks.template.signing import is_signed
from tasks.templates import issue_templates
from tasks.tracing.figure_ground import ground
from tasks.tracing.judged_steps import judged_steps
from tiendo.bands import BANDS
from tiendo.periods import Period
from tiendo.plan import read_plan
from tiendo.plan_checks import plan_warnings
from tiendo.plan_tables import ACCUMULATIONS, AGGREGATIONS, TYPES
from warehouse.bulk import read_frame
from warehouse.connecting import reading
from warehouse.schema import outbox, receipt

EXAMPLES = Path(__file__).parent.parent / "tasks" / "example"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The demo's workspace after its whole story, without a server."""
    folder = tmp_path_factory.mktemp("demo") / "province"
    assert main(["demo", "--plain", "--keep", str(folder)]) == 0
    return open_workspace(folder)


@pytest.mark.parametrize("example", ["province", "small"])
def test_the_example_plans_have_neither_problem_nor_warning(example: str) -> None:
    plan = read_plan(read_plan_folder(EXAMPLES / example / "plan"))
    assert plan_warnings(plan.tables).empty


def test_the_example_has_every_type_of_target_accumulation_and_aggregation() -> None:
    indicators = read_plan(read_plan_folder(EXAMPLES / "province" / "plan")).indicators
    assert set(indicators.type) == set(TYPES)
    assert set(indicators.accumulation) == set(ACCUMULATIONS)
    assert set(indicators.aggregation) == set(AGGREGATIONS)


def test_every_return_of_the_example_gets_its_verdict(played: Workspace) -> None:
    with reading(played.engine) as connection:
        receipts = read_frame(connection, receipt.select())
    closing = receipts[receipts.sender != "VPTU"].set_index(["sender", "path"]).verdict
    expected = {
        (CORRECTED, f"inbox/{CORRECTED}/{CORRECTED}_2024-Q4_sai.xlsx"): "returned",
        (UNCORRECTED, f"inbox/{UNCORRECTED}/{UNCORRECTED}_2024-Q4_sai.xlsx"): "returned",
        ("086", "inbox/086/087_2024-Q4.xlsx"): "rejected",
        (MISPLACED, f"inbox/{MISPLACED}/hong.xlsx"): "rejected",
    }
    assert {key: closing[key] for key in expected} == expected
    assert set(closing.drop(list(expected))) <= {"accepted", "accepted_with_warnings"}
    assert set(receipts[receipts.sender == "VPTU"].verdict) <= {"accepted", "accepted_with_warnings"}


def test_the_obligations_of_the_example_stand_as_told(played: Workspace) -> None:
    day = story(played).reviewed.date()
    state = obligation_table(played, CLOSING, day).set_index("unit").state
    assert state[list(SILENT)].tolist() == ["overdue", "overdue"]
    assert state[CORRECTED] == "accepted_on_time"
    assert state[MISPLACED] == "accepted_late"
    assert state[UNCORRECTED] in ("returned", "overdue")


def test_the_review_of_the_example_has_nearly_every_band(played: Workspace) -> None:
    rows = attainment_table(played, CLOSING, today=story(played).reviewed.date())
    assert set(BANDS) - set(rows.band) <= {"stalled"}
    assert (played.root / "reports" / "2024-Q4" / "BaoCao_2024-Q4_v1.xlsx").is_file()


def test_the_units_are_reminded_and_told_and_everybody_once(played: Workspace) -> None:
    with reading(played.engine) as connection:
        messages = read_frame(connection, outbox.select())
    assert {"reminder", "overdue", "received", "to_correct", "rejected", "review_issued"} <= set(
        messages.kind
    )
    assert set(messages.state) == {"sent"}
    overdue = messages[messages.kind == "overdue"]
    assert set(SILENT) <= set(overdue.unit)
    assert not {"080", CORRECTED} & set(overdue.unit)


def test_a_folder_that_holds_something_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["demo", "--plain", "--keep", str(tmp_path)]) == 2
    assert "đã có nội dung" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def asked(workspace: Workspace, period: str, unit: str) -> pd.DataFrame:
    rows = asked_rows(workspace, workspace.current_plan().plan, Period.parse(period))
    return rows[rows.unit == unit].set_index(["period", "indicator"])


def test_a_template_shows_the_years_plan_and_the_figure_to_date(played: Workspace) -> None:
    rows = asked(played, "2024-Q4", "086")
    assert set(rows.index.get_level_values("period")) == {"2024-Q4", "2024-H2", "2024"}
    history = pd.read_csv(EXAMPLES / "province" / "history.csv", dtype={"unit": str})
    own = history[history.unit == "086"].set_index(["indicator", "period"])
    tea = rows.loc[("2024-Q4", "DA01-04")]
    assert tea.target == 6900  # its own share of the province's 46 000
    assert tea.reason_below == 60
    assert tea.previous == own.loc["DA01-04"].value.sum(), "a flow's figure to date is the year's sum"
    area = rows.loc[("2024-Q4", "DA01-01")]
    assert area.previous == own.at[("DA01-01", "2024-Q3"), "value"], "a stock's, its last value"
    insured = rows.loc[("2024-Q4", "DA19-04")]
    last = own.loc[("DA19-04", "2024-Q3")]
    assert insured.previous == pytest.approx(100 * last.numerator / last.denominator)
    assert insured.ratio
    poor = rows.loc[("2024", "DA17-01")]
    assert pd.isna(poor.target), "the province's plan is not one district's"
    lone = asked(played, "2024-Q4", "SCT").loc[("2024-Q4", "DA06-01")]
    assert lone.target == 47500, "that of a lone reporter is"


def test_a_template_knows_the_stages_of_a_milestone(played: Workspace) -> None:
    staged = asked(played, "2024-Q4", "SCT").loc[("2024-Q4", "DA08-02")]
    assert (staged.type, staged.stages[:2]) == (
        "milestone",
        ("Phê duyệt quy hoạch chi tiết", "Bàn giao mặt bằng"),
    )
    assert asked(played, "2024-Q4", "CAT").loc[("2024-H2", "DA24-03")].stages == ()


def test_mail_and_workbook_name_the_same_cells(played: Workspace) -> None:
    with reading(played.engine) as connection:
        messages = read_frame(connection, outbox.select())
    letters = messages[messages.kind == "to_correct"]
    assert len(letters) == 2
    for letter in letters.itertuples():
        (attached,) = json.loads(letter.attachments)
        page = openpyxl.load_workbook(played.root / attached)["Lỗi"]
        listed = [page.cell(n, 3).value for n in range(5, page.max_row + 1)]
        assert re.findall(r"Ô ([A-Z]+\d+) \(trang", letter.body_text) == listed
    assert (
        "ghi “tử số 99.999, mẫu số 72.000 (tỷ lệ 138,8875)”"
        in letters.body_text[letters.unit == UNCORRECTED].item()
    )


def test_a_template_of_a_new_year_does_not_add_last_years_flows(played: Workspace) -> None:
    rows = asked(played, "2025-Q1", "086")
    assert pd.isna(rows.loc[("2025-Q1", "DA01-04")].previous)
    assert rows.loc[("2025-Q1", "DA01-01")].previous > 0


def test_what_is_typed_into_a_template_is_read_back(played: Workspace, tmp_path: Path) -> None:
    (file,) = issue_templates(played, CLOSING, ["086"], tmp_path, story(played).opened)
    entries = pd.DataFrame(
        [
            ("2024-Q4", "DA01-04", "875", "", "", "", "mất mùa & sương muối"),
            ("2024-Q4", "DA01-05", "trên 20", "", "", "", ""),
            ("2024-Q4", "DA02-02", "", "12.5", "80", "", ""),
            ("2024-Q4", "DA03-03", "", "", "", "Không phát sinh", ""),
        ],
        columns=["period", "indicator", "value", "numerator", "denominator", "state", "reason"],
    )
    fill_template(file, entries, tmp_path / "filled.xlsx")
    filled = tmp_path / "filled.xlsx"
    read = read_workbook(filled, filled.read_bytes(), XLSX, {}, Limits().for_child())
    assert is_signed(read["keys"], played.signing_keys)
    columns = read["columns"]
    keys = list(zip(columns["period"], columns["indicator"], strict=True))
    at = {code: keys.index(("2024-Q4", code)) for code in entries.indicator}
    assert columns["value"][at["DA01-04"]] == 875
    assert columns["reason"][at["DA01-04"]] == "mất mùa & sương muối"
    assert columns["value"][at["DA01-05"]] == "trên 20"
    assert (columns["numerator"][at["DA02-02"]], columns["denominator"][at["DA02-02"]]) == (12.5, 80)
    assert columns["state"][at["DA03-03"]] == "Không phát sinh"
    assert sum(value is not None for value in columns["value"]) == 2, "nothing else was touched"


def test_every_figure_of_the_example_unfolds_to_what_is_judged(played: Workspace) -> None:
    """Of the authority and of every unit: the same figures as `attainment`, and values that add up to them."""
    rows = attainment_table(played, CLOSING, ["own"], units=["all"])
    judged = judge_period(
        played, CLOSING, ["own"], played.calendar.civil_date(datetime.now(UTC)), nodes="all"
    )
    for code, of_code in rows.groupby("code"):
        with ground(played, judged, str(code), "own", None) as known:
            for unit, of_unit in of_code.groupby("unit"):
                steps = pd.DataFrame(list(judged_steps(known, str(code), str(unit), 0)))
                own = (steps.unit == unit) & (steps.depth <= 1) & (steps.indicator == code)
                _says_what_is_judged(steps[own], of_unit)
                _adds_up(steps)


def _says_what_is_judged(steps: pd.DataFrame, rows: pd.DataFrame) -> None:
    said = {name: steps[steps.step == name] for name in ("figure", "attainment", "margin", "band")}
    assert said["figure"].value.tolist() == pytest.approx(rows.actual.tolist(), nan_ok=True)
    for name in ("attainment", "margin"):
        assert said[name].value.dropna().tolist() == rows[name].dropna().tolist()
    assert said["band"].field.tolist() == rows.band.tolist()


def _adds_up(steps: pd.DataFrame) -> None:
    """Each unit's figure is what its values make: their sum, the last, or their mean."""
    makes = {
        "last": lambda x: x[-1],
        "own": lambda x: x[-1],
        "rate": lambda x: sum(x) / len(x),
        "geometric": lambda x: (math.prod(1 + each / 100 for each in x) ** (1 / len(x)) - 1) * 100,
    }
    for at in steps.index[steps.step.eq("unit") & steps.value.notna()]:
        unit = steps.loc[at]
        below = steps.loc[at + 1 :]
        end = below.index[below.depth <= unit.depth]
        own = below.loc[: end[0] - 1] if len(end) else below
        values = own.value[(own.step == "period") & (own.depth == unit.depth + 1)].tolist()
        assert values, f"{unit.indicator} {unit.unit}: a figure of nothing"
        if pd.isna(unit.denominator):
            assert makes.get(unit.field, sum)(values) == pytest.approx(unit.value), unit.says
