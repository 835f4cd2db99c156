"""Verbs of the plan: `plan load`, `plan check`, `plan export`, `plan versions`, `plan diff`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from console.context import Format, Here, HereParameter, now, user
from console.printing import print_frame, print_lines, tell

if TYPE_CHECKING:
    import pandas as pd

    from tasks.office.workspace import Workspace
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
    plan.command(versions, name="versions", help="các bản kế hoạch đã nạp, và số rà soát lập theo từng bản")
    plan.command(
        diff,
        name="diff",
        help="hai bản kế hoạch khác nhau gì: chỉ tiêu thêm, bỏ, định nghĩa lại, mục tiêu đổi",
    )
    app.command(plan)


def load(path: PlanPath = None, /, *, form: Format = "table", here: HereParameter) -> None:
    """Store the plan as a new version and print what it changes."""
    from tasks.receiving import make_inboxes
    from tiendo.plan_changes import CHANGE_COLUMNS
    from warehouse.plan_store import store_plan

    plan = _read(_folder(path, here))
    workspace = here.open()
    stored = store_plan(workspace.engine, plan, now(), user())
    make_inboxes(workspace.root, plan)
    _tell_of(plan)
    said = "đã nạp" if stored.changed else "không đổi, vẫn là"
    tell(f"Kế hoạch {plan.term.name}: {said} bản {stored.version}; {len(stored.differences)} thay đổi")
    if stored.changed and stored.version > 1:
        _print_changes(workspace, stored.version - 1, stored.version, form)
    elif form != "table":
        print_frame(stored.differences.reindex(columns=CHANGE_COLUMNS), form)


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


def versions(*, form: Format = "table", here: HereParameter) -> None:
    """Print every version of the plan, oldest first."""
    from tiendo.plan_changes import counting_indicators
    from warehouse.plan_store import load_plan, plan_versions

    workspace = here.open()
    counting = workspace.settings.review.counting
    loaded = plan_versions(workspace.engine)
    plans = [load_plan(workspace.engine, version).plan for version in loaded.version]
    reviews = loaded.pop("reviews")
    table = loaded.assign(
        indicators=[len(plan.indicators) for plan in plans],
        counting=[len(counting_indicators(plan, counting)) for plan in plans],
        reviews=reviews,
    )
    print_frame(table, form, workspace.calendar.timezone)


def diff(
    older: Annotated[
        int | None, Parameter(name="V1", help="bản trước; mặc định: bản liền trước bản kia")
    ] = None,
    newer: Annotated[int | None, Parameter(name="V2", help="bản sau; mặc định: bản nạp lần cuối")] = None,
    /,
    *,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Print what changed between two versions of the plan."""
    from tiendo.errors import InputError

    workspace = here.open()
    last = workspace.current_plan().version
    after = last if newer is None else newer
    before = after - 1 if older is None else older
    if older is None and before < 1:
        raise InputError("kho mới có một bản kế hoạch, chưa có gì để so; nạp bản sau bằng: tiendo plan load")
    _print_changes(workspace, before, after, form)


def _print_changes(workspace: "Workspace", before: int, after: int, form: str) -> None:
    """The changes as a list for people, as rows for programs."""
    from tiendo.plan_changes import change_list, plan_changes
    from warehouse.plan_store import load_plan

    old, new = (load_plan(workspace.engine, version).plan for version in (before, after))
    if form == "table":
        print_lines([f"Kế hoạch {new.term.name}: bản {before} → bản {after}", *change_list(old, new)])
    else:
        print_frame(plan_changes(old, new), form)


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
