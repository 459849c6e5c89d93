"""`hanhtrinh station`: weighings on their tracks, what is wrong with some, who avoids them, where overloads begin."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from cli.local_days import From, To, local_days
from cli.root import law_of, opened, settings_of
from cli.stations.instruments import instruments, stop, watch
from cli.stations.joining import join_days
from cli.stations.month import month
from cli.stations.reviews import reviews
from journey.localtime import date_of, day_start, show
from rules.weighings.faults import faults_of, repeated_tickets
from rules.weighings.plate_reading import PlateIndex
from storage.database import transaction
from storage.registry import load_registry
from storage.stations.joins import clocks_between
from storage.stations.origins import WantedOrigins, overload_origins
from storage.stations.weighings import weighings_of_period

app = typer.Typer(
    name="station",
    no_args_is_help=True,
    help="Weigh stations: weighings on tracks, faults of records, who seems to avoid them, loading places.",
)
console = Console(stderr=True)
app.command()(month)
for command in (reviews, watch, instruments, stop):
    app.command()(command)


@app.command()
def join(context: typer.Context, first: From, last: To) -> None:
    """Place the weighings of some days on the tracks of their vehicles, and compare the clocks of stations.

    A day is made anew where its tracks, its weighings, the registry or the law have changed; run it as often as you
    like.

    Example: hanhtrinh station join --from 2026-03-01 --to 2026-03-31
    """
    bounds, settings = local_days(first, last), settings_of(context)
    law = law_of(settings)
    with opened(settings) as connection:
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("days", total=None)
            done = join_days(connection, law, *bounds,
                             on_day=lambda made, of: progress.update(task, completed=made, total=of))  # fmt: skip
        with transaction(connection):
            clocks = clocks_between(connection, *bounds)
    said = ", ".join(f"{count} {status}" for status, count in done.statuses.items())
    typer.echo(f"{done.days} days made, {done.left} left as they were; weighings: {said}")
    for station, day, clock, spread, count, weighings in clocks:
        within = "too few passages, none assumed" if spread is None else f"spread {spread:.0f} s"
        typer.echo(f"{station}  {date_of(day)}  recorders {clock:+d} s  {within}  "
                   f"({count} of {weighings} weighings)")  # fmt: skip


@app.command()
def faults(context: typer.Context, first: From, last: To) -> None:
    """Say which weighings contradict themselves or name nobody for sure, one JSON line each, with plates alike on file.

    Nothing is changed: a plate is suggested, never put in the place of what was read.

    Example: hanhtrinh station faults --from 2026-03-01 --to 2026-03-31
    """
    bounds, settings = local_days(first, last), settings_of(context)
    law = law_of(settings)
    with opened(settings) as connection, transaction(connection):
        registry = load_registry(connection)
        weighings = weighings_of_period(connection, day_start(bounds[0]), day_start(bounds[1]))
    stations = {one.id: one for one in registry.stations}
    plates = PlateIndex(row.plate for row in registry.vehicles)
    twice = {id(one): fault for one, fault in repeated_tickets(weighings)}
    told = 0
    for one in weighings:
        found = faults_of(one, stations.get(one.station), law)
        found += [twice[id(one)]] if id(one) in twice else []
        alike = plates.suggest(one.plate)
        if found or alike:
            told += 1
            typer.echo(json.dumps({
                "station": one.station, "time": one.time, "local_time": show(one.time), "plate": one.plate,
                "ticket": one.ticket, "judged": not any(fault.impossible for fault in found),
                "faults": {fault.kind: fault.text for fault in found},
                "plates_alike": [{"plate": near.plate, "confusable": near.confusable, "how": near.how}
                                 for near in alike],
            }, ensure_ascii=False))  # fmt: skip
    console.print(f"{told} of {len(weighings)} weighings")


@app.command()
def origins(
    context: typer.Context, first: From, last: To, most: Annotated[int, typer.Option(min=1, max=1000)] = 20
) -> None:
    """Rank the places at which journeys began that were weighed as overloaded, most first, one JSON line each.

    A place is where the vehicle last stood for half an hour before the station; run `station join` before.

    Example: hanhtrinh station origins --from 2026-03-01 --to 2026-03-31
    """
    bounds, settings = local_days(first, last), settings_of(context)
    with opened(settings) as connection, transaction(connection):
        found = overload_origins(connection, WantedOrigins(*bounds), most)
    for one in found:
        typer.echo(json.dumps(one._asdict(), ensure_ascii=False))
