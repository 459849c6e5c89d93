"""RabbitMQ for the contract of sources: a queue and exchanges of its own for each test."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aio_pika
import aio_pika.exceptions
import pytest

from ingest.sources.amqp import Settings
from ingest.sources.settings import SENDER
from tests.brokers import proxy, unique
from tests.brokers.certificates import Certificates
from tests.brokers.rabbitmq import RabbitMQ

_FAULTS = (OSError, TimeoutError, aio_pika.exceptions.AMQPError, aio_pika.exceptions.ChannelInvalidStateError)
_CONFIRMED_S = 30


class Rig:
    """A queue, bound to the exchanges of its senders, and publishers with confirmation."""

    name = "amqp"
    senders = ("OP1", "OP2")

    def __init__(self, broker: RabbitMQ, certificates: Certificates, folder: Path) -> None:
        self.broker, self.certificates, self.folder = broker, certificates, folder
        self.queue, self.exchange = unique("queue"), f"{unique('tracking')}.{SENDER}"
        self._network: proxy.Proxy | None = None
        self._closing = ExitStack()

    def close(self) -> None:
        self._closing.close()

    @property
    def network(self) -> proxy.Proxy:
        if self._network is None:
            self._network = self._closing.enter_context(proxy.start((self.broker.host, self.broker.port)))
        return self._network

    def settings(self, proxied: bool = False, **fields: Any) -> Settings:
        given = {
            "name": "live",
            "transport": "amqp",
            "protocol": "json_v1",
            "host": self.broker.host,
            "port": self.network.port if proxied else self.broker.port,
            "username": "admin",
            "password_file": self.password("admin-secret"),
            "exchanges": [self.exchange],
            "senders": self.senders,
            "queue": self.queue,
        }
        return Settings(**(given | fields))

    def password(self, text: str) -> Path:
        path = self.folder / text.split("-")[0]
        path.write_text(f"{text}\n", encoding="utf-8")
        return path

    async def publish(self, payloads: Sequence[bytes], sender: str = "OP1") -> None:
        left = list(payloads)
        while True:
            try:
                async with asyncio.timeout(_CONFIRMED_S):
                    left = await self._unconfirmed(left, sender)
            except _FAULTS:
                await asyncio.sleep(0.1)
            else:
                if not left:
                    return
            gc.collect()  # a connection of aio-pika's that failed closes itself when it is collected: in this loop

    async def _unconfirmed(self, payloads: Sequence[bytes], sender: str) -> list[bytes]:
        """Publish, and return what the broker did not confirm."""
        async with await aio_pika.connect(self.broker.url()) as connection, connection.channel() as channel:
            name = self.exchange.replace(SENDER, sender)
            exchange = await channel.declare_exchange(name, aio_pika.ExchangeType.DIRECT, durable=True)
            queue = await channel.declare_queue(self.queue, durable=True)
            await queue.bind(exchange, "track1")
            kept = aio_pika.DeliveryMode.PERSISTENT
            sending = [exchange.publish(aio_pika.Message(one, delivery_mode=kept), "track1") for one in payloads]
            results = await asyncio.gather(*sending, return_exceptions=True)
        return [one for one, result in zip(payloads, results, strict=True) if isinstance(result, BaseException)]

    async def kill(self) -> None:
        await asyncio.to_thread(self.broker.kill)

    async def start_again(self) -> None:
        await asyncio.to_thread(self.broker.start_again)

    def bad_settings(self) -> list[tuple[Settings, str]]:
        """Settings that cannot work, and words of the error that says why."""
        tls_port, strange = self.broker.tls_port, self.certificates.strange.certificate
        cases: list[tuple[dict[str, Any], str]] = [
            ({"password_file": self.password("wrong-secret")}, "check username and password"),
            ({"username": "nobody"}, "check username and password"),
            ({"virtual_host": "elsewhere"}, "virtual host elsewhere"),
            ({"port": tls_port, "tls": {"ca_file": strange}}, "name the authority"),
            ({"port": tls_port}, "without TLS"),
            ({"tls": {}}, "TLS port"),
            ({"port": 1}, "cannot be reached"),
            ({"declare": False, "queue": unique("absent")}, "set declare = true"),
            ({"exchange_type": "topic", "queue": unique("other"), "exchanges": ["amq.{sender}"], "senders": ["direct"]},
             "set exchange_type"),
        ]  # fmt: skip
        provider = {"username": "provider", "password_file": self.password("provider-secret")}
        cases.append((provider, "have the permission given to provider"))
        return [(self.settings(**case), words) for case, words in cases]


def make(request: pytest.FixtureRequest) -> Iterator[Rig]:
    broker, certificates, folder = (request.getfixturevalue(one) for one in ("rabbitmq", "certificates", "tmp_path"))
    rig = Rig(broker, certificates, folder)
    yield rig
    rig.close()
