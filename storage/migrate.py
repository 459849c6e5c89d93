"""Bring a database to the form that this program expects. Forward only."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from storage.database import Connection, transaction
from storage.errors import MigrationRefused

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x68616E68  # any number that no other program on this database locks


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


def migrate(connection: Connection, folder: Path = _FOLDER) -> list[int]:
    """Apply what is missing, each file in a transaction of its own, and give the numbers applied.

    Several processes may do so at once. Raises MigrationRefused if the database is newer than this program, or was
    made by files other than these.
    """
    migrations = load_migrations(folder)
    applied: list[int] = []
    while True:
        with transaction(connection):
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            connection.execute(
                """CREATE TABLE IF NOT EXISTS migration (
                       number integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL,
                       applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"""
            )
            missing = _missing(connection, migrations)
            if not missing:
                return applied
            connection.execute(missing[0].text)
            connection.execute(
                "INSERT INTO migration (number, name, hash) VALUES (%s, %s, %s)",
                (missing[0].number, missing[0].name, missing[0].hash),
            )
            applied.append(missing[0].number)


def _missing(connection: Connection, migrations: list[Migration]) -> list[Migration]:
    present = connection.execute("SELECT number, name, hash FROM migration ORDER BY number").fetchall()
    if len(present) > len(migrations):
        raise MigrationRefused(
            f"the database is at migration {present[-1][1]}, this program knows {len(migrations)}: "
            "update the program; a database does not go back"
        )
    for (number, name, stored), known in zip(present, migrations, strict=False):
        if number != known.number or stored != known.hash:
            raise MigrationRefused(
                f"migration {name} was applied with other contents than {known.name} has now: "
                "a file that was applied is never edited; restore it and add a new one"
            )
    return migrations[len(present) :]
