"""The loop as live sources need it: batches by age, one commit beside one gathering, an absent store, poison."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

import orjson
import pytest

from ingest.admission import admit, prepare
from ingest.gathering import Gathered
from ingest.pipeline import Intake, Limits, Settle, Watch
from ingest.running import decode
from ingest.sources import SourceUnavailable
from journey.model import Decoded, Fix, RawMessage, Reason
from journey.registry import Registry
from rules import law as rulebook
from storage.commit import Committed, commit_batch, source_offset
from storage.database import Connection, scalar
from storage.errors import StoreUnavailable
from storage.intake import agreement
from storage.wire import TIME_MAX

ADMISSION = prepare(Registry(), rulebook.load())
BEGIN = 1_760_000_000


def message(number: int, stream: str = "s") -> RawMessage:
    record = {"vehicle": "12C00001", "time": BEGIN + number, "lon": 106.5, "lat": 21.5, "speed_kmh": 40}
    return RawMessage(stream, number + 1, orjson.dumps(record), BEGIN, f"message {number}", None, "json_v1")


@dataclass
class Fed:
    """A source that hands over what a test puts in, and knows when it is asked."""

    name: str = "s"
    begins: dict[str, int] = field(default_factory=dict)
    acknowledged: list[int] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    _queue: asyncio.Queue[Sequence[RawMessage] | Exception] = field(default_factory=asyncio.Queue)

    def put(self, *messages: RawMessage) -> None:
        self._queue.put_nowait(messages)

    def fail(self, error: Exception) -> None:
        self._queue.put_nowait(error)

    def end(self) -> None:
        self._queue.put_nowait(())

    async def receive(self, most: int) -> Sequence[RawMessage]:
        self.asked.set()
        got = await self._queue.get()
        self.asked.clear()
        if isinstance(got, Exception):
            raise got
        return got

    async def acknowledge(self, messages: Sequence[RawMessage]) -> None:
        self.acknowledged += [one.position for one in messages if one.position is not None]


@dataclass
class Store:
    """Commits as a test lets them through."""

    batches: list[list[int]] = field(default_factory=list)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    let: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def settle(self, gathered: Gathered) -> Committed:
        self.begun.release()
        assert self.let.acquire(timeout=30)
        self.batches.append([one.position or 0 for one in gathered.messages])
        return Committed(1, len(gathered.messages), len(gathered.messages), 0, 0, 0, 0, 0)


def intake(source: Fed, settle: Settle, watch: Watch | None = None, **limits: float) -> Intake:
    chosen = Limits(int(limits.get("records", 1000)), 1 << 30, limits.get("age_s", inf))
    return Intake(source, decode, settle, chosen, watch or Watch())


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


def test_a_batch_closes_by_age() -> None:
    async def play() -> None:
        source, store = Fed(), Store()
        store.let.release(2)
        running = asyncio.create_task(intake(source, store.settle, age_s=0.05).run())
        source.put(message(0), message(1))
        await wait_for(lambda: source.acknowledged == [1, 2])
        source.put(message(2))
        await wait_for(lambda: source.acknowledged == [1, 2, 3])
        source.end()
        assert (await running).fixes == 3
        assert store.batches == [[1, 2], [3]]

    asyncio.run(play())


def test_the_next_batch_is_gathered_while_one_is_committed_and_then_nothing_more_is_asked_for() -> None:
    async def play() -> None:
        source, store = Fed(), Store()
        running = asyncio.create_task(intake(source, store.settle, records=2).run())
        source.put(message(0), message(1))
        assert await asyncio.to_thread(store.begun.acquire, timeout=30)
        source.put(message(2), message(3))  # gathered meanwhile; then it is full
        await asyncio.sleep(0.1)
        source.put(message(4), message(5))
        await asyncio.sleep(0.1)
        assert source._queue.qsize() == 1  # back-pressure: not received
        assert (source.acknowledged, store.batches) == ([], [])
        store.let.release(3)
        await wait_for(lambda: len(source.acknowledged) == 6)
        source.end()
        await running
        assert store.batches == [[1, 2], [3, 4], [5, 6]]

    asyncio.run(play())


def test_an_absent_store_is_waited_for_and_nothing_is_acknowledged() -> None:
    async def play() -> None:
        source, store = Fed(), Store()
        told: list[StoreUnavailable] = []
        store.let.release(1)
        failures = 2

        def settle(gathered: Gathered) -> Committed:
            nonlocal failures
            if failures:
                failures -= 1
                assert source.acknowledged == []
                raise StoreUnavailable("gone")
            return store.settle(gathered)

        watch = Watch(waits=told.append, patient=True)
        running = asyncio.create_task(intake(source, settle, watch, records=1).run())
        source.put(message(0))
        await wait_for(lambda: source.acknowledged == [1])
        assert [str(error) for error in told] == ["gone", "gone"]
        source.end()
        await running

    asyncio.run(play())


def test_stop_commits_what_was_received() -> None:
    async def play() -> None:
        source, store, watch = Fed(), Store(), Watch()
        store.let.release(1)
        running = asyncio.create_task(intake(source, store.settle, watch).run())
        source.put(message(0), message(1), message(2))
        await wait_for(lambda: source._queue.empty() and source.asked.is_set())
        watch.stop.set()
        totals = await running
        assert (totals.messages, source.acknowledged) == (3, [1, 2, 3])

    asyncio.run(play())


def test_stop_does_not_wait_for_a_store_that_stays_away() -> None:
    async def play() -> None:
        source, watch = Fed(), Watch(patient=True)

        def settle(gathered: Gathered) -> Committed:
            raise StoreUnavailable("gone")

        running = asyncio.create_task(intake(source, settle, watch, records=1).run())
        source.put(message(0))
        await asyncio.sleep(0.05)
        watch.stop.set()
        with pytest.raises(StoreUnavailable):
            await asyncio.wait_for(running, 10)
        assert source.acknowledged == []

    asyncio.run(play())


def test_flush_is_over_when_all_that_was_received_is_acknowledged() -> None:
    async def play() -> None:
        source, store = Fed(), Store()
        store.let.release(5)
        one = intake(source, store.settle)
        running = asyncio.create_task(one.run())
        source.put(message(0), message(1))
        await wait_for(lambda: one.waiting == 2)
        await one.flush()
        assert source.acknowledged == [1, 2]
        await one.flush()  # nothing is there: nothing happens
        source.end()
        await running
        assert store.batches == [[1, 2]]

    asyncio.run(play())


def test_what_came_before_a_fault_of_the_source_is_committed() -> None:
    async def play() -> None:
        source, store = Fed(), Store()
        store.let.release(1)
        running = asyncio.create_task(intake(source, store.settle).run())
        source.put(message(0), message(1))
        source.fail(SourceUnavailable("cut"))
        with pytest.raises(SourceUnavailable, match="cut"):
            await running
        assert source.acknowledged == [1, 2]

    asyncio.run(play())


@pytest.mark.parametrize("poisoned", [{0}, {7}, {3, 4}, set(range(8))])
def test_a_record_that_the_store_refuses_costs_only_itself(connection: Connection, poisoned: set[int]) -> None:
    def read(one: RawMessage) -> Decoded:
        number = (one.position or 0) - 1
        time = TIME_MAX + 1 if number in poisoned else BEGIN + number
        return Decoded(fixes=[Fix("12C00001", None, time, 106.5, 21.5, 400, received=BEGIN + 100)])

    async def play() -> None:
        source = Fed(begins={"s": 0})
        one = Intake(source, read, lambda gathered: commit_batch(connection, admit(gathered, ADMISSION)),
                     Limits(1000, 1 << 30, inf), Watch())  # fmt: skip
        source.put(*(message(number) for number in range(8)))
        source.end()
        totals = await one.run()
        assert (totals.messages, totals.fixes, totals.rejections) == (8, 8 - len(poisoned), len(poisoned))
        assert source.acknowledged == list(range(1, 9))

    asyncio.run(play())
    assert scalar(connection, "SELECT count(*) FROM fix") == 8 - len(poisoned)
    rows = connection.execute("SELECT reason, payload, place FROM rejection ORDER BY place").fetchall()
    assert rows == [(Reason.UNSTORABLE, message(number).payload, f"message {number}") for number in sorted(poisoned)]
    connection.commit()
    assert source_offset(connection, "s") == 8
    assert agreement(connection).faults() == []
