"""The example's closing played from plan to review, in a process of its own where a Prefect server shows it.

A process that ends hands over what Prefect still has to log; so it must end before the server does.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from console.context import user
from console.main import guarded
from console.running import run_flow
from tasks.example import example_province as example
from tasks.office.plan_files import read_plan_folder
from tasks.office.workspace import open_workspace
from tasks.templates import issue_templates
from tiendo.plan import read_plan
from warehouse.plan_store import store_plan


@dataclass(frozen=True)
class Progress:
    """Says on stderr what is being done, and afterwards how long it took; a spinner on a terminal only."""

    console: Console = field(default_factory=lambda: Console(stderr=True))

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """One step."""
        started = time.monotonic()
        with self.console.status(f"{what} …") if self.console.is_terminal else nullcontext():
            yield
        took = time.monotonic() - started
        self.console.print(f"✓ {what} ({took:.1f} s)", markup=False, highlight=False, soft_wrap=True)


def play(root: Path) -> None:
    """Play the whole closing in a workspace made by `example_province.make_province`, step by step."""
    doing, closing = Progress().doing, example.CLOSING

    def run(flow: str, **parameters: Any) -> None:
        run_flow(flow, root, telling=False, workspace=str(root), **parameters)

    with doing("Nạp kế hoạch: 7 chương trình, 27 đề án"):
        workspace = open_workspace(root)
        at = example.story(workspace)
        store_plan(workspace.engine, read_plan(read_plan_folder(root / "plan")), at.opened, user())
    with doing("Nhận số liệu các kỳ trước"):
        example.send_history(workspace, at.opened)
        run("collect.py:collect", now=at.opened)
    with doing(f"Làm tệp mẫu {closing} cho từng đơn vị; các đơn vị điền và nộp"):
        templates = root / "templates" / str(closing)
        issue_templates(workspace, closing, [], templates, at.opened)
        filled = example.fill_returns(workspace, templates)
        example.send_first(workspace, filled)
    with doing("Nhận, kiểm tra và nạp báo cáo của đơn vị"):
        run("collect.py:collect", now=at.first_returns)
    with doing("Nhắc hạn; một đơn vị sửa và nộp lại"):
        run("remind.py:remind", today=at.reminded.date(), now=at.reminded)
        example.send_again(workspace, filled, example.CORRECTED)
        run("collect.py:collect", now=at.corrected)
    with doing("Báo quá hạn"):
        run("remind.py:remind", today=at.reviewed.date(), now=at.reviewed)
        example.send_again(workspace, filled, example.MISPLACED)
    with doing(f"Rà soát {closing}: nhận bản nộp muộn, tổng hợp, xếp mức, báo cáo, gửi"):
        run("quarterly_review.py:quarterly_review", period=str(closing), now=at.reviewed)


if __name__ == "__main__":
    sys.exit(guarded(lambda: play(Path(sys.argv[1])), ["--workspace", sys.argv[1]]))
