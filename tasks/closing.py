"""Closing: the office locks, unlocks and waives periods; what stands of it, and how complete and timely units were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from tasks.office.workspace import Workspace
from tasks.reading_figures import obligations_of
from tiendo.errors import InputError
from tiendo.period_acts import EVERY_UNIT, LOCK, exceptions
from tiendo.periods import FREQUENCIES, Period
from tiendo.plan import Plan
from tiendo.plan_reading import nearest
from tiendo.reporting import owing_units
from tiendo.timeliness import by_unit, with_totals
from warehouse.period_store import PeriodAct, acts_of, record_act


@dataclass(frozen=True)
class Order:
    """What somebody at the keyboard orders about a period: lock, unlock or waive, for units (none: all), until a day."""

    act: str
    period: Period
    units: tuple[str, ...]
    reason: str
    until: date | None

    def __post_init__(self) -> None:
        """Raises InputError without a reason, or for a lock that is to end."""
        if not self.reason.strip():
            raise InputError(f"period {self.act}: thiếu lý do; ghi --reason LÝ_DO để sau này tra lại được")
        if self.act == LOCK and self.until:
            raise InputError("period lock: khóa không có ngày hết; bỏ --until, mở lại bằng: period unlock")


def act_on_period(workspace: Workspace, order: Order, now: datetime, by: str) -> list[str]:
    """Record what is ordered, with its audit; gives the units whose act is new ("" for all of them).

    Raises InputError for a period that nothing is owed for, a unit that owes nothing for it, a day that is past.
    """
    plan = workspace.current_plan().plan
    _refuse_other_periods(plan, order.period)
    _refuse_strangers(workspace, plan, order)
    today = workspace.calendar.civil_date(now)
    if order.until and order.until < today:
        raise InputError(f"--until {order.until}: ngày đã qua (hôm nay {today}); ghi ngày từ hôm nay trở đi")
    units = tuple(dict.fromkeys(order.units)) or (EVERY_UNIT,)
    reason = order.reason.strip()
    done = PeriodAct(order.act, str(order.period), units, reason, order.until, now, by)
    return record_act(workspace.engine, done)


def _refuse_other_periods(plan: Plan, period: Period) -> None:
    if period.kind not in FREQUENCIES:
        raise InputError(f"kỳ {period}: không đơn vị nào nộp cho kỳ này; dùng tháng, quý, nửa năm hoặc năm")
    plan.term.require(period)


def _refuse_strangers(workspace: Workspace, plan: Plan, order: Order) -> None:
    owing = owing_units(plan, order.period, workspace.calendar)
    if not owing:
        raise InputError(
            f"kỳ {order.period}: không đơn vị nào nợ báo cáo; xem frequency trong indicators.csv"
        )
    for unit in order.units:
        if unit not in owing:
            near = nearest(unit, owing)[:200]
            raise InputError(f"--unit {unit!r}: không nợ báo cáo kỳ {order.period}; {near}")


def acts_table(workspace: Workspace, period: Period | None) -> pd.DataFrame:
    """All acts on a period (default: on all periods), in the order in which they were recorded (ACT_COLUMNS but id)."""
    periods = None if period is None else [str(period)]
    return acts_of(workspace.engine, periods).drop(columns="id")


def exceptions_of(
    workspace: Workspace, periods: Sequence[Period], today: date, as_of: datetime | None = None
) -> pd.DataFrame:
    """The acts that stand at the end of a day: act, unit ("" for all), period, reason, expires, recorded_at, recorded_by.

    `as_of`: as known at that instant.
    """
    acts = acts_of(workspace.engine, [str(period) for period in periods], as_of)
    end = pd.Timestamp(workspace.calendar.instant(today, 24))
    return exceptions(acts, end, pd.Timestamp(today))


def timeliness_table(
    workspace: Workspace, first: Period, last: Period, units: Sequence[str], today: date
) -> pd.DataFrame:
    """Completeness and timeliness of units (none named: all) from one period to another (`timeliness.with_totals`).

    Raises InputError where the two do not bound periods of one kind, or a unit owes nothing for any of them.
    """
    plan = workspace.current_plan().plan
    periods = _between(first, last)
    for period in (first, last):
        _refuse_other_periods(plan, period)
    owed = obligations_of(workspace, plan, periods, today)
    known = sorted(owed.unit.unique())
    for unit in units:
        if unit not in known:
            near = nearest(unit, known)[:200]
            raise InputError(f"--unit {unit!r}: không nợ báo cáo kỳ nào từ {first} đến {last}; {near}")
    return with_totals(by_unit(owed[owed.unit.isin(units)] if units else owed, today))


def _between(first: Period, last: Period) -> list[Period]:
    if first.kind != last.kind or last < first:
        raise InputError(f"--from {first} --to {last}: ghi hai kỳ cùng loại, kỳ trước rồi kỳ sau")
    if first.kind not in FREQUENCIES:
        return [first]
    return [Period.of_index(first.kind, index) for index in range(first.index, last.index + 1)]
