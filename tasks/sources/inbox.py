"""The workspace's own inbox: a folder for each unit; the folder says who sent a file."""

import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tasks.sources.archive import Archive
from tasks.sources.arrivals import INBOX, Arrival, Waiting
from tasks.sources.file_names import is_sent, readable

LOG = logging.getLogger(__name__)

# A disk takes a millisecond or more to make or forget a file; of 705, one after the other, a second or two.
FILES_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Inbox:
    """The folder `inbox` of a workspace."""

    root: Path
    archive: Archive
    name: str = INBOX

    def check(self) -> None:
        """Look into the folder. Raises OSError if there is none."""
        next((self.root / INBOX).iterdir(), None)

    def arrivals(self) -> list[Arrival]:
        """Every file in the inbox and its folders that is whole, can be read, and stays as it is meanwhile."""
        with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
            found = list(pool.map(self._arrival, _waiting(self.root / INBOX)))
        self.archive.settle()
        return [arrival for arrival in found if arrival]

    def let_go(self, waiting: Sequence[Waiting]) -> None:
        """Remove files, unless another has taken the name meanwhile."""
        with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
            list(pool.map(_let_go, waiting))

    def _arrival(self, path: Path) -> Arrival | None:
        """A file with its copy made; None where a later run must look again.

        That is so of a file that is still being written, is open in a program that locks it, or is gone.
        """
        try:
            with path.open("rb") as original:
                before = os.fstat(original.fileno())
                kept = self.archive.keep(original, path.suffix)
            after = path.stat()
        except (FileNotFoundError, PermissionError) as error:
            LOG.warning("left in the inbox: %s", error)
            return None
        if (_stamp(before), before.st_size) != (_stamp(after), after.st_size):
            return None
        relative = path.relative_to(self.root)
        return Arrival(
            waiting=Waiting(self, str(path), _stamp(after)),
            sender=readable(relative.parts[1]) if len(relative.parts) > 2 else "",
            path=readable(relative.as_posix()),
            archived=kept.path,
            sha256=kept.sha256,
            size=after.st_size,
            stamp=_stamp(after),
            received_at=pd.Timestamp(after.st_ctime_ns, tz="UTC"),
        )


def _let_go(waiting: Waiting) -> None:
    path = Path(waiting.place)
    try:
        if _stamp(path.stat()) == waiting.stamp:
            path.unlink()
    except FileNotFoundError:
        return
    except PermissionError as error:
        LOG.warning("recorded, to be removed by a later run: %s", error)


def _waiting(inbox: Path) -> Iterator[Path]:
    """Files in the inbox and its folders; links are not followed."""
    for folder, folders, names in os.walk(inbox):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if is_sent(name) and path.is_file() and not path.is_symlink():
                yield path


def _stamp(stat: os.stat_result) -> str:
    """What tells one file that lay here from another of the same content."""
    return f"{stat.st_ino}-{stat.st_ctime_ns}"
