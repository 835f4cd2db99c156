"""Reading a batch of returns in child processes: no file can stop another, or this process."""

import math
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tasks.reading.children import run_child
from tasks.reading.limits import Limits
from tasks.template.return_fields import KEY_NAMES, RAW_FIELDS

FILE_FIELDS = (
    "kind",
    *KEY_NAMES,
    "sheet",
    "status_cell",
    "decimal_comma",
    "encoding",
    "content_digest",
    "titles",
    "about",
    "hidden",
    "left_out",
    "excess",
    "code",
    "seen",
    "facts",
)

# Children per worker, so that one slow share does not keep the others waiting.
SHARES_PER_WORKER = 2

Request = dict[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Reading:
    """What a batch of files holds, as found.

    cells: one row per data row: file (int), row (int, 1-based), sheet and RAW_FIELDS (object, None = empty); of a
        template, name and measure only where they are not the plan's.
    places: file, field, column (letters): where each field stands in the file.
    files: file, rows (int) and FILE_FIELDS (object, None = none). `code`, `seen` and `facts` say why a file could
        not be taken; unit and period are the template's keys, or those of a CSV that has only one; `kind` is
        template, plain (a table known by its headings; `titles`: the texts above it), csv or evidence; `hidden`:
        number of the table's rows that are hidden; `left_out`: rows with a figure and without an indicator; `excess`:
        number of rows not told, because they are wrong in the same way as others.
    digests: file, unit, period, rows, content_digest: what a file says for each unit and period; equal for
        files that say the same.
    flaws: file, row, field, code, found: cells that do not hold what they seem to.
    """

    cells: pd.DataFrame
    places: pd.DataFrame
    files: pd.DataFrame
    digests: pd.DataFrame
    flaws: pd.DataFrame


def read_returns(
    files: pd.DataFrame, limits: Limits | None = None, known: Mapping[str, Any] | None = None
) -> Reading:
    """Reads every file of a frame in child processes.

    files: file, path; `name`: as it was sent; `speaks_for_others`: whether its sender may speak for other units.

    known: what `known.what_is_known` says of the plan. A file that ends its child, or takes longer than allowed, is
    named `unreadable`; the others are read. Raises TiendoError where no child starts.
    """
    limits = limits or Limits()
    names = files["name"] if "name" in files else [Path(path).name for path in files["path"]]
    for_others = files["speaks_for_others"] if "speaks_for_others" in files else [False] * len(files)
    asked = zip(files["file"], files["path"], names, for_others, strict=True)
    requests = [_request(*each) for each in asked]
    job = partial(_read_share, limits=limits, known=dict(known or {}))
    with ThreadPoolExecutor(max_workers=limits.workers) as pool:
        answers = list(chain.from_iterable(pool.map(job, _shares(requests, limits))))
    return Reading(_cells(answers), _places(answers), _files(answers), _digests(answers), _flaws(answers))


def _request(file: int, path: str | Path, name: str, speaks_for_others: bool) -> Request:
    about = {"name": str(name), "speaks_for_others": bool(speaks_for_others)}
    return {"file": int(file), "path": str(Path(path).resolve()), **about}


def _shares(requests: list[Request], limits: Limits) -> list[list[Request]]:
    """What each child is given: a chunk at least, and no more than evens out what the children take."""
    size = max(limits.chunk, math.ceil(len(requests) / (limits.workers * SHARES_PER_WORKER)))
    return [requests[n : n + size] for n in range(0, len(requests), size)]


def _read_share(requests: list[Request], limits: Limits, known: dict[str, Any]) -> list[Answer]:
    """One answer a file, in order.

    A child answers file by file: where it ends too early, the first file without an answer is suspected and
    read again alone, with a closer look before; the others go on in a new child. One that took too long is not
    tried again.
    """
    answers: list[Answer] = []
    is_suspect = False
    while unread := requests[len(answers) :]:
        some = unread[:1] if is_suspect else unread
        given = {"limits": {**limits.for_child(), "careful": is_suspect}, "known": known, "files": some}
        answered, end = run_child(given, len(some), limits.seconds)
        answers += answered
        if len(answered) < len(some):
            is_certain = is_suspect or len(unread) == 1 or end.took_too_long
            if is_certain:
                answers.append(_dead(unread[len(answered)], end.words))
            is_suspect = not is_certain
        else:
            is_suspect = False
    return answers


def _dead(request: Request, death: str) -> Answer:
    refused = {"code": "unreadable", "seen": "reader_died", "facts": {"death": death}}
    return {"file": request["file"], "kind": None, **refused}


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


def _flaws(answers: list[Answer]) -> pd.DataFrame:
    rows = [(answer["file"], *flaw) for answer in answers for flaw in answer.get("flaws", ())]
    return _frame(rows, ["file", "row", "field", "code", "found"])


def _frame(rows: list[tuple[Any, ...]], names: list[str]) -> pd.DataFrame:
    """Object columns, but for the counts and numbers of files."""
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    whole = [name for name in names if name in ("file", "rows", "row")]
    return frame.astype(dict.fromkeys(whole, "int64"))
