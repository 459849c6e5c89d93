"""Recorded files as a source: the same messages that a live transport would bring, resumable at any commit.

A file is known by the hash of its content, so that a renamed file is not taken in twice, and its position is the byte
behind the last committed record.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from ingest.protocols import PROTOCOLS, cabspotting, csv_v1, weighing_csv
from ingest.protocols._fields import BYTES_MAX
from journey.model import Decoded, RawMessage

BLOCK = 4 << 20
FRAME_MAX = 16 << 20  # bytes; a longer length in a recording of frames is a broken length
_VARINT_BYTES_MAX = 5
_BEGIN = 64  # bytes that show whether a file holds an array
_BOM = b"\xef\xbb\xbf"
# Where a message begins in its file; where a bad record stands in its message, by line or by byte.
_PLACE = re.compile(r"(line|byte) (\d+)$")
_INSIDE = {"line": re.compile(r"^line (\d+)"), "byte": re.compile(r"^record \d+, byte (\d+)")}
_FIRST = {"line": 1, "byte": 0}


class ReplayBroken(ValueError):  # noqa: N818
    """A recording cannot be read on from some byte. What lies before it is committed."""


@dataclass(frozen=True, slots=True)
class Replay:
    """One recorded file in one format, from byte `start` on. Satisfies ingest.pipeline.Source."""

    path: Path
    protocol: str
    name: str
    size: int
    start: int
    block: int = BLOCK
    begins: dict[str, int] = field(default_factory=dict)
    _messages: list[Iterator[RawMessage]] = field(default_factory=list)  # none before the first is received

    async def receive(self, most: int) -> Sequence[RawMessage]:
        if not self._messages:
            self.begins[self.name] = self.start
            self._messages.append(self._read())
        message = next(self._messages[0], None)
        return [] if message is None else [message]

    def _read(self) -> Iterator[RawMessage]:
        with self.path.open("rb") as file:
            yield from _CUT.get(self.protocol, _lines)(self, file)

    async def acknowledge(self, messages: Sequence[RawMessage]) -> None:
        """The committed position is the acknowledgement: the store keeps it."""

    def decode(self, message: RawMessage) -> Decoded:
        """What a message of this file holds; bad records are named by their line in the file."""
        if self.protocol == "cabspotting":
            return _placed(self, message, cabspotting.decode(message.payload, None, vehicle=self.path.stem))
        if self.protocol == "csv_v1":
            header, _, rows = message.payload.partition(b"\n")
            return _placed(self, message, csv_v1.decode_rows(header, rows, 1, None))
        if self.protocol == "weighing_csv":
            return _placed(self, message, weighing_csv.decode_from(message.payload, 1))
        return _placed(self, message, PROTOCOLS[self.protocol](message.payload, None))


def open_replay(path: Path, protocol: str, committed: Callable[[str], int | None], block: int = BLOCK) -> Replay:
    """A file to replay from where the store stands. Args: committed: position of a source name, None where new.

    Raises: OSError where the file cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:32]
    name = f"file:{protocol}:{digest}"
    return Replay(path, protocol, name, path.stat().st_size, committed(name) or 0, block)


def protocol_of(path: Path) -> str | None:
    """The format that a file's name says; None where it does not say."""
    if path.name.startswith("weighing"):
        return "weighing_csv" if path.suffix == ".csv" else "weighing_v1"
    return {".csv": "csv_v1", ".ufms": "ufms_frames", ".ndjson": "json_v1"}.get(path.suffix)


def _lines(replay: Replay, file: BinaryIO) -> Iterator[RawMessage]:
    """Whole lines; a JSON array, whatever its lines, is one message where it can be."""
    begin = file.read(_BEGIN).removeprefix(_BOM).lstrip()
    if begin.startswith(b"[") and replay.size <= BYTES_MAX:
        file.seek(0)
        return _whole_file(replay, file)
    return _cut_lines(replay, file, header=b"")


def _table(replay: Replay, file: BinaryIO) -> Iterator[RawMessage]:
    """Whole lines, each block under the file's own header."""
    return _cut_lines(replay, file, header=file.readline())


def _cut_lines(replay: Replay, file: BinaryIO, header: bytes) -> Iterator[RawMessage]:
    position = max(replay.start, len(header))
    line = 1 + _newlines(file, position)
    file.seek(position)
    while block := file.read(replay.block):
        if not block.endswith(b"\n"):
            block += file.readline()
        position += len(block)
        yield RawMessage(
            replay.name, position, header + block, None, f"{replay.path.name} line {line}", protocol=replay.protocol
        )
        line += block.count(b"\n")


def _newlines(file: BinaryIO, end: int) -> int:
    file.seek(0)
    count, left = 0, end
    while left and (block := file.read(min(left, BLOCK))):
        count += block.count(b"\n")
        left -= len(block)
    return count


def _frames(replay: Replay, file: BinaryIO) -> Iterator[RawMessage]:
    """Whole length-delimited frames, about a block at a time; the end of the file however it is."""
    position = replay.start
    file.seek(position)
    rest = b""
    while chunk := file.read(replay.block):
        rest += chunk
        whole = _whole_frames(rest)
        if whole:
            yield RawMessage(
                replay.name,
                position + whole,
                rest[:whole],
                None,
                f"{replay.path.name} byte {position}",
                protocol=replay.protocol,
            )
            position, rest = position + whole, rest[whole:]
        if len(rest) > FRAME_MAX:
            raise ReplayBroken(
                f"{replay.path}: byte {position}: no frame can be read from here on; all before it is stored. "
                "Cut the file there, or send the recording again"
            )
    if rest:
        yield RawMessage(
            replay.name,
            position + len(rest),
            rest,
            None,
            f"{replay.path.name} byte {position}",
            protocol=replay.protocol,
        )


def _whole_frames(data: bytes) -> int:
    """How many bytes of whole frames data begins with."""
    at = 0
    while True:
        length = shift = 0
        body = at
        while True:
            if body >= len(data) or body - at >= _VARINT_BYTES_MAX:
                return at
            byte = data[body]
            length |= (byte & 127) << shift
            body, shift = body + 1, shift + 7
            if byte < 128:
                break
        if body + length > len(data):
            return at
        at = body + length


def _whole_file(replay: Replay, file: BinaryIO) -> Iterator[RawMessage]:
    """A format that is one message, or whose records rest on their neighbours."""
    if replay.start < replay.size:
        yield RawMessage(
            replay.name, replay.size, file.read(), None, f"{replay.path.name} line 1", protocol=replay.protocol
        )


def _placed(replay: Replay, message: RawMessage, decoded: Decoded) -> Decoded:
    """The same records with the bad ones named by file and by line or byte of the file."""
    decoded.bad = [replace(bad, where=_place(replay, message, bad.where)) for bad in decoded.bad]
    return decoded


def _place(replay: Replay, message: RawMessage, where: str) -> str:
    begin = _PLACE.search(message.place)
    found = begin and _INSIDE[begin[1]].match(where)
    if not begin or not found:
        return f"{message.place}, {where}"
    number = int(begin[2]) + int(found[1]) - _FIRST[begin[1]]
    return f"{replay.path.name} {begin[1]} {number}{where[found.end() :]}"


_CUT: dict[str, Callable[[Replay, BinaryIO], Iterator[RawMessage]]] = {
    "csv_v1": _table,
    "weighing_csv": _table,
    "ufms": _whole_file,
    "ufms_frames": _frames,
    "cabspotting": _whole_file,
}
