"""One measured run, in a process of its own: `python -m benchmarks.runs JOB ARGUMENTS`.

A job's module is imported first, then its work is timed; one line of JSON on stdout says what that cost.
"""

import importlib
import json
import resource
import sys
import time
from typing import Any

FIGURES = ["code", "against", "actual", "attainment", "band"]

# The module and the function(arguments, laps) of each job.
JOBS = {
    "product": ("benchmarks.product", "quarter"),
    "review": ("benchmarks.product", "review"),
    "collect_then_assess": ("benchmarks.product", "collect_then_assess"),
    "assess": ("benchmarks.product", "assess_again"),
    "floor": ("benchmarks.floor", "quarter"),
    "naive": ("benchmarks.naive", "some_files"),
    "scanned": ("benchmarks.intake", "scanned"),
    "bare": ("benchmarks.intake", "bare"),
    "bare_at_once": ("benchmarks.intake", "bare_at_once"),
}

Arguments = dict[str, Any]
Laps = dict[str, float]


class Lap:
    """Notes the seconds that a part of the work took."""

    def __init__(self, laps: Laps, name: str) -> None:
        self.laps, self.name = laps, name

    def __enter__(self) -> None:
        self.began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.laps[self.name] = time.perf_counter() - self.began


def main() -> None:
    """Run one job and say what it cost."""
    print(json.dumps(run(sys.argv[1], json.loads(sys.argv[2]))))


def run(job: str, given: Arguments) -> dict[str, Any]:
    """Run one job here; gives the fields of `measuring.Cost`, the peak being this process's own."""
    module, name = JOBS[job]
    began = time.perf_counter()
    work = getattr(importlib.import_module(module), name)
    imported, cpu = time.perf_counter(), cpu_seconds()
    laps: Laps = {}
    figures = work(given, laps)
    cost = {"seconds": time.perf_counter() - imported, "cpu_seconds": cpu_seconds() - cpu}
    if figures is not None and "figures" in given:
        figures[FIGURES].to_csv(given["figures"], index=False)
    return cost | {"imports_seconds": imported - began, "peak_mb": peak_mb(), "laps": laps}


def cpu_seconds() -> float:
    """CPU time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def peak_mb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
