"""`hanhtrinh db backup` and `db restore`: the whole store as one file, and back."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from cli.reference import InputError
from cli.root import settings_of
from cli.secretfile import opened_secret
from journey.localtime import show
from storage.database import connect, open_store
from storage.migrate import migrate
from storage.upkeep.backup import Manifest, dump, read_manifest
from storage.upkeep.backup import restore as restore_store

_NAME = "hanhtrinh db"


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="where it goes; what it holds goes beside it, to FILE.json")],
) -> None:
    """Write the whole store to a file as it stands at one instant; ingest and check may go on meanwhile.

    The file is pg_dump's custom format. FILE.json says what it holds: rows by table, version of schema and program,
    length and SHA-256; keep both together. They hold personal data and hashes of secrets: only their owner can read
    them. Both are whole or not there at all.

    A password is taken from the URL or PGPASSFILE and stands on no command line.

    Example: hanhtrinh db backup /backup/hanhtrinh-2026-11-25.dump
    """
    beside = _beside(file)
    for path in (file, beside):
        if path.exists():
            raise InputError(f"{path}: is there already, and no backup is ever written over: name another file")
    with open_store(settings_of(context)) as url, connect(url, _NAME) as connection, opened_secret(file) as out:
        manifest = dump(connection, url, out, version("hanhtrinh"))
        with opened_secret(beside) as told:
            told.write(manifest.as_json())
    print(f"{file}: {manifest.size_bytes} bytes, {sum(manifest.rows.values())} rows of {len(manifest.rows)} tables")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="what `hanhtrinh db backup` wrote, with FILE.json beside it")],
) -> None:
    """Put a backup into an empty database, whole or not at all, and see that every table has the rows it had.

    A database that holds anything is refused. A backup of an older program is brought up to date at the end, one of a
    newer program is refused. Rights of roles are not in it: `hanhtrinh db roles --apply` gives them again.

    Into a new data folder: `hanhtrinh --data NEW db restore FILE`.

    Example: hanhtrinh db restore /backup/hanhtrinh-2026-11-25.dump
    """
    manifest = manifest_of(file)
    with open_store(settings_of(context)) as url, connect(url, _NAME) as connection:
        restore_store(connection, url, file, manifest)
        later = len(migrate(connection))
    print(f"restored as of {show(manifest.made_at)}: {sum(manifest.rows.values())} rows of {len(manifest.rows)} tables"
          + (f", {later} migrations applied since" if later else ""))  # fmt: skip


def manifest_of(file: Path) -> Manifest:
    """What the file beside a backup says of it. Raises InputError."""
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    beside = _beside(file)
    try:
        return read_manifest(beside.read_bytes())
    except OSError as error:
        raise InputError(f"{beside}: cannot be read: {error.strerror}; it was written with the backup and says what it "
                         "holds: put it beside it") from None  # fmt: skip
    except ValueError as error:
        raise InputError(f"{beside}: {error}") from None


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")
