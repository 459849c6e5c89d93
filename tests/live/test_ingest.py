"""`hanhtrinh ingest` as its user runs it: several connections in one process, held ones, the monitor, how it ends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.connections import connection_states, outages, resume
from storage.database import connect, scalar, transaction
from storage.registry import save_registry
from tests.chaos.process import Ingest
from tests.chaos.test_kills import all_stored
from tests.live.records import BEGIN, REGISTRY, many_each, one_each
from tests.live.rigs import RIGS, Rig

WAIT_S = 60


@pytest.fixture
def store(database: str) -> str:
    with connect(database) as connection:
        save_registry(connection, REGISTRY)
    return database


@pytest.fixture
def two(request: pytest.FixtureRequest) -> Iterator[tuple[Rig, Rig]]:
    """Two transports at once."""
    for first in RIGS["kafka"](request):
        for second in RIGS["mqtt"](request):
            yield first, second


def value(text: str, metric: str, **labels: str) -> float:
    """One sample of a page of metrics; the sum where several fit."""
    found = 0.0
    for line in text.splitlines():
        match = re.fullmatch(rf"{metric}(?:{{(.*)}})? (\S+)", line)
        if match and all(f'{name}="{one}"' in (match[1] or "") for name, one in labels.items()):
            found += float(match[2])
    return found


async def until(condition, what: str) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(WAIT_S):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.05)
    assert what


def test_a_connection_that_sends_rubbish_is_held_and_the_other_goes_on(
    two: tuple[Rig, Rig], store: str, tmp_path: Path
) -> None:
    rubbish, good = two
    limit = {"dead_letters": {"share": 0.5, "among": 50, "run": 1000}}
    connections = [
        rubbish.settings(name="rubbish", batch_age_s=0.1, **limit),
        good.settings(name="good", batch_age_s=0.1, **limit),
    ]

    def held() -> bool:
        with connect(store) as connection:
            return any(one.name == "rubbish" and one.paused_at for one in connection_states(connection))

    async def play() -> None:
        with Ingest(tmp_path, store, connections) as ingest:
            await asyncio.to_thread(ingest.wait_ready)
            await rubbish.publish([b"not json %d" % number for number in range(60)])
            await until(held, "it is held")
            await until(lambda: "rubbish: held: 60 of the last 60 records" in ingest.get("/ready")[1], "it says so")
            await rubbish.publish(one_each(0, 20))  # waits with the broker
            await good.publish(one_each(20, 40))
            await all_stored(store, 20)
            metrics = ingest.get("/metrics")[1]
            assert value(metrics, "hanhtrinh_ingest_paused", connection="rubbish") == 1
            assert value(metrics, "hanhtrinh_ingest_paused", connection="good") == 0
            rejected = {"connection": "rubbish", "sender": "OP1", "reason": "undecodable"}
            assert value(metrics, "hanhtrinh_ingest_rejected_total", **rejected) == 60
            with connect(store) as connection:
                assert resume(connection, "rubbish")
                connection.rollback()
            await all_stored(store, 40)
            assert ingest.stop() == 0

    asyncio.run(play())
    with connect(store) as connection:
        assert scalar(connection, "SELECT sum(seen) FROM rejection") == 60


def test_the_monitor_counts_what_became_of_each_record(two: tuple[Rig, Rig], store: str, tmp_path: Path) -> None:
    rig, _ = two

    async def play() -> None:
        with Ingest(tmp_path, store, [rig.settings(batch_age_s=0.1)]) as ingest:
            await asyncio.to_thread(ingest.wait_ready)
            assert ingest.get("/health") == (200, "alive\n")
            await rig.publish(many_each(0, 100, 10))
            await rig.publish([*many_each(0, 10, 10), b"{"])
            name = "hanhtrinh_ingest_received_records_total"
            await until(lambda: value(ingest.get("/metrics")[1], name, connection="live") == 111, "all committed")
            metrics = ingest.get("/metrics")[1]
            fates = {
                fate: value(metrics, "hanhtrinh_ingest_records_total", connection="live", operator="OP1", fate=fate)
                for fate in ("stored", "duplicate", "rejected")
            }
            assert fates == {"stored": 100, "duplicate": 10, "rejected": 1}
            assert value(metrics, "hanhtrinh_ingest_newest_fix_timestamp_seconds", operator="OP1") == BEGIN + 99
            assert value(metrics, "hanhtrinh_ingest_up", connection="live") == 1
            assert value(metrics, "hanhtrinh_ingest_behind_messages", connection="live") == 0
            assert value(metrics, "hanhtrinh_ingest_commit_seconds_count", connection="live") >= 1
            assert ingest.stop() == 0
            assert "secret" not in ingest.text()

    asyncio.run(play())


def test_sigterm_commits_what_was_received(two: tuple[Rig, Rig], store: str, tmp_path: Path) -> None:
    """With a batch that would stay open for a minute."""
    _, rig = two

    async def play() -> None:
        with Ingest(tmp_path, store, [rig.settings(batch_age_s=60)]) as ingest:
            await asyncio.to_thread(ingest.wait_ready)
            await rig.publish(one_each(0, 50))
            name = "hanhtrinh_ingest_waiting_records"
            await until(lambda: value(ingest.get("/metrics")[1], name, connection="live") == 50, "all received")
            with connect(store) as connection:
                assert scalar(connection, "SELECT count(*) FROM fix") == 0
            assert ingest.stop() == 0

    asyncio.run(play())
    with connect(store) as connection:
        assert scalar(connection, "SELECT count(*) FROM fix") == 50


def test_a_restart_after_a_while_is_an_outage(two: tuple[Rig, Rig], store: str, tmp_path: Path) -> None:
    rig, _ = two
    with Ingest(tmp_path, store, [rig.settings()]) as ingest:
        ingest.wait_ready()
        assert ingest.stop() == 0
        with connect(store) as connection:
            connection.execute("UPDATE connection SET alive_at = alive_at - interval '10 minutes'")
            connection.commit()
        ingest.start()
        ingest.wait_ready()
        assert ingest.stop() == 0
    with connect(store) as connection, transaction(connection):
        ((start, end),) = outages(connection, 0, 1 << 40)
    assert 600 <= end - start < 660


def test_an_absent_database_at_start_is_told(two: tuple[Rig, Rig], tmp_path: Path) -> None:
    rig, _ = two
    url = "postgresql://nobody:secret@127.0.0.1:1/nothing"
    with Ingest(tmp_path, url, [rig.settings()]) as ingest:
        assert ingest._process is not None
        assert ingest._process.wait(60) == 1
    assert "no connection to database nothing on 127.0.0.1, port 1" in ingest.text()
    assert "secret" not in ingest.text()
