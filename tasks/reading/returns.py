"""Reading a batch of returns in child processes: no file can stop another, or this process."""

import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import accumulate, chain, pairwise, repeat
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd

from tasks.template.return_fields import KEY_NAMES, RAW_FIELDS, READY
from tiendo.errors import TiendoError

ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = {".xlsx": "template", ".csv": "csv"}
FILE_FIELDS = (
    "kind",
    *KEY_NAMES,
    "sheet",
    "status_cell",
    "decimal_comma",
    "content_digest",
    "code",
    "detail",
)

# Children per worker, so that one slow share does not keep the others waiting.
SHARES_PER_WORKER = 2

Request = dict[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """What one file may cost (settings `[intake]`); times in seconds, sizes in bytes."""

    file_bytes: int = 20 * 2**20
    part_bytes: int = 50 * 2**20
    unpacked_bytes: int = 200 * 2**20
    rows: int = 100_000
    columns: int = 200
    seconds: float = 60
    cpu_seconds: int = 30
    memory_bytes: int = 2**30
    chunk: int = 64  # files that a child is given, at least
    workers: int = os.cpu_count() or 1

    def for_child(self) -> dict[str, int]:
        """The limits that the child keeps by itself."""
        parents_own = ("seconds", "chunk", "workers")
        return {name: value for name, value in asdict(self).items() if name not in parents_own}


@dataclass(frozen=True, eq=False)
class Reading:
    """What a batch of files holds, as found.

    cells: one row per data row: file (int), row (int, 1-based), sheet and RAW_FIELDS (object, None = empty).
    places: file, field, column (letters): where each field stands in the file.
    files: file, rows (int) and FILE_FIELDS (object, None = none). `code` and `detail` say why a file could
        not be read; unit and period are the template's keys, or those of a CSV that has only one.
    digests: file, unit, period, rows, content_digest: what a file says for each unit and period; equal for
        files that say the same.
    """

    cells: pd.DataFrame
    places: pd.DataFrame
    files: pd.DataFrame
    digests: pd.DataFrame


def read_returns(files: pd.DataFrame, limits: Limits | None = None) -> Reading:
    """Reads every file of a frame (file, path) in child processes.

    A file that ends its child, or takes longer than allowed, is named `unreadable`; the others are read.
    Raises TiendoError where no child starts.
    """
    limits = limits or Limits()
    requests = [_request(file, path) for file, path in zip(files["file"], files["path"], strict=True)]
    with ThreadPoolExecutor(max_workers=limits.workers) as pool:
        shares = pool.map(_read_share, _shares(requests, limits), repeat(limits))
        answers = list(chain.from_iterable(shares))
    return Reading(_cells(answers), _places(answers), _files(answers), _digests(answers))


def _request(file: int, path: str | Path) -> Request:
    path = Path(path).resolve()
    return {"file": int(file), "path": str(path), "kind": KINDS.get(path.suffix.lower(), "unknown")}


def _shares(requests: list[Request], limits: Limits) -> list[list[Request]]:
    """What each child is given: a chunk at least, and no more than evens out what the children take."""
    size = max(limits.chunk, math.ceil(len(requests) / (limits.workers * SHARES_PER_WORKER)))
    return [requests[n : n + size] for n in range(0, len(requests), size)]


def _read_share(requests: list[Request], limits: Limits) -> list[Answer]:
    """One answer a file, in order.

    A child answers file by file: where it ends too early, the first file without an answer is suspected and
    read again alone; the others go on in a new child.
    """
    answers: list[Answer] = []
    is_suspect = False
    while unread := requests[len(answers) :]:
        if is_suspect or len(unread) == 1:
            answers.append(_read_alone(unread[0], limits))
            is_suspect = False
        else:
            answers += _run_child(unread, limits)[0]
            is_suspect = True
    return answers


def _read_alone(request: Request, limits: Limits) -> Answer:
    answers, death = _run_child([request], limits)
    if answers:
        return answers[0]
    detail = f"trình đọc dừng giữa chừng khi đọc tệp ({death})"
    return {"file": request["file"], "kind": request["kind"], "code": "unreadable", "detail": detail}


def _run_child(requests: list[Request], limits: Limits) -> tuple[list[Answer], str]:
    """Answers in the order of the requests, as far as the child came, and how it ended.

    Raises TiendoError where it did not even start: that is no fault of a file.
    """
    asked = orjson.dumps({"limits": limits.for_child(), "files": requests})
    with subprocess.Popen(
        [sys.executable, "-m", "tasks.reading.reading_child"],
        cwd=ROOT,
        env=_child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        try:
            out, errors = child.communicate(asked, timeout=limits.seconds)
            death = _death(child.returncode, errors)
        except subprocess.TimeoutExpired:
            child.kill()
            out, _ = child.communicate()
            death = f"> {limits.seconds:g} s"
    first, *lines = out.split(b"\n")
    if first != READY:
        raise TiendoError(f"the process that reads returns does not start ({death}); run tiendo doctor")
    return [orjson.loads(line) for line in lines[:-1]], death  # what follows the last line end is half a line


def _child_environment() -> dict[str, str]:
    """Nothing of ours that a hostile file could read, but what Python needs to start."""
    needed = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "TZ")
    return {name: os.environ[name] for name in needed if name in os.environ}


def _death(code: int, errors: bytes) -> str:
    if code < 0:
        return signal.Signals(-code).name
    last = errors.decode(errors="replace").strip().splitlines()[-1:]
    return " ".join(last) or f"exit {code}"


def _cells(answers: list[Answer]) -> pd.DataFrame:
    read = [answer for answer in answers if "rows" in answer]
    ends = list(accumulate((len(answer["rows"]) for answer in read), initial=0))
    columns: dict[str, np.ndarray[Any, Any]] = {
        "file": np.empty(ends[-1], dtype=np.int64),
        "sheet": np.full(ends[-1], None, dtype=object),
        "row": np.empty(ends[-1], dtype=np.int64),
        **{field: np.full(ends[-1], None, dtype=object) for field in RAW_FIELDS},
    }
    for answer, (start, end) in zip(read, pairwise(ends), strict=True):
        said = {"row": answer["rows"], **{name: answer[name] for name in ("file", "sheet")}}
        for field, cells in {**said, **answer["same"], **answer["columns"]}.items():
            columns[field][start:end] = cells
    return pd.DataFrame({name: pd.Series(cells, dtype=cells.dtype) for name, cells in columns.items()})


def _places(answers: list[Answer]) -> pd.DataFrame:
    places = [(a["file"], field, column) for a in answers for field, column in a.get("fields", {}).items()]
    return _frame(places, ["file", "field", "column"])


def _files(answers: list[Answer]) -> pd.DataFrame:
    rows = [(a["file"], len(a.get("rows", ())), *_file_fields(a)) for a in answers]
    return _frame(rows, ["file", "rows", *FILE_FIELDS])


def _file_fields(answer: Answer) -> Iterable[Any]:
    keys = answer.get("keys") or {name: _only(answer, place) for place, name in enumerate(("unit", "period"))}
    known = {**keys, **answer}
    return (known.get(name) for name in FILE_FIELDS)


def _only(answer: Answer, place: int) -> str | None:
    """The one unit or period that a file speaks of, if it is one."""
    said = {part[place] for part in answer.get("digests", ())}
    return said.pop() if len(said) == 1 else None


def _digests(answers: list[Answer]) -> pd.DataFrame:
    rows = [(answer["file"], *part) for answer in answers for part in answer.get("digests", ())]
    return _frame(rows, ["file", "unit", "period", "rows", "content_digest"])


def _frame(rows: list[tuple[Any, ...]], names: list[str]) -> pd.DataFrame:
    """Object columns, but for the counts and numbers of files."""
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    whole = [name for name in names if name in ("file", "rows")]
    return frame.astype(dict.fromkeys(whole, "int64"))
