"""An upgrade rehearsed: a store of an older schema, its backup, the restore by this program, every row afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from storage.database import connect, scalar
from storage.migrate import load_migrations, migrate
from tests.cli.command import called
from tests.operations.filled import fill_boards
from tests.versions.program import Program

OLD = 8  # the schema of 0008_layout.sql: the tables as they are now, before people, lists and cases
_COLUMNS = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attname)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND c.relname <> 'migration'
    GROUP BY 1
"""


@pytest.fixture
def older(database: str, empty_database: str, tmp_path: Path) -> str:
    """A store of the old schema with what the real store has in the tables and columns of then."""
    files = tmp_path / "migrations"
    files.mkdir()
    for one in load_migrations()[:OLD]:
        (files / one.name).write_bytes(one.text)
    with connect(database) as now, connect(empty_database) as then:
        fill_boards(now)
        assert migrate(then, files) == list(range(1, OLD + 1))
        then.execute("SET session_replication_role = replica")
        kept = columns(now)
        every = sql.SQL(", ").join(map(sql.Identifier, columns(then)))
        then.execute(sql.SQL("TRUNCATE {}").format(every))  # the rows that migrations put in come with the others
        for table, names in columns(then).items():
            shared = [name for name in names if name in kept.get(table, ())]
            listed = sql.SQL(", ").join(map(sql.Identifier, shared))
            reads = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(listed, sql.Identifier(table))
            writes = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), listed)
            with now.cursor().copy(reads) as out, then.cursor().copy(writes) as into:
                for data in out:
                    into.write(data)
        then.commit()
    return empty_database


def columns(connection: psycopg.Connection) -> dict[str, list[str]]:
    return dict(connection.execute(_COLUMNS).fetchall())


def contents(connection: psycopg.Connection, tables: dict[str, list[str]]) -> dict[str, list[str]]:
    """Every row of the tables as text, by these columns, in order."""
    found = {}
    for table, names in tables.items():
        query = sql.SQL("SELECT ROW({})::text FROM {} ORDER BY 1").format(
            sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(table)
        )
        found[table] = [row for (row,) in connection.execute(query)]
    return found


@pytest.fixture
def target(server: str) -> Iterator[str]:
    """URL of one more empty database."""
    name = "hanhtrinh_upgraded"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    yield make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.native_server
def test_an_older_backup_becomes_a_store_of_now_with_every_row(older: str, target: str, tmp_path: Path) -> None:
    file = tmp_path / "before.dump"
    done = called("db", "backup", file, DATABASE_URL=older)
    assert done.code == 0, done
    with connect(older) as connection:
        tables = columns(connection)
        before = contents(connection, tables)
        assert scalar(connection, "SELECT max(number) FROM migration") == OLD
    assert sum(map(len, before.values())) > 100
    full = "fix finding weighing vehicle_day day_summary run batch rejection notice intake outage operator vehicle"
    assert [table for table in full.split() if not before[table]] == []

    done = called("db", "restore", file, DATABASE_URL=target)
    assert done.code == 0, done
    assert f"{len(load_migrations()) - OLD} migrations applied since" in done.out
    with connect(target) as connection:
        now = columns(connection)
        assert {
            table: [name for name in names if name not in now.get(table, ())] for table, names in tables.items()
        } == {table: [] for table in tables}
        assert contents(connection, tables) == before
    # It is a store like any other: nothing of it is judged anew by itself, and its books add up.
    assert called("counts", DATABASE_URL=target).code == 0
    assert called("reconcile", "--verify", "--from", "2024-01-01", "--to", "2024-01-02", DATABASE_URL=target).code == 0

    # In place: the same migrations over the old store itself give the same rows.
    done = called("db", "migrate", DATABASE_URL=older)
    assert done.code == 0, done
    with connect(older) as connection:
        assert contents(connection, tables) == before

    # The way back is the backup of before, with the program of before: this one's is refused there, and says why.
    newer = Program(tmp_path / "newer")
    assert newer.run("counts", DATABASE_URL=target).code == 0
    said = called("counts", DATABASE_URL=target)
    assert said.code == 1
    assert "a database does not go back" in said.err
