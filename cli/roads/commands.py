"""`hanhtrinh roads`: import, show, lint."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli.reference import InputError
from cli.roads.geojson import read_geojson
from cli.roads.lint import Remark, lint
from cli.roads.mapping import read_mapping
from cli.roads.osm import Tell, read_osm
from cli.roads.showing import as_document, class_limits
from cli.root import law_of, opened, settings_of
from cli.tables import print_table
from cli.visible import visible
from journey.localtime import day_of, day_start, show
from journey.registry import Road
from rules.quality import figures_box
from rules.roads import FORWARD, index
from storage.database import Connection, scalar, transaction
from storage.errors import ImportRefused
from storage.roadimport import RoadChanges, import_roads
from storage.roads import load_roads, road_imports

_BLOCK = 1 << 20
_SHOWN = 5
_NEAR_M = 30
_METRES_A_DEGREE = 111_195
EXAMPLE = Path(__file__).with_name("example.toml")

app = typer.Typer(name="roads", help="Roads and their limits: taken in, looked at, examined.", no_args_is_help=True)
console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
Day = Annotated[str | None, typer.Option("--at", metavar="YYYY-MM-DD", help="as they stand on this local day; today")]


class Form(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


AsForm = Annotated[Form, typer.Option("--format", help="how it is printed")]


@app.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help=".osm.pbf, or .geojson of a road authority")] = None,
    valid_from: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="local day from which the file's state "
                                                   "holds; not needed the first time: always")] = None,
    dataset: Annotated[str | None, typer.Option(help="what the file is a state of; by default osm or authority")] = None,
    mapping: Annotated[Path | None, typer.Option("--map", help="TOML file that names the columns of a GeoJSON")] = None,
    anywhere: Annotated[bool, typer.Option(help="take points outside the plausible area of a GeoJSON")] = False,
    allow_loss: Annotated[bool, typer.Option(help="more than a tenth of the roads may be gone")] = False,
    dry_run: Annotated[bool, typer.Option(help="say what would change and change nothing")] = False,
    example_map: Annotated[bool, typer.Option(help="print a commented mapping file and end")] = False,
) -> None:  # fmt: skip
    """Take roads in, all of a file or none. Again with the same file: nothing changes.

    What a newer file states otherwise begins on --valid-from, and the row before it ends on the day before, as does what
    the newer file does not name; journeys before that day are judged by the roads of their time. Vehicle-days with
    fixes near what changed are judged anew at the next check.

    Example: hanhtrinh roads import vietnam-261101.osm.pbf --valid-from 2026-11-01
    """
    if example_map:
        print(EXAMPLE.read_text(encoding="utf-8"), end="")
        return
    if file is None:
        raise InputError("name a file to import, .osm.pbf or .geojson")
    day = None if valid_from is None else _day("--valid-from", valid_from)
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
        try:
            changes = import_roads(
                connection, _told(roads, tell), name, file.name, _hash(file), day, allow_loss, dry_run
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


@app.command("show")
def show_roads(
    context: typer.Context,
    road: Annotated[str | None, typer.Argument(metavar="[ID]", help="a road, such as osm/61736208; none: a summary")] = None,
    near: Annotated[str | None, typer.Option(metavar="LON,LAT", help=f"roads within {_NEAR_M} m of this point")] = None,
    at: Day = None,
    form: AsForm = Form.TABLE,
) -> None:  # fmt: skip
    """Print a road, or those near a point, with the limit of each vehicle class and the law that it rests on.

    Without either: how many roads there are of which source and class, and the imports.

    Example: hanhtrinh roads show --near 106.7615,21.8537 --at 2025-03-01
    """
    settings = settings_of(context)
    law, day = law_of(settings), _day("--at", at)
    with opened(settings) as connection, transaction(connection):
        if road is None and near is None:
            _summary(connection, day, form)
            return
        found = list(load_roads(connection, road, day=day))
    if near is not None:
        found = _near(found, *_point(near))
    if not found:
        raise InputError(
            f"no road {road or 'there'} on {day}" + ("" if near is None else f" within {_NEAR_M} m of {near}")
        )
    if form is Form.JSON:
        print(json.dumps([as_document(one, day, law) for one in found], ensure_ascii=False, indent=1, default=str))
        return
    rows = [(one, limit) for one in found for limit in class_limits(one, day, law)]
    if form is Form.CSV:
        _csv(
            ("road", "vehicles", "direction", "limit_kmh", "rests_on", "assumed"),
            ((one.id, *limit) for one, limit in rows),
        )
        return
    for one in found:
        _print(one)
        table = Table("vehicles", "direction", "limit, km/h", "rests on", "assumed")
        for limit in class_limits(one, day, law):
            figure = "none" if limit.limit_kmh is None else f"{limit.limit_kmh:g}"
            table.add_row(limit.vehicles, limit.direction, figure, limit.rests_on, limit.assumed)
        print_table(table)


def _print(road: Road) -> None:
    """What is known of a road, in lines of its own; a star marks what was assumed."""
    facts: list[tuple[str, str, Any]] = [
        ("", "class", road.road_class), ("kind", "kind", road.kind or "not known"),
        ("urban", "residential area", road.urban), ("lanes", "lanes", road.lanes), ("", "one-way", road.oneway),
        ("maxspeed", "sign", "none known" if road.maxspeed is None else f"{road.maxspeed:g}"),
        ("", "forward", road.maxspeed_forward), ("", "backward", road.maxspeed_backward),
        ("", "goods vehicles", road.maxspeed_hgv), ("", "goods forward", road.maxspeed_hgv_forward),
        ("", "goods backward", road.maxspeed_hgv_backward), ("", "not usable", road.conditional),
        ("", "tunnel", road.tunnel or None), ("", "bridge", road.bridge or None), ("", "layer", road.layer or None),
    ]  # fmt: skip
    said = [
        f"{name} {_plain(value)}{'*' if field in road.assumed else ''}"
        for field, name, value in facts
        if value is not None
    ]
    title = " ".join(part for part in (road.id, road.ref, road.name) if part)
    print(f"\n{visible(title)}")
    print(f"  {road.source}{f', dataset {road.dataset}' if road.dataset else ''}; holds "
          f"{road.valid_from or 'always'} to {road.valid_to or 'further notice'}")  # fmt: skip
    print("  " + visible("; ".join(said)) + ("   (* assumed)" if road.assumed else ""))


def _plain(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _near(roads: Sequence[Road], lon: float, lat: float) -> list[Road]:
    roads_there = index(roads)
    if roads_there is None:
        return []
    room = 2 * _NEAR_M / _METRES_A_DEGREE
    found = []
    for place in roads_there.inside(lon - 2 * room, lat - room, lon + 2 * room, lat + room).tolist():
        if roads_there.distance_m(place, lon, lat) <= _NEAR_M:
            found.append(roads[place])
    return found


def _summary(connection: Connection, day: date, form: Form) -> None:
    count = Counter(
        (road.dataset or "", road.source, road.road_class or "", road.kind or "not known",
         "none" if all(s is None for s in (road.maxspeed, road.maxspeed_forward, road.maxspeed_backward)) else "yes",
         ", ".join(sorted(road.assumed)))
        for road in load_roads(connection, day=day)
    )  # fmt: skip
    head = ("dataset", "source", "class", "kind", "sign", "assumed", "roads")
    rows = [(*key, number) for key, number in sorted(count.items())]
    imports = road_imports(connection)
    if form is Form.CSV:
        _csv(head, rows)
    elif form is Form.JSON:
        done = [one._asdict() for one in imports]
        print(json.dumps({"roads": [dict(zip(head, row, strict=True)) for row in rows], "imports": done}, default=str))
    else:
        _table(head, rows)
        _table(("imported", "dataset", "file", "holds from", "new", "changed", "ended", "as before"), (
            (show(one.imported_at), one.dataset, one.file, one.valid_from or "always", one.added, one.changed, one.ended,
             one.same) for one in imports))  # fmt: skip


@app.command("lint")
def lint_roads(
    context: typer.Context,
    dataset: Annotated[str | None, typer.Option(help="of this dataset only")] = None,
    at: Day = None,
    form: AsForm = Form.TABLE,
) -> None:
    """Print what looks wrong: gaps, contradictions, limits that jump, one-way conflicts, roads without kind, duplicates.

    Example: hanhtrinh roads lint --format csv > remarks.csv
    """
    day = _day("--at", at)
    with opened(settings_of(context)) as connection, transaction(connection):
        found = lint(list(load_roads(connection, dataset=dataset)), day)
    if form is Form.JSON:
        print(json.dumps([one._asdict() for one in found], ensure_ascii=False, indent=1))
    elif form is Form.CSV:
        _csv(Remark._fields, found)
    else:
        _table(Remark._fields, found)
    for check, number in sorted(Counter(one.check for one in found).items()):
        console.print(f"{number:6,} {check}")
    console.print(f"{len(found):,} remarks")


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = Table(*head)
    for row in rows:
        table.add_row(*(visible(str(cell)) for cell in row))
    print_table(table)


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(head)
    writer.writerows(rows)


def _day(option: str, text: str | None) -> date:
    try:
        return date.today() if text is None else date.fromisoformat(text)  # noqa: DTZ011
    except ValueError:
        raise InputError(f"{option} {text!r} is no date; write it as YYYY-MM-DD") from None


def _point(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        lon, lat = 181.0, 0.0
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError(f"--near {text!r} is no point; write longitude,latitude such as 106.7615,21.8537")
    return lon, lat


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
