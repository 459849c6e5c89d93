"""A TCP proxy before a broker or a database, with which a test plays the loss of the network."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.brokers.process import HOST, free_port

_CHUNK_BYTES = 65_536
_TIMEOUT_S = 10


class Proxy:
    """Passes on what comes to `port`. cut(), stall() and heal() return when they have taken effect."""

    host = HOST

    def __init__(self, target: tuple[str, int] | Path) -> None:
        self.port = free_port()
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._listener: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.heal()

    def close(self) -> None:
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_TIMEOUT_S)
        self._loop.close()

    def cut(self) -> None:
        """Drop all connections and refuse new ones."""
        self._wait(self._cut())

    def stall(self) -> None:
        """Keep and accept connections, and pass nothing on; the other side is not told anything."""
        self._wait(self._stall())

    def heal(self) -> None:
        """Accept connections and pass all on, also what stalled."""
        self._wait(self._heal())

    @property
    def connections(self) -> int:
        """How many connections of clients are open."""
        return len(self._writers) // 2

    def _wait(self, coroutine: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_TIMEOUT_S)

    async def _cut(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for writer in self._writers:
            # Without lingering the end is a reset: nobody may take it for an orderly goodbye.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        await asyncio.sleep(0)  # the loop closes aborted sockets in its next round

    async def _stall(self) -> None:
        self._flowing.clear()

    async def _heal(self) -> None:
        self._flowing.set()
        if self._listener is None:
            self._listener = await asyncio.start_server(self._serve, HOST, self.port)

    async def _close(self) -> None:
        await self._cut()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        far: asyncio.StreamWriter | None = None
        try:
            await self._flowing.wait()
            if isinstance(self._target, Path):
                far_reader, far = await asyncio.open_unix_connection(self._target)
            else:
                far_reader, far = await asyncio.open_connection(*self._target)
            self._writers.add(far)
            await asyncio.gather(self._pass(reader, far), self._pass(far_reader, writer))
        except OSError:
            pass  # an end is gone, and so is the other now
        finally:
            for end in filter(None, (writer, far)):
                end.transport.abort()
                self._writers.discard(end)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(_CHUNK_BYTES):
            await self._flowing.wait()
            writer.write(chunk)
            await writer.drain()
        await self._flowing.wait()
        with contextlib.suppress(OSError):
            writer.write_eof()


@contextmanager
def start(target: tuple[str, int] | Path) -> Iterator[Proxy]:
    """A proxy before a host and port, or before a Unix socket."""
    proxy = Proxy(target)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()


@contextmanager
def before_database(url: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy before a PostgreSQL server, and the URL by which to reach it through the proxy."""
    parts = conninfo_to_dict(url)
    host, port = str(parts["host"]), int(parts.get("port") or 5432)
    target = Path(host) / f".s.PGSQL.{port}" if host.startswith("/") else (host, port)
    with start(target) as proxy:
        yield proxy, make_conninfo(url, host=HOST, port=proxy.port, sslmode="disable")
