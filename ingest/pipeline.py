"""Receive, decode, flag, commit, acknowledge: the only loop through which data enters the store.

A batch is one transaction: its fixes, weighings, notices, rejections and the position behind it in its source. What
is acknowledged to a source has been committed; what was not committed is received again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from journey.model import Decoded, DecodeError, Notice, RawMessage, Rejection, Weighing
from journey.track import FIX, encode, fix_frame
from rules.law import Law
from rules.quality import Box, fix_flags
from storage.commit import Batch, Committed

Decode = Callable[[RawMessage], Decoded]


class Source(Protocol):
    """A transport. Messages come in order; `position` of each says where the next one begins."""

    @property
    def name(self) -> str: ...

    def messages(self) -> AsyncIterator[RawMessage]: ...

    async def acknowledge(self, position: int) -> None:
        """Everything before `position` is committed and need not be sent again."""


@dataclass(slots=True)
class Totals:
    """What a run of the pipeline took in."""

    messages: int = 0
    fixes: int = 0
    inserted: int = 0
    duplicates: int = 0
    weighings: int = 0
    notices: int = 0
    rejections: int = 0

    def add(self, committed: Committed) -> None:
        self.fixes += committed.fixes
        self.inserted += committed.inserted
        self.duplicates += committed.duplicates
        self.weighings += committed.weighings
        self.notices += committed.notices
        self.rejections += committed.rejections

    def join(self, other: Totals) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class _Pending:
    """Decoded messages that wait for their transaction."""

    position_from: int
    position_to: int
    frames: list[pl.DataFrame] = field(default_factory=list)
    count: int = 0
    weighings: list[Weighing] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    def take(self, message: RawMessage, decoded: Decoded) -> None:
        self.position_to = message.position
        for frame in (decoded.frame, fix_frame(decoded.fixes) if decoded.fixes else None):
            if frame is not None and len(frame):
                self.frames.append(frame)
                self.count += len(frame)
        self.weighings += decoded.weighings
        self.notices += decoded.notices
        self.rejections += [
            Rejection(message.source, bad.where, bad.reason, bad.detail, bad.payload, message.received)
            for bad in decoded.bad
        ]
        self.count += len(decoded.weighings) + len(decoded.notices) + len(decoded.bad)


async def run(
    source: Source,
    decode: Decode,
    commit: Callable[[Batch], Committed],
    *,
    start: int,
    box: Box,
    law: Law,
    batch_records: int,
    on_commit: Callable[[int, Totals], None] = lambda position, totals: None,
) -> Totals:
    """Take a source to its end, batch by batch.

    Args: start: the position that the store has committed for this source. batch_records: commit when a batch holds so
    many records or more. on_commit: called with the position and totals after each commit.
    """
    totals = Totals()
    pending = _Pending(start, start)

    async def settle() -> None:
        nonlocal pending
        if pending.position_to == pending.position_from:
            return
        batch = _batch(source.name, pending, box, law)
        # In a thread: the loop stays free for heartbeats of the transport. The thread is waited for even when this
        # task is cancelled, so that a commit under way is finished and known.
        committed = await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, commit, batch))
        totals.add(committed)
        await source.acknowledge(pending.position_to)
        on_commit(pending.position_to, totals)
        pending = _Pending(pending.position_to, pending.position_to)

    async for message in source.messages():
        totals.messages += 1
        pending.take(message, decode_or_reject(decode, message))
        if pending.count >= batch_records:
            await settle()
    await settle()
    return totals


def decode_or_reject(decode: Decode, message: RawMessage) -> Decoded:
    """Decode a message; one that cannot be read at all becomes a bad record that holds all its bytes."""
    try:
        return decode(message)
    except DecodeError as error:
        return Decoded(bad=[message.whole(error)])


def _batch(name: str, pending: _Pending, box: Box, law: Law) -> Batch:
    fixes = pl.concat(pending.frames) if pending.frames else FIX.to_frame()
    flags = fix_flags(encode(fixes).frame, box, law)
    return Batch(
        source=name,
        position_from=pending.position_from,
        position_to=pending.position_to,
        fixes=fixes.with_columns(flags=pl.Series(flags, dtype=pl.Int16)),
        weighings=pending.weighings,
        notices=pending.notices,
        rejections=pending.rejections,
    )
