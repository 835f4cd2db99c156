"""Channels: names in settings, addresses in the environment; Apprise hands over one message a call."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import apprise
from apprise.attachment.file import AttachFile

from tasks.post.messages import FILE
from tasks.post.outcomes import UNKNOWN, Ear, Outcome, outcome_of
from tasks.post.redaction import Redaction, host_of, is_loopback, secrets_of
from tiendo.errors import DeliveryError, SettingsError

TIMEOUT_SECONDS = 30.0
REFERENCE_HEADER = "X-Tiendo-Reference"
HEADER_SCHEMES = frozenset({"mailto", "mailtos", "json", "jsons"})

EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
PHONE = re.compile(r"\+?[0-9][0-9 .-]{5,18}[0-9]")
PLACEHOLDERS = {
    "{email}": (EMAIL, "thư điện tử", "can.bo@example.vn"),
    "{phone}": (PHONE, "điện thoại", "0912345678"),
}


@dataclass(frozen=True)
class Parcel:
    """What is handed to a channel for one recipient; `attachments` are files that exist."""

    address: str
    title: str
    text: str
    html: str = ""
    reference: str = ""
    attachments: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Channel:
    """A named way to reach people. Its URL is a secret; `{email}` or `{phone}` in it is the recipient's."""

    name: str
    url: str = field(repr=False)
    timeout_seconds: float = TIMEOUT_SECONDS

    @property
    def host(self) -> str:
        """The host that is asked to take messages, in lower case; for the rate limit."""
        return host_of(self.url)

    @property
    def redaction(self) -> Redaction:
        """Blots this channel's secrets out of texts and log records."""
        return Redaction(secrets_of(self.url))


def open_channels(references: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, Channel]:
    """The channels by name, of settings name → "env:VARIABLE".

    Raises SettingsError with every fault found; no message contains a URL.
    """
    problems = channel_problems(references, environment)
    if problems:
        raise SettingsError("; ".join(problems))
    return {name: Channel(name, environment[_variable(each)]) for name, each in references.items()}


def channel_problems(references: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """What is wrong with the channels of the settings, one sentence each; nothing is sent."""
    return [
        f"[channels.{name}] url: {problem}"
        for name, reference in references.items()
        for problem in _problems(name, reference, environment)
    ]


def _problems(name: str, reference: str, environment: Mapping[str, str]) -> Iterator[str]:
    if name == FILE:
        yield f"tên {FILE!r} dành cho tệp trong messages/; hãy đặt tên khác"
    elif not _variable(reference):
        yield 'ghi "env:TÊN_BIẾN"; địa chỉ thật nằm trong biến môi trường, không nằm trong tệp'
    elif not environment.get(_variable(reference)):
        yield f"biến môi trường {_variable(reference)} chưa được đặt"
    else:
        channel = Channel(name, environment[_variable(reference)])
        sample = next((text for key, (_, _, text) in PLACEHOLDERS.items() if key in channel.url), "")
        try:
            _service(channel, Parcel(sample, "", ""))
        except DeliveryError as error:
            yield str(error).removeprefix(f"kênh {name}: ")


def _variable(reference: str) -> str:
    return reference.removeprefix("env:") if reference.startswith("env:") else ""


def deliver(channel: Channel, parcel: Parcel) -> Outcome:
    """Hand one message to one recipient.

    Raises DeliveryError, with nothing handed over, when the address, the channel's URL or an attachment
    is not usable; its text has no secret in it.
    """
    service = _service(channel, parcel)
    asset = _asset()
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    as_html = bool(parcel.html) and service.notify_format == apprise.NotifyFormat.HTML
    attached = [_attachment(path) for path in parcel.attachments]
    ear = Ear()
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.WARNING)  # below it Apprise logs tokens; above it the ear is deaf
    logger.addFilter(ear)
    try:
        taken = sender.notify(
            title=" ".join(parcel.title.split()),
            body=parcel.html if as_html else parcel.text,
            body_format=apprise.NotifyFormat.HTML if as_html else apprise.NotifyFormat.TEXT,
            attach=attached or None,
        )
    except Exception as error:  # a plug-in's own fault: its text may hold the URL
        return Outcome(UNKNOWN, f"lỗi {type(error).__name__} khi gửi")
    finally:
        logger.removeFilter(ear)
    return outcome_of(taken, ear, channel.redaction)


def _attachment(path: Path) -> AttachFile:
    # Built from a path: a text would be read as a URL, and file:// or http:// in it obeyed.
    return AttachFile(str(path), name=path.name)  # type: ignore[no-untyped-call]


def _service(channel: Channel, parcel: Parcel) -> apprise.NotifyBase:
    """Apprise's service for one recipient, set up so that only its True means sent."""
    url = _addressed(channel, parcel)
    try:
        service = apprise.Apprise.instantiate(url, asset=_asset(), suppress_exceptions=False)
    except Exception as error:  # Apprise's own text repeats the URL
        raise _wrong(channel, f"địa chỉ không dùng được ({type(error).__name__})") from None
    if service is None:
        raise _wrong(channel, "Apprise không đọc được địa chỉ hoặc không biết loại dịch vụ này")
    _refuse_hidden_failures(channel, service)
    service.socket_connect_timeout = channel.timeout_seconds
    service.socket_read_timeout = channel.timeout_seconds
    return service


def _addressed(channel: Channel, parcel: Parcel) -> str:
    url = channel.url.strip()
    for placeholder, (form, what, _) in PLACEHOLDERS.items():
        if placeholder in url:
            if not form.fullmatch(parcel.address):
                raise _wrong(channel, f"người nhận chưa có địa chỉ {what} hợp lệ")
            url = url.replace(placeholder, quote(parcel.address, safe=""))
    if parcel.reference and url.partition("://")[0].lower() in HEADER_SCHEMES:
        joint = "&" if "?" in url else "?"
        url += f"{joint}+{REFERENCE_HEADER}={quote(parcel.reference, safe='')}"
    return url


def _refuse_hidden_failures(channel: Channel, service: apprise.NotifyBase) -> None:
    """An address that hides failures, sends copies or talks in the clear is refused (docs: channels)."""
    if service.optional:
        raise _wrong(channel, "bỏ optional=: nó báo thành công cả khi gửi hỏng")
    if service.retry:
        raise _wrong(channel, "bỏ retry=: tiendo tự gửi lại, để không ai nhận hai lần")
    if getattr(service, "cc", None) or getattr(service, "bcc", None) or len(service) != 1:
        raise _wrong(channel, "mỗi lần gửi chỉ một người nhận; bỏ cc=, bcc= và địa chỉ thừa")
    insecure = getattr(service, "secure_mode", "") == "insecure"
    if (insecure or channel.url.lower().startswith("mailto://")) and not is_loopback(
        str(getattr(service, "smtp_host", ""))
    ):
        raise _wrong(channel, "thư không mã hóa; dùng mailtos://")


def _asset() -> apprise.AppriseAsset:
    # A redirected POST comes back as a GET and a 200: sent, says Apprise, and nobody got anything.
    return apprise.AppriseAsset(
        app_id="tiendo", storage_mode="memory", http_redirects=False, secure_logging=True
    )


def _wrong(channel: Channel, problem: str) -> DeliveryError:
    return DeliveryError(f"kênh {channel.name}: {problem}")
