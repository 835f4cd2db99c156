"""The child process that opens files sent by others: `python -m tasks.reading.reading_child`.

Takes one JSON request on stdin, {"limits": {...}, "files": [{"file", "path", "kind"}, ...]}. Says on stdout
that it is ready, then writes one line of JSON a file as soon as it is read: what was read survives a file that
kills the process.
Imports neither pandas nor anything that does: starting it must cost little.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from tasks.reading.raw_texts import RefusedError, digests, parted, size_text, whole_digest
from tasks.reading.reading_csv import read_csv
from tasks.reading.reading_template import read_template
from tasks.template.return_fields import READY

if sys.platform != "win32":
    import resource

READERS: dict[str, Callable[[Path, dict[str, int]], dict[str, Any]]] = {
    "template": read_template,
    "csv": read_csv,
}


def confine(memory_bytes: int, cpu_seconds: int) -> None:
    """Bounds this process: beyond them the system ends it. Windows has none but the parent's time."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(request: dict[str, Any], limits: dict[str, int]) -> dict[str, Any]:
    """What one file holds, or its error {file, code, detail}."""
    path = Path(request["path"])
    try:
        if (size := path.stat().st_size) > limits["file_bytes"]:
            raise RefusedError("too_large", f"{size_text(size)}, giới hạn {size_text(limits['file_bytes'])}")
        if request["kind"] not in READERS:
            raise RefusedError(
                "unknown_format", f"đuôi {path.suffix}" if path.suffix else "tên tệp không có đuôi"
            )
        contents = READERS[request["kind"]](path, limits)
    except RefusedError as refusal:
        return {**_named(request), "code": refusal.code, "detail": refusal.detail}
    except OSError as error:
        return {**_named(request), "code": "unreadable", "detail": f"không mở được tệp ({error.strerror})"}
    parts = digests(contents["columns"])
    same, columns = parted(contents["columns"])
    said = {"same": same, "columns": columns, "digests": parts, "content_digest": whole_digest(parts)}
    return {**_named(request), **contents, **said}


def _named(request: dict[str, Any]) -> dict[str, Any]:
    return {"file": request["file"], "kind": request["kind"]}


def main() -> None:
    """Reads the request, answers file by file."""
    request = orjson.loads(sys.stdin.buffer.read())
    limits = request["limits"]
    confine(limits["memory_bytes"], limits["cpu_seconds"])
    _say(READY)
    for file in request["files"]:
        _say(orjson.dumps(answer(file, limits)))


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
