"""All sources asked at the same time: one that is down, or slow, delays only itself."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from time import monotonic

from tasks.office.settings import Settings
from tasks.office.workspace import Workspace
from tasks.post.redaction import redact_logs
from tasks.sources.addresses import Address, all_secrets, is_mailbox
from tasks.sources.arrivals import INBOX, SECONDS_TO_ANSWER, Arrival
from tasks.sources.failures import reason_of
from tasks.sources.mail_senders import Units, units_by_address
from tasks.sources.opening import address_of_source, archive_of, inbox_of, open_source
from tiendo.errors import SettingsError

LOG = logging.getLogger(__name__)
TOO_SLOW = f"chưa xong sau {SECONDS_TO_ANSWER // 60} phút"


@dataclass(frozen=True)
class Answer:
    """What one source gave: its files, or in `failure` why it did not answer; `is_misused`: settings are wrong."""

    source: str
    arrivals: tuple[Arrival, ...] = ()
    failure: str = ""
    is_misused: bool = False


def ask_sources(workspace: Workspace, now: datetime) -> Iterator[Answer]:
    """What each source of the settings gives, as it comes: the inbox first, then the others as they answer.

    Raises InputError if there is a mailbox and no plan that says who may send to it; OSError if the inbox
    cannot be read.
    """
    root, settings = workspace.root, workspace.settings
    archive_of(root).clear()
    answers = _in_threads(settings, partial(_take, root, settings, _served(workspace, now)))
    if INBOX in settings.intake.sources:
        yield Answer(INBOX, tuple(inbox_of(root).arrivals()))
    yield from answers


def check_sources(root: Path, settings: Settings) -> list[Answer]:
    """Whether each source beside the inbox can be reached, in the settings' order; nothing is taken."""
    answers = {each.source: each for each in _in_threads(settings, partial(_check, root, settings))}
    return [answers[name] for name in settings.intake.sources if name in answers]


def _take(
    root: Path, settings: Settings, served: Mapping[str, Units], name: str, address: Address
) -> tuple[Arrival, ...]:
    return tuple(open_source(name, root, settings, address, served).arrivals())


def _check(root: Path, settings: Settings, name: str, address: Address) -> tuple[Arrival, ...]:
    open_source(name, root, settings, address, {}).check()
    return ()


Work = Callable[[str, Address], tuple[Arrival, ...]]


def _in_threads(settings: Settings, work: Work) -> Iterator[Answer]:
    """The work begun for every source but the inbox; each answer as it comes, at the latest in time."""
    names = [name for name in settings.intake.sources if name != INBOX]
    done: Queue[Answer] = Queue()
    addresses: dict[str, Address] = {}
    for name in names:
        try:
            addresses[name] = address_of_source(name, settings, os.environ)
        except SettingsError as error:
            done.put(Answer(name, failure=str(error), is_misused=True))
    redact_logs(all_secrets(addresses.values()))
    for name, address in addresses.items():
        # A thread that hangs must not keep the process from ending.
        Thread(
            target=_put_answer, args=(done, work, name, address), name=f"source {name}", daemon=True
        ).start()
    return _as_they_come(done, names)


def _put_answer(done: Queue[Answer], work: Work, name: str, address: Address) -> None:
    try:
        done.put(Answer(name, work(name, address)))
    except Exception as error:  # whatever a server does to us, the other sources go on
        detail = address.redaction.clean(f"{type(error).__name__}: {error}")
        LOG.warning("source %s does not answer: %s", name, detail)
        is_misused = isinstance(error, SettingsError)
        done.put(Answer(name, failure=reason_of(error, address), is_misused=is_misused))


def _as_they_come(done: Queue[Answer], names: list[str]) -> Iterator[Answer]:
    waited_for, until = dict.fromkeys(names), monotonic() + SECONDS_TO_ANSWER
    while waited_for:
        try:
            answer = done.get(timeout=max(until - monotonic(), 0.01))
        except Empty:
            yield from (Answer(name, failure=TOO_SLOW) for name in waited_for)
            return
        del waited_for[answer.source]
        yield answer


def _served(workspace: Workspace, now: datetime) -> dict[str, Units]:
    """Who may send mail for which unit; looked up only where a mailbox is read."""
    sources = workspace.settings.sources
    mailboxes = [name for name in workspace.settings.intake.sources if name in sources]
    if not any(is_mailbox(sources[name].url, os.environ) for name in mailboxes):
        return {}
    return units_by_address(workspace.current_plan().plan, workspace.calendar.civil_date(now))
