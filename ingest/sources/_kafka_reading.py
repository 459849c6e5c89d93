"""The thread of a Kafka connection, in which everything on its consumer happens, and what it hands over.

kafka-python has a second thread, for the network, in which heartbeats and the steps of a rebalance run. Those steps are
taken while we wait in poll(), never beside the rest of this.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from threading import Condition
from typing import Any, NamedTuple

from kafka import AsyncConsumerRebalanceListener, TopicPartition
from kafka.errors import KafkaError, OffsetOutOfRangeError, RetriableError
from kafka.future import Future
from kafka.structs import MemberState, OffsetAndMetadata

from ingest.sources import Context, SourceUnavailable
from ingest.sources._kafka_connecting import Client, connect, said
from ingest.sources._kafka_settings import Settings, pattern
from ingest.sources.settings import SENDER
from journey.model import RawMessage

_POLL_MS = 500  # how soon it is noticed that we are closed
_BRIEF_MS = 100  # to stay in the group while nothing is wanted
_PATIENCE_S = 1.0  # between two such polls
_TOPIC_S = 5.0  # for the cluster to tell of a topic
_LEAVE_MS = 2000
_RETRY_S = 0.2
_TAKE_BYTES = 2 << 20  # handed over at once: to decode more would keep the event loop from others for too long
_MS = 1000


class HandOver:
    """What one poll brought, on its way to the event loop, and what is committed, on its way back."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.arrived = asyncio.Event()
        self.closing = False
        self._changed = Condition()
        self._messages: list[RawMessage] = []
        self._begins: dict[str, int] = {}
        self._acknowledged: dict[Any, int] = {}

    def put(self, messages: Sequence[RawMessage], begins: Mapping[str, int]) -> None:
        with self._changed:
            self._messages += messages
            self._begins.update(begins)
        self.loop.call_soon_threadsafe(self.arrived.set)

    def room(self, patience_s: float) -> bool:
        """Whether all was taken, or is within a time, so that more may be read."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._messages or self.closing, patience_s)

    def sleep(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.closing, seconds)

    def take(self, most: int, begins: dict[str, int]) -> list[RawMessage]:
        """What waits, at most so much of it. Args: begins: where streams begin is entered there."""
        with self._changed:
            begins.update(self._begins)
            self._begins = {}
            count = size = 0
            for message in islice(self._messages, most):
                count, size = count + 1, size + len(message.payload)
                if size > _TAKE_BYTES:
                    break
            taken, self._messages = self._messages[:count], self._messages[count:]
            self._changed.notify()
        return taken

    def drop(self, streams: frozenset[str]) -> None:
        """Forget what waits of some streams."""
        with self._changed:
            self._messages = [message for message in self._messages if message.source not in streams]
            self._begins = {stream: start for stream, start in self._begins.items() if stream not in streams}
            self._changed.notify()

    def acknowledge(self, offsets: Mapping[Any, int | None]) -> None:
        with self._changed:
            self._acknowledged.update({one: offset for one, offset in offsets.items() if offset is not None})

    def acknowledged(self) -> dict[Any, int]:
        with self._changed:
            offsets, self._acknowledged = self._acknowledged, {}
        return offsets

    def close(self) -> None:
        with self._changed:
            self.closing = True
            self._changed.notify()


class _Stream(NamedTuple):
    """What all messages of a partition have in common."""

    name: str
    sender: str | None
    place: str


class Reader(AsyncConsumerRebalanceListener):  # type: ignore[misc]
    """One consumer, from its making to its end."""

    def __init__(
        self,
        settings: Settings,
        context: Context,
        hand_over: HandOver,
        give_up: Callable[[Iterable[str]], Coroutine[Any, Any, None]],
    ) -> None:
        self._settings, self._context, self._hand_over, self._give_up = settings, context, hand_over, give_up
        self._client = Client()
        self._consumer: Any = None
        self._streams: dict[TopicPartition, _Stream] = {}
        self._fresh: set[TopicPartition] = set()  # assigned, and not yet sought
        self._behind: dict[TopicPartition, int] = {}  # messages not yet read
        self._named = [topic for topic in settings.topics if SENDER not in topic]

    def run(self, connected: asyncio.Future[None]) -> None:
        """Connect, say so, and read until the hand-over is closed.

        Raises SourceUnavailable, or what the store says where it is asked for positions.
        """
        try:
            self._consumer = connect(self._settings, self._context.instance, self._client)
            self._subscribe()
            self._hand_over.loop.call_soon_threadsafe(_done, connected)
            self._read()
            self._commit(wait=True)
        except KafkaError as error:
            raise SourceUnavailable(said(self._settings, error)) from error
        finally:
            if self._consumer is not None:
                with suppress(KafkaError):  # the group notices by itself, only later
                    self._consumer.close(autocommit=False, timeout_ms=_LEAVE_MS)
            self._client.close()

    def _subscribe(self) -> None:
        if len(self._named) == len(self._settings.topics):
            self._consumer.subscribe(topics=self._named, listener=self)
        else:
            every = "|".join(pattern(topic) for topic in self._settings.topics)
            self._consumer.subscribe(pattern=f"(?:{every})$", listener=self)

    def _read(self) -> None:
        began = time.monotonic()
        while not self._hand_over.closing:
            self._check(began)
            try:
                self._commit()
                self._poll()
                if self._fresh:
                    self._begin()
            except OffsetOutOfRangeError as error:
                for partition, offset in error.args[0].items():
                    self._go_on(partition, offset, *self._held([partition])[partition])
            except RetriableError:
                self._hand_over.sleep(_RETRY_S)  # _check ends it where it lasts

    def _poll(self) -> None:
        """Read more if there is room for it; if not, only stay in the group."""
        consumer, hand_over = self._consumer, self._hand_over
        stable = consumer.group_metadata().state == MemberState.STABLE
        if hand_over.room(_PATIENCE_S if stable else 0):
            consumer.resume(*consumer.paused() - self._fresh)
            polled = consumer.poll(_POLL_MS)
        else:
            consumer.pause(*consumer.assignment())
            polled = consumer.poll(_BRIEF_MS)
        if polled:
            received = int(time.time())
            messages: list[RawMessage] = []
            for partition, records in polled.items():
                messages += self._messages(partition, records, received)
                end = consumer.highwater(partition)
                self._behind[partition] = max(0, end - records[-1].offset - 1) if end else 0
            self._context.behind(sum(self._behind.values()))
            hand_over.put(messages, {})

    def _messages(self, partition: TopicPartition, records: list[Any], received: int) -> list[RawMessage]:
        name, sender, place = self._streams[partition]
        protocol = self._settings.protocol
        return [
            RawMessage(
                name,
                record.offset + 1,
                record.value or b"",  # a tombstone is a message too: its offset has to be passed
                received,
                f"{place}{record.offset}",
                sender,
                protocol,
                partition,
            )
            for record in records
        ]

    def _begin(self) -> None:
        """Seek the partitions that are new to us to where the store stands, and let them be read."""
        fresh = sorted(self._fresh)
        names = {one: self._streams[one].name for one in fresh}
        stored = self._context.stands_at(list(names.values()))
        begins: dict[str, int] = {}
        for one, (first, end) in self._held(fresh).items():
            begins[names[one]] = position = stored.get(names[one], first)
            self._go_on(one, position, first, end)
        self._fresh.clear()
        self._hand_over.put([], begins)
        self._consumer.resume(*fresh)

    def _held(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, tuple[int, int]]:
        """The first offset that the broker holds of each partition, and the one behind its last."""
        timeout_ms = int(self._settings.unreachable_s * _MS)
        first = self._consumer.beginning_offsets(partitions, timeout_ms)
        end = self._consumer.end_offsets(partitions, timeout_ms)
        return {one: (first[one], end[one]) for one in partitions}

    def _go_on(self, partition: TopicPartition, position: int, first: int, end: int) -> None:
        """Seek to a position, or to what is left behind it."""
        if position > end:
            raise SourceUnavailable(
                f"{partition.topic} partition {partition.partition} ends at offset {end}, and the store has it up to "
                f"{position}: the topic was made anew, or lost its end. To take in what it holds now, give the "
                f"connection another `cluster` than {self._cluster}"
            )
        if position < first:
            self._context.lost(self._streams[partition].name, first - position)
        self._consumer.seek(partition, max(position, first))

    def _commit(self, wait: bool = False) -> None:
        """Tell the group what the store has. Nothing rests on it."""
        acknowledged, ours = self._hand_over.acknowledged(), self._consumer.assignment()
        offsets = {one: OffsetAndMetadata(offset, "", -1) for one, offset in acknowledged.items() if one in ours}
        if not offsets:
            return
        with suppress(KafkaError):
            if wait:
                self._consumer.commit(offsets, timeout_ms=_LEAVE_MS)
            else:
                self._consumer.commit_async(offsets, callback=lambda offsets, answer: None)

    def _check(self, began: float) -> None:
        """Raises SourceUnavailable where the cluster is silent, or has no such topic for us."""
        now, cluster = time.monotonic(), self._client.cluster
        if refused := sorted(cluster.unauthorized_topics):
            raise SourceUnavailable(f"Kafka does not let us read {', '.join(refused)}: allow user and group to READ it")
        if now - self._client.heard > self._settings.unreachable_s:
            raise SourceUnavailable(
                f"no Kafka server of {', '.join(self._settings.servers)} has answered for "
                f"{self._settings.unreachable_s:.0f} s: is it running, and the network whole?"
            )
        missing = [topic for topic in self._named if cluster.partitions_for_topic(topic) is None]
        if missing and now - began > _TOPIC_S:
            raise SourceUnavailable(f"Kafka has no topic {', '.join(missing)}: create it, or correct `topics`")

    @property
    def _cluster(self) -> str:
        return self._settings.cluster or self._settings.name

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """On the network's thread. Nothing may be read of them until _begin has sought them."""
        for one in assigned:
            self._streams[one] = _Stream(
                f"kafka:{self._cluster}:{one.topic}:{one.partition}",
                self._settings.sender_to(one.topic),
                f"{one.topic} partition {one.partition} offset ",
            )
        self._consumer.pause(*assigned)
        for one in assigned:
            self._consumer.seek(one, 0)  # so that the offsets of the group are not looked up
        self._fresh |= assigned

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """On the network's thread, which goes on with its heartbeats while this waits for the event loop."""
        self._fresh -= revoked
        self._behind = {one: count for one, count in self._behind.items() if one not in revoked}
        done = Future()
        streams = [self._streams[one].name for one in revoked]
        giving_up = asyncio.run_coroutine_threadsafe(self._give_up(streams), self._hand_over.loop)
        giving_up.add_done_callback(lambda _: self._client.soon(lambda: done.success(None)))
        await done


def _done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
