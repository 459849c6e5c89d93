"""The socket of an MQTT connection, with published messages taken out of the stream before the client library sees it.

The library reads a packet by three calls of the kernel, a log line and two locks, and hands on one message at a time.
Here a read brings many packets, which are cut apart at once; the library is shown the others (answers to connecting,
subscribing and pings), as if nothing else had come.

Source: MQTT 5.0 and MQTT 3.1.1 (OASIS), sections 2.1 and 3.3.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

_PUBLISH, _PUBACK = 0x30, 0x40
_PINGREQ, _PINGRESP = b"\xc0\x00", b"\xd0\x00"
_READ_BYTES = 1 << 18
_READS_AT_ONCE = 8  # then the event loop serves others
_HEAD_BYTES_MAX = 5  # type and length of a packet

Published = tuple[bytes, int | None, bytes]
"""Topic, number to acknowledge (None: sent at QoS 0), payload."""


class BrokenProtocol(ValueError):  # noqa: N818
    """What came is no MQTT, or not what was subscribed to."""


class Cut(NamedTuple):
    """Whole packets that data began with."""

    published: list[Published]
    others: bytes  # all that are no PUBLISH, as they came
    end: int  # of the last of them in data
    wanted: int  # bytes, from there on, without which there is no further packet


def cut(data: bytes, with_properties: bool) -> Cut:
    """Cut a stream apart. Args: with_properties: it is MQTT 5. Raises BrokenProtocol."""
    published: list[Published] = []
    others: list[bytes] = []
    at, size = 0, len(data)
    while at + 2 <= size:
        head = data[at]
        length, body = data[at + 1], at + 2
        if length > 127:
            length, body = _length(data, at + 1)
            if not body:
                break
        end = body + length
        if end > size:
            return Cut(published, b"".join(others), at, end - at)
        if head & 0xF0 == _PUBLISH:
            start = body + 2
            rest = start + int.from_bytes(data[body:start])
            topic, number = data[start:rest], None
            if head & 0x06:
                if head & 0x04:
                    raise BrokenProtocol("a message came at QoS 2, and we subscribe at QoS 1")
                number = int.from_bytes(data[rest : rest + 2])
                rest += 2
            if with_properties and rest < end:
                skipped, rest = (data[rest], rest + 1) if data[rest] < 128 else _length(data[:end], rest)
                rest += skipped if rest else end + 1
            elif with_properties:
                rest = end + 1
            if rest > end:
                raise BrokenProtocol("a message is longer within than without")
            published.append((topic, number, data[rest:end]))
        else:
            others.append(data[at:end])
        at = end
    return Cut(published, b"".join(others), at, size - at + 1)


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A length of up to four bytes and where it ends; 0, 0 where data ends before it."""
    length = shift = 0
    for place in range(at, min(at + _HEAD_BYTES_MAX - 1, len(data))):
        length |= (data[place] & 127) << shift
        if data[place] < 128:
            return length, place + 1
        shift += 7
    if at + _HEAD_BYTES_MAX - 1 <= len(data):
        raise BrokenProtocol("a length has no end")
    return 0, 0


def acknowledgements(numbers: Sequence[int]) -> bytes:
    """A PUBACK for each number, in this order."""
    packets = np.empty((len(numbers), 2), ">u2")
    packets[:, 0] = _PUBACK << 8 | 2
    packets[:, 1] = numbers
    return packets.tobytes()


class Wire:
    """Takes the place of the library's socket. `take` is given what was published, read by read.

    While we do not read, the broker's answers to pings do not reach the library, which would take the connection for
    dead. So `pinged`, where set, is called when a ping goes out, and answer_ping() gives the library an answer.
    """

    def __init__(self, connection: socket.socket, with_properties: bool, take: Callable[[list[Published]], None]):
        self.pinged: Callable[[], object] | None = None
        self.broken: Exception | None = None
        self.ended = False
        self._connection, self._with_properties, self._take = connection, with_properties, take
        self._parts: list[bytes] = []  # of a packet that is not whole
        self._held, self._wanted = 0, 0
        self._others = b""

    @property
    def has_others(self) -> bool:
        """Whether the library has something to read: packets, or the end."""
        return bool(self._others) or self.ended

    def fill(self) -> None:
        """Read what has come."""
        for _ in range(_READS_AT_ONCE):
            try:
                data = self._connection.recv(_READ_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as error:
                self.ended, self.broken = True, error
                return
            if not data:
                self.ended = True
                return
            self._parts.append(data)
            self._held += len(data)
            if self._held >= self._wanted:
                self._cut()
                if self.ended:
                    return

    def _cut(self) -> None:
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        try:
            published, others, end, self._wanted = cut(data, self._with_properties)
        except BrokenProtocol as error:
            self.ended, self.broken = True, error
            return
        self._parts = [data[end:]] if end < len(data) else []
        self._held = len(data) - end
        self._others += others
        if published:
            self._take(published)

    def recv(self, size: int) -> bytes:
        """For the library: the packets that are its own."""
        if not self._others and not self.ended:
            self.fill()
        if self._others:
            part, self._others = self._others[:size], self._others[size:]
            return part
        if self.ended:
            return b""
        raise BlockingIOError

    def send(self, data: bytes) -> int:
        sent = self._connection.send(data)
        if self.pinged is not None and data == _PINGREQ:
            self.pinged()
        return sent

    def answer_ping(self) -> None:
        self._others += _PINGRESP

    def pending(self) -> int:
        """For the library: bytes that it can read without the kernel's saying so."""
        return len(self._others)

    def fileno(self) -> int:
        return self._connection.fileno()

    def close(self) -> None:
        self._connection.close()

    def setblocking(self, flag: bool) -> None:
        self._connection.setblocking(flag)
