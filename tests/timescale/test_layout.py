"""The store on hypertables: compressed chunks take late data, give the same answers, and only what is asked is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from psycopg import sql

from cli.checking.windows import check
from cli.root import code_version
from journey.localtime import DAY_S, day_of, day_start
from journey.model import Fix
from rules import law as rulebook
from storage.activities import load_activities
from storage.commit import commit_batch
from storage.database import Connection, connect, scalar, transaction
from storage.intake import agreement
from storage.migrate import migrate
from storage.pages import daytrack, positions
from storage.pages.daytrack import day_track
from storage.pages.desk import driver_week
from storage.pages.positions import last_positions
from storage.tracks import load_fixes
from storage.upkeep import hours
from storage.upkeep.hours import refresh_all, refresh_late
from storage.upkeep.status import table_sizes
from tests.storage.samples import NOON, fix, frame, stretch, weighing

LAW = rulebook.load()
VEHICLES = ("12C00001", "12C00002", "12C00003")
DAYS = 6
EVERYTHING = [(plate, NOON - 9 * DAY_S, NOON + 99 * DAY_S) for plate in VEHICLES]


def drive(plate: str, day: int) -> list[Fix]:
    """Two hours of a day, a fix in ten seconds, the last half hour standing."""
    start = NOON + day * DAY_S
    return [
        fix(plate, start + 10 * place, lon=106.7 + 0.0002 * min(place, 540), lat=21.5, received=start + 10 * place + 2,
            speed_dkmh=0 if place > 540 else 500, driver=f"79012345678{plate[-1]}")
        for place in range(720)
    ]  # fmt: skip


@pytest.fixture
def store(timescale_database: str) -> Iterator[Connection]:
    """Some days of some vehicles, judged, every chunk of fixes, copies, activities and weighings compressed."""
    with connect(timescale_database) as connection:
        migrate(connection)
        for day in range(DAYS):
            sent = [one for plate in VEHICLES for one in drive(plate, day)]
            copies = [one._replace(received=(one.received or 0) + 60) for one in sent[:50]]
            weighed = [weighing(plate=VEHICLES[0], time=NOON + day * DAY_S + 500)]
            commit_batch(connection, stretch("s", day, day + 1, frame(sent + copies), weighings=weighed))
        check(connection, LAW, code_version())
        compress(connection)
        yield connection


def compress(connection: Connection) -> None:
    with transaction(connection):
        for table in ("fix", "fix_copy", "activity", "weighing"):
            connection.execute("SELECT compress_chunk(c, if_not_compressed => true) FROM show_chunks(%s) c", (table,))


def answers(connection: Connection) -> list[Any]:
    with transaction(connection):
        return [
            load_fixes(connection, EVERYTHING).rows(),
            load_activities(connection, [f"79012345678{n}" for n in (1, 2, 3)], VEHICLES, 0, NOON + 99 * DAY_S).rows(),
            last_positions(connection, NOON + DAYS * DAY_S, 31 * DAY_S),
            day_track(connection, VEHICLES[0], day_of(NOON) + 2, 5.0, 60),
            driver_week(connection, "790123456781", day_of(NOON) - (day_of(NOON) + 3) % 7),
        ]


def test_every_table_is_cut_and_compressed(store: Connection) -> None:
    with transaction(store):
        store.execute("ANALYZE")
        sizes = {one.name: one for one in table_sizes(store)}
    for name in ("fix", "fix_copy", "activity", "weighing"):
        assert sizes[name].parts == sizes[name].compressed > 0
    assert sizes["fix"].parts == DAYS
    assert sizes["fix"].rows == pytest.approx(DAYS * len(VEHICLES) * 720, rel=0.5)  # an estimate of the server


def test_compression_changes_no_answer(store: Connection) -> None:
    before = answers(store)
    assert len(before[0]) == DAYS * len(VEHICLES) * 720
    assert agreement(store).faults() == []
    with transaction(store):
        for table in ("fix", "fix_copy", "activity", "weighing"):
            store.execute("SELECT decompress_chunk(c) FROM show_chunks(%s) c", (table,))
    assert answers(store) == before


def test_late_data_goes_into_compressed_chunks_and_not_one_row_is_lost(store: Connection) -> None:
    """The case of timescaledb issue 7672 on our own path: some rows are there, some are new, some are better copies."""
    sent = drive(VEHICLES[1], 2)
    same, worse = sent[:100], [one._replace(received=(one.received or 0) + 9) for one in sent[100:200]]
    better = [one._replace(received=(one.received or 0) - 1, speed_dkmh=123) for one in sent[200:300]]
    scaled = [one._replace(scaled=True, received=(one.received or 0) + 9) for one in sent[300:320]]
    new = [one._replace(time=one.time + 5, received=(one.received or 0) + 400_000) for one in sent]
    done = commit_batch(store, stretch("late", 0, 1, frame(same + worse + better + scaled + new)))
    assert (done.inserted, done.duplicates, done.replaced) == (720, 320, 100)
    with transaction(store):
        stored = load_fixes(store, [(VEHICLES[1], NOON + 2 * DAY_S, NOON + 3 * DAY_S)])
        copies = scalar(store, "SELECT count(*) FROM fix_copy")
    assert agreement(store).faults() == []
    assert len(stored) == 1440
    assert stored["speed_dkmh"].to_list().count(123) == 100
    assert stored["scaled"].sum() == 20
    assert copies == DAYS * 50 + 320
    # Again it is all known.
    again = commit_batch(store, stretch("late", 1, 2, frame(new)))
    assert (again.inserted, again.duplicates) == (0, 720)


def test_late_data_unpacks_its_own_vehicle_and_no_other(store: Connection) -> None:
    better = [one._replace(received=(one.received or 0) - 1, speed_dkmh=123) for one in drive(VEHICLES[1], 2)]
    commit_batch(store, stretch("late", 0, 1, frame(better)))
    with transaction(store):
        chunks = [name for (name,) in store.execute("SELECT c::text FROM show_chunks('fix') c ORDER BY c")]
        loose = {
            name: [
                row[0] for row in store.execute(
                    sql.SQL("SELECT DISTINCT v.plate FROM ONLY {} f JOIN vehicle v ON v.id = f.vehicle_id").format(
                        sql.Identifier(*name.split("."))
                    )
                )
            ]
            for name in chunks
        }  # fmt: skip
    unpacked = {name: plates for name, plates in loose.items() if plates}
    assert list(unpacked.values()) in ([[VEHICLES[1]]], [])


def test_a_day_judged_anew_in_compressed_chunks_is_as_if_it_had_never_been_compressed(store: Connection) -> None:
    late = [one._replace(time=one.time + 3, speed_dkmh=0, lon=106.7) for one in drive(VEHICLES[0], 3)[:200]]
    commit_batch(store, stretch("late", 0, 1, frame(late)))
    assert check(store, LAW, code_version()).windows == 1
    judged = answers(store)
    with transaction(store):
        store.execute("SELECT decompress_chunk(c, if_compressed => true) FROM show_chunks('activity') c")
        store.execute("SELECT decompress_chunk(c, if_compressed => true) FROM show_chunks('fix') c")
        store.execute("UPDATE vehicle_day SET checked = 0")
    check(store, LAW, code_version())
    assert answers(store) == judged


@pytest.mark.parametrize("name", ["day", "last positions", "nearest"])
def test_a_question_of_a_time_reads_the_chunks_of_that_time(store: Connection, name: str) -> None:
    noon = NOON + 3 * DAY_S
    query, parameters = {
        "day": (sql.SQL(daytrack.DAY), daytrack.day_parameters(1, day_of(noon))),
        "last positions": (positions.LAST, positions.last_parameters(noon, DAY_S, None)),
        "nearest": (positions.NEAREST, positions.near_parameters(106.7, 21.5, noon, 900, 500, 10)),
    }[name]
    with transaction(store):
        row = store.execute(sql.SQL("EXPLAIN (FORMAT JSON) ") + query, parameters).fetchone()
        chunks = scalar(store, "SELECT count(*) FROM show_chunks('fix')")
    assert row is not None
    read = {word for word in json.dumps(row[0]).split('"') if word.startswith("_hyper_") and word.endswith("_chunk")}
    assert 0 < len(read) <= 2 < chunks


def by_hand(connection: Connection) -> list[tuple[Any, ...]]:
    """The hours as the store without TimescaleDB counts them."""
    numbers = [number for (number,) in connection.execute("SELECT id FROM vehicle ORDER BY id")]
    first, last = day_of(NOON) - 1, day_of(NOON) + DAYS + 1
    pairs = [(number, day) for number in numbers for day in range(first, last)]
    parameters = {"vehicles": [number for number, _ in pairs], "starts": [day_start(day) for _, day in pairs],
                  "stops": [day_start(day + 1) for _, day in pairs], "first": 0, "last": 1 << 33}  # fmt: skip
    return sorted(connection.execute(hours._COUNT, parameters).fetchall())


def aggregated(connection: Connection) -> list[tuple[Any, ...]]:
    return sorted(connection.execute("SELECT * FROM vehicle_hour").fetchall())


def test_the_continuous_aggregate_counts_as_the_table_does(store: Connection) -> None:
    now = NOON + 50 * DAY_S
    refresh_all(store, now)
    with transaction(store):
        assert aggregated(store) == by_hand(store)
        assert len(aggregated(store)) == DAYS * len(VEHICLES) * 2
    odd = [fix(VEHICLES[2], NOON + DAY_S + 7, speed_dkmh=990, received=None), fix(VEHICLES[2], NOON + DAY_S + 8, lon=0)]
    flags = [0, 5]
    commit_batch(store, stretch("late", 0, 1, frame(odd, flags)))
    with transaction(store):
        assert aggregated(store) != by_hand(store)
    refresh_late(store, [day_of(NOON) + 1], now)
    with transaction(store):
        assert aggregated(store) == by_hand(store)
        operators = store.execute("SELECT operator, sum(fixes)::int FROM operator_hourly GROUP BY 1").fetchall()
    assert operators == [(None, DAYS * len(VEHICLES) * 720 + 2)]


def test_check_refreshes_what_late_data_has_changed(store: Connection) -> None:
    refresh_all(store, NOON + 50 * DAY_S)
    commit_batch(store, stretch("late", 0, 1, frame([fix(VEHICLES[2], NOON + DAY_S + 7)])))
    check(store, LAW, code_version())
    with transaction(store):
        assert aggregated(store) == by_hand(store)


def test_policies_do_by_themselves_what_is_done_here_by_hand(store: Connection) -> None:
    with transaction(store):
        store.execute("SELECT decompress_chunk(c) FROM show_chunks('fix') c")
        jobs = dict(store.execute(
            "SELECT proc_name || ' ' || hypertable_name, job_id FROM timescaledb_information.jobs WHERE job_id >= 1000"
        ).fetchall())  # fmt: skip
    store.autocommit = True
    store.execute("CALL run_job(%s)", (jobs["policy_compression fix"],))
    store.execute("CALL run_job(%s)", (jobs["policy_compression activity"],))
    store.execute("CALL run_job(%s)", (jobs["policy_compression fix_copy"],))
    store.execute("CALL run_job(%s)", (jobs["policy_compression weighing"],))
    store.autocommit = False
    with transaction(store):
        assert {one.name: one.compressed for one in table_sizes(store)}["fix"] == DAYS


def test_bytes_a_fix(store: Connection) -> None:
    """A guard, not a measure: of fixes as simple as these compression leaves a few bytes."""
    with transaction(store):
        size = scalar(store, "SELECT sum(after_compression_total_bytes) FROM chunk_compression_stats('fix')")
    assert size / (DAYS * len(VEHICLES) * 720) < 40
    assert np.isfinite(float(size))
