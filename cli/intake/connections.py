"""`hanhtrinh connections`: how each connection of live data stands, and letting a held one run again."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer
from rich.table import Table

from cli.reference import InputError
from cli.root import opened, settings_of
from cli.tables import print_table
from cli.visible import visible
from ingest.running import OUTAGE_S
from journey.localtime import DAY_S, show
from storage import connections as store
from storage.connections import ConnectionState
from storage.database import transaction

app = typer.Typer(name="connections", help="How the connections of live data stand.", no_args_is_help=True)


@app.command("list")
def list_connections(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=0, max=3660, help="print the outages of so many days")] = 7,
) -> None:
    """Print every connection that ever ran, whether it is held and why, and the outages of the last days.

    An outage is a time at which we took nothing in: the silence of a vehicle then accuses nobody.

    Example: hanhtrinh connections list --days 30
    """
    now = int(time.time())
    with opened(settings_of(context)) as connection:
        states = store.connection_states(connection)
        with transaction(connection):
            outages = store.outages_since(connection, now - days * DAY_S)
    table = Table("connection", "stands", "running since", "last alive", "held since", "why")
    for one in states:
        table.add_row(visible(one.name), _stands(one, now), _shown(one.started_at), _shown(one.alive_at),
                      _shown(one.paused_at), visible(one.pause_reason or ""))  # fmt: skip
    print_table(table)
    gone = Table("connection", "outage from", "to", "seconds", title=f"outages of {days} days", title_justify="left")
    for name, start, end in outages:
        gone.add_row(visible(name), show(start), show(end), str(end - start))
    if outages:
        print_table(gone)
    else:
        print(f"no outage in the last {days} days")


@app.command()
def resume(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="the connection, as its settings name it")],
) -> None:
    """Let a held connection take data in again; a running `hanhtrinh ingest` notices within seconds.

    First look at `hanhtrinh rejections list --connection NAME`: a connection is held because too much of what it sends
    cannot be taken in.

    Example: hanhtrinh connections resume north
    """
    with opened(settings_of(context)) as connection:
        if store.resume(connection, name):
            print(f"{name}: no longer held", file=sys.stderr)
            return
        names = [one.name for one in store.connection_states(connection)]
    if name not in names:
        known = f"there are {', '.join(names)}" if names else "none ever ran"
        raise InputError(f"{name}: no such connection; {known}")
    print(f"{name}: is not held; nothing to do", file=sys.stderr)


def _stands(one: ConnectionState, now: int) -> str:
    if one.paused_at is not None:
        return "held"
    if one.alive_at is None or one.alive_at < now - OUTAGE_S:
        return "down"
    return "takes data in"


def _shown(time_s: int | None) -> str:
    return "" if time_s is None else show(time_s)
