"""`tiendo demo`: a whole example authority, from plan to reminders, on a Prefect server or without one."""

import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from console.printing import tell
from console.serving import ROOT, running_server, stop_in_order
from console.story import Progress, play
from tasks.example import example_province as example
from tiendo.errors import TiendoError


def run_demo(keep: Path | None, plain: bool) -> int:
    """Build the example, run the flows on it, say where to look; on a terminal the UI stays till Ctrl-C.

    Raises InputError if the folder to keep holds something already.
    """
    root = example.make_province(keep or Path(tempfile.mkdtemp(prefix="tiendo-demo-")))
    if plain:
        play(root)
        _say_where(root)
    else:
        _on_a_server(root)
    return 0


def _on_a_server(root: Path) -> None:
    stop_in_order()
    with ExitStack() as stack:
        with Progress().doing("Khởi động máy chủ Prefect"):
            server, environment = stack.enter_context(running_server(root))
        tell(f"  {server.ui} (mật khẩu: {server.auth})")
        told = [sys.executable, "-m", "console.story", str(root)]
        if subprocess.run(told, cwd=ROOT, env=environment, check=False).returncode:  # noqa: S603 - our own words
            raise TiendoError(f"tỉnh mẫu chưa chạy hết; những gì đã làm nằm trong {root}")
        _say_where(root)
        if sys.stderr.isatty():
            _stay(server.ui, root)


def _say_where(root: Path) -> None:
    """Where the review, a template, a refused return's findings and the messages lie."""
    closing = str(example.CLOSING)
    places = [
        ("Báo cáo rà soát", f"reports/{closing}/*.xlsx"),
        ("Tệp mẫu của một đơn vị", f"templates/{closing}/*{example.CORRECTED}*.xlsx"),
        ("Báo cáo bị trả lại, có ghi lỗi", f"returns/{closing}/*{example.UNCORRECTED}*.xlsx"),
        ("Tin đã gửi", f"messages/{closing}"),
    ]
    lines = [f"{what}: {next(iter(sorted(root.glob(pattern))), root)}" for what, pattern in places]
    print("\n".join([f"Không gian làm việc: {root}", *lines]), flush=True)


def _stay(ui: str, root: Path) -> None:
    words = f"tiendo --workspace {root} attainment --period 2024"
    tell(f"Giao diện Prefect ở {ui}; thử thêm: {words}", "Dừng bằng Ctrl-C")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        tell("Đã dừng máy chủ")
