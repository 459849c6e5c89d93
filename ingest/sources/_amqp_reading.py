"""How aiormq is given the bytes of a connection: in large pieces, and none while too many wait to be taken.

aiormq asks for 1, 6 and n bytes of each frame. An asyncio stream moves its whole buffer for each of them.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

import aiormq
from yarl import URL

_PIECE = 1 << 20


class Gate:
    """Counts bytes that wait to be taken; closed while they are more than `most`."""

    def __init__(self, most: int) -> None:
        self._most, self._inside = most, 0
        self._free = asyncio.Event()
        self._free.set()

    def entered(self, size: int) -> None:
        self._inside += size
        if self._inside > self._most:
            self._free.clear()

    def left(self, size: int) -> None:
        self._inside -= size
        if self._inside <= self._most:
            self._free.set()

    def open(self) -> None:
        """For good: what comes now is thrown away with its channel."""
        self._most = 1 << 62
        self._free.set()

    async def passed(self) -> None:
        if not self._free.is_set():
            await self._free.wait()


class Reading(aiormq.TransportFactory):
    """Makes the connection to a broker, read through a gate."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def create(self, url: URL, **kwargs: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        tls = await kwargs["ssl_context_provider"].get_context() if url.scheme == "amqps" else None
        reader, writer = await asyncio.open_connection(url.host, url.port, ssl=tls, limit=_PIECE)
        return cast(asyncio.StreamReader, _Pieces(reader, self._gate)), writer


class _Pieces:
    """The two methods of a StreamReader that aiormq uses."""

    def __init__(self, reader: asyncio.StreamReader, gate: Gate) -> None:
        self._reader, self._gate = reader, gate
        self._piece, self._at = b"", 0

    def at_eof(self) -> bool:
        return self._at == len(self._piece) and self._reader.at_eof()

    async def readexactly(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._piece):
            await self._read_on(count)
            end = count
        part = self._piece[self._at : end]
        self._at = end
        return part

    async def _read_on(self, count: int) -> None:
        """Have `count` bytes or more at hand, from the place where we are."""
        await self._gate.passed()
        parts, size = [self._piece[self._at :]], len(self._piece) - self._at
        while size < count:
            part = await self._reader.read(_PIECE)
            if not part:
                raise asyncio.IncompleteReadError(b"".join(parts), count)
            parts.append(part)
            size += len(part)
        self._piece, self._at = b"".join(parts), 0
