"""What an issued report was made from: its review's instant, plan, thresholds and day."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime

import pandas as pd

from tasks.office.workspace import Workspace
from tiendo.bands import BandRules
from tiendo.errors import InputError
from tiendo.periods import Period
from warehouse.review_store import StoredReview, issued_reports, read_review

PROVINCE = "province"  # the kind of report that is the authority's own review


@dataclass(frozen=True, eq=False)
class Then:
    """The workspace as it was for an issued report: `workspace` has the plan and thresholds of its review.

    today: the day from which it was judged. review: what was stored. report: the row of the issued report.
    """

    workspace: Workspace
    today: date
    review: StoredReview
    report: pd.Series

    @property
    def against(self) -> str:
        """What was judged against."""
        return self.review.basis.against

    @property
    def view(self) -> str:
        """For whose units: as reported, or restated."""
        return self.review.basis.view

    @property
    def as_of(self) -> datetime:
        """The instant up to which the warehouse was read."""
        return self.review.basis.as_of

    @property
    def version(self) -> int:
        """The report's number."""
        return int(self.report.version)


def reviewed_then(workspace: Workspace, period: Period, version: int) -> Then:
    """What the authority's report of a period was made from. Raises InputError if there is no such version."""
    issued = issued_reports(workspace.engine, str(period))
    issued = issued[issued.kind == PROVINCE]
    chosen = issued[issued.version == version]
    if chosen.empty:
        known = ", ".join(map(str, issued.version)) or "chưa có"
        raise InputError(
            f"kỳ {period} không có báo cáo số {version}; các số đã phát hành: {known} (xem reports/{period})"
        )
    return as_reviewed(workspace, chosen.iloc[-1])


def as_reviewed(workspace: Workspace, report: pd.Series) -> Then:
    """The same of a row of the issued reports."""
    review = read_review(workspace.engine, int(report.review))
    basis = review.basis
    bands = BandRules(**json.loads(basis.band_rules))
    then = replace(workspace, plan_version=basis.plan_version, bands=bands)
    return Then(then, day_of(workspace, review), review, report)


def day_of(workspace: Workspace, review: StoredReview) -> date:
    """The day from which a review was judged (of one stored before days were: that on which it was stored)."""
    return review.today or workspace.calendar.civil_date(review.created_at)
