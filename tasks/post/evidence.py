"""Signed copies: beside which returns they are kept."""

from datetime import date

import pandas as pd

from tasks.office.workspace import Workspace
from tasks.validating import Validated
from tiendo.deadlines import is_live
from tiendo.periods import Period
from tiendo.verdicts import ATTACHED
from warehouse.intake_store import current_submissions

SENT = ["unit", "period"]


def returns_beside(workspace: Workspace, validated: Validated, today: date) -> dict[str, list[Period]]:
    """Sender of a signed copy → the periods of its returns beside which the copy is kept.

    Those in the same batch, and those received before for periods that are open today. Who has none is left out.
    """
    senders = sorted(set(validated.files.sender[(validated.results.verdict == ATTACHED).to_numpy()]))
    if not senders:
        return {}
    before = current_submissions(workspace.engine, senders)
    periods = {text: Period.parse(text) for text in before.period.unique()}
    plan, calendar = validated.loaded.plan, workspace.calendar
    is_open = {text: is_live(plan, calendar, period, today) for text, period in periods.items()}
    sent = pd.concat([_sent_now(validated), before.loc[before.period.map(is_open).eq(True), SENT]])
    by_unit = sent[sent.unit.isin(senders)].drop_duplicates().groupby("unit").period
    return {str(unit): sorted(map(Period.parse, some)) for unit, some in by_unit}


def _sent_now(validated: Validated) -> pd.DataFrame:
    """unit and period of the returns in a batch, under the unit spoken for and under the sender."""
    parts = validated.parts[["file", *SENT]]
    senders = validated.files.set_index("file").sender
    return pd.concat([parts, parts.assign(unit=parts.file.map(senders))])[SENT]
