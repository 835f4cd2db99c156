"""Verbs of closing: `period lock`, `unlock`, `waive`, `list`, and `timeliness`."""

from typing import Annotated

from cyclopts import App, Parameter

from console.context import Format, Here, HereParameter, PeriodName, now, user
from console.printing import print_frame, tell

Units = Annotated[
    list[str] | None,
    Parameter(
        name="--unit", consume_multiple=True, help="mã đơn vị; nhiều mã cách nhau; mặc định: mọi đơn vị"
    ),
]
Reason = Annotated[str, Parameter(name="--reason", help="lý do, ghi vào nhật ký; bắt buộc")]
Until = Annotated[
    str | None,
    Parameter(name="--until", help="ngày cuối còn hiệu lực (2013-07-23); mặc định: đến khi có lệnh sau"),
]


def add_to(app: App) -> None:
    """Register the verbs."""
    period = App(name="period", help="khóa kỳ, mở khóa, miễn báo cáo; mỗi lệnh có lý do và được ghi lại")
    period.command(lock, name="lock", help="khóa kỳ trước hạn khóa: không nhận báo cáo nữa")
    period.command(unlock, name="unlock", help="mở lại kỳ đã khóa: nhận báo cáo, ghi là nộp trễ")
    period.command(waive, name="waive", help="miễn báo cáo kỳ: không nhắc, không tính là thiếu")
    period.command(acts, name="list", help="các lệnh đã ra: ai, khi nào, vì sao, đến ngày nào")
    app.command(period)
    app.command(timeliness, name="timeliness", help="tỷ lệ nộp đủ và đúng hạn của từng đơn vị qua các kỳ")


def lock(*, period: PeriodName, unit: Units = None, reason: Reason = "", here: HereParameter) -> None:
    """Refuse returns for a period from now on."""
    _act("lock", period, unit, reason, None, here)


def unlock(
    *, period: PeriodName, unit: Units = None, reason: Reason = "", until: Until = None, here: HereParameter
) -> None:
    """Take returns again for a period that is locked."""
    _act("unlock", period, unit, reason, until, here)


def waive(
    *, period: PeriodName, unit: Units = None, reason: Reason = "", until: Until = None, here: HereParameter
) -> None:
    """Let units off their return for a period; figures that come all the same count."""
    _act("waive", period, unit, reason, until, here)


def acts(
    *,
    period: Annotated[str | None, Parameter(name="--period", help="chỉ một kỳ; mặc định: mọi kỳ")] = None,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Print what was ordered about periods."""
    from tasks.closing import acts_table
    from tiendo.periods import Period

    parsed = None if period is None else Period.parse(period)
    workspace = here.open()
    print_frame(acts_table(workspace, parsed), form, workspace.calendar.timezone)


def timeliness(
    *,
    first: Annotated[str, Parameter(name="--from", help="kỳ đầu: 2013-Q1, 2013-H1, 2013 hoặc 2013-03")],
    last: Annotated[str, Parameter(name="--to", help="kỳ cuối, cùng loại với kỳ đầu")],
    unit: Units = None,
    today: Annotated[
        str | None, Parameter(name="--today", help="tính đến hết ngày này (2013-07-23); mặc định: hôm nay")
    ] = None,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Print how complete and timely units' returns were, by period, by unit and in all."""
    from console.choices import listed
    from console.moments import civil_day
    from tasks.closing import timeliness_table
    from tiendo.periods import Period

    bounds = Period.parse(first), Period.parse(last)
    workspace = here.open()
    day = civil_day(today, "--today", workspace.calendar, now())
    print_frame(timeliness_table(workspace, *bounds, listed(unit or []), day), form)


def _act(act: str, period: str, unit: list[str] | None, reason: str, until: str | None, here: Here) -> None:
    from console.choices import listed
    from console.moments import civil_day
    from tasks.closing import Order, act_on_period
    from tiendo.periods import Period

    workspace, at = here.open(), now()
    day = None if until is None else civil_day(until, "--until", workspace.calendar, at)
    order = Order(act, Period.parse(period), tuple(listed(unit or [])), reason, day)
    done = act_on_period(workspace, order, at, user())
    _tell_done(order.act, str(order.period), done)


_SAID = {"lock": "đã khóa", "unlock": "đã mở khóa", "waive": "đã miễn báo cáo"}


def _tell_done(act: str, period: str, units: list[str]) -> None:
    if not units:
        tell(f"Kỳ {period}: không đổi, lệnh này đã có; xem bằng: tiendo period list --period {period}")
        return
    whom = ", ".join(units) if any(units) else "mọi đơn vị"
    tell(f"Kỳ {period}: {_SAID[act]} cho {whom}; xem bằng: tiendo period list --period {period}")
