"""`hanhtrinh db`: the store itself: how it stands, its schema, its upkeep, its roles."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.table import Table

from cli.root import opened, settings_of
from cli.store import backup, keep
from cli.tables import print_table
from cli.visible import visible
from journey.localtime import show
from journey.settings import Settings
from storage import migrate as schema
from storage.database import Connection, connect, open_store, transaction
from storage.errors import MigrationRefused
from storage.roles import ROLES, apply_roles, roles_sql
from storage.upkeep import status as store
from storage.upkeep.vacuum import plan, table_care
from storage.windows import waiting

app = typer.Typer(name="db", help="The store itself: how it stands, its schema, its upkeep, its roles.",
                  no_args_is_help=True)  # fmt: skip
app.command()(backup.backup)
app.command()(backup.restore)
app.command("keep")(keep.keep)
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


@contextmanager
def untouched(settings: Settings) -> Iterator[Connection]:
    """A connection to the store as it stands: nothing is added to its schema."""
    with open_store(settings) as url, connect(url, "hanhtrinh db") as connection:
        yield connection


@app.command()
def status(context: typer.Context) -> None:
    """Say how the store stands: server, schema, sizes, reach of the data, waiting work, who is connected.

    Nothing is changed. Rows are the server's estimates. The oldest and newest fix are by their own
    times, wrong clocks included.

    Example: hanhtrinh db status
    """
    settings = settings_of(context)
    with untouched(settings) as connection, transaction(connection):
        print(f"server: PostgreSQL {store.server_version(connection)}"
              + (" (embedded)" if settings.database_url is None else ""))  # fmt: skip
        print(f"TimescaleDB: {store.timescale_version(connection) or 'not used'}")
        _print_schema(connection)
        sizes = store.table_sizes(connection)
        names = {one.name for one in sizes}
        print(f"database: {size(store.database_bytes(connection))} in {len(sizes)} tables")
        if {"fix", "vehicle"} <= names:
            reach = store.reach(connection)
            print("fixes: none" if reach.oldest is None or reach.newest is None
                  else f"fixes: {show(reach.oldest)} to {show(reach.newest)}")  # fmt: skip
        if "vehicle_day" in names:
            print(f"vehicle-days waiting for check: {waiting(connection)}")
        if settings.database_url is None:
            usage = shutil.disk_usage(settings.data_folder)
            print(f"disk of {settings.data_folder}: {size(usage.free)} of {size(usage.total)} free")
        clients = store.clients(connection)
    table = Table("table", "rows, about", "size with indexes", "parts")
    for one in sizes:
        parts = f"{one.parts}, {one.compressed} compressed" if one.compressed else str(one.parts or "")
        table.add_row(one.name, "not known yet" if one.rows is None else str(one.rows), size(one.total_bytes), parts)
    print_table(table)
    connected = Table("application", "connections", "in a statement")
    for client in clients:
        connected.add_row(visible(client.application) or "(no name)", str(client.connections), str(client.active))
    print_table(connected) if clients else print("nobody else is connected")


def _print_schema(connection: Connection) -> None:
    present = schema.applied(connection)
    for one in present:
        print(f"migration {one.name}: applied {show(one.applied_at)}")
    try:
        for lacking in schema.missing_of(connection):
            print(f"migration {lacking.name}: missing; `hanhtrinh db migrate` applies it")
    except MigrationRefused as refusal:
        print(f"migrations: {refusal}")


@app.command("migrate")
def bring_up_to_date(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be applied")] = False,
    beside_others: Annotated[
        bool,
        typer.Option("--beside-others", help="although processes of the version before run: they end by themselves"),
    ] = False,
) -> None:
    """Bring the schema of the store to what this program expects, and say what was done.

    Refused while ingest, check, serve or schedule run on the store. Every other command does the same at its start.
    Run it as the owner of the tables where the others run as users who may not change them.

    Example: hanhtrinh db migrate --dry-run
    """
    with untouched(settings_of(context)) as connection:
        with transaction(connection):
            missing = schema.missing_of(connection)
            if not dry_run and not beside_others:
                schema.refuse_beside_others(connection)
        names = {one.number: one.name for one in missing}
        done = [] if dry_run else schema.migrate(connection)
    if dry_run:
        for one in missing:
            print(f"{one.name}: would be applied")
    for number in done:
        print(f"{names.get(number, number)}: applied")
    if not (missing if dry_run else done):
        print("nothing is missing: the schema is what this program expects")


@app.command()
def roles(
    context: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="run them, instead of printing them")] = False,
) -> None:
    """Print the statements that make roles for ingest, check and readers, each with what it needs and no more.

    With --apply they are run, as the owner of the tables; as often as you like: rights that do not stand there are
    taken away. The roles cannot log in: grant them to login users, such as GRANT hanhtrinh_reader TO grafana.

    Example: hanhtrinh db roles --apply
    """
    if not apply:
        print(roles_sql(), end="")
        return
    with opened(settings_of(context)) as connection:
        apply_roles(connection)
    for name in ROLES:
        print(f"{name}: holds the rights that `hanhtrinh db roles` prints")


@app.command("vacuum-plan")
def vacuum_plan(context: typer.Context) -> None:
    """Print the statements that would bring the tables into shape, and why. Nothing is run.

    What is due is what the server's own autovacuum settings call due. A table that takes far more space than its rows
    need is named at the end: to rewrite it, stop ingest and check first, for nobody can read it meanwhile.

    Example: hanhtrinh db vacuum-plan
    """
    with untouched(settings_of(context)) as connection, transaction(connection):
        tables = table_care(connection)
    shown = Table("table", "rows, about", "dead rows", "last vacuumed", "last analysed", "size without indexes")
    for one in tables:
        shown.add_row(one.name, str(one.live), str(one.dead), _time(one.vacuumed_at), _time(one.analysed_at),
                      size(one.heap_bytes))  # fmt: skip
    print_table(shown)
    statements = plan(tables)
    for statement in statements:
        print(f"{statement.sql} -- {statement.why}{'; locks the table' if statement.locks else ''}")
    if not statements:
        print("nothing is due")


def size(count: int) -> str:
    """Bytes as a person reads them: 1.5 GiB."""
    value, unit = float(count), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def _time(time_s: int | None) -> str:
    return "never" if time_s is None else show(time_s)
