"""Fixes after their term: only what a backup holds goes, and nothing that was concluded from it changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cli.checking.windows import check
from cli.root import code_version
from journey.localtime import DAY_S, day_of, week_of, week_start
from rules import law as rulebook
from storage.commit import commit_batch
from storage.database import Connection, scalar, transaction
from storage.errors import DropRefused
from storage.stations.joins import days_to_join, replace_day
from storage.upkeep.backup import Manifest
from storage.upkeep.parts import make_parts
from storage.upkeep.retention import MARGIN_DAYS, backups_of, closed_before, drop, droppable
from storage.windows import touch_again, waiting
from tests.storage.samples import NOON, fix, frame, stretch, weighing

LAW = rulebook.load()
MONDAY = week_start(week_of(NOON))
WEEK_S = 7 * DAY_S
HORIZON = MONDAY + 2 * WEEK_S
AFTER = MONDAY + 8 * WEEK_S  # beyond the margin
MANIFEST = Manifest(1 << 40, "0", "18", 18, [], {}, 0, "c0ffee")


@pytest.fixture
def filled(connection: Connection) -> Connection:
    """Fixes in the first, second and ninth week, all of them judged."""
    make_parts(connection, day_of(MONDAY), day_of(MONDAY) + 70)
    times = [start + 10 * place for start in (NOON, NOON + WEEK_S, AFTER) for place in range(30)]
    sent = frame([fix(time=time, received=time + late) for time in times for late in (0, 5)])
    commit_batch(connection, stretch("s", 0, 1, sent, weighings=[weighing()]))
    check(connection, LAW, code_version())
    return connection


def number(connection: Connection, query: str) -> int:
    with transaction(connection):
        return int(scalar(connection, query))  # type: ignore[arg-type]


def test_parts_wholly_before_the_horizon_go_and_what_was_concluded_stays(filled: Connection) -> None:
    kept = {
        table: number(filled, f"SELECT count(*) FROM {table}")  # noqa: S608
        for table in ("activity", "day_summary", "service_day", "weighing", "finding", "vehicle_hour")
    }
    done = drop(filled, HORIZON, "b.dump", MANIFEST)
    assert {(one.table, one.rows) for one in done if one.rows} == {("fix", 30), ("fix_copy", 30)}
    assert number(filled, "SELECT count(*) FROM fix") == number(filled, "SELECT count(*) FROM fix_copy") == 30
    assert kept == {table: number(filled, f"SELECT count(*) FROM {table}") for table in kept}  # noqa: S608
    with transaction(filled):
        assert backups_of(filled, NOON, NOON + 1) == ["b.dump"]
        assert backups_of(filled, AFTER, AFTER + 1) == []
        assert droppable(filled, HORIZON) == []
        assert closed_before(filled) == day_of(HORIZON) + MARGIN_DAYS


def test_closed_days_are_stored_and_not_judged(filled: Connection) -> None:
    drop(filled, HORIZON, "b.dump", MANIFEST)
    last_closed = (day_of(HORIZON) + MARGIN_DAYS - 1) * DAY_S
    late = [fix(time=NOON + 7), fix(time=last_closed), fix(time=last_closed + DAY_S)]
    commit_batch(filled, stretch("s", 1, 2, frame(late)))
    assert number(filled, "SELECT count(*) FROM fix") == 33
    assert waiting(filled) == 1
    with transaction(filled):
        touch_again(filled, None)
    closed = "SELECT count(*) FROM vehicle_day WHERE touched > checked AND day < (SELECT closed_before FROM deployment)"
    assert number(filled, closed) == 0
    check(filled, LAW, code_version())
    assert waiting(filled) == 0


def test_nothing_goes_while_a_day_waits_to_be_judged(filled: Connection) -> None:
    commit_batch(filled, stretch("s", 1, 2, frame([fix(time=NOON + WEEK_S + 5)])))
    with pytest.raises(DropRefused, match="1 vehicle-days that would be closed wait to be judged"):
        drop(filled, HORIZON, "b.dump", MANIFEST)
    assert number(filled, "SELECT count(*) FROM fix") == 91
    with transaction(filled):
        assert closed_before(filled) < 0


def test_nothing_goes_that_came_after_the_backup(filled: Connection) -> None:
    made_at = number(filled, "SELECT floor(extract(epoch FROM max(committed_at)))::bigint FROM batch")
    with pytest.raises(DropRefused, match=r"came after b\.dump was made: make another backup"):
        drop(filled, HORIZON, "b.dump", replace(MANIFEST, made_at=made_at))
    assert number(filled, "SELECT count(*) FROM dropped") == 0
    assert drop(filled, HORIZON, "b.dump", replace(MANIFEST, made_at=made_at + 1))


@pytest.mark.native_server  # a chunk of TimescaleDB is a day
def test_a_part_on_the_horizon_stays(filled: Connection) -> None:
    done = drop(filled, HORIZON - 1, "b.dump", MANIFEST)
    assert max(one.part.end for one in done) <= HORIZON - 1
    assert number(filled, "SELECT count(*) FROM fix") == 60


def place_weighings(connection: Connection) -> None:
    """A weighing on its track on the day before the horizon's, on the horizon's own, and each day's clock."""
    with transaction(connection):
        vehicle = int(scalar(connection, "SELECT min(id) FROM vehicle"))
        for day in (day_of(HORIZON) - 1, day_of(HORIZON)):
            row = {"hash": f"{day:064x}", "time": day * DAY_S, "station": "KT12", "vehicle_id": vehicle,
                   "status": "silent"}  # fmt: skip
            clock = {"station": "KT12", "clock_s": 0, "spread_s": None, "passages": 0, "weighings": 1}
            replace_day(connection, day, [row], [clock], "v")


def test_weighings_on_tracks_go_with_the_fixes_and_the_weighings_stay(filled: Connection) -> None:
    place_weighings(filled)
    done = drop(filled, HORIZON, "b.dump", MANIFEST)
    assert {(one.table, one.rows) for one in done if one.table in ("weighing_place", "station_clock")} == {
        ("weighing_place", 1), ("station_clock", 1)}  # fmt: skip
    for table in ("weighing_place", "station_clock"):
        assert number(filled, f"SELECT min(day) FROM {table}") == day_of(HORIZON)  # noqa: S608
        kept = "SELECT rows FROM dropped WHERE name = %s AND backup = 'b.dump'"
        assert filled.execute(kept, (table,)).fetchall() == [(1,)]
        filled.rollback()
    assert number(filled, "SELECT count(*) FROM weighing") == 1
    assert [one.table for one in drop(filled, HORIZON, "c.dump", MANIFEST)] == []


def test_no_weighing_goes_that_was_placed_after_the_backup(filled: Connection) -> None:
    place_weighings(filled)
    placed_at = 1 << 39  # long after the fixes came
    with transaction(filled):
        filled.execute("UPDATE station_clock SET made_at = to_timestamp(%s::bigint)", (placed_at,))
    with pytest.raises(DropRefused, match=r"weighings were placed on tracks after b\.dump was made"):
        drop(filled, HORIZON, "b.dump", replace(MANIFEST, made_at=placed_at))
    assert number(filled, "SELECT count(*) FROM weighing_place") == 2
    assert number(filled, "SELECT count(*) FROM dropped") == 0
    assert number(filled, "SELECT count(*) FROM fix") == 90


def test_what_was_placed_on_days_that_are_closed_is_not_made_anew(filled: Connection) -> None:
    with transaction(filled):
        assert days_to_join(filled, day_of(MONDAY), day_of(AFTER)) == [day_of(NOON)]
    drop(filled, HORIZON, "b.dump", MANIFEST)
    with transaction(filled):
        assert days_to_join(filled, day_of(MONDAY), day_of(AFTER)) == []
