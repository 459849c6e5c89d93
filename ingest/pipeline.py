"""Receive, decode, flag, commit, acknowledge: the only loop through which data enters the store.

A batch is one transaction: its fixes, weighings, notices, rejections and the positions behind it in its streams. What
is acknowledged to a source has been committed; what was not committed is received again. While a batch is committed the
next one is gathered, and when that is full nothing more is received: a slow or absent database stops intake and nothing
else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from ingest.gathering import Gathered, take
from journey.model import Decoded, RawMessage, Reason
from storage.commit import Committed
from storage.errors import StoreUnavailable, Unstorable

Decode = Callable[[RawMessage], Decoded]
Settle = Callable[[Gathered], Committed]

_AT_ONCE = 20_000  # messages of one receive at most: between two receives the loop serves others
_RETRY_S, _RETRY_MAX_S = 0.5, 30.0


class Source(Protocol):
    """A transport, opened. Messages of one stream come in order; `position` of each says where the next one begins."""

    @property
    def name(self) -> str:
        """The connection, or the recorded file."""

    @property
    def begins(self) -> dict[str, int]:
        """Where the store stands in each stream whose account we keep. The pipeline takes entries out as it goes on
        from there; the source enters a stream, before the first message of it, whenever it (again) begins one."""

    async def receive(self, most: int) -> Sequence[RawMessage]:
        """What has come, `most` messages or few more; waits for one. Nothing: the source is at its end.

        Raises SourceUnavailable where the connection is lost.
        """

    async def acknowledge(self, messages: Sequence[RawMessage]) -> None:
        """These are committed and need not be sent again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a batch is full: so many records, so many bytes of payload, or the first of it waits for so long."""

    records: int = 50_000
    bytes: int = 64 << 20
    age_s: float = 1.0


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
class Watch:
    """What whoever runs the pipeline wants to be told, and may say to it.

    committed: after each transaction, with what it took in and its time in s. waits: the store is absent, for what
    reason. stop: set it and the batch at hand is committed, then the run ends.
    """

    committed: Callable[[Gathered, Committed, float], None] = lambda gathered, committed, seconds: None
    waits: Callable[[StoreUnavailable], None] = lambda error: None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    patient: bool = False  # wait for an absent store instead of ending


class Intake:
    """One run of the pipeline over one source. `flush` may be called while it runs, by a source that must give up
    streams: on its return all that was received is committed and acknowledged."""

    def __init__(self, source: Source, decode: Decode, settle: Settle, limits: Limits, watch: Watch) -> None:
        self.source = source
        self.totals = Totals()
        self._decode, self._settle, self._limits, self._watch = decode, settle, limits, watch
        self._gathered = Gathered(source.name)
        self._stands_at: dict[str, int] = {}
        self._committing: asyncio.Task[None] | None = None
        self._being_committed = 0
        self._hand_over = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """Records received and not yet committed."""
        return self._gathered.records + self._being_committed

    async def run(self) -> Totals:
        """Take the source to its end, or until the watch says stop."""
        loop = asyncio.get_running_loop()
        stopping = asyncio.ensure_future(self._watch.stop.wait())
        receiving: asyncio.Future[Sequence[RawMessage]] | None = None
        try:
            while not stopping.done():
                if receiving is None:
                    receiving = asyncio.ensure_future(self.source.receive(_AT_ONCE))
                waited_for: set[asyncio.Future[object]] = {receiving, stopping}  # type: ignore[arg-type]
                if self._committing is not None:
                    waited_for.add(self._committing)  # type: ignore[arg-type]
                oldest = self._gathered.began
                patience = None if oldest is None else max(0.0, oldest + self._limits.age_s - loop.time())
                await asyncio.wait(waited_for, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                if self._committing is not None and self._committing.done():
                    await self._committed()
                if receiving.done():
                    received, receiving = receiving, None
                    if received.exception() is not None:
                        await self.flush()  # what came before the fault is sound
                    messages = received.result()
                    if not messages:
                        break
                    self._take(messages, loop.time())
                if self._full(loop.time()):
                    await self._pass_on()
            await self.flush()
        finally:
            for task in (stopping, receiving, self._committing):
                if task is not None and not task.done():
                    task.cancel()
                    with suppress(asyncio.CancelledError, Exception):
                        await task
        return self.totals

    async def flush(self) -> None:
        """Commit and acknowledge what was received."""
        await self._pass_on()
        async with self._hand_over:
            await self._committed()

    def _take(self, messages: Sequence[RawMessage], now: float) -> None:
        for stream in list(self.source.begins):
            self._stands_at[stream] = self.source.begins.pop(stream)
        if self._gathered.began is None:
            self._gathered.began = now
        self.totals.messages += len(messages)
        take(self._gathered, messages, self._decode, self._stands_at)

    def _full(self, now: float) -> bool:
        gathered, limits = self._gathered, self._limits
        return gathered.began is not None and (
            gathered.records >= limits.records or gathered.bytes >= limits.bytes or now - gathered.began >= limits.age_s
        )

    async def _pass_on(self) -> None:
        """Begin to commit what is gathered, once the batch before it is committed."""
        async with self._hand_over:
            await self._committed()
            if self._gathered.messages:
                gathered, self._gathered = self._gathered, Gathered(self.source.name)
                self._being_committed = gathered.records
                self._committing = asyncio.create_task(self._commit(gathered))

    async def _committed(self) -> None:
        task, self._committing = self._committing, None
        if task is not None:
            await task
            self._being_committed = 0

    async def _commit(self, gathered: Gathered) -> None:
        try:
            committed = await self._store(gathered)
        except Unstorable as error:
            await self._commit_in_parts(gathered, error)
            return
        self.totals.add(committed)
        await self.source.acknowledge(gathered.messages)

    async def _commit_in_parts(self, gathered: Gathered, error: Unstorable) -> None:
        """Halve the batch until the message that the store refuses stands alone, and keep that as a rejection."""
        messages = gathered.messages
        if len(messages) == 1:
            await self._commit(gathered.refused(Reason.UNSTORABLE, str(error)))
            return
        stands_at = {one.source: one.start for one in gathered.positions()}
        for half in (messages[: len(messages) // 2], messages[len(messages) // 2 :]):
            part = Gathered(gathered.name)
            take(part, half, self._decode, stands_at)
            await self._commit(part)

    async def _store(self, gathered: Gathered) -> Committed:
        loop, wait_s = asyncio.get_running_loop(), _RETRY_S
        while True:
            began = loop.time()
            try:
                # In a thread: the loop stays free for heartbeats of the transport. The thread is waited for even when
                # this task is cancelled, so that a commit under way is finished and known.
                committed = await asyncio.shield(loop.run_in_executor(None, self._settle, gathered))
            except StoreUnavailable as error:
                if not self._watch.patient or self._watch.stop.is_set():
                    raise
                self._watch.waits(error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._watch.stop.wait(), wait_s)
                wait_s = min(2 * wait_s, _RETRY_MAX_S)
            else:
                self._watch.committed(gathered, committed, loop.time() - began)
                return committed
