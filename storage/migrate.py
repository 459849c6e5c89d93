"""Bring a database to the form that this program expects. Forward only."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import psycopg

from storage.database import Connection, scalar, transaction
from storage.errors import MigrationRefused

_FOLDER = Path(__file__).parent / "migrations"
# Held while a schema is made or changed, and shared by every transaction that writes records or findings, so that none
# of them sees it change; any number that no other program on this database locks.
LOCK = 0x68616E68
_AT_WORK = """
    SELECT DISTINCT application_name FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'hanhtrinh %'
    AND application_name <> 'hanhtrinh db' ORDER BY 1
"""
_CREATE = """
    CREATE TABLE IF NOT EXISTS migration (
        number integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp())
"""


class Migration(NamedTuple):
    number: int
    name: str
    text: bytes

    @property
    def hash(self) -> str:
        return sha256(self.text).hexdigest()


def load_migrations(folder: Path = _FOLDER) -> list[Migration]:
    """The numbered files of a folder (0001_base.sql ...), in order. Raises ValueError where the numbers have gaps."""
    found = [
        Migration(int(path.name.split("_", 1)[0]), path.name, path.read_bytes().replace(b"\r\n", b"\n"))
        for path in sorted(folder.glob("*.sql"))
    ]
    if [one.number for one in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"{folder}: migrations are not numbered 1, 2, 3 ...")
    return found


class Applied(NamedTuple):
    number: int
    name: str
    hash: str
    applied_at: int  # s UTC


def migrate(connection: Connection, folder: Path = _FOLDER) -> list[int]:
    """Apply what is missing, each file in a transaction of its own, and give the numbers applied.

    Several processes may do so at once, and whoever may only read can call it where nothing is missing. Raises
    MigrationRefused if the database is newer than this program, was made by files other than these, or lacks something
    that this user may not add.
    """
    migrations = load_migrations(folder)
    done: list[int] = []
    with transaction(connection):
        missing = _missing(applied(connection), migrations)
    while missing:
        try:
            with transaction(connection):
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
                connection.execute(_CREATE)
                missing = _missing(applied(connection), migrations)
                if missing:
                    connection.execute(missing[0].text)
                    connection.execute(
                        "INSERT INTO migration (number, name, hash) VALUES (%s, %s, %s)",
                        (missing[0].number, missing[0].name, missing[0].hash),
                    )
        except psycopg.errors.InsufficientPrivilege as error:
            raise MigrationRefused(
                f"the database lacks {missing[0].name} and this user may not add it: run `hanhtrinh db migrate` as the "
                f"owner of its tables ({error.diag.message_primary})"
            ) from error
        if missing:
            done.append(missing.pop(0).number)
    return done


def require_same(connection: Connection, folder: Path = _FOLDER) -> None:
    """Hold the schema as this program knows it until the end of the open transaction; call it first in it.

    A migration waits for such transactions, and they for a migration. Raises MigrationRefused where the schema is
    another by now: whatever this program would write could mean something else in it.
    """
    connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", (LOCK,))
    require_fit(connection, folder)


def require_fit(connection: Connection, folder: Path = _FOLDER) -> None:
    """Compare the schema with what this program knows, in the open transaction. Raises MigrationRefused."""
    row = connection.execute("SELECT number, name, hash FROM migration ORDER BY number DESC LIMIT 1").fetchone()
    last = _last(folder)
    if row is None or (row[0], row[2]) != (last.number, last.hash):
        stands_at = "nothing" if row is None else row[1]
        raise MigrationRefused(
            f"the database was brought to {stands_at} while this process ran, which knows {last.name}: it "
            "writes nothing more; start the program of that version"
        )


@cache
def _last(folder: Path) -> Migration:
    return load_migrations(folder)[-1]


def at_work(connection: Connection) -> list[str]:
    """The processes of ours that are connected and would be struck by a migration, in the open transaction."""
    return [name for (name,) in connection.execute(_AT_WORK)]


def refuse_beside_others(connection: Connection, folder: Path = _FOLDER) -> None:
    """Raises MigrationRefused where something is missing and others are at work; in the open transaction."""
    present = applied(connection)
    missing, others = _missing(present, load_migrations(folder)), at_work(connection) if present else []
    if missing and others:
        raise MigrationRefused(
            f"the database lacks {missing[0].name}, and {', '.join(others)} run on it: stop them, then run "
            "`hanhtrinh db migrate`, then start those of this version (docs/upgrade.md)"
        )


def missing_of(connection: Connection, folder: Path = _FOLDER) -> list[Migration]:
    """What migrate would apply, and nothing is changed; in the open transaction. Raises MigrationRefused likewise."""
    return _missing(applied(connection), load_migrations(folder))


def applied(connection: Connection) -> list[Applied]:
    """What was applied, in order; in the open transaction."""
    if scalar(connection, "SELECT to_regclass('migration')") is None:
        return []
    rows = connection.execute(
        "SELECT number, name, hash, extract(epoch FROM applied_at)::bigint FROM migration ORDER BY number"
    )
    return [Applied(*row) for row in rows]


def _missing(present: list[Applied], migrations: list[Migration]) -> list[Migration]:
    if len(present) > len(migrations):
        raise MigrationRefused(
            f"the database is at migration {present[-1].name}, this program knows {len(migrations)}: "
            "update the program; a database does not go back"
        )
    for one, known in zip(present, migrations, strict=False):
        if one.number != known.number or one.hash != known.hash:
            raise MigrationRefused(
                f"migration {one.name} was applied with other contents than {known.name} has now: "
                "a file that was applied is never edited; restore it and add a new one"
            )
    return migrations[len(present) :]
