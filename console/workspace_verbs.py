"""Verbs of the workspace: `init`, `doctor`, `up`, `demo`."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from console.context import Format, HereParameter, now
from console.printing import print_frame, tell

Port = Annotated[
    int | None, Parameter(name="--port", help="cổng của giao diện Prefect; mặc định: một cổng trống")
]


def add_to(app: App) -> None:
    """Register the verbs."""
    app.command(demo, name="demo", help="dựng cả một tỉnh mẫu, chạy các bước trên đó và chỉ chỗ xem kết quả")
    app.command(
        init,
        name="init",
        help="tạo không gian làm việc: cài đặt có chú thích, kế hoạch mẫu và tệp kế hoạch trống",
    )
    app.command(doctor, name="doctor", help="kiểm tra cài đặt, kho số liệu, kênh gửi, máy chủ; chỉ cách sửa")
    app.command(up, name="up", help="chạy máy chủ, worker và lịch trên máy này đến khi dừng")


def init(folder: Annotated[Path, Parameter(name="DIR", help="thư mục mới")], /) -> None:
    """Make a workspace with commented settings, a small example plan and an empty one to fill."""
    import shlex

    from tasks.office.new_workspace import make_workspace
    from tasks.office.plan_guide import EMPTY_WORKBOOK

    root = make_workspace(folder)
    tell(
        f"Đã tạo {root}: tiendo.toml (cài đặt), plan/ (kế hoạch mẫu để sửa), {EMPTY_WORKBOOK} (kế hoạch trống, có "
        f"hướng dẫn; điền rồi: tiendo plan check {EMPTY_WORKBOOK}, tiendo plan load {EMPTY_WORKBOOK})",
        f"Tiếp theo: tiendo --workspace {shlex.quote(str(root))} plan load",
    )


def doctor(*, form: Format = "table", here: HereParameter) -> int:
    """Check what a workspace stands on; exit code 2 or 1 if something must be mended."""
    from tasks.office.health import health_checks
    from tasks.office.workspace import workspace_root

    checks = health_checks(workspace_root(here.workspace), now())
    print_frame(checks.drop(columns="code"), form)
    return int(checks.code.max())


def up(*, port: Port = None, here: HereParameter) -> int:
    """Server, work pool, deployments and worker, until stopped."""
    from console.serving import serve

    return serve(here.root, port)


def demo(
    *,
    keep: Annotated[
        Path | None, Parameter(name="--keep", help="thư mục để dựng và giữ lại; mặc định: thư mục tạm")
    ] = None,
    plain: Annotated[bool, Parameter(name="--plain", help="không khởi động máy chủ Prefect")] = False,
) -> int:
    """A whole example authority, from plan to reminders."""
    from console.demo import run_demo

    return run_demo(keep, plain)
