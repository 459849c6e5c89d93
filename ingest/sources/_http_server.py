"""uvicorn in our event loop, behind a door of our own: how many connections there are, and for how long they may idle.

uvicorn takes every connection and waits for a request without end. Here the door accepts: when the house is full, the
connection that has waited longest without a request makes room, so that whoever only connects harms no one who sends.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

_OTHER_FILES = 256  # that the process needs besides its connections
_NO_FILES_S = 1.0
_SHUTDOWN_S = 5
_HEAD_BYTES_MAX = 32 << 10
log = logging.getLogger(__name__)


def listen(host: str, port: int, backlog: int, connections: int) -> socket.socket:
    """A socket that listens. Raises OSError; so too where the process may not open as many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            raise OSError(f"{connections} connections, but this process may open only {hard} files")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(backlog)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


class Door:
    """Lets connections in, at most so many at once."""

    def __init__(self, listener: socket.socket, most: int, tls: ssl.SSLContext | None, slow_s: float) -> None:
        self._listener, self._most, self._tls, self.slow_s = listener, most, tls, slow_s
        self._inside: set[object] = set()
        self._idle: dict[
            object, Callable[[], object]
        ] = {}  # without a request, and how to be rid of them; oldest first
        self._entering: set[asyncio.Task[None]] = set()

    async def accept(self, house: Callable[[object], asyncio.BaseProtocol]) -> None:
        """Accept until cancelled. Args: house: makes the protocol of a connection, which is told its key here."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    connection, _ = await loop.sock_accept(self._listener)
                except OSError as error:
                    log.warning("no connection can be accepted: %s", error)
                    await asyncio.sleep(_NO_FILES_S)
                    continue
                if self._has_room():
                    key = object()
                    self._inside.add(key)
                    task = asyncio.create_task(self._enter(key, connection, house))
                    self._entering.add(task)
                    self._idle[key] = task.cancel
                    task.add_done_callback(partial(self._entered, key, connection))
                else:
                    connection.close()
        finally:
            self._listener.close()
            for task in self._entering:
                task.cancel()

    def _has_room(self) -> bool:
        if len(self._inside) < self._most:
            return True
        if not self._idle:
            return False
        oldest = next(iter(self._idle))
        self._idle[oldest]()
        self.left(oldest)
        return True

    async def _enter(
        self, key: object, connection: socket.socket, house: Callable[[object], asyncio.BaseProtocol]
    ) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: house(key),
            connection,
            ssl=self._tls,
            ssl_handshake_timeout=self.slow_s if self._tls else None,
        )

    def _entered(self, key: object, connection: socket.socket, task: asyncio.Task[None]) -> None:
        self._entering.discard(task)
        if task.cancelled() or task.exception() is not None:  # a failed handshake is the client's affair
            self.left(key)
            connection.close()

    def idles(self, key: object, be_rid_of: Callable[[], None]) -> None:
        """A connection waits for a request."""
        self._idle[key] = be_rid_of

    def works(self, key: object) -> None:
        """A connection has a request."""
        self._idle.pop(key, None)

    def left(self, key: object) -> None:
        """A connection is gone."""
        self._inside.discard(key)
        self._idle.pop(key, None)


class _Connection(H11Protocol):
    """One client. It has `slow_s` for the head of a request, and for what it still sends when it was answered."""

    def __init__(self, door: Door, key: object, server: uvicorn.Server) -> None:
        super().__init__(server.config, server.server_state, server.lifespan.state)
        self._door, self._key = door, key
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._door.idles(self._key, transport.abort)
        self._limit()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._busy():
            self._unlimit()
            self._door.works(self._key)
        else:
            self._limit()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._busy() and not self.transport.is_closing():
            self._door.idles(self._key, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._unlimit()
        self._door.left(self._key)
        super().connection_lost(exc)

    def _busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _limit(self) -> None:
        if self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(self._door.slow_s, self.transport.abort)

    def _unlimit(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Server(uvicorn.Server):
    """Leaves signals to the program that it runs in."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def serving(app: Starlette, door: Door, keep_alive_s: int) -> AsyncIterator[None]:
    """Serve behind the door until the end; what is being answered then has a few seconds to be."""
    options: dict[str, Any] = {
        "lifespan": "off",
        "ws": "none",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "timeout_keep_alive": keep_alive_s,
        "timeout_graceful_shutdown": _SHUTDOWN_S,
        "h11_max_incomplete_event_size": _HEAD_BYTES_MAX,
    }
    server = _Server(uvicorn.Config(app, http=_Connection, **options))
    running = asyncio.create_task(server.serve(sockets=[]))
    try:
        await server.ready.wait()
        accepting = asyncio.create_task(door.accept(lambda key: _Connection(door, key, server)))
        try:
            yield
        finally:
            accepting.cancel()
            with suppress(asyncio.CancelledError):
                await accepting
    finally:
        server.should_exit = True
        await running
