"""Verbs of the plan: `plan load`, `plan check`, `plan export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from console.context import Format, Here, HereParameter, now, user
from console.printing import print_frame, tell

if TYPE_CHECKING:
    import pandas as pd

    from tiendo.plan import Plan

PlanPath = Annotated[
    Path | None,
    Parameter(
        name="PATH", help="thư mục các bảng CSV hoặc tệp .xlsx; mặc định: plan/ của không gian làm việc"
    ),
]
PROBLEM_COLUMNS = ["severity", "table", "row", "column", "problem", "remedy"]


def add_to(app: App) -> None:
    """Register the verbs."""
    plan = App(name="plan", help="kế hoạch: kiểm tra, nạp, xuất")
    plan.command(
        load, name="load", help="nạp kế hoạch thành một bản mới; nạp lại bản đang dùng thì không đổi gì"
    )
    plan.command(check, name="check", help="kiểm tra kế hoạch, không nạp; in lỗi và lưu ý")
    plan.command(
        export, name="export", help="xuất kế hoạch nạp lần cuối ra sổ tính .xlsx hoặc thư mục bảng CSV"
    )
    app.command(plan)


def load(path: PlanPath = None, /, *, form: Format = "table", here: HereParameter) -> None:
    """Store the plan as a new version and print what it changes."""
    from tasks.receiving import make_inboxes
    from warehouse.plan_store import store_plan

    plan = _read(_folder(path, here))
    workspace = here.open()
    stored = store_plan(workspace.engine, plan, now(), user())
    make_inboxes(workspace.root, plan)
    _tell_of(plan)
    said = "đã nạp" if stored.changed else "không đổi, vẫn là"
    tell(f"Kế hoạch {plan.term.name}: {said} bản {stored.version}; {len(stored.differences)} thay đổi")
    print_frame(stored.differences, form)


def check(path: PlanPath = None, /, *, form: Format = "table", here: HereParameter) -> int:
    """Print every problem and warning; exit code 2 if there is a problem."""
    from tiendo.errors import PlanError

    try:
        plan = _read(_folder(path, here), telling=False)
    except PlanError as error:
        print_frame(error.problems.assign(severity="error")[PROBLEM_COLUMNS], form)
        tell(f"tiendo: {error}")
        return 2
    warnings = _warnings(plan)
    print_frame(warnings, form)
    tell(f"Kế hoạch {plan.term.name}: không có lỗi, {len(warnings)} lưu ý")
    return 0


def export(
    out: Annotated[Path, Parameter(name="OUT", help="tệp .xlsx mới, hoặc thư mục mới cho các bảng CSV")],
    /,
    *,
    here: HereParameter,
) -> None:
    """Write the plan loaded last to files that, loaded again, change nothing."""
    from tasks.office.plan_export import export_plan

    loaded = here.open().current_plan()
    export_plan(loaded.plan.tables, out)
    tell(f"Kế hoạch {loaded.plan.term.name}: đã xuất bản {loaded.version} ra {out}")


def _folder(path: Path | None, here: Here) -> Path:
    return path if path is not None else here.root / "plan"


def _read(path: Path, telling: bool = True) -> "Plan":
    """The plan in a folder or workbook; its problems are told one by one before PlanError goes on."""
    from tasks.office.plan_files import read_plan_folder
    from tiendo.errors import PlanError
    from tiendo.plan import read_plan

    try:
        return read_plan(read_plan_folder(path))
    except PlanError as error:
        if telling:
            _tell_rows(error.problems.iloc[1:])  # the first is said by the error itself
        raise


def _warnings(plan: "Plan") -> "pd.DataFrame":
    from tiendo.plan_checks import plan_warnings

    return plan_warnings(plan.tables).assign(severity="warning")[PROBLEM_COLUMNS]


def _tell_of(plan: "Plan") -> None:
    _tell_rows(_warnings(plan))


def _tell_rows(rows: "pd.DataFrame") -> None:
    from tiendo.errors import place_of

    for row in rows.to_dict("records"):
        word = "Lưu ý" if row.get("severity") == "warning" else "Lỗi"
        tell(f"{word}: {place_of(row)}: {row['problem']}; {row['remedy']}")
