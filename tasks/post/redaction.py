"""Secrets stay out of the log: what a channel's address hides, and a filter that blots it out."""

import ipaddress
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, quote, unquote

BLOT = "***"
LOGGERS = ("", "prefect", "apprise")

# Shorter pieces are ordinary words; blotting them out would make the log unreadable.
SHORTEST_PASSWORD = 4
SHORTEST_TOKEN = 8

# Query keys of an Apprise URL whose values are no secret.
OPEN_KEYS = frozenset({"to", "from", "name", "reply", "smtp", "mode", "format", "user", "method"})
PASSWORD_KEYS = frozenset({"pass", "password"})

_HOST = re.compile(r"localhost|[a-z0-9_-]+(\.[a-z0-9_-]+)+", re.IGNORECASE)
_PORT = re.compile(r"\d{1,5}")

# urlsplit would refuse a password with a bracket in it.
_URL = re.compile(r"(?P<place>[^/?#]*)(?P<path>[^?#]*)(\?(?P<query>[^#]*))?(#(?P<fragment>.*))?", re.DOTALL)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_of(url: str) -> str:
    """The host, with its port if given, that a channel's URL names."""
    parts = _URL.match(url.partition("://")[2])
    assert parts is not None
    return parts["place"].rpartition("@")[2].lower()


def secrets_of(url: str) -> frozenset[str]:
    """What nobody should read of a channel's URL: the whole, its password, tokens and header values."""
    rest = url.partition("://")[2] or url
    parts = _URL.match(rest)
    assert parts is not None
    query = parse_qsl(parts["query"] or "")
    login, _, host = parts["place"].rpartition("@")
    user, has_password, password = login.partition(":")
    # mailtos://PASSWORD@host?user=… is Apprise's other way to write a login
    passwords = [password] if has_password else [user] if "user" in dict(query) else []
    passwords += [value for key, value in query if key in PASSWORD_KEYS]
    tokens = [part for part in host.split(":") if not _HOST.fullmatch(part) and not _PORT.fullmatch(part)]
    tokens += [*parts["path"].split("/"), parts["fragment"] or ""]
    tokens += [value for key, value in query if key not in OPEN_KEYS]
    pieces = [url, rest]
    pieces += [piece for piece in passwords if len(piece) >= SHORTEST_PASSWORD]
    pieces += [piece for piece in tokens if len(piece) >= SHORTEST_TOKEN and "{" not in piece]
    forms = (form for piece in pieces if piece for form in (piece, unquote(piece), quote(piece, safe="")))
    return frozenset(forms)


@dataclass(frozen=True)
class Redaction:
    """A logging filter that blots secrets out of a record's message, traceback and stack; it drops none."""

    secrets: frozenset[str]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(filter(None, self.secrets), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def clean(self, text: str) -> str:
        """The text without the secrets."""
        return self._pattern.sub(BLOT, text)

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean one record in place; always true."""
        message = _message(record)
        if (cleaned := self.clean(message)) != message:
            record.msg, record.args = cleaned, None
        if record.exc_info:
            trace = logging.Formatter().formatException(record.exc_info)
            if (cleaned := self.clean(trace)) != trace:
                # A handler that draws tracebacks itself would read the secret from the exception.
                record.exc_text, record.exc_info = cleaned, None
        if record.stack_info:
            record.stack_info = self.clean(record.stack_info)
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # a log call whose words do not fit must not stop the caller
        return f"{record.msg} {record.args!r}"


def redact_logs(secrets: Iterable[str]) -> Redaction:
    """Blot the secrets, and those named by earlier calls, out of everything logged from now on.

    A filter of a logger is not asked for its children's records, so every handler there is gets it too.
    Calling it again covers handlers added since.
    """
    places = _places()
    known = {old for place in places for old in place.filters if isinstance(old, Redaction)}
    redaction = Redaction(frozenset(secrets).union(*(old.secrets for old in known)))
    for place in places:
        for old in known:
            place.removeFilter(old)
        place.addFilter(redaction)
    return redaction


def _places() -> list[logging.Filterer]:
    """The named loggers, and every handler that exists."""
    named = [logging.getLogger(name) for name in LOGGERS]
    others = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    handlers = {id(handler): handler for logger in [*named, *others] for handler in logger.handlers}
    last_resort = [logging.lastResort] if logging.lastResort else []
    return [*named, *handlers.values(), *last_resort]
