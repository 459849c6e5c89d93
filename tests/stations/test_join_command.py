"""`hanhtrinh station`: from records in the store to weighings on tracks, and made anew where something changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from cli.checking.windows import check
from journey.model import Scale, Weighing
from journey.registry import Registration, Registry, Station
from storage.commit import commit_batch
from storage.database import Connection, connect
from storage.registry import save_registry
from tests.casefolder import LAW
from tests.cli.command import Done, called
from tests.stations.test_passages import BEGIN, M
from tests.storage.samples import fix, frame, stretch

PLATES = tuple(f"12C0000{number}" for number in range(1, 8))
DAYS = ("--from", "2025-03-03", "--to", "2025-03-03")
CLOCK_S = 97  # the station's clock is so much behind


def drive(plate: str, start: int, driver: str = "790123456789") -> list[Any]:
    """Half an hour of standing 5 km south of the station, then north past it, at 600 s after the start of the drive."""
    rows = [fix(plate, start - 1860 + 60 * k, lon=106.7, lat=round(21.8 - 10_000 * M, 7), speed_dkmh=0, driver=driver)
            for k in range(31)]  # fmt: skip
    return rows + [fix(plate, start + 30 * k, lon=106.7, lat=round(21.8 + (500 * k - 10_000) * M, 7), speed_dkmh=600,
                       driver=driver) for k in range(40)]  # fmt: skip


def weighed(plate: str, time: int, **fields: Any) -> Weighing:
    standing = Weighing("KT1", 1, time, plate, None, (10_000, 20_000), (4000,), 30_000, 1, 0, f"T{plate}",
                        Scale("WIM", plate_permille=990))  # fmt: skip
    return replace(standing, **fields)


@pytest.fixture
def store(database: str) -> Iterator[Connection]:
    with connect(database) as connection:
        rows = tuple(Registration(plate, "OP1", "truck", payload_kg=8000, kerb_kg=6000) for plate in PLATES)
        save_registry(connection, Registry(vehicles=rows, stations=(Station("KT1", "one", 106.7, 21.8),)))
        fixes = [one for number, plate in enumerate(PLATES[:6]) for one in drive(plate, BEGIN + 20_000 + 900 * number)]
        masses = [weighed(plate, BEGIN + 20_600 + 900 * number - CLOCK_S) for number, plate in enumerate(PLATES[:6])]
        masses += [weighed(PLATES[6], BEGIN + 30_000), weighed(PLATES[0], BEGIN + 20_000 - CLOCK_S, ticket="T9"),
                   weighed("12C0000B", BEGIN + 40_000, ticket="T9")]  # fmt: skip
        commit_batch(connection, stretch("test", 0, 1, frame(fixes), weighings=masses))
        check(connection, LAW, "test")
        yield connection


def run(database: str, *arguments: str) -> Done:
    done = called("station", *arguments, DATABASE_URL=database)
    assert (done.code, done.err) == (0, done.err)
    return done


def places(connection: Connection) -> dict[str, int]:
    connection.rollback()
    found = dict(connection.execute("SELECT status, count(*) FROM weighing_place GROUP BY status").fetchall())
    connection.rollback()
    return found


def test_weighings_lie_on_tracks_and_the_clock_is_told(store: Connection, database: str) -> None:
    said = run(database, "join", *DAYS).out
    assert "1 days made, 0 left" in said
    assert f"KT1  2025-03-03  recorders +{CLOCK_S} s  spread 0 s  (7 of 9 weighings)" in said
    assert places(store) == {"passed": 6, "elsewhere": 1, "silent": 2}
    row = store.execute("""
        SELECT extract(epoch FROM p.passed_at)::bigint, p.apart_s, p.away_m, d.licence,
               extract(epoch FROM p.origin_from)::bigint, extract(epoch FROM p.origin_until)::bigint, p.way_m
        FROM weighing_place p JOIN vehicle v ON v.id = p.vehicle_id JOIN driver d ON d.id = p.driver_id
        WHERE v.plate = %s AND p.status = 'passed'""", (PLATES[1],)).fetchone()  # fmt: skip
    assert row is not None
    assert row[:4] == (BEGIN + 21_500, 0, 0, "790123456789")
    assert row[4:6] == (BEGIN + 20_900 - 1860, BEGIN + 20_900)
    assert 9_400 <= row[6] <= 10_100


def test_a_day_is_left_until_something_changes(store: Connection, database: str) -> None:
    run(database, "join", *DAYS)
    assert "0 days made, 1 left" in run(database, "join", *DAYS).out
    late = drive(PLATES[6], BEGIN + 30_000 + CLOCK_S - 600)
    commit_batch(store, stretch("test", 1, 2, frame(late)))
    assert "1 days made, 0 left" in run(database, "join", *DAYS).out
    assert places(store) == {"passed": 7, "elsewhere": 1, "silent": 1}
    save_registry(store, Registry(stations=(Station("KT1", "one", 106.8, 21.8),)))
    assert "1 days made, 0 left" in run(database, "join", *DAYS).out
    assert "passed" not in places(store)


def test_faults_are_told_with_plates_alike(store: Connection, database: str) -> None:
    lines = [json.loads(line) for line in run(database, "faults", *DAYS).out.splitlines()]
    told = [(one["plate"], sorted(one["faults"]), [near["plate"] for near in one["plates_alike"]]) for one in lines]
    assert told == [
        (PLATES[0], ["ticket_twice"], []),
        ("12C0000B", ["ticket_twice"], ["12C00003", *(plate for plate in PLATES if plate != "12C00003")]),
    ]  # fmt: skip
    assert {one["station"] for one in lines} == {"KT1"}
    assert store.execute("SELECT count(*) FROM vehicle WHERE plate = '12C0000B'").fetchone() == (1,)


def test_loading_places_are_ranked(store: Connection, database: str) -> None:
    run(database, "join", *DAYS)
    (place,) = (json.loads(line) for line in run(database, "origins", *DAYS).out.splitlines())
    assert (place["journeys"], place["vehicles"], place["operators"]) == (6, 6, ["OP1"])
    assert abs(place["lat"] - (21.8 - 10_000 * M)) <= 0.0025
    assert place["worst"] > 50


def test_check_places_weighings_of_days_that_wait(store: Connection, database: str) -> None:
    """Nobody has to think of `station join`: a day that is reviewed is joined."""
    assert places(store) == {}
    assert called("check", DATABASE_URL=database).code == 0
    assert places(store) == {"passed": 6, "elsewhere": 1, "silent": 2}
    assert "0 days made, 1 left" in run(database, "join", *DAYS).out


def test_a_month_is_counted_by_station(store: Connection, database: str) -> None:
    save_registry(store, Registry(stations=(Station("KT2", "two"),)))
    one, two = (
        json.loads(line) for line in run(database, "month", "--month", "2025-03", "--format", "json").out.splitlines()
    )
    # Nine weighed at 30,000 of 16,000; those of a vehicle that nobody registered are over the highest limit no less.
    assert (one["station"], one["weighed"], one["in_breach"], one["share_percent"]) == ("KT1", 9, 9, 100.0)
    assert one["hours_without"] == 31 * 24 - 4
    assert (two["station"], two["weighed"], two["in_breach"], two["share_percent"]) == ("KT2", 0, 0, None)
    assert "KT1,one,9,9,100.00,0,740" in run(database, "month", "--month", "2025-03", "--format", "csv").out
    assert called("station", "month", "--month", "March", DATABASE_URL=database).code == 2


def test_wrong_days_are_refused(store: Connection, database: str) -> None:
    for days in (("--from", "2025-03-04", "--to", "2025-03-03"), ("--from", "3/3/2025", "--to", "2025-03-03")):
        assert called("station", "join", *days, DATABASE_URL=database).code == 2


def test_a_station_whose_clock_is_an_hour_off_is_told_and_its_weighings_are_placed(
    store: Connection, database: str
) -> None:
    hour = [weighed(plate, BEGIN + 20_600 + 900 * number + 3600, station="KT2", ticket=f"H{plate}")
            for number, plate in enumerate(PLATES[:6])]  # fmt: skip
    save_registry(store, Registry(stations=(Station("KT2", "two", 106.7, 21.8),)))
    commit_batch(store, stretch("test", 1, 2, frame([]), weighings=hour))
    said = run(database, "join", *DAYS).out
    assert "KT2  2025-03-03  recorders -3600 s  spread 0 s  (6 of 6 weighings)" in said
    placed = "SELECT station, apart_s, count(*) FROM weighing_place WHERE status = 'passed' GROUP BY 1, 2 ORDER BY 1"
    assert store.execute(placed).fetchall() == [("KT1", 0, 6), ("KT2", 0, 6)]
