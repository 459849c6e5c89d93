"""Sections 1 and 2: plates, drivers, the registry, and fixes with their flags."""

import math
import re
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from .figures import (
    EARTH_M,
    FROZEN_MIN_TENTHS,
    FUTURE_S,
    JUMP_KMH,
    SCALE_ABOVE,
    SPEED_MAX_TENTHS,
    local_date,
)

FATAL = {"zero", "outside", "future", "speed_range", "jump"}
DOMESTIC_PLATE = re.compile(r"[0-9]{2}[A-Z]{1,2}[0-9]{3,5}")


@dataclass
class Fix:
    """One fix of section 2, decoded; lon and lat as sent until the flags are set."""

    vehicle: str
    time: int
    lon: float
    lat: float
    tenths: int
    driver: str | None
    heading: float | None
    ignition: int | None
    received: int | None
    scaled: bool
    flags: set[str] = field(default_factory=set)

    @property
    def usable(self) -> bool:
        """Section 2: no fatal flag."""
        return not self.flags & FATAL


def solid(text: str) -> str:
    """Section 1: upper case, letters and digits only, D with stroke written D."""
    return "".join(c for c in text.upper().replace("Đ", "D") if c.isalnum())


def plate_of(text: str) -> str:
    """Section 1: the normalised plate; one of no known form is kept as sent, trimmed."""
    plate = solid(text)
    return plate if DOMESTIC_PLATE.fullmatch(plate) else text.strip()


def driver_of(text: str | None) -> str | None:
    """Section 1: the normalised licence, or None for an unknown driver."""
    licence = solid(text or "")
    if len(licence) < 6 or set(licence) == {"0"}:
        return None
    return licence


def days_include(row: dict[str, Any], time: int) -> bool:
    """Section 1: valid_from to valid_to, both local days included; an absent end is open."""
    day = local_date(time)
    since, until = row.get("valid_from"), row.get("valid_to")
    return (not since or since <= day) and (not until or day <= until)


class Registry:
    """The registry's vehicle rows, looked up by plate and instant."""

    def __init__(self, registry: dict[str, Any]) -> None:
        """Group the rows by normalised plate."""
        self.box: list[float] = registry.get("box") or [102, 8, 110, 24]
        self.rows: dict[str, list[dict[str, Any]]] = {}
        for row in registry.get("vehicles") or []:
            self.rows.setdefault(plate_of(row["plate"]), []).append(row)

    def row(self, plate: str, time: int) -> dict[str, Any] | None:
        """Section 1: the row valid at the instant; of several the latest valid_from, then the last listed."""
        best = None
        for row in self.rows.get(plate, []):
            if days_include(row, time) and (
                best is None or (row.get("valid_from") or "") >= (best.get("valid_from") or "")
            ):
                best = row
        return best

    def operator(self, plate: str, time: int) -> str | None:
        """Section 4: the operator of the vehicle at the instant of the finding."""
        row = self.row(plate, time)
        return row.get("operator") if row else None


def haversine(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Section 1: metres between two points on the sphere."""
    p1, p2 = math.radians(lat1), math.radians(lat2)
    half_lat, half_lon = (p2 - p1) / 2, math.radians(lon2 - lon1) / 2
    h = math.sin(half_lat) ** 2 + math.cos(p1) * math.cos(p2) * math.sin(half_lon) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(min(1.0, h)))


def metres(a: Fix, b: Fix) -> float:
    """Section 1: metres between two fixes."""
    return haversine(a.lon, a.lat, b.lon, b.lat)


def whole_seconds(text: str) -> tuple[int, bool]:
    """Section 2, scaled_time: whole Unix seconds, and whether milliseconds were sent."""
    value = int(Decimal(text).to_integral_value(ROUND_FLOOR))
    return (value // 1000, True) if value > SCALE_ABOVE else (value, False)


def decode(row: dict[str, str]) -> Fix:
    """Section 2: one line of positions.csv."""
    time, scaled = whole_seconds(row["time"])
    received, heading, ignition = row.get("received"), row.get("heading"), row.get("ignition")
    return Fix(
        vehicle=plate_of(row["vehicle"]),
        time=time,
        lon=float(row["lon"]),
        lat=float(row["lat"]),
        tenths=int((Decimal(row["speed_kmh"]) * 10).to_integral_value(ROUND_HALF_UP)),
        driver=driver_of(row.get("driver")),
        heading=float(heading) if heading else None,
        ignition=int(ignition) if ignition else None,
        received=whole_seconds(received)[0] if received else None,
        scaled=scaled,
    )


def absent_first(value: Any) -> tuple[bool, Any]:
    """Section 2: a sort key that puts absent before any value."""
    return (value is not None, 0 if value is None else value)


def winning_key(fix: Fix) -> tuple[Any, ...]:
    """Section 2: first received wins, absent last; then lower speed, then the smaller fields."""
    return (
        fix.received is None,
        fix.received or 0,
        fix.tenths,
        fix.lon,
        fix.lat,
        absent_first(fix.driver),
        absent_first(fix.heading),
        absent_first(fix.ignition),
    )


def conflicting(a: Fix, b: Fix) -> bool:
    """Section 2: copies of one fix that differ in what they say."""
    return (a.driver, a.lon, a.lat, a.tenths, a.heading, a.ignition) != (
        b.driver,
        b.lon,
        b.lat,
        b.tenths,
        b.heading,
        b.ignition,
    )


@dataclass
class Fixes:
    """All stored fixes: per vehicle in time order, with the counts of the summary."""

    by_vehicle: dict[str, list[Fix]]
    duplicates: int
    conflicts: int

    def usable(self, vehicle: str) -> list[Fix]:
        """Section 2: the vehicle's fixes that the rules may use."""
        return [f for f in self.by_vehicle[vehicle] if f.usable]


def read_fixes(positions: list[dict[str, str]], box: list[float]) -> Fixes:
    """Section 2: decode, settle duplicates, set flags."""
    copies: dict[tuple[str, int], list[Fix]] = {}
    for row in positions:
        fix = decode(row)
        copies.setdefault((fix.vehicle, fix.time), []).append(fix)
    fixes = Fixes({}, 0, 0)
    for key in sorted(copies):
        group = sorted(copies[key], key=winning_key)
        winner = group[0]
        fixes.duplicates += len(group) - 1
        fixes.conflicts += sum(1 for loser in group[1:] if conflicting(winner, loser))
        if any(copy.scaled for copy in group):
            winner.flags.add("scaled_time")
        fixes.by_vehicle.setdefault(winner.vehicle, []).append(winner)
    for line in fixes.by_vehicle.values():
        for fix in line:
            flag_alone(fix, box)
        flag_jumps(line)
        flag_frozen(line)
    return fixes


def inside(lon: float, lat: float, box: list[float]) -> bool:
    """Section 2: within the plausible area, its edges included."""
    return box[0] <= lon <= box[2] and box[1] <= lat <= box[3]


def flag_alone(fix: Fix, box: list[float]) -> None:
    """Section 2: the flags that need no other fix; a swapped fix is exchanged."""
    if fix.lon == 0 and fix.lat == 0:
        fix.flags.add("zero")
    if not inside(fix.lon, fix.lat, box):
        if inside(fix.lat, fix.lon, box):
            fix.flags.add("swapped")
            fix.lon, fix.lat = fix.lat, fix.lon
        else:
            fix.flags.add("outside")
    if fix.received is not None and fix.time > fix.received + FUTURE_S:
        fix.flags.add("future")
    if fix.tenths < 0 or fix.tenths > SPEED_MAX_TENTHS:
        fix.flags.add("speed_range")


def too_fast(a: Fix, b: Fix) -> bool:
    """Section 2, jump: the straight line between two fixes needs more than 200 km/h."""
    return metres(a, b) * 3.6 > JUMP_KMH * (b.time - a.time)


def flag_jumps(line: list[Fix]) -> None:
    """Section 2, jump: judged left to right over the fixes without another fatal flag."""
    left = [f for f in line if f.usable]
    i = 1
    while i < len(left) - 1:
        before, here, after = left[i - 1], left[i], left[i + 1]
        if too_fast(before, here) and too_fast(here, after) and not too_fast(before, after):
            here.flags.add("jump")
            del left[i]  # a removed fix is no neighbour; the next one now stands at i
        else:
            i += 1


def flag_frozen(line: list[Fix]) -> None:
    """Section 2, frozen: third and later of a run on one spot at 20 km/h or more."""
    run: list[Fix] = []
    for fix in line:
        if not fix.usable:
            continue
        if fix.tenths < FROZEN_MIN_TENTHS:
            run = []
        elif run and (run[0].lon, run[0].lat) == (fix.lon, fix.lat):
            run.append(fix)
        else:
            run = [fix]
        if len(run) >= 3:
            fix.flags.add("frozen")
