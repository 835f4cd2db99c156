"""A folder on another machine, as fsspec reaches it: SFTP, S3, a mounted share; `<address>/<unit>/file`.

The folder says who sent a file. A file is taken only if it is listed the same before and after it was copied.
"""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePosixPath
from time import monotonic
from typing import Any

from tasks.reading.limits import MEGABYTE
from tasks.sources.addresses import Address
from tasks.sources.archive import Archive, Kept
from tasks.sources.arrivals import (
    SECONDS_TO_COPY,
    Arrival,
    Waiting,
)
from tasks.sources.file_names import is_sent, is_whole, readable
from tasks.sources.filesystems import S3_SCHEMES, opened_address

LOG = logging.getLogger(__name__)

# A server far away takes some hundredths of a second to answer; more at once and some SFTP servers refuse.
FILES_AT_ONCE = 8

# So many times the largest file that is read are copied, to be archived and refused; beyond it nothing is copied,
# the sender is told, and the file stays where it is.
TIMES_TOO_LARGE = 4


Info = dict[str, Any]


@dataclass(frozen=True, eq=False)
class RemoteFolder:
    """A folder at an address; `largest_mb` is the largest file that is read."""

    name: str
    address: Address = field(repr=False)
    archive: Archive
    largest_mb: int

    def check(self) -> None:
        """List the folder."""
        files, root = opened_address(self.address)
        _top(files, root, self.address.scheme)

    def arrivals(self) -> list[Arrival]:
        """Every file below the folder that is whole; after SECONDS_TO_COPY the rest is left to the next run.

        A file that cannot be copied keeps no other from it; if none can be, what stands in the way is raised.
        """
        until = monotonic() + SECONDS_TO_COPY
        files, root = opened_address(self.address)
        waiting = sorted(_waiting(files, root, self.address.scheme), key=lambda info: str(info["name"]))
        with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
            found = list(pool.map(partial(self._tried, files, root, until), waiting))
        self.archive.settle()
        arrived = [each for each in found if isinstance(each, Arrival)]
        failed = [each for each in found if isinstance(each, Exception)]
        if failed and not arrived:
            raise failed[0]
        return arrived

    def _tried(self, files: Any, root: str, until: float, info: Info) -> Arrival | Exception | None:
        try:
            return self._arrival(files, root, until, info)
        except Exception as error:
            told = self.address.redaction.clean(f"{info['name']}: {type(error).__name__} {error}")
            LOG.warning("left in %s: %s", self.name, told)
            return error

    def let_go(self, waiting: Sequence[Waiting]) -> None:
        """Remove files that are listed as they were when they were copied."""
        files, _ = opened_address(self.address)
        with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
            list(pool.map(partial(self._let_go, files), waiting))

    def _let_go(self, files: Any, waiting: Waiting) -> None:
        try:
            info = files.info(waiting.place)
            if _stamp(info) == waiting.stamp and not self._is_beyond(info):
                files.rm_file(waiting.place)
        except FileNotFoundError:
            return
        except PermissionError as error:
            LOG.warning("recorded, but %s does not let it be removed: %s", self.name, error)

    def _arrival(self, files: Any, root: str, until: float, info: Info) -> Arrival | None:
        """A file with its copy made; None where a later run must look again."""
        if monotonic() > until:
            return None
        place = str(info["name"])
        if self._is_beyond(info):
            return self._refused(root, info)
        try:
            with files.open(place, "rb") as original:
                kept = self.archive.keep(original, PurePosixPath(place).suffix)
            after = files.info(place)
        except (FileNotFoundError, PermissionError) as error:
            LOG.warning("left in %s: %s", self.name, error)
            return None
        if _stamp(after) != _stamp(info) or kept.size != info["size"]:
            return None
        return self._made(root, info, kept)

    def _is_beyond(self, info: Info) -> bool:
        return bool(info["size"] > self.largest_mb * TIMES_TOO_LARGE * MEGABYTE)

    def _refused(self, root: str, info: Info) -> Arrival:
        """A file that is not copied; what is archived says which it is."""
        relative = _relative(root, info)
        kept = self.archive.keep_bytes(f"{self.name}/{relative}|{_stamp(info)}\n".encode(), ".txt")
        facts = {"size_bytes": int(info["size"]), "limit_bytes": self.largest_mb * MEGABYTE}
        return self._made(root, info, kept, code="too_large", seen="file_size", facts=facts)

    def _made(self, root: str, info: Info, kept: Kept, **refusal: Any) -> Arrival:
        relative = _relative(root, info)
        return Arrival(
            waiting=Waiting(self, str(info["name"]), _stamp(info)),
            sender=relative.parts[0] if len(relative.parts) > 1 else "",
            path=f"{self.name}/{relative}",
            archived=kept.path,
            sha256=kept.sha256,
            size=int(info["size"]),
            stamp=f"{relative}|{_stamp(info)}",
            received_at=_came(info),
            **refusal,
        )


def _top(files: Any, root: str, scheme: str) -> list[Info]:
    """What lies in the folder itself. An S3 prefix is there only while something lies below it."""
    try:
        return list(files.ls(root, detail=True))
    except FileNotFoundError:
        if scheme in S3_SCHEMES and not files.find(root):
            return []
        raise


def _waiting(files: Any, root: str, scheme: str) -> Iterator[Info]:
    """The files below a folder that were sent and are whole; links are not followed."""
    if scheme in S3_SCHEMES:
        infos = files.find(root, detail=True).values()  # one request for a thousand files of all units
        yield from (info for info in infos if _is_sent(root, info))
        return
    top = _top(files, root, scheme)
    folders = [info for info in top if _is_folder(root, info)]
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        below = list(pool.map(partial(_below, files, root), folders))
    for info in [*top, *(info for some in below for info in some)]:
        if _is_sent(root, info):
            yield info


def _below(files: Any, root: str, folder: Info) -> list[Info]:
    """What lies in a folder and its folders; a folder that may not be read is left out."""
    try:
        found = list(files.ls(folder["name"], detail=True))
    except (FileNotFoundError, PermissionError) as error:
        LOG.warning("a folder cannot be read: %s", error)
        return []
    deeper = [_below(files, root, info) for info in found if _is_folder(folder["name"], info)]
    return [*found, *(info for some in deeper for info in some)]


def _is_folder(above: str, info: Info) -> bool:
    name = _name(info)
    is_itself = str(info["name"]).rstrip("/") == above.rstrip("/")
    return (
        info["type"] == "directory" and not info.get("islink") and not name.startswith(".") and not is_itself
    )


def _is_sent(root: str, info: Info) -> bool:
    parts = _relative(root, info).parts
    is_hidden = any(part.startswith(".") for part in parts)
    is_file = info["type"] == "file" and not info.get("islink") and not str(info["name"]).endswith("/")
    return is_file and bool(parts) and not is_hidden and is_sent(parts[-1]) and is_whole(parts[-1])


def _name(info: Info) -> str:
    return str(info["name"]).rstrip("/").rsplit("/", 1)[-1]


def _relative(root: str, info: Info) -> PurePosixPath:
    """The place of a file below the folder, as people read it."""
    below = str(info["name"]).removeprefix(root).lstrip("/")
    return PurePosixPath(readable(below))


def _stamp(info: Info) -> str:
    """What a listing says of a file: its times, its version where the store names one, its size."""
    times = [info[key] for key in ("mtime", "LastModified", "created") if info.get(key)]
    moments = [str(_instant(when) or when) for when in times]
    return "|".join([*moments, str(info.get("ETag") or "").strip('"'), str(info["size"])])


def _came(info: Info) -> datetime | None:
    """When a file came to be there, by a clock that its sender cannot set.

    SFTP tells only the time of change, which many programs copy from the sender's own disk.
    """
    return _instant(info.get("LastModified") or info.get("created"))


def _instant(when: object) -> datetime | None:
    """A time of a listing, which some stores write as seconds and others as a time, or now so and now so."""
    if isinstance(when, int | float):
        return datetime.fromtimestamp(when, UTC)
    return when.astimezone(UTC) if isinstance(when, datetime) else None
