"""`hanhtrinh ingest`: live streams into the store, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry
from rich.console import Console

from cli.logs import begin_logging
from cli.monitor import serve
from cli.reference import InputError
from cli.root import law_of, opened, settings_of
from cli.watching import watch_machine
from ingest.configuration import EXAMPLE, Configuration, ConfigurationError, certificates_of, read
from ingest.running import Connection, Status, context_of, keep
from ingest.settling import Settler
from journey.metrics import IngestMetrics
from journey.settings import Settings
from rules.law import Law
from storage.access import sender_of
from storage.database import connect, open_store
from storage.errors import MigrationRefused
from storage.proofstore import proof_url

console = Console(stderr=True)
log = logging.getLogger(__name__)


def ingest(
    context: typer.Context,
    file: Annotated[Path, typer.Option("--settings", help="TOML file that names the connections")] = Path(
        "ingest.toml"
    ),
    example: Annotated[bool, typer.Option("--example", help="print a commented settings file and end")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="read the settings, say what is wrong with them, and end")
    ] = False,
) -> None:
    """Take live data from brokers and over HTTP: receive, decode, flag, commit, acknowledge.

    Nothing is acknowledged before it is on disk. SIGTERM or Ctrl-C commits what was received, then ends. While the
    database is away nothing is taken in and the brokers keep it; a broker that is away is tried again. Where the
    database was brought to another version it ends: start the program of that version.
    Metrics, /health and /ready are served at http://127.0.0.1:9108 unless the settings say otherwise.

    Example: hanhtrinh ingest --example > ingest.toml; hanhtrinh ingest --settings ingest.toml
    """
    if example:
        print(EXAMPLE.read_text(encoding="utf-8"), end="")
        return
    try:
        configuration = read(file)
    except ConfigurationError as error:
        raise InputError(str(error)) from None
    if check:
        for one in configuration.connections:
            print(f"{one.name}: {one.transport}, {one.protocol}")
        return
    settings = settings_of(context)
    begin_logging(settings)
    law = law_of(settings)
    with open_store(settings) as url:
        with opened(settings):  # the schema is brought up to date, or the fault told, before anything is received
            pass
        asyncio.run(take_in(configuration, url, law, settings))


async def _kept_as_proof(connection: Connection) -> None:
    """Keep the proof's connection: it ends where its database is of another version, and the others go on."""
    try:
        await keep(connection)
    except MigrationRefused as error:
        log.error("the self-proof is not taken in: %s", error)


async def take_in(configuration: Configuration, url: str, law: Law, settings: Settings) -> None:
    """Run all connections until SIGTERM or SIGINT; the monitor runs beside them."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # Each connection has at most a commit and a look at the store under way, besides those that sources make.
    loop.set_default_executor(ThreadPoolExecutor(4 + 4 * len(configuration.connections), "work"))
    metrics = IngestMetrics(CollectorRegistry())
    watch_machine(metrics.registry, settings, certificates_of(configuration))
    # What the proof sends is neither data nor any operator's: its store, secrets and metrics are apart from all others.
    dials = {proof: partial(connect, proof_url(url) if proof else url, "hanhtrinh ingest") for proof in (False, True)}
    settlers = {one.name: Settler(dials[one.proof], law) for one in configuration.connections}
    statuses = [Status(one.name) for one in configuration.connections]
    tokens = {proof: Settler(dial, law) for proof, dial in dials.items()}
    told = {False: metrics, True: IngestMetrics(CollectorRegistry())}

    def who(proof: bool, token: str) -> str | None:
        return tokens[proof].work(lambda connection: sender_of(connection, token))

    refused: list[MigrationRefused] = []
    try:
        async with serve(configuration.monitor, metrics.registry, statuses), asyncio.TaskGroup() as tasks:
            for one, status in zip(configuration.connections, statuses, strict=True):
                settler = settlers[one.name]
                context = context_of(
                    settler, configuration.instance, told[one.proof], one.name, partial(who, one.proof)
                )
                connection = Connection(one, settler, context, told[one.proof], status, stop)
                tasks.create_task(_kept_as_proof(connection) if one.proof else keep(connection), name=one.name)
    except* MigrationRefused as group:  # one is enough to stop all: what was not committed is not acknowledged
        refused += [one for one in group.exceptions if isinstance(one, MigrationRefused)]
    finally:
        for settler in (*settlers.values(), *tokens.values()):
            settler.close()
    if refused:
        raise refused[0]
