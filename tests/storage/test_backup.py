"""A store as one file and back: every row, and every list made from it, is what it was."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.checking.windows import check
from cli.root import code_version
from journey.casework import Step
from journey.localtime import midnight
from journey.model import Reason, Rejection
from storage.access import issue
from storage.audit.log import By
from storage.cases.attachments import attach
from storage.cases.steps import take_step
from storage.commit import commit_batch
from storage.database import connect, scalar, transaction
from storage.errors import BackupRefused, StoreUnavailable
from storage.migrate import load_migrations, migrate
from storage.roles import apply_roles
from storage.server.programs import choose
from storage.upkeep.backup import count_rows, dump, restore, target
from storage.windows import touch_again
from tests.casefolder import LAW
from tests.cli.command import COMMAND, Done, called, environment
from tests.people.samples import person
from tests.storage.samples import fix as one_fix
from tests.storage.samples import frame, stretch
from tests.whatif.sample import case, fixes, take_in

pytestmark = pytest.mark.native_server

START = midnight(date(2025, 3, 3))
WEEK = "2025-W10"


@pytest.fixture(scope="module")
def filled(module_database: str) -> str:
    """A judged week with findings, copies, rejections, a secret, and a finding that was withdrawn."""
    weighing = {"station": "KT1", "lane": 1, "time": START, "plate": "12C12345", "trailer": None,
                "axle_kg": [20000, 20000], "spacing_mm": [3300], "gross_kg": 40000}  # fmt: skip
    with connect(module_database) as connection:
        take_in(connection, case(fixes(START, 600, "140") + fixes(START + 660, 5 * 3600), weighings=[weighing]))
        rubbish = Rejection("north", "message", Reason.UNDECODABLE, "rubbish", bytes(range(256)), START)
        commit_batch(connection, stretch("north", 0, 1, rejections=[rubbish]))
        check(connection, LAW, code_version())
        again = one_fix(time=START, driver="790123456789", lon=106.7, lat=15.0, speed_dkmh=10)
        commit_batch(connection, stretch("late", 0, 1, frame([again, one_fix(time=START + 5, lon=106.7, lat=15.0)])))
        check(connection, LAW, code_version())
        issue(connection, "OP1")
        lan = person(connection, "lan", "inspector")
        opened = str(scalar(connection, "SELECT id FROM finding WHERE withdrawn_at IS NULL LIMIT 1"))
        take_step(connection, By(lan, ""), opened, Step.OPEN, None, START)
        attach(connection, By(lan, ""), opened, "a.pdf", b"%PDF-1.7 %%EOF", START)
        connection.commit()
        assert scalar(connection, "SELECT count(*) FROM finding WHERE withdrawn_at IS NOT NULL") > 0
    return module_database


def rows(url: str) -> dict[str, list[str]]:
    """Every row of every table as text, and where every sequence stands."""
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        found = {
            name: [text for (text,) in connection.execute(
                sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(name)))]
            for (name,) in names
        }  # fmt: skip
        found["sequences"] = [str(row) for row in connection.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1")]  # fmt: skip
    return found


def schema(url: str) -> list[Any]:
    """Columns, constraints, indexes, views, triggers with their functions, and comments."""
    with psycopg.connect(url) as connection:
        return [
            connection.execute(query).fetchall()
            for query in (
                """SELECT table_name, column_name, data_type, collation_name, column_default, is_nullable
                   FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2""",
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
                """SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
                   WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
                """SELECT pg_get_triggerdef(t.oid), prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid
                   WHERE NOT tgisinternal AND pronamespace = 'public'::regnamespace ORDER BY 1""",
                "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
                """SELECT objoid::regclass::text, attname, description
                   FROM pg_description LEFT JOIN pg_attribute ON attrelid = objoid AND attnum = objsubid AND attnum > 0
                   WHERE classoid = 'pg_class'::regclass AND objoid IN
                       (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY 1, 2, 3""",
            )
        ]


def saved(url: str, file: Path) -> Done:
    done = called("db", "backup", file, DATABASE_URL=url)
    assert (done.code, done.err) == (0, "")
    return done


def exported(url: str, folder: Path) -> dict[str, bytes]:
    arguments = ("--week", WEEK, "--folder", folder, "--made-at", "1764000000")
    done = called("export", *arguments, DATABASE_URL=url)
    assert (done.code, done.err) == (0, "")
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_every_row_and_every_list_is_what_it_was(filled: str, empty_database: str, tmp_path: Path) -> None:
    file = tmp_path / "store.dump"
    saved(filled, file)
    done = called("db", "restore", file, DATABASE_URL=empty_database)
    assert (done.code, done.err) == (0, "")
    before, after = rows(filled), rows(empty_database)
    assert before.keys() == after.keys()
    for name, content in before.items():
        assert content == after[name], name
    assert min(len(before[name]) for name in ("fix", "fix_copy", "finding", "rejection", "access_key", "activity")) > 0
    assert schema(filled) == schema(empty_database)
    lists = exported(filled, tmp_path / "before")
    assert len(lists) == 6  # one a format, and the month's counters in two
    assert lists == exported(empty_database, tmp_path / "after")


def test_a_restored_store_judges_and_takes_in_as_the_first_one(
    filled: str, empty_database: str, tmp_path: Path
) -> None:
    saved(filled, tmp_path / "store.dump")
    assert called("db", "restore", tmp_path / "store.dump", DATABASE_URL=empty_database).code == 0
    with connect(empty_database) as connection:
        with transaction(connection):
            touch_again(connection, None)
        done = check(connection, LAW, code_version())
        assert (done.windows > 0, done.added, done.changed, done.withdrawn) == (True, 0, 0, 0)
        assert commit_batch(connection, stretch("new", 0, 1, frame([one_fix("29B00001")]))).inserted == 1


def test_a_database_that_holds_anything_is_refused_and_left_alone(filled: str, database: str, tmp_path: Path) -> None:
    saved(filled, tmp_path / "store.dump")
    before = rows(database)
    done = called("db", "restore", tmp_path / "store.dump", DATABASE_URL=database)
    assert (done.code, done.out) == (1, "")
    assert "the database is not empty" in done.err
    assert "restore into a new database" in done.err
    assert rows(database) == before


def test_a_damaged_file_is_refused_before_anything_is_written(filled: str, empty_database: str, tmp_path: Path) -> None:
    file = tmp_path / "store.dump"
    saved(filled, file)
    content = file.read_bytes()
    half = len(content) // 2
    for damaged in (content[:-1], content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]):
        file.write_bytes(damaged)
        done = called("db", "restore", file, DATABASE_URL=empty_database)
        assert (done.code, done.out) == (1, "")
        assert "is not the file that was written" in done.err
    assert rows(empty_database) == {"sequences": []}


def test_what_fails_half_way_leaves_nothing(filled: str, empty_database: str, tmp_path: Path) -> None:
    saved(filled, tmp_path / "store.dump")
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE DOMAIN vehicle_day AS int")  # the name of a table's row type; no table
    done = called("db", "restore", tmp_path / "store.dump", DATABASE_URL=empty_database)
    assert (done.code, done.out) == (1, "")
    assert "pg_restore failed and nothing is kept of what it did" in done.err
    assert rows(empty_database) == {"sequences": []}


def test_a_backup_of_a_newer_program_is_refused(filled: str, empty_database: str, tmp_path: Path) -> None:
    with connect(filled) as connection:
        connection.execute("INSERT INTO migration (number, name, hash) VALUES (99, '0099_later.sql', 'x')")
        connection.commit()
        saved(filled, tmp_path / "store.dump")
        connection.execute("DELETE FROM migration WHERE number = 99")
        connection.commit()
    done = called("db", "restore", tmp_path / "store.dump", DATABASE_URL=empty_database)
    assert done.code == 1
    assert "0099_later.sql, which this one does not know: update the program" in done.err
    assert rows(empty_database) == {"sequences": []}


def test_no_backup_is_written_over_and_none_is_left_half(database: str, empty_database: str, tmp_path: Path) -> None:
    file = tmp_path / "store.dump"
    done = called("db", "backup", file, DATABASE_URL=empty_database)
    assert done.code == 1
    assert "there is nothing to back up" in done.err
    assert list(tmp_path.iterdir()) == []
    saved(database, file)
    assert {path.name for path in tmp_path.iterdir()} == {"store.dump", "store.dump.json"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    content = file.read_bytes()
    again = called("db", "backup", file, DATABASE_URL=database)
    assert again.code == 2
    assert "no backup is ever written over" in again.err
    assert file.read_bytes() == content


def test_a_backup_that_fails_half_way_leaves_no_file(filled: str, tmp_path: Path) -> None:
    with connect(filled) as connection:
        apply_roles(connection)
    reader = make_conninfo(filled, options="-c role=hanhtrinh_reader")  # it may not read every table
    done = called("db", "backup", tmp_path / "store.dump", DATABASE_URL=reader)
    assert (done.code, done.out) == (1, "")
    assert "pg_dump failed and nothing is kept of what it did" in done.err
    assert "permission denied" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_killed_backup_leaves_no_file_of_that_name_and_the_next_one_is_whole(
    filled: str, empty_database: str, tmp_path: Path
) -> None:
    """pg_dump is held up by a lock that it waits for, and the command killed then."""
    file = tmp_path / "store.dump"
    waits = "SELECT pid FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = %s)"
    name = conninfo_to_dict(filled)["dbname"]
    with psycopg.connect(filled) as holder, psycopg.connect(filled, autocommit=True) as observer:
        holder.execute("LOCK TABLE weighing IN ACCESS EXCLUSIVE MODE")
        command = subprocess.Popen([COMMAND, "db", "backup", file], env=environment(DATABASE_URL=filled), cwd=tmp_path)
        deadline = time.monotonic() + 60
        while not (waiting := observer.execute(waits, (name,)).fetchall()) and time.monotonic() < deadline:
            assert command.poll() is None
        assert waiting
        command.kill()
        assert command.wait() == -signal.SIGKILL
        for (pid,) in waiting:
            observer.execute("SELECT pg_terminate_backend(%s)", (pid,))
    assert not file.exists()
    assert not file.with_name("store.dump.json").exists()
    saved(filled, file)
    assert called("db", "restore", file, DATABASE_URL=empty_database).code == 0
    assert rows(empty_database) == rows(filled)


def test_a_backup_without_its_account_is_refused(database: str, empty_database: str, tmp_path: Path) -> None:
    file = tmp_path / "store.dump"
    saved(database, file)
    beside = tmp_path / "store.dump.json"
    beside.write_text("{}")
    assert "not what `hanhtrinh db backup` writes" in called("db", "restore", file, DATABASE_URL=empty_database).err
    beside.unlink()
    done = called("db", "restore", file, DATABASE_URL=empty_database)
    assert done.code == 2
    assert "put it beside it" in done.err


def test_writers_go_on_while_the_snapshot_is_taken(filled: str, empty_database: str, tmp_path: Path) -> None:
    """What a transaction has not committed when the backup begins is not in it, though it commits before the end."""
    with connect(filled) as writer:
        writer.execute("INSERT INTO vehicle (plate) VALUES ('99Z99999')")
        saved(filled, tmp_path / "store.dump")
        writer.rollback()
    assert called("db", "restore", tmp_path / "store.dump", DATABASE_URL=empty_database).code == 0
    with connect(empty_database) as connection:
        assert scalar(connection, "SELECT count(*) FROM vehicle WHERE plate = '99Z99999'") == 0


def test_an_older_backup_is_brought_up_to_date(empty_database: str, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    for one in load_migrations()[:5]:
        (folder / one.name).write_bytes(one.text)
    with connect(empty_database) as connection:
        migrate(connection, folder)
        with transaction(connection):
            assert "service_day" not in count_rows(connection)
    saved(empty_database, tmp_path / "store.dump")
    with psycopg.connect(empty_database) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    done = called("db", "restore", tmp_path / "store.dump", DATABASE_URL=empty_database)
    assert (done.code, done.err) == (0, "")
    assert f"{len(load_migrations()) - 5} migrations applied since" in done.out
    with connect(empty_database) as connection, transaction(connection):
        assert "service_day" in count_rows(connection)


def test_the_embedded_store_goes_into_a_new_folder(data_folder: Path, tmp_path: Path) -> None:
    assert called("--data", data_folder, "db", "migrate").code == 0
    done = called("--data", data_folder, "db", "backup", tmp_path / "store.dump")
    assert (done.code, done.err) == (0, "")
    done = called("--data", data_folder.with_name("new"), "db", "restore", tmp_path / "store.dump")
    assert (done.code, done.err) == (0, "")


def test_no_password_stands_on_a_command_line() -> None:
    name, environment = target("postgresql://user:s3cret@db.example:5433/store?sslmode=require")
    assert "s3cret" not in name
    assert environment["PGPASSWORD"] == "s3cret"
    assert conninfo_to_dict(name) == {"user": "user", "host": "db.example", "port": "5433", "dbname": "store",
                                      "sslmode": "require", "application_name": "hanhtrinh db"}  # fmt: skip


def test_the_program_fits_the_server() -> None:
    found = [(16, Path("wheel16")), (18, Path("wheel18")), (15, Path("debian15")), (18, Path("debian18"))]
    assert [choose(found, "pg_dump", major) for major in (14, 15, 16, 17, 18)] == [
        Path("debian15"), Path("debian15"), Path("wheel16"), Path("wheel18"), Path("wheel18")]  # fmt: skip
    with pytest.raises(StoreUnavailable, match=r"pg_dump of PostgreSQL 19 or later .* 15, 16, 18; .*postgresql-client"):
        choose(found, "pg_dump", 19)
    with pytest.raises(StoreUnavailable, match="versions found: none"):
        choose([], "pg_dump", 15)


def test_a_backup_on_timescaledb_needs_a_server_that_has_it(filled: str, empty_database: str, tmp_path: Path) -> None:
    file = tmp_path / "dump"
    with connect(filled) as connection, file.open("w+b") as out:
        manifest = replace(dump(connection, filled, out, "0"), timescale="2.23.0")
    with connect(empty_database) as connection:
        with pytest.raises(BackupRefused, match=r"lies on TimescaleDB 2\.23\.0 and this database cannot have it"):
            restore(connection, empty_database, file, manifest)
        assert scalar(connection, "SELECT to_regclass('fix')") is None
