"""The app on a port of its own, in a thread of this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from prometheus_client import CollectorRegistry

from api.app import make_app
from api.buckets import Rate
from api.parts import Parts
from api.signon import Provider
from cli.explaining.gathering import gather
from cli.root import law_of
from journey.metrics import ApiMetrics
from journey.settings import Settings
from storage.server.pool import Bounds

FEW = Bounds(4)
PLENTY = Rate(10_000_000, 1_000_000)


def parts(url: str, clock: Callable[[], int], caller: Rate = PLENTY, address: Rate = PLENTY,
          bounds: Bounds = FEW, provider: Provider | None = None) -> Parts:  # fmt: skip
    registry, law = CollectorRegistry(), law_of(Settings())
    return Parts(
        url, law, "test", clock, ApiMetrics(registry), lambda: registry,
        lambda connection, kept: gather(connection, kept, law, None), bounds, caller, address, provider=provider,
    )  # fmt: skip


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@contextmanager
def running(url: str, clock: Callable[[], int], caller: Rate = PLENTY, address: Rate = PLENTY,
            bounds: Bounds = FEW, provided: Callable[[str], Provider] | None = None) -> Iterator[str]:  # fmt: skip
    """The app's URL while the block runs. provided: by whom people may log in, given that URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = make_app(parts(url, clock, caller, address, bounds, None if provided is None else provided(here)))
        config = uvicorn.Config(app, log_config=None, access_log=False, ws="none")
        server = _Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert server.up.wait(30)
            yield here
        finally:
            server.should_exit = True
            thread.join(30)
