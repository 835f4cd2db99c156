"""The sources that a workspace's settings name, each by the class that reads its kind of address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from tasks.office.settings import Settings, SourceSettings
from tasks.post.redaction import is_loopback
from tasks.sources.addresses import MAIL_SCHEMES, Address, address_of
from tasks.sources.archive import Archive
from tasks.sources.arrivals import Source
from tasks.sources.inbox import Inbox
from tasks.sources.mail_senders import Units
from tiendo.errors import SettingsError

ARCHIVE = "archive"


@dataclass(frozen=True)
class Given:
    """What a source is made of: its name, section and address; the archive; who may send mail for which unit."""

    name: str
    settings: SourceSettings
    address: Address
    archive: Archive
    largest_mb: int
    served: Mapping[str, Units]


def _mailbox(given: Given) -> Source:
    from tasks.sources.mailbox import Mailbox

    own = given.settings
    if not own.verified_by:
        raise SettingsError(NOT_VERIFIED)
    if given.address.scheme == "imap" and not is_loopback(given.address.host):
        raise SettingsError("imap:// không mã hóa; dùng imaps:// hoặc imap+starttls://")
    folder = own.folder or unquote(given.address.parts.path).strip("/") or "INBOX"
    if folder == own.done_folder:
        raise SettingsError("done_folder phải khác thư mục đọc thư")
    return Mailbox(
        name=given.name,
        address=given.address,
        archive=given.archive,
        verified_by=own.verified_by,
        folder=folder,
        done_folder=own.done_folder,
        largest_mb=given.largest_mb,
        served=given.served,
    )


def _remote_folder(given: Given) -> Source:
    from tasks.sources.remote_folder import RemoteFolder

    if not given.address.scheme:
        raise SettingsError("địa chỉ phải có dạng giao_thức://…, ví dụ sftp://, s3://, imaps://")
    return RemoteFolder(given.name, given.address, given.archive, given.largest_mb)


# By the address's scheme; whatever is not named here is a folder that fsspec reaches.
KINDS: dict[str, Callable[[Given], Source]] = dict.fromkeys(sorted(MAIL_SCHEMES), _mailbox)

NOT_VERIFIED = (
    "hộp thư cần verified_by: tên máy chủ thư của cơ quan trong tiêu đề Authentication-Results, "
    "để biết người gửi là thật"
)


def archive_of(root: Path) -> Archive:
    """The archive of a workspace; its folder is there."""
    (root / ARCHIVE).mkdir(exist_ok=True)
    return Archive(root / ARCHIVE)


def inbox_of(root: Path) -> Source:
    """The workspace's own inbox."""
    return Inbox(root, archive_of(root))


def address_of_source(name: str, settings: Settings, environment: Mapping[str, str]) -> Address:
    """Where a source is, by its section. Raises SettingsError if a variable that it names is not set."""
    own = settings.sources[name]
    return address_of(own.url, own.options, environment)


def open_source(
    name: str, root: Path, settings: Settings, address: Address, served: Mapping[str, Units]
) -> Source:
    """A source beside the inbox; nothing is connected yet. Raises SettingsError if it cannot be as it is given."""
    largest_mb = settings.intake.max_file_mb
    given = Given(name, settings.sources[name], address, archive_of(root), largest_mb, served)
    return KINDS.get(address.scheme, _remote_folder)(given)
