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
    """A weigh station. A limit it states is that of a bridge or road sign; instrument error in permille."""

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


@dataclass(frozen=True, slots=True)
class Permit:
    """A circulation permit: the gross mass allowed to one plate, both days included."""

    plate: str
    gross_kg: int
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Road:
    """A road as a line of (lon, lat) points. maxspeed is the posted sign in km/h, None where none is known."""

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
