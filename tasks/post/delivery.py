"""The outbox handed over: each message once, its fate noted; what may have arrived is not sent again."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy.engine import Engine

from tasks.post.channels import Channel, Parcel, deliver
from tasks.post.messages import FILE
from tasks.post.outcomes import DEFERRED, REFUSED, SENT, UNKNOWN, UNREACHABLE, Outcome
from tasks.post.redaction import redact_logs, secrets_of
from tiendo.errors import DeliveryError
from warehouse.outbox_store import claim, in_state, settle

PAUSE_SECONDS = 0.2  # between two messages to one host; common mail servers take 300 a minute
FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)  # a mail server that is down over a weekend costs no message

MESSAGES_FOLDER = "messages"
DISPATCHED_COLUMNS = ["id", "kind", "unit", "period", "channel", "recipient", "reference", "state", "detail"]

STATE_AFTER = {
    SENT: "sent",
    REFUSED: "failed",
    UNKNOWN: "unknown",
    DEFERRED: "pending",
    UNREACHABLE: "pending",
}

Send = Callable[[Channel, Parcel], Outcome]


@dataclass(frozen=True)
class PostOffice:
    """What dispatching needs: the outbox, the workspace's folder and channels, a clock, a way to send."""

    engine: Engine
    root: Path
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]
    send: Send = deliver
    sleep: Callable[[float], None] = time.sleep
    pause_seconds: float = PAUSE_SECONDS


class _Hosts:
    """The pace of each host during one run; one that was out of reach is left alone for the rest of it."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office
        self._served: dict[str, float] = {}
        self._down: set[str] = set()

    def post(self, channel: Channel, parcel: Parcel) -> Outcome:
        """Send by a channel when its host's turn has come."""
        if channel.host in self._down:
            return Outcome(UNREACHABLE, "máy nhận không liên lạc được trong lượt này")
        waited = time.monotonic() - self._served.get(channel.host, float("-inf"))
        if waited < self._office.pause_seconds:
            self._office.sleep(self._office.pause_seconds - waited)
        outcome = self._office.send(channel, parcel)
        self._served[channel.host] = time.monotonic()
        if outcome.kind == UNREACHABLE:
            self._down.add(channel.host)
        return outcome


def dispatch(office: PostOffice, limit: int = 10_000) -> pd.DataFrame:
    """Hand over what is due, urgent messages first, one at a time; DISPATCHED_COLUMNS, one row a message.

    A message is noted as being sent before it is handed over and settled after: if this process dies in
    between it becomes `unknown`, and so does one that timed out. What nobody took is tried again later.
    """
    redact_logs(secret for channel in office.channels.values() for secret in secrets_of(channel.url))
    repeat_urgent(office.engine, office.clock())
    hosts = _Hosts(office)
    rows: list[tuple[Any, ...]] = []
    while len(rows) < limit and len(taken := claim(office.engine, 1, office.clock())):
        message = next(taken.itertuples(index=False))
        outcome = _hand_over(office, hosts, message)
        state = _settle(office, message, outcome)
        rows.append((*(getattr(message, name) for name in DISPATCHED_COLUMNS[:7]), state, outcome.detail))
    return pd.DataFrame(rows, columns=DISPATCHED_COLUMNS)


def repeat_urgent(engine: Engine, now: datetime) -> int:
    """Put urgent messages whose first attempt ended `unknown` out once more; returns how many."""
    unknown = in_state(engine, ["unknown"])
    again = unknown[unknown.urgent.astype(bool) & (unknown.attempts == 1)]
    for outbox_id in again.id.tolist():
        settle(engine, outbox_id, "pending", "repeated", "tin khẩn, gửi lại một lần cùng mã thư", now)
    return len(again)


def _hand_over(office: PostOffice, hosts: _Hosts, message: Any) -> Outcome:
    try:
        if message.channel == FILE:
            return _write_down(office.root, message)
        channel = office.channels.get(message.channel)
        if channel is None:
            raise DeliveryError(f"kênh {message.channel!r} không có trong cài đặt [channels]")
        return hosts.post(channel, _parcel(office.root, message))
    except DeliveryError as error:
        return Outcome(REFUSED, str(error))


def _settle(office: PostOffice, message: Any, outcome: Outcome) -> str:
    """Note the outcome; returns the message's new state."""
    now = office.clock()
    state, not_before = STATE_AFTER[outcome.kind], None
    if state == "pending":
        not_before = now + min(FIRST_RETRY * 2 ** min(int(message.attempts), 10), LONGEST_RETRY)
        if not_before - message.created_at > GIVE_UP_AFTER:
            state, not_before = "failed", None
    settle(office.engine, int(message.id), state, outcome.kind, outcome.detail, now, not_before)
    return state


def _parcel(root: Path, message: Any) -> Parcel:
    return Parcel(
        address=message.address,
        title=message.subject,
        text=message.body_text,
        html=message.body_html,
        reference=message.reference,
        attachments=tuple(own_file(root, path) for path in json.loads(message.attachments)),
    )


def own_file(root: Path, path: str) -> Path:
    """The file that a path below the workspace names.

    Raises DeliveryError if there is none, or the path leads out of the workspace by `..`, a link or a URL.
    """
    folder = root.resolve()
    file = (folder / path).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        raise DeliveryError(f"tệp kèm theo {path!r} không có trong không gian làm việc")
    return file


def _write_down(root: Path, message: Any) -> Outcome:
    """Write a message as a file instead of sending it; doing it again writes the same file."""
    folder = root / MESSAGES_FOLDER / _file_name(message.period or "chung")
    key = hashlib.sha256(message.dedupe_key.encode()).hexdigest()[:8]
    name = "_".join(filter(None, (message.kind, message.unit, message.recipient, key)))
    file = folder / f"{_file_name(name)}.txt"
    attached = ", ".join(json.loads(message.attachments))
    head = f"Người nhận: {message.recipient}\nTiêu đề: {message.subject}\n"
    text = f"{head}{f'Kèm theo: {attached}' if attached else ''}\n\n{message.body_text}\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        return Outcome(DEFERRED, f"không ghi được tệp trong {MESSAGES_FOLDER}/: {error.strerror}")
    return Outcome(SENT, file.relative_to(root).as_posix())


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text)
