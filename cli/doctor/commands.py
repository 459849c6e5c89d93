"""`hanhtrinh doctor`: what of a set-up is broken, and how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from cli.doctor.examining import GOOD, State, Told
from cli.doctor.machine import backups, certificates, clock, disks, folder, python, zone
from cli.doctor.network import brokers
from cli.doctor.proof import examined_proof, scheduled
from cli.doctor.provider import provider
from cli.doctor.store import examined_store
from cli.root import law_of, settings_of
from cli.visible import visible
from ingest.configuration import Configuration, ConfigurationError, read
from journey.settings import Settings
from rules.lawfile import LawError

_MARKS = {State.GOOD: "ok  ", State.WARNING: "note", State.BAD: "BAD "}


def doctor(
    context: typer.Context,
    ingest: Annotated[Path | None, typer.Option(metavar="FILE", help="settings file of `hanhtrinh ingest`: its brokers "
                                                                     "and certificates are looked at too")] = None,
    schedule: Annotated[Path | None, typer.Option(metavar="FILE", help="settings file of `hanhtrinh schedule`: its "
                                                                       "folders and its self-proof too")] = None,
) -> None:  # fmt: skip
    """Examine a set-up and say what to mend: machine, database, roles, clock, self-proof, brokers, certificates, OpenID
    provider.

    Nothing is changed, and nothing is published or received. The embedded database is started if it does not run. One
    line each; exit 1 where one is BAD.

    Example: hanhtrinh doctor --ingest ingest.toml --schedule schedule.toml
    """
    worst = State.GOOD
    for told in examine(settings_of(context), ingest, schedule):
        print(f"{_MARKS[told.state]} {told.what}: {visible(told.said)}" + (f". {told.mend}" if told.mend else ""))
        worst = max(worst, told.state)
    if worst is State.BAD:
        sys.exit(1)


def examine(settings: Settings, ingest: Path | None, schedule: Path | None = None) -> Iterator[Told]:
    """Everything that is looked at, one after another: what comes later may rest on what came before."""
    looks: tuple[Callable[[Settings], Iterator[Told]], ...] = (
        python, zone, folder, disks, backups, clock, _law, examined_store, examined_proof, provider,
    )  # fmt: skip
    for look in looks:
        yield from look(settings)
    configuration: Configuration | None = None
    if ingest is not None:
        try:
            configuration = read(ingest)
        except ConfigurationError as error:
            for fault in error.faults:
                yield Told(State.BAD, "ingest", fault, "mend it, or take out a connection that nobody uses")
        else:
            yield Told(GOOD, "ingest", f"{ingest}: {len(configuration.connections)} connections")
            yield from certificates(configuration)
            yield from brokers(configuration)
    if schedule is not None:
        yield from scheduled(schedule, configuration)


def _law(settings: Settings) -> Iterator[Told]:
    try:
        law = law_of(settings)
    except LawError as error:
        yield Told(State.BAD, "law", str(error), "the rulebook is part of the program: install it again, or mend the "
                                                 "file of HANHTRINH_METHOD")  # fmt: skip
        return
    yield Told(GOOD, "law", f"version {law.version}, {law.method_name}")
