"""`hanhtrinh fleet`: a synthetic fleet with planted findings and the answer key."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.fleet import FleetSpec, generate, write
from cli.reference import InputError

console = Console(stderr=True)


def fleet(
    folder: Annotated[Path, typer.Argument(help="where the files go")],
    vehicles: Annotated[int, typer.Option(help="number of vehicles, at least 12")] = 40,
    days: Annotated[int, typer.Option(help="number of days")] = 7,
    start: Annotated[str, typer.Option(help="first day, a Monday: YYYY-MM-DD")] = "2026-03-02",
    seed: Annotated[int, typer.Option(help="the same seed gives the same bytes")] = 1,
    planted: Annotated[bool, typer.Option(help="plant findings of every rule")] = True,
    scale: Annotated[bool, typer.Option(help="with a day at a weigh station that some avoid and others seem to; who "
                                             "does stands in reviews.ndjson")] = True,
) -> None:  # fmt: skip
    """Make recorded journeys on the roads of Lang Son, with findings of every rule planted, and the answer key.

    The folder can be judged as it is (`hanhtrinh evaluate FOLDER`) or taken into a store (`import`, `replay`).

    Example: hanhtrinh fleet demo/fleet --vehicles 100 --seed 7
    """
    try:
        made = generate(
            FleetSpec(
                vehicles=vehicles,
                days=days,
                start=date.fromisoformat(start),
                seed=seed,
                planted=planted,
                split_feeds=True,
                scale=scale,
            )
        )
    except ValueError as error:
        raise InputError(f"fleet: {error}") from None
    write(made, folder)
    console.print(f"{folder}: {vehicles} vehicles, {days} days from {start}, {len(made.answers)} planted findings")
    if scale:
        avoiding = sum(one["planted"] for one in made.reviews)
        alike = len(made.reviews) - avoiding
        console.print(f"beside them a day at a weigh station: {avoiding} avoid it, {alike} only look as if")
