"""Bring a database to the form that this program expects. Forward only."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import psycopg

from storage.database import Connection, scalar, transaction
from storage.errors import MigrationRefused

_FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x68616E68  # held while a schema is made; any number that no other program on this database locks
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
