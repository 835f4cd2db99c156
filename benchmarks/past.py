"""Reviews as of an instant and restated for other units, each beside the plain one, on the same figures."""

import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from benchmarks.history import correct_quarter, fill_quarters
from benchmarks.plan_data import FIRST_YEAR, Size
from benchmarks.workbooks import make_workspace, quarter, received_at
from tasks.office.workspace import open_workspace
from tasks.publishing import assess_period
from tiendo.measures import AS_REPORTED, RESTATED

LAST = 3  # the fourth quarter, numbered from 0
CORRECTED_EVERY = 10
# The fourth quarter is 15 September to 14 December.
WITHIN, AFTERWARDS = date(FIRST_YEAR, 11, 1), date(FIRST_YEAR, 12, 20)
REVIEWED_AFTER = timedelta(days=10)  # of the due day: all changes have come


@dataclass(frozen=True)
class Way:
    """A way of reviewing the last quarter: in which warehouse, as of when (from its returns' coming), in which view."""

    warehouse: str
    as_of: timedelta | None = None
    view: str = AS_REPORTED

    def given(self, root: Path) -> dict[str, str]:
        """What the job is told beside the workspace and the period."""
        came = returned_at(root)
        told = {"now": (came + REVIEWED_AFTER).isoformat(), "view": self.view}
        return told if self.as_of is None else told | {"as_of": (came + self.as_of).isoformat()}


PLAIN = "plain"
WAYS = {
    PLAIN: Way("plain"),
    "as of before a tenth was corrected": Way("corrected", timedelta(hours=1)),
    "as of before the last quarter came": Way("corrected", -timedelta(hours=1)),
    "restated, half merged within the quarter": Way("within", view=RESTATED),
    "restated, half merged after it": Way("afterwards", view=RESTATED),
}


def returned_at(root: Path) -> datetime:
    """When the last quarter's returns came."""
    workspace = open_workspace(root)
    workspace.engine.dispose()
    return received_at(workspace, quarter(LAST))


def fill(root: Path, size: Size, merged_on: date | None) -> None:
    """Four quarters, each reviewed, and the last but one restated as well; half of the units may merge on a day."""
    make_workspace(root, size, merged_on).engine.dispose()
    gone = set(size.merging_codes[::2]) if merged_on == WITHIN else set()
    fill_quarters(root, size, LAST + 1, [unit for unit in size.unit_codes if unit not in gone])
    workspace = open_workspace(root)
    # Of what was reviewed before, a review takes the counts to be held against; it does not judge it again.
    assess_period(
        workspace, quarter(LAST - 1), None, None, received_at(workspace, quarter(LAST)), view=RESTATED
    )
    workspace.engine.dispose()


def fill_all(room: Path, size: Size) -> None:
    """The warehouses of all ways, below a folder; the corrected one is the plain one and a correction."""
    for name, merged_on in {"plain": None, "within": WITHIN, "afterwards": AFTERWARDS}.items():
        fill(room / name, size, merged_on)
    shutil.copytree(room / "plain", room / "corrected")
    correct_quarter(room / "corrected", size, LAST, CORRECTED_EVERY)
