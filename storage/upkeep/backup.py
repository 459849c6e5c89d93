"""The whole store as one file, and back: pg_dump's custom format, and beside it what the file holds.

What a backup holds is counted in the very snapshot that pg_dump reads, and counted again when it is restored.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import IO

import orjson
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from storage.database import Connection, scalar, transaction
from storage.errors import BackupRefused
from storage.migrate import LOCK, applied, load_migrations
from storage.server.programs import client
from storage.upkeep.status import on_hypertables, server_version, timescale_version

# Whatever was made here by anybody; what belongs to extensions is not counted.
_FOREIGN = """
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
    ORDER BY 1 LIMIT 1
"""
_TABLES = """
    SELECT relname FROM pg_class c
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
    ORDER BY relname
"""
_CANNOT_HAVE = (  # what CREATE EXTENSION says where a server lacks it, has not loaded it, or the user may not add it
    psycopg.errors.UndefinedFile, psycopg.errors.FeatureNotSupported, psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ConfigFileError,
)  # fmt: skip
_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds and what made it."""

    made_at: int  # s UTC
    program: str  # version of this program
    server: str  # version of PostgreSQL
    server_major: int
    migrations: list[tuple[int, str, str]]  # number, name, hash
    rows: dict[str, int]  # by table
    size_bytes: int
    sha256: str
    timescale: str | None = None  # version of TimescaleDB that its tables lie on; None: partitions of PostgreSQL

    def as_json(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_manifest(content: bytes) -> Manifest:
    """Raises ValueError where it is none."""
    try:
        fields = orjson.loads(content)
        fields["migrations"] = [(int(number), str(name), str(hash_)) for number, name, hash_ in fields["migrations"]]
        return Manifest(**fields)
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"not what `hanhtrinh db backup` writes: {error}") from None


def dump(connection: Connection, url: str, out: IO[bytes], program: str) -> Manifest:
    """Write all of the store as it stands at one instant; others go on meanwhile. The file is synced by the caller.

    Args: url: of the same store. out: an empty file, open to write and read. program: the version of this program.
    Raises BackupRefused, StoreUnavailable.
    """
    major = connection.info.server_version // 10_000
    with transaction(connection):
        connection.execute(_SNAPSHOT)
        # It holds the snapshot while pg_dump works, and counts large tables.
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")
        present = applied(connection)
        if not present:
            raise BackupRefused("the database holds no store: there is nothing to back up")
        snapshot = str(scalar(connection, "SELECT pg_export_snapshot()"))
        _run("pg_dump", major, url, "--format=custom", f"--snapshot={snapshot}", stdout=out)
        rows, server = count_rows(connection), server_version(connection)
        timescale = timescale_version(connection) if on_hypertables(connection) else None
    out.seek(0)
    digest = file_digest(out, "sha256").hexdigest()  # type: ignore[arg-type]
    migrations = [(one.number, one.name, one.hash) for one in present]
    size = os.fstat(out.fileno()).st_size
    return Manifest(int(time.time()), program, server, major, migrations, rows, size, digest, timescale)


def count_rows(connection: Connection) -> dict[str, int]:
    """Rows by table, counted one by one; in the open transaction."""
    names = [name for (name,) in connection.execute(_TABLES)]
    rows = {}
    for name in names:
        found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        rows[name] = int(found[0]) if found else 0
    return rows


def restore(connection: Connection, url: str, file: Path, manifest: Manifest) -> None:
    """Put a backup into an empty database, whole or not at all. Owner of everything is the user of the URL.

    Rights of roles are not restored: the roles may not exist here. Raises BackupRefused, StoreUnavailable.
    """
    require_whole(file, manifest)
    _require_fit(connection, file, manifest)
    with _alone(connection):
        with transaction(connection):
            foreign = connection.execute(_FOREIGN).fetchone()
        if foreign is not None:
            raise BackupRefused(
                f"the database is not empty, it holds {foreign[0]}: restore into a new database (CREATE DATABASE), or "
                "into a new data folder (hanhtrinh --data NEW db restore ...)"
            )
        with _restoring(connection, manifest):
            put_back(connection.info.server_version // 10_000, url, file)
        with transaction(connection):
            connection.execute("SET LOCAL statement_timeout = 0")
            rows = count_rows(connection)
            connection.execute("ANALYZE")
    wrong = sorted(name for name in rows.keys() | manifest.rows.keys() if rows.get(name) != manifest.rows.get(name))
    if wrong:
        told = ", ".join(f"{name}: {rows.get(name)} rows, {manifest.rows.get(name)} backed up" for name in wrong)
        raise BackupRefused(f"the restored database is not what was backed up, do not use it ({told})")


def put_back(server_major: int, url: str, file: Path) -> None:
    """What is in the file, into the database, whole or not at all. Raises BackupRefused."""
    arguments = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file))
    # Where there is no TimescaleDB the name means nothing.
    _run("pg_restore", server_major, url, *arguments, options="-c timescaledb.restoring=on")


@contextmanager
def _restoring(connection: Connection, manifest: Manifest) -> Iterator[None]:
    """TimescaleDB stands still while its own tables are put back; the extension is added where it is missing."""
    if manifest.timescale is None:
        yield
        return
    connection.autocommit = True
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
        connection.execute("SELECT timescaledb_pre_restore()")
        try:
            yield
        finally:
            connection.execute("SELECT timescaledb_post_restore()")
    except _CANNOT_HAVE:
        raise BackupRefused(
            f"the backup lies on TimescaleDB {manifest.timescale} and this database cannot have it: restore into a "
            "server that has it, in a database where an administrator has run CREATE EXTENSION timescaledb"
        ) from None
    finally:
        connection.autocommit = False


def require_whole(file: Path, manifest: Manifest) -> None:
    """Read a backup and compare it with its manifest. Raises BackupRefused."""
    size = file.stat().st_size
    with open(file, "rb") as content:
        if size != manifest.size_bytes or file_digest(content, "sha256").hexdigest() != manifest.sha256:
            raise BackupRefused(
                f"{file} is not the file that was written ({size} bytes, {manifest.size_bytes} were written): "
                "it was cut short or changed; take another copy of it"
            )


def _require_fit(connection: Connection, file: Path, manifest: Manifest) -> None:
    """Whether this server and this program can take the file."""
    major = connection.info.server_version // 10_000
    if major < manifest.server_major:
        raise BackupRefused(
            f"{file} was made on PostgreSQL {manifest.server}, this server is version {major}: "
            f"restore into version {manifest.server_major} or later"
        )
    known = [(one.number, one.name, one.hash) for one in load_migrations()]
    if [one[::2] for one in manifest.migrations] != [one[::2] for one in known[: len(manifest.migrations)]]:
        raise BackupRefused(
            f"{file} was made by version {manifest.program} of this program at migration {manifest.migrations[-1][1]}, "
            f"which this one does not know: update the program"
        )


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Nobody else makes a schema here meanwhile: who would migrate the empty database waits."""
    with transaction(connection):
        connection.execute("SELECT pg_advisory_lock(%s), set_config('idle_session_timeout', '0', false)", (LOCK,))
    try:
        yield
    finally:
        if not connection.broken:
            with transaction(connection):
                connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def target(url: str) -> tuple[str, dict[str, str]]:
    """How a program is told of a database: connection string without secrets, and the environment with the password.

    Command lines can be read by every user of the machine, the environment of a process by its own user only.
    """
    parts = conninfo_to_dict(url)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HANHTRINH_")}
    password = parts.pop("password", None)
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    if "sslpassword" in parts:
        raise BackupRefused("the URL holds sslpassword, which no program can be told in secret: use a key without one")
    return make_conninfo("", **{**parts, "application_name": "hanhtrinh db"}), {**environment, "LC_ALL": "C"}


def _run(
    program: str, server_major: int, url: str, *arguments: str, stdout: IO[bytes] | None = None, options: str = ""
) -> None:
    try:
        name, environment = target(url)
    except psycopg.ProgrammingError:
        raise BackupRefused("the database URL cannot be read") from None
    if options:
        environment["PGOPTIONS"] = " ".join(filter(None, (environment.get("PGOPTIONS"), options)))
    command = [str(client(program, server_major)), f"--dbname={name}", "--no-password", *arguments]
    done = subprocess.run(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=stdout or subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
        env=environment,
    )  # fmt: skip
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise BackupRefused(f"{program} failed and nothing is kept of what it did: {said}")
