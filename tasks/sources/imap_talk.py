"""Talking to a mail server over IMAP: logging in, and fetching messages without marking them."""

import re
import ssl
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from imaplib import IMAP4

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from tasks.sources.addresses import Address
from tasks.sources.arrivals import SECONDS_OF_SILENCE
from tasks.sources.letters import read_letter

MESSAGES_A_REQUEST = 100

_FETCHED = re.compile(rb'UID (?P<uid>\d+)|RFC822\.SIZE (?P<size>\d+)|INTERNALDATE "(?P<came>[^"]+)"')


@dataclass(frozen=True)
class Head:
    """What is known of a message before it is fetched: place, size in bytes, when it came, its headers."""

    uid: str
    size: int
    came: datetime
    headers: bytes = field(repr=False)
    letter: Message = field(repr=False)


def connected(address: Address) -> BaseMailBox:
    """A connection to the server that an address names; certificates are checked."""
    context = ssl.create_default_context()
    port, wait = address.parts.port, SECONDS_OF_SILENCE
    if address.scheme == "imaps":
        return MailBox(address.host, port or 993, timeout=wait, ssl_context=context)
    if address.scheme == "imap+starttls":
        return MailBoxStartTls(address.host, port or 143, timeout=wait, ssl_context=context)
    return MailBoxUnencrypted(address.host, port or 143, timeout=wait)


def log_in(box: BaseMailBox, address: Address) -> None:
    """Raises PermissionError if the server does not let us in."""
    try:
        box.login_utf8(address.user, address.password, initial_folder=None)
    except IMAP4.abort:
        raise
    except IMAP4.error:
        raise PermissionError("the mail server refuses the login") from None
    # Many servers tell what they can only to those who have logged in: MOVE among it.
    _, said = box.client.capability()
    box.client.capabilities = tuple(text_of(said[-1]).upper().split())


def heads(box: BaseMailBox) -> Iterator[Head]:
    """All messages of the folder, oldest number first, without fetching or marking them."""
    uids = sorted(box.uids("UNDELETED", charset=None), key=int)
    for start in range(0, len(uids), MESSAGES_A_REQUEST):
        chosen = ",".join(uids[start : start + MESSAGES_A_REQUEST])
        _, said = box.client.uid("FETCH", chosen, "(UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])")
        yield from _read_heads(said)


def _read_heads(said: Sequence[object]) -> Iterator[Head]:
    for number, item in enumerate(said):
        if not isinstance(item, tuple):
            continue
        after = said[number + 1] if number + 1 < len(said) else b""
        told = _told(item[0] + (after if isinstance(after, bytes) else b""))
        came = parsedate_to_datetime(told["came"].strip())
        yield Head(told["uid"], int(told["size"]), came, item[1], read_letter(item[1]))


def _told(answer: bytes) -> dict[str, str]:
    """What a FETCH answer says beside the message itself."""
    found: Iterable[re.Match[bytes]] = _FETCHED.finditer(answer)
    return {name: text_of(value) for each in found for name, value in each.groupdict().items() if value}


def content_of(box: BaseMailBox, uid: str) -> bytes:
    """A message whole; empty if it is gone."""
    _, said = box.client.uid("FETCH", uid, "(BODY.PEEK[])")
    return next((bytes(item[1]) for item in said if isinstance(item, tuple)), b"")


def text_of(answer: object) -> str:
    """One word of a server's answer as text."""
    return answer.decode("ascii", "replace") if isinstance(answer, bytes) else str(answer or "")
