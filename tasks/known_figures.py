"""The standing figures made ready for a question: carried forward, and read as they were known, or as they count."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from tasks.office.workspace import Workspace
from tiendo.course import course_of
from tiendo.periods import Period
from tiendo.plan import Plan
from warehouse.connecting import reckoning, writing
from warehouse.readings import Known, Reading, known_by
from warehouse.standing import carry_forward, is_carried

LEFT_OUT = "left_out"


def reading_of(workspace: Workspace, as_of: datetime | None) -> Reading:
    """What counts by the workspace's settings, as known at an instant (None: now)."""
    review = workspace.settings.review
    return Reading(
        as_of=as_of,
        accepted_only=review.unapproved == LEFT_OUT,
        needs_acceptance=review.approval,
        estimates=review.estimates,
    )


@contextmanager
def known_figures(
    workspace: Workspace, plan: Plan, closings: Sequence[Period], as_of: datetime | None
) -> Iterator[Known]:
    """The standing figures at some closings (one a frequency) and before them, by a plan, as known at an instant."""
    now = workspace.current_plan().plan
    carried_by = course_of(now, workspace.calendar)
    with reckoning(workspace.engine) as connection:
        ready = is_carried(connection, closings)
    if not ready:
        with writing(workspace.engine) as connection:
            carry_forward(connection, closings, carried_by)
    course = carried_by if plan is now else course_of(plan, workspace.calendar)
    with reckoning(workspace.engine) as connection:
        yield known_by(connection, reading_of(workspace, as_of), closings, course, carried_by)
