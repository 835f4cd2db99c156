"""Verbs of the review: `review`, `report`, `remind`, `dispatch`."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from console.context import AsOf, Format, HereParameter, PeriodName, Restated, now
from console.printing import print_frame, print_values, tell
from console.running import run_flow

KINDS = ("province", "unit", "programme", "overdue")

DIFFERS = "KHÁC tệp đã phát hành: cài đặt trình bày đã đổi, hoặc tệp do bản tiendo khác làm; tệp đã phát hành vẫn nguyên."

DryRun = Annotated[bool, Parameter(name="--dry-run", help="chỉ cho xem, không gửi và không ghi")]


def add_to(app: App) -> None:
    """Register the verbs."""
    app.command(review, name="review", help="rà soát một kỳ: nhận, kiểm tra, nạp, tổng hợp, báo cáo, gửi")
    app.command(report, name="report", help="chỉ làm tệp báo cáo, không gửi")
    app.command(remind, name="remind", help="nhắc hạn và báo quá hạn đến kỳ gửi")
    app.command(dispatch, name="dispatch", help="gửi các tin đang chờ")


def review(
    *,
    period: PeriodName,
    against: Annotated[
        Literal["own", "year", "term"] | None,
        Parameter(name="--against", help="so với: own, year, term; mặc định: theo đợt, rồi cài đặt"),
    ] = None,
    as_of: AsOf = None,
    restated: Restated = False,
    dry_run: DryRun = False,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """The whole review of a period."""
    from console.moments import moment
    from tasks.office.settings_reading import read_settings
    from tiendo.periods import Period

    root = here.root
    parsed = Period.parse(period)
    instant = moment(as_of, "--as-of", read_settings(root).make_calendar())
    outcome = run_flow(
        "quarterly_review.py:quarterly_review",
        root,
        workspace=str(root),
        period=str(parsed),
        against=against,
        as_of=instant,
        restated=restated,
        dry_run=dry_run,
    )
    print_frame(outcome, form)


def remind(
    *,
    today: Annotated[
        str | None, Parameter(name="--today", help="nhắc như vào ngày này (2013-07-23); mặc định: hôm nay")
    ] = None,
    dry_run: DryRun = False,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Reminders and overdue alerts that are due on a day."""
    from console.moments import civil_day
    from tasks.office.settings_reading import read_settings

    root = here.root
    day = civil_day(today, "--today", read_settings(root).make_calendar(), now())
    outcome = run_flow("remind.py:remind", root, workspace=str(root), today=day, dry_run=dry_run)
    print_frame(outcome, form)


def dispatch(*, dry_run: DryRun = False, form: Format = "table", here: HereParameter) -> None:
    """Hand over what waits in the outbox."""
    root = here.root
    outcome = run_flow("dispatch.py:dispatch", root, workspace=str(root), now=None, dry_run=dry_run)
    print_frame(outcome, form)


def report(
    *,
    period: PeriodName,
    kind: Annotated[
        Literal["province", "unit", "programme", "overdue"],
        Parameter(name="--kind", help=f"loại: {', '.join(KINDS)}"),
    ] = "province",
    unit: Annotated[str | None, Parameter(name="--unit", help="mã đơn vị")] = None,
    issued: Annotated[
        int | None,
        Parameter(name="--issued", help="làm lại báo cáo đã phát hành số này, theo những gì biết lúc đó"),
    ] = None,
    as_of: AsOf = None,
    restated: Restated = False,
    out: Annotated[Path | None, Parameter(name="--out", help="thư mục ghi tệp; mặc định: reports/KỲ")] = None,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Report files only; nothing is sent."""
    from console.moments import moment
    from tasks.publishing import remake_report, write_report_files
    from tiendo.measures import AS_REPORTED, RESTATED
    from tiendo.periods import Period

    parsed = Period.parse(period)
    workspace = here.open()
    if issued is not None:
        remade = remake_report(workspace, parsed, issued, out)
        tell("Giống hệt tệp đã phát hành." if remade.is_same else DIFFERS)
        print_values(["file", "same"], [[str(remade.path), remade.is_same]], form)
        return
    instant = moment(as_of, "--as-of", workspace.calendar)
    today = workspace.calendar.civil_date(instant or now())
    view = RESTATED if restated else AS_REPORTED
    paths = write_report_files(workspace, parsed, kind, unit, out, today, instant, view)
    print_values(["file"], [[str(path)] for path in paths], form)
