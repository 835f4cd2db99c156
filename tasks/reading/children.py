"""Child processes that open what others have sent: no file can stop another, or this process."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any

import orjson

from tasks.template.return_fields import READY
from tiendo.errors import TiendoError

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60

Answer = dict[str, Any]


@dataclass(frozen=True)
class End:
    """How a child ended: in words, and whether it was because it took too long."""

    words: str
    took_too_long: bool


def run_child(request: Mapping[str, Any], count: int, seconds: float) -> tuple[list[Answer], End]:
    """The child's answers to a request, one line of JSON each, as far as it came, and how it ended.

    count: of answers expected; each may take so many seconds. Raises TiendoError where the child did not even
    start: that is no fault of a file.
    """
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [sys.executable, "-m", "tasks.reading.reading_child"],
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as child,
    ):
        lines, in_time = _lines(child, orjson.dumps(request), count, seconds)
        if not in_time:
            child.kill()
        end = _end(child.wait(), errors, None if in_time else seconds)
    if not lines or lines[0] != READY:
        raise TiendoError(f"the process that reads returns does not start ({end.words}); run tiendo doctor")
    return [orjson.loads(line) for line in lines[1:]], end


def _lines(
    child: "subprocess.Popen[bytes]", request: bytes, count: int, seconds: float
) -> tuple[list[bytes], bool]:
    """The whole lines of a child's output, and whether each came in time."""
    assert child.stdin is not None and child.stdout is not None
    said: Queue[bytes] = Queue()
    Thread(target=_pass_on, args=(child.stdout, said), daemon=True).start()
    with suppress(BrokenPipeError):  # of a child that has ended already, and says why
        child.stdin.write(request)
        child.stdin.close()
    lines: list[bytes] = []
    while len(lines) < count + 1:
        try:
            line = said.get(timeout=max(seconds, START_SECONDS) if not lines else seconds)
        except Empty:
            return lines, False
        if not line.endswith(b"\n"):  # the end, or half a line
            break
        lines.append(line.rstrip(b"\n"))
    return lines, True


def _pass_on(out: IO[bytes], said: "Queue[bytes]") -> None:
    for line in out:
        said.put(line)
    said.put(b"")


def _environment() -> dict[str, str]:
    """Nothing of ours that a hostile file could read, but what Python needs to start."""
    needed = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "TZ")
    return {name: os.environ[name] for name in needed if name in os.environ}


def _end(code: int, errors: IO[bytes], seconds: float | None) -> End:
    if seconds is not None:
        return End(f"> {seconds:g} s", True)
    if code < 0:
        name = signal.Signals(-code).name
        return End(name, name == "SIGXCPU")
    errors.seek(0)
    last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
    return End(" ".join(last)[:200] or f"exit {code}", False)
