"""Running jobs in processes of their own and watching what they cost."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
LOOK_SECONDS = 0.1
MB = 2**20

# Nothing of a measured run leaves the machine, and no run writes into the folders of whoever measures.
QUIET = {
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
}


@dataclass(frozen=True)
class Cost:
    """What one run cost.

    Wall and CPU seconds without the imports, and the seconds of those; the most memory that parent and
    children held together (MB); the seconds of the run's parts.
    """

    seconds: float
    cpu_seconds: float
    imports_seconds: float
    peak_mb: float
    laps: dict[str, float] = field(default_factory=dict)


class JobFailedError(Exception):
    """A measured run ended with an error."""


def run_job(job: str, given: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a job of `benchmarks.runs` and watch it; raises JobFailedError with what it said."""
    command = [sys.executable, "-m", "benchmarks.runs", job, json.dumps(given)]
    around = {
        **os.environ,
        **QUIET,
        "PREFECT_HOME": str(Path(given["root"]) / ".prefect"),
        **(environment or {}),
    }
    with TemporaryFile() as out, TemporaryFile() as err:  # a pipe that nobody empties would stop the job
        with subprocess.Popen(command, cwd=ROOT, env=around, stdout=out, stderr=err) as process:
            peak = watched_peak_mb(process)
        if process.returncode:
            raise JobFailedError(f"{job}: {written(err)[-3000:]}")
        said = json.loads(written(out).strip().splitlines()[-1])
    return Cost(**said | {"peak_mb": max(peak, said["peak_mb"])})


def written(file: IO[bytes]) -> str:
    """What a process has written into a file."""
    file.seek(0)
    return file.read().decode(errors="replace")


def watched_peak_mb(process: "subprocess.Popen[bytes]") -> float:
    """The most memory that a process and those below it hold at one time, until it ends."""
    peak = 0.0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        peak = max(peak, held_mb(watched))
        time.sleep(LOOK_SECONDS)
    return peak


def held_mb(process: psutil.Process) -> float:
    """What a process and those below it hold now; what they share is counted for each."""
    held = 0
    with suppress(psutil.Error):
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                held += each.memory_info().rss
    return held / MB


def alternating(runs: Mapping[str, Callable[[], Cost]], repeats: int) -> dict[str, list[Cost]]:
    """Every run so many times, in turns, so that what else the machine does falls on all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            costs[name].append(run())
    return costs


def median(costs: list[Cost]) -> Cost:
    """The median of each figure."""

    def middle(name: str) -> float:
        return float(statistics.median(getattr(cost, name) for cost in costs))

    laps = {name: statistics.median(cost.laps[name] for cost in costs) for name in costs[0].laps}
    names = ("seconds", "cpu_seconds", "imports_seconds", "peak_mb")
    return Cost(**{name: middle(name) for name in names}, laps=laps)
