"""Why a source did not answer, in a sentence that a person can act on, with no secret in it."""

import imaplib
import socket
import ssl

from tasks.sources.addresses import Address
from tiendo.errors import TiendoError

LONGEST_DETAIL = 160


def reason_of(error: BaseException, address: Address | None = None) -> str:
    """What stood in the way, and what to do about it."""
    said = next((say for name, say in _NAMED.items() if name in _names(error)), "") or _by_type(error)
    text = said or f"{type(error).__name__}: {' '.join(str(error).split())[:LONGEST_DETAIL]}"
    return address.redaction.clean(text) if address else text


def _by_type(error: BaseException) -> str:
    if isinstance(error, TiendoError):
        return str(error)
    return next((say for kind, say in _TYPES if isinstance(error, kind)), "")


def _names(error: BaseException) -> set[str]:
    """The names of an error's classes and of what caused it."""
    names: set[str] = set()
    seen: BaseException | None = error
    while seen is not None:
        names |= {each.__name__ for each in type(seen).__mro__}
        seen = seen.__cause__
    return names


_LOGIN = "sai tên hoặc mật khẩu, hoặc tài khoản không được vào; kiểm tra biến môi trường giữ địa chỉ"

# By name, since the packages of the other sources are not to be imported for it.
_NAMED = {
    "HostKeyNotVerifiable": "khóa của máy chủ SSH không có trong known_hosts; đối chiếu với người quản trị rồi ghi vào",
    "MailboxLoginError": _LOGIN,
    "MailboxFolderSelectError": "không có thư mục này trong hộp thư; kiểm tra folder",
    "NoCredentialsError": "chưa có khóa vào kho S3; ghi key và secret trong options, dạng env:TÊN_BIẾN",
    "EndpointConnectionError": "không nối được tới máy chủ; kiểm tra địa chỉ và mạng",
    "ConnectTimeoutError": "quá thời gian chờ; kiểm tra địa chỉ và mạng",
    "ReadTimeoutError": "quá thời gian chờ; kiểm tra mạng",
}
_TYPES: list[tuple[type[BaseException], str]] = [
    (
        ssl.SSLCertVerificationError,
        "chứng chỉ của máy chủ không được tin; kiểm tra tên máy, hoặc SSL_CERT_FILE",
    ),
    (ssl.SSLError, "không lập được kết nối mã hóa; kiểm tra cổng và giao thức"),
    (socket.gaierror, "không tìm thấy máy chủ; kiểm tra tên máy và DNS"),
    (ConnectionRefusedError, "máy chủ từ chối kết nối; kiểm tra máy, cổng"),
    (TimeoutError, "quá thời gian chờ; kiểm tra địa chỉ và mạng"),
    (ConnectionError, "mất kết nối giữa chừng; kiểm tra mạng"),
    (PermissionError, f"không được phép: {_LOGIN}"),
    (FileNotFoundError, "không có thư mục hoặc kho này; kiểm tra đường dẫn trong địa chỉ"),
    (imaplib.IMAP4.abort, "máy chủ thư ngắt kết nối; kiểm tra máy chủ"),
]
