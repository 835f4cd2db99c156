"""A message as its sender's program wrote it: who sent it, whether a person did, and what is attached."""

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import collapse_rfc2231_value

from tasks.post.channels import EMAIL
from tasks.sources.file_names import plain_name

BULK = frozenset({"bulk", "junk", "list"})
OLD_MARKS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")  # of programs that know no Auto-Submitted
SIGNATURES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)

# `Mỷ <my@x>` or `my@x`: a header that two programs could read in two ways names nobody.
_NAMED = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^"<>,;:()\\])*<(?P<address>[^<>\s]+)>')


@dataclass(frozen=True)
class Attachment:
    """A file of a message: its number there, a plain name, its content."""

    number: int
    name: str
    content: bytes


def read_letter(raw: bytes) -> Message:
    """A message, or its headers alone, whatever is wrong with it."""
    return message_from_bytes(raw)


def headers_of(letter: Message, name: str) -> list[str]:
    """All headers of a name, from the top, as text; letters beyond ASCII stand in them as UTF-8."""
    raw = [value for key, value in letter.raw_items() if key.lower() == name.lower()]
    return [str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace") for value in raw]


def _header(letter: Message, name: str, absent: str) -> str:
    return next(iter(headers_of(letter, name)), absent)


def from_address(letter: Message) -> str:
    """The one address that a message says it is from; empty if that is not one, or not plainly one."""
    headers = headers_of(letter, "From")
    if len(headers) != 1:
        return ""
    text = " ".join(headers[0].split())
    found = _NAMED.fullmatch(text)
    address = found["address"] if found else text
    return address if EMAIL.fullmatch(address) else ""


def domain_of(address: str) -> str:
    """What stands behind the @."""
    return address.rpartition("@")[2].lower()


def subject_of(letter: Message) -> str:
    """The subject in plain text."""
    return " ".join(_decoded(_header(letter, "Subject", "")).split())


def is_automatic(letter: Message, own: str) -> bool:
    """Whether a program wrote it: a bounce, an answer of somebody on leave, a list, ourselves. Nobody reads an
    answer to it, or a program answers that again."""
    submitted = _header(letter, "Auto-Submitted", "no").partition(";")[0].strip().lower()
    precedence = _header(letter, "Precedence", "").strip().lower()
    is_bounce = _header(letter, "Return-Path", "-").strip() in ("", "<>")
    is_own = bool(own) and from_address(letter).casefold() == own.casefold()
    is_marked = submitted != "no" or precedence in BULK or any(headers_of(letter, name) for name in OLD_MARKS)
    return is_marked or is_bounce or is_own


def attachments_of(letter: Message) -> list[Attachment]:
    """The files of a message, numbered from 1 in its order."""
    return [
        Attachment(number, _name(part, number), _content(part))
        for number, part in enumerate(filter(_is_file, _leaves(letter)), start=1)
    ]


def _leaves(part: Message) -> Iterator[Message]:
    """The parts that hold no others, the messages that are attached whole among them."""
    if part.get_content_maintype() != "multipart":
        yield part
        return
    for each in _inner(part):
        yield from _leaves(each)


def _inner(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _is_file(part: Message) -> bool:
    disposition, kind = part.get_content_disposition(), part.get_content_type()
    is_drawn = part.get_content_maintype() == "image" and part["Content-ID"] and disposition != "attachment"
    if is_drawn or kind in SIGNATURES:
        return False
    return disposition == "attachment" or bool(_given_name(part)) or part.get_content_maintype() != "text"


def _name(part: Message, number: int) -> str:
    suffix = ".eml" if part.get_content_type() == "message/rfc822" else None
    instead = f"tep-{number}{suffix or mimetypes.guess_extension(part.get_content_type()) or ''}"
    return plain_name(_given_name(part), instead)


def _given_name(part: Message) -> str:
    """The name that a part was given, however it is written: RFC 2231, RFC 2047, or plain bytes."""
    for header, key in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        plain = Message()
        plain[header] = _header(part, header, "")
        if given := plain.get_param(key, None, header):
            return _decoded(collapse_rfc2231_value(given))
    return ""


def _decoded(text: str) -> str:
    """The text with its RFC 2047 words read; as it stands if they cannot be."""
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return text


def _content(part: Message) -> bytes:
    if part.is_multipart():  # a message attached whole
        return b"".join(each.as_bytes() for each in _inner(part)[:1])
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
