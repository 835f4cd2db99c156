"""Receiving: what the sources gave becomes rows of the ledger, and is let go at its source once it is recorded."""

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pandas as pd

from tasks.archives import with_members
from tasks.office.workspace import Workspace
from tasks.sources.arrivals import INBOX, Arrival, Source, Waiting
from tasks.sources.opening import archive_of
from tiendo.plan import Plan
from tiendo.reporting import owed_on
from warehouse.intake_store import backdated, known_stamps

LOG = logging.getLogger(__name__)

STAMP = ["sha256", "sender", "stamp"]
INSTANT = "datetime64[us, UTC]"

LEDGER_COLUMNS = ["sender", "path", "sha256", "stamp", "size", "received_at", "recorded_at", "source"]
REFUSAL_COLUMNS = ["code", "seen", "facts"]
RECEIVED_COLUMNS = ["file", *LEDGER_COLUMNS, "waiting", "archived", *REFUSAL_COLUMNS]


def receive(workspace: Workspace, arrivals: Iterable[Arrival], now: datetime) -> pd.DataFrame:
    """Every file that came and is not recorded yet, in order of receipt (RECEIVED_COLUMNS).

    `sender` is the unit that sent it (empty: nobody known), `path` what people know it by (NFC), `waiting` what
    it came in at its source (several files may share one), `archived` where its copy lies; `code`, `seen` and
    `facts` are those of a file refused at receipt, else None. A file counts as received when it came to be there,
    at the latest `now`, unless it was dated back. What an earlier run has recorded whole, but not let go, is
    let go.
    """
    rows = _rows(with_members(arrivals, archive_of(workspace.root), workspace.settings))
    if rows.empty:
        return pd.DataFrame(columns=RECEIVED_COLUMNS)
    stamps = pd.Series(list(rows[STAMP].itertuples(index=False, name=None)), dtype=object)
    is_known = stamps.isin(known_stamps(workspace.engine, stamps))
    let_go(rows[is_known & ~rows.waiting.isin(set(rows.waiting[~is_known]))])
    rows = rows[~is_known].reset_index(drop=True)
    at = _received_at(workspace, rows, now)
    rows = rows.assign(received_at=at, recorded_at=pd.Timestamp(now).tz_convert("UTC"))
    rows = rows.sort_values(["received_at", "path"], kind="stable", ignore_index=True)
    return rows.assign(file=range(len(rows)))[RECEIVED_COLUMNS]


def make_inboxes(root: Path, plan: Plan) -> None:
    """A folder in the inbox for each unit that owes anything by the end of the term, to drop its files into."""
    for unit in owed_on(plan, plan.term.ends).unit.unique():
        (root / INBOX / unit).mkdir(parents=True, exist_ok=True)


def let_go(rows: pd.DataFrame) -> None:
    """Let go of what the rows came in, at its source. A source that is down is left to a later run."""
    waiting: dict[Source, list[Waiting]] = {}
    for each in dict.fromkeys(rows.waiting):
        waiting.setdefault(each.source, []).append(each)
    for source, those in waiting.items():
        try:
            source.let_go(those)
        except Exception as error:  # recorded already: whatever keeps a server from it, a later run does it
            LOG.warning(
                "recorded, to be removed from %s by a later run: %s", source.name, type(error).__name__
            )


def _rows(arrivals: Iterable[Arrival]) -> pd.DataFrame:
    """One row a file."""
    given = [vars(arrival) for arrival in arrivals]
    if not given:
        return pd.DataFrame()
    # As objects: a column of texts would have NaN where there is none.
    columns = {name: pd.Series([each[name] for each in given], dtype=object) for name in REFUSAL_COLUMNS}
    rows = pd.DataFrame(given).assign(**columns)
    came = pd.to_datetime(rows.pop("received_at"), utc=True)
    return rows.assign(came=came, source=[each.source.name for each in rows.waiting])


def _received_at(workspace: Workspace, rows: pd.DataFrame, now: datetime) -> pd.Series:
    at_the_latest = pd.Timestamp(now).tz_convert("UTC")
    came = rows.came.where(rows.came < at_the_latest, at_the_latest)
    noted = backdated(workspace.engine, rows.sha256).drop_duplicates(["sha256", "sender"], keep="last")
    keys = ["sha256", "sender"]
    back = noted.set_index(keys).received_at.reindex(pd.MultiIndex.from_frame(rows[keys]))
    noted_at = pd.Series(back.array, index=rows.index, dtype=INSTANT)
    return noted_at.where(noted_at.notna(), pd.Series(came.array, index=rows.index, dtype=INSTANT))
