"""A real Prefect server, as `tiendo up` runs it: deployments are scheduled, and a run completes."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.main import main
from console.serving import deploy, running_server, running_worker
from tasks.office.prefect_address import server_of
from tiendo.errors import InputError

SECONDS = 150.0

pytestmark = pytest.mark.server


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_HOME", "TIENDO_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "workspace"
    assert main(["init", str(root)]) == 0
    assert main(["--workspace", str(root), "plan", "load"]) == 0
    return root


def awaited(ask: Callable[[], Any]) -> Any:
    """What `ask` gives once it gives something."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.5)
    return ask()


def test_deployments_are_scheduled_and_a_run_of_one_completes(workspace: Path) -> None:
    with running_server(workspace) as (server, environment):
        user, _, password = server.auth.partition(":")
        with httpx.Client(base_url=server.api, auth=(user, password), trust_env=False, timeout=30) as api:

            def runs(state: str) -> list[dict[str, Any]]:
                wanted = {"flow_runs": {"state": {"type": {"any_": [state]}}}}
                return list(api.post("/flow_runs/filter", json=wanted).json())

            assert httpx.post(f"{server.api}/flow_runs/filter", json={}, trust_env=False).status_code == 401
            with pytest.raises(InputError, match="đang chạy"), running_server(workspace):
                pass
            deploy(environment, workspace)
            names = {each["name"] for each in api.post("/deployments/filter", json={}).json()}
            assert names == {"collect", "remind", "dispatch", "assess", "quarterly-review", "publish"}
            assert awaited(lambda: runs("SCHEDULED")), "the scheduler makes no runs (STACK: sqlalchemy)"

            dispatch = api.get("/deployments/name/dispatch/dispatch").json()
            run = api.post(f"/deployments/{dispatch['id']}/create_flow_run", json={}).json()

            def ended() -> str:
                state = str(api.get(f"/flow_runs/{run['id']}").json()["state"]["type"])
                return state if state in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else ""

            with running_worker(environment, workspace):
                assert awaited(ended) == "COMPLETED"
    assert server_of(workspace, {}) is None, "a stopped server is forgotten"
    assert not server.is_healthy()
