"""Files put into a unit's inbox from the command line, as if the unit had dropped them there."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from tasks.office.workspace import Workspace
from tiendo.errors import InputError
from tiendo.plan_reading import nearest
from warehouse.intake_store import record_backdating

INBOX = "inbox"


@dataclass(frozen=True)
class Backdating:
    """A receipt dated back: when the files really came, why they are put in later, and who says so when.

    Raises InputError if the moment or the reason is missing, or the moment has not come yet.
    """

    received_at: datetime | None
    reason: str
    recorded_at: datetime
    recorded_by: str

    def __post_init__(self) -> None:
        if self.received_at is None or not self.reason.strip():
            raise InputError("--received-at và --reason đi cùng nhau: ghi thời điểm nhận thật và lý do")
        if self.received_at > self.recorded_at:
            raise InputError(
                f"--received-at {self.received_at.isoformat()}: ở tương lai; ghi lúc đã nhận tệp"
            )


def submit_files(
    workspace: Workspace, files: Sequence[Path], unit: str, backdating: Backdating | None = None
) -> list[Path]:
    """Copies of the files in the inbox of a unit, under names that overwrite nothing.

    A receipt dated back is noted, and audited, before its file is there. Raises InputError, with nothing
    copied, if a file cannot be read or the plan has no such unit.
    """
    units = set(workspace.current_plan().plan.units.code)
    if unit not in units:
        raise InputError(
            f"--unit {unit!r}: kế hoạch không có đơn vị này; {nearest(unit, sorted(units))[:200]}"
        )
    contents = [_content(file) for file in files]
    if backdating:
        _note(workspace, files, contents, unit, backdating)
    folder = workspace.root / INBOX / unit
    folder.mkdir(parents=True, exist_ok=True)
    return [_placed(file, folder) for file in files]


def _content(file: Path) -> str:
    """SHA-256 of a file."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"{file}: không đọc được ({error.strerror}); kiểm tra tên tệp và quyền đọc"
        ) from None


def _note(
    workspace: Workspace, files: Sequence[Path], contents: list[str], unit: str, backdating: Backdating
) -> None:
    names = [file.name for file in files]
    said = pd.DataFrame({"sha256": contents, "sender": unit, "path": names})
    assert backdating.received_at is not None
    record_backdating(
        workspace.engine,
        said,
        received_at=backdating.received_at,
        reason=backdating.reason.strip(),
        recorded_at=backdating.recorded_at,
        recorded_by=backdating.recorded_by,
    )


def _placed(file: Path, folder: Path) -> Path:
    """The file copied into the folder; it appears there whole, under a name that is free."""
    handle, unfinished = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    os.close(handle)
    shutil.copyfile(file, unfinished)
    try:
        return _linked(Path(unfinished), folder, file)
    finally:
        Path(unfinished).unlink()


def _linked(unfinished: Path, folder: Path, file: Path) -> Path:
    number = 1
    while True:
        name = file.name if number == 1 else f"{file.stem} ({number}){file.suffix}"
        with suppress(FileExistsError):
            os.link(unfinished, folder / name)
            return folder / name
        number += 1
