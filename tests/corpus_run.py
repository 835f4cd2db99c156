"""The corpus put into an inbox, and one collecting of it in a process of its own: `python tests/corpus_run.py ROOT`."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

REPOSITORY = Path(__file__).resolve().parent.parent
MEGABYTE = 2**20


def main(root: str) -> None:
    """Collects, and says what that took: seconds, and bytes at the most."""
    from corpus_office import NOW

    from flows.collect import collect

    began = time.monotonic()
    collect.fn(workspace=root, now=NOW)
    took = time.monotonic() - began
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    assert peak, "this system does not say how much memory a process had at the most"
    sys.stdout.write(json.dumps({"seconds": took, "peak_bytes": int(peak[1]) * 1024}))


if __name__ == "__main__":
    sys.path.insert(0, str(REPOSITORY))
    main(sys.argv[1])
    sys.exit()

from corpus import NUMBER, Case, file_name, sender_of  # noqa: E402
from corpus_office import NOW, PAST_NOW, District, Province, made_province  # noqa: E402

from flows.collect import collect  # noqa: E402
from tasks.office.workspace import Workspace, open_workspace  # noqa: E402
from warehouse.bulk import read_frame  # noqa: E402
from warehouse.connecting import reading  # noqa: E402
from warehouse.intake_store import current_values  # noqa: E402
from warehouse.schema import finding, outbox, receipt  # noqa: E402

EARLIER_DAYS = (3, 2)  # before NOW
PLACES = "places.json"


@dataclass(frozen=True)
class Outcome:
    """What a workspace knows after its collecting, and what that took."""

    folder: Path
    seconds: float
    peak_bytes: int
    siblings: list[str]  # what lay beside the workspace before

    @cached_property
    def workspace(self) -> Workspace:
        return open_workspace(self.folder / "office")

    def _rows(self, table: sa.Table) -> pd.DataFrame:
        with reading(self.workspace.engine) as connection:
            return read_frame(connection, sa.select(table))

    @cached_property
    def receipts(self) -> pd.DataFrame:
        """One row a file of the last collecting."""
        rows = self._rows(receipt)
        return rows[rows.recorded_at == pd.Timestamp(NOW)].set_index("id")

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The findings of the last collecting, with their sender."""
        rows = self._rows(finding)
        rows = rows[rows.receipt.isin(self.receipts.index)]
        return rows.assign(sender=self.receipts.sender.reindex(rows.receipt).to_numpy())

    @cached_property
    def letters(self) -> pd.DataFrame:
        """The answers of the last collecting."""
        rows = self._rows(outbox)
        return rows[rows.created_at == pd.Timestamp(NOW)]

    @cached_property
    def figures(self) -> dict[str, dict[str, dict[str, float]]]:
        """Sender → period → indicator → the figure that the warehouse has."""
        found: dict[str, dict[str, dict[str, float]]] = {}
        for row in current_values(self.workspace.engine).itertuples():
            found.setdefault(row.unit, {}).setdefault(row.period, {})[row.indicator] = row.number
        return found

    @cached_property
    def places(self) -> dict[str, str]:
        """`CHE.value` → I10: where the templates have their cells."""
        places: dict[str, str] = json.loads((self.folder / PLACES).read_text(encoding="utf-8"))
        return places

    def archived(self, sender: str) -> Path:
        """The kept copy of a sender's only file."""
        (sha256,) = self.receipts.sha256[self.receipts.sender == sender]
        return next(self.workspace.root.glob(f"archive/{sha256[:2]}/{sha256}*"))


def put_into_inbox(folder: Path, cases: Sequence[Case], **settings: str) -> Province:
    """A workspace with the files of the cases waiting, and what came before them collected."""
    province = made_province(folder, max(NUMBER[case.id] for case in cases), **settings)
    province.issue()
    (folder / PLACES).write_text(json.dumps(province.places), encoding="utf-8")
    _collect_past(province, cases)
    districts = {case.id: province.district(NUMBER[case.id], case.past is not None) for case in cases}
    for n, days in enumerate(EARLIER_DAYS):
        for case in cases:
            if n < len(case.earlier):
                district = districts[case.id]
                province.drop(district.code, file_name(case), case.earlier[n](district))
        collect.fn(workspace=str(province.workspace.root), now=NOW - timedelta(days=days))
    for case in cases:
        district = districts[case.id]
        province.drop(sender_of(case, district), case.name, case.build(district))
    return province


def _collect_past(province: Province, cases: Sequence[Case]) -> None:
    for case in cases:
        if case.past is not None:
            district = province.district(NUMBER[case.id])
            province.drop(district.code, "quy3.csv", case.past(district))
    collect.fn(workspace=str(province.workspace.root), now=PAST_NOW)


def collected_apart(province: Province) -> Outcome:
    """The waiting files collected by a process of its own."""
    folder = province.folder
    (folder / "tmp").mkdir()
    province.workspace.engine.dispose()
    siblings = sorted(path.name for path in folder.iterdir())
    run = subprocess.run(
        [sys.executable, str(Path(__file__)), str(province.workspace.root)],
        cwd=REPOSITORY,
        env={**os.environ, "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-4000:]
    said = json.loads(run.stdout.splitlines()[-1])
    return Outcome(folder, said["seconds"], said["peak_bytes"], siblings)


def shared_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that the workers of this test run have in common."""
    base = factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name


def made_once(folder: Path, make: Callable[[Path], Outcome]) -> Outcome:
    """An outcome that the workers of a test run share: whoever comes first makes it."""
    folder.mkdir(exist_ok=True)
    kept = folder / "outcome.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            shutil.rmtree(folder / "made", ignore_errors=True)
            (folder / "made").mkdir()
            made = make(folder / "made")
            said = {"seconds": made.seconds, "peak_bytes": made.peak_bytes, "siblings": made.siblings}
            kept.write_text(json.dumps(said), encoding="utf-8")
    return Outcome(folder / "made", **json.loads(kept.read_text(encoding="utf-8")))


__all__ = ["District", "Outcome", "collected_apart", "made_once", "put_into_inbox", "shared_folder"]
