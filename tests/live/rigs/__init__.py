"""What a transport gives the tests that all transports share: a way to publish, its settings, its broker to kill.

A file of a transport has `make(request)`, a generator of one Rig: the broker is the run's own, the topics, queues or
tokens are the rig's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol

import pytest

from ingest.sources.settings import ConnectionSettings


class Rig(Protocol):
    name: str
    senders: Sequence[str]  # who may publish, the first by default

    def settings(self, proxied: bool = False, **fields: Any) -> ConnectionSettings:
        """A connection called "live", json_v1, its sender told by the transport. proxied: through `network`."""

    def bad_settings(self) -> Sequence[tuple[ConnectionSettings, str]]:
        """Settings that cannot work, each with words that the error must have."""

    async def publish(self, payloads: Sequence[bytes], sender: str = "OP1") -> None:
        """Returns when the other side has all of them for good; tries again until then, whatever goes down."""

    @property
    def network(self) -> Any:
        """tests.brokers.proxy.Proxy in front of the broker; over HTTP in front of us."""

    async def kill(self) -> None:
        """SIGKILL for the broker, where there is one."""

    async def start_again(self) -> None: ...


RIGS: dict[str, Callable[[pytest.FixtureRequest], Iterator[Rig]]] = {
    info.name: import_module(f"{__name__}.{info.name}").make for info in iter_modules(__path__)
}
