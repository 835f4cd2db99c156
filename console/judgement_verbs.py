"""Verbs of what officers judge: `judge`, `judgements`."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from console.context import AsOf, Format, HereParameter, PeriodName, now, user
from console.printing import print_frame, tell

OUTLOOKS = ("met", "will_meet", "unlikely", "will_not", "withdrawn")


def add_to(app: App) -> None:
    """Register the verbs."""
    app.command(judge, name="judge", help="ghi nhận định của cán bộ về một chỉ tiêu, bên cạnh số tính được")
    app.command(
        judgements, name="judgements", help="các nhận định đang có của một kỳ, và chỗ khác số tính được"
    )


def judge(
    indicator: Annotated[str, Parameter(name="INDICATOR", help="mã chỉ tiêu")],
    /,
    *,
    period: PeriodName,
    reason: Annotated[str, Parameter(name="--reason", help="vì sao nhận định như vậy")],
    unit: Annotated[
        str | None, Parameter(name="--unit", help="mã đơn vị; mặc định: số của cơ quan lập kế hoạch")
    ] = None,
    outlook: Annotated[
        str | None,
        Parameter(
            name="--outlook",
            help=f"khả năng hoàn thành: {', '.join(OUTLOOKS)} (withdrawn: rút nhận định trước)",
        ),
    ] = None,
    official: Annotated[
        str | None,
        Parameter(
            name="--official",
            help="mức được đánh giá chính thức mà không công thức nào cho (exceeded, met, …; withdrawn: rút); "
            "in riêng, không đổi mức tính được và không đổi số đếm",
        ),
    ] = None,
    author: Annotated[
        str | None, Parameter(name="--author", help="người nhận định; mặc định: người đang dùng máy")
    ] = None,
    here: HereParameter,
) -> None:
    """Record an officer's outlook or official judgement, with its reason; it holds until a later one."""
    from tasks.giving_judgement import give_judgement
    from tiendo.errors import InputError
    from tiendo.outlooks import OFFICIAL, OUTLOOK, OfficerJudgement
    from tiendo.periods import Period

    if (outlook is None) == (official is None):
        raise InputError("cần đúng một trong hai: --outlook hoặc --official")
    kind, verdict = (OUTLOOK, outlook) if outlook is not None else (OFFICIAL, official)
    parsed = str(Period.parse(period))
    given = OfficerJudgement(indicator, unit or "", parsed, kind, verdict or "", reason, author or user())
    is_new = give_judgement(here.open(), given, now(), user())
    said = "đã ghi" if is_new else "đã có, không đổi"
    tell(f"Nhận định về {indicator}{f' của {unit}' if unit else ''}, từ kỳ {parsed}: {said} {verdict}")


def judgements(
    *,
    period: PeriodName,
    against: Annotated[
        Literal["own", "year", "term"] | None,
        Parameter(name="--against", help="so với: own, year, term; mặc định: theo cài đặt"),
    ] = None,
    as_of: AsOf = None,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Print every judgement that holds in a period, beside the computed and the forecast band."""
    from console.moments import moment
    from tasks.giving_judgement import judgement_table
    from tiendo.periods import Period

    parsed = Period.parse(period)
    workspace = here.open()
    instant = moment(as_of, "--as-of", workspace.calendar)
    today = workspace.calendar.civil_date(instant or now())
    table = judgement_table(workspace, parsed, against, today, instant)
    print_frame(table, form, workspace.calendar.timezone)
