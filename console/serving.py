"""`tiendo up`: Prefect server, work pool, deployments and worker of a workspace, on this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from console.printing import tell
from tasks.office.prefect_address import (
    HOME,
    QUIET,
    PrefectServer,
    forget_server,
    new_server,
    note_server,
    server_of,
)
from tiendo.errors import InputError, TiendoError

ROOT = Path(__file__).resolve().parent.parent
POOL = "tiendo"
USUAL_PORT = 4200
START_SECONDS = 120.0  # the first start makes the server's database: up to 51 s were seen
STOP_SECONDS = 20.0


def serve(root: Path, port: int | None) -> int:
    """Run everything until Ctrl-C or SIGTERM, then stop the worker before the server; exit code 0.

    Raises TiendoError if a part does not start or ends by itself, InputError if there is a server already.
    """
    stop_in_order()
    try:
        with running_server(root, port) as (server, environment):
            deploy(environment, root)
            with running_worker(environment, root) as process:
                tell(f"Giao diện Prefect: {server.ui} (mật khẩu: {server.auth})", "Dừng bằng Ctrl-C")
                _wait_for_end(process, root)
    except KeyboardInterrupt:
        tell("Đã dừng máy chủ và worker")
    return 0


def stop_in_order() -> None:
    """Let SIGTERM end this process as Ctrl-C does: what it has started is stopped first."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def running_server(root: Path, port: int | None = None) -> Iterator[tuple[PrefectServer, dict[str, str]]]:
    """A healthy Prefect server with its database in the workspace; gives it and its clients' environment."""
    known = server_of(root, {})
    if known and known.is_healthy():
        raise InputError(f"máy chủ của {root} đang chạy ở {known.ui}; dừng nó trước, hoặc dùng nó")
    server = new_server(_free_port(port))
    (root / HOME).mkdir(mode=0o700, exist_ok=True)
    environment = _environment(root, server)
    host, _, number = server.ui.removeprefix("http://").rpartition(":")
    start = _prefect("server", "start", "--host", host, "--port", number)
    with _process("server", start, environment | _for_server(server), root) as process:
        _wait_until_healthy(server, process, root)
        note_server(root, server)
        try:
            yield server, environment
        finally:
            forget_server(root)


def deploy(environment: Mapping[str, str], root: Path) -> None:
    """Put the work pool and the deployments of `prefect.yaml` on the server; twice changes nothing."""
    _run(("work-pool", "create", POOL, "--type", "process", "--overwrite"), environment, root)
    _run(("--no-prompt", "deploy", "--all", "--prefect-file", str(ROOT / "prefect.yaml")), environment, root)


@contextmanager
def running_worker(environment: Mapping[str, str], root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that runs what the deployments ask for, in processes of this machine."""
    start = _prefect("worker", "start", "--pool", POOL, "--type", "process", "--name", POOL)
    with _process("worker", start, environment, root) as process:
        yield process


def _environment(root: Path, server: PrefectServer) -> dict[str, str]:
    own = {**QUIET, **server.for_clients(), "PREFECT_HOME": str(root / HOME), "TIENDO_WORKSPACE": str(root)}
    return {**os.environ, **own, "PREFECT_CLI_COLORS": "false"}


def _for_server(server: PrefectServer) -> dict[str, str]:
    return {
        "PREFECT_SERVER_API_AUTH_STRING": server.auth,
        "PREFECT_SERVER_UI_API_URL": server.api,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": server.ui,
    }


def _free_port(wanted: int | None) -> int:
    """The port wanted, else the usual one, else any; each if it is free."""
    for port in (wanted,) if wanted is not None else (USUAL_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise InputError(f"--port {wanted}: cổng không dùng được; chọn cổng khác hoặc bỏ --port")


def _prefect(*words: str) -> list[str]:
    return [sys.executable, "-m", "prefect", *words]


def _log_of(name: str, root: Path) -> Path:
    return root / HOME / f"{name}.log"


@contextmanager
def _process(
    name: str, command: Sequence[str], environment: Mapping[str, str], root: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of our own session, so that Ctrl-C reaches it through us, in order; stopped at the end."""
    with (
        _log_of(name, root).open("ab") as log,
        subprocess.Popen(  # noqa: S603 - our own words, no shell
            command,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _wait_until_healthy(server: PrefectServer, process: subprocess.Popen[bytes], root: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not server.is_healthy():
        if process.poll() is not None:
            raise TiendoError(f"máy chủ Prefect không khởi động được; xem {_log_of('server', root)}")
        if time.monotonic() > end:
            log = _log_of("server", root)
            raise TiendoError(f"máy chủ Prefect chưa trả lời sau {START_SECONDS:.0f} giây; xem {log}")
        time.sleep(0.3)


def _wait_for_end(process: subprocess.Popen[bytes], root: Path) -> None:
    process.wait()
    raise TiendoError(f"worker đã tự dừng (mã {process.returncode}); xem {_log_of('worker', root)}")


def _run(words: Sequence[str], environment: Mapping[str, str], root: Path) -> None:
    """Run a prefect command to its end. Raises TiendoError, naming the log, if it fails."""
    with _log_of("deploy", root).open("ab") as log:
        done = subprocess.run(  # noqa: S603 - our own words, no shell
            _prefect(*words), cwd=ROOT, env=dict(environment), stdout=log, stderr=log, check=False
        )
    if done.returncode:
        log_file = _log_of("deploy", root)
        raise TiendoError(f"prefect {words[0]} không xong (mã {done.returncode}); xem {log_file}")
