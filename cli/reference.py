"""Reading reference data: registry, stations, permits, roads. Every error names file, line, key and what to mend."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from cli.jsonplace import line_of
from journey import plates
from journey.registry import Driver, Operator, Permit, Provider, Registration, Registry, Road, Station


class InputError(ValueError):
    """An input file cannot be used. The text names the file, the place in it and what to mend."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


def _number(value: Any) -> Any:
    """JSON's true is no 1: as a mass or a limit it would accuse everybody."""
    if isinstance(value, bool):
        raise ValueError("write a number, not true or false")
    return value


def _day(value: Any) -> Any:
    """A number would be read as a time in Unix seconds or milliseconds, whichever looks likelier."""
    if isinstance(value, int | float) or (isinstance(value, str) and value.strip().isdigit()):
        raise ValueError("write a day such as 2026-03-01")
    return value


Whole = Annotated[int, BeforeValidator(_number)]
Real = Annotated[float, BeforeValidator(_number)]
Day = Annotated[date, BeforeValidator(_day)]
Mass = Annotated[Whole, Field(ge=0, le=1_000_000)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Longitude = Annotated[Real, Field(ge=-180, le=180)]
Latitude = Annotated[Real, Field(ge=-90, le=90)]


class _Operator(_Row):
    id: Text
    name: Text
    tax_code: str | None = None


class _Vehicle(_Row):
    plate: Text
    operator: Text
    kind: Literal[
        "truck", "tanker_truck", "tractor", "trailer", "semi_trailer", "tanker_semi_trailer",
        "bus", "coach", "taxi", "special", "mixer",
    ]  # fmt: skip
    business: Literal["goods", "container", "fixed_route", "bus", "contract", "tourist", "taxi"] | None = None
    seats: Annotated[Whole, Field(ge=0, le=500)] | None = None
    payload_kg: Mass | None = None
    kerb_kg: Mass | None = None
    design_gross_kg: Mass | None = None
    towed_kg: Mass | None = None
    kingpin_mm: Annotated[Whole, Field(gt=0, le=30_000)] | None = None
    liquid_tank: bool | None = None
    badge: str | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None


class _Driver(_Row):
    licence: Text
    name: str | None = None
    operator: str | None = None


class _Provider(_Row):
    id: Text
    name: Text
    operators: tuple[Text, ...] | Literal["all"]


class _Registry(_Row):
    box: tuple[Longitude, Latitude, Longitude, Latitude] | None = None
    operators: tuple[_Operator, ...] = ()
    vehicles: tuple[_Vehicle, ...] = ()
    drivers: tuple[_Driver, ...] = ()
    providers: tuple[_Provider, ...] = ()


class _Station(_Row):
    id: Text
    name: str | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    direction_deg: Real | None = None
    automatic_one_stage: bool | None = None
    instrument_error_permille: Annotated[Whole, Field(ge=0, lt=1000)] | None = None
    gross_limit_kg: Annotated[Whole, Field(gt=0)] | None = None
    axle_limit_kg: Annotated[Whole, Field(gt=0)] | None = None
    open: Any = None
    corridor: tuple[Longitude, Latitude, Longitude, Latitude] | None = None
    corridor_m: Annotated[Whole, Field(gt=0)] | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None


class _Permit(_Row):
    plate: Text
    gross_kg: Annotated[Whole, Field(gt=0, le=1_000_000)]
    valid_from: Day | None = None
    valid_to: Day | None = None


Limit = Annotated[Real, Field(ge=1, le=200)]  # km/h


class RoadProperties(_Row):
    id: Text
    name: str | None = None
    kind: Literal["expressway", "divided", "undivided"] | None = None
    urban: bool | None = None
    maxspeed: Limit | None = None
    oneway: bool | None = None
    lanes: Annotated[Whole, Field(ge=1, le=20)] | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    ref: str | None = None
    road_class: str | None = None
    maxspeed_forward: Limit | None = None
    maxspeed_backward: Limit | None = None
    maxspeed_hgv: Limit | None = None
    maxspeed_hgv_forward: Limit | None = None
    maxspeed_hgv_backward: Limit | None = None
    source: Literal["osm", "authority", "assumed"] | None = None
    assumed: frozenset[Literal["kind", "urban", "lanes", "maxspeed"]] | None = None
    tunnel: bool | None = None
    bridge: bool | None = None
    layer: Annotated[Whole, Field(ge=-20, le=20)] | None = None
    conditional: str | None = None


def _plane(point: Any) -> Any:
    """A position's longitude and latitude; GeoJSON allows an altitude behind them."""
    return point[:2] if isinstance(point, list) else point


class _Line(_Row):
    type: Literal["LineString"]
    coordinates: Annotated[
        tuple[Annotated[tuple[Longitude, Latitude], BeforeValidator(_plane)], ...], Field(min_length=2)
    ]


class _Feature(_Row):
    properties: RoadProperties
    geometry: _Line


class _Roads(_Row):
    features: tuple[_Feature, ...]


def read_folder(folder: Path) -> Registry:
    """The reference data of a folder: registry.json, and where they are there stations, permits and roads."""
    registry = read_registry(folder / "registry.json")
    return Registry(
        registry.operators,
        registry.vehicles,
        registry.drivers,
        read_stations(folder / "stations.json"),
        read_permits(folder / "permits.json"),
        read_roads(folder / "roads.geojson"),
        registry.box,
        registry.providers,
    )


def read_registry(path: Path) -> Registry:
    read = _read(path, _Registry)
    box = read.box
    if box is not None and not (box[0] < box[2] and box[1] < box[3]):
        raise _fault(path, ("box",), "write lon min, lat min, lon max, lat max")
    _check_rows(path, "vehicles", read.vehicles, [(plates.plate(row.plate), row.valid_from) for row in read.vehicles])
    return Registry(
        tuple(Operator(**row.model_dump()) for row in read.operators),
        tuple(_registration(row) for row in read.vehicles),
        tuple(Driver(plates.licence(row.licence) or row.licence, row.name or "", row.operator) for row in read.drivers),
        box=box,
        providers=_providers(path, read),
    )


def _providers(path: Path, read: _Registry) -> tuple[Provider, ...]:
    """A sender is named by its id alone, so that of an operator cannot be a provider's too."""
    taken = {row.id for row in read.operators} & {row.id for row in read.providers}
    if taken:
        raise _fault(path, ("providers",), f"{min(taken)!r} is the id of an operator too; give one of them another id")
    return tuple(
        Provider(row.id, row.name, None if row.operators == "all" else tuple(sorted(set(row.operators))))
        for row in read.providers
    )


def _registration(row: _Vehicle) -> Registration:
    # A tanker whose freight the registry does not state counts as carrying liquid: the wider tolerance.
    liquid = row.kind in ("tanker_truck", "tanker_semi_trailer") if row.liquid_tank is None else row.liquid_tank
    return Registration(**{**row.model_dump(), "plate": plates.plate(row.plate), "liquid_tank": liquid})


def read_stations(path: Path) -> tuple[Station, ...]:
    rows = _read(path, tuple[_Station, ...]) if path.exists() else ()
    _check_rows(path, None, rows, [row.id for row in rows])
    for number, row in enumerate(rows):
        if row.corridor is not None and (row.lon is None or row.lat is None):
            raise _fault(path, (number, "corridor"), f"{row.id}: give the station's own lon and lat too")
        if row.corridor_m is not None and row.corridor is None:
            raise _fault(path, (number, "corridor_m"), f"{row.id}: give the corridor's points too: lon, lat, lon, lat")
    return tuple(
        Station(
            **{
                **row.model_dump(),
                "name": row.name or "",
                "automatic_one_stage": bool(row.automatic_one_stage),
                "instrument_error_permille": row.instrument_error_permille or 0,
                "open": row.open if row.open is None else json.dumps(row.open, ensure_ascii=False),
            }
        )
        for row in rows
    )


def read_permits(path: Path) -> tuple[Permit, ...]:
    rows = _read(path, tuple[_Permit, ...]) if path.exists() else ()
    _check_rows(path, None, rows)
    return tuple(Permit(plates.plate(row.plate), row.gross_kg, row.valid_from, row.valid_to) for row in rows)


def read_roads(path: Path) -> tuple[Road, ...]:
    features = _read(path, _Roads).features if path.exists() else ()
    for number, row in enumerate(features):
        _check_days(path, ("features", number, "properties"), row.properties)
    return tuple(road_of_properties(row.properties, row.geometry.coordinates) for row in features)


def road_of_properties(row: RoadProperties, line: tuple[tuple[float, float], ...]) -> Road:
    """What a road does not state has the default of journey.registry.Road."""
    stated = {name: value for name, value in row.model_dump().items() if value is not None}
    always: dict[str, Any] = dict.fromkeys(("name", "kind", "urban", "maxspeed", "lanes")) | {"oneway": False}
    return Road(**always | stated, line=line)


def _check_rows(
    path: Path, name: str | None, rows: Iterable[_Vehicle | _Station | _Permit], keys: Iterable[Hashable] = ()
) -> None:
    """Refuses days in the wrong order, and two rows of one key that differ: nothing says which of them holds."""
    before: tuple[str, ...] = () if name is None else (name,)
    for number, row in enumerate(rows):
        _check_days(path, (*before, number), row)
    held: dict[Hashable, tuple[int, _Row]] = {}
    for number, (key, row) in enumerate(zip(keys, rows, strict=False)):
        first, other = held.setdefault(key, (number, row))
        if row != other:
            text = f"another row of the same {'id' if name is None else 'plate and first day'} is {first}; keep one"
            raise _fault(path, (*before, number), text)


def _check_days(path: Path, place: tuple[int | str, ...], row: _Vehicle | _Station | _Permit | RoadProperties) -> None:
    if row.valid_from is not None and row.valid_to is not None and row.valid_to < row.valid_from:
        raise _fault(path, (*place, "valid_to"), f"{row.valid_to} lies before valid_from, {row.valid_from}")


def _read[T](path: Path, form: type[T]) -> T:
    try:
        return TypeAdapter(form).validate_json(path.read_bytes())
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; a folder of cases or reference data holds it") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        given = f" (given: {str(first['input'])[:60]!r})" if first["type"] not in ("missing", "json_invalid") else ""
        raise _fault(path, first["loc"], first["msg"].removeprefix("Value error, ") + given) from None


def _fault(path: Path, place: tuple[int | str, ...], text: str) -> InputError:
    """What is wrong at a place of a file. A message on what is no JSON names its line itself."""
    line = line_of(path.read_bytes(), place)
    where = f"line {line}: " if line is not None else ""
    return InputError(f"{path}: {where}{'.'.join(str(part) for part in place) or 'the file'}: {text}")
