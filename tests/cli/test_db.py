"""`hanhtrinh db`: what it says of a store, and that saying it changes nothing."""

from __future__ import annotations

from pathlib import Path

from storage.commit import commit_batch
from storage.database import connect, scalar
from storage.migrate import load_migrations
from tests.cli.command import called
from tests.storage.samples import NOON, fix, frame, stretch

NAMES = [one.name for one in load_migrations()]


def test_an_empty_database_is_told_and_left_as_it_is(empty_database: str) -> None:
    done = called("db", "status", DATABASE_URL=empty_database)
    assert (done.code, done.err) == (0, "")
    for name in NAMES:
        assert f"migration {name}: missing" in done.out
    assert "in 0 tables" in done.out
    dry = called("db", "migrate", "--dry-run", DATABASE_URL=empty_database)
    assert dry.out.splitlines() == [f"{name}: would be applied" for name in NAMES]
    with connect(empty_database) as connection:
        assert scalar(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


def test_migrate_says_what_it_did_and_then_that_nothing_is_missing(empty_database: str) -> None:
    done = called("db", "migrate", DATABASE_URL=empty_database)
    assert (done.code, done.out.splitlines()) == (0, [f"{name}: applied" for name in NAMES])
    for arguments in (("migrate",), ("migrate", "--dry-run")):
        again = called("db", *arguments, DATABASE_URL=empty_database)
        assert again.out == "nothing is missing: the schema is what this program expects\n"


def test_status_of_a_store_with_data(database: str) -> None:
    with connect(database, "a reader") as connection:
        commit_batch(connection, stretch("s", 0, 1, frame([fix(time=NOON), fix(time=NOON + 60)])))
        done = called("db", "status", DATABASE_URL=database)
    assert (done.code, done.err) == (0, "")
    assert "TimescaleDB: not used" in done.out
    assert "fixes: 2024-10-04 12:00:00+07 to 2024-10-04 12:01:00+07" in done.out
    assert "vehicle-days waiting for check: 1" in done.out
    assert "missing" not in done.out
    assert "a reader" in done.out


def test_status_of_a_newer_store_says_so(database: str) -> None:
    with connect(database) as connection:
        connection.execute("INSERT INTO migration (number, name, hash) VALUES (99, '0099_later.sql', '')")
        connection.commit()
    done = called("db", "status", DATABASE_URL=database)
    assert done.code == 0
    assert "0099_later.sql, this program knows" in done.out
    assert called("db", "migrate", DATABASE_URL=database).code == 1


def test_the_embedded_store_says_what_its_disk_has_left(data_folder: Path) -> None:
    done = called("--data", data_folder, "db", "status")
    assert (done.code, done.err) == (0, "")
    assert "(embedded)" in done.out
    assert f"disk of {data_folder}: " in done.out


def test_the_vacuum_plan_runs_nothing(database: str) -> None:
    with connect(database) as connection:
        connection.autocommit = True
        connection.execute("ALTER TABLE batch SET (autovacuum_enabled = off)")
        connection.execute("INSERT INTO batch (connection) SELECT 'x' FROM generate_series(1, 400)")
        connection.execute("DELETE FROM batch")
        connection.execute("SELECT pg_stat_force_next_flush()")
        done = called("db", "vacuum-plan", DATABASE_URL=database)
        assert (done.code, done.err) == (0, "")
        assert "VACUUM (ANALYZE) batch; -- 400 dead rows beside 0" in done.out
        assert scalar(connection, "SELECT last_vacuum FROM pg_stat_user_tables WHERE relname = 'batch'") is None
