"""Comparing a report with the one issued before it: what changed, and which returns, corrections or plan stand behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import pandas as pd

from tasks.issued import PROVINCE, Then, as_reviewed
from tasks.known_figures import reading_of
from tasks.office.workspace import Workspace
from tasks.reading_figures import judge_period, level_table
from tiendo.bands import BandRules
from tiendo.explaining import ORIGINS, number_words
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan
from tiendo.report_changes import (
    Basis,
    ReportChanges,
    behind_changes,
    changed_counts,
    changed_rows,
    redefined,
)
from tiendo.review import Review
from tiendo.wording import date_text, short_number
from warehouse.connecting import reading
from warehouse.differing import counts_in
from warehouse.origins import Holds, changed_values
from warehouse.plan_store import load_plan
from warehouse.review_store import issued_reports

MOST_CAUSES = 5  # told beside an indicator; the values themselves stand in a list of their own

AGAIN = "đơn vị nộp lại"  # of a return that is not the unit's first for the period


def issued_before(
    workspace: Workspace, period: Period, against: str, view: str, version: int | None = None
) -> list[Then]:
    """The authority's reports of a period issued before a version (None: all), judged against the same, oldest first."""
    issued = issued_reports(workspace.engine, str(period))
    issued = issued[issued.kind == PROVINCE]
    if version is not None:
        issued = issued[issued.version < version]
    every = [as_reviewed(workspace, row) for _, row in issued.iterrows()]
    return [then for then in every if (then.against, then.view) == (against, view)]


def with_changes(workspace: Workspace, review: Review) -> Review:
    """The review with what it says otherwise than the report issued before it; as it is where there is none."""
    earlier = issued_before(workspace, review.period, review.against, review.view, review.version)
    if not earlier:
        return review
    return replace(review, changes=compared(workspace, review, earlier[-1], len(earlier)))


def compared(workspace: Workspace, review: Review, then: Then, number: int) -> ReportChanges:
    """What a review says otherwise than an issued report, `number` being which adjusted version it is."""
    stored = then.review.attainment
    rows = changed_rows(stored[stored.level == "indicator"], review.indicators)
    before = basis_of(then)
    now = Basis(review.version, review.as_of, review.today, review.plan_version, review.bands)
    values = _values(workspace, review.plan, review.period, before, now)
    reasons = Reasons(review.plan, before, now, _redefined(workspace, review, before))
    return ReportChanges(
        number=number,
        before=before,
        issued_on=workspace.calendar.civil_date(then.report.issued_at),
        path=then.report.path,
        rows=rows.assign(causes=reasons.of_rows(rows, values)),
        counts=changed_counts(stored, review.rollups),
        values=_of_changed(review.plan, rows, values),
        reasons=tuple(reasons.whole()),
    )


def basis_of(then: Then) -> Basis:
    """From what an issued report was judged."""
    return Basis(then.version, then.as_of, then.today, then.review.basis.plan_version, then.workspace.bands)


def changes_since(workspace: Workspace, then: Then, now: datetime) -> pd.DataFrame:
    """What an issued report would say otherwise of what is known now, plan, thresholds and day being its own.

    Columns of ReportChanges.rows.
    """
    period = Period.parse(then.review.basis.period)
    is_current = then.workspace.plan_version == workspace.current_plan().version
    # Figures as they are now are carried by the current plan; with an older one they are read as known now.
    as_of = None if is_current else now
    judged = judge_period(then.workspace, period, [then.against], then.today, as_of, view=then.view)
    plan = judged.loaded.plan
    own = judged.rows[then.against]
    own = own[own.unit == plan.term.authority]
    stored = then.review.attainment
    rows = changed_rows(
        stored[stored.level == "indicator"], level_table(then.workspace, judged, own, "indicator")
    )
    before = basis_of(then)
    present = replace(before, as_of=now)
    values = _values(workspace, plan, period, before, present)
    return rows.assign(causes=Reasons(plan, before, present).of_rows(rows, values))


def _redefined(workspace: Workspace, review: Review, before: Basis) -> frozenset[str]:
    if before.plan_version == review.plan_version:
        return frozenset()
    return frozenset(redefined(load_plan(workspace.engine, before.plan_version).plan, review.plan))


def _values(workspace: Workspace, plan: Plan, period: Period, before: Basis, now: Basis) -> pd.DataFrame:
    """The values that became others between the instants of two reports (columns of ReportChanges.values)."""
    last = {kind: end.index for kind in FREQUENCIES if (end := period.last_of(kind))}
    with reading(workspace.engine) as connection:
        changed = changed_values(
            connection, before.as_of, now.as_of, last, partial(_counted, workspace, plan, period)
        )
    changed = changed[changed.indicator.isin(plan.indicators.index)]
    names = {unit: plan.unit_name(unit, now.today) for unit in changed.unit.unique()}
    table = changed.assign(
        unit_name=changed.unit.map(names),
        name=changed.indicator.map(plan.indicators["name"]),
        before=[_said(row, "_before") for row in changed.to_dict("records")],
        now=[_said(row) for row in changed.to_dict("records")],
        cause=[cause_of(row) for row in changed.to_dict("records")],
    )
    columns = ["unit", "unit_name", "period", "indicator", "name", "before", "now", "version", "cause"]
    order = table.sort_values(["indicator", "unit", "period"], kind="stable", ignore_index=True)
    return order[columns]


def _counted(workspace: Workspace, plan: Plan, period: Period, at: datetime) -> Holds:
    """Which versions count at an instant, by the settings."""
    counts = counts_in(reading_of(workspace, plan, period, at))
    assert counts is not None
    return counts


def _said(row: Mapping[Any, Any], when: str = "") -> str:
    """What a value says in words, or said before."""
    names = ("state", "qualifier", "numerator", "denominator")
    return number_words({"value": row[f"number{when}"], **{name: row[f"{name}{when}"] for name in names}}, "")


def cause_of(row: Mapping[Any, Any]) -> str:
    """Why a value is another one, in words: who changed it, in which version, and what they said of it."""
    is_again = not row["origin"] and not pd.isna(row["version_before"])
    who = AGAIN if is_again else ORIGINS.get(row["origin"], row["origin"])
    said = row["reason"] if row["origin"] == "correction" else row["note"]
    by = f" – {row['recorded_by']}" if row["recorded_by"] else ""
    return f"{who}, lần {row['version']}{by}{f': {said}' if said else ''}"


def _of_changed(plan: Plan, rows: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Those of the values that stand behind an indicator that changed."""
    return values.loc[sorted(set(behind_changes(plan, rows, values)["at"]))].reset_index(drop=True)


@dataclass(frozen=True)
class Reasons:
    """Why indicators changed, in words: returns and corrections, the plan (`redefined`), the thresholds, the day."""

    plan: Plan
    before: Basis
    now: Basis
    redefined: frozenset[str] = frozenset()

    def whole(self) -> Sequence[str]:
        """What the two reports differ in beside their figures."""
        before, now = self.before, self.now
        found = []
        if before.plan_version != now.plan_version:
            count = len(self.redefined)
            found.append(
                f"Kế hoạch: phiên bản {before.plan_version} → {now.plan_version} "
                f"({count} chỉ tiêu có định nghĩa, mục tiêu, nhánh hoặc mốc khác đi)."
            )
        if before.bands != now.bands:
            found.append(f"Ngưỡng xếp mức: {_limits(before.bands)} → {_limits(now.bands)}.")
        if before.today != now.today:
            found.append(
                f"Ngày xét: {date_text(before.today)} → {date_text(now.today)} "
                "(hạn nộp và thời hạn mục tiêu tính đến ngày này)."
            )
        return found

    def of_rows(self, rows: pd.DataFrame, values: pd.DataFrame) -> list[str]:
        """The causes of each changed indicator, one a line."""
        behind = behind_changes(self.plan, rows, values)
        lines: dict[str, list[str]] = {}
        for code, at in zip(behind.code, behind["at"], strict=True):
            lines.setdefault(code, []).append(_line(values.loc[at].to_dict(), code))
        return ["\n".join(self._causes(row, lines.get(row["code"], []))) for row in rows.to_dict("records")]

    def _causes(self, row: Mapping[Any, Any], lines: list[str]) -> list[str]:
        more = len(lines) - MOST_CAUSES
        found = lines[:MOST_CAUSES] + (
            [f"… và {more} số liệu khác, xem danh sách bên dưới"] if more > 0 else []
        )
        if row["code"] in self.redefined or row["kind"] in ("added", "dropped"):
            found.append(f"kế hoạch đổi (phiên bản {self.before.plan_version} → {self.now.plan_version})")
        if found:
            return found
        if row["kind"] == "moved" and self.before.bands != self.now.bands:
            return ["ngưỡng xếp mức đổi"]
        if self.before.today != self.now.today:
            return [f"xét đến ngày {date_text(self.now.today)}"]
        return ["số liệu đọc theo cách khác (cài đặt về số ước hoặc số chưa duyệt)"]


def _line(value: Mapping[Any, Any], code: str) -> str:
    of = "" if value["indicator"] == code else f" [{value['indicator']}]"
    change = f"{value['before']} → {value['now']}"
    return f"{value['unit_name']}{of}, {value['period']}: {change} ({value['cause']})"


def _limits(bands: BandRules) -> str:
    words = f"{short_number(bands.advancing)}% và {short_number(bands.stalled)}%"
    return f"{words}, theo phần thời gian đã qua" if bands.relative else words
