"""Real servers on this machine for the tests of sources: SFTP, S3, and a mailbox over IMAP."""

import asyncio
import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import asyncssh
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from receivers import free_port

USER, PASSWORD = "nop", "mat-khau-rieng-7"
DOVECOT = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
OURS = "mail.tinhuy.example"  # the name under which the office's own mail server speaks


class _Login(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@dataclass(frozen=True)
class SftpServer:
    """A folder served over SFTP, and the file that says which key its machine has."""

    folder: Path
    port: int
    known_hosts: Path
    breaks: list[str]  # names of files that it fails to open

    def url(self, password: str = PASSWORD) -> str:
        return f"sftp://{USER}:{password}@127.0.0.1:{self.port}/nop-bao-cao"


@contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    """An SFTP server whose root is a folder."""
    (folder / "nop-bao-cao").mkdir(parents=True)
    key, port, loop = asyncssh.generate_private_key("ssh-ed25519"), free_port(), asyncio.new_event_loop()

    breaks: list[str] = []

    class Folder(asyncssh.SFTPServer):
        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            if path.decode().endswith(tuple(breaks)):
                raise asyncssh.SFTPFailure("hỏng đĩa")
            return super().open(path, pflags, attrs)

    def root(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return Folder(channel, chroot=str(folder).encode())

    async def serve() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1", port, server_host_keys=[key], server_factory=_Login, sftp_factory=root
        )

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(serve(), loop).result(10)
    known = folder / ".known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {key.export_public_key().decode()}")
    yield SftpServer(folder / "nop-bao-cao", port, known, breaks)
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@dataclass
class MailServer:
    """A Dovecot of the test's own, with one mailbox."""

    folder: Path
    port: int = field(default_factory=free_port)
    secure_port: int = field(default_factory=free_port)

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    def secure_url(self, scheme: str) -> str:
        port = self.secure_port if scheme == "imaps" else self.port
        return f"{scheme}://{USER}%40tinhuy.example:{PASSWORD}@127.0.0.1:{port}/INBOX"

    def url(self, password: str = PASSWORD) -> str:
        return f"imap://{USER}%40tinhuy.example:{password}@127.0.0.1:{self.port}/INBOX"

    @contextmanager
    def box(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as box:
            box.login(f"{USER}@tinhuy.example", PASSWORD)
            yield box

    def put(self, mail: EmailMessage | bytes, came: datetime | None = None) -> None:
        """A message delivered to the inbox."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        with self.box() as box:
            status, said = box.append("INBOX", None, came or datetime.now(UTC), raw)  # type: ignore[arg-type]
            assert status == "OK", said

    def count(self, folder: str) -> int:
        """How many messages lie in a folder; none if there is no such folder."""
        with self.box() as box:
            status, said = box.select(folder, readonly=True)
            return int(said[0] or 0) if status == "OK" else 0

    def unseen(self) -> int:
        """How many messages of the inbox nobody has opened."""
        with self.box() as box:
            box.select("INBOX", readonly=True)
            return len(box.search(None, "UNSEEN")[1][0].split())


CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/dovecot.log
ssl = yes
ssl_cert = <{base}/certificate.pem
ssl_key = <{base}/key.pem
disable_plaintext_auth = no
mail_location = maildir:{base}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {secure_port}
  }}
}}
"""

# Run by an ordinary account Dovecot cannot become others; run by root it must.
UNPRIVILEGED = """
default_internal_user = {name}
default_login_user = {name}
default_internal_group = {group_name}
service imap-login {{
  chroot =
}}
service anvil {{
  chroot =
}}
"""


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A Dovecot process with an empty mailbox; skips the test where Dovecot is not installed."""
    if DOVECOT is None:
        pytest.skip("Dovecot (dovecot-imapd) is not installed; scripts/debian_packages.sh installs it")
    # Not below pytest's folder: run by root it keeps the mail under another account.
    with tempfile.TemporaryDirectory(prefix="tiendo-mail-") as base:
        server = MailServer(Path(base))
        config = _configured(server)
        with subprocess.Popen([DOVECOT, "-F", "-c", str(config)], stderr=subprocess.PIPE) as process:
            try:
                _wait_for(server, process)
                yield server
            finally:
                process.terminate()


def _configured(server: MailServer) -> Path:
    base, is_root = server.folder, os.getuid() == 0
    owner = pwd.getpwnam("nobody") if is_root else pwd.getpwuid(os.getuid())
    base.chmod(0o755)
    for name in ("run", "mail"):
        (base / name).mkdir()
    os.chown(base / "mail", owner.pw_uid, owner.pw_gid)
    _make_certificate(base)
    given = {
        "base": base,
        "port": server.port,
        "secure_port": server.secure_port,
        "password": PASSWORD,
        "user": owner.pw_uid,
        "group": owner.pw_gid,
        "name": owner.pw_name,
        "group_name": grp.getgrgid(owner.pw_gid).gr_name,
    }
    text = (CONFIG if is_root else CONFIG + UNPRIVILEGED).format(**given)
    config = base / "dovecot.conf"
    config.write_text(text)
    return config


def _make_certificate(folder: Path) -> None:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = Encoding.PEM
    (folder / "certificate.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, PrivateFormat.PKCS8, NoEncryption()))


def _wait_for(server: MailServer, process: "subprocess.Popen[bytes]") -> None:
    log = server.folder / "dovecot.log"
    until = time.monotonic() + 20
    while True:
        try:
            with server.box():
                return
        except (OSError, imaplib.IMAP4.error):
            told = log.read_text()[-2000:] if log.exists() else ""
            assert process.poll() is None and time.monotonic() < until, f"Dovecot does not start: {told}"
            time.sleep(0.1)
