"""Roads of a GeoJSON file of an authority: every feature examined, every fault named before anything is taken in."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from cli.reference import InputError, RoadProperties, road_of_properties
from cli.roads.mapping import Mapping
from journey.registry import Road

type Box = tuple[float, float, float, float]  # west, south, east, north
type Line = tuple[tuple[float, float], ...]

_FAULTS_SHOWN = 20
_BYTES_MAX = 2 << 30
ASSUMABLE = ("kind", "urban", "lanes", "maxspeed")


def read_geojson(path: Path, mapping: Mapping, box: Box | None) -> list[Road]:
    """Args: box: in which every point has to lie; None: anywhere. Raises InputError with every fault found."""
    roads: list[Road] = []
    faults: list[str] = []
    seen: Counter[str] = Counter()
    for number, feature in enumerate(_features(path), 1):
        try:
            found = _roads(feature, mapping, box)
        except ValueError as error:
            faults.append(f"feature {number}{_name(feature, mapping)}: {error}")
            continue
        if not found:
            continue
        key = found[0].id.partition("/part ")[0]
        seen[key] += 1
        if seen[key] > 1 and mapping.duplicates == "number":
            found = [replace(road, id=road.id.replace(key, f"{key}~{seen[key]}", 1)) for road in found]
        roads += found
    roads_by_days = Counter((road.id, road.valid_from) for road in roads)
    faults += [
        f'id {road!r}: {count} features have it for the same days; give each its own, or map duplicates = "number"'
        for (road, _), count in roads_by_days.items()
        if count > 1
    ]
    if faults:
        more = f"\n  and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
        raise InputError(
            f"{path}: {len(faults)} faults, nothing was imported:\n  " + "\n  ".join(faults[:_FAULTS_SHOWN]) + more
        )
    return roads


def _features(path: Path) -> list[Any]:
    try:
        if path.stat().st_size > _BYTES_MAX:
            raise InputError(f"{path}: is larger than {_BYTES_MAX >> 20} MB; cut it into files of one dataset each")
        document = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}: is no JSON, or cut short: {error}") from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise InputError(f"{path}: has no list of features; a GeoJSON FeatureCollection is wanted")
    crs = document.get("crs")
    name = (
        str(crs["properties"].get("name", ""))
        if isinstance(crs, dict) and isinstance(crs.get("properties"), dict)
        else ""
    )
    if name and not name.upper().endswith(("CRS84", "4326")):
        raise InputError(f"{path}: its coordinates are in {name}; write them in WGS 84 (longitude, latitude)")
    return features


def _name(feature: Any, mapping: Mapping) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    found = properties.get(mapping.fields.get("id", "id")) if isinstance(properties, dict) else None
    return "" if found is None else f" (id {str(found)[:60]!r})"


def _roads(feature: Any, mapping: Mapping, box: Box | None) -> list[Road]:
    """The roads of a feature: one a part of its geometry. Raises ValueError."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise ValueError("is no feature with properties")
    properties = feature["properties"]
    if mapping.dropped(properties):
        return []
    road = _described(mapping.read(properties), mapping)
    lines = _lines(feature.get("geometry"), box)
    if len(lines) == 1:
        return [replace(road, line=lines[0])]
    return [replace(road, id=f"{road.id}/part {number}", line=line) for number, line in enumerate(lines, 1)]


def _described(stated: dict[str, Any], mapping: Mapping) -> Road:
    # A column that is there and empty states that nothing is posted; one that is not there states nothing.
    assumed = {name for name in ASSUMABLE if name not in stated}
    assumed |= {name for name in ("kind", "urban") if stated.get(name) is None}
    for name, value in mapping.assume.items():
        if stated.get(name) is None:
            stated[name] = value
            assumed |= {name} & set(ASSUMABLE)
    try:
        row = RoadProperties.model_validate(stated)
    except ValidationError as error:
        first = error.errors()[0]
        given = "" if first["type"] == "missing" else f" (given: {str(first['input'])[:60]!r})"
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}{given}") from None
    if row.valid_from is not None and row.valid_to is not None and row.valid_to < row.valid_from:
        raise ValueError(f"valid_to {row.valid_to} lies before valid_from {row.valid_from}")
    if row.oneway and (row.maxspeed_backward is not None or row.maxspeed_hgv_backward is not None):
        raise ValueError("a limit is posted against the direction of a one-way road")
    if None not in (row.maxspeed, row.maxspeed_forward, row.maxspeed_backward) and row.maxspeed not in (
        row.maxspeed_forward,
        row.maxspeed_backward,
    ):
        raise ValueError(
            f"maxspeed {row.maxspeed:g} is that of neither direction ({row.maxspeed_forward:g} forward, "
            f"{row.maxspeed_backward:g} backward)"
        )
    return replace(road_of_properties(row, ()), assumed=frozenset(assumed | (row.assumed or set())))


def _lines(geometry: Any, box: Box | None) -> list[Line]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("LineString", "MultiLineString"):
        raise ValueError(f"its geometry is {kind or 'empty'}; a LineString or MultiLineString is wanted")
    parts = geometry.get("coordinates")
    parts = [parts] if kind == "LineString" else parts
    if not isinstance(parts, list) or not parts:
        raise ValueError("its geometry is empty")
    return [_line(part, box) for part in parts]


def _line(points: Any, box: Box | None) -> Line:
    if not isinstance(points, list):
        raise ValueError("its coordinates are no list of points")
    line: list[tuple[float, float]] = []
    for point in points:
        if not (isinstance(point, list) and len(point) >= 2 and all(_is_number(part) for part in point[:2])):
            raise ValueError(f"{str(point)[:60]} is no point [longitude, latitude]")
        lon, lat = float(point[0]), float(point[1])
        _examine(lon, lat, box)
        if not line or line[-1] != (lon, lat):
            line.append((lon, lat))
    if len(line) < 2:
        raise ValueError(f"its line has {len(line)} different points; two are needed")
    return tuple(line)


def _is_number(part: Any) -> bool:
    return isinstance(part, (int, float)) and not isinstance(part, bool)


def _examine(lon: float, lat: float, box: Box | None) -> None:
    west, south, east, north = box or (-180.0, -90.0, 180.0, 90.0)
    if west <= lon <= east and south <= lat <= north:
        return
    place = f"the point {lon:g}, {lat:g}"
    if west <= lat <= east and south <= lon <= north:
        raise ValueError(f"{place} has its coordinates exchanged: write longitude first")
    raise ValueError(f"{place} lies outside {west:g}..{east:g} E, {south:g}..{north:g} N; --anywhere takes it")
