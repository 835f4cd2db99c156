"""The audit verified, and exported so that a third party can verify it without tiendo."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.office.workspace import Workspace
from tiendo.calendars import Calendar
from tiendo.errors import InputError
from warehouse.audit_log import chain_problems, instant_text, problems, read_entries
from warehouse.audit_matching import mismatches
from warehouse.connecting import reading

EXPORT_COLUMNS = [
    "id",
    "at",
    "actor",
    "action",
    "subject",
    "before",
    "after",
    "reason",
    "previous_hash",
    "hash",
]
REPORT_COLUMNS = ["row", "at", "table", "subject", "code", "problem"]
HASH_LENGTH = 64
HEAD_LOST = "head_lost"

# What is wrong, in the words of who has to look into it.
WORDS: Mapping[str, str] = {
    "edited": "nội dung dòng nhật ký không khớp mã băm của chính nó: dòng đã bị sửa",
    "unlinked": "không nối tiếp dòng trước nó: có dòng bị xóa, chèn hoặc đảo chỗ",
    "missing": "thiếu các dòng {detail} ngay trước dòng này",
    "untold": "có trong kho nhưng nhật ký không ghi: dòng nhật ký đã bị xóa, hoặc dữ liệu được đặt vào không qua tiendo",
    "gone": "nhật ký có ghi nhưng trong kho không còn, hoặc đã đổi: dữ liệu bị xóa, hoặc dòng nhật ký là giả",
    "differs": "dữ liệu trong kho khác điều nhật ký ghi ({detail})",
    "altered": "nội dung không còn đúng mã băm đã niêm khi ghi: số liệu hoặc bảng kế hoạch đã bị sửa",
    "unguarded": "kho không còn tự chặn việc sửa, xóa bảng này; dựng lại lệnh chặn (trigger) từ bản sao lưu",
    HEAD_LOST: "mã {detail} không có trong nhật ký: nhật ký đã bị thay từ đó trở đi",
}


@dataclass(frozen=True, eq=False)
class Verified:
    """What verifying came to: what is wrong (REPORT_COLUMNS), the number of entries, the last one's hash ("": none)."""

    problems: pd.DataFrame
    entries: int
    head: str


def verify_audit(workspace: Workspace, head: str | None = None) -> Verified:
    """The chain verified, and held against what it tells of; `head`: a hash that it must contain, noted earlier.

    Raises InputError where `head` is no hash.
    """
    if head is not None and not _is_hash(head):
        raise InputError(f"--head {head!r}: không phải mã băm; chép đủ {HASH_LENGTH} ký tự 0–9, a–f")
    with reading(workspace.engine) as connection:
        entries = read_entries(connection)
        found = [chain_problems(entries), mismatches(connection, entries)]
    if head is not None and head not in set(entries.hash):
        found.append(problems(pd.DataFrame([{"code": HEAD_LOST, "table": "audit", "detail": head}])))
    wrong = problems(pd.concat([each for each in found if len(each)] or found))
    return Verified(_in_words(wrong), len(entries), str(entries.hash.iloc[-1]) if len(entries) else "")


def _is_hash(text: str) -> bool:
    return len(text) == HASH_LENGTH and set(text) <= set("0123456789abcdef")


def _in_words(wrong: pd.DataFrame) -> pd.DataFrame:
    told = [WORDS[code].format(detail=detail) for code, detail in zip(wrong.code, wrong.detail, strict=True)]
    return wrong.assign(problem=pd.Series(told, index=wrong.index, dtype="str"))[REPORT_COLUMNS]


def exported_audit(
    workspace: Workspace, form: str, first: date | None = None, last: date | None = None
) -> str:
    """The audit's rows as CSV or JSON (EXPORT_COLUMNS, `at` as it was sealed), in order, without a gap.

    first, last: from the first row of a day on, up to the last row of a day, in the workspace's time zone. Raises
    InputError where no row is among them.
    """
    with reading(workspace.engine) as connection:
        entries = read_entries(connection)
    some = _between(entries, workspace.calendar, first, last)
    if some.empty:
        raise InputError("không có dòng nhật ký nào trong khoảng ngày ấy; xem lại --from và --to")
    rows = some.assign(at=some["at"].map(instant_text))[EXPORT_COLUMNS]
    return _WRITERS[form](rows.to_dict("records"))


def write_export(
    workspace: Workspace, out: Path, form: str, first: date | None = None, last: date | None = None
) -> None:
    """Write the exported audit to a new file. Raises InputError if the file is there or cannot be made."""
    text = exported_audit(workspace, form, first, last)
    try:
        with out.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"{out}: đã có tệp này; chọn tên khác") from None
    except OSError as error:
        raise InputError(f"{out}: không ghi được ({error.strerror}); chọn nơi khác") from None


def _between(
    entries: pd.DataFrame, calendar: Calendar, first: date | None, last: date | None
) -> pd.DataFrame:
    """The rows from the first to the last one of some days, whatever stands between them: a chain has no gap."""
    days = entries["at"].map(calendar.civil_date)
    is_in = pd.Series(True, index=entries.index)
    if first:
        is_in &= days >= first
    if last:
        is_in &= days <= last
    inside = entries.index[is_in]
    return entries.loc[inside.min() : inside.max()] if len(inside) else entries.iloc[:0]


def _as_csv(rows: Iterable[Mapping[Any, Any]]) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, EXPORT_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _as_json(rows: Iterable[Mapping[Any, Any]]) -> str:
    lines = ",\n ".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n {lines}\n]\n"


_WRITERS: Mapping[str, Callable[[Iterable[Mapping[Any, Any]]], str]] = {"csv": _as_csv, "json": _as_json}
