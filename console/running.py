"""One way to run a flow: as a flow run where a Prefect server answers, as a plain call where none does."""

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.printing import tell

if TYPE_CHECKING:
    from tasks.office.prefect_address import PrefectServer

# A run's log is in the server; on the screen it would drown the result.
SILENT = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}


def run_flow(flow: str, root: Path, *, telling: bool = True, **parameters: Any) -> Any:
    """Run a flow, named as `prefect.yaml` names it (`collect.py:collect`), and return what it returns.

    Says on stderr which way it runs, unless told not to. Raises what the flow raises.
    """
    from tasks.office.prefect_address import HOME, QUIET, server_of

    server = server_of(root)
    answers = server is not None and server.is_healthy()
    given = {**QUIET, **SILENT, "PREFECT_HOME": str(root / HOME)}
    for name, value in (given | (server.for_clients() if server and answers else {})).items():
        os.environ.setdefault(name, value)
    module, name = flow.removesuffix(".py").split(".py:")
    body = getattr(importlib.import_module(f"flows.{module}"), name)
    if telling:
        tell(_way(server, answers))
    return body(**parameters) if answers else body.fn(**parameters)


def _way(server: "PrefectServer | None", answers: bool) -> str:
    if server and answers:
        return f"Chạy qua máy chủ Prefect {server.ui}"
    reason = f"máy chủ Prefect {server.ui} không trả lời" if server else "không có máy chủ Prefect"
    return f"Chạy trực tiếp, không hiện trên giao diện ({reason}; khởi động bằng: tiendo up)"
