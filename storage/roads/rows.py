"""Rows of roads: written, read, and as lines for a map. In the open transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, LiteralString, NamedTuple

from journey.registry import Road
from storage.database import Connection

COLUMNS: LiteralString = """
    id, name, kind, urban, maxspeed, oneway, lanes, line, valid_from, valid_to, ref, road_class, maxspeed_forward,
    maxspeed_backward, maxspeed_hgv, maxspeed_hgv_forward, maxspeed_hgv_backward, source, dataset, assumed, tunnel,
    bridge, layer, conditional"""
INSERT_ROAD: LiteralString = (
    "INSERT INTO road (" + COLUMNS + ") VALUES (" + "%s, " * 7 + "%s::jsonb, " + "%s, " * 11 + "%s::text[], "
    "%s, %s, %s, %s)"
)  # fmt: skip
_SELECT: LiteralString = (
    f"SELECT {COLUMNS} FROM road WHERE (%(id)s::text IS NULL OR id = %(id)s) "  # noqa: S608
    "AND (%(dataset)s::text IS NULL OR dataset IS NOT DISTINCT FROM %(dataset)s) "
    "AND (%(day)s::date IS NULL OR (coalesce(valid_from, %(day)s) <= %(day)s AND coalesce(valid_to, %(day)s) >= "
    "%(day)s)) ORDER BY id, row"
)
_IMPORTS = """
    SELECT dataset, file, hash, floor(extract(epoch FROM imported_at))::bigint, valid_from, added, changed, ended, same
    FROM road_import ORDER BY id
"""

_LINES: LiteralString = """
    SELECT name, maxspeed, line FROM road
    WHERE (valid_from IS NULL OR valid_from <= date '1970-01-01' + %(day)s::int)
    AND (valid_to IS NULL OR valid_to >= date '1970-01-01' + %(day)s::int) ORDER BY id, row
"""


class RoadShape(NamedTuple):
    """name: None: not known; sign_kmh: posted, None: none known; line: (lon, lat) in degrees."""

    name: str | None
    sign_kmh: float | None
    line: tuple[tuple[float, float], ...]


def road_shapes(connection: Connection, day: int) -> list[RoadShape]:
    """Every road in force on a local day."""
    return [
        RoadShape(name, sign, tuple((lon, lat) for lon, lat in line))
        for name, sign, line in connection.execute(_LINES, {"day": day})
    ]


class RoadImport(NamedTuple):
    """A file that was taken in and changed something. imported_at: s UTC. The counts are of roads."""

    dataset: str
    file: str
    hash: str
    imported_at: int
    valid_from: date | None
    added: int
    changed: int
    ended: int
    same: int


def road_imports(connection: Connection) -> list[RoadImport]:
    """Every import of roads, in the order in which they came."""
    return [RoadImport(*row) for row in connection.execute(_IMPORTS)]


def load_roads(
    connection: Connection, id_: str | None = None, dataset: str | None = None, day: date | None = None
) -> Iterator[Road]:
    """Roads by id, rows of one road in the order in which they came. Args: day: only those in force on it."""
    for row in connection.execute(_SELECT, {"id": id_, "dataset": dataset, "day": day}):
        yield road_of(row)


def road_row(road: Road) -> tuple[object, ...]:
    """A road as COLUMNS has it."""
    return (
        road.id, road.name, road.kind, road.urban, road.maxspeed, road.oneway, road.lanes, json.dumps(road.line),
        road.valid_from, road.valid_to, road.ref, road.road_class, road.maxspeed_forward, road.maxspeed_backward,
        road.maxspeed_hgv, road.maxspeed_hgv_forward, road.maxspeed_hgv_backward, road.source, road.dataset,
        sorted(road.assumed), road.tunnel, road.bridge, road.layer, road.conditional,
    )  # fmt: skip


def road_of(row: tuple[Any, ...]) -> Road:
    """A road from a row of COLUMNS."""
    line: tuple[tuple[float, float], ...] = tuple((lon, lat) for lon, lat in row[7])
    values: list[Any] = [*row[:7], line, *row[8:19], frozenset(row[19]), *row[20:]]
    return Road(*values)
