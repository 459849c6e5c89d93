"""Real servers that lists are delivered to, each in a thread, and each able to be slow, to refuse and to break off."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncssh
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "department", "geheim"
_WAIT_S = 60


class Gate:
    """Where a server stands still until it is told to go on. `reached`: somebody waits at it, or has passed it."""

    def __init__(self, shut: bool = False) -> None:
        self.reached, self._open = threading.Event(), threading.Event()
        if not shut:
            self._open.set()

    def shut(self) -> None:
        self._open.clear()
        self.reached.clear()

    def open(self) -> None:
        self._open.set()

    def wait_for_somebody(self) -> None:
        assert self.reached.wait(_WAIT_S)

    def passes(self) -> None:
        self.reached.set()
        assert self._open.wait(_WAIT_S)

    async def passes_in_loop(self) -> None:
        self.reached.set()
        assert await asyncio.to_thread(self._open.wait, _WAIT_S)


@contextmanager
def running(start: Callable[[], Coroutine[Any, Any, Any]]) -> Iterator[Any]:
    """What `start` gives, served by a loop in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        made = asyncio.run_coroutine_threadsafe(start(), loop).result(_WAIT_S)
        try:
            yield made
        finally:

            async def close() -> None:
                made.close()
                others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
                for task in others:
                    task.cancel()
                await asyncio.gather(*others, return_exceptions=True)

            asyncio.run_coroutine_threadsafe(close(), loop).result(_WAIT_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_WAIT_S)
        loop.close()


class Sftp:
    """An SFTP server over a folder. `gate`: at each write; `cut_after`: writes after which the line is broken.

    client: the public key by which it lets its user in; None: by the password.
    """

    def __init__(self, folder: Path, port: int = 0, client: asyncssh.SSHKey | None = None) -> None:
        self.folder, self.port, self.gate = folder, port, Gate()
        self.cut_after: int | None = None
        self.writes = 0
        self.client = client
        self.key = asyncssh.generate_private_key("ssh-ed25519")

    @property
    def host_key(self) -> str:
        return self.key.export_public_key().decode().strip()

    @contextmanager
    def up(self) -> Iterator[None]:
        rig, files = self, list[Any]()

        class Server(asyncssh.SSHServer):
            def password_auth_supported(self) -> bool:
                return rig.client is None

            def public_key_auth_supported(self) -> bool:
                return rig.client is not None

            def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
                return username == USER and rig.client is not None and key.public_data == rig.client.public_data

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == (USER, PASSWORD)

        class Files(asyncssh.SFTPServer):
            def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
                super().__init__(channel, chroot=str(rig.folder).encode())

            def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
                opened = super().open(path, pflags, attrs)
                files.append(opened)
                return opened

            async def write(self, file_obj: object, offset: int, data: bytes) -> int:
                await rig.gate.passes_in_loop()
                rig.writes += 1
                if rig.cut_after is not None and rig.writes > rig.cut_after:
                    self.channel.get_connection().abort()
                return super().write(file_obj, offset, data)  # type: ignore[return-value]

        async def start() -> Any:
            return await asyncssh.create_server(
                Server, "127.0.0.1", self.port, server_host_keys=[self.key], sftp_factory=Files
            )

        with running(start) as server:
            self.port = server.get_port()
            yield
        for file in files:  # of lines that were broken off
            file.close()


class Mailbox:
    """An SMTP server that keeps what it takes. `refused`: addresses; `gate`: after the message, before the answer."""

    def __init__(self, tls: Any = None, size: int = 1 << 26, starttls: bool = True) -> None:
        self.messages: list[Envelope] = []
        self.refused: set[str] = set()
        self.answer = "250 2.0.0 queued as 4711"
        self.gate = Gate()
        options: dict[str, Any] = {"data_size_limit": size, "authenticator": self._login}
        if tls is not None:
            options |= {"tls_context": tls, "require_starttls": True, "auth_require_tls": True} if starttls else {}
        self._ssl = tls if tls is not None and not starttls else None
        self._options = options
        self.port = 0

    @contextmanager
    def up(self) -> Iterator[None]:
        async def start() -> Any:
            loop = asyncio.get_running_loop()
            return await loop.create_server(
                lambda: SMTP(self, loop=loop, **self._options), "127.0.0.1", self.port, ssl=self._ssl
            )

        with running(start) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield

    def _login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()))

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.messages.append(envelope)
        await self.gate.passes_in_loop()
        return self.answer


class Receiver:
    """An HTTP server that keeps what is posted. `answers`: statuses to come, then 201; `gate`: before the answer."""

    def __init__(self, tls: Any = None) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.said = b'{"receipt": "A-17"}'
        self.gate = Gate()
        self.port, self._tls = 0, tls

    @contextmanager
    def up(self) -> Iterator[None]:
        rig = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                rig.posts.append(({name.lower(): text for name, text in self.headers.items()}, body))
                rig.gate.passes()
                status = rig.answers.pop(0) if rig.answers else 201
                self.send_response(status)
                self.send_header("Content-Length", str(len(rig.said)))
                if status == 307:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()
                self.wfile.write(rig.said)

            def log_message(self, *_: Any) -> None:
                pass

            def handle(self) -> None:
                with suppress(OSError):  # the sender was killed
                    super().handle()

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        if self._tls is not None:
            server.socket = self._tls.wrap_socket(server.socket, server_side=True)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            self.gate.open()
            server.shutdown()
            thread.join(_WAIT_S)
            server.server_close()
