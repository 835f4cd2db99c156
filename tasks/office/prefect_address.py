"""Where a workspace's Prefect server is: the environment's, or the one that `tiendo up` started and noted.

Prefect itself is not imported: its settings are the environment of this process and of those it starts.
"""

import json
import os
import secrets
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

from tasks.post.redaction import is_loopback

HOME = ".prefect"  # PREFECT_HOME of a workspace
RECORD = "server.json"
HEALTH_SECONDS = 2.0

# Nothing leaves the machine but what the office sends; STACK: prefect, great expectations.
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "GX_ANALYTICS_ENABLED": "false",
}


@dataclass(frozen=True)
class PrefectServer:
    """A Prefect server: the address of its API and the password that its clients show ("" for none)."""

    api: str
    auth: str = ""

    @property
    def ui(self) -> str:
        """The address of its pages."""
        return self.api.removesuffix("/api")

    def is_healthy(self, seconds: float = HEALTH_SECONDS) -> bool:
        """Whether it answers now."""
        # A proxy of the office's network knows nothing of this machine's own addresses.
        proxies: dict[str, str] | None = {} if is_loopback(urlsplit(self.api).hostname or "") else None
        opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
        try:
            with opener.open(f"{self.api}/health", timeout=seconds) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError, ValueError):
            return False

    def for_clients(self) -> dict[str, str]:
        """The environment in which Prefect talks to this server."""
        given = {"PREFECT_API_URL": self.api, "NO_PROXY": _without_proxy(urlsplit(self.api).hostname or "")}
        return given | ({"PREFECT_API_AUTH_STRING": self.auth} if self.auth else {})


def server_of(root: Path, environment: Mapping[str, str] = os.environ) -> PrefectServer | None:
    """The server that shows a workspace's runs, whether it answers or not; None if none was ever named."""
    if api := environment.get("PREFECT_API_URL"):
        return PrefectServer(api.rstrip("/"), environment.get("PREFECT_API_AUTH_STRING", ""))
    try:
        return PrefectServer(**json.loads((root / HOME / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def new_server(port: int) -> PrefectServer:
    """A server to be started on this machine, with a password of its own."""
    return PrefectServer(f"http://127.0.0.1:{port}/api", f"tiendo:{secrets.token_urlsafe(18)}")


def note_server(root: Path, server: PrefectServer) -> None:
    """Note a workspace's running server in a file that only its owner can read."""
    file = root / HOME / RECORD
    file.parent.mkdir(mode=0o700, exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as new:
        json.dump(asdict(server), new)
    unfinished.replace(file)


def forget_server(root: Path) -> None:
    """Forget the server noted; it was stopped."""
    (root / HOME / RECORD).unlink(missing_ok=True)


def _without_proxy(host: str) -> str:
    given = [name for name in os.environ.get("NO_PROXY", "").split(",") if name]
    return ",".join(dict.fromkeys([*given, host]))
