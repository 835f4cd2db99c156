"""The standing figures made ready for a question: carried forward, and read as they were known, or as they count."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from tasks.office.workspace import Workspace
from tiendo.course import course_of
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan
from tiendo.rounds import rounds_of
from warehouse.connecting import reckoning
from warehouse.differing import Reading
from warehouse.past_figures import carry
from warehouse.plan_store import load_plan
from warehouse.readings import Known, known_by

LEFT_OUT = "left_out"
YEAR_ESTIMATE = "year_estimate"


def reading_of(workspace: Workspace, plan: Plan, period: Period, as_of: datetime | None) -> Reading:
    """What counts in a review of a period by the workspace's settings, as known at an instant (None: now).

    Estimates of the whole year count where a round of the year asks for them.
    """
    review = workspace.settings.review
    year = Period("year", period.last_month // 12)
    asked = any(YEAR_ESTIMATE in each.asks and year.contains(each.period) for each in rounds_of(plan))
    return Reading(
        as_of=as_of,
        accepted_only=review.unapproved == LEFT_OUT,
        needs_acceptance=review.approval,
        estimates=review.estimates,
        year_estimates=asked and review.estimates,
    )


@contextmanager
def known_figures(
    workspace: Workspace, plan: Plan, period: Period, as_of: datetime | None
) -> Iterator[Known]:
    """The standing figures at the closings of a period and before them, by a plan, as known at an instant."""
    closings = [last for kind in FREQUENCIES if (last := period.last_of(kind))]
    now = load_plan(workspace.engine).plan
    carried_by = course_of(now, workspace.calendar)
    carry(workspace.engine, closings, carried_by)
    course = carried_by if plan is now else course_of(plan, workspace.calendar)
    with reckoning(workspace.engine) as connection:
        yield known_by(connection, reading_of(workspace, plan, period, as_of), closings, course, carried_by)
