"""The child process that opens files sent by others: `python -m tasks.reading.reading_child`.

Takes one JSON request on stdin, {"limits": {...}, "known": {...}, "files": [{"file", "path", "name"}, ...]}. Says on
stdout that it is ready, then writes one line of JSON a file as soon as it is read: what was read survives a file
that kills the process.
A file with "into" is a .zip to be opened into that folder.
Imports neither pandas nor anything that does: starting it must cost little.
"""

import math
import sys
from pathlib import Path
from typing import Any

import orjson

from tasks.reading.excess import without_excess
from tasks.reading.file_kinds import ZIP, kind_of
from tasks.reading.raw_texts import RefusedError, digests, parted, whole_digest
from tasks.reading.reading_csv import read_csv
from tasks.reading.reading_workbook import read_workbook
from tasks.reading.unpacking import unpack
from tasks.template.return_fields import READY
from tiendo.kinds import CSV, EVIDENCE, PLAIN

if sys.platform != "win32":
    import resource

ERROR_LENGTH = 200


def confine(memory_bytes: int) -> None:
    """Bounds this process: beyond them the system ends it. Windows has none but the parent's time."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_cpu(seconds: int) -> None:
    """So much CPU time from now on; the system ends the process that takes more."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = math.ceil(used.ru_utime + used.ru_stime) + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def answer(request: dict[str, Any], limits: dict[str, int]) -> dict[str, Any]:
    """What one file holds, or why it cannot be taken: file, kind, code, seen, facts."""
    known: dict[str, Any] = {"file": request["file"], "kind": None}
    try:
        contents = _contents(request, limits, known)
    except RefusedError as refusal:
        return {**known, "code": refusal.code, "seen": refusal.seen, "facts": refusal.facts}
    except OSError as error:
        return _unreadable(known, "not_opened", error.strerror)
    except MemoryError:
        return _unreadable(known, "reader_died", "MemoryError")
    except Exception as error:
        # A reader that cannot go on says so in many ways; whichever it is, only this file suffers.
        return _unreadable(known, "broken_book", f"{type(error).__name__}: {error}"[:ERROR_LENGTH])
    if "columns" not in contents:
        return {**known, **contents}
    is_plain = contents.get("kind") == PLAIN
    codes = () if is_plain else request["known"].get("locked", {}).get("name", ())
    for_others = request.get("speaks_for_others", False)
    contents |= without_excess(contents["columns"], contents["rows"], codes, for_others)
    parts = digests(contents["columns"], contents.get("about"))
    same, columns = parted(contents["columns"])
    said = {"same": same, "columns": columns, "digests": parts, "content_digest": whole_digest(parts)}
    return {**known, **contents, **said}


def _contents(request: dict[str, Any], limits: dict[str, int], known: dict[str, Any]) -> dict[str, Any]:
    path = Path(request["path"])
    if (size := path.stat().st_size) > limits["file_bytes"]:
        raise RefusedError("too_large", "file_size", size_bytes=size, limit_bytes=limits["file_bytes"])
    if "into" in request:
        return unpack(request, limits)
    content = path.read_bytes()
    kind = known["kind"] = kind_of(path, content, request["name"], limits)
    if kind == EVIDENCE:
        return {}
    if kind == ZIP:
        raise RefusedError("unknown_format", "inner_archive")
    if kind == CSV:
        return read_csv(path, limits)
    return read_workbook(path, content, kind, request["known"], limits)


def _unreadable(known: dict[str, Any], seen: str, error: str | None) -> dict[str, Any]:
    fact = "death" if seen == "reader_died" else "error"
    return {**known, "code": "unreadable", "seen": seen, "facts": {fact: error or ""}}


def main() -> None:
    """Reads the request, answers file by file."""
    request = orjson.loads(sys.stdin.buffer.read())
    limits = request["limits"]
    confine(limits["memory_bytes"])
    _say(READY)
    for file in request["files"]:
        allow_cpu(limits["cpu_seconds"])
        try:
            said = answer({"known": request["known"], **file}, limits)
        except BaseException as panic:  # of the reader's own making, which is no Exception
            if isinstance(panic, KeyboardInterrupt | SystemExit):
                raise
            said = _unreadable({"file": file["file"], "kind": None}, "reader_died", type(panic).__name__)
        _say(_bounded(orjson.dumps(said), said, limits["answer_bytes"]))


def _bounded(line: bytes, said: dict[str, Any], most: int) -> bytes:
    """The line, or that it is more than the process that reads it may be given."""
    if len(line) <= most:
        return line
    facts = {"size_bytes": len(line), "limit_bytes": most}
    refused = {"code": "too_large", "seen": "content_size", "facts": facts}
    return orjson.dumps({"file": said["file"], "kind": said["kind"], **refused})


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
