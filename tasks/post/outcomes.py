"""How handing over a message ended, told from what Apprise returns and from what it logs and swallows."""

import logging
import smtplib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.post.redaction import Redaction

SENT, REFUSED, DEFERRED, UNREACHABLE, UNKNOWN = "sent", "refused", "deferred", "unreachable", "unknown"

DETAIL_LENGTH = 300
SMTP_NOT_NOW = range(400, 500)

# Functions of the standard library in which nothing of a message has left us yet.
BEFORE_HANDING_OVER = frozenset({"create_connection", "getaddrinfo", "do_handshake"})


@dataclass(frozen=True)
class Outcome:
    """How handing over one message ended.

    kind: sent; refused (the other side said no); deferred (it said "not now") and unreachable (nobody was
    there to take it): nothing has arrived, it may be tried again; unknown: it may or may not have arrived.
    """

    kind: str
    detail: str = ""


class Ear:
    """Hears, during one call, the error that Apprise logs and swallows; used as a filter of its logger."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.error: BaseException | None = None
        self.said = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Note the first warning of this thread and the error it tells of; lets every record pass."""
        if record.thread == self.thread and record.levelno >= logging.WARNING:
            self.error = self.error or sys.exc_info()[1]
            self.said = self.said or record.getMessage()
        return True


def outcome_of(taken: bool | None, ear: Ear, redaction: Redaction) -> Outcome:
    """The outcome of one call: only True means sent; an answer, or none, is told from the error heard."""
    if taken is True:
        return Outcome(SENT)
    said = redaction.clean(f"{ear.error or ear.said}")[:DETAIL_LENGTH]
    return Outcome(REFUSED if ear.error is None else _kind_of(ear.error), said)


def _kind_of(error: BaseException) -> str:
    frames = set(_frames(error))
    if frames & BEFORE_HANDING_OVER or (
        isinstance(error, smtplib.SMTPException) and "sendmail" not in frames
    ):
        return UNREACHABLE  # greeting and login are the channel's matter, not this message's
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    else:
        return UNKNOWN
    return DEFERRED if all(code in SMTP_NOT_NOW for code in codes) else REFUSED


def _frames(error: BaseException | None) -> Iterator[str]:
    """Names of the functions the error, and those that led to it, passed through."""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            yield trace.tb_frame.f_code.co_name
            trace = trace.tb_next
        error = error.__cause__ or error.__context__
