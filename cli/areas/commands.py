"""`hanhtrinh areas`: boundaries of provinces and districts by date, which statistics are counted by."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.areas.file import Given, read_areas, refuse_overlaps
from cli.reference import InputError
from cli.root import opened, settings_of
from storage.areas import load_areas, save_areas
from storage.database import transaction

app = typer.Typer(name="areas", help="Boundaries of administrative areas by date.", no_args_is_help=True)
console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


@app.command("import")
def import_areas(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="GeoJSON files: polygons with properties code (or id), name and, "
                                                "where not given here, level, valid_from, valid_to")],
    level: Annotated[int | None, typer.Option(help="level of areas that say none; 1: province", min=1, max=9)] = None,
    valid_from: Annotated[str | None, typer.Option(help="first day of areas that say none, YYYY-MM-DD")] = None,
    valid_to: Annotated[str | None, typer.Option(help="last day of areas that say none")] = None,
    replace: Annotated[bool, typer.Option(help="remove areas that the files do not name")] = False,
) -> None:  # fmt: skip
    """Take boundaries into the store. Again with the same files: nothing changes.

    Areas before and after a reform stand side by side, each with its days. Distances of the days concerned are made
    anew at the next check; no finding changes.

    Example: hanhtrinh areas import 20.geojson 24.geojson --valid-to 2025-06-30
    """
    read = read_areas(files, Given(level, _day("--valid-from", valid_from), _day("--valid-to", valid_to)))
    with opened(settings_of(context)) as connection:
        with transaction(connection):
            before = load_areas(connection).values()
        keys = {(one.level, one.code, one.valid_from) for one in read.areas}
        if len(keys) < len(read.areas):
            raise InputError("an area is named twice with the same level, code and valid_from: leave one out")
        stay = [] if replace else [one for one in before if (one.level, one.code, one.valid_from) not in keys]
        refuse_overlaps([*stay, *read.areas])
        changes = save_areas(connection, read.areas, replace)
    for name in read.mended:
        console.print(f"note: the boundary of {name} crossed itself and was mended; compare it with its source")
    console.print(f"{len(read.areas)} areas read: {changes.rows} changed; {changes.touched} vehicle-days to judge anew")


@app.command("list")
def list_areas(context: typer.Context) -> None:
    """Show the areas of the store with their days.

    Example: hanhtrinh areas list
    """
    with opened(settings_of(context)) as connection, transaction(connection):
        areas = load_areas(connection).values()
    table = Table("level", "code", "name", "from", "to")
    for one in areas:
        table.add_row(str(one.level), one.code, one.name, str(one.valid_from or ""), str(one.valid_to or ""))
    Console(highlight=False, markup=False).print(table if areas else "no areas: `hanhtrinh areas import FILE...`")


def _day(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is no date: write it like 2025-07-01") from None
