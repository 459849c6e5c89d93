"""The body of a request, unpacked as it comes and bounded both packed and unpacked."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

from ingest.sources._problems import Refused

_GZIP = 16 + zlib.MAX_WBITS


class Gzip:
    """Unpacks gzip piece by piece: one member or several, nothing behind them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._member = zlib.decompressobj(_GZIP)
        self._size = 0

    def unpack(self, piece: bytes) -> bytes:
        """Raises Refused where it is no gzip, or more than is allowed."""
        parts: list[bytes] = []
        while piece:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            try:
                part = self._member.decompress(piece, self._most - self._size + 1)
            except zlib.error as error:
                raise Refused(HTTPStatus.BAD_REQUEST, f"the body is no gzip: {error}") from None
            parts.append(part)
            self._size += len(part)
            if self._size > self._most:
                raise too_large(self._most)
            piece = self._member.unused_data
        return b"".join(parts)

    def check_end(self) -> None:
        if not self._member.eof:
            raise Refused(HTTPStatus.BAD_REQUEST, "the body is gzip that is cut off: send it again")


def too_large(most: int) -> Refused:
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body holds at most {most} bytes, unpacked too: send it in parts"
    )


async def read_body(pieces: AsyncIterator[bytes], packed: Gzip | None, most: int, hold: Callable[[int], None]) -> bytes:
    """Args: hold: told of every piece before it is kept. Raises Refused."""
    parts: list[bytes] = []
    sent = 0
    async for piece in pieces:
        sent += len(piece)
        if sent > most:
            raise too_large(most)
        part = piece if packed is None else packed.unpack(piece)
        hold(len(part))
        parts.append(part)
    if packed is not None:
        packed.check_end()
    return b"".join(parts)
