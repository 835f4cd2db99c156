"""Receiving: what lies in the inbox is hashed, copied into the archive, and let go once it is recorded."""

import hashlib
import logging
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from tasks.office.workspace import Workspace
from tiendo.plan import Plan
from tiendo.reporting import owed_on
from warehouse.intake_store import backdated, known_stamps

LOG = logging.getLogger(__name__)

INBOX, ARCHIVE = "inbox", "archive"
STAMP = ["sha256", "sender", "stamp"]

# What programs leave beside files, and files that are not whole yet.
NOT_SENT = (".", "~$")
NOT_SENT_NAMES = ("Thumbs.db", "desktop.ini")
BLOCK_BYTES = 2**20

# A disk takes a millisecond or more to make or forget a file; of 705, one after the other, a second or two.
FILES_AT_ONCE = 16
INSTANT = "datetime64[us, UTC]"

LEDGER_COLUMNS = ["sender", "path", "sha256", "stamp", "size", "received_at", "recorded_at", "source"]
RECEIVED_COLUMNS = ["file", *LEDGER_COLUMNS, "waiting", "archived"]

UNFINISHED = ".part"
_PLAIN_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


def receive(workspace: Workspace, now: datetime) -> pd.DataFrame:
    """Every file that waits in the inbox and is not recorded yet, in order of receipt (RECEIVED_COLUMNS).

    `sender` is the folder it lies in, `path` its place below the workspace (NFC, for people), `waiting` and
    `archived` where it and its copy lie. A file counts as received when it came to be there, at the latest
    `now`, unless it was dated back. A file that an earlier run has recorded, but not removed, is removed.
    """
    rows = pd.DataFrame(_archived_files(workspace.root))
    if rows.empty:
        return pd.DataFrame(columns=RECEIVED_COLUMNS)
    stamps = pd.Series(list(rows[STAMP].itertuples(index=False, name=None)), dtype=object)
    is_known = stamps.isin(known_stamps(workspace.engine, stamps))
    let_go(rows[is_known])
    rows = rows[~is_known].reset_index(drop=True)
    at = _received_at(workspace, rows, now)
    rows = rows.assign(source=INBOX, received_at=at, recorded_at=pd.Timestamp(now).tz_convert("UTC"))
    rows = rows.sort_values(["received_at", "path"], kind="stable", ignore_index=True)
    return rows.assign(file=range(len(rows)))[RECEIVED_COLUMNS]


def make_inboxes(root: Path, plan: Plan) -> None:
    """A folder in the inbox for each unit that owes anything by the end of the term, to drop its files into."""
    for unit in owed_on(plan, plan.term.ends).unit.unique():
        (root / INBOX / unit).mkdir(parents=True, exist_ok=True)


def let_go(rows: pd.DataFrame) -> None:
    """Remove waiting files, unless another file has taken the name meanwhile."""
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        list(pool.map(_let_go, rows.waiting, rows.stamp))


def _let_go(waiting: str, stamp: str) -> None:
    path = Path(waiting)
    try:
        if _stamp(path.stat()) == stamp:
            path.unlink()
    except FileNotFoundError:
        return
    except PermissionError as error:
        LOG.warning("recorded, to be removed by a later run: %s", error)


def _archived_files(root: Path) -> list[dict[str, object]]:
    folder = root / ARCHIVE
    folder.mkdir(exist_ok=True)
    for left in folder.glob(f"*{UNFINISHED}"):
        left.unlink()  # of a file given up, or a run killed: collect runs alone
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        files = list(pool.map(partial(_archived, root), _waiting(root / INBOX)))
    if hasattr(os, "sync"):
        os.sync()  # the copies outlive a power cut before the ledger names them; one call for all is cheap
    return [file for file in files if file]


def _waiting(inbox: Path) -> Iterator[Path]:
    """Files in the inbox and its folders; links are not followed."""
    for folder, folders, names in os.walk(inbox):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            is_sent = not name.startswith(NOT_SENT) and name not in NOT_SENT_NAMES
            if is_sent and path.is_file() and not path.is_symlink():
                yield path


def _archived(root: Path, path: Path) -> dict[str, object] | None:
    """What the ledger will say of a file, its copy made; None where a later run must look again.

    That is so of a file that is still being written, is open in a program that locks it, or is gone.
    """
    try:
        with path.open("rb") as original:
            before = os.fstat(original.fileno())
            unfinished, content = _copied(original, root / ARCHIVE)
        after = path.stat()
    except (FileNotFoundError, PermissionError) as error:
        LOG.warning("left in the inbox: %s", error)
        return None
    if (_stamp(before), before.st_size) != (_stamp(after), after.st_size):
        return None
    relative = path.relative_to(root)
    return {
        "sender": _readable(relative.parts[1]) if len(relative.parts) > 2 else "",
        "path": _readable(relative.as_posix()),
        "waiting": str(path),
        "archived": str(_placed(unfinished, content, path.suffix)),
        "sha256": content,
        "stamp": _stamp(after),
        "size": after.st_size,
        "came": pd.Timestamp(after.st_ctime_ns, tz="UTC"),
    }


def _copied(original: BinaryIO, folder: Path) -> tuple[Path, str]:
    """A copy of an open file under a passing name, and the SHA-256 of what was copied."""
    content = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder, suffix=UNFINISHED, delete=False) as copy:
        while block := original.read(BLOCK_BYTES):
            content.update(block)
            copy.write(block)
    return Path(copy.name), content.hexdigest()


def _placed(unfinished: Path, content: str, suffix: str) -> Path:
    kept = suffix.lower() if _PLAIN_SUFFIX.fullmatch(suffix) else ""
    place = unfinished.parent / content[:2] / f"{content}{kept}"
    try:
        return unfinished.replace(place)
    except FileNotFoundError:
        place.parent.mkdir(exist_ok=True)
        return unfinished.replace(place)


def _stamp(stat: os.stat_result) -> str:
    """What tells one file that lay here from another of the same content."""
    return f"{stat.st_ino}-{stat.st_ctime_ns}"


def _readable(name: str) -> str:
    """A name as text that every program can show; bytes that are no text become question marks."""
    return unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())


def _received_at(workspace: Workspace, rows: pd.DataFrame, now: datetime) -> pd.Series:
    at_the_latest = pd.Timestamp(now).tz_convert("UTC")
    came = rows.came.where(rows.came < at_the_latest, at_the_latest)
    noted = backdated(workspace.engine, rows.sha256).drop_duplicates(["sha256", "sender"], keep="last")
    keys = ["sha256", "sender"]
    back = noted.set_index(keys).received_at.reindex(pd.MultiIndex.from_frame(rows[keys]))
    noted_at = pd.Series(back.array, index=rows.index, dtype=INSTANT)
    return noted_at.where(noted_at.notna(), pd.Series(came.array, index=rows.index, dtype=INSTANT))
