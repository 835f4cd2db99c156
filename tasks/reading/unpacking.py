"""Opening a .zip by one level, in the reading child: its files become files of their own."""

from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from tasks.reading.archive_scan import Limits, entries_of, unpacked
from tasks.reading.file_kinds import ZIP, kind_of
from tasks.reading.raw_texts import RefusedError
from tasks.sources.file_names import is_sent, plain_name

MAC_FOLDER = "__MACOSX"  # what a Mac adds of its own
UTF8_FLAG = 0x800


def unpack(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Writes the files of an archive below `into` as 0, 1, …: {"members": their names}.

    None for what is no archive of files (a workbook is a zip too). Raises RefusedError for one that is not opened.
    """
    path = Path(request["path"])
    content = path.read_bytes()
    if kind_of(path, content, request["name"], limits) != ZIP:
        return {"members": None}
    entries = [entry for name, entry in entries_of(content, limits).items() if _is_sent(name)]
    if not entries:
        raise RefusedError("unknown_format", "empty_archive")
    if len(entries) > limits["members"]:
        raise RefusedError("too_large", "entry_count", entries=len(entries), most_entries=limits["members"])
    into = Path(request["into"])
    into.mkdir()
    for number, entry in enumerate(entries):
        (into / str(number)).write_bytes(unpacked(content, entry))
    return {"members": [_name(entry.filename, entry.flag_bits) for entry in entries]}


def _is_sent(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return all(is_sent(part) and not part.startswith(MAC_FOLDER) for part in parts)


def _name(name: str, flags: int) -> str:
    """A member's own name; programs of before Unicode write its bytes as they are."""
    if not flags & UTF8_FLAG:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return plain_name(name, "-")
