"""The providers of benchmarks.province_day: each message into Kafka when its moment of the day has come, at a pace.

A process of its own: `python -m benchmarks.province_send FOLDER ADDRESS TOPIC WEIGHINGS PARTITIONS START FACTOR`. It
prints how many messages it has sent and by how much it is late, s, each second; a last line says that all is sent.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import confluent_kafka

from benchmarks.province_fleet import lines_of, messages, spec_of


def main(folder: Path, address: str, topic: str, weighed: str, partitions: int, start: float, factor: float) -> None:
    begin = json.loads((folder / "made.json").read_text(encoding="utf-8"))
    first = spec_of(begin["vehicles"], begin["hours"]).begin
    end = begin["hours"] * 3600
    producer = confluent_kafka.Producer({"bootstrap.servers": address, "acks": "all", "linger.ms": 20,
                                         "queue.buffering.max.kbytes": 131_072})  # fmt: skip
    scales = iter(_weighings(folder, first, end))
    waiting = next(scales, None)
    sent, told = 0, time.time()
    for message in messages(folder):
        due = start + message.due_s / factor
        while (now := time.time()) < due:
            producer.poll(min(0.05, due - now))
        while waiting is not None and waiting[0] <= message.due_s:
            _produce(producer, weighed, waiting[1], 0)
            waiting = next(scales, None)
        _produce(producer, topic, message.payload, message.provider % partitions)
        sent += 1
        if now - told >= 1:
            told = now
            print(f"{sent} {now - due:.2f}", flush=True)
    while waiting is not None:
        _produce(producer, weighed, waiting[1], 0)
        waiting = next(scales, None)
    left = producer.flush(120)
    print(f"{sent} {max(0.0, time.time() - start - end / factor):.2f} all, {left} not taken by the broker", flush=True)


def _weighings(folder: Path, first: int, end: int) -> list[tuple[int, bytes]]:
    rows = [(one["time"] - first, json.dumps(one).encode()) for one in lines_of(folder / "weighings.ndjson")]
    return sorted((row for row in rows if row[0] < end), key=lambda row: row[0])


def _produce(producer: confluent_kafka.Producer, topic: str, payload: bytes, partition: int) -> None:
    while True:
        try:
            producer.produce(topic, payload, partition=partition)
            return
        except BufferError:
            producer.poll(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]), float(sys.argv[6]),
         float(sys.argv[7]))  # fmt: skip
