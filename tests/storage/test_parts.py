"""Partitions: made ahead and of what has gathered in the rest, without a row lost, while others write."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from psycopg import sql

from journey.localtime import DAY_S, date_of, day_of, week_of, week_start
from storage import tracks
from storage.commit import commit_batch
from storage.database import Connection, connect, scalar, transaction
from storage.errors import StoreBusy
from storage.pages import daytrack, positions
from storage.tracks import load_fixes
from storage.upkeep import parts as module
from storage.upkeep.parts import make_parts, parts
from tests.storage.samples import NOON, fix, frame, stretch, weighing

pytestmark = pytest.mark.native_server  # where there is TimescaleDB there are chunks instead
WEEK_S = 7 * DAY_S
MONDAY = week_start(week_of(NOON))


@pytest.fixture(autouse=True)
def _worth_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WORTH_ROWS", 5)


def rows(connection: Connection, table: str) -> int:
    with transaction(connection):
        return int(scalar(connection, f"SELECT count(*) FROM {table}"))  # type: ignore[arg-type]  # noqa: S608


def test_partitions_are_made_ahead_and_again_is_nothing(connection: Connection) -> None:
    first = day_of(MONDAY)
    assert make_parts(connection, first, first + 15) == 3 + 3 + 1 + 1
    assert make_parts(connection, first, first + 15) == 0
    with transaction(connection):
        made = parts(connection, "fix")
    assert [(part.start, part.end) for part in made] == [
        (MONDAY + place * WEEK_S, MONDAY + (place + 1) * WEEK_S) for place in range(3)
    ]
    edges = [MONDAY - 1, MONDAY, MONDAY + WEEK_S - 1, MONDAY + WEEK_S, MONDAY + 3 * WEEK_S]
    commit_batch(connection, stretch("s", 0, 1, frame([fix(time=time) for time in edges])))
    assert [rows(connection, part.name) for part in made] == [2, 1, 0]
    assert rows(connection, "fix_rest") == 2


def test_what_has_gathered_moves_into_a_partition_of_its_own(connection: Connection) -> None:
    times = [*range(NOON, NOON + 7), *range(NOON + 2 * WEEK_S, NOON + 2 * WEEK_S + 4)]
    sent = frame([fix(time=time, received=time + place) for place in (0, 1) for time in times])
    commit_batch(connection, stretch("s", 0, 1, sent, weighings=[weighing(ticket=str(place)) for place in range(6)]))
    with transaction(connection):
        before = load_fixes(connection, [("12C12345", NOON, NOON + 9 * WEEK_S)])
    assert (
        make_parts(connection, 0, 0) == 3
    )  # of fix, fix_copy and weighing the week with seven; four stay where they are
    with transaction(connection):
        assert load_fixes(connection, [("12C12345", NOON, NOON + 9 * WEEK_S)]).equals(before)
        made = {table: [part.name for part in parts(connection, table)] for table in ("fix", "fix_copy", "weighing")}
    assert {table: rows(connection, name) for table, (name,) in made.items()} == {
        "fix": 7, "fix_copy": 7, "weighing": 6,
    }  # fmt: skip
    assert rows(connection, "fix_rest") == 4
    # The key holds over all of it: what is sent again is a copy.
    again = commit_batch(connection, stretch("s", 1, 2, sent))
    assert (again.inserted, again.duplicates) == (0, len(sent))


def test_while_others_write_nothing_is_lost(connection: Connection, database: str) -> None:
    stop = Event()

    def write() -> int:
        with connect(database) as own:
            place = 0
            while not stop.is_set():
                commit_batch(own, stretch("w", place, place + 1, frame([fix(time=NOON + place)])))
                place += 1
            return place

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        try:
            while rows(connection, "fix") < 20:
                pass
            assert make_parts(connection, day_of(NOON), day_of(NOON) + 1) > 0
            more = rows(connection, "fix")
            while rows(connection, "fix") < more + 20:
                pass
        finally:
            stop.set()
        written = writer.result()
    assert rows(connection, "fix") == written
    assert rows(connection, "fix_rest") == 0


def test_a_table_that_is_never_free_is_told(
    connection: Connection, second: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOCK_TIMEOUT", "50ms")
    with transaction(second):
        second.execute("LOCK TABLE fix IN ROW EXCLUSIVE MODE")
        with pytest.raises(StoreBusy, match="fix is in use without a pause: run the same again"):
            make_parts(connection, day_of(NOON), day_of(NOON) + 1)
    with transaction(connection):
        assert parts(connection, "fix") == []


@pytest.mark.parametrize("name", ["day", "last positions", "nearest", "window of check"])
def test_a_question_of_a_time_opens_the_partitions_of_that_time(connection: Connection, name: str) -> None:
    make_parts(connection, day_of(MONDAY), day_of(MONDAY) + 70)
    commit_batch(connection, stretch("s", 0, 1, frame([fix(time=NOON + place * WEEK_S) for place in range(10)])))
    window = {"vehicles": [1], "starts": [NOON], "ends": [NOON + DAY_S], "first": NOON, "last": NOON + DAY_S}
    query, parameters = {
        "day": (sql.SQL(daytrack.DAY), daytrack.day_parameters(1, day_of(NOON))),
        "last positions": (positions.LAST, positions.last_parameters(NOON, 3600, None)),
        "nearest": (positions.NEAREST, positions.near_parameters(106.7, 21.5, NOON, 900, 500, 10)),
        "window of check": (sql.SQL("SELECT * FROM ({}) AS w CROSS JOIN LATERAL ({}) AS f").format(
            tracks.WINDOWS, tracks.OF_WINDOW), window),
    }[name]  # fmt: skip
    with transaction(connection):
        row = connection.execute(sql.SQL("EXPLAIN (FORMAT JSON) ") + query, parameters).fetchone()
        made = [part.name for part in parts(connection, "fix")]
    assert row is not None
    opened = {name for name in (*made, "fix_rest") if f'"{name}"' in json.dumps(row[0])}
    assert opened == {next(part for part in made if part.endswith(f"{date_of(day_of(MONDAY)):%Y%m%d}"))}
