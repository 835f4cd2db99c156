"""Verbs of the audit: `audit verify`, `audit export`."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from console.context import Format, HereParameter, now
from console.printing import print_frame, tell

FAILED = 1
ExportFormat = Annotated[
    Literal["csv", "json"] | None,
    Parameter(name="--format", help="dạng ghi: csv, json; mặc định: theo đuôi của OUT, không có thì csv"),
]


def add_to(app: App) -> None:
    """Register the verbs."""
    audit = App(name="audit", help="nhật ký: kiểm chứng, xuất cho bên thứ ba kiểm chứng")
    audit.command(
        verify, name="verify", help="nhật ký có bị sửa, xóa, chèn không, có khớp với kho số liệu không"
    )
    audit.command(export, name="export", help="xuất nhật ký kèm mã băm từng dòng, để bên ngoài tự kiểm chứng")
    app.command(audit)


def verify(
    *,
    head: Annotated[
        str | None,
        Parameter(name="--head", help="mã băm đã chép lại lần trước; nhật ký phải còn dòng có mã ấy"),
    ] = None,
    form: Format = "table",
    here: HereParameter,
) -> int:
    """Print what is wrong with the audit (exit code 1), or one line that nothing is."""
    from tasks.auditing import verify_audit

    workspace = here.open()
    found = verify_audit(workspace, head)
    if len(found.problems) or form != "table":
        print_frame(found.problems, form, workspace.calendar.timezone)
    if len(found.problems):
        tell(f"Nhật ký KHÔNG khớp: {len(found.problems)} chỗ sai trong {found.entries} dòng")
        return FAILED
    sentence = f"Nhật ký khớp: {found.entries} dòng, mã cuối {found.head}"
    print(sentence) if form == "table" else tell(sentence)
    return 0


def export(
    out: Annotated[
        Path | None, Parameter(name="OUT", help="tệp mới .csv hoặc .json; bỏ trống thì in ra màn hình")
    ] = None,
    /,
    *,
    form: ExportFormat = None,
    since: Annotated[
        str | None, Parameter(name="--from", help="từ dòng đầu của ngày này (2013-07-23)")
    ] = None,
    until: Annotated[str | None, Parameter(name="--to", help="đến dòng cuối của ngày này")] = None,
    here: HereParameter,
) -> None:
    """Write the audit's rows, in order and with both hashes."""
    import sys

    from console.moments import civil_day
    from tasks.auditing import exported_audit, write_export

    workspace = here.open()
    days = [
        civil_day(text, option, workspace.calendar, now()) if text else None
        for text, option in ((since, "--from"), (until, "--to"))
    ]
    form = form or ("json" if out and out.suffix.lower() == ".json" else "csv")
    if out is None:
        sys.stdout.write(exported_audit(workspace, form, *days))
        return
    write_export(workspace, out, form, *days)
    tell(f"Đã xuất nhật ký ra {out}")
