"""Roads for the maps of the desk, as GeoJSON. Kept in this process until the registry changes."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import answer
from api.routes._given import GivenParts, GivenPool
from journey.localtime import day_of
from storage.registry import registry_version
from storage.roads.rows import RoadShape, road_shapes
from storage.server.pool import Pool, reading

ROUTER = APIRouter(prefix="/map")
_ROADS_MAX = 3000
type Box = tuple[float, float, float, float]  # west, south, east, north

Lon = Annotated[float, Query(ge=-180, le=180)]
Lat = Annotated[float, Query(ge=-90, le=90)]


@ROUTER.get("/roads", name="map_roads")
def roads(
    request: Request, parts: GivenParts, pool: GivenPool, west: Lon, south: Lat, east: Lon, north: Lat
) -> Response:
    inside = roads_inside(pool, day_of(parts.clock()), (west, south, east, north))
    return answer(request, {"type": "FeatureCollection", "features": [_feature(one) for one in inside]})


def roads_inside(pool: Pool, day: int, box: Box) -> list[RoadShape]:
    """Roads of a local day that reach into a box of degrees."""
    with reading(pool) as connection:
        version = registry_version(connection)
    return [shape for shape, around in _roads(pool, version, day) if _touches(around, box)][:_ROADS_MAX]


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
