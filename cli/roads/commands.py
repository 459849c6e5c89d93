"""`hanhtrinh roads`: import, show, lint."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli.dates import local_day
from cli.reference import InputError
from cli.roads.building import build_roads
from cli.roads.importing import import_file
from cli.roads.lint import Remark, lint
from cli.roads.showing import ClassLimit, as_document, class_limits, lowest
from cli.root import law_of, opened, settings_of
from cli.tables import print_table
from cli.visible import visible
from journey.localtime import show
from journey.registry import Road
from rules.roads.index import index
from storage.database import Connection, transaction
from storage.roads.rows import load_roads, road_imports

_BLOCK = 1 << 20
_SHOWN = 5
_NEAR_M = 30
_METRES_A_DEGREE = 111_195
EXAMPLE = Path(__file__).with_name("example.toml")

app = typer.Typer(name="roads", help="Roads and their limits: taken in, looked at, examined.", no_args_is_help=True)
app.command("build")(build_roads)
console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
app.command("import")(import_file)
Day = Annotated[str | None, typer.Option("--at", metavar="YYYY-MM-DD", help="as they stand on this local day; today")]


class Form(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


AsForm = Annotated[Form, typer.Option("--format", help="how it is printed")]


@app.command("show")
def show_roads(
    context: typer.Context,
    road: Annotated[str | None, typer.Argument(metavar="[ID]", help="such as osm/61736208; none: a summary")] = None,
    near: Annotated[str | None, typer.Option(metavar="LON,LAT", help=f"roads within {_NEAR_M} m of this point")] = None,
    at: Day = None,
    form: AsForm = Form.TABLE,
) -> None:  # fmt: skip
    """Print a road, or those near a point, with the limit of each vehicle class and the law that it rests on.

    Without either: how many roads there are of which source and class, and the imports.

    Example: hanhtrinh roads show --near 106.7615,21.8537 --at 2025-03-01
    """
    settings = settings_of(context)
    law, day = law_of(settings), local_day("--at", at)
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
            ("road", *ClassLimit._fields),
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
        if (least := lowest(one, day, law)) is not None:
            print(f"  not below {least.printed:g} km/h, unless designed for it: {least.path}: {least.citation}; "
                  "nothing is judged by it")  # fmt: skip


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
    around = roads_there.inside(lon - 2 * room, lat - room, lon + 2 * room, lat + room).tolist()
    return [roads[place] for place in around if roads_there.distance_m(place, lon, lat) <= _NEAR_M]


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
        named = ("imported", "dataset", "file", "holds from", "new", "changed", "ended", "as before")
        counts = [(one.added, one.changed, one.ended, one.same) for one in imports]
        _table(named, [
            (show(one.imported_at), one.dataset, one.file, one.valid_from or "always", *numbers)
            for one, numbers in zip(imports, counts, strict=True)
        ])  # fmt: skip


@app.command("lint")
def lint_roads(
    context: typer.Context,
    dataset: Annotated[str | None, typer.Option(help="of this dataset only")] = None,
    at: Day = None,
    form: AsForm = Form.TABLE,
) -> None:
    """Print what looks wrong: gaps, contradictions, jumping limits, one-way conflicts, no kind, duplicates, validity.

    Example: hanhtrinh roads lint --format csv > remarks.csv
    """
    day = local_day("--at", at)
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


def _point(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        lon, lat = 181.0, 0.0
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError(f"--near {text!r} is no point; write longitude,latitude such as 106.7615,21.8537")
    return lon, lat
