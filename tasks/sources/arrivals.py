"""What a source is, and what it gives: files, each copied into the archive, and the thing that waits behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

INBOX = "inbox"  # the source that every workspace has: its own folder of this name

# One slow source must not keep collect from ending. What does not come within this time comes with the next run.
SECONDS_TO_COPY = 240
SECONDS_TO_ANSWER = 600
SECONDS_TO_CONNECT = 15
SECONDS_OF_SILENCE = 30  # after which a connection counts as dead


class Source(Protocol):
    """A place where units leave files. Each call makes a connection of its own: hours may lie between two."""

    @property
    def name(self) -> str:
        """Its name in the settings, which the ledger keeps."""

    def check(self) -> None:
        """Reach it and look into it, taking nothing. Raises what stands in the way."""

    def arrivals(self) -> list["Arrival"]:
        """Each file that waits, copied into the archive. Raises what stands in the way."""

    def let_go(self, waiting: Sequence["Waiting"]) -> None:
        """Remove what is recorded, where it is still the same; what is gone already is no error."""


@dataclass(frozen=True)
class Waiting:
    """A file or a message that waits: where, and what it looked like when it was copied."""

    source: Source
    place: str
    stamp: str


@dataclass(frozen=True)
class Arrival:
    """A file that came. `archived` is its copy; `stamp` tells it from another of the same content and sender.

    `received_at` is None where the source does not know when it came. `code`, `seen` and `facts` say why it is
    refused before anybody reads it: a finding code, a key of `SEEN`, and what its words name.
    """

    waiting: Waiting
    sender: str
    path: str
    archived: str
    sha256: str
    size: int
    stamp: str
    received_at: datetime | None = None
    code: str | None = None
    seen: str | None = None
    facts: Mapping[str, object] | None = None
