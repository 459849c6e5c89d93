"""The command `hanhtrinh`: the composition root, which alone sees every package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from psycopg.errors import DiskFull, InsufficientPrivilege

from cli.commands import Commands
from cli.reference import InputError
from cli.root import read_settings
from ingest.sources.replay import ReplayBroken
from rules.lawfile import LawError
from storage.database import disk_full
from storage.errors import (
    AlreadyDelivered,
    AmbiguousPrefix,
    BackupRefused,
    DropRefused,
    MigrationRefused,
    OffsetMismatch,
    PublishedDamaged,
    PublishedMeanwhile,
    StoreBusy,
    StoreUnavailable,
)

app = typer.Typer(
    name="hanhtrinh",
    cls=Commands,
    help="Journey-recorder streams to findings and weekly enforcement lists.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

STOPPED, BAD_INPUT, INTERRUPTED = 1, 2, 130


@app.callback()
def _root(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(help="folder of the embedded database; HANHTRINH_DATABASE_URL names a "
                                                   "server instead")] = None,
) -> None:  # fmt: skip
    context.obj = read_settings(data)


def main() -> None:
    """Run a command. Exit 1: stopped by a fault outside; 2: bad input or settings; 130: interrupted. Each said why."""
    try:
        app()
    except (
        StoreUnavailable, StoreBusy, MigrationRefused, BackupRefused, DropRefused, OffsetMismatch, ReplayBroken,
        PublishedDamaged, PublishedMeanwhile, AlreadyDelivered,
    ) as error:  # fmt: skip
        print(f"hanhtrinh: {error}", file=sys.stderr)
        sys.exit(STOPPED)
    except DiskFull as error:
        print(f"hanhtrinh: {disk_full(error)}", file=sys.stderr)
        sys.exit(STOPPED)
    except InsufficientPrivilege as error:
        said = f"the database refuses it to this user: {error.diag.message_primary}"
        print(f"hanhtrinh: {said}; run it as the owner, or see `hanhtrinh db roles`", file=sys.stderr)
        sys.exit(STOPPED)
    except (InputError, LawError, AmbiguousPrefix) as error:
        print(f"hanhtrinh: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)
    except SystemExit as stop:
        if stop.code == INTERRUPTED:  # what typer makes of a KeyboardInterrupt
            print("hanhtrinh: interrupted; what was committed stands", file=sys.stderr)
        raise
