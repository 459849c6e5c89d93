"""What is peculiar to Kafka: positions that are ours, topics that lose their messages, networks that go."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition

from ingest.sources.kafka import Settings, opened
from tests.brokers import kafka as brokers
from tests.brokers import unique
from tests.brokers.certificates import Certificates
from tests.live.kafka_store import Store, play, some, told
from tests.live.records import one_each
from tests.live.rigs.kafka import Rig


@pytest.fixture
def rig(kafka: brokers.Kafka, certificates: Certificates, tmp_path: Path) -> Rig:
    return Rig(kafka, certificates, tmp_path)


@pytest.fixture
def topic(kafka: brokers.Kafka) -> str:
    """A topic with one partition."""
    return kafka.create_topic(unique("tracking"))


@pytest.fixture
def admin(kafka: brokers.Kafka) -> Iterator[KafkaAdminClient]:
    with KafkaAdminClient(bootstrap_servers=kafka.address) as client:
        yield client


def send(kafka: brokers.Kafka, topic: str, payloads: list[bytes | None], **options: Any) -> None:
    with KafkaProducer(bootstrap_servers=kafka.address, acks="all", **options) as producer:
        sent = [producer.send(topic, payload, key=b"key", partition=0) for payload in payloads]
        producer.flush()
        for one in sent:
            one.get(60)


def one_topic(rig: Rig, topic: str, **fields: Any) -> Settings:
    return rig.settings(topics=[topic], sender="OP1", **fields)


def test_the_offsets_of_the_group_are_written_and_not_believed(rig: Rig, topic: str) -> None:
    send(rig.broker, topic, list(one_each(0, 20)))
    settings, partition = one_topic(rig, topic), TopicPartition(topic, 0)

    async def game() -> None:
        store = Store()
        async with opened(settings, store.context()) as source:
            await store.take(source, 10)
        with KafkaConsumer(bootstrap_servers=rig.broker.address, group_id=rig.group) as other:
            assert other.committed(partition) == 10
            other.commit({partition: OffsetAndMetadata(3, "", -1)})
        async with opened(settings, store.context()) as source:
            assert [one.position for one in await store.take(source, 10)] == list(range(11, 21))
        store.stands = {f"kafka:live:{topic}:0": 5}
        async with opened(settings, store.context()) as source:
            assert [one.position for one in await store.take(source, 15)] == list(range(6, 21))
        assert not store.lost

    play(game())


def test_messages_that_the_broker_no_longer_has_are_told(rig: Rig, topic: str, admin: KafkaAdminClient) -> None:
    """The stretch of the stream that is stored next begins where the store stands: the loss lies inside of it."""
    send(rig.broker, topic, list(one_each(0, 100)))
    settings, stream = one_topic(rig, topic), f"kafka:live:{topic}:0"

    async def game() -> None:
        store = Store()
        async with opened(settings, store.context()) as source:
            await store.take(source, 30)
        await asyncio.to_thread(admin.delete_records, {TopicPartition(topic, 0): 80})
        async with opened(settings, store.context()) as source:
            first = (await store.take(source, 20))[0]
            assert source.begins == {stream: 30}
        assert (first.position, first.place) == (81, f"{topic} partition 0 offset 80")
        assert store.lost == [(stream, 50)]

    play(game())


def test_messages_that_vanish_while_we_wait_are_told(rig: Rig, topic: str, admin: KafkaAdminClient) -> None:
    payloads = [b"x" * 60_000 + b"%d" % number for number in range(100)]
    send(rig.broker, topic, list(payloads))
    settings = one_topic(rig, topic, poll_records=2, partition_fetch_bytes=1 << 16, fetch_bytes=1 << 16)

    async def game() -> None:
        store = Store()
        async with opened(settings, store.context()) as source:
            got = await store.take(source, 1)
            await asyncio.to_thread(admin.delete_records, {TopicPartition(topic, 0): 90})
            while not got[-1].payload.endswith(b"x99"):
                got += await store.take(source, 1)
        assert got[-1].position == 100
        assert store.lost == [(f"kafka:live:{topic}:0", 100 - len(got))]
        assert len(got) < 30

    play(game())


def test_a_stream_that_begins_late_has_lost_nothing_of_ours(rig: Rig, topic: str, admin: KafkaAdminClient) -> None:
    send(rig.broker, topic, list(one_each(0, 10)))
    admin.delete_records({TopicPartition(topic, 0): 4})

    async def game() -> None:
        store = Store()
        async with opened(one_topic(rig, topic), store.context()) as source:
            assert [one.position for one in await store.take(source, 6)] == list(range(5, 11))
            assert source.begins == {f"kafka:live:{topic}:0": 4}
        assert not store.lost

    play(game())


def test_a_topic_made_anew_is_not_taken_for_the_old_one(rig: Rig, topic: str) -> None:
    send(rig.broker, topic, list(one_each(0, 5)))

    async def game() -> None:
        store = Store()
        store.stands = {f"kafka:live:{topic}:0": 6}
        async with opened(one_topic(rig, topic), store.context()) as source:
            assert "made anew" in await told(source)
        async with opened(one_topic(rig, topic, cluster="second"), store.context()) as source:
            assert len(await store.take(source, 5)) == 5

    play(game())


def test_tombstones_and_compressed_messages_are_messages(rig: Rig, topic: str) -> None:
    payloads: list[bytes | None] = [b"a" * 10_000, None, b"c"]
    send(rig.broker, topic, payloads, compression_type="gzip")

    async def game() -> None:
        async with opened(one_topic(rig, topic), Store().context()) as source:
            assert [one.payload for one in await some(source, 3)] == [b"a" * 10_000, b"", b"c"]

    play(game())


def test_messages_larger_than_any_limit_come_through(rig: Rig, kafka: brokers.Kafka) -> None:
    """Refusing them is the decoder's part, which keeps them as rejections."""
    topic = kafka.create_topic(unique("large"), **{"max.message.bytes": str(30 << 20)})
    send(rig.broker, topic, [b"x" * (17 << 20), b"y"], max_request_size=30 << 20)

    async def game() -> None:
        async with opened(one_topic(rig, topic, partition_fetch_bytes=1 << 16), Store().context()) as source:
            assert [len(one.payload) for one in await some(source, 2)] == [17 << 20, 1]

    play(game())


def test_a_sender_that_is_new_is_found(rig: Rig) -> None:
    async def game() -> None:
        store = Store()
        async with opened(rig.settings(), store.context()) as source:
            await rig.publish([b"1"])
            await store.take(source, 1)
            await asyncio.to_thread(rig.broker.create_topic, rig.topic("NEW"), 2)
            await rig.publish([b"2", b"3"], "NEW")
            assert {(one.sender, one.payload) for one in await store.take(source, 2)} == {("NEW", b"2"), ("NEW", b"3")}

    play(game())


@pytest.mark.parametrize("how", ["cut", "stall"])
def test_a_network_that_is_gone_is_told_in_time(rig: Rig, how: str) -> None:
    async def game() -> None:
        store = Store()
        try:
            async with opened(rig.settings(proxied=True), store.context()) as source:
                await rig.publish([b"1"])
                await store.take(source, 1)
                getattr(rig.network, how)()
                async with asyncio.timeout(15):
                    assert "no Kafka server" in await told(source)
        finally:
            rig.network.heal()
        async with opened(rig.settings(proxied=True), store.context()) as source:
            await rig.publish([b"2"])
            assert (await store.take(source, 1))[0].payload == b"2"

    play(game())


def test_a_short_outage_is_not_even_noticed(rig: Rig) -> None:
    async def game() -> None:
        store = Store()
        async with opened(rig.settings(proxied=True, unreachable_s=30), store.context()) as source:
            await rig.publish([b"1"])
            await store.take(source, 1)
            rig.network.cut()
            await rig.publish([b"2"])
            rig.network.heal()
            assert (await store.take(source, 1))[0].payload == b"2"

    play(game())


def test_one_who_may_not_read_is_told(rig: Rig, topic: str) -> None:
    settings = one_topic(
        rig,
        topic,
        servers=[f"localhost:{rig.broker.secure_port}"],
        tls={"ca_file": rig.certificates.authority.certificate},
        username="provider",
        password_file=rig.password("provider-secret"),
    )

    async def game() -> None:
        async with opened(settings, Store().context()) as source:
            assert "does not let us" in await told(source)

    play(game())
