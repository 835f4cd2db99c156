"""Verbs that read the warehouse: `obligations`, `attainment`."""

from typing import Annotated

from cyclopts import App, Parameter

from console.context import AsOf, Format, HereParameter, PeriodName, Restated, now
from console.printing import print_frame

AGAINST = ("own", "year", "term")
LEVELS = ("indicator", "main", "scheme", "programme", "field", "leader", "agency", "resolution", "term")
ALL_UNITS = "all"

Words = list[str] | None


def add_to(app: App) -> None:
    """Register the verbs."""
    app.command(obligations, name="obligations", help="ai nợ báo cáo gì, hạn nào, đã nộp chưa")
    app.command(attainment, name="attainment", help="mức đạt và xếp mức, tính từ kho số liệu lúc này")


def obligations(
    *,
    period: PeriodName,
    today: Annotated[
        str | None, Parameter(name="--today", help="tính đến hết ngày này (2013-07-23); mặc định: hôm nay")
    ] = None,
    as_of: AsOf = None,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Print every obligation of a period as it stands at the end of a day."""
    from console.moments import civil_day, moment
    from tasks.reading_figures import obligation_table
    from tiendo.periods import Period

    parsed = Period.parse(period)
    workspace = here.open()
    day = civil_day(today, "--today", workspace.calendar, now())
    instant = moment(as_of, "--as-of", workspace.calendar)
    print_frame(obligation_table(workspace, parsed, day, instant), form, workspace.calendar.timezone)


def attainment(
    *,
    period: PeriodName,
    against: Annotated[
        Words,
        Parameter(
            name="--against",
            consume_multiple=True,
            help="so với: own, year, term; mặc định: theo đợt, rồi cài đặt",
        ),
    ] = None,
    level: Annotated[
        Words,
        Parameter(
            name="--level", consume_multiple=True, help=f"mức: {', '.join(LEVELS)}; mặc định: indicator"
        ),
    ] = None,
    unit: Annotated[
        Words,
        Parameter(
            name="--unit",
            consume_multiple=True,
            help="mã đơn vị, hoặc all; mặc định: số của cơ quan lập kế hoạch",
        ),
    ] = None,
    as_of: AsOf = None,
    restated: Restated = False,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Print attainment rows (FORMATS §4), computed from the warehouse."""
    from console.choices import chosen, listed
    from console.moments import moment
    from tasks.reading_figures import attainment_table
    from tiendo.measures import AS_REPORTED, RESTATED
    from tiendo.periods import Period

    parsed = Period.parse(period)
    kinds = chosen(against or [], AGAINST, "--against")
    levels = chosen(level or ["indicator"], LEVELS, "--level")
    workspace = here.open()
    instant = moment(as_of, "--as-of", workspace.calendar)
    view = RESTATED if restated else AS_REPORTED
    rows = attainment_table(workspace, parsed, kinds, levels, listed(unit or []), instant, view=view)
    print_frame(rows, form, workspace.calendar.timezone)
