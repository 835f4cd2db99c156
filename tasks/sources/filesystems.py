"""What fsspec reaches, opened: each kind of address with the patience and the caution that it needs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import fsspec  # type: ignore[import-untyped]

from tasks.sources.addresses import Address
from tasks.sources.arrivals import SECONDS_OF_SILENCE, SECONDS_TO_CONNECT
from tiendo.errors import SettingsError

SSH_SCHEMES = frozenset({"sftp", "ssh"})
S3_SCHEMES = frozenset({"s3", "s3a"})


def opened_address(address: Address) -> tuple[Any, str]:
    """A connection of its own to what the address names, and the path of the folder there."""
    for schemes, opened in _OPENERS.items():
        if address.scheme in schemes:
            return opened(address)
    try:
        return _any(address)
    except (ImportError, ValueError) as error:
        raise SettingsError(f"không biết cách mở địa chỉ {address.scheme}://: {error}") from None


def _ssh(address: Address) -> tuple[Any, str]:
    from sshfs import SSHFileSystem  # type: ignore[import-untyped]

    options = {
        "connect_timeout": SECONDS_TO_CONNECT,
        "login_timeout": SECONDS_TO_CONNECT,
        "keepalive_interval": SECONDS_TO_CONNECT,
        "keepalive_count_max": 2,
        **address.options,
        # The package itself would take any server for the right one.
        "known_hosts": _known_hosts(address),
    }
    login = {"username": address.user, "password": address.password, "port": address.parts.port}
    options |= {name: value for name, value in login.items() if value}
    files = SSHFileSystem(address.host, skip_instance_cache=True, **options)
    return files, unquote(address.parts.path).rstrip("/") or "/"


def _known_hosts(address: Address) -> str:
    given = address.options.get("known_hosts", "~/.ssh/known_hosts")
    file = Path(str(given)).expanduser()
    if not given or not file.is_file():
        raise SettingsError(
            "không có tệp known_hosts để nhận ra máy chủ SSH; "
            "lấy khóa bằng: ssh-keyscan MÁY_CHỦ, đối chiếu với người quản trị máy ấy, rồi ghi vào ~/.ssh/known_hosts"
        )
    return str(file)


def _s3(address: Address) -> tuple[Any, str]:
    from s3fs import S3FileSystem  # type: ignore[import-untyped]

    patience = {
        "connect_timeout": SECONDS_TO_CONNECT,
        "read_timeout": SECONDS_OF_SILENCE,
        "retries": {"max_attempts": 1},
    }
    login = {"key": address.user, "secret": address.password} if address.password else {}
    options = {"config_kwargs": patience, **login, **address.options}
    files = S3FileSystem(skip_instance_cache=True, use_listings_cache=False, **options)
    files.retries = 2
    place = address.url.partition("://")[2].rpartition("@")[2]
    return files, place.strip("/")


def _any(address: Address) -> tuple[Any, str]:
    files, root = fsspec.core.url_to_fs(address.url, skip_instance_cache=True, **address.options)
    return files, str(root).rstrip("/") or "/"


_OPENERS: dict[frozenset[str], Callable[[Address], tuple[Any, str]]] = {SSH_SCHEMES: _ssh, S3_SCHEMES: _s3}
