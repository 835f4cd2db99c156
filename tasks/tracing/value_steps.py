"""The steps of single values: what a unit said for a period, in which version and file, and what was done to it."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd

from tasks.tracing.figure_ground import Ground, Row, Step, step_of
from tiendo.explaining import ORIGINS, REPORTED, number_words
from tiendo.labels import label, period_label
from tiendo.periods import Period
from tiendo.wording import date_text, lowered

# What a step of a value carries beside `explaining.STEP_COLUMNS` until its cell is found.
HELPERS = ["source", "is_ratio", "origin_version", "origin", "measure"]

_ACTS = {
    "confirmed": "Thủ trưởng đơn vị xác nhận",
    "accepted": "Văn phòng chấp nhận",
    "returned": "Văn phòng trả lại",
}
_EMPTY = "(trống)"
_FROM_FACT = (
    "indicator", "unit", "period", "version", "numerator", "denominator", "status", "state", "qualifier",
    "sha256", "sender", "received_at", "recorded_at", "source", "origin_version", "origin",
)  # fmt: skip


def value_steps(ground: Ground, about: Row, made_of: pd.DataFrame, depth: int) -> Iterator[Step]:
    """One step for each value that entered a figure, with what was done to it below."""
    for row in made_of.to_dict("records"):
        yield _value_step("period", about, row, depth)
        yield from _done_to(ground, row, depth + 1)


def declared_steps(
    about: Row, facts: pd.DataFrame, made_of: pd.DataFrame, span_start: int, depth: int
) -> Iterator[Step]:
    """What a unit has declared since that is no figure: not due, not applicable."""
    last = int(made_of.month.iloc[-1]) if len(made_of) else -1
    since = facts[(facts.month > max(last, span_start - 1)) & ~facts.state.isin(REPORTED)]
    for row in since.to_dict("records"):
        yield _value_step("declared", about, row, depth)


def _value_step(step: str, about: Row, row: Row, depth: int) -> Step:
    """A value as it enters: without occurrence or begin it is 0. Its words wait for its cell."""
    counts_as = 0.0 if row["state"] in REPORTED else float("nan")
    said = {name: row[name] for name in _FROM_FACT}
    return step_of(
        step,
        depth,
        "",
        **said,
        field="value",
        value=row["number"] if row["state"] == "value" else counts_as,
        file=row["path"],
        is_ratio=about["aggregation"] == "ratio",
        measure=about["unit"],
    )


def _done_to(ground: Ground, row: Row, depth: int) -> Iterator[Step]:
    """Corrections, decisions and findings about one value."""
    zone = ZoneInfo(ground.workspace.calendar.timezone)
    common = {"indicator": row["indicator"], "unit": row["unit"], "period": row["period"]}
    indicator = row["indicator"]
    for each in ground.acts.get(("correction", row["origin_submission"], indicator), ()):
        yield step_of("correction", depth, _corrected(each, zone), **common, **_act(each, each["field"]))
    for each in ground.acts.get(("approval", row["submission"], ""), ()):
        yield step_of("approval", depth, _decided(each, zone), **common, **_act(each, each["act"]))
    for each in ground.acts.get(("finding", row["receipt"], indicator), ()):
        if each["period"] not in ("", row["period"]):
            continue
        place = "!".join(filter(None, [each["sheet"], each["cell"]]))
        at = f" ({place})" if place else ""
        says = f"{label('severity', each['severity'])} khi kiểm tra{at}: {each['message']} [{each['code']}]"
        known = {"field": each["code"], "cell": place, "formula": each["message"]}
        yield step_of("finding", depth, says, **common, **known)


def _act(each: Row, field: str) -> Step:
    """What an act of the office says by column; its reason stands as the formula."""
    return {
        "field": field,
        "sender": each["recorded_by"],
        "recorded_at": each["recorded_at"],
        "formula": each["reason"],
    }


def _corrected(each: Row, zone: ZoneInfo) -> str:
    change = f"{each['was'] or _EMPTY} → {each['now'] or _EMPTY}"
    return f"Văn phòng hiệu chỉnh {each['field']}: {change} – {each['reason']} ({_by(each, zone)})"


def _decided(each: Row, zone: ZoneInfo) -> str:
    about = "; ".join(filter(None, [each["document"], each["reason"]]))
    words = _ACTS.get(each["act"], each["act"])
    return f"{words}{': ' + about if about else ''} ({_by(each, zone)})"


def _by(each: Row, zone: ZoneInfo) -> str:
    return f"{each['recorded_by']}, {moment_text(each['recorded_at'], zone)}"


def moment_text(at: datetime, zone: ZoneInfo) -> str:
    """An instant in a time zone: `09:12 11/9/2026`."""
    local = at.astimezone(zone)
    return f"{local:%H:%M} {date_text(local.date())}"


def value_words(row: Row, zone: ZoneInfo) -> str:
    """One value as people read it: period, figure, version and status, file and cell, who sent it and when."""
    version = f"lần nộp {int(row['version'])}"
    if row["origin_version"] < row["version"]:
        version += f" (giữ số của lần {int(row['origin_version'])})"
    by = ORIGINS.get(row["origin"], row["origin"])
    cell = f", ô {row['cell']}" if "!" in row["cell"] else f", {row['cell']}" if row["cell"] else ""
    status = lowered(label("status", row["status"])) if row["status"] else ""
    parts = [
        f"{period_label(Period.parse(row['period']))}: {number_words(row, row['measure'])}",
        ", ".join(filter(None, [version, status])),
        f"{by} ({row['sender'] or 'không rõ'})",
        f"tệp {row['file']}{cell}",
        f"nhận {moment_text(row['received_at'], zone)}, ghi {moment_text(row['recorded_at'], zone)}",
    ]
    return " · ".join(parts)
