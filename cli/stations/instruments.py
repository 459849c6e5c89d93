"""`hanhtrinh station watch | instruments | stop`: instruments watched for drift, and stops that stations reported."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from cli.reference import InputError
from cli.root import law_of, opened, settings_of
from cli.stations.watching import watch_stations
from journey.localtime import ZONE, show
from storage.database import transaction
from storage.registry import load_registry
from storage.stations.instruments import instruments as read_instruments
from storage.stations.stops import Stop, add_stop

console = Console(stderr=True)


def watch(context: typer.Context) -> None:
    """Look at every weighing on file for instruments that drift, plates not read, and how long gaps usually are.

    The steering axles of five-axle combinations are compared with the first ones under the same certificate. Stations
    are made anew whole, one transaction each: run it as often as you like. `hanhtrinh schedule run` does it daily. No
    finding changes by it; what is in doubt is said beside the findings.

    Example: hanhtrinh station watch
    """
    settings = settings_of(context)
    law = law_of(settings)
    with opened(settings) as connection:
        with transaction(connection):
            known = load_registry(connection).stations
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("stations", total=None)
            done = watch_stations(connection, known, law, int(time.time()),
                                  lambda made, of: progress.update(task, completed=made, total=of))  # fmt: skip
        with transaction(connection):
            found = read_instruments(connection)
    drifting = sum(one.state == "alarm" for one in found)
    warned = sum(one.state == "warning" for one in found)
    typer.echo(f"{done} stations, {len(found)} instruments with five-axle combinations: {drifting} in alarm, "
               f"{warned} warned; see hanhtrinh station instruments")  # fmt: skip


def instruments(
    context: typer.Context,
    form: Annotated[str, typer.Option("--format", help="text, or json: one line an instrument")] = "text",
) -> None:
    """Say how every instrument stands that `station watch` has seen: learning, watched, warning or alarm.

    Example: hanhtrinh station instruments --format json
    """
    if form not in ("text", "json"):
        raise InputError(f"--format {form!r}: write text or json")
    with opened(settings_of(context)) as connection, transaction(connection):
        found = read_instruments(connection)
    for one in found:
        if form == "json":
            typer.echo(json.dumps(one._asdict(), ensure_ascii=False))
            continue
        mean = "-" if one.mean_kg is None else f"{one.mean_kg:.0f} kg"
        drift = "" if one.drift_since is None else (
            f"; {one.shift_permille:+d} permille since {show(one.drift_since)}")  # fmt: skip
        typer.echo(f"{one.station}  lane {one.lane if one.lane is not None else '-'}  {one.instrument or '-'}  "
                   f"certificate {one.certificate or '-'}: {one.state}, steering axle {mean} at first, "
                   f"{one.watching} five-axle combinations{drift}")  # fmt: skip
    if not found:
        typer.echo("no instrument was seen: run hanhtrinh station watch", err=form == "json")


def stop(
    context: typer.Context,
    station: Annotated[str, typer.Argument(help="id of the station")],
    begin: Annotated[str, typer.Option("--from", help="local time, such as 2026-03-02T08:00")],
    reason: Annotated[str, typer.Option(help="why, as reported")],
    end: Annotated[str | None, typer.Option("--to", help="local time; without it: not over yet")] = None,
    reported: Annotated[str | None, typer.Option(help="when it was reported, local time; now by default")] = None,
) -> None:
    """Enter a stop that a weigh station reported (Circular 41/2024 Art. 18). Again with the same beginning mends it.

    Example: hanhtrinh station stop KT01 --from 2026-03-02T08:00 --to 2026-03-02T11:30 --reason "power cut"
    """
    began, ended = _instant("--from", begin), None if end is None else _instant("--to", end)
    if ended is not None and ended <= began:
        raise InputError(f"--to {end}: does not lie after --from {begin}")
    if not reason.strip():
        raise InputError("--reason is empty: write why the station stopped")
    told = int(time.time()) if reported is None else _instant("--reported", reported)
    with opened(settings_of(context)) as connection, transaction(connection):
        if station not in {one.id for one in load_registry(connection).stations}:
            raise InputError(f"{station}: no station of this id is on file")
        add_stop(connection, Stop(station, began, ended, reason.strip(), told))
    typer.echo(f"{station}: stop from {show(began)} to {'-' if ended is None else show(ended)}, reported {show(told)}")


def _instant(option: str, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is no time: write it like 2026-03-02T08:00") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).timestamp())
