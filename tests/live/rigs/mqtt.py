"""Mosquitto for the contract of sources: topics of its own for each test, and a session that is there before."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest

from ingest.sources import Context
from ingest.sources.mqtt import Settings, opened
from ingest.sources.settings import SENDER
from tests.brokers import proxy, unique
from tests.brokers.certificates import Certificates
from tests.brokers.mosquitto import Mosquitto

CONTEXT = Context("1", lambda streams: {})
CLIENT = "hanhtrinh-live-1"
_TIMEOUT_S = 30


class Rig:
    """A topic for each sender below a name that no other rig has."""

    name = "mqtt"
    senders = ("OP1", "OP2")

    def __init__(self, broker: Mosquitto, certificates: Certificates, folder: Path, stack: ExitStack) -> None:
        self.broker, self.certificates, self.folder = broker, certificates, folder
        self.topics = f"{unique('tracking')}/{SENDER}/fix"
        self._stack = stack
        self._network: proxy.Proxy | None = None
        self._kills = 0
        self._saving = asyncio.Lock()

    def topic(self, sender: str) -> str:
        return self.topics.replace(SENDER, sender)

    def settings(self, proxied: bool = False, **fields: Any) -> Settings:
        given = {
            "name": "live",
            "transport": "mqtt",
            "protocol": "json_v1",
            "host": self.broker.host,
            "port": self.network.port if proxied else self.broker.port,
            "username": "admin",
            "password_file": self.password("admin-secret"),
            "topics": [self.topics],
            "keepalive_s": 5,
        }
        return Settings(**(given | fields))

    def password(self, text: str) -> Path:
        path = self.folder / text.split("-")[0]
        path.write_text(f"{text}\n", encoding="utf-8")
        return path

    def begin(self) -> None:
        """Have the broker forget the client's session of another test, and keep a new one for good."""
        with publisher(self.broker, CLIENT):
            pass

        async def subscribe() -> None:
            async with opened(self.settings(), CONTEXT):
                pass

        asyncio.run(subscribe())
        self.broker.save()

    async def publish(self, payloads: Sequence[bytes], sender: str = "OP1", **how: Any) -> None:
        while True:
            kills = self._kills
            try:
                await asyncio.to_thread(send, self.broker, self.topic(sender), payloads, **how)
            except (OSError, RuntimeError):
                await asyncio.sleep(0.1)
                continue
            async with self._saving:  # else a kill takes it back
                if kills == self._kills:
                    await asyncio.to_thread(self.broker.save)
                    return

    @property
    def network(self) -> proxy.Proxy:
        if self._network is None:
            self._network = self._stack.enter_context(proxy.start((self.broker.host, self.broker.port)))
        return self._network

    async def kill(self) -> None:
        async with self._saving:
            self._kills += 1
            await asyncio.to_thread(self.broker.kill)

    async def start_again(self) -> None:
        await asyncio.to_thread(self.broker.start_again)

    def bad_settings(self) -> list[tuple[Settings, str]]:
        trusted = {"ca_file": self.certificates.authority.certificate}
        secure = {"port": self.broker.tls_port, "host": "localhost"}
        cases: list[tuple[dict[str, Any], str]] = [
            ({"password_file": self.password("wrong-secret")}, "see user name, password"),
            ({"username": None, "password_file": None}, "see user name, password"),
            ({"version": "3.1.1", "password_file": self.password("wrong-secret")}, "see user name, password"),
            ({**secure, "tls": {"ca_file": self.certificates.strange.certificate}}, "see tls.ca_file"),
            ({**secure, "tls": {}}, "see tls.ca_file"),
            (secure, "is it a listener with TLS"),
            ({"tls": trusted}, "is it a listener without TLS"),
            ({"port": 1}, "does the broker run there"),
            ({"host": "no-such-host.invalid"}, "the host is not known"),
        ]
        return [(self.settings(**fields), words) for fields, words in cases]


class publisher:  # noqa: N801
    """A client of no kept session, connected within the block: its loop runs in a thread."""

    def __init__(self, broker: Mosquitto, identifier: str = "") -> None:
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, identifier, reconnect_on_failure=False)
        self.client.username_pw_set("admin", broker.users["admin"])
        self.client.max_inflight_messages_set(1000)
        self.client.connect(broker.host, broker.port)

    def __enter__(self) -> paho.Client:
        self.client.loop_start()
        return self.client

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def send(broker: Mosquitto, topic: str, payloads: Sequence[bytes], qos: int = 1, retain: bool = False) -> None:
    """Returns when the broker has said that it has them. Raises OSError or RuntimeError where it went away."""
    changed, answers = threading.Event(), itertools.count(1)
    with publisher(broker) as client:
        client.on_publish = lambda *_: changed.set() if next(answers) == len(payloads) else None
        client.on_disconnect = lambda *_: changed.set()
        for payload in payloads:
            client.publish(topic, payload, qos, retain)
        if not changed.wait(_TIMEOUT_S) or next(answers) <= len(payloads):
            raise RuntimeError("the broker did not answer")


def make(request: pytest.FixtureRequest) -> Iterator[Rig]:
    broker, certificates = request.getfixturevalue("mosquitto"), request.getfixturevalue("certificates")
    with ExitStack() as stack:
        rig = Rig(broker, certificates, request.getfixturevalue("tmp_path"), stack)
        rig.begin()
        yield rig
