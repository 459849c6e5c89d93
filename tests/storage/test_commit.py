# ruff: noqa: S608
from __future__ import annotations

from typing import Any

import polars as pl
import psycopg
import pytest

from journey.localtime import day_of
from journey.model import Flag, Notice, Reason, Rejection, Scale
from storage.commit import commit_batch, source_offset
from storage.database import Connection, scalar
from storage.errors import OffsetMismatch, Unstorable
from storage.stations.weighings import weighings_of_period
from storage.tracks import load_fixes
from storage.windows import take, waiting
from storage.wire import FLAGGED, TIME_MAX, TIME_MIN
from tests.storage.samples import DAY, NOON, fix, frame, stretch, weighing

EVERYTHING = [("12C12345", TIME_MIN, TIME_MAX + 1)]


def commit(connection: Connection, start: int, fixes: list[Any], **fields: Any) -> Any:
    return commit_batch(connection, stretch("s", start, start + 1, frame(fixes), **fields))


def number(connection: Connection, query: str) -> Any:
    return scalar(connection, query)


def test_what_goes_in_comes_out(connection: Connection) -> None:
    fixes = [
        fix(),
        fix(time=NOON + 1, driver=None, lon=-179.999, lat=-89.9, speed_dkmh=-15, heading=359.5, altitude_m=-3.25,
            ignition=True, door=False, aircon=None, received=NOON + 9, scaled=True),
        fix(time=NOON + 2, ignition=None, door=True, aircon=False, heading=0.0),
        fix(time=TIME_MIN, received=TIME_MIN, aircon=True, ignition=False),
        fix(time=TIME_MAX, received=TIME_MAX, lon=1e300, lat=5e-324, speed_dkmh=2**31 - 1),
        fix(time=NOON + 3, received=TIME_MAX, lon=-180.0, lat=0.0000001),
        fix("粤B·12345", driver="Ω12345"),
    ]  # fmt: skip
    done = commit(connection, 0, fixes)
    assert (done.fixes, done.inserted, done.duplicates, done.replaced) == (7, 7, 0, 0)
    loaded = load_fixes(connection, [*EVERYTHING, ("粤B·12345", NOON, NOON + 1), ("99A99999", 0, NOON)])
    expected = frame(fixes).drop("flags").sort("vehicle", "time")
    assert loaded.rows() == expected.rows()
    assert loaded.schema == expected.schema
    nowhere = loaded.filter(time=TIME_MAX)
    assert (nowhere["lon"][0], nowhere["lat"][0]) == (214.0, 0.0)


def test_flags_are_kept_and_scaled_is_one_of_them(connection: Connection) -> None:
    fixes = [fix(time=NOON + place, scaled=place == 3) for place in range(4)]
    commit_batch(connection, stretch("s", 0, 1, frame(fixes, [int(Flag.ZERO | Flag.OUTSIDE), 0, int(Flag.SWAPPED), 0])))
    rows = connection.execute("SELECT flags, scaled FROM fix ORDER BY time").fetchall()
    assert rows == [(5, False), (0, False), (2, False), (128, True)]


def test_an_empty_batch_moves_the_offset(connection: Connection) -> None:
    assert source_offset(connection, "s") is None
    commit_batch(connection, stretch("s", 7, 20))
    assert source_offset(connection, "s") == 20


def test_a_part_that_is_committed_already_is_refused(connection: Connection) -> None:
    commit(connection, 0, [fix()])
    with pytest.raises(OffsetMismatch, match="starts at 0 but the store stands at 1; resume from there"):
        commit(connection, 0, [fix(time=NOON + 1)])
    with pytest.raises(OffsetMismatch):
        commit(connection, 2, [fix(time=NOON + 1)])
    assert number(connection, "SELECT count(*) FROM fix") == 1
    assert number(connection, "SELECT count(*) FROM batch") == 1
    connection.commit()
    commit(connection, 1, [fix(time=NOON + 1)])


def test_of_two_processes_at_one_source_one_is_refused(connection: Connection, second: Connection) -> None:
    connection.execute("INSERT INTO source_offset (source, position) VALUES ('s', 5)")
    connection.commit()
    assert source_offset(second, "s") == 5
    second.commit()
    commit(connection, 5, [fix()])
    with pytest.raises(OffsetMismatch):
        commit(second, 5, [fix()])


def test_backwards_is_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match="runs backwards"):
        commit_batch(connection, stretch("s", 2, 1))


def test_an_open_transaction_is_refused(connection: Connection) -> None:
    connection.execute("SELECT 1")
    with pytest.raises(RuntimeError, match="commit it first"):
        commit(connection, 0, [fix()])


@pytest.mark.parametrize("fields", [{"time": TIME_MAX + 1}, {"time": -(2**62)}, {"received": TIME_MIN - 1}])
def test_a_time_out_of_the_calendar_is_refused_whole(connection: Connection, fields: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="cannot be stored"):
        commit(connection, 0, [fix(time=NOON), fix(**fields)])
    with pytest.raises(ValueError, match="cannot be stored"):
        commit(connection, 0, [fix()], weighings=[weighing(time=TIME_MAX + 1)])
    assert number(connection, "SELECT count(*) FROM fix") == 0
    assert source_offset(connection, "s") is None


def test_copies_in_one_batch(connection: Connection) -> None:
    done = commit(connection, 0, [fix(received=9), fix(received=8, speed_dkmh=1), fix(), fix(received=8, speed_dkmh=0)])
    assert (done.inserted, done.duplicates, done.replaced) == (1, 3, 0)
    assert number(connection, "SELECT speed_dkmh FROM fix") == 0
    assert number(connection, "SELECT count(*) FROM fix_copy") == 3


def test_a_later_better_copy_changes_places(connection: Connection) -> None:
    first = commit(connection, 0, [fix(received=9, lon=100.0, door=True)])
    done = commit(connection, 1, [fix(received=8, lon=101.0, driver=None)])
    assert (done.inserted, done.duplicates, done.replaced) == (0, 1, 1)
    columns = "lon_e7, door, driver_id IS NULL, extract(epoch FROM time)::bigint + delay_s, batch_id"
    standing = connection.execute(f"SELECT {columns} FROM fix").fetchall()
    assert standing == [(1_010_000_000, None, True, 8, done.batch_id)]
    copies = connection.execute(f"SELECT {columns} FROM fix_copy").fetchall()
    assert copies == [(1_000_000_000, True, False, 9, first.batch_id)]


def test_a_later_worse_copy_stays_beside(connection: Connection) -> None:
    commit(connection, 0, [fix(received=8)])
    touched = number(connection, "SELECT touched FROM vehicle_day")
    connection.commit()
    done = commit(connection, 1, [fix(received=9), fix()])
    assert (done.inserted, done.duplicates, done.replaced) == (0, 2, 0)
    assert number(connection, "SELECT extract(epoch FROM time)::bigint + delay_s FROM fix") == 8
    assert number(connection, "SELECT touched FROM vehicle_day") == touched


def test_one_scaled_copy_marks_the_standing_fix_and_no_other(connection: Connection) -> None:
    commit(connection, 0, [fix(received=5)])
    touched = number(connection, "SELECT touched FROM vehicle_day")
    connection.commit()
    commit(connection, 1, [fix(received=6, scaled=True)])
    assert number(connection, "SELECT flags FROM fix") == 128
    assert number(connection, "SELECT touched FROM vehicle_day") > touched
    connection.commit()
    commit(connection, 2, [fix(received=4)])
    rows = connection.execute("SELECT flags, scaled FROM fix").fetchall()
    assert rows == [(128, False)]
    copies = connection.execute("SELECT flags, scaled FROM fix_copy ORDER BY time, delay_s").fetchall()
    assert copies == [(0, False), (128, True)]
    assert load_fixes(connection, EVERYTHING)["scaled"].to_list() == [True]


def test_names_that_postgresql_cannot_hold(connection: Connection) -> None:
    done = commit(
        connection,
        0,
        [fix("A\0B"), fix("A\0B", received=1), fix("C", driver="790123\0")],
        weighings=[weighing(plate="A\0B", station="K\0", ticket="t\0")],
        notices=[Notice("driver", "x\0", {"na\0me": ["\0", {"\0": 1.5}], "lone": "\ud800"})],
        rejections=[Rejection("s\0", "line\0", Reason.UNDECODABLE, "NUL \0", b"\0\xff", 2**60)],
    )
    assert (done.inserted, done.duplicates) == (2, 1)
    assert number(connection, "SELECT count(*) FROM vehicle WHERE plate = 'A\ufffdB'") == 1
    assert number(connection, "SELECT body->>'lone' FROM notice") == "\ufffd"
    assert connection.execute("SELECT payload, received FROM rejection").fetchall() == [(b"\0\xff", None)]


def test_minus_zero_is_zero(connection: Connection) -> None:
    commit(connection, 0, [fix(lon=-0.0, lat=-0.0, heading=-0.0), fix(lon=0.0, lat=0.0, heading=0.0)])
    assert number(connection, "SELECT lon_e7::text || lat_e7::text || heading::text FROM fix") == "000"


def test_days_are_touched_once_each(connection: Connection) -> None:
    commit(connection, 0, [fix(), fix(time=NOON + 5), fix(time=NOON + 86_400), fix("29B00001", NOON)])
    windows = take(connection, 100)
    assert [(one.plate, one.day) for one in windows] == [
        ("12C12345", DAY), ("12C12345", DAY + 1), ("29B00001", DAY),
    ]  # fmt: skip
    assert day_of(NOON) == DAY


def test_weighings_once_by_every_field(connection: Connection) -> None:
    bare = weighing(lane=None, trailer="12R00001", persons=None, containers=None, ticket=None)
    every = [weighing(), weighing(), bare,
             weighing(time=NOON + 86_400, axle_kg=(), spacing_mm=()),
             weighing(scale=Scale("WIM", "KD", "2026-12-31", 20, 425, 979, "a.jpg")),
             weighing(scale=Scale("W"))]  # fmt: skip
    assert commit(connection, 0, [], weighings=every).weighings == 5
    assert waiting(connection) == 2
    connection.execute("UPDATE vehicle_day SET checked = touched")
    connection.commit()
    assert commit(connection, 1, [], weighings=every).weighings == 0
    assert waiting(connection) == 0
    assert set(weighings_of_period(connection, NOON, NOON + 86_401)) == set(every)


def test_everything_or_nothing(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise psycopg.DataError("at the last step")

    with monkeypatch.context() as patch:
        patch.setattr("storage.commit.touch", fail)
        with pytest.raises(Unstorable, match="at the last step"):
            commit(connection, 0, [fix()], weighings=[weighing()])
    for table in ("fix", "weighing", "batch", "source_offset", "vehicle"):
        assert number(connection, f"SELECT count(*) FROM {table}") == 0
    connection.commit()
    commit(connection, 0, [fix()])


def test_counts_are_on_record(connection: Connection) -> None:
    rejected = Rejection("s", "line 2", Reason.OUT_OF_RANGE, "speed", b"x", NOON)
    noticed = Notice("vehicle", "12C12345", {"nơi": "Hà Nội"})
    commit(connection, 0, [fix()])
    done = commit(connection, 1, [fix(received=1), fix(time=NOON + 1), fix(time=NOON + 1)], weighings=[weighing()],
                  notices=[noticed], rejections=[rejected, rejected], received=NOON)  # fmt: skip
    columns = "fixes, inserted, duplicates, replaced, weighings, notices, rejections"
    row = connection.execute(f"SELECT {columns} FROM batch WHERE id = %s", (done.batch_id,)).fetchone()
    assert row == (3, 1, 2, 1, 1, 1, 2)
    assert row == (done.fixes, done.inserted, done.duplicates, done.replaced, done.weighings, done.notices,
                   done.rejections)  # fmt: skip
    assert number(connection, "SELECT body FROM notice") == {"nơi": "Hà Nội"}


def test_the_frame_may_come_in_any_order_of_columns(connection: Connection) -> None:
    shuffled = frame([fix()]).select(reversed(FLAGGED.names()))
    commit_batch(connection, stretch("s", 0, 1, shuffled.with_columns(pl.col("vehicle"))))
    assert len(load_fixes(connection, EVERYTHING)) == 1
