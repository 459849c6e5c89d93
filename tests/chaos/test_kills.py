"""Whatever is killed, cut or absent, at whatever moment: what was sent is stored, once, over every transport."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest

from storage.database import connect, scalar
from storage.intake import agreement
from storage.migrate import migrate
from storage.server.embedded import open_embedded, running_pid
from tests.brokers import proxy
from tests.chaos.conftest import Amount, know_senders
from tests.chaos.process import Ingest
from tests.live.records import BEGIN, one_each
from tests.live.rigs import Rig

_WAIT_S = 240
_AT_ONCE = 200  # messages of one publish


def messages(rig: Rig, amount: Amount) -> int:
    """How many to send: over HTTP fewer, since a client of one fix a request is what takes the time."""
    return amount.messages // 5 if rig.name == "http" else amount.messages


async def publish_all(rig: Rig, count: int) -> None:
    """Publish `count` fixes, one a message, a little at a time."""
    for start in range(0, count, _AT_ONCE):
        await rig.publish(one_each(start, min(start + _AT_ONCE, count)))


def stored(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM fix").fetchone()
    return int(row[0]) if row else 0


async def all_stored(url: str, count: int) -> None:
    deadline = time.monotonic() + _WAIT_S
    while (have := await asyncio.to_thread(stored, url)) < count:
        assert time.monotonic() < deadline, f"{have} of {count} stored"
        await asyncio.sleep(0.1)


def sums_are_right(url: str, count: int) -> None:
    """Stored = sent, none doubled, nothing rejected, books and tables agree."""
    with connect(url) as connection:
        seconds = connection.execute('SELECT extract(epoch FROM "time")::bigint FROM fix ORDER BY 1').fetchall()
        assert [second for (second,) in seconds] == list(range(BEGIN, BEGIN + count))
        assert scalar(connection, "SELECT count(*) FROM rejection") == 0
        # What came twice is a copy that says the same, beside the fix.
        strange = """SELECT count(*) FROM fix_copy c JOIN fix f USING (vehicle_id, "time")
                     WHERE (c.lon_e7, c.lat_e7, c.speed_dkmh) <> (f.lon_e7, f.lat_e7, f.speed_dkmh)"""
        assert scalar(connection, strange) == 0
        overlap = """SELECT count(*) FROM batch_position a JOIN batch_position b
                     ON a.source = b.source AND a.batch_id < b.batch_id
                     AND a.position_from < b.position_to AND b.position_from < a.position_to"""
        assert scalar(connection, overlap) == 0
        connection.rollback()
        assert agreement(connection).faults() == []


def play(
    rig: Rig, url: str, seen_url: str, folder: Path, count: int,
    disturb: Callable[[Ingest], Awaitable[None]], proxied: bool = False,
) -> None:  # fmt: skip
    """Publish while the disturbance goes on; then all must be there. Args: seen_url: the store as ingest reaches it."""

    async def run() -> None:
        with Ingest(folder, seen_url, [rig.settings(proxied=proxied, batch_age_s=0.2)]) as ingest:
            await asyncio.to_thread(ingest.wait_ready)
            publishing = asyncio.create_task(publish_all(rig, count))
            await disturb(ingest)
            if not ingest.runs:
                ingest.start()
            async with asyncio.timeout(_WAIT_S):
                await publishing
            await all_stored(url, count)
            await asyncio.to_thread(ingest.wait_ready)  # it may have been started a moment ago
            code = await asyncio.to_thread(ingest.stop)
            assert code == 0, ingest.text()[-3000:]

    asyncio.run(run())
    sums_are_right(url, count)


def test_the_process_is_killed_again_and_again(rig: Rig, store: str, tmp_path: Path, amount: Amount) -> None:
    chance = random.Random(11)

    async def disturb(ingest: Ingest) -> None:
        for _ in range(amount.kills):
            await asyncio.sleep(chance.uniform(0.1, 1.2))
            await asyncio.to_thread(ingest.kill)
            ingest.start()
            if chance.random() < 0.7:  # else killed again while it starts
                await asyncio.to_thread(ingest.wait_ready)

    play(rig, store, store, tmp_path, messages(rig, amount), disturb)


def test_the_broker_is_killed_and_comes_back(rig: Rig, store: str, tmp_path: Path, amount: Amount) -> None:
    chance = random.Random(12)

    async def disturb(ingest: Ingest) -> None:
        for _ in range(amount.broker_kills):
            await asyncio.sleep(chance.uniform(0.2, 1.0))
            await rig.kill()
            await rig.start_again()
        assert ingest.runs

    play(rig, store, store, tmp_path, messages(rig, amount), disturb)


def test_the_network_to_the_broker_is_cut(rig: Rig, store: str, tmp_path: Path, amount: Amount) -> None:
    chance = random.Random(13)

    async def disturb(ingest: Ingest) -> None:
        for _ in range(amount.cuts):
            await asyncio.sleep(chance.uniform(0.2, 1.0))
            await asyncio.to_thread(rig.network.cut)
            await asyncio.sleep(chance.uniform(0.1, 2.0))
            await asyncio.to_thread(rig.network.heal)
        assert ingest.runs

    play(rig, store, store, tmp_path, messages(rig, amount), disturb, proxied=True)


@pytest.mark.parametrize("how", ["cut", "stall"])
def test_the_database_is_away_for_a_while(rig: Rig, store: str, tmp_path: Path, amount: Amount, how: str) -> None:
    """Intake waits, nothing is acknowledged, the process lives; then all of it is taken in."""
    with proxy.before_database(store) as (network, through):

        async def disturb(ingest: Ingest) -> None:
            await asyncio.sleep(0.5)
            await asyncio.to_thread(getattr(network, how))
            await asyncio.sleep(amount.absent_s / 2)
            if how == "cut":
                status, text = await asyncio.to_thread(ingest.get, "/ready")
                assert status == 503
                assert "store away" in text
            await asyncio.sleep(amount.absent_s / 2)
            await asyncio.to_thread(network.heal)
            assert ingest.runs

        play(rig, store, through, tmp_path, messages(rig, amount), disturb)


def test_the_database_server_is_killed_and_recovers(rig: Rig, tmp_path: Path, amount: Amount) -> None:
    """SIGKILL for PostgreSQL itself: what was acknowledged is there after its recovery."""
    folder = Path(tempfile.mkdtemp(prefix="hanhtrinh-test-")) / "data"
    try:
        with open_embedded(folder) as url:
            with connect(url) as connection:
                migrate(connection)
                know_senders(connection, rig)

            def kill() -> None:
                pid = running_pid(folder / "postgres")
                assert pid is not None
                os.kill(pid, signal.SIGKILL)

            async def disturb(ingest: Ingest) -> None:
                for _ in range(amount.broker_kills):
                    await asyncio.sleep(1)
                    await asyncio.to_thread(kill)
                    await asyncio.sleep(1)
                    await asyncio.to_thread(start_again, folder)
                assert ingest.runs

            play(rig, url, url, tmp_path, messages(rig, amount), disturb)
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def start_again(folder: Path) -> None:
    """Whoever opens the folder of a server that is dead starts it."""
    with open_embedded(folder):
        pass
