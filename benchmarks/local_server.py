"""A Prefect server of the benchmark's own, on this machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from benchmarks.measuring import QUIET

START_SECONDS = 180


@contextmanager
def prefect_server(home: Path) -> Iterator[dict[str, str]]:
    """A server whose data lie in a folder; gives the environment in which flows run on it."""
    port = free_port()
    clients = {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api", "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    around = {**os.environ, **QUIET, **clients, "PREFECT_HOME": str(home)}
    with subprocess.Popen(
        command, env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_for(f"{clients['PREFECT_API_URL']}/health")
            yield clients
        finally:
            server.terminate()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str) -> None:
    """Wait until an address answers; raises TimeoutError."""
    direct = build_opener(ProxyHandler({}))
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with suppress(URLError, OSError), direct.open(address, timeout=2):
            return
        time.sleep(0.5)
    raise TimeoutError(f"no Prefect server within {START_SECONDS} s")
