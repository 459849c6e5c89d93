"""`check` killed in the middle of making a day's reviews: nothing lost, nothing twice, and then as undisturbed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from cli.checking.commands import check_all
from journey.localtime import day_of
from journey.registry import Registration, Registry
from storage.commit import commit_batch
from storage.database import Connection, connect, scalar, transaction
from storage.registry import save_registry
from storage.stations.reviews import waiting_days
from tests.casefolder import LAW
from tests.cli.command import COMMAND, environment, hanhtrinh
from tests.stations.test_passages import BEGIN
from tests.stations.test_reviews import ROUND, STATION, TRAFFIC, standing, wait, way, weighed
from tests.stations.test_reviews_command import HOUR, fixes
from tests.storage.samples import frame, stretch

SILENT, DAY = "12C77777", day_of(BEGIN)
_BLOCKED = """
    SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_ROWS = """
    SELECT day, kind, station, vehicle_id, at, operator, excuse, body::text FROM station_review ORDER BY 1, 2, 3, 4, 5
"""


@pytest.fixture
def store(database: str) -> Iterator[Connection]:
    """A day that was reviewed, and fixes that came late: the next check makes it anew."""
    with connect(database) as connection:
        rows = [*TRAFFIC[0], *way("12C88888", 10 * HOUR, ROUND), *wait(), *standing(SILENT, 5 * HOUR, 6 * HOUR, -8000)]
        plates = sorted({one["vehicle"] for one in rows})
        save_registry(connection, Registry(
            vehicles=tuple(Registration(plate, "OP1", "truck") for plate in plates), stations=(STATION,)))  # fmt: skip
        masses = [*TRAFFIC[1], weighed(SILENT, 12 * HOUR)]
        commit_batch(connection, stretch("test", 0, 1, frame(fixes(rows)), weighings=masses))
        check_all(connection, LAW)
        late = standing(SILENT, 11 * HOUR, 13 * HOUR, -8000)
        commit_batch(connection, stretch("test", 1, 2, frame(fixes(late))))
        yield connection


def rows(connection: Connection) -> list[tuple[Any, ...]]:
    with transaction(connection):
        return connection.execute(_ROWS).fetchall()


@pytest.mark.parametrize("held", ["station_review", "station_review_day"], ids=["nothing removed", "new ones written"])
def test_a_check_that_is_killed_while_it_makes_a_day(
    held: str, store: Connection, database: str, tmp_path: Path
) -> None:
    before = rows(store)
    assert {row[1] for row in before} == {"detour", "silent", "wait"}
    settings = environment(DATABASE_URL=database)
    with connect(database) as other, (tmp_path / "out").open("wb") as out:
        other.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(held)))
        process = subprocess.Popen([COMMAND, "check"], cwd=tmp_path, env=settings, stdout=out, stderr=out)
        try:
            until = time.monotonic() + 60
            while not _blocked(store, held):  # it stands in the middle of its transaction
                assert process.poll() is None, (tmp_path / "out").read_text()
                assert time.monotonic() < until
                time.sleep(0.05)
        finally:
            process.kill()
            process.wait(30)
        other.rollback()
    assert process.returncode < 0
    while _blocked(store, held):  # the server has not seen yet that it is gone
        time.sleep(0.05)
    assert rows(store) == before
    with transaction(store):
        assert DAY in waiting_days(store, 1 << 30)
    done = hanhtrinh("check", cwd=tmp_path, DATABASE_URL=database)
    assert done.code == 0, done.err
    after = rows(store)
    assert [row[1] for row in after] == ["detour", "wait"]
    with transaction(store):
        assert waiting_days(store, 1 << 30) == []
        store.execute("TRUNCATE station_review, station_review_day")
    day = ("--from", "2025-03-03", "--to", "2025-03-03")
    undisturbed = hanhtrinh("station", "reviews", *day, cwd=tmp_path, DATABASE_URL=database)
    assert "1 days made" in undisturbed.err
    assert rows(store) == after


def _blocked(connection: Connection, table: str) -> bool:
    with transaction(connection):
        return bool(scalar(connection, _BLOCKED, (table,)))
