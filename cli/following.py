"""`hanhtrinh check --follow`: windows are judged as they are touched, until the process is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from contextlib import suppress

from prometheus_client import CollectorRegistry

from cli.checking import Checked, check
from cli.monitor import serve
from ingest.configuration import Monitor
from ingest.running import RUNNING, Status
from journey.metrics import CheckMetrics
from rules.law import Law
from storage.database import Connection, connect
from storage.errors import StoreUnavailable
from storage.windows import waiting

_RETRY_S = 5.0
log = logging.getLogger(__name__)


class _Stopped(Exception):  # noqa: N818
    """Between two rounds, because the process was told to."""


async def follow(url: str, law: Law, code_version: str, monitor: Monitor, pause_s: float) -> None:
    """Judge what waits, look again after `pause_s`, and so on until SIGTERM or SIGINT; a round under way is finished.

    An absent database is waited for.
    """
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    metrics, status = CheckMetrics(CollectorRegistry()), Status("check", RUNNING)
    async with serve(monitor, metrics.registry, [status]):
        while not stop.is_set():
            try:
                await asyncio.to_thread(_rounds, url, law, code_version, metrics, status, stop, pause_s)
            except StoreUnavailable as error:
                status.state, status.detail = "store away", str(error)
                log.warning("check waits for the store: %s", error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _RETRY_S)


def _rounds(
    url: str, law: Law, code_version: str, metrics: CheckMetrics, status: Status, stop: asyncio.Event, pause_s: float
) -> None:
    before, began = Checked(), time.monotonic()

    def told(done: Checked) -> None:
        nonlocal before, began
        now = time.monotonic()
        metrics.round_seconds.observe(now - began)
        metrics.windows.inc(done.windows - before.windows)
        metrics.fixes.inc(done.fixes - before.fixes)
        for change in ("added", "withdrawn", "changed"):
            metrics.findings.labels(change).inc(getattr(done, change) - getattr(before, change))
        before, began = Checked(done.windows, done.fixes, done.added, done.withdrawn, done.changed), now
        if stop.is_set():
            raise _Stopped

    connection: Connection = connect(url, "hanhtrinh check")
    with connection, suppress(_Stopped):
        while not stop.is_set():
            status.state, status.detail = RUNNING, ""
            before, began = Checked(), time.monotonic()
            metrics.waiting.set(waiting(connection))
            check(connection, law, code_version, told)
            metrics.waiting.set(waiting(connection))
            until = time.monotonic() + pause_s
            while time.monotonic() < until and not stop.is_set():
                time.sleep(0.1)
