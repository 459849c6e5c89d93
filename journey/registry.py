"""What is known of operators, vehicles, drivers, stations and roads, besides what they send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Operator:
    id: str
    name: str
    tax_code: str | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """Who runs recorder servers and sends for operators. `operators`: their ids; None: it may speak for every one."""

    id: str
    name: str
    operators: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """A registry row of one vehicle, in force from valid_from to valid_to, both days included (None: open)."""

    plate: str
    operator: str
    kind: str
    business: str | None = None
    seats: int | None = None
    payload_kg: int | None = None
    kerb_kg: int | None = None
    design_gross_kg: int | None = None
    towed_kg: int | None = None
    kingpin_mm: int | None = None
    liquid_tank: bool = False
    badge: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Driver:
    licence: str
    name: str
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """A weigh station. A limit it states is that of a bridge or road sign; instrument error in permille.

    open: JSON, null or "24/24" always, else local times "06:00-22:00", several with commas. corridor: a point of the
    road before the station and one after it, in the direction weighed: lon, lat, lon, lat; corridor_m: the way between
    them by the station. valid_from, valid_to: the days, both included, on which somebody can avoid the station.
    """

    id: str
    name: str
    lon: float | None = None
    lat: float | None = None
    direction_deg: float | None = None
    automatic_one_stage: bool = False
    instrument_error_permille: int = 0
    gross_limit_kg: int | None = None
    axle_limit_kg: int | None = None
    open: str | None = None
    corridor: tuple[float, float, float, float] | None = None
    corridor_m: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Permit:
    """A circulation permit: the gross mass allowed to one plate, both days included."""

    plate: str
    gross_kg: int
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Road:
    """A road as a line of (lon, lat) points, with what is posted along it. Limits in km/h, None where none is known.

    id: stable over rows of different validity; `osm/<way id>` where it comes from OpenStreetMap.
    kind: expressway, divided or undivided. maxspeed: the sign for both directions and every vehicle; forward is along
    the line; hgv is for goods vehicles above 3.5 t. The most special sign holds.
    ref: number of the road, with the kilometre where stated. road_class: what the source calls it (OSM: highway=*).
    source: osm, authority or assumed. dataset: the import that the row belongs to, None: reference data.
    assumed: those of kind, urban, lanes, maxspeed that nobody stated. An assumed divided or undivided may be the other
    of the two, an assumed maxspeed says that no sign is known, not that none stands.
    conditional: limits as tagged that hold at times only, or that could not be read.
    """

    id: str
    name: str | None
    kind: str | None
    urban: bool | None
    maxspeed: float | None
    oneway: bool
    lanes: int | None
    line: tuple[tuple[float, float], ...]
    valid_from: date | None = None
    valid_to: date | None = None
    ref: str | None = None
    road_class: str | None = None
    maxspeed_forward: float | None = None
    maxspeed_backward: float | None = None
    maxspeed_hgv: float | None = None
    maxspeed_hgv_forward: float | None = None
    maxspeed_hgv_backward: float | None = None
    source: str = "authority"
    dataset: str | None = None
    assumed: frozenset[str] = frozenset()
    tunnel: bool = False
    bridge: bool = False
    layer: int = 0
    conditional: str | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """An administrative area. level 1: province, 2: what lies below it. boundary: WKB of a MultiPolygon, WGS 84."""

    level: int
    code: str
    name: str
    boundary: bytes
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Registry:
    """Who runs which vehicle and what each may carry. `box`: plausible area, lon min, lat min, lon max, lat max."""

    operators: tuple[Operator, ...] = ()
    vehicles: tuple[Registration, ...] = ()
    drivers: tuple[Driver, ...] = ()
    stations: tuple[Station, ...] = ()
    permits: tuple[Permit, ...] = ()
    roads: tuple[Road, ...] = ()
    box: tuple[float, float, float, float] | None = None
    providers: tuple[Provider, ...] = ()
