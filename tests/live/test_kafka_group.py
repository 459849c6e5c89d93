"""Several processes of one Kafka connection: whatever becomes of one, all is stored and nothing twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import CoordinatorNotAvailableError

from ingest.sources.kafka import Settings
from storage.database import Connection, connect, scalar
from storage.registry import save_registry
from tests.brokers import unique
from tests.brokers.kafka import Kafka
from tests.brokers.process import wait_until
from tests.live.records import REGISTRY, many_each

PARTITIONS = 6
FIXES, EACH = 40_000, 10
ROOT = Path(__file__).parents[2]


class Group:
    """Processes that share a connection, each with its output in a file."""

    def __init__(self, broker: Kafka, database: str, folder: Path) -> None:
        self.topic = broker.create_topic(unique("tracking.OP1"), PARTITIONS)
        self.broker, self.database, self.folder = broker, database, folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.group = unique("group")

    def add(self, **fields: object) -> subprocess.Popen[bytes]:
        given = {
            "name": "live",
            "transport": "kafka",
            "servers": [self.broker.address],
            "topics": [self.topic],
            "sender": "OP1",
            "group": self.group,
            "session_s": 2,
            "batch_age_s": 0.2,
        }
        settings = Settings.model_validate(given | fields)
        with self.output(len(self.processes)).open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.live.kafka_process", settings.model_dump_json(), self.database],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process

    def output(self, number: int) -> Path:
        return self.folder / f"process-{number}"

    def said(self, number: int) -> str:
        return self.output(number).read_text(errors="replace")

    def send(self, payloads: Sequence[bytes]) -> None:
        with KafkaProducer(bootstrap_servers=self.broker.address, acks="all", linger_ms=5) as producer:
            for place, payload in enumerate(payloads):
                producer.send(self.topic, payload, partition=place % PARTITIONS)
                if place % 100 == 0:
                    producer.flush()

    def all_alive(self) -> bool:
        """Raises AssertionError with the output of a process that ended by itself."""
        for number, process in enumerate(self.processes):
            assert process.poll() in (None, -SIGKILL), self.said(number)
        return True

    def shares(self) -> list[int]:
        """How many partitions each member has."""
        with suppress(CoordinatorNotAvailableError), KafkaAdminClient(bootstrap_servers=self.broker.address) as admin:
            described = admin.describe_groups([self.group])[self.group]
            if described["group_state"] == "Stable":
                return sorted(
                    sum(len(topic["partitions"]) for topic in member["member_assignment"]["assigned_partitions"])
                    for member in described["members"]
                )
        return []

    def ends(self) -> dict[str, int]:
        """Where each stream of the topic ends."""
        partitions = [TopicPartition(self.topic, number) for number in range(PARTITIONS)]
        with KafkaConsumer(bootstrap_servers=self.broker.address) as consumer:
            ends = consumer.end_offsets(partitions)
        return {f"kafka:live:{self.topic}:{one.partition}": end for one, end in ends.items()}


@pytest.fixture
def group(kafka: Kafka, database: str, tmp_path: Path) -> Iterator[Group]:
    with connect(database) as connection:
        save_registry(connection, REGISTRY)
        connection.commit()
    group = Group(kafka, database, tmp_path)
    yield group
    for process in group.processes:
        process.kill()
        process.wait()


def test_one_is_killed_and_one_is_added_under_load(group: Group, connection: Connection) -> None:
    group.add()
    group.add()
    with ThreadPoolExecutor(1) as executor:
        sending = executor.submit(group.send, many_each(0, FIXES, EACH))
        wait_until(lambda: group.all_alive() and stored(connection) > FIXES / 10, "the first fixes")
        group.processes[0].send_signal(SIGKILL)
        group.add()
        sending.result()
    wait_until(lambda: group.all_alive() and stored(connection) == FIXES, "all fixes")
    assert_whole(connection, group)


def test_one_that_was_stopped_and_comes_back_is_refused(group: Group, connection: Connection) -> None:
    """What it received waits for its age, while another process takes its partitions over and commits."""
    zombie = group.add(batch_age_s=60)
    group.add()
    wait_until(lambda: group.all_alive() and group.shares() == [3, 3], "the two to share the partitions")
    group.send(many_each(0, 4000, EACH))
    wait_until(lambda: group.all_alive() and "received 100\n" in group.said(0), "the first to hold some")
    zombie.send_signal(SIGSTOP)
    wait_until(lambda: group.all_alive() and stored(connection) == 4000, "the other to have all")
    zombie.send_signal(SIGCONT)
    wait_until(lambda: group.all_alive() and "OffsetMismatch" in group.said(0), "the one that was stopped to be told")
    wait_until(lambda: group.all_alive() and group.shares() == [3, 3], "the two to share the partitions again")
    group.processes[1].send_signal(SIGKILL)
    group.add()
    group.send(many_each(4000, 8000, EACH))
    wait_until(
        lambda: group.all_alive() and "received" in group.said(0).partition("OffsetMismatch")[2],
        "it to hold some again",
    )
    group.processes[0].send_signal(SIGKILL)
    wait_until(lambda: group.all_alive() and stored(connection) == 8000, "the last to have all")
    assert_whole(connection, group)


def stored(connection: Connection) -> int:
    with connection.transaction():
        return int(scalar(connection, "SELECT count(*) FROM fix"))


def assert_whole(connection: Connection, group: Group) -> None:
    """All that was sent is stored once: no stretch of a stream is missing, none was taken in twice."""
    with connection.transaction():
        spans = connection.execute(
            "SELECT source, position_from, position_to FROM batch_position ORDER BY source, position_from"
        ).fetchall()
        copies = scalar(connection, "SELECT count(*) FROM fix_copy")
    stands: dict[str, int] = {}
    for source, start, end in spans:
        assert start == stands.get(source, 0), f"{source} from {start} to {end}, and stood at {stands.get(source)}"
        stands[source] = end
    assert stands == group.ends()
    assert copies == 0
