"""`hanhtrinh roads build`: the tiles that suspect tracks are matched with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.matching.tiles import build
from cli.reference import InputError
from cli.root import settings_of

console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def build_roads(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the .osm.pbf that was imported")],
    out: Annotated[Path | None, typer.Option(help="folder of tiles; by default HANHTRINH_TILES_FOLDER")] = None,
) -> None:
    """Make the tiles that `check` matches suspect tracks with, from the file that the roads were imported from.

    They lie in a folder named by what is in them and are put in use at the end, at once; a file of which none can be
    made, and Ctrl-C, leave those in use. `check --follow` takes them
    at its next round. Where an import has changed roads since, `check` matches anew what lies near them.

    Example: hanhtrinh roads build vietnam-261101.osm.pbf --out tiles
    """
    folder = out or settings_of(context).tiles_folder
    if folder is None:
        raise InputError("no folder for the tiles: give --out FOLDER, or set HANHTRINH_TILES_FOLDER")
    with console.status(f"tiles of {file.name}"):
        tiles = build(file, folder)
    size = sum(tile.stat().st_size for tile in tiles.folder.rglob("*.gph")) / 1e6
    console.print(f"{tiles.folder}: {size:,.1f} MB of tiles, {tiles.version}, in use ({tiles.matcher})")
    if settings_of(context).tiles_folder != folder:
        console.print(f"check uses them where HANHTRINH_TILES_FOLDER={folder} is set")
