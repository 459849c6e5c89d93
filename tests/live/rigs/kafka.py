"""Kafka for the contract of sources: topics and a group of its own for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from ingest.sources.kafka import Settings
from ingest.sources.settings import SENDER
from tests.brokers import proxy, unique
from tests.brokers.certificates import Certificates
from tests.brokers.kafka import Kafka

PARTITIONS = 2


class Rig:
    """A topic for each sender, with two partitions that the producer takes in turn."""

    name = "kafka"
    senders = ("OP1", "OP2")

    def __init__(self, broker: Kafka, certificates: Certificates, folder: Path) -> None:
        self.broker, self.certificates, self.folder = broker, certificates, folder
        self.topics = f"{unique('tracking')}.{SENDER}"
        self.group = unique("group")
        for sender in self.senders:
            broker.create_topic(self.topic(sender), PARTITIONS)

    def topic(self, sender: str) -> str:
        return self.topics.replace(SENDER, sender)

    def settings(self, proxied: bool = False, **fields: Any) -> Settings:
        given = {
            "name": "live",
            "transport": "kafka",
            "protocol": "json_v1",
            "servers": [self.broker.proxied if proxied else self.broker.address],
            "topics": [self.topics],
            "group": self.group,
            "session_s": 2,
            "unreachable_s": 3,
        }
        return Settings(**(given | fields))

    def password(self, text: str) -> Path:
        path = self.folder / text.split("-")[0]
        path.write_text(f"{text}\n", encoding="utf-8")
        return path

    async def publish(self, payloads: Sequence[bytes], sender: str = "OP1") -> None:
        await asyncio.to_thread(self.send, payloads, self.topic(sender))

    def send(self, payloads: Sequence[bytes], topic: str) -> None:
        """Returns when the broker has written all of them."""
        with KafkaProducer(bootstrap_servers=self.broker.address, acks="all", reconnect_backoff_max_ms=500) as producer:
            sent = [
                producer.send(topic, payload, partition=place % PARTITIONS) for place, payload in enumerate(payloads)
            ]
            producer.flush()
            for one in sent:
                one.get(60)

    @property
    def network(self) -> proxy.Proxy:
        return self.broker.network

    async def kill(self) -> None:
        await asyncio.to_thread(self.broker.kill)

    async def start_again(self) -> None:
        await asyncio.to_thread(self.broker.start_again)

    def bad_settings(self) -> list[tuple[Settings, str]]:
        secure = f"localhost:{self.broker.secure_port}"
        trusted = {"ca_file": self.certificates.authority.certificate}
        right = {"username": "admin", "password_file": self.password("admin-secret")}
        wrong = {"username": "admin", "password_file": self.password("wrong-secret")}
        cases: list[tuple[dict[str, Any], str]] = [
            ({"servers": [secure], "tls": trusted, **wrong}, "check username, password"),
            ({"servers": [secure], "tls": trusted, **right, "sasl": "SCRAM-SHA-512"}, "SCRAM-SHA-512"),
            ({"servers": [secure], "tls": {"ca_file": self.certificates.strange.certificate}}, "not to be trusted"),
            ({"servers": [secure], "tls": {}}, "not to be trusted"),
            ({"servers": [secure]}, "without TLS"),
            ({"tls": trusted}, "is this the listener with TLS"),
            ({"servers": ["127.0.0.1:1"]}, "is Kafka running there?"),
            ({"servers": ["no-such-host.invalid:9092"]}, "the host is not known"),
            ({"topics": [unique("absent")], "sender": "OP1"}, "create it"),
        ]
        return [(self.settings(**fields), words) for fields, words in cases]


def make(request: pytest.FixtureRequest) -> Iterator[Rig]:
    broker, certificates = request.getfixturevalue("kafka"), request.getfixturevalue("certificates")
    yield Rig(broker, certificates, request.getfixturevalue("tmp_path"))
