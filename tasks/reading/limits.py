"""What one file that others have sent may cost."""

import os
from dataclasses import asdict, dataclass

from tasks.office.settings import Settings

MEGABYTE = 2**20

# Kept by the process that starts the readers.
PARENTS_OWN = ("seconds", "chunk", "workers")


@dataclass(frozen=True)
class Limits:
    """What one file may cost (settings `[intake]`); times in seconds, sizes in bytes."""

    file_bytes: int = 20 * 2**20
    part_bytes: int = 50 * 2**20
    unpacked_bytes: int = 200 * 2**20
    entries: int = 2_000
    rows: int = 100_000
    columns: int = 200
    members: int = 100  # files within a .zip
    seconds: float = 60
    cpu_seconds: int = 30
    memory_bytes: int = 2**30
    answer_bytes: int = (
        24 * 2**20
    )  # as JSON: what 100 000 rows of figures need, in this process four times as much
    chunk: int = 64  # files that a child is given, at least
    workers: int = os.cpu_count() or 1

    def for_child(self) -> dict[str, int]:
        """The limits that the child keeps by itself."""
        return {name: value for name, value in asdict(self).items() if name not in PARENTS_OWN}


def limits_of(settings: Settings) -> Limits:
    """The limits of a workspace's settings."""
    intake = settings.intake
    return Limits(
        file_bytes=intake.max_file_mb * MEGABYTE,
        part_bytes=intake.max_part_mb * MEGABYTE,
        unpacked_bytes=intake.max_unpacked_mb * MEGABYTE,
        rows=intake.max_rows,
        columns=intake.max_columns,
        seconds=intake.max_seconds,
        chunk=settings.scale.chunk,
    )
