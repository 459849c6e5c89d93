from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

import storage
from cli.checking.windows import check
from rules.law import load
from storage.commit import Batch, commit_batch
from storage.database import Connection, connect, scalar, transaction
from storage.errors import MigrationRefused
from storage.migrate import load_migrations, migrate, require_same


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (a int); INSERT INTO first VALUES (1);")
    (tmp_path / "0002_second.sql").write_text("CREATE TABLE second (b int);")
    return tmp_path


def test_no_migration_is_edited() -> None:
    """A store refuses a program whose migrations are not those that made it: of a published one not a comment changes.

    `cd storage/migrations && sha256sum *.sql > ../../tests/storage/migrations.sha256`, when one has been added.
    """
    published = Path(__file__).with_name("migrations.sha256").read_text(encoding="ascii").splitlines()
    folder = Path(storage.__file__).parent / "migrations"
    now = [f"{sha256(one.read_bytes()).hexdigest()}  {one.name}" for one in sorted(folder.glob("*.sql"))]
    assert now == published


def test_once_and_only_once(empty_database: str) -> None:
    with connect(empty_database) as connection:
        numbers = [one.number for one in load_migrations()]
        assert migrate(connection) == numbers
        assert migrate(connection) == []
        assert scalar(connection, "SELECT count(*) FROM migration") == len(numbers)


def test_every_table_and_every_quantity_is_described(connection: psycopg.Connection) -> None:
    bare = connection.execute(
        """SELECT relname FROM pg_class
           WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
           AND relname <> 'migration'
           AND obj_description(oid, 'pg_class') IS NULL"""
    ).fetchall()
    assert bare == []
    units = (
        "%\\_kg",
        "%\\_mm",
        "%\\_s",
        "%\\_m",
        "%\\_dkmh",
        "%\\_deg",
        "%\\_permille",
        "%\\_e7",
        "heading",
        "day",
    )
    unsaid = connection.execute(
        """SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
           AND NOT c.relispartition AND c.relname <> 'fix_copy'
           AND a.attname LIKE ANY(%s) AND col_description(c.oid, a.attnum) IS NULL""",
        (list(units),),
    ).fetchall()
    assert unsaid == []


def test_only_what_is_missing(empty_database: str, folder: Path) -> None:
    with connect(empty_database) as connection:
        assert migrate(connection, folder) == [1, 2]
        (folder / "0003_third.sql").write_text("CREATE TABLE third (c int);")
        assert migrate(connection, folder) == [3]


def test_a_failing_file_leaves_nothing_of_itself(empty_database: str, folder: Path) -> None:
    (folder / "0003_third.sql").write_text("CREATE TABLE third (c int); SELECT nonsense;")
    with connect(empty_database) as connection:
        with pytest.raises(psycopg.errors.UndefinedColumn):
            migrate(connection, folder)
        assert scalar(connection, "SELECT max(number) FROM migration") == 2
        assert scalar(connection, "SELECT to_regclass('third')") is None


def test_a_newer_database_is_refused(empty_database: str, folder: Path) -> None:
    with connect(empty_database) as connection:
        migrate(connection, folder)
        (folder / "0002_second.sql").unlink()
        with pytest.raises(MigrationRefused, match=r"0002_second\.sql, this program knows 1: update the program"):
            migrate(connection, folder)


def test_a_changed_old_file_is_refused(empty_database: str, folder: Path) -> None:
    with connect(empty_database) as connection:
        migrate(connection, folder)
        (folder / "0001_first.sql").write_text("CREATE TABLE first (a bigint);")
        with pytest.raises(MigrationRefused, match=r"0001_first\.sql was applied with other contents"):
            migrate(connection, folder)


def test_line_ends_are_no_change(empty_database: str, folder: Path) -> None:
    (folder / "0001_first.sql").write_bytes(b"CREATE TABLE first (a int);\n")
    with connect(empty_database) as connection:
        migrate(connection, folder)
        (folder / "0001_first.sql").write_bytes(b"CREATE TABLE first (a int);\r\n")
        assert migrate(connection, folder) == []


def test_a_gap_in_the_numbers_is_refused(folder: Path) -> None:
    (folder / "0004_fourth.sql").write_text("SELECT 1")
    with pytest.raises(ValueError, match="not numbered"):
        load_migrations(folder)


def test_two_at_once(empty_database: str) -> None:
    def run(_: int) -> list[int]:
        with connect(empty_database) as connection:
            return migrate(connection)

    with ThreadPoolExecutor(4) as pool:
        applied = sorted(number for numbers in pool.map(run, range(4)) for number in numbers)
    assert applied == [one.number for one in load_migrations()]


@pytest.mark.native_server
def test_a_user_who_may_only_create_tables_can_migrate(empty_database: str) -> None:
    with connect(empty_database) as connection:
        connection.execute("DROP ROLE IF EXISTS hanhtrinh_plain")
        connection.execute("CREATE ROLE hanhtrinh_plain")
        connection.execute("GRANT CREATE ON SCHEMA public TO hanhtrinh_plain")
        connection.commit()
        connection.execute("SET SESSION AUTHORIZATION hanhtrinh_plain")
        connection.commit()
        assert migrate(connection)[0] == 1
        connection.execute("RESET SESSION AUTHORIZATION")
        connection.execute("DROP OWNED BY hanhtrinh_plain CASCADE")
        connection.execute("DROP ROLE hanhtrinh_plain")
        connection.commit()


def test_a_migration_waits_for_transactions_that_hold_the_schema(
    database: str, connection: Connection, second: Connection, tmp_path: Path
) -> None:
    for one in load_migrations():
        (tmp_path / one.name).write_bytes(one.text)
    (tmp_path / f"{len(load_migrations()) + 1:04}_next.sql").write_text("CREATE TABLE next (a int)")
    with ThreadPoolExecutor() as pool:
        with transaction(connection):
            require_same(connection)
            migrating = pool.submit(migrate, second, tmp_path)
            with pytest.raises(TimeoutError):
                migrating.result(1)
            require_same(connection)
        assert migrating.result(30) == [len(load_migrations()) + 1]
    for _ in range(2):
        with pytest.raises(MigrationRefused, match=r"_next\.sql while this process ran"), transaction(connection):
            require_same(connection)
    with transaction(connection):
        require_same(connection, tmp_path)


def test_a_commit_and_a_round_of_check_write_nothing_into_another_schema(connection: Connection) -> None:
    connection.execute(
        "INSERT INTO migration (number, name, hash) SELECT max(number) + 1, '9999_next.sql', 'x' FROM migration"
    )
    connection.commit()
    with pytest.raises(MigrationRefused, match=r"brought to 9999_next\.sql"):
        commit_batch(connection, Batch("test"))
    with pytest.raises(MigrationRefused, match=r"brought to 9999_next\.sql"):
        check(connection, load(), "code")
    assert scalar(connection, "SELECT count(*) FROM batch") == 0
