"""Archives that came: their members take their place, as files of their own."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from tasks.office.settings import Settings
from tasks.reading.children import run_child
from tasks.reading.limits import Limits, limits_of
from tasks.sources.archive import Archive
from tasks.sources.arrivals import Arrival

ARCHIVE_SUFFIX = ".zip"
FOLDER_PREFIX = "unpacked-"


def with_members(arrivals: Iterable[Arrival], archive: Archive, settings: Settings) -> list[Arrival]:
    """The arrivals, each .zip opened by one level; one that cannot be opened is refused as it is.

    What an archive holds waits with it: it is let go when all of it is recorded.
    """
    given = list(arrivals)
    opened = [
        number
        for number, arrival in enumerate(given)
        if arrival.code is None and PurePosixPath(arrival.path).suffix.lower() == ARCHIVE_SUFFIX
    ]
    if not opened:
        return given
    instead: dict[int, list[Arrival]] = {}
    with tempfile.TemporaryDirectory(dir=archive.folder, prefix=FOLDER_PREFIX) as folder:
        for number in opened:
            answer = _unpacked(given[number], Path(folder) / str(number), limits_of(settings))
            instead[number] = list(_members(given[number], answer, Path(folder) / str(number), archive))
    archive.settle()
    return [each for number, arrival in enumerate(given) for each in instead.get(number, [arrival])]


def _unpacked(arrival: Arrival, into: Path, limits: Limits) -> dict[str, Any]:
    name = PurePosixPath(arrival.path).name
    file = {
        "file": 0,
        "path": str(Path(arrival.archived).resolve()),
        "name": name,
        "into": str(into.resolve()),
    }
    request = {"limits": limits.for_child(), "known": {}, "files": [file]}
    answers, end = run_child(request, 1, limits.seconds)
    dead = {"code": "unreadable", "seen": "reader_died", "facts": {"death": end.words}}
    return answers[0] if answers else dead


def _members(arrival: Arrival, answer: dict[str, Any], folder: Path, archive: Archive) -> Iterator[Arrival]:
    if code := answer.get("code"):
        yield replace(arrival, code=code, seen=answer["seen"], facts=answer["facts"])
        return
    if answer["members"] is None:
        yield arrival
        return
    for number, name in enumerate(answer["members"]):
        with (folder / str(number)).open("rb") as member:
            kept = archive.keep(member, PurePosixPath(name).suffix)
        yield replace(
            arrival,
            path=f"{arrival.path}/{name}",
            archived=kept.path,
            sha256=kept.sha256,
            size=kept.size,
            stamp=f"{arrival.stamp}/{number}",
        )
