"""What the office's word makes of the returns: their verdicts, and the figures of a review that are not approved."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
from sqlalchemy.engine import Connection

from tasks.office.workspace import Workspace
from tiendo.approvals import UNAPPROVED, unapproved_rows, with_office_verdicts
from tiendo.flags import with_flag
from tiendo.measures import Moment, members_of
from tiendo.periods import FREQUENCIES
from tiendo.plan import Plan
from warehouse.approval_store import approvals_of, figures_of, unapproved_submissions
from warehouse.connecting import reading
from warehouse.intake_store import submissions_of

MARKED = "marked"


def submissions_as_judged(
    workspace: Workspace,
    periods: Sequence[str],
    units: Sequence[str] | None = None,
    as_of: datetime | None = None,
) -> pd.DataFrame:
    """Every version of the periods' returns with its effective verdict and its stage (`approvals`).

    as_of: what was said of them by then (default: by now); versions are all that are there.
    """
    sent = submissions_of(workspace.engine, units, periods)
    with reading(workspace.engine) as connection:
        said = approvals_of(connection, periods, units, as_of)
    return with_office_verdicts(sent, said, workspace.settings.review.approval)


def with_unapproved(
    workspace: Workspace,
    connection: Connection,
    plan: Plan,
    moment: Moment,
    nodes: str,
    rows: dict[str, pd.DataFrame],
    as_of: datetime | None = None,
) -> dict[str, pd.DataFrame]:
    """The judged rows (`evidence.judged`), those flagged whose figure rests on a version that is not approved.

    Where such figures are left out of a review there is nothing to flag.
    """
    review = workspace.settings.review
    if review.unapproved != MARKED:
        return rows
    closings = [moment.closing(frequency) for frequency in FREQUENCIES]
    unapproved = unapproved_submissions(connection, closings, review.approval, as_of)
    if unapproved.empty:
        return rows
    resting = figures_of(connection, unapproved, closings, as_of)
    members = members_of(plan, moment, nodes)
    return {
        against: frame.assign(
            flags=with_flag(
                frame["flags"], UNAPPROVED, unapproved_rows(plan, moment, frame, members, resting)
            )
        )
        for against, frame in rows.items()
    }
