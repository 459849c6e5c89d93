"""Apache Kafka: a consumer group, whose positions the store keeps.

The stream is `kafka:<cluster>:<topic>:<partition>`, its position the next offset. It is committed with the data, and
sought whenever a partition is given to us: what Kafka's own group offsets say is never believed; they are written after
the commit, so that lag can be seen with the usual tools. Processes of one connection share the group: each has some of
the partitions. Which vehicle goes to which partition is the producers' matter: with the plate as key, the fixes of one
vehicle stay in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ingest.sources import Context, SourceUnavailable
from ingest.sources._kafka_reading import HandOver, Reader
from ingest.sources._kafka_settings import Settings
from journey.model import RawMessage

__all__ = ["NAME", "Settings", "opened"]

NAME = "kafka"
GIVE_UP_S = 30.0  # how long a partition that another process is to have waits for what was received of it


@dataclass(slots=True, eq=False)
class Kafka:
    """The connection, opened: the event loop's side of it. Satisfies ingest.pipeline.Source.

    The consumer itself lives in a thread; what it has read waits in `hand_over`.
    """

    name: str
    context: Context
    hand_over: HandOver
    begins: dict[str, int] = field(default_factory=dict)
    reading: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    _taken: asyncio.Event = field(default_factory=asyncio.Event)  # the pipeline has all that was received
    _received_any: bool = False
    _broken: BaseException | None = None
    _flushing: set[asyncio.Task[None]] = field(default_factory=set)

    async def receive(self, most: int) -> Sequence[RawMessage]:
        self._taken.set()
        while True:
            self.hand_over.arrived.clear()
            if self._broken is not None:
                raise self._broken
            if messages := self.hand_over.take(most, self.begins):
                self._received_any = True
                self._taken.clear()
                return messages
            if self.reading.done():
                self.reading.result()
                raise SourceUnavailable(f"{self.name}: the connection was closed")
            await self.hand_over.arrived.wait()

    async def acknowledge(self, messages: Sequence[RawMessage]) -> None:
        """The store has the positions. Kafka is told so that lag can be seen."""
        self.hand_over.acknowledge({message.ticket: message.position for message in messages})

    async def give_up(self, streams: Iterable[str]) -> None:
        """Another process is to have these streams: on return all that was received of them is committed.

        Where that cannot be, what was received is of no use any more: the connection is broken and has to be opened
        again. The new owner begins where the store stands, and the store refuses a batch that begins anywhere else.
        """
        self.hand_over.drop(frozenset(streams))
        if not self._received_any or self.hand_over.closing:
            return
        flushing = asyncio.create_task(self._flush())
        self._flushing.add(flushing)
        await asyncio.wait({flushing}, timeout=GIVE_UP_S)
        if not flushing.done():
            flushing.add_done_callback(lambda task: task.cancelled() or task.exception())  # its end is of no interest
            self._broken = SourceUnavailable(
                f"{self.name}: another process takes partitions over, and the store did not take what was received of "
                f"them within {GIVE_UP_S:.0f} s: it is read again from where the store stands. Is the store reachable?"
            )
        elif not flushing.cancelled():
            self._broken = flushing.exception()
        if self._broken is not None:
            self.hand_over.arrived.set()

    async def _flush(self) -> None:
        # A list just returned by receive() may not be with the pipeline yet. It is when the pipeline asks again.
        await self._taken.wait()
        await self.context.flush()

    async def close(self) -> None:
        """Leave the group. Returns when the consumer's thread has ended."""
        self.hand_over.close()
        for task in self._flushing:
            task.cancel()
        await asyncio.wait({self.reading})
        if not self.reading.cancelled():
            self.reading.exception()  # whoever still asked was told


@asynccontextmanager
async def opened(settings: Settings, context: Context) -> AsyncIterator[Kafka]:
    """Connect and join the group. Raises SourceUnavailable where no broker lets us in."""
    loop = asyncio.get_running_loop()
    source = Kafka(settings.name, context, HandOver(loop))
    connected = loop.create_future()
    reader = Reader(settings, context, source.hand_over, source.give_up)
    executor = ThreadPoolExecutor(1, thread_name_prefix=f"kafka-{settings.name}")
    source.reading = loop.run_in_executor(executor, reader.run, connected)
    source.reading.add_done_callback(lambda _: source.hand_over.arrived.set())
    executor.shutdown(wait=False)  # takes no more work; the thread ends with this one
    try:
        await asyncio.wait({source.reading, connected}, return_when=asyncio.FIRST_COMPLETED)
        if source.reading.done():
            source.reading.result()
        yield source
    finally:
        await source.close()
