"""`hanhtrinh roads import`: a file of roads into the store, all of it or none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.dates import local_day
from cli.matching.tiles import made_of
from cli.reference import InputError
from cli.roads.geojson import read_geojson
from cli.roads.mapping import read_mapping
from cli.roads.osm import Tell, read_osm
from cli.root import law_of, opened, settings_of
from journey.registry import Road
from rules.quality import figures_box
from storage.database import scalar, transaction
from storage.errors import ImportRefused
from storage.roads.importing import RoadChanges, import_roads

_BLOCK = 1 << 20
_SHOWN = 5
_EXAMPLE = Path(__file__).with_name("example.toml")
console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def import_file(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help=".osm.pbf, or an authority's .geojson")] = None,
    valid_from: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="local day from which the file's state "
                                                   "holds; not needed the first time: always")] = None,
    dataset: Annotated[str | None, typer.Option(help="what it is a state of; else osm or authority")] = None,
    mapping: Annotated[Path | None, typer.Option("--map", help="TOML file that names the columns of a GeoJSON")] = None,
    anywhere: Annotated[bool, typer.Option(help="take points outside the plausible area of a GeoJSON")] = False,
    allow_loss: Annotated[bool, typer.Option(help="more than a tenth of the roads may be gone")] = False,
    dry_run: Annotated[bool, typer.Option(help="say what would change and change nothing")] = False,
    example_map: Annotated[bool, typer.Option(help="print a commented mapping file and end")] = False,
) -> None:  # fmt: skip
    """Take roads in, all of a file or none. Again with the same file: nothing changes.

    What a newer file states otherwise begins on --valid-from, and the row before it ends on the day before, as does
    what the newer file does not name; journeys before that day are judged by the roads of their time. Vehicle-days with
    fixes near what changed are judged anew at the next check.

    Example: hanhtrinh roads import vietnam-261101.osm.pbf --valid-from 2026-11-01
    """
    if example_map:
        print(_EXAMPLE.read_text(encoding="utf-8"), end="")
        return
    if file is None:
        raise InputError("name a file to import, .osm.pbf or .geojson")
    day = None if valid_from is None else local_day("--valid-from", valid_from)
    skipped: list[str] = []
    settings = settings_of(context)
    with opened(settings) as connection, _progress() as progress:
        task = progress.add_task(f"{file.name}: reading")

        def tell(what: str, count: int) -> None:
            progress.update(task, description=f"{file.name}: {count:,} {what}")

        osm = file.name.endswith(".pbf")
        name = dataset or ("osm" if osm else "authority")
        if osm:
            roads: Iterable[Road] = read_osm(file, skipped, tell)
        else:
            with transaction(connection):
                box = scalar(connection, "SELECT box FROM deployment")
            own = (box[0], box[1], box[2], box[3]) if box else figures_box(law_of(settings))
            roads = read_geojson(file, read_mapping(mapping), None if anywhere else own)
        file_hash = _hash(file)
        try:
            changes = import_roads(
                connection,
                _told(roads, tell),
                name,
                file.name,
                file_hash,
                day,
                allow_loss,
                dry_run,
                made_of(settings.tiles_folder, file_hash) if osm else None,
            )
        except ImportRefused as error:
            raise InputError(f"{file}: {error}; nothing was imported") from None
    _report(file, name, changes, skipped, dry_run)


def _told(roads: Iterable[Road], tell: Tell) -> Iterator[Road]:
    count = 0
    for count, road in enumerate(roads, 1):
        if count % 1000 == 0:
            tell("roads", count)
        yield road
    tell("roads read; comparing with the store", count)


def _report(file: Path, dataset: str, changes: RoadChanges, skipped: Sequence[str], dry: bool) -> None:
    if not changes:
        console.print(f"{file}: {changes.same:,} roads of {dataset}, nothing changed")
    else:
        said = (
            f"{changes.added:,} new, {changes.changed:,} changed, {changes.ended:,} ended, {changes.same:,} as before"
        )
        would = "would be " if dry else ""
        console.print(f"{file}: roads of {dataset}: {would}{said}; {changes.touched:,} vehicle-days to judge anew")
    if skipped:
        console.print(
            f"{len(skipped):,} ways left out: {'; '.join(skipped[:_SHOWN])}{' ...' if len(skipped) > _SHOWN else ''}"
        )


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
    )
