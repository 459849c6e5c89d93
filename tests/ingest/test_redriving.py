"""Driving in again beside others: each rejection once, and a clash with live intake is only tried again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from cli.root import law_of
from ingest.admission import Admission, prepare
from ingest.redriving import redrive
from journey.model import Reason, Rejection
from journey.registry import Registry
from journey.settings import Settings
from storage.commit import Batch, commit_batch
from storage.database import Connection, connect, scalar
from storage.intake import agreement
from tests.brokers.process import wait_until
from tests.storage.samples import NOON, fix, frame

FIXES = 200
IDS = list(range(1, FIXES + 1))
BOOKS = "SELECT sum(received)::int, sum(stored)::int, sum(rejected)::int FROM intake WHERE connection = 'redrive:north'"


@pytest.fixture
def admission(connection: Connection) -> Admission:
    """What is good to be taken in, kept as rejections; a fix of the same day is stored already."""
    records = [{"vehicle": "12C12345", "time": NOON + step, "lon": 105.5, "lat": 21.2, "speed_kmh": 40} for step in IDS]
    kept = [Rejection("north", "message", Reason.UNDECODABLE, "", orjson.dumps(one), NOON + 500, None, "json_v1")
            for one in records]  # fmt: skip
    commit_batch(connection, Batch("north", frame([fix()]), rejections=kept))
    return prepare(Registry(), law_of(Settings()))


def test_two_at_once_take_each_in_once(
    connection: Connection, second: Connection, database: str, admission: Admission
) -> None:
    start = threading.Barrier(2)

    def drive(own: Connection) -> int:
        start.wait()
        return len(redrive(own, IDS, admission))

    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(drive, (connection, second))) == [0, FIXES]
    assert connection.execute(BOOKS).fetchone() == (FIXES, FIXES, 0)
    connection.commit()
    assert agreement(connection).faults() == []


def test_a_deadlock_with_live_intake_is_tried_again(
    connection: Connection, second: Connection, database: str, admission: Admission
) -> None:
    second.execute("UPDATE rejection SET seen = seen WHERE id = 7")  # as when its bytes arrive again
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s"
    with connect(database) as watcher, ThreadPoolExecutor() as pool:
        watcher.autocommit = True
        driven = pool.submit(redrive, connection, IDS, admission)
        pid = connection.info.backend_pid
        wait_until(lambda: bool(scalar(watcher, waiting, (pid,))), "the redrive to wait for the rejection")
        second.execute("UPDATE vehicle_day SET touched = touched")  # which the redrive holds: one of the two must yield
        second.commit()
        assert set(driven.result().values()) == {"stored"}
    assert connection.execute(BOOKS).fetchone() == (FIXES, FIXES, 0)
