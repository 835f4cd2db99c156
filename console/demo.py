"""`tiendo demo`: a whole example authority, from plan to reminders, on a Prefect server or without one."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from console.printing import tell
from console.running import run_flow
from console.serving import running_server

if TYPE_CHECKING:
    import pandas as pd

    from tasks.workspace import Workspace


@dataclass(frozen=True)
class Progress:
    """Says on stderr what is being done, and afterwards how long it took; a spinner on a terminal only."""

    console: Console

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """One step."""
        started = time.monotonic()
        shown = self.console.status(f"{what} …") if self.console.is_terminal else ExitStack()
        with shown:
            yield
        self.console.print(f"✓ {what} ({time.monotonic() - started:.1f} s)", markup=False, highlight=False)


def run_demo(keep: Path | None, plain: bool) -> int:
    """Build the example, run the flows on it and say where to look; on a terminal the UI stays up until Ctrl-C.

    Raises InputError if the folder to keep holds something already.
    """
    from tasks.example_province import make_province

    progress = Progress(Console(stderr=True))
    root = make_province(keep or Path(tempfile.mkdtemp(prefix="tiendo-demo-")))
    with ExitStack() as stack:
        if not plain:
            with progress.doing("Khởi động máy chủ Prefect"):
                server, environment = stack.enter_context(running_server(root))
            tell(f"  {server.ui} (mật khẩu: {server.auth})")
        workspace = _play(root, progress)
        _say_where(workspace)
        if not plain and progress.console.is_terminal:
            _stay(server.ui, environment["TIENDO_WORKSPACE"])
    return 0


def _play(root: Path, progress: Progress) -> "Workspace":
    """The story of one closing, step by step."""
    from console.context import user
    from tasks import example_province as example
    from tasks.plan_files import read_plan_folder
    from tasks.templates import issue_templates
    from tasks.workspace import open_workspace
    from tiendo.plan import read_plan
    from warehouse.plan_store import store_plan

    def run(flow: str, **parameters: Any) -> "pd.DataFrame":
        return run_flow(flow, root, workspace=str(root), **parameters)  # type: ignore[no-any-return]

    with progress.doing("Nạp kế hoạch: 7 chương trình, 27 đề án"):
        workspace = open_workspace(root)
        at = example.story(workspace)
        store_plan(workspace.engine, read_plan(read_plan_folder(root / "plan")), at.opened, user())
    with progress.doing("Nhận số liệu các kỳ trước"):
        example.send_history(workspace, at.opened)
        run("collect.py:collect", now=at.opened)
    with progress.doing(f"Làm tệp mẫu {example.CLOSING} cho từng đơn vị; các đơn vị điền và nộp"):
        templates = root / "templates" / str(example.CLOSING)
        issue_templates(workspace, example.CLOSING, [], templates, at.opened)
        filled = example.fill_returns(workspace, templates)
        example.send_first(workspace, filled)
    with progress.doing("Nhận, kiểm tra và nạp báo cáo của đơn vị"):
        run("collect.py:collect", now=at.first_returns)
    with progress.doing("Nhắc hạn và báo quá hạn"):
        run("remind.py:remind", today=at.reviewed.date(), now=at.reviewed)
        example.send_corrections(workspace, filled)
    with progress.doing(f"Rà soát {example.CLOSING}: nhận bản sửa, tổng hợp, xếp mức, báo cáo, gửi"):
        run("quarterly_review.py:quarterly_review", period=str(example.CLOSING), now=at.reviewed)
    return workspace


def _say_where(workspace: "Workspace") -> None:
    """Where the review, a template, a refused return's findings and the messages lie."""
    from tasks import example_province as example

    root, closing = workspace.root, str(example.CLOSING)
    places: list[tuple[str, Callable[[], Iterator[Path]]]] = [
        ("Báo cáo rà soát", lambda: (root / "reports" / closing).glob("*.xlsx")),
        ("Tệp mẫu của một đơn vị", lambda: (root / "templates" / closing).glob(f"*{example.CORRECTED}*")),
        (
            "Báo cáo bị trả lại, có ghi lỗi",
            lambda: (root / "returns" / closing).glob(f"*{example.UNCORRECTED}*"),
        ),
        ("Tin đã gửi", lambda: (root / "messages").glob("*")),
    ]
    lines = [f"{what}: {next(iter(sorted(found())), root)}" for what, found in places]
    print("\n".join([f"Không gian làm việc: {root}", *lines]))


def _stay(ui: str, root: str) -> None:
    tell(
        f"Giao diện Prefect ở {ui}; thử thêm: tiendo --workspace {root} attainment --period 2024",
        "Dừng bằng Ctrl-C",
    )
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        tell("Đã dừng máy chủ")
