"""`hanhtrinh audit`: the log of who looked at what and did what: read, checked, anchored. Docs: docs/people.md."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.exports.csv_table import csv_bytes
from cli.dates import first_instant
from cli.outfile import write_whole
from cli.reference import InputError
from cli.root import opened, settings_of
from cli.tables import print_table
from cli.visible import visible
from journey.localtime import DAY_S, show
from storage.audit.chain import Anchor, end_of, holds
from storage.audit.chain import verify as walk
from storage.audit.log import What, entries
from storage.database import transaction

app = typer.Typer(name="audit", help="The log of who looked at what and did what: read it, check it, anchor it.",
                  no_args_is_help=True)  # fmt: skip
_HEADER = ("number", "at", "login", "via", "what", "subject", "reason", "detail", "address", "request")
_FAULT = 1


@app.command()
def verify(
    context: typer.Context,
    anchor: Annotated[Path | None, typer.Option(help="the file of `audit anchor`, kept elsewhere")] = None,
) -> None:
    """Walk the whole chain and say whether every row is what it was; else name the first that is not, and exit 1.

    Each row's hash covers its content and the row before it. That the end was cut off, or all made anew from some row
    on, only an anchor shows.

    Example: hanhtrinh audit verify --anchor /mnt/elsewhere/audit.anchor
    """
    anchors = [] if anchor is None else _read(anchor)
    with opened(settings_of(context)) as connection, transaction(connection):
        verdict = walk(connection, anchors)
    if verdict.fault is not None:
        print(f"broken: {verdict.fault}; {verdict.rows} rows before it hold")
        raise typer.Exit(_FAULT)
    print(f"whole: {verdict.rows} rows, the last hash is {verdict.end.hash}")
    if anchors:
        last = max(anchors)
        print(
            f"{len(anchors)} anchors hold, the last of them at row {last.number}; rows after it could still be cut off"
        )
    else:
        print("compared with no anchor: rows cut off at the end would not be seen; see `hanhtrinh audit anchor`")


@app.command("anchor")
def add_anchor(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="where the anchors lie: out of the reach of who runs the database")],
) -> None:
    """Write number and hash of the last row to the end of a file, after a look at whether its last anchor still holds.

    Let it run each night onto another machine or a medium that only takes additions; or print the line and have it
    signed. It names nobody.

    Example: hanhtrinh audit anchor /mnt/elsewhere/audit.anchor
    """
    before = _read(file) if file.exists() else []
    with opened(settings_of(context)) as connection, transaction(connection):
        for one in before[-1:]:
            if not holds(connection, one):
                print(f"broken: row {one.number} is not the one that was anchored, or is gone; nothing was written")
                raise typer.Exit(_FAULT)
        end = end_of(connection)
    line = json.dumps({"number": end.number, "hash": end.hash, "at": show(int(time.time()))})
    try:
        with file.open("a", encoding="ascii") as out:
            out.write(f"{line}\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror}; name another file") from None
    print(line)


@app.command("list")
def list_entries(
    context: typer.Context,
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="from this local day on")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="to this local day, included")] = None,
    login: Annotated[str | None, typer.Option(help="what this account did")] = None,
    what: Annotated[What | None, typer.Option(help="of this kind")] = None,
    subject: Annotated[str | None, typer.Option(help="what was done to this plate, licence, operator, finding or "
                                                     "login")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="most rows")] = 50,
    out: Annotated[Path | None, typer.Option(help="write them to this file as CSV instead")] = None,
) -> None:  # fmt: skip
    """Print what is on record, the latest first.

    Example: hanhtrinh audit list --subject 12C12345 --from 2026-11-01
    """
    since, until = first_instant("--from", first), first_instant("--to", last)
    with opened(settings_of(context)) as connection:
        found = entries(connection, limit, since=since, until=None if until is None else until + DAY_S, login=login,
                        what=what, subject=subject)  # fmt: skip
    rows = [(str(one.number), show(one.at), *(text or "" for text in one[2:])) for one in found]
    if out is not None:
        write_whole(out, csv_bytes([_HEADER, *rows]))
        print(out)
        return
    table = Table(*_HEADER)
    for row in rows:
        table.add_row(*(visible(str(cell)) for cell in row))
    print_table(table) if rows else print("nothing of that is on record")


def _read(file: Path) -> list[Anchor]:
    """Raises InputError that names the line."""
    anchors = []
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: the anchors cannot be read: {error}") from None
    for place, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
            anchors.append(Anchor(int(fields["number"]), str(fields["hash"])))
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{file}, line {place}: is no anchor as `hanhtrinh audit anchor` writes it") from None
    return anchors
