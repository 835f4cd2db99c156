"""Corrections as the warehouse takes them: the file's receipt, the next versions of the returns, and who is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from tasks.office.workspace import Workspace
from tasks.post.messages import Letter, compose, desk_of
from tasks.post.recipients import Directory, Recipient
from tasks.sources.archive import Kept
from tasks.sources.opening import archive_of
from tasks.validating import VALUE_COLUMNS
from tiendo.approvals import CORRECTION
from tiendo.corrections import CASE, CELL, corrected_words
from tiendo.errors import InputError
from tiendo.finding_codes import WARNING
from tiendo.periods import Period
from tiendo.plan import Plan
from tiendo.verdicts import ACCEPTED, WITH_WARNINGS
from warehouse.intake_store import IntakeBatch
from warehouse.plan_store import LoadedPlan

FILE = 0  # the number of the one file of a batch


@dataclass(frozen=True)
class Deed:
    """Who corrects, when, and why (where a row of the file does not say)."""

    by: str
    at: datetime
    reason: str

    def __post_init__(self) -> None:
        """Raises InputError without a reason."""
        if not self.reason.strip():
            raise InputError(
                "--reason trống: ghi vì sao đính chính; lý do được gửi cho đơn vị và ghi vào nhật ký"
            )


@dataclass(frozen=True, eq=False)
class Work:
    """Corrections that are right, ready to be recorded.

    name, content: of the file. versions: those that are corrected (columns of `submission`). values: of the next versions
    (`corrections.applied`). corrections: as they are kept. doubts: findings that do not hold them back.
    """

    name: str
    content: bytes
    versions: pd.DataFrame
    values: pd.DataFrame
    corrections: pd.DataFrame
    doubts: pd.DataFrame


def correction_batch(workspace: Workspace, loaded: LoadedPlan, work: Work, deed: Deed) -> IntakeBatch:
    """The corrections as a batch; the file's bytes are kept in the archive first."""
    archive = archive_of(workspace.root)
    kept = archive.keep_bytes(work.content, Path(work.name).suffix)
    archive.settle()
    at = pd.Timestamp(deed.at)
    versions = work.versions
    submissions = versions[[*CASE, "kind", "number", "verdict", "about"]].assign(
        file=FILE,
        version=versions.version + 1,
        content_digest=[f"{CORRECTION} {kept.sha256} {number}" for number in versions.id],
        plan_version=loaded.version,
        received_at=at,
        recorded_at=at,
        origin=CORRECTION,
    )
    values = _figured(work.values, loaded.plan)[[*CELL, *VALUE_COLUMNS[1:], "carried_from"]]
    return IntakeBatch(
        receipts=_receipt(work, kept, deed),
        submissions=submissions,
        values=values.assign(file=FILE),
        findings=work.doubts.assign(file=FILE),
        messages=_messages(workspace, loaded.plan, work, kept.sha256, deed),
    )


def _receipt(work: Work, kept: Kept, deed: Deed) -> pd.DataFrame:
    """The row of the ledger, with who is to stand in the audit, and why."""
    at, warnings = pd.Timestamp(deed.at), int((work.doubts.severity == WARNING).sum())
    row = {
        "file": FILE, "sha256": kept.sha256, "source": CORRECTION, "sender": "", "path": work.name,
        "stamp": f"{CORRECTION} {deed.at.isoformat()}", "size": kept.size, "received_at": at, "recorded_at": at,
        "verdict": WITH_WARNINGS if warnings else ACCEPTED, "errors": 0, "warnings": warnings,
        "actor": deed.by, "reason": deed.reason.strip(),
    }  # fmt: skip
    return pd.DataFrame([row])


def _figured(values: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """The values with each corrected ratio worked out of its parts."""
    indicators = plan.indicators
    is_ratio = values.is_corrected & (values.indicator.map(indicators.aggregation) == "ratio")
    ratio = values.numerator / values.denominator * values.indicator.map(indicators.scale)
    return values.assign(number=values.number.mask(is_ratio, ratio))


def _messages(workspace: Workspace, plan: Plan, work: Work, sha256: str, deed: Deed) -> pd.DataFrame:
    directory = Directory(plan, workspace.calendar.civil_date(deed.at))
    settings = workspace.settings
    desk = desk_of(directory, settings.channels, settings.workspace.locale, settings.workspace.timezone)
    return compose(_letters(directory, work, sha256, settings.workspace.locale), desk, deed.at)


def _letters(
    directory: Directory, work: Work, sha256: str, locale: str
) -> Iterator[tuple[Letter, Recipient]]:
    """One letter a return: what was, what is now, and why."""
    rows = work.corrections
    told = rows.assign(
        name=rows.indicator.map(directory.plan.indicators["name"]),
        was=corrected_words(rows, "was", locale),
        now=corrected_words(rows, "now", locale),
    )
    version = work.versions.set_index(CASE).version
    for _, own in told.groupby(CASE, sort=False):
        unit, period = own.unit.iloc[0], own.period.iloc[0]
        context = {
            "unit_name": directory.unit_name(unit),
            "version": int(version.loc[(unit, period)]) + 1,
            "corrections": own.to_dict("records"),
        }
        letter = Letter("corrected", context, unit, Period.parse(period), f"{sha256} {context['version']}")
        yield from ((letter, recipient) for recipient in directory.answerable(unit))
