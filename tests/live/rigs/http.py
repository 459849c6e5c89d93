"""Senders over HTTP for the contract of sources: what was not answered with 200 is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.sources.http import Settings
from tests.brokers import proxy
from tests.brokers.certificates import Certificates
from tests.brokers.process import HOST, free_port

_AT_ONCE = 100
_PATIENCE_S = 10


class Rig:
    """A port of ours, and senders with a token each. Nothing here can be killed but we ourselves."""

    name = "http"
    senders = ("OP1", "OP2")

    def __init__(self, certificates: Certificates, folder: Path) -> None:
        self.certificates, self.folder = certificates, folder
        self.tokens = {f"token-of-{sender}": sender for sender in self.senders}
        self.port = self._reached = free_port()
        self._network: proxy.Proxy | None = None
        self._closing = ExitStack()

    def close(self) -> None:
        self._closing.close()

    def use_keys(self, issue: Callable[[str], str]) -> None:
        """Send with tokens that a store issues. Args: issue: gives a sender's."""
        self.tokens = {issue(sender): sender for sender in self.senders}

    def sender_of(self, token: str) -> str | None:
        return self.tokens.get(token)

    @property
    def network(self) -> proxy.Proxy:
        if self._network is None:
            self._network = self._closing.enter_context(proxy.start((HOST, self.port)))
        return self._network

    def settings(self, proxied: bool = False, **fields: Any) -> Settings:
        self._reached = self.network.port if proxied else self.port
        given = {
            "name": "live",
            "transport": "http",
            "protocol": "json_v1",
            "port": self.port,
            "rate_per_s": 100_000,
            "requests_per_sender": 1_000,
        }
        return Settings(**(given | fields))

    async def publish(self, payloads: Sequence[bytes], sender: str = "OP1") -> None:
        token = next(token for token, whose in self.tokens.items() if whose == sender)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        limits = httpx.Limits(max_connections=_AT_ONCE)
        async with httpx.AsyncClient(headers=headers, limits=limits, timeout=_PATIENCE_S) as client:
            await asyncio.gather(*(self._send(client, payload) for payload in payloads))

    async def _send(self, client: httpx.AsyncClient, payload: bytes) -> None:
        while True:
            try:
                answer = await client.post(f"http://{HOST}:{self._reached}/v1/fixes", content=payload)
                if answer.status_code == httpx.codes.OK:
                    return
                assert answer.status_code in {429, 503}, answer.text
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """There is no broker."""

    async def start_again(self) -> None:
        """There is no broker."""

    def bad_settings(self) -> list[tuple[Settings, str]]:
        """Settings that cannot work, and words of the error that says why."""
        taken = proxy.start((HOST, self.port))
        port = self._closing.enter_context(taken).port
        return [
            (self.settings(port=port), "Is another process there"),
            (self.settings(host="192.0.2.1", behind_tls_proxy=True), "no address of this machine"),
        ]


def make(request: pytest.FixtureRequest) -> Iterator[Rig]:
    rig = Rig(request.getfixturevalue("certificates"), request.getfixturevalue("tmp_path"))
    yield rig
    rig.close()
