"""Messages gathered for one transaction: as received, and what was decoded from them.

The messages themselves are kept beside the records: they are what is acknowledged, and what is taken apart should the
store refuse a record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from journey.model import BadRecord, Decoded, DecodeError, Fix, Notice, RawMessage, Reason, Rejection, Weighing
from journey.track import FIX, fix_frame
from storage.commit import Position

Sender = str | None
_FRAME_FIXES = 8192  # so many fixes go into a frame, which takes a tenth of the memory of as many tuples


@dataclass(slots=True)
class Gathered:
    """What waits for its transaction. Lists of senders run beside the records, one entry a record (fixes: a run)."""

    name: str  # connection, or recorded file
    began: float | None = None  # when its first message came, by the clock of the event loop
    messages: list[RawMessage] = field(default_factory=list)
    bytes: int = 0
    records: int = 0
    weighings: list[Weighing] = field(default_factory=list)
    weighing_senders: list[Sender] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    notice_senders: list[Sender] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    bad_run: int = 0  # messages at the end of it that held nothing but bad records
    fix_senders: list[tuple[Sender, int]] = field(default_factory=list)  # runs of fixes of one sender
    _frames: list[pl.DataFrame] = field(default_factory=list)
    _fixes: list[Fix] = field(default_factory=list)  # not yet in a frame, behind those that are
    _positions: dict[str, tuple[int, int]] = field(default_factory=dict)

    def positions(self) -> list[Position]:
        """The stretches of streams that it holds."""
        return [Position(source, *span) for source, span in sorted(self._positions.items())]

    def fixes(self) -> pl.DataFrame:
        """All fixes as sent, in order of receipt: a FIX frame."""
        self._close_frame()
        return pl.concat(self._frames) if self._frames else FIX.to_frame()

    def refused(self, reason: Reason, detail: str) -> Gathered:
        """The same messages with all that they hold as rejections, whole."""
        kept = Gathered(self.name, self.began, self.messages, self.bytes, len(self.messages))
        kept._positions = dict(self._positions)
        kept.rejections = [_rejection(self.name, one, BadRecord(one.place, reason, detail, one.payload))
                           for one in self.messages]  # fmt: skip
        return kept

    def _close_frame(self) -> None:
        if self._fixes:
            self._frames.append(fix_frame(self._fixes))
            self._fixes = []

    def _add(self, message: RawMessage, decoded: Decoded) -> None:
        count = len(decoded.fixes)
        if decoded.frame is not None and len(decoded.frame):
            self._close_frame()
            self._frames.append(decoded.frame)
            count += len(decoded.frame)
        self._fixes += decoded.fixes
        if len(self._fixes) >= _FRAME_FIXES:
            self._close_frame()
        if count:
            senders = self.fix_senders
            if senders and senders[-1][0] == message.sender:
                senders[-1] = (message.sender, senders[-1][1] + count)
            else:
                senders.append((message.sender, count))
        others = len(decoded.weighings) + len(decoded.notices)
        if others:
            self.weighings += decoded.weighings
            self.weighing_senders += [message.sender] * len(decoded.weighings)
            self.notices += decoded.notices
            self.notice_senders += [message.sender] * len(decoded.notices)
        if decoded.bad:
            self.rejections += [_rejection(self.name, message, bad) for bad in decoded.bad]
        if count or others:
            self.bad_run = 0
        elif decoded.bad:
            self.bad_run += 1
        self.records += count + others + len(decoded.bad)


def take(
    gathered: Gathered,
    messages: Sequence[RawMessage],
    decode: Callable[[RawMessage], Decoded],
    stands_at: dict[str, int],
) -> None:
    """Decode messages and add them. Args: stands_at: where each stream stands before them; moved behind them."""
    gathered.messages += messages
    for message in messages:
        gathered.bytes += len(message.payload)
        if message.position is not None:
            source = message.source
            begin = gathered._positions.get(source, (stands_at.get(source, 0), 0))[0]
            gathered._positions[source] = (begin, message.position)
            stands_at[source] = message.position
        gathered._add(message, decode_or_reject(decode, message))


def decode_or_reject(decode: Callable[[RawMessage], Decoded], message: RawMessage) -> Decoded:
    """Decode a message; one that cannot be read at all becomes a bad record that holds all its bytes."""
    try:
        return decode(message)
    except DecodeError as error:
        return Decoded(bad=[message.whole(error)])


def _rejection(name: str, message: RawMessage, bad: BadRecord) -> Rejection:
    return Rejection(name, bad.where, bad.reason, bad.detail, bad.payload, message.received, message.sender,
                     message.protocol)  # fmt: skip
