"""What the benchmarks of live sources share: a store, a registry with a sender for all, and the pipeline between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from cli.reference import read_folder
from cli.root import opened as opened_store
from ingest.pipeline import Intake, Limits, Source, Totals, Watch
from ingest.protocols import PROTOCOLS
from ingest.settling import Settler
from journey.model import Decoded, RawMessage
from journey.registry import Provider
from journey.settings import Settings as StoreSettings
from rules import law as rulebook
from storage.database import Connection, connect, open_store, scalar, transaction
from storage.registry import save_registry

SENDER = "PROVIDER"


class Taken(NamedTuple):
    seconds: float
    slowest_commit_s: float
    commits: int
    totals: Totals


@contextmanager
def store(fleet: Path, folder: Path) -> Iterator[tuple[Connection, str]]:
    """An embedded database that knows the fleet, and its URL."""
    settings = StoreSettings(data_folder=folder / "data")
    with opened_store(settings) as connection, open_store(settings) as url:
        save_registry(connection, replace(read_folder(fleet), providers=(Provider(SENDER, "sends for all"),)))
        yield connection, url


async def take_in(source: Source, url: str, messages: int, limits: Limits, begin: Callable[[], object]) -> Taken:
    """Run the pipeline until so many messages are committed. Args: begin: called when all is ready."""
    slowest, commits, watch = 0.0, 0, Watch()

    def committed(gathered: object, done: object, seconds: float) -> None:
        nonlocal slowest, commits
        slowest, commits = max(slowest, seconds), commits + 1
        if intake.totals.messages >= messages:
            watch.stop.set()

    watch.committed = committed
    settler = Settler(lambda: connect(url), rulebook.load())
    try:
        intake = Intake(source, _decode, settler.settle, limits, watch)
        began = time.perf_counter()
        begin()
        totals = await intake.run()
        return Taken(time.perf_counter() - began, slowest, commits, totals)
    finally:
        settler.close()


def _decode(message: RawMessage) -> Decoded:
    return PROTOCOLS[message.protocol](message.payload, message.received)


def check(connection: Connection, totals: Totals, sent: int) -> None:
    """Raises AssertionError where not all that was sent is stored."""
    with transaction(connection):
        stored = scalar(connection, "SELECT count(*) FROM fix") + scalar(connection, "SELECT count(*) FROM fix_copy")
    if stored != sent or totals.rejections:
        raise AssertionError(f"{stored} stored of {sent} sent, {totals.rejections} rejected")


def tell(name: str, taken: Taken, fixes: int, messages: int, unit: str = "messages") -> None:
    print(
        f"{name:<28} {fixes / taken.seconds:>12,.0f} fixes/s  {fixes:,} fixes in {taken.seconds:.2f} s, "
        f"{messages / taken.seconds:,.0f} {unit}/s, {taken.commits} commits, slowest {taken.slowest_commit_s:.2f} s",
        flush=True,
    )
