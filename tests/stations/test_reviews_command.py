"""Reviews in the store: made by check, the same again, made anew by late fixes, printed by the command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cli.checking.commands import check_all
from cli.checking.windows import check
from cli.stations.following import StationReviews
from cli.stations.reviewing import review_waiting
from journey.localtime import day_of
from journey.model import Fix
from journey.registry import Registration, Registry
from storage.commit import commit_batch
from storage.database import Connection, connect, transaction
from storage.registry import load_registry, save_registry
from storage.stations.reviews import WantedReviews, claim_day, review_page, waiting_days
from tests.casefolder import LAW
from tests.cli.command import Done, called
from tests.stations.test_passages import BEGIN
from tests.stations.test_reviews import OWN, ROUND, STATION, TRAFFIC, standing, wait, way, weighed
from tests.storage.samples import frame, stretch

HOUR = 3600
DAYS = ("--from", "2025-03-03", "--to", "2025-03-03")
SILENT = "12C77777"


def fixes(rows: list[dict[str, Any]]) -> list[Fix]:
    return [Fix(**one) for one in rows]


@pytest.fixture
def store(database: str) -> Iterator[Connection]:
    with connect(database) as connection:
        rows = [*TRAFFIC[0], *way("12C88888", 10 * HOUR, ROUND), *wait(), *standing(SILENT, 5 * HOUR, 6 * HOUR, -8000)]
        masses = [*TRAFFIC[1], weighed(SILENT, 12 * HOUR)]
        plates = sorted({one["vehicle"] for one in rows})
        save_registry(connection, Registry(
            vehicles=tuple(Registration(plate, "OP1", "truck") for plate in plates), stations=(STATION,)))  # fmt: skip
        commit_batch(connection, stretch("test", 0, 1, frame(fixes(rows)), weighings=masses))
        check_all(connection, LAW)
        yield connection


def stored(connection: Connection) -> list[tuple[str, str, int]]:
    with transaction(connection):
        wanted = WantedReviews(BEGIN, BEGIN + 24 * HOUR, excused=True)
        return [(row.kind, row.plate, row.at) for row in review_page(connection, wanted, 100)]


def kinds(connection: Connection) -> list[tuple[str, str]]:
    return [(kind, plate) for kind, plate, _ in stored(connection)]


def run(database: str, *arguments: str) -> Done:
    done = called("station", "reviews", *DAYS, *arguments, DATABASE_URL=database)
    assert done.code == 0, done.err
    return done


ALL = [("detour", "12C88888"), ("silent", SILENT), ("wait", OWN)]


def test_check_makes_them_and_makes_them_once(store: Connection, database: str) -> None:
    assert kinds(store) == ALL
    before = stored(store)
    with transaction(store):
        assert waiting_days(store, 1 << 30) == []
    assert review_waiting(store, LAW, 1 << 30) == 0
    done = run(database)
    assert "0 days made, 1 left as they were" in done.err
    assert "silent: 1 to look at, 0 made innocent by the record" in done.err
    assert stored(store) == before
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [(one["kind"], one["vehicle"]) for one in lines] == ALL
    assert {(one["grade"], one["operator"], one["excuse"]) for one in lines} == {("possible", "OP1", None)}
    assert all(one["evidence"] and len(one["innocent"]) >= 4 and one["law"] for one in lines)
    assert [json.loads(line)["kind"] for line in run(database, "--kind", "wait").out.splitlines()] == ["wait"]


def test_late_fixes_make_a_day_anew(store: Connection) -> None:
    late = standing(SILENT, 11 * HOUR, 13 * HOUR, -8000)
    commit_batch(store, stretch("test", 1, 2, frame(fixes(late))))
    check_all(store, LAW)
    assert kinds(store) == [("detour", "12C88888"), ("wait", OWN)]


def test_batches_in_any_order_give_the_same(store: Connection, database: str) -> None:
    expected = stored(store)
    with transaction(store):
        registry = load_registry(store)
    rows = [*TRAFFIC[0], *way("12C88888", 10 * HOUR, ROUND), *wait(), *standing(SILENT, 5 * HOUR, 6 * HOUR, -8000)]
    masses = [*TRAFFIC[1], weighed(SILENT, 12 * HOUR)]
    with transaction(store):
        for table in ("station_review", "station_review_day", "fix", "weighing", "vehicle_day", "activity", "batch",
                      "batch_position", "source_offset"):  # fmt: skip
            store.execute(f"TRUNCATE {table} CASCADE")  # type: ignore[call-overload]
    save_registry(store, registry)
    half = len(rows) // 2
    for number, (some, weighings) in enumerate(((rows[half:], []), ([], masses[::-1]), (rows[:half], []))):
        commit_batch(store, stretch("again", number, number + 1, frame(fixes(some)), weighings=weighings))
        check_all(store, LAW)
    assert stored(store) == expected


def test_a_station_that_does_not_stand_yet_is_avoided_by_nobody(store: Connection, database: str) -> None:
    with transaction(store):
        assert load_registry(store).stations == (STATION,)
    save_registry(store, Registry(stations=(replace(STATION, valid_from=date(2025, 3, 4)),)))
    assert "1 days made, 0 left" in run(database).err
    assert kinds(store) == [("silent", SILENT)]


def test_the_check_that_follows_makes_ended_days_one_at_a_time(store: Connection, database: str) -> None:
    now = [0.0]
    following = StationReviews(LAW, lambda: now[0])
    assert following.look(store) == 0
    commit_batch(store, stretch("test", 1, 2, frame(fixes(standing(SILENT, 11 * HOUR, 13 * HOUR, -8000)))))
    check(store, LAW, "test")
    assert following.look(store) == 0  # it looked a moment ago
    assert kinds(store) == ALL
    now[0] = 10_000.0
    with connect(database) as other:
        assert claim_day(other, day_of(BEGIN)) is not None
        assert following.look(store) == 0  # another makes it
        other.rollback()  # and is killed
    now[0] = 20_000.0
    assert following.look(store) == 1
    assert kinds(store) == [("detour", "12C88888"), ("wait", OWN)]


def excuses(connection: Connection) -> dict[str, str | None]:
    with transaction(connection):
        wanted = WantedReviews(BEGIN, BEGIN + 24 * HOUR, excused=True)
        return {row.kind: row.excuse for row in review_page(connection, wanted, 100)}


def stop(database: str, begin: str, *more: str) -> None:
    done = called("station", "stop", STATION.id, "--from", begin, "--reason", "power cut", *more, DATABASE_URL=database)
    assert done.code == 0, done.err


def test_a_stop_that_is_reported_later_makes_its_day_anew_and_so_does_its_mending(
    store: Connection, database: str
) -> None:
    assert excuses(store) == {"detour": None, "silent": None, "wait": None}
    before = stored(store)
    stop(database, "2025-03-03T09:30", "--to", "2025-03-03T11:30")  # while one drove round it
    with transaction(store):
        assert day_of(BEGIN) in waiting_days(store, 1 << 30)
    assert review_waiting(store, LAW, 1 << 30) == 1
    assert excuses(store) == {"detour": "station_stopped", "silent": None, "wait": None}
    assert stored(store) == before
    assert review_waiting(store, LAW, 1 << 30) == 0
    stop(database, "2025-03-03T09:30", "--to", "2025-03-03T09:35")  # it was shorter than that
    assert review_waiting(store, LAW, 1 << 30) == 1
    assert excuses(store) == {"detour": None, "silent": None, "wait": None}
    stop(database, "2025-03-01T09:30")  # it is not over: every day since
    assert review_waiting(store, LAW, 1 << 30) == 1
    assert excuses(store) == {"detour": "station_stopped", "silent": None, "wait": "station_stopped"}


def test_other_opening_times_make_the_days_anew_without_being_asked(store: Connection) -> None:
    save_registry(store, Registry(stations=(replace(STATION, open='"00:00-00:01"'),)))
    check_all(store, LAW)  # the windows that were weighed there wait again, and their days with them
    assert kinds(store) == [("silent", SILENT)]
    with transaction(store):
        assert waiting_days(store, 1 << 30) == []


def test_a_closed_day_stays_as_it_was_made(store: Connection, database: str) -> None:
    with transaction(store):  # its fixes are gone, as after `db keep --drop`
        store.execute("UPDATE deployment SET closed_before = %s::int", (day_of(BEGIN) + 2,))
        store.execute("TRUNCATE fix")
    stop(database, "2025-03-03T09:30", "--to", "2025-03-03T11:30")
    assert review_waiting(store, LAW, 1 << 30) == 0
    assert "0 days made, 0 left" in run(database).err
    assert kinds(store) == ALL
    with transaction(store):
        assert waiting_days(store, 1 << 30) == []
