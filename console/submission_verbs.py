"""Verbs of what becomes of returns: `submission list`, `confirm`, `accept`, `return`, `diff`, and `correct`."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from console.context import Format, Here, HereParameter, PeriodName, now, user
from console.printing import print_frame, tell

Units = Annotated[
    list[str] | None, Parameter(name="--unit", consume_multiple=True, help="mã đơn vị; nhiều mã cách nhau")
]
Reason = Annotated[str, Parameter(name="--reason", help="lý do, ghi vào nhật ký; bắt buộc")]
Version = Annotated[
    int | None,
    Parameter(name="--version", help="bản được nói đến; không còn là bản hiện hành thì không ghi gì"),
]
Document = Annotated[
    str, Parameter(name="--document", help="văn bản đã ký: số, ngày; hoặc mã tiếp nhận của bản ký")
]


def add_to(app: App) -> None:
    """Register the verbs."""
    submission = App(name="submission", help="các bản báo cáo: xem, xác nhận, duyệt, trả lại, so sánh")
    submission.command(versions, name="list", help="các bản báo cáo của một kỳ và đã đến bước nào")
    submission.command(confirm, name="confirm", help="thủ trưởng đơn vị đã xác nhận, theo văn bản nào")
    submission.command(accept, name="accept", help="văn phòng duyệt báo cáo")
    submission.command(send_back, name="return", help="văn phòng trả lại báo cáo; đơn vị nhận được lý do")
    submission.command(diff, name="diff", help="hai bản của một báo cáo khác nhau ở đâu, vì sao")
    app.command(submission)
    app.command(correct, name="correct", help="đính chính số liệu đã nộp theo một tệp CSV")


def versions(*, period: PeriodName, unit: Units = None, form: Format = "table", here: HereParameter) -> None:
    """Print every version of a period's returns."""
    from console.choices import listed
    from tasks.approving import submission_table
    from tiendo.periods import Period

    parsed = Period.parse(period)
    workspace = here.open()
    rows = submission_table(workspace, parsed, listed(unit or []))
    print_frame(rows, form, workspace.calendar.timezone)


def confirm(
    *,
    period: PeriodName,
    unit: Units = None,
    version: Version = None,
    document: Document = "",
    reason: Reason = "",
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Note that the unit's head has confirmed the current version."""
    _say("confirmed", period, unit, version, document, reason, form, here)


def accept(
    *,
    period: PeriodName,
    unit: Units = None,
    version: Version = None,
    document: Document = "",
    reason: Reason = "",
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Accept the current version."""
    _say("accepted", period, unit, version, document, reason, form, here)


def send_back(
    *,
    period: PeriodName,
    unit: Units = None,
    version: Version = None,
    document: Document = "",
    reason: Reason = "",
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Send the current version back; the unit is told why, and until when to correct it."""
    _say("returned", period, unit, version, document, reason, form, here)


_SAID = {
    "confirmed": "đã ghi xác nhận",
    "accepted": "đã duyệt",
    "returned": "đã trả lại, thư cho đơn vị đang chờ gửi",
}


def _say(
    act: str,
    period: str,
    unit: list[str] | None,
    version: int | None,
    document: str,
    reason: str,
    form: str,
    here: Here,
) -> None:
    from console.choices import listed
    from tasks.approving import Word, say
    from tiendo.errors import InputError
    from tiendo.periods import Period

    units = listed(unit or [])
    if not units:
        raise InputError("chưa chỉ đơn vị nào; viết: --unit MÃ …")
    parsed = Period.parse(period)
    done = say(here.open(), parsed, units, Word(act, reason, now(), user(), document), version)
    print_frame(done, form)
    fresh, before = done.unit[done.is_new].tolist(), done.unit[~done.is_new].tolist()
    if fresh:
        tell(f"Kỳ {parsed}, {', '.join(fresh)}: {_SAID[act]}")
    if before:
        tell(f"Kỳ {parsed}, {', '.join(before)}: không đổi, đã ghi như vậy từ trước")


def diff(
    *,
    period: PeriodName,
    unit: Annotated[str, Parameter(name="--unit", help="mã đơn vị")],
    old: Annotated[
        int | None, Parameter(name="--from", help="bản cũ; mặc định: bản ngay trước bản mới")
    ] = None,
    new: Annotated[int | None, Parameter(name="--to", help="bản mới; mặc định: bản hiện hành")] = None,
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Print what two versions of a return say otherwise: old, new, change, status, reason."""
    from tasks.comparing import differences
    from tiendo.periods import Period

    parsed = Period.parse(period)
    told = differences(here.open(), parsed, unit, old, new)
    print_frame(told, form)
    tell(f"Báo cáo {unit} {parsed}: bản {told.attrs['old']} → bản {told.attrs['new']}, {len(told)} chỗ khác")


def correct(
    file: Annotated[
        Path, Parameter(name="FILE", help="tệp CSV: unit, period, indicator, field, was, now, reason")
    ],
    /,
    *,
    reason: Reason = "",
    form: Format = "table",
    here: HereParameter,
) -> None:
    """Correct figures of returns: all rows of the file, or none."""
    from tasks.correcting import correct_returns
    from tasks.correction_batch import Deed

    done = correct_returns(here.open(), file, Deed(user(), now(), reason))
    print_frame(done.rows, form)
    for doubt in done.doubts.to_dict("records"):
        tell(f"Lưu ý: {doubt['unit']} {doubt['period']} {doubt['indicator']}: {doubt['message']}")
    returns = len(done.rows.drop_duplicates(["unit", "period"]))
    tell(f"Đã đính chính {len(done.rows)} số liệu của {returns} báo cáo; thư cho các đơn vị đang chờ gửi")
