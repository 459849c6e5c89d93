"""Partitions of a Kafka connection that go from one process to another while the store takes its time, or is absent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from ingest.gathering import Gathered
from ingest.pipeline import Intake, Limits, Watch
from ingest.protocols import PROTOCOLS
from ingest.settling import Settler
from ingest.sources import Context, SourceUnavailable
from ingest.sources import kafka as kafka_source
from ingest.sources.kafka import Kafka, opened
from journey.model import Decoded, RawMessage
from rules import law as rulebook
from storage.commit import Committed, source_offsets
from storage.database import Connection, connect, scalar
from storage.errors import OffsetMismatch, StoreUnavailable
from storage.registry import save_registry
from tests.brokers.certificates import Certificates
from tests.brokers.kafka import Kafka as Broker
from tests.live.kafka_store import SECONDS, Store, play, some
from tests.live.records import REGISTRY, one_each
from tests.live.rigs.kafka import Rig


@pytest.fixture
def rig(kafka: Broker, certificates: Certificates, tmp_path: Path) -> Rig:
    return Rig(kafka, certificates, tmp_path)


def test_partitions_are_given_up_when_all_of_them_is_committed(rig: Rig) -> None:
    """What was received of them is flushed, what waits unreceived is forgotten: the next owner begins between them."""
    one_sender = rig.settings(topics=[rig.topic("OP1")], sender="OP1")

    async def game() -> None:
        store, context = Store(), Store().context()
        flushed: list[dict[str, int]] = []
        got: list[RawMessage] = []
        others: list[RawMessage] = []
        await rig.publish(one_each(0, 400))

        async def flush() -> None:
            store.stands |= {one.source: one.position for one in got if one.position is not None}
            flushed.append(dict(store.stands))

        async with opened(one_sender, context) as first:
            context.flush = flush
            got += await some(first, 150)
            async with opened(one_sender, store.context()) as second:
                tasks = [asyncio.create_task(collect(second, others, 1000))]
                await until(lambda: bool(first._flushing))
                assert not flushed  # the last list may not be with the pipeline yet
                tasks.append(asyncio.create_task(collect(first, got, 1000)))  # now it is
                await until(lambda: len(got) + len(others) >= 400)
                await rig.publish(one_each(400, 500))
                await until(lambda: len(got) + len(others) >= 500)
                for task in tasks:
                    task.cancel()
        assert flushed
        assert others
        places = [one.place for one in got + others]
        assert len(places) == len(set(places)) == 500

    play(game())


def test_one_who_asks_for_nothing_stays_in_the_group(rig: Rig) -> None:
    """For longer than a session lasts. A wait is the only way to see that nothing happens."""

    def members() -> list[str]:
        with KafkaAdminClient(bootstrap_servers=rig.broker.address) as admin:
            group = admin.describe_groups([rig.group])[rig.group]
        return [group["group_state"], *(member["member_id"] for member in group["members"])]

    async def game() -> None:
        await rig.publish(one_each(0, 100))
        async with opened(rig.settings(), Store().context()) as source:
            got = await some(source, 10)
            before = await asyncio.to_thread(members)
            assert len(before) == 2
            await asyncio.sleep(5)
            assert await asyncio.to_thread(members) == before
            got += await some(source, 90)
            assert len({one.place for one in got}) == 100

    play(game())


def test_a_store_that_is_absent_at_a_rebalance_costs_nothing(
    rig: Rig, database: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The partitions go uncommitted after a time; the batch in hand is refused, and the new owner has read it again."""
    monkeypatch.setattr(kafka_source, "GIVE_UP_S", 0.5)
    save_registry(connection, REGISTRY)
    connection.commit()
    one_sender = rig.settings(topics=[rig.topic("OP1")], sender="OP1")
    settler = Settler(lambda: connect(database), rulebook.load())
    held: list[Gathered] = []
    absent = True

    def settle(gathered: Gathered) -> Committed:
        if absent:
            held.append(gathered)
            raise StoreUnavailable("away")
        return settler.settle(gathered)

    async def game() -> None:
        nonlocal absent
        limits, stop = Limits(age_s=0.1), asyncio.Event()
        await rig.publish(one_each(0, 200))
        async with AsyncExitStack() as stack:
            context = context_of(settler)
            source = await stack.enter_async_context(opened(one_sender, context))
            first = Intake(source, decode, settle, limits, Watch(patient=True))
            context.flush = first.flush
            running = asyncio.create_task(first.run())
            await until(lambda: first.totals.messages == 200)
            context = context_of(settler)
            second = Intake(
                await stack.enter_async_context(opened(one_sender, context)),
                decode,
                settler.settle,
                limits,
                Watch(stop=stop),
            )
            context.flush = second.flush
            other = asyncio.create_task(second.run())
            await until(lambda: second.totals.fixes > 0)
            with pytest.raises(OffsetMismatch):
                settler.settle(held[0])
            absent = False
            with pytest.raises((SourceUnavailable, OffsetMismatch)):
                await running
            await source.close()
            await until(lambda: second.totals.fixes == 200)
            stop.set()
            await other

    play(game())
    settler.close()
    with connection.transaction():
        assert scalar(connection, "SELECT count(*) FROM fix") == 200
        assert scalar(connection, "SELECT count(*) FROM fix_copy") == 0


async def collect(source: Kafka, into: list[RawMessage], count: int) -> None:
    while len(into) < count:
        into += await source.receive(1000)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


def decode(message: RawMessage) -> Decoded:
    return PROTOCOLS[message.protocol](message.payload, message.received)


def context_of(settler: Settler) -> Context:
    return Context("1", lambda streams: settler.work(lambda connection: source_offsets(connection, streams)))
