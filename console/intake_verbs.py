"""Verbs of the returns: `template`, `submit`, `collect`, `import`."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from console.context import Format, HereParameter, PeriodName, now, user
from console.printing import print_frame, print_values, tell
from console.running import run_flow

WRONG_INPUT = 2
MOST_WARNINGS = 20  # told on the screen; all are in the table of findings
COLLECTED_COLUMNS = ["file", "unit", "period", "version", "verdict", "errors", "warnings"]

Units = Annotated[
    list[str] | None, Parameter(name="--unit", consume_multiple=True, help="mã đơn vị; nhiều mã cách nhau")
]


def add_to(app: App) -> None:
    """Register the verbs."""
    app.command(template, name="template", help="làm tệp mẫu để đơn vị điền")
    app.command(submit, name="submit", help="đặt tệp vào hộp nhận của một đơn vị")
    app.command(collect, name="collect", help="nhận, đọc, kiểm tra và nạp mọi tệp đang chờ; mỗi tệp một dòng")
    app.command(
        import_past,
        name="import",
        help="nhập số liệu các kỳ đã qua (CSV) khi bắt đầu dùng giữa nhiệm kỳ; không tính nợ, không tính trễ",
    )


def template(
    *,
    period: PeriodName,
    unit: Units = None,
    out: Annotated[
        Path | None,
        Parameter(name="--out", help="thư mục ghi tệp; mặc định: templates/KỲ của không gian làm việc"),
    ] = None,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Write one workbook a unit for one closing."""
    from console.choices import listed
    from tasks.templates import issue_templates
    from tiendo.periods import Period

    closing = Period.parse(period)
    workspace = here.open()
    folder = out if out is not None else workspace.root / "templates" / str(closing)
    files = issue_templates(workspace, closing, listed(unit or []), folder, now())
    print_values(["file"], [[str(file)] for file in files], form)
    tell(f"{len(files)} tệp mẫu {closing} trong {folder}")


def submit(
    *files: Annotated[Path, Parameter(name="FILE", help="tệp nộp")],
    unit: Annotated[str, Parameter(name="--unit", help="mã đơn vị nộp")],
    received_at: Annotated[
        str | None, Parameter(name="--received-at", help="thời điểm nhận thật, khi nhận bằng đường khác")
    ] = None,
    reason: Annotated[str | None, Parameter(name="--reason", help="lý do ghi lùi thời điểm nhận")] = None,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Put files into a unit's inbox."""
    from console.moments import moment
    from tasks.submitting import Backdating, submit_files
    from tiendo.errors import InputError

    if not files:
        raise InputError("chưa chỉ tệp nào; viết: tiendo submit TỆP … --unit MÃ")
    workspace = here.open()
    at = moment(received_at, "--received-at", workspace.calendar)
    backdating = Backdating(at, reason or "", now(), user()) if at or reason else None
    placed = submit_files(workspace, list(files), unit, backdating)
    print_values(["file"], [[str(file.relative_to(workspace.root))] for file in placed], form)


def collect(*, form: Format = "table", here: HereParameter) -> None:
    """Receive, read, check and load what is waiting."""
    root = here.root
    outcome = run_flow("collect.py:collect", root, workspace=str(root), now=None)
    print_frame(outcome[COLLECTED_COLUMNS], form)
    for source, reason in outcome.attrs.get("unanswered", {}).items():
        tell(
            f"Nguồn {source} không trả lời: {reason}; các nguồn khác vẫn nhận bình thường; "
            "sẽ thử lại ở lượt sau"
        )
    if len(outcome):
        tell(
            "Thư trả lời từng đơn vị đang chờ gửi; gửi bằng: tiendo dispatch (tiendo up tự gửi 5 phút một lần)"
        )


def import_past(
    path: Annotated[Path, Parameter(name="PATH", help="tệp .csv, hoặc thư mục chứa các tệp .csv")],
    /,
    *,
    reason: Annotated[
        str, Parameter(name="--reason", help="vì sao nhập, số lấy từ đâu; được lưu vào nhật ký")
    ],
    form: Format = "table",
    here: HereParameter,
) -> int:
    """Load past periods' figures: all of the files, or nothing and every error as a row (exit code 2)."""
    from tasks.importing import Deed, ImportRefusedError, import_past

    workspace = here.open()
    try:
        done = import_past(workspace, path, Deed(user(), now(), reason))
    except ImportRefusedError as error:
        print_frame(error.problems, form)
        tell(f"tiendo: {error}")
        return WRONG_INPUT
    print_frame(done.files, form)
    for row in done.warnings.head(MOST_WARNINGS).to_dict("records"):
        place = "" if row["row"] != row["row"] else f" dòng {row['row']:.0f} ({row['indicator']})"
        tell(f"Lưu ý: {row['file']}{place}: {row['message']} {row['fix']}")
    if (more := len(done.warnings) - MOST_WARNINGS) > 0:
        tell(f"… và {more} lưu ý khác")
    new = done.files[["submissions", "values"]].sum()
    tell(f"Đã nhập {new['values']} số liệu, {new.submissions} lượt (đơn vị, kỳ) từ {len(done.files)} tệp")
    return 0
