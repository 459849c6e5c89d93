"""What every command shares: settings, the store, the rulebook, what code this is."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

import typer
from pydantic import ValidationError

import rules
from cli.reference import InputError
from journey.settings import Settings
from rules import law as rulebook
from rules.checks import verify
from storage.database import Connection, connect, open_store, transaction
from storage.migrate import applied, migrate, refuse_beside_others


def read_settings(data: Path | None) -> Settings:
    """Settings of the environment; the data folder may be named on the command line. Raises InputError by name."""
    try:
        # Secrets as files, one a setting and named like it: hanhtrinh_database_url.
        settings = Settings(_secrets_dir=os.environ.get("HANHTRINH_SECRETS_FOLDER"))
    except ValidationError as error:
        first = error.errors()[0]
        name = "HANHTRINH_" + "_".join(str(part) for part in first["loc"]).upper()
        raise InputError(f"setting {name}: {first['msg']}") from None
    return settings if data is None else settings.model_copy(update={"data_folder": data, "database_url": None})


def settings_of(context: typer.Context) -> Settings:
    settings = context.obj
    if not isinstance(settings, Settings):
        raise TypeError("the root command sets the settings")
    return settings


@contextmanager
def opened(settings: Settings) -> Iterator[Connection]:
    """A connection to the store, its schema up to date.

    What is missing is added where nobody else of ours is at work on the store. Raises MigrationRefused else, and where
    the store is newer than this program.
    """
    with open_store(settings) as url:
        connection = connect(url)
        try:
            with transaction(connection):
                refuse_beside_others(connection)
                is_new = not applied(connection)
            done = migrate(connection)
            if done and not is_new:
                print(f"hanhtrinh: the schema was brought from migration {done[0] - 1} to {done[-1]}", file=sys.stderr)
            connection.commit()
            yield connection
        finally:
            connection.close()


def law_of(settings: Settings) -> rulebook.Law:
    law = rulebook.load(method=settings.method)
    verify(law)
    return law


@cache
def code_version() -> str:
    """The package's version and a hash of the rules' own source: what has to be equal for a finding to be rebuilt."""
    folder = Path(rules.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(f"{file.relative_to(folder)}\0".encode())
        digest.update(file.read_bytes())
    return f"{version('hanhtrinh')}+rules.{digest.hexdigest()[:12]}"
