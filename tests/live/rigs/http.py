"""Senders over HTTP for the contract of sources: what was not answered with 200 is sent again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

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
        head = (
            f"POST /v1/fixes HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        )
        left = list(reversed(payloads))
        await asyncio.gather(*(self._send(head, left) for _ in range(min(_AT_ONCE, len(payloads)))))

    async def _send(self, head: str, left: list[bytes]) -> None:
        """One client with one connection at a time: sends of what is left until each has its 200."""
        payload: bytes | None = None
        while payload is not None or left:
            try:
                reader, writer = await asyncio.wait_for(asyncio.open_connection(HOST, self._reached), _PATIENCE_S)
                try:
                    while payload is not None or left:
                        payload = left.pop() if payload is None else payload
                        writer.write(f"{head}{len(payload)}\r\n\r\n".encode() + payload)
                        status = await asyncio.wait_for(_status(reader), _PATIENCE_S)
                        if status == 200:
                            payload = None
                            continue
                        assert status in {429, 503}, status
                        await asyncio.sleep(0.1)
                finally:
                    writer.close()
            except (OSError, EOFError, TimeoutError):
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


async def _status(reader: asyncio.StreamReader) -> int:
    """The status of one answer, which is read to its end."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    await reader.readexactly(int(length[1]) if length else 0)
    return int(head.split(b" ", 2)[1])
