"""`hanhtrinh serve`: desk and API over HTTP, until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.multiprocess import MultiProcessCollector
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess

from api.app import make_app
from api.buckets import Rate
from api.parts import Parts
from api.signon import Provider, provider_of
from cli.explaining.gathering import gather
from cli.explaining.known import KeptRoads
from cli.listening import listening
from cli.logs import begin_logging
from cli.reference import InputError
from cli.root import code_version, law_of, opened, read_settings, settings_of
from cli.taking import Connection
from journey.metrics import ApiMetrics
from journey.settings import Settings
from storage.cases.steps import terms_of
from storage.database import open_store
from storage.people.sessions import policy_of
from storage.server.pool import Bounds

HOST, PORT = "127.0.0.1", 8000
_FACTORY = "cli.serve:worker"
_SHARED = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client lets several processes count together
_STOP_S = 10  # that what is being answered has left when the process is told to stop
_HUNG_S = 60  # without a sign of life a worker is replaced: one that starts gives none while it loads its modules
_KEEP_ALIVE_S = 30
# How the command tells its workers, which are processes of their own.
_CONNECTIONS, _RATE = "HANHTRINH_SERVE_CONNECTIONS", "HANHTRINH_SERVE_RATE"
log = logging.getLogger(__name__)


def serve(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(help="folder of the embedded database, or of a demonstration")] = None,
    host: Annotated[str, typer.Option(help="address to listen at; beyond this machine put a proxy with TLS before it")]
    = HOST,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free")] = PORT,
    workers: Annotated[int, typer.Option(min=1, max=64, help="processes that answer")] = 1,
    connections: Annotated[int, typer.Option(min=1, max=100, help="to the database, of each worker")] = 8,
    rate: Annotated[int, typer.Option(min=1, max=1_000_000, help="requests a minute that one account may make, of "
                                                              "each worker")] = 600,
    proxy: Annotated[str | None, typer.Option(metavar="ADDRESS", help="the proxy whose X-Forwarded-For is believed")]
    = None,
) -> None:  # fmt: skip
    """Serve the desk at /, the API under /api/v1, and /health, /ready and /metrics.

    SIGTERM or Ctrl-C ends it after what is being answered. The desk: docs/desk.md; tokens and the API: docs/api.md.

    Example: hanhtrinh serve --port 8000 --workers 2

    Example: hanhtrinh serve --data demo
    """
    settings = settings_of(context) if data is None else read_settings(_store(data))
    begin_logging(settings)
    law_of(settings)
    _provider(settings)
    with ExitStack() as stack:
        url = stack.enter_context(open_store(settings))
        with opened(settings):  # the schema is brought up to date, or the fault told, before anything is asked
            pass
        listener = stack.enter_context(listening(host, port, workers))
        os.environ |= {"HANHTRINH_DATABASE_URL": url, _CONNECTIONS: str(connections), _RATE: str(rate),
                       "HANHTRINH_METHOD": settings.method, "HANHTRINH_LOG_LEVEL": settings.log_level,
                       "HANHTRINH_LOG_FORM": settings.log_form}  # fmt: skip
        if workers > 1:
            os.environ[_SHARED] = stack.enter_context(tempfile.TemporaryDirectory(prefix="hanhtrinh-metrics-"))
        config = uvicorn.Config(
            _FACTORY, factory=True, workers=workers, loop="uvloop" if workers == 1 else "cli.taking:Loop",
            http="httptools" if workers == 1 else Connection, ws="none", log_config=None,
            access_log=False, server_header=False, proxy_headers=proxy is not None, forwarded_allow_ips=proxy,
            timeout_keep_alive=_KEEP_ALIVE_S, timeout_graceful_shutdown=_STOP_S, timeout_worker_healthcheck=_HUNG_S,
        )  # fmt: skip
        log.info("serving at http://%s:%d/, /api/v1, /ready, /health and /metrics", *listener.getsockname()[:2])
        if workers > 1:
            supervisor = _Workers(config, sockets=[listener])
            supervisor.run()
            if any(one.exitcode == STARTUP_FAILURE for one in supervisor.processes):  # as a single process ends then
                raise typer.Exit(STARTUP_FAILURE)
        else:
            _Server(config).run(sockets=[listener])


def _store(data: Path) -> Path:
    """The folder of the database: `hanhtrinh demo` keeps it in one of its own."""
    return data / "store" if (data / "store").is_dir() else data


class _Server(uvicorn.Server):
    """Ends by itself on a signal: uvicorn sends it to the process again, which would leave its database running."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Workers(Multiprocess):
    """Refuses connections from the word to stop on: uvicorn leaves their process listening until the last has ended.

    Sees at once that a worker has died: uvicorn keeps the dead one's end of the pair by which it is asked for a sign of
    life, and waits for that as long as for one that hangs.
    """

    def keep_subprocess_alive(self) -> None:
        for one in self.processes:
            one.child_conn.close()
        super().keep_subprocess_alive()

    def terminate_all(self) -> None:
        for listener in self.sockets:
            listener.close()
        super().terminate_all()


def worker() -> FastAPI:
    """The app of one process, from the environment that `serve` has set."""
    settings = read_settings(None)
    begin_logging(settings)
    url = settings.database_url
    if url is None:
        raise InputError("HANHTRINH_DATABASE_URL: not set; start workers with `hanhtrinh serve`")
    registry = CollectorRegistry()
    if _SHARED not in os.environ:  # of several workers there is no one memory to tell of
        ProcessCollector(registry=registry)

    def exposed() -> CollectorRegistry:
        if _SHARED not in os.environ:
            return registry
        every = CollectorRegistry()
        MultiProcessCollector(every)  # type: ignore[no-untyped-call]
        return every

    per_minute, law, roads = int(os.environ[_RATE]), law_of(settings), KeptRoads()
    return make_app(
        Parts(
            url=url.get_secret_value(),
            law=law,
            code_version=code_version(),
            clock=lambda: int(time.time()),
            metrics=ApiMetrics(registry),
            exposed=exposed,
            gather=lambda connection, kept: gather(connection, kept, law, None, roads),
            bounds=Bounds(int(os.environ[_CONNECTIONS])),
            of_caller=Rate(per_minute, max(1, per_minute // 5)),
            of_address=Rate(10 * per_minute, 2 * per_minute),  # an office may stand behind one address
            policy=policy_of(settings),
            terms=terms_of(settings),
            attachment_bytes=settings.attachment_mib << 20,
            provider=_provider(settings),
        )
    )


def _provider(settings: Settings) -> Provider | None:
    try:
        return provider_of(settings)
    except ValueError as error:
        raise InputError(str(error)) from None
