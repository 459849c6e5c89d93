"""/metrics, /health and /ready of a running process.

/health: the process lives and answers. /ready: 200 where every connection takes data in, else 503; either way one line
a connection says how it stands.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cli.reference import InputError
from ingest.configuration import Monitor
from ingest.running import RUNNING, Status

log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """uvicorn without its own handling of signals: the process decides when it ends."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve(monitor: Monitor, registry: CollectorRegistry, statuses: Sequence[Status]) -> AsyncIterator[int]:
    """Serve while the block runs; yields the port. Raises InputError where the address cannot be used."""

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    async def health(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def ready(_: Request) -> Response:
        well = all(one.state == RUNNING for one in statuses)
        lines = [f"{one.name}: {one.state}{f': {one.detail}' if one.detail else ''}" for one in statuses]
        return PlainTextResponse("\n".join(lines) + "\n", status_code=200 if well else 503)

    routes = [Route("/metrics", metrics), Route("/health", health), Route("/ready", ready)]
    try:
        listener = socket.create_server((monitor.host, monitor.port))
    except OSError as error:
        raise InputError(
            f"monitor: {monitor.host}:{monitor.port}: {error.strerror}: name another host or port in the settings file"
        ) from None
    # Answers go out in two pieces, of which the second would wait for the first to be acknowledged: some 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(Starlette(routes=routes), log_level="warning", access_log=False, lifespan="off")
    server = _Server(config)
    task = asyncio.create_task(server.serve([listener]))
    host, port = listener.getsockname()[:2]
    log.info("monitor: http://%s:%d/ready, /health and /metrics", host, port)
    try:
        yield port
    finally:
        server.should_exit = True
        await task
