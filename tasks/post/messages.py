"""Messages: who is written what, as one outbox row for each recipient and channel."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from tasks.post.phrasing import put_in_words
from tasks.post.recipients import Directory, Recipient
from tiendo.labels import period_label
from tiendo.periods import Period

FILE = "file"  # the channel of those who cannot be reached otherwise: a file in the folder messages/
ADMINISTRATOR = "admin"  # a channel of this name gets what concerns the administrator

MESSAGE_COLUMNS = [
    "dedupe_key",
    "kind",
    "unit",
    "period",
    "channel",
    "recipient",
    "address",
    "reference",
    "subject",
    "body_text",
    "body_html",
    "attachments",
    "urgent",
    "not_before",
    "created_at",
]

INSTANTS = ("not_before", "created_at")

# What a letter of each kind must be given; COMMON is there for every letter.
# submissions: unit, period, version, valid, owed, kept (version whose figures are kept, else 0)
# changes: unit, indicator, name, before, after
# findings (errors), warnings: unit, sheet, cell, indicator, name, found, message, fix, code
# `unit` of these is a name, "" unless the file speaks for several units; `name` is the indicator's
# kept_beside: the periods whose returns a signed copy is kept beside
# adjusted: which adjusted version a report is (0: none), replaced: the number of the report before it
# changes: code, name, change, band_before, band, causes; count, moved: of all that changed, of those to another band
# correct_by: until when a correction counts as in time (instant, None: it cannot), locks: a date, or None
# corrections: indicator, name, field (of `corrections.FIELDS`), was, now (texts), reason
# items of returns: unit, period, due (instant), days, owed, received, missing (code, name)
# items of indicators: indicator, name, kind, what (a stage's name), due (date), days_overdue, attainment (or
#   None), band, lead_agency
KINDS: dict[str, tuple[str, ...]] = {
    "received": ("unit_name", "file", "received_at", "receipt", "submissions", "changes", "warnings"),
    "to_correct": ("unit_name", "file", "received_at", "receipt", "submissions", "findings", "warnings"),
    "rejected": ("unit_name", "file", "received_at", "receipt", "verdict", "findings", "kept_beside"),
    "sent_back": ("unit_name", "version", "reason", "correct_by", "locks", "is_locked"),
    "corrected": ("unit_name", "version", "corrections"),
    "reminder": ("items", "periods", "days", "owed", "missing"),
    "overdue": ("items", "periods", "days", "owed", "missing"),
    "overdue_indicators": ("items", "bands"),
    "mass_alarm": ("overdue", "expected", "units", "share"),
    "review_issued": (
        "headline",
        "sentence",
        "lines",
        "bands",
        "adjusted",
        "replaced",
        "count",
        "moved",
        "changes",
    ),
    "report_changed": ("version", "issued_on", "count", "moved", "changes", "bands"),
    "failed_run": ("flow", "step", "done", "total", "error", "remedy"),
}
COMMON = ("recipient", "tag", "reference", "period", "authority", "contact", "phone", "attached", "timezone")


@dataclass(frozen=True)
class Desk:
    """Who writes: the authority's name, whom to ask, the channels configured, language and time zone."""

    authority: str
    contact: str = ""
    phone: str = ""
    channels: tuple[str, ...] = ()
    locale: str = "vi"
    timezone: str = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True)
class Letter:
    """What is to be said, before it is put in words for somebody.

    `kind` is a key of KINDS, `context` holds its fields. Two letters of one kind, unit, period, `about` and
    `stage` are the same letter: a recipient gets it once. `attachments` are paths below the workspace.
    """

    kind: str
    context: Mapping[str, object] = field(repr=False)
    unit: str = ""
    period: Period | None = None
    about: str = ""
    stage: str = ""
    attachments: tuple[str, ...] = ()
    urgent: bool = False
    not_before: datetime | None = None

    @property
    def reference(self) -> str:
        """The tag by which an answer is known to belong here: `BC:2026-Q3:082`."""
        return ":".join(part for part in ("BC", str(self.period or ""), self.unit) if part)


def desk_of(directory: Directory, channels: Iterable[str], locale: str, timezone: str) -> Desk:
    """The desk of a workspace: the plan's authority, and the first officer of its office as contact."""
    plan, first = directory.plan, directory.office[0]
    return Desk(
        authority=directory.unit_name(plan.term.authority),
        contact=first.name,
        phone=first.phone,
        channels=tuple(channels),
        locale=locale,
        timezone=timezone,
    )


def administrators(desk: Desk, directory: Directory) -> tuple[Recipient, ...]:
    """Who is told of failed runs: the channel `admin` if there is one, else the office."""
    if ADMINISTRATOR in desk.channels:
        return (Recipient(ADMINISTRATOR, "Quản trị hệ thống", channels=(ADMINISTRATOR,)),)
    return directory.office


def compose(letters: Iterable[tuple[Letter, Recipient]], desk: Desk, now: datetime) -> pd.DataFrame:
    """Outbox rows (MESSAGE_COLUMNS; instants in UTC, attachments as JSON), one a recipient and channel.

    A recipient is written to by each of their channels that is configured, by the first one if they name
    none, and by a file if none can reach them.
    """
    rows = [
        _row(letter, recipient, way, desk, now)
        for letter, recipient in letters
        for way in _ways(recipient, desk)
    ]
    frame = pd.DataFrame(rows, columns=MESSAGE_COLUMNS, dtype=object)
    instants = {name: pd.to_datetime(frame[name], utc=True) for name in INSTANTS}
    texts = dict.fromkeys(set(MESSAGE_COLUMNS) - {*INSTANTS, "urgent"}, "str")
    typed = frame.assign(**instants).astype({**texts, "urgent": "bool"})
    return typed.drop_duplicates("dedupe_key", ignore_index=True)


def no_messages() -> pd.DataFrame:
    """An empty frame of outbox rows."""
    return compose([], Desk(""), datetime.min.replace(tzinfo=UTC))


def _ways(recipient: Recipient, desk: Desk) -> list[tuple[str, str]]:
    """Channel and address of each way in which a recipient can be written to."""
    named = [name for name in recipient.channels if name in (*desk.channels, FILE)]
    usual = [name for name in desk.channels if name != ADMINISTRATOR]
    first = ["mail"] if "mail" in usual else usual[:1]
    addresses = [(name, _address(name, recipient)) for name in named or first]
    return [(name, address) for name, address in addresses if address is not None] or [(FILE, "")]


def _address(channel: str, recipient: Recipient) -> str | None:
    """The address a channel needs; None where the recipient has none of that sort."""
    if form_of(channel) == "sms":
        return recipient.phone or None
    if channel.startswith("mail"):
        return recipient.email or None
    return recipient.email or recipient.phone


def form_of(channel: str) -> str:
    """Which wording a channel takes: `sms` for channels so named, else `mail`."""
    return "sms" if channel.startswith("sms") else "mail"


def _row(
    letter: Letter, recipient: Recipient, way: tuple[str, str], desk: Desk, now: datetime
) -> tuple[object, ...]:
    channel, address = way
    locale = recipient.locale or desk.locale
    common = {
        "recipient": recipient.name,
        "tag": f"[{letter.reference}]",
        "reference": letter.reference,
        "period": period_label(letter.period, locale) if letter.period else "",
        "authority": desk.authority,
        "contact": desk.contact,
        "phone": desk.phone,
        "timezone": desk.timezone,
        "attached": [Path(path).name for path in letter.attachments],
    }
    words = put_in_words(letter.kind, form_of(channel), locale, {**common, **letter.context})
    return (
        _dedupe_key(letter, channel, recipient.code),
        letter.kind,
        letter.unit,
        str(letter.period or ""),
        channel,
        recipient.code,
        address,
        letter.reference,
        *words,
        json.dumps(list(letter.attachments), ensure_ascii=False),
        letter.urgent,
        letter.not_before or now,
        now,
    )


def _dedupe_key(letter: Letter, channel: str, recipient: str) -> str:
    about = hashlib.sha256(letter.about.encode()).hexdigest()[:16]
    parts = (letter.kind, letter.unit, str(letter.period or ""), about, letter.stage, channel, recipient)
    return "|".join(parts)
