"""One run at a time: a lock that the system itself lets go when its holder ends, however it ends."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextmanager
def alone(root: Path, work: str) -> Iterator[None]:
    """Waits until no other process on this machine does the same work in a workspace; then others wait."""
    file = os.open(root / f".{work}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait(file)
        yield
    finally:
        os.close(file)


def _wait(file: int) -> None:
    if sys.platform == "win32":
        while True:
            try:
                msvcrt.locking(file, msvcrt.LK_LOCK, 1)  # gives up after ten seconds
                return
            except OSError:
                continue
    fcntl.flock(file, fcntl.LOCK_EX)
