"""Where a source is: an address and options from the environment, and what of them nobody may read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from tasks.post.redaction import SHORTEST_PASSWORD, Redaction
from tiendo.errors import SettingsError

REFERENCE = "env:"
MAIL_SCHEMES = frozenset({"imaps", "imap+starttls", "imap"})

Options = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Address:
    """A source's address, options and secrets: none of them is shown or repeated."""

    url: str = field(repr=False)
    options: Options = field(default_factory=dict, repr=False)
    hidden: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def scheme(self) -> str:
        """What stands before `://`, in lower case; empty if there is nothing of the kind."""
        return self.url.partition("://")[0].lower() if "://" in self.url else ""

    @cached_property
    def parts(self) -> SplitResult:
        """The parts of the address. Raises SettingsError if it has none that can be told apart."""
        try:
            split = urlsplit(self.url)
            _ = split.port
        except ValueError:
            raise SettingsError(
                "địa chỉ viết sai; ký tự đặc biệt trong tên, mật khẩu phải viết dạng %.. (ví dụ @ là %40)"
            ) from None
        return split

    @property
    def host(self) -> str:
        """The server's name."""
        return self.parts.hostname or ""

    @property
    def user(self) -> str:
        """The name to log in with."""
        return unquote(self.parts.username or "")

    @property
    def password(self) -> str:
        """The password to log in with."""
        return unquote(self.parts.password or "")

    @cached_property
    def redaction(self) -> Redaction:
        """Blots the address, its password and the options by reference out of texts and log records."""
        _, _, rest = self.url.partition("://")
        login = rest.partition("/")[0].rpartition("@")[0]
        _, _, password = login.partition(":")
        words = [word for word in (password, *self.hidden) if len(word) >= SHORTEST_PASSWORD]
        forms = {form for word in words for form in (word, unquote(word), quote(unquote(word), safe=""))}
        with_login = {rest, login} if password else set()
        return Redaction(frozenset(filter(None, {self.url, *with_login, *forms})))


def address_of(reference: str, options: Options, environment: Mapping[str, str]) -> Address:
    """The address that settings name by reference. Raises SettingsError if a variable is not set."""
    used: set[str] = set()
    url = _resolved(reference, environment, used).strip()
    given = _resolved(options, environment, used)
    return Address(url, given, frozenset(used))


def _resolved(value: Any, environment: Mapping[str, str], used: set[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _resolved(each, environment, used) for name, each in value.items()}
    if not isinstance(value, str) or not value.startswith(REFERENCE):
        return value
    variable = value.removeprefix(REFERENCE)
    if not environment.get(variable):
        raise SettingsError(f"biến môi trường {variable} chưa được đặt")
    used.add(environment[variable])
    return environment[variable]


def is_mailbox(reference: str, environment: Mapping[str, str]) -> bool:
    """Whether the address that a reference names is a mailbox's, as far as the environment tells."""
    url = environment.get(reference.removeprefix(REFERENCE), "")
    return url.strip().partition("://")[0].lower() in MAIL_SCHEMES


def all_secrets(addresses: Iterable[Address]) -> Collection[str]:
    """What must be blotted out of logs while these addresses are in use."""
    return {secret for address in addresses for secret in address.redaction.secrets}
