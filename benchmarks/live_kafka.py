"""Kafka to the store: its own broker and database, topics filled beforehand, then all of it taken in.

Beside it what the clients alone consume. Aims: one fix a message 30,000/s, many fixes a message 60,000/s. The processor
time is that of this process: decoding and all of the client; the server's comes on top, in processes of its own.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import confluent_kafka
import polars as pl
from kafka import KafkaConsumer, TopicPartition

from benchmarks.fleet import read
from cli.fleet.ufms import write_frames
from ingest.pipeline import Intake, Limits, Watch
from ingest.protocols import PROTOCOLS
from ingest.settling import Settler
from ingest.sources import Context
from ingest.sources.kafka import Settings, opened
from journey.model import RawMessage
from journey.registry import Provider, Registry
from journey.settings import Settings as Project
from rules import law as rulebook
from storage.commit import source_offsets
from storage.database import connect, open_store, scalar, transaction
from storage.migrate import migrate
from storage.registry import save_registry
from tests.brokers import kafka as brokers

PARTITIONS, EACH = 4, 500
SINGLE, MANY = 600_000, 2_000_000  # fixes
FORMS: dict[str, tuple[str, int, int]] = {  # format, fixes, fixes a message
    "one fix a message": ("json_v1", SINGLE, 1),
    f"{EACH} fixes, json_v1": ("json_v1", MANY, EACH),
    f"{EACH} fixes, ufms_frames": ("ufms_frames", MANY, EACH),
}


def main(folder: Path) -> None:
    work = Path(tempfile.mkdtemp(prefix="hanhtrinh-bench-"))
    try:
        with brokers.start(work / "kafka") as broker:
            fleet = read(folder)
            for number, (name, (protocol, count, each)) in enumerate(FORMS.items()):
                topic = broker.create_topic(f"bench-{number}", PARTITIONS)
                messages = _produce(broker.address, topic, _payloads(fleet.head(count), protocol, each))
                for client, consume in (("kafka-python", _kafka_python), ("confluent-kafka", _confluent)):
                    began = time.perf_counter()
                    consume(broker.address, topic, messages)
                    _say(f"{client} alone, {each} each", count, time.perf_counter() - began, f"{messages:,} messages")
                _take_in(work / f"data-{number}", broker.address, topic, name, protocol, count)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _say(what: str, fixes: int, seconds: float, more: str) -> None:
    print(f"{what:<32} {fixes / seconds:>12,.0f} fixes/s  {fixes:,} fixes in {seconds:.2f} s, {more}", flush=True)


def _payloads(fixes: pl.DataFrame, protocol: str, each: int) -> Iterator[bytes]:
    sent = fixes.with_columns(speed_kmh=pl.col("speed_dkmh") / 10).drop("speed_dkmh", "scaled")
    if protocol == "ufms_frames":
        for part in sent.iter_slices(each):
            out = BytesIO()
            write_frames(part, out)
            yield out.getvalue()
        return
    lines = sent.write_ndjson().encode().splitlines()
    for start in range(0, len(lines), each):
        yield lines[start] if each == 1 else b"[" + b",".join(lines[start : start + each]) + b"]"


def _produce(address: str, topic: str, payloads: Iterator[bytes]) -> int:
    """How many messages there are now."""
    producer = confluent_kafka.Producer({"bootstrap.servers": address, "acks": "all", "linger.ms": 20})
    count = 0
    for count, payload in enumerate(payloads, start=1):
        while True:
            try:
                producer.produce(topic, payload, partition=count % PARTITIONS)
                break
            except BufferError:
                producer.poll(0.1)
    if producer.flush(60):
        raise AssertionError("the broker did not take all messages")
    return count


def _kafka_python(address: str, topic: str, count: int) -> None:
    with KafkaConsumer(
        bootstrap_servers=address,
        max_poll_records=20_000,
        fetch_max_bytes=32 << 20,
        max_partition_fetch_bytes=4 << 20,
        metrics_enabled=False,
    ) as consumer:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        while count > 0:
            count -= sum(map(len, consumer.poll(1000).values()))


def _confluent(address: str, topic: str, count: int) -> None:
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": address, "group.id": "bare", "auto.offset.reset": "earliest"}
    )
    consumer.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
    while count > 0:
        count -= len([message.value() for message in consumer.consume(20_000, 0.1)])
    consumer.close()


def _take_in(data: Path, address: str, topic: str, name: str, protocol: str, count: int) -> None:
    with open_store(Project(data_folder=data)) as url, connect(url) as connection:
        migrate(connection)
        save_registry(connection, Registry(providers=(Provider("BENCH", "provider for all"),)))
        connection.commit()
        settler = Settler(lambda: connect(url), rulebook.load())
        settings = Settings(
            name="live", transport="kafka", protocol=protocol, servers=(address,), topics=(topic,), sender="BENCH"
        )
        processor_s = time.process_time()
        seconds = asyncio.run(_run(settings, settler, count, PROTOCOLS[protocol]))
        processor_s = time.process_time() - processor_s
        settler.close()
        with transaction(connection):
            stored = scalar(connection, "SELECT count(*) FROM fix") + scalar(
                connection, "SELECT count(*) FROM fix_copy"
            )
            batches = scalar(connection, "SELECT count(*) FROM batch")
    if stored != count:
        raise AssertionError(f"{stored} stored of {count} sent")
    _say(f"kafka, {name}", count, seconds, f"{batches} batches, {processor_s:.2f} s of processor")


async def _run(settings: Settings, settler: Settler, count: int, decode: Callable[..., Any]) -> float:
    context = Context("1", lambda streams: settler.work(lambda connection: source_offsets(connection, streams)))
    watch = Watch()
    async with opened(settings, context) as source:

        def decoded(message: RawMessage) -> Any:
            return decode(message.payload, message.received)

        intake = Intake(source, decoded, settler.settle, Limits(), watch)
        watch.committed = lambda gathered, done, seconds: (
            watch.stop.set() if intake.totals.fixes + done.fixes >= count else None
        )
        context.flush = intake.flush
        began = time.perf_counter()
        await intake.run()
        return time.perf_counter() - began


if __name__ == "__main__":
    main(Path(sys.argv[1]))
