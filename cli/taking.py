"""A worker of several: how it comes by its connections, which the process that started it hands over.

uvicorn asks its loop for a server of the socket that it was given (`create_server`); where that is a seat, the server
is one that takes connections instead of accepting them. The rest of uvicorn knows no difference.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cli.dealing import ANY, CORE, ENDED, READY, SEAT, receive

_PATIENCE_S = 1.0  # for a connection that has asked nothing yet when the worker ends
_REST_S = 1.0  # before the next is taken where too many files are open
log = logging.getLogger(__name__)


class Seat(socket.socket):
    """The worker's end of the pair by which it is dealt to."""


def take_seat(asking: socket.socket) -> Seat:
    """A seat, whose other end the dealer has. asking: where he is asked; it is closed. Raises OSError: he is gone.

    This thread, and those that come from it, keep to the core that comes with the seat.
    """
    with asking:
        mine, his = socket.socketpair()
        with his:
            socket.send_fds(asking, [SEAT], [his.fileno()])
    seat = Seat(fileno=mine.detach())
    _keep_to_core(seat.recv(CORE.size, socket.MSG_WAITALL))
    seat.setblocking(False)
    return seat


def _keep_to_core(said: bytes) -> None:
    if len(said) < CORE.size:
        raise ConnectionResetError("whoever deals connections is gone")
    (core,) = CORE.unpack(said)
    if core != ANY:
        try:
            os.sched_setaffinity(0, {core})
        except OSError as error:  # it has been taken from us: any will do
            log.warning("core %d cannot be kept to: %s", core, error.strerror)


class Connection(HttpToolsProtocol):
    """uvicorn's connection, which tells its end, and is not cut before it has asked.

    Whoever connects just before the worker ends has his question under way: it is answered, then the connection ends.
    """

    at_end: Callable[[Connection], None]

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.at_end(self)

    def shutdown(self) -> None:
        if self.cycle is None:
            self.loop.call_later(_PATIENCE_S, super().shutdown)
        else:
            super().shutdown()


class Taking:
    """As much of an asyncio server as uvicorn asks for."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seat: Seat, make: Callable[[], Connection]) -> None:
        self._loop, self._seat, self._make = loop, seat, make
        self._has: set[Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._untold = 0  # ended, which the dealer has not been told of
        self._closed = False
        loop.add_reader(seat, self._take)
        with suppress(OSError):  # gone: the reader will see it
            seat.send(READY)

    def close(self) -> None:
        """Be handed nothing more. What has been handed over until now is taken, and answered."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._seat)
            with suppress(OSError):
                self._seat.shutdown(socket.SHUT_RD)  # the dealer cannot send any more; what he has sent can be read
            self._take()

    async def wait_closed(self) -> None:
        await asyncio.gather(*self._opening, return_exceptions=True)

    def _take(self) -> None:
        """All that has been handed over. Where the dealer is gone there will be none: the worker ends."""
        while True:
            try:
                said, handed = receive(self._seat)
            except BlockingIOError:
                return
            except OSError:
                said, handed = b"", None
            if handed is not None:
                opening = self._loop.create_task(self._open(handed))
                self._opening.add(opening)
                opening.add_done_callback(self._opening.discard)
            elif said:
                log.warning("a connection was lost: too many open files")
                self._tell_end()
                if not self._closed:  # the others wait where they are, and are not lost one after another
                    self._loop.remove_reader(self._seat)
                    self._loop.call_later(_REST_S, self._take_again)
                    return
            else:
                if not self._closed:
                    self._loop.remove_reader(self._seat)
                    signal.raise_signal(signal.SIGTERM)
                return

    def _take_again(self) -> None:
        if not self._closed:
            self._loop.add_reader(self._seat, self._take)

    async def _open(self, handed: socket.socket) -> None:
        connection = self._make()
        connection.at_end = self._ended
        self._has.add(connection)
        try:
            await self._loop.connect_accepted_socket(lambda: connection, handed)
        except OSError:
            handed.close()
            self._ended(connection)
        if self._closed and connection in self._has:
            connection.shutdown()

    def _ended(self, connection: Connection) -> None:
        if connection in self._has:
            self._has.remove(connection)
            self._tell_end()

    def _tell_end(self) -> None:
        """Where it cannot be told now it is with the next. A worker that ends has nobody to tell."""
        self._untold += 1
        with suppress(OSError):
            self._untold -= self._seat.send(ENDED * self._untold)


class Loop(uvloop.Loop):
    async def create_server(self, *positional: Any, **named: Any) -> Any:
        seat = named.get("sock")
        if isinstance(seat, Seat):
            return Taking(self, seat, positional[0])
        return await super().create_server(*positional, **named)
