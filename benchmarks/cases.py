"""What is measured, and against what: each case gives its costs and how they stand to their targets."""

import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from benchmarks.history import fill_quarters
from benchmarks.local_server import prefect_server
from benchmarks.measuring import Cost, alternating, median, run_job
from benchmarks.past import LAST, PLAIN, WAYS, Way, fill_all
from benchmarks.plan_data import COUNTRY, PROVINCE, QUICK, Size
from benchmarks.prepared import returns_of, scratch, workspace_with
from benchmarks.runs import run
from benchmarks.workbooks import fill_inbox, quarter, received_at
from tasks.office.workspace import open_workspace

HISTORY = Size("history", 200, 404)
QUICK_HISTORY = Size("quick-history", 4, 20)
NAIVE_FILES = 12
TO_DATE = "floor with figures to date"
SAME = 1e-9  # relative; floor and product add up in different orders

Server = dict[str, str] | None  # the environment in which flows run on it


@dataclass(frozen=True)
class Target:
    """What was asked for, and what was reached; both in the same unit, less is better unless `at_least`."""

    what: str
    limit: float
    reached: float
    unit: str
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.reached >= self.limit if self.at_least else self.reached <= self.limit


@dataclass(frozen=True)
class Result:
    """What a case has found: the median cost of each way, and the targets."""

    name: str
    costs: dict[str, Cost]
    targets: list[Target] = field(default_factory=list)


@dataclass(frozen=True)
class Scope:
    """How much is measured: sizes and repeats."""

    country: Size = COUNTRY
    province: Size = PROVINCE
    history: Size = HISTORY
    last_quarter: int = 19  # the 20th, numbered from 0
    repeats: int = 3
    is_quick: bool = False

    def run(self, job: str, root: Path, number: int, server: Server = None, **given: object) -> Cost:
        """Run a job on a workspace in a process of its own; quick runs share this one, and its imports."""
        told = {**arguments(root, number), **given, "server": bool(server)}
        return Cost(**run(job, told)) if self.is_quick else run_job(job, told, server)

    def run_fresh(
        self, job: str, size: Size, server: Server = None, careless_every: int = 0, **given: object
    ) -> Cost:
        """Run a job on a new workspace whose inbox holds the first quarter's returns."""
        with scratch() as room:
            root = workspace_with(size, returns_of(size, 0, careless_every), room / "workspace")
            return self.run(job, root, 0, server, **given)


QUICK_SCOPE = Scope(QUICK, QUICK, QUICK_HISTORY, last_quarter=2, repeats=1, is_quick=True)


def arguments(root: Path, number: int) -> dict[str, str]:
    """What every job is told: the workspace, the quarter, and the instant at which it is taken in."""
    workspace, period = open_workspace(root), quarter(number)
    workspace.engine.dispose()
    return {"root": str(root), "period": str(period), "now": received_at(workspace, period).isoformat()}


def country(scope: Scope) -> Result:
    """Workbooks of one quarter to judged figures, beside the plain script; the figures must be the same."""
    with scratch() as room:
        files = {name: room / f"{name}.csv" for name in ("product", "floor")}
        runs = {
            "product": lambda: scope.run_fresh("product", scope.country, figures=str(files["product"])),
            "floor": lambda: scope.run_fresh("floor", scope.country, figures=str(files["floor"])),
            TO_DATE: lambda: scope.run_fresh("floor", scope.country, to_date=True),
        }
        costs = {name: median(each) for name, each in alternating(runs, scope.repeats).items()}
        check_same(*(pd.read_csv(file) for file in files.values()))
    product, floor = costs["product"], costs["floor"]
    targets = [
        Target("product / floor", 1.3, product.seconds / floor.seconds, "×"),
        Target(f"product / {TO_DATE}", math.inf, product.seconds / costs[TO_DATE].seconds, "×"),
        Target("product / floor, CPU time", math.inf, product.cpu_seconds / floor.cpu_seconds, "×"),
        Target("peak memory of the product with its children", 1024, product.peak_mb, "MB"),
    ]
    return Result(f"{scope.country.name} {described(scope.country)}", costs, targets)


def intake(scope: Scope) -> Result:
    """The workbooks of one quarter scanned and read in child processes, beside nothing but calamine."""
    jobs = {"scanned, in children": "scanned", "bare calamine": "bare", "bare, in as many": "bare_at_once"}
    runs = {
        way: lambda job=job: scope.run_fresh(job, scope.country)  # type: ignore[misc]
        for way, job in jobs.items()
    }
    costs = {name: median(each) for name, each in alternating(runs, scope.repeats).items()}
    read, bare, at_once = costs.values()
    targets = [
        Target("scanned / bare calamine", 1.5, read.seconds / bare.seconds, "×"),
        Target("scanned / bare calamine, CPU time", math.inf, read.cpu_seconds / bare.cpu_seconds, "×"),
        Target("scanned / bare in as many processes", math.inf, read.seconds / at_once.seconds, "×"),
    ]
    return Result(f"reading {described(scope.country)}", costs, targets)


def check_same(product: pd.DataFrame, floor: pd.DataFrame) -> None:
    """Raises AssertionError unless product and floor have come to the same figures and bands."""
    key = ["code", "against"]
    both = product.merge(floor, on=key, suffixes=("", "_floor"), how="outer", validate="one_to_one")
    wrong = both.band != both.band_floor
    for name in ("actual", "attainment"):
        gap = (both[name] - both[f"{name}_floor"]).abs()
        wrong |= ~(gap <= SAME * both[name].abs()) & ~(both[name].isna() & both[f"{name}_floor"].isna())
    assert not wrong.any(), f"product and floor differ:\n{both[wrong].to_string()}"


def naive(scope: Scope, product: Cost) -> Result:
    """The naive way on a part of the files, scaled to all of them."""
    with server_of(scope) as server:
        costs = [
            scope.run_fresh("naive", scope.country, server, files=NAIVE_FILES) for _ in range(scope.repeats)
        ]
    middle = median(costs)
    scale = scope.country.units / min(NAIVE_FILES, scope.country.units)
    seconds = middle.laps["file"] * scope.country.units
    whole = Cost(seconds, middle.cpu_seconds * scale, middle.imports_seconds, middle.peak_mb)
    name = f"naive way, {NAIVE_FILES} files scaled to {scope.country.units}"
    return Result(
        name, {"naive": whole}, [Target("naive / product", 25, seconds / product.seconds, "×", at_least=True)]
    )


def orchestrated(scope: Scope) -> Result:
    """The flow quarterly-review as a run of a local Prefect server, beside the same body called plainly."""
    with server_of(scope) as server:
        runs = {
            "plain": lambda: scope.run_fresh("review", scope.country),
            "orchestrated": lambda: scope.run_fresh("review", scope.country, server),
        }
        costs = {name: median(each) for name, each in alternating(runs, scope.repeats).items()}
    ratio = costs["orchestrated"].seconds / costs["plain"].seconds
    return Result("quarterly-review of the country", costs, [Target("orchestrated / plain", 1.1, ratio, "×")])


def history(scope: Scope) -> Result:
    """The review of the term's 20th quarter beside the first one's and the second's: collect and assess.

    The first has no figures before it to be held against; that the cost does not grow shows beside the second.
    """
    with scratch() as room:
        second, past = (workspace_with(scope.history, None, room / name) for name in ("second", "past"))
        fill_quarters(second, scope.history, 1)
        fill_quarters(past, scope.history, scope.last_quarter)
        runs = {
            "first quarter": lambda: review_after(scope, room / "run", None, 0),
            "second quarter": lambda: review_after(scope, room / "run", second, 1),
            "last quarter": lambda: review_after(scope, room / "run", past, scope.last_quarter),
        }
        costs = {name: median(each) for name, each in alternating(runs, scope.repeats).items()}
    first, second_cost, last = costs.values()
    name = f"quarter {scope.last_quarter + 1}"
    targets = [
        Target(f"{name} / first quarter", 1.1, last.seconds / first.seconds, "×"),
        Target(f"{name} / second quarter", math.inf, last.seconds / second_cost.seconds, "×"),
    ]
    return Result(f"review after many quarters {described(scope.history)}", costs, targets)


def review_after(scope: Scope, root: Path, past: Path | None, number: int) -> Cost:
    """collect and assess of a quarter, after a past that is copied."""
    try:
        if past is None:
            workspace_with(scope.history, None, root)
        else:
            shutil.copytree(past, root)
        fill_inbox(root, returns_of(scope.history, number))
        return scope.run("collect_then_assess", root, number)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def past(scope: Scope) -> Result:
    """Reviews as of an instant and restated beside the plain one, of the term's fourth quarter."""
    with scratch() as room:
        fill_all(room, scope.country)
        runs = {
            name: lambda way=way: review_of_past(scope, room, way)  # type: ignore[misc]
            for name, way in WAYS.items()
        }
        costs = {name: median(each) for name, each in alternating(runs, scope.repeats).items()}
    plain = costs[PLAIN].seconds
    targets = [
        Target(f"{name} / {PLAIN}", 1.5, cost.seconds / plain, "×")
        for name, cost in costs.items()
        if name != PLAIN
    ]
    return Result(f"review of a past quarter {described(scope.country)}", costs, targets)


def review_of_past(scope: Scope, room: Path, way: Way) -> Cost:
    """One review in a copy of its warehouse, so that none finds what another has left."""
    root = room / "run"
    try:
        shutil.copytree(room / way.warehouse, root)
        return scope.run("assess", root, LAST, **way.given(root))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def province(scope: Scope) -> Result:
    """One province's quarter with its review workbook; and what it costs if every return must go back marked."""
    runs = {
        "one goes back": lambda: scope.run_fresh("review", scope.province),
        "all go back": lambda: scope.run_fresh("review", scope.province, careless_every=1),
    }
    costs = {name: median(each) for name, each in alternating(runs, scope.repeats).items()}
    usual, worst = costs.values()
    marked = (worst.seconds - usual.seconds) / (scope.province.units - 1)
    targets = [
        Target("workbooks to issued review, after imports", 5, usual.seconds, "s"),
        Target("each workbook that goes back marked", math.inf, marked, "s"),
    ]
    return Result(f"{scope.province.name} {described(scope.province)}", costs, targets)


def described(size: Size) -> str:
    """A size in words."""
    return f"({size.units} × {size.indicators} = {size.units * size.indicators:,} values)"


@contextmanager
def server_of(scope: Scope) -> Iterator[Server]:
    """The environment of a Prefect server; None where it must be quick."""
    if scope.is_quick:
        yield None
        return
    with scratch() as room, prefect_server(room) as environment:
        yield environment
