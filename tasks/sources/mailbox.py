"""A mailbox read over IMAP: each attachment of each message is a file; who sent it must be proved."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from imaplib import IMAP4
from pathlib import PurePath
from time import monotonic

from imap_tools import BaseMailBox

from tasks.reading.limits import MEGABYTE
from tasks.sources.addresses import Address
from tasks.sources.archive import Archive
from tasks.sources.arrivals import SECONDS_TO_COPY, Arrival, Waiting
from tasks.sources.file_names import plain_name
from tasks.sources.imap_talk import MESSAGES_A_REQUEST, Head, connected, content_of, heads, log_in, text_of
from tasks.sources.letters import (
    Attachment,
    attachments_of,
    domain_of,
    from_address,
    headers_of,
    is_automatic,
    read_letter,
    subject_of,
)
from tasks.sources.mail_senders import Units, served_by, unit_meant
from tasks.sources.mail_trust import is_verified

LOG = logging.getLogger(__name__)

# A message may be as large as a few of the largest files, which take half as much again on their way.
FILES_A_LETTER, ENCODED = 4, 1.5

NOBODY = "khong-ro-nguoi-gui"


@dataclass(frozen=True)
class Sender:
    """Whom a message is from: the address, the units it may send for, else why it may not (a key of SEEN)."""

    address: str
    units: Units
    refused: str = ""


@dataclass(frozen=True, eq=False)
class Mailbox:
    """A folder of a mailbox. `verified_by`: the name that one's own mail server writes into
    Authentication-Results. `served`: address → units; `largest_mb`: the largest file that is read."""

    name: str
    address: Address = field(repr=False)
    archive: Archive
    verified_by: str
    folder: str
    done_folder: str
    largest_mb: int
    served: Mapping[str, Units] = field(repr=False)

    def check(self) -> None:
        """Log in and open the folder."""
        with self._opened():
            pass

    def arrivals(self) -> list[Arrival]:
        """The files of every message in the folder; messages that nobody is answered for are moved away.

        After SECONDS_TO_COPY the rest is left to the next run.
        """
        until = monotonic() + SECONDS_TO_COPY
        found: list[Arrival] = []
        try:
            with self._opened() as (box, validity):
                self._collect(box, validity, until, found)
        except (OSError, IMAP4.error) as error:
            if not found:
                raise
            LOG.warning("%s breaks off after %d files: %s", self.name, len(found), type(error).__name__)
        self.archive.settle()
        return found

    def _collect(self, box: BaseMailBox, validity: str, until: float, found: list[Arrival]) -> None:
        """Add the files of each message to what was found; what was found by then stays if the server breaks off."""
        idle: list[str] = []
        for head in heads(box):
            if monotonic() > until:
                break
            arrived = self._files_of(box, head, validity)
            found += arrived
            idle += [] if arrived else [head.uid]
        self._move(box, idle)

    def let_go(self, waiting: Sequence[Waiting]) -> None:
        """Move messages to the folder for what is done; numbers that the server has given anew are left."""
        with self._opened() as (box, validity):
            self._move(box, [each.place for each in waiting if each.stamp == validity])

    @contextmanager
    def _opened(self) -> Iterator[tuple[BaseMailBox, str]]:
        """The mailbox with its folder selected, and the folder's UIDVALIDITY."""
        box = connected(self.address)
        try:
            log_in(box, self.address)
            box.folder.set(self.folder)
            _, validity = box.client.response("UIDVALIDITY")
            yield box, text_of(validity[0]) if validity else ""
        finally:
            with suppress(OSError, IMAP4.error):  # what was to be done is done; the server may be gone
                box.client.logout()

    def _move(self, box: BaseMailBox, uids: Sequence[str]) -> None:
        if not uids:
            return
        if not box.folder.exists(self.done_folder):
            box.folder.create(self.done_folder)
        box.move(list(uids), self.done_folder, chunks=MESSAGES_A_REQUEST)

    def _files_of(self, box: BaseMailBox, head: Head, validity: str) -> list[Arrival]:
        """The files of a message, archived; none if nobody is to be told of it."""
        if is_automatic(head.letter, self.address.user):
            return []
        files = _Files(self, head, self._sender(head.letter), validity)
        if head.size > self.largest_mb * FILES_A_LETTER * ENCODED * MEGABYTE:
            return [files.too_large()]
        raw = content_of(box, head.uid)
        try:
            attachments = attachments_of(read_letter(raw))
        except Exception as error:  # one message that cannot be taken apart must not keep all others waiting
            LOG.warning("%s: message %s is kept whole: %s", self.name, head.uid, type(error).__name__)
            return [files.whole(raw)]
        if attachments:
            return [files.attached(each) for each in attachments]
        return [] if files.sender.refused or not raw else [files.whole(raw, code="no_attachment")]

    def _sender(self, letter: Message) -> Sender:
        address = from_address(letter)
        units = served_by(address, self.served)
        if not units:
            return Sender(address, (), "unlisted_address")
        headers = headers_of(letter, "Authentication-Results")
        proved = is_verified(headers, self.verified_by, domain_of(address))
        return Sender(address, units, "" if proved else "unverified_address")


@dataclass(frozen=True)
class _Files:
    """Arrivals made of one message."""

    box: Mailbox
    head: Head
    sender: Sender
    validity: str

    def attached(self, file: Attachment) -> Arrival:
        """One of its attachments."""
        return self._made(file.number, file.name, file.content)

    def whole(self, raw: bytes, code: str | None = None) -> Arrival:
        """The message itself, so that its sender is told."""
        return self._made(0, self._own_name, raw, code)

    def too_large(self) -> Arrival:
        """Its headers, since the whole is not fetched."""
        facts = {"size_bytes": self.head.size, "limit_bytes": self.box.largest_mb * MEGABYTE}
        return self._made(0, self._own_name, self.head.headers, "too_large", "letter_size", facts)

    @property
    def _own_name(self) -> str:
        return plain_name(f"{subject_of(self.head.letter).replace('/', '-')}.eml", "thu.eml")

    def _made(
        self,
        number: int,
        name: str,
        content: bytes,
        code: str | None = None,
        seen: str | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> Arrival:
        sender, head = self.sender, self.head
        kept = self.box.archive.keep_bytes(content, PurePath(name).suffix)
        if sender.refused:
            code, seen, facts = "wrong_sender", sender.refused, {"address": sender.address or "?"}
        return Arrival(
            waiting=Waiting(self.box, head.uid, self.validity),
            sender="" if sender.refused else unit_meant(sender.units, subject_of(head.letter), name),
            path=f"{self.box.name}/{sender.address or NOBODY}/{name}",
            archived=kept.path,
            sha256=kept.sha256,
            size=kept.size,
            stamp=f"{self.validity}-{head.uid}-{number}",
            received_at=head.came,
            code=code,
            seen=seen,
            facts=facts,
        )
