"""Real receivers on this machine for the tests of delivery: a mail server and a web hook."""

import asyncio
import email
import email.policy
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

HANG_SECONDS = 1.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class MailServer:
    """Takes mail, except for the local parts that it refuses, puts off, or leaves without an answer."""

    port: int = field(default_factory=free_port)
    received: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refuses: tuple[str, ...] = ()
    puts_off: tuple[str, ...] = ()
    hangs_on: tuple[str, ...] = ()
    admits: bool = True  # whoever logs in

    def url(self, more: str = "") -> str:
        return f"mailto://127.0.0.1:{self.port}?from=tiendo@laocai.example&to={{email}}{more}"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        who = address.partition("@")[0]
        if who in self.refuses:
            return "550 5.1.1 no such user"
        if who in self.puts_off:
            return "450 4.2.0 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received += [(address, message) for address in envelope.rcpt_tos]
        if envelope.rcpt_tos[0].partition("@")[0] in self.hangs_on:
            await asyncio.sleep(HANG_SECONDS)
        return "250 OK"

    @property
    def addresses(self) -> list[str]:
        return [address for address, _ in self.received]


@contextmanager
def mail_server(**how: Any) -> Iterator[MailServer]:
    """A real SMTP server on loopback for as long as the block runs."""
    server = MailServer(**how)
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=server.port,
        auth_require_tls=False,
        authenticator=lambda *_: AuthResult(success=server.admits),
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@dataclass
class WebHook:
    """Takes JSON posts; the path says how: /hang answers late, /500 says no, /moved sends elsewhere."""

    port: int
    received: list[tuple[dict[str, str], dict[str, object]]] = field(default_factory=list)

    def url(self, path: str = "/hook", more: str = "") -> str:
        return f"json://127.0.0.1:{self.port}{path}{more}"


@contextmanager
def web_hook() -> Iterator[WebHook]:
    """A real HTTP server on loopback for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.received.append((dict(self.headers), json.loads(body)))
            if self.path == "/hang":
                time.sleep(HANG_SECONDS)
            status = {"/500": 500, "/moved": 302}.get(self.path, 200)
            self.send_response(status)
            self.send_header("Location", "/hook")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Keep the tests' output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hook = WebHook(server.server_address[1])
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
