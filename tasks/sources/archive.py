"""The archive: every file ever received, whole, under the hash of its content."""

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

BLOCK_BYTES = 2**20
UNFINISHED = ".part"
_PLAIN_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


@dataclass(frozen=True)
class Kept:
    """A file in the archive: the SHA-256 of its content, its place, its size."""

    sha256: str
    path: str
    size: int


@dataclass(frozen=True)
class Archive:
    """The folder of the archive."""

    folder: Path

    def clear(self) -> None:
        """Remove the copies that were given up, or left by a run that was killed; collect runs alone."""
        for left in self.folder.glob(f"*{UNFINISHED}"):
            left.unlink()

    def keep(self, original: IO[bytes], suffix: str) -> Kept:
        """A copy of what is read from an open file, under its hash and the suffix of its name."""
        content, size = hashlib.sha256(), 0
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=UNFINISHED, delete=False) as copy:
            while block := original.read(BLOCK_BYTES):
                content.update(block)
                size += copy.write(block)
        place = _placed(Path(copy.name), content.hexdigest(), suffix)
        return Kept(content.hexdigest(), str(place), size)

    def keep_bytes(self, content: bytes, suffix: str) -> Kept:
        """A copy of some bytes."""
        return self.keep(BytesIO(content), suffix)

    def settle(self) -> None:
        """Have the copies outlive a power cut before the ledger names them; one call for all is cheap."""
        if hasattr(os, "sync"):
            os.sync()


def _placed(unfinished: Path, content: str, suffix: str) -> Path:
    kept = suffix.lower() if _PLAIN_SUFFIX.fullmatch(suffix) else ""
    place = unfinished.parent / content[:2] / f"{content}{kept}"
    try:
        return unfinished.replace(place)
    except FileNotFoundError:
        place.parent.mkdir(exist_ok=True)
        return unfinished.replace(place)
