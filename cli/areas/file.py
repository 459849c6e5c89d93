"""Reading boundaries of administrative areas: GeoJSON polygons with code, name, level and days in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import orjson
import shapely
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from cli.reference import InputError
from journey.registry import Area

_DAY = timedelta(days=1)
_LON_MAX, _LAT_MAX = 180, 90


class _Properties(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    code: Annotated[str, Field(min_length=1, max_length=40, validation_alias=AliasChoices("code", "id"))]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    level: Annotated[int, Field(ge=1, le=9)] | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class _Feature(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    properties: _Properties
    geometry: dict[str, Any]


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Literal["FeatureCollection"]
    features: tuple[_Feature, ...]


class Given(NamedTuple):
    """What holds of areas whose properties do not say it."""

    level: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class ReadAreas(NamedTuple):
    """mended: names of areas whose boundary crossed itself."""

    areas: tuple[Area, ...]
    mended: tuple[str, ...]


def read_areas(paths: Iterable[Path], given: Given = Given()) -> ReadAreas:  # noqa: B008 - a tuple
    """The areas of files. Raises InputError, which names the file, the area and what to mend."""
    areas: list[Area] = []
    mended: list[str] = []
    for path in paths:
        for number, feature in enumerate(_read(path).features):
            said = feature.properties
            place = f"{path}: features.{number} ({said.name})"
            level = said.level if said.level is not None else given.level
            if level is None:
                raise InputError(f"{place}: has no level; write it into the file, or give --level (1: province)")
            shape, was_mended = _boundary(feature.geometry, place)
            valid_from, valid_to = said.valid_from or given.valid_from, said.valid_to or given.valid_to
            if valid_from is not None and valid_to is not None and valid_to < valid_from:
                raise InputError(f"{place}: ends on {valid_to}, before it begins on {valid_from}")
            areas.append(Area(level, said.code, said.name, shape, valid_from, valid_to))
            mended += [f"{said.name} ({said.code})"] * was_mended
    return ReadAreas(tuple(areas), tuple(mended))


def refuse_overlaps(areas: Iterable[Area]) -> None:
    """Raises InputError where one area (level and code) would have two boundaries on a day."""
    by_code: defaultdict[tuple[int, str], list[Area]] = defaultdict(list)
    for one in areas:
        by_code[one.level, one.code].append(one)
    for (level, code), some in by_code.items():
        some.sort(key=lambda one: one.valid_from or date.min)
        for before, after in pairwise(some):
            begins = after.valid_from or date.min
            if before.valid_to is None or before.valid_to >= begins:
                end = f" {begins - _DAY}" if begins > date.min else ""
                raise InputError(
                    f"area {code} of level {level} ({before.name}; {after.name}) has two boundaries from {begins} on: "
                    f"end the first one, by importing it with its valid_from and --valid-to{end}"
                )


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(orjson.loads(path.read_bytes()))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}: no GeoJSON: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{path}: {place}: {first['msg']}; each feature needs properties code (or id) and name, and a "
                         "polygon") from None  # fmt: skip


def _boundary(geometry: dict[str, Any], place: str) -> tuple[bytes, bool]:
    """A polygon as WKB in one writing, and whether it had to be mended, as its line crossed itself."""
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise InputError(f"{place}: is no Polygon or MultiPolygon")
    try:
        shape = shapely.force_2d(shapely.from_geojson(orjson.dumps(geometry)))
    except shapely.errors.ShapelyError as error:
        raise InputError(f"{place}: {error}") from None
    west, south, east, north = shape.bounds if not shape.is_empty else (0, 0, 999, 999)
    if west < -_LON_MAX or east > _LON_MAX or south < -_LAT_MAX or north > _LAT_MAX:
        raise InputError(f"{place}: is empty or lies off the globe: give WGS 84 degrees, longitude first")
    valid = shape.is_valid
    if not valid:
        shape = shapely.make_valid(shape, method="structure")
    polygons = [part for part in shapely.get_parts([shape]) if part.geom_type == "Polygon"]
    if not polygons:
        raise InputError(f"{place}: encloses nothing")
    return bytes(shapely.to_wkb(shapely.normalize(shapely.multipolygons(polygons)), byte_order=1)), not valid
