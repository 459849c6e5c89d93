"""`hanhtrinh check --follow`: windows are judged as they are touched, until the process is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from prometheus_client import CollectorRegistry

from cli.checking.pace import Pace
from cli.checking.windows import Checked, check
from cli.matching.confirming import renewing_matcher, replaced
from cli.monitor import serve
from cli.proof.judging import ProofJudge
from cli.stations.following import StationReviews
from cli.watching import StoreWatch, watch_machine
from ingest.configuration import Monitor
from ingest.running import RUNNING, Status
from journey.metrics import CheckMetrics
from journey.settings import Settings
from rules.law import Law
from storage.database import connect, transaction
from storage.errors import MigrationRefused, StoreUnavailable
from storage.migrate import require_fit
from storage.turns import Turn

_RETRY_S = 5.0
_LATE_S = 0.5  # between two looks for late windows
_TICK_S = 0.1
_WATCH_S = 5.0
log = logging.getLogger(__name__)

Stop = Callable[[], bool]


class Said(NamedTuple):
    """What a worker tells now and then, at the least every half second while it has nothing to do."""

    done: Checked  # since it last said something
    seconds: float = 0.0  # of the round; 0: there was none
    trouble: str = ""  # why it does not judge at the moment
    refused: str = ""  # why it ends: the store is of another version than this program


Told = Callable[[Said], object]


class _Stopped(Exception):  # noqa: N818
    """Between two rounds, because the process was told to."""


async def follow(monitor: Monitor, judge: Callable[[Stop, Told], object], url: str, settings: Settings) -> None:
    """Judge until SIGTERM or SIGINT; a round under way is finished. Args: judge: does the work, in a thread."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    metrics, status = CheckMetrics(CollectorRegistry()), Status("check", RUNNING)
    watch_machine(metrics.registry, settings)

    def told(said: Said) -> None:
        status.state, status.detail = ("store away", said.trouble) if said.trouble else (RUNNING, "")
        if said.seconds:
            metrics.round_seconds.observe(said.seconds)
        metrics.windows.inc(said.done.windows)
        metrics.fixes.inc(said.done.fixes)
        for change in ("added", "withdrawn", "changed"):
            metrics.findings.labels(change).inc(getattr(said.done, change))

    async with serve(monitor, metrics.registry, [status]):
        watch = asyncio.create_task(_watch(url, StoreWatch(metrics, settings.list_grace_days), stop))
        try:
            await asyncio.to_thread(judge, stop.is_set, told)
        finally:
            stop.set()
            await watch


async def _watch(url: str, watch: StoreWatch, stop: asyncio.Event) -> None:
    """Look at what waits by a connection of its own: the longer a round lasts, the more it matters."""

    def look() -> None:
        with connect(url, "hanhtrinh watch") as connection:
            with transaction(connection):
                require_fit(connection)
            watch.look(connection)

    while not stop.is_set():
        with suppress(StoreUnavailable, MigrationRefused):  # of the latter whoever judges speaks
            await asyncio.to_thread(look)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _WATCH_S)


def keep_judging(
    url: str, law: Law, code_version: str, every_s: float, tiles: Path | None, stop: Stop, told: Told
) -> None:
    """Judge what waits, look again after `every_s` or more (cli.checking.pace), quiet and late ones sooner, until told.

    An absent database is waited for.
    """
    while not stop():
        try:
            _rounds(url, law, code_version, every_s, tiles, stop, told)
        except StoreUnavailable as error:
            log.warning("check waits for the store: %s", error)
            trouble = Said(Checked(), trouble=str(error))
            told(trouble)
            _pause(_RETRY_S, stop, partial(told, trouble))


def judge_once(url: str, law: Law, code_version: str, tiles: Path | None, stop: Stop, told: Told) -> None:
    """Judge until nothing waits that no other has taken, or `stop` says so."""
    with (
        connect(url, "hanhtrinh check") as connection,
        renewing_matcher(connection, tiles) as match,
        suppress(_Stopped),
    ):
        check(connection, law, code_version, _teller(stop, told), match=match)


def _rounds(url: str, law: Law, code_version: str, every_s: float, tiles: Path | None, stop: Stop, told: Told) -> None:
    with (
        connect(url, "hanhtrinh check") as connection,
        closing(ProofJudge(url, law, code_version)) as proof,
        renewing_matcher(connection, tiles) as match,
        suppress(_Stopped),
    ):
        pace, stations = Pace(every_s), StationReviews(law)

        def between() -> None:
            proof.look(connection, lambda: _stop_if(stop))

        def look(turn: Turn) -> None:
            check(connection, law, code_version, _teller(stop, told, between), turn=turn, match=match)
            told(Said(Checked()))
            between()

        while not stop() and not replaced(tiles, match):
            told(Said(Checked()))
            began = time.monotonic()
            look(pace.begin(connection))
            stations.look(connection)
            rest_s = pace.end(connection, time.monotonic() - began)
            _pause(rest_s, stop, lambda: look(pace.meanwhile(connection)))


def _pause(seconds: float, stop: Stop, meanwhile: Callable[[], object]) -> None:
    """Wait, and do something every half second."""
    until = time.monotonic() + seconds
    then = time.monotonic() + _LATE_S
    while (now := time.monotonic()) < until and not stop():
        if now >= then:
            meanwhile()
            then = time.monotonic() + _LATE_S
        time.sleep(_TICK_S)


def _stop_if(stop: Stop) -> None:
    if stop():
        raise _Stopped


def _teller(stop: Stop, told: Told, between: Callable[[], object] = lambda: None) -> Callable[[Checked], None]:
    """What each round of a check calls: tells what it did, and ends the check where it is to stop.

    Args: between: done between two rounds, and not counted.
    """
    before, began = Checked(), time.monotonic()

    def on_round(done: Checked) -> None:
        nonlocal before, began
        now = time.monotonic()
        told(Said(done.since(before), now - began))
        _stop_if(stop)
        between()
        before, began = done.copied(), time.monotonic()

    return on_round
