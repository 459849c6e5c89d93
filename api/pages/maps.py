"""Roads for the maps of the desk, as GeoJSON. Kept in this process until the registry changes."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from fastapi import Query, Request, Response

from api.answers import answer
from api.branch import Branch
from api.routes._given import GivenParts, GivenPool
from journey.localtime import day_of
from storage.registry import registry_version
from storage.roads.rows import RoadShape, road_shapes
from storage.server.pool import Pool, reading

ROUTER = Branch(prefix="/map")
_ROADS_MAX = 3000
type Box = tuple[float, float, float, float]  # west, south, east, north

Lon = Annotated[float, Query(ge=-180, le=180)]
Lat = Annotated[float, Query(ge=-90, le=90)]


@ROUTER.get("/roads", name="map_roads")
def roads(
    request: Request, parts: GivenParts, pool: GivenPool, west: Lon, south: Lat, east: Lon, north: Lat
) -> Response:
    with reading(pool) as connection:
        version = registry_version(connection)
    every = _roads(pool, version, day_of(parts.clock()))
    inside = [shape for shape, box in every if _touches(box, (west, south, east, north))][:_ROADS_MAX]
    return answer(request, {"type": "FeatureCollection", "features": [_feature(one) for one in inside]})


@lru_cache(maxsize=2)
def _roads(pool: Pool, version: int, day: int) -> list[tuple[RoadShape, Box]]:
    """version: of the registry; a change of it makes this be read again."""
    with reading(pool) as connection:
        return [(shape, _box(shape)) for shape in road_shapes(connection, day)]


def _box(shape: RoadShape) -> Box:
    lons, lats = zip(*shape.line, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _touches(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _feature(shape: RoadShape) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"name": shape.name or "", "sign_kmh": shape.sign_kmh},
            "geometry": {"type": "LineString", "coordinates": shape.line}}  # fmt: skip
