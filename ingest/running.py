"""One connection of live data, kept running: opened, taken from, opened again when lost, held when it sends rubbish.

Connections know nothing of each other: whatever happens to one of them stops none of the others.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from ingest.gathering import Gathered
from ingest.measuring import Meter
from ingest.pipeline import Intake, Limits, Watch
from ingest.protocols import PROTOCOLS
from ingest.settling import Settler
from ingest.sources import Context, SourceUnavailable, transports
from ingest.sources.settings import ConnectionSettings, DeadLetterLimit
from journey.metrics import IngestMetrics
from journey.model import Decoded, RawMessage
from storage.commit import Committed, source_offsets
from storage.connections import connection_states, pause, say_alive
from storage.errors import OffsetMismatch, StoreUnavailable

HEARTBEAT_S = 15
OUTAGE_S = 60  # a connection that was silent for longer was down: four heartbeats missed
_RETRY_S, _RETRY_MAX_S = 1.0, 30.0
_HELD_S = 5.0  # how soon a resumed connection is noticed
RUNNING = "running"
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Status:
    """How a connection stands, for /ready and for whoever asks."""

    name: str
    state: str = "starting"  # starting, running, broker away, store away, held, stopped
    detail: str = ""


@dataclass(slots=True)
class DeadLetters:
    """Whether too much of what came last was rejected."""

    limit: DeadLetterLimit
    _last: deque[tuple[int, int]] = field(default_factory=deque)  # records and rejected ones of the last batches
    _records: int = 0
    _rejected: int = 0
    _run: int = 0

    def add(self, records: int, rejected: int, messages: int, bad_run: int) -> str | None:
        """Count a batch. Args: bad_run: messages at its end that held nothing but bad records. Returns: why to hold."""
        self._run = self._run + bad_run if bad_run == messages else bad_run
        self._last.append((records, rejected))
        self._records, self._rejected = self._records + records, self._rejected + rejected
        while self._last and self._records - self._last[0][0] >= self.limit.among:
            oldest = self._last.popleft()
            self._records, self._rejected = self._records - oldest[0], self._rejected - oldest[1]
        if self._run >= self.limit.run:
            return f"the last {self._run} messages held nothing that could be taken in"
        if self._records >= self.limit.among and self._rejected >= self.limit.share * self._records:
            return f"{self._rejected} of the last {self._records} records were rejected"
        return None


def decode(message: RawMessage) -> Decoded:
    """What a message of a live connection holds."""
    return PROTOCOLS[message.protocol](message.payload, message.received)


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection, and what it works with. `stop`: set it, and what was received is committed, then it ends."""

    settings: ConnectionSettings
    settler: Settler
    context: Context
    metrics: IngestMetrics
    status: Status
    stop: asyncio.Event

    @property
    def name(self) -> str:
        return self.settings.name


async def keep(one: Connection) -> None:
    """Run a connection until `stop`. Returns when all that it received is committed, or the store stays away."""
    name, metrics, status, stop, wait_s = one.name, one.metrics, one.status, one.stop, _RETRY_S
    metrics.paused.labels(name).set(0)
    for counter in (metrics.lost, metrics.store_waits, metrics.reopened):
        counter.labels(name)  # at 0: from nothing to something no rise is seen
    while not stop.is_set():
        metrics.up.labels(name).set(0)
        try:
            await _until_free(one)
            if not stop.is_set():
                await _take_in(one)
            wait_s = _RETRY_S
            continue
        except SourceUnavailable as error:
            status.state, status.detail = "broker away", str(error)
        except OffsetMismatch as error:
            # Another process has these streams now, or had them for a while: begin again where the store stands.
            status.state, status.detail = "starting", str(error)
        except StoreUnavailable as error:
            status.state, status.detail = "store away", str(error)
        log.warning("connection %s: %s; tried again in %.0f s", name, status.detail, wait_s)
        metrics.reopened.labels(name).inc()
        await _wait(stop, wait_s)
        wait_s = min(2 * wait_s, _RETRY_MAX_S)
    metrics.up.labels(name).set(0)
    status.state, status.detail = "stopped", ""
    log.info("connection %s: stopped; what was acknowledged is stored", name)


async def _until_free(one: Connection) -> None:
    """Wait while the connection is held."""
    name, metrics, status, stop = one.name, one.metrics, one.status, one.stop
    while not stop.is_set():
        states = await asyncio.to_thread(one.settler.work, connection_states)
        held = next((state for state in states if state.name == name and state.paused_at is not None), None)
        metrics.paused.labels(name).set(held is not None)
        if held is None:
            return
        if status.state != "held":
            log.error("connection %s is held: %s; `hanhtrinh connections resume %s`", name, held.pause_reason, name)
        status.state, status.detail = "held", held.pause_reason or ""
        await _wait(stop, _HELD_S)


async def _take_in(one: Connection) -> None:
    name, settings, settler, metrics, status = one.name, one.settings, one.settler, one.metrics, one.status
    await asyncio.to_thread(settler.work, lambda connection: say_alive(connection, name, OUTAGE_S, begins=True))
    limits = Limits(settings.batch_records, settings.batch_bytes, settings.batch_age_s)
    letters, why_hold = DeadLetters(settings.dead_letters), ""
    watch, meter = Watch(patient=True), Meter(name, metrics)

    def committed(gathered: Gathered, done: Committed, seconds: float) -> None:
        nonlocal why_hold
        status.state, status.detail = RUNNING, ""
        meter.committed(gathered, done, seconds)
        why = letters.add(gathered.records, done.rejections, len(gathered.messages), gathered.bad_run)
        if why and not why_hold:
            why_hold = why
            watch.stop.set()

    def waits(error: StoreUnavailable) -> None:
        metrics.store_waits.labels(name).inc()
        status.state, status.detail = "store away", str(error)
        log.warning("connection %s waits for the store: %s", name, error)

    watch.committed, watch.waits = committed, waits
    async with transports()[settings.transport].opened(settings, one.context) as source:
        intake = Intake(source, decode, settler.settle, limits, watch)
        one.context.flush = intake.flush
        metrics.waiting.labels(name).set_function(lambda: intake.waiting)
        status.state, status.detail = RUNNING, ""
        metrics.up.labels(name).set(1)
        log.info("connection %s: takes data in", name)
        others = [asyncio.create_task(_pass_on(one.stop, watch.stop)), asyncio.create_task(_stay_alive(name, settler))]
        try:
            await intake.run()
        finally:
            for task in others:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
    if why_hold:
        log.error("connection %s is held: %s", name, why_hold)
        await asyncio.to_thread(settler.work, lambda connection: pause(connection, name, why_hold))


async def _pass_on(stop: asyncio.Event, to: asyncio.Event) -> None:
    await stop.wait()
    to.set()


async def _stay_alive(name: str, settler: Settler) -> None:
    """Say that the connection takes data in, as long as the store hears it: what is not said is an outage."""
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        with suppress(StoreUnavailable):
            await asyncio.to_thread(settler.work, lambda connection: say_alive(connection, name, OUTAGE_S))


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def context_of(
    settler: Settler, instance: str, metrics: IngestMetrics, name: str, sender_of: Callable[[str], str | None]
) -> Context:
    """What a source may ask of the process."""

    def lost(stream: str, count: int) -> None:
        metrics.lost.labels(name).inc(count)
        log.error("connection %s: the broker discarded %d messages of %s before they were taken", name, count, stream)

    return Context(
        instance,
        lambda streams: settler.work(lambda connection: source_offsets(connection, streams)),
        sender_of,
        metrics.behind.labels(name).set,
        lost,
    )
