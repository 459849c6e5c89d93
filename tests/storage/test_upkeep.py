"""What the server's statistics make of the tables."""

from __future__ import annotations

import pytest

from storage.commit import commit_batch
from storage.database import Connection, transaction
from storage.upkeep.status import clients, reach, table_sizes
from storage.upkeep.vacuum import TableCare, plan, table_care
from tests.storage.samples import NOON, fix, frame, stretch

pytestmark = pytest.mark.native_server

GOOD = TableCare("fix", 1000, 0, 0, None, None, 1 << 30, 900 << 20, False, False, False)


def test_nothing_is_due_of_a_table_in_shape() -> None:
    assert plan([GOOD, GOOD._replace(name="day_summary", heap_bytes=60 << 20, needed_bytes=1)]) == []


def test_what_is_due_is_said_once_and_what_locks_comes_last() -> None:
    tables = [
        GOOD._replace(name="bloated", needed_bytes=100 << 20, analyse_due=True, changed=9),
        GOOD._replace(name="dead", dead=500, vacuum_due=True, analyse_due=True),
        GOOD._replace(name="old", vacuum_due=True, freeze_due=True),
        GOOD._replace(name="unknown", needed_bytes=None),
    ]
    assert [(one.sql, one.locks) for one in plan(tables)] == [
        ("ANALYZE bloated;", False),
        ("VACUUM (ANALYZE) dead;", False),
        ("VACUUM (FREEZE, ANALYZE) old;", False),
        ("VACUUM (FULL, ANALYZE) bloated;", True),
    ]


def test_dead_rows_make_a_vacuum_due_and_a_vacuum_settles_it(connection: Connection) -> None:
    connection.execute("ALTER TABLE batch SET (autovacuum_enabled = off)")
    connection.execute("INSERT INTO batch (connection) SELECT 'x' FROM generate_series(1, 400)")
    connection.execute("UPDATE batch SET fixes = 1")
    connection.commit()
    connection.execute("SELECT pg_stat_force_next_flush()")
    connection.commit()
    with transaction(connection):
        before = {one.name: one for one in table_care(connection)}["batch"]
    assert (before.dead, before.vacuum_due, before.vacuumed_at) == (400, True, None)
    assert "VACUUM (ANALYZE) batch;" in [one.sql for one in plan([before])]
    connection.autocommit = True
    connection.execute("VACUUM (ANALYZE) batch")
    connection.execute("SELECT pg_stat_force_next_flush()")
    after = {one.name: one for one in table_care(connection)}["batch"]
    assert (after.dead, after.vacuum_due, after.analyse_due) == (0, False, False)
    assert after.vacuumed_at is not None
    assert after.needed_bytes is not None
    assert 0 < after.needed_bytes <= after.heap_bytes


def test_sizes_and_reach(connection: Connection, second: Connection) -> None:
    commit_batch(connection, stretch("s", 0, 1, frame([fix(time=NOON), fix("29B00001", NOON - 9), fix(time=NOON + 9)])))
    connection.execute("ANALYZE fix")
    connection.commit()
    with transaction(second):
        assert reach(second) == (NOON - 9, NOON + 9)
        sizes = {one.name: one for one in table_sizes(second)}
        assert sizes["fix"].rows == 3
        assert sizes["fix_copy"].rows is None
        assert sizes["fix"].total_bytes >= 16384
        assert [(one.application, one.connections) for one in clients(second)] == [("hanhtrinh", 1)]


def test_of_a_table_in_parts_the_sum_is_told(connection: Connection) -> None:
    connection.execute(
        """CREATE TABLE cut (a int) PARTITION BY RANGE (a);
           CREATE TABLE cut_low PARTITION OF cut FOR VALUES FROM (0) TO (10);
           CREATE TABLE cut_high PARTITION OF cut FOR VALUES FROM (10) TO (20);
           INSERT INTO cut SELECT generate_series(5, 14);
           ANALYZE cut"""
    )
    sizes = {one.name: one for one in table_sizes(connection)}
    assert sizes["cut"].rows == 10
    assert sizes["cut"].total_bytes == 16384
    assert "cut_low" not in sizes
