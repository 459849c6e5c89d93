"""MQTT end to end: what waits at a Mosquitto, received, decoded, admitted, committed and acknowledged.

The session's queue is filled first, so that the sender bounds nothing; then the clock runs until all is committed.
Broker, database server and we share the machine. Aim: 8,000 messages/s with one fix each, 60,000 fixes/s with 100 each.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import polars as pl

from benchmarks.fleet import read
from cli.reference import read_folder
from cli.root import opened as opened_store
from ingest.pipeline import Intake, Limits, Totals, Watch
from ingest.protocols import PROTOCOLS
from ingest.settling import Settler
from ingest.sources import Context
from ingest.sources.mqtt import Settings, opened
from journey.registry import Provider
from journey.settings import Settings as StoreSettings
from rules import law as rulebook
from storage.database import Connection, connect, open_store, scalar, transaction
from storage.registry import save_registry
from tests.brokers import mosquitto
from tests.brokers.process import program

LOADS = ((1, 300_000), (100, 1_500_000))  # fixes a message, fixes
SENDER = "PROVIDER"
_LINES_AT_ONCE = 20_000  # mosquitto_pub gets lost among more
_CONTEXT = Context("1", lambda streams: {})


def main(folder: Path) -> None:
    fixes = read(folder).head(max(count for _, count in LOADS))
    for each, count in LOADS:
        with tempfile.TemporaryDirectory(prefix="hanhtrinh-bench-", ignore_cleanup_errors=True) as temporary:
            _measure(folder, Path(temporary), fixes.head(count), each)


def _measure(fleet: Path, folder: Path, fixes: pl.DataFrame, each: int) -> None:
    store = StoreSettings(data_folder=folder / "data")
    with mosquitto.start(folder / "broker") as broker, opened_store(store) as connection, open_store(store) as url:
        registry = read_folder(fleet)
        save_registry(connection, replace(registry, providers=(Provider(SENDER, "sends for all"),)))
        (folder / "password").write_text(broker.users["admin"], encoding="utf-8")
        settings = Settings(
            name="bench",
            transport="mqtt",
            host=broker.host,
            port=broker.port,
            username="admin",
            password_file=folder / "password",
            topics=("tracking/{sender}/fix",),
        )
        lines = _messages(fixes, each)
        asyncio.run(_begin(settings))
        _publish(broker, lines)
        seconds, slowest, totals = asyncio.run(_take(settings, url, len(lines)))
        _check(connection, totals, len(fixes))
    rate, name = len(fixes) / seconds, f"MQTT, {each} a message"
    print(
        f"{name:<28} {rate:>12,.0f} fixes/s  {len(fixes):,} fixes in {seconds:.2f} s, "
        f"{len(lines) / seconds:,.0f} messages/s, slowest commit {slowest:.2f} s",
        flush=True,
    )


def _messages(fixes: pl.DataFrame, each: int) -> list[bytes]:
    """Lines of json_v1."""
    written = fixes.select(
        "vehicle", "driver", "time", "lon", "lat", pl.col("speed_dkmh").truediv(10).alias("speed_kmh"), "heading",
        "ignition", "door", "aircon", "received",
    ).write_ndjson().encode().splitlines()  # fmt: skip
    if each == 1:
        return written
    return [b"[%b]" % b",".join(written[start : start + each]) for start in range(0, len(written), each)]


async def _begin(settings: Settings) -> None:
    """Have the broker keep a session from now on."""
    async with opened(settings, _CONTEXT):
        pass


def _publish(broker: mosquitto.Mosquitto, lines: list[bytes]) -> None:
    client = ["-h", broker.host, "-p", str(broker.port), "-u", "admin", "-P", broker.users["admin"]]
    for start in range(0, len(lines), _LINES_AT_ONCE):
        subprocess.run(
            [program("mosquitto_pub"), *client, "-q", "1", "-t", f"tracking/{SENDER}/fix", "-l"],
            input=b"\n".join(lines[start : start + _LINES_AT_ONCE]) + b"\n",
            check=True,
        )


async def _take(settings: Settings, url: str, messages: int) -> tuple[float, float, Totals]:
    """Seconds, the slowest commit, and what was taken in."""
    slowest = 0.0
    watch = Watch()

    def committed(gathered: object, done: object, seconds: float) -> None:
        nonlocal slowest
        slowest = max(slowest, seconds)
        if intake.totals.messages >= messages:
            watch.stop.set()

    watch.committed = committed
    settler = Settler(lambda: connect(url), rulebook.load())
    decode = PROTOCOLS[settings.protocol]
    began = time.perf_counter()
    async with opened(settings, _CONTEXT) as source:
        intake = Intake(source, lambda one: decode(one.payload, one.received), settler.settle, Limits(), watch)
        totals = await intake.run()
        seconds = time.perf_counter() - began
    settler.close()
    return seconds, slowest, totals


def _check(connection: Connection, totals: Totals, sent: int) -> None:
    with transaction(connection):
        stored = scalar(connection, "SELECT count(*) FROM fix") + scalar(connection, "SELECT count(*) FROM fix_copy")
    if stored != sent or totals.rejections:
        raise AssertionError(f"{stored} stored of {sent} sent, {totals.rejections} rejected")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
