"""Clause 4.1: roads, limits, speeding episodes."""

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from .figures import (
    CLASSES_CHANGED,
    EARTH_M,
    OVER_MIN_TENTHS,
    ROAD_WITHIN_M,
    SPEED_LAW,
    SPEEDING_GAP_MAX_S,
    SPEEDING_MIN_FIXES,
    SPEEDING_MIN_S,
    day_starts,
    in_force,
    law_entry,
    method_entry,
)
from .reading import Fix, Registry, days_include, metres

Finding = dict[str, Any]
Road = dict[str, Any]

EXPRESSWAY = 120  # Circular 31/2019 Art. 9, 38/2024
URBAN = (60, 50)  # divided or one-way with 2 lanes; undivided or one-way with 1 lane: Art. 6
RURAL = {"A": (90, 80), "B": (80, 70), "C": (70, 60), "D": (60, 50)}  # Circular 31/2019 Art. 7; 38/2024 Art. 6(2)
TRUCK_A_MAX_KG = 3500


@dataclass
class Limit:
    """The limit at one fix, in tenths of km/h, and where it comes from."""

    tenths: int
    parameter: str
    source: tuple[str, str]
    segments: list[str]


def passenger_class(seats: int | None, new: bool) -> str:
    """Facts 5: 30 seats in all until 2024, 28 besides the driver's from 2025; seats unknown: A."""
    if seats is None:
        return "A"
    return "A" if (seats - 1 <= 28 if new else seats <= 30) else "B"


def speed_class(row: dict[str, Any] | None, time: int) -> str:
    """Clause 4.1 and facts 5: the class of a vehicle at the fix's time; unregistered: the highest limits."""
    if row is None:
        return "A"
    new = time >= day_starts(CLASSES_CHANGED)
    kind = row.get("kind")
    if kind in ("coach", "taxi"):
        return passenger_class(row.get("seats"), new)
    if kind == "truck":
        payload = row.get("payload_kg")
        return "B" if payload is not None and payload > TRUCK_A_MAX_KG else "A"
    if kind == "tractor":
        return "D" if new and row.get("liquid_tank") else "C"
    if kind in ("bus", "special"):
        return "C"
    if kind in ("tanker_truck", "mixer"):
        return "D"
    return "A"  # a trailer that sends fixes of its own has no class: the highest limits


def road_limit(road: Road, vehicle_class: str) -> tuple[int, str]:
    """Clause 4.1: the sign where known, else the table by class and type; tenths and the parameter's name."""
    sign = road.get("maxspeed")
    if sign is not None:
        return int(Decimal(str(sign)) * 10), "speed.sign"
    if road.get("kind") not in ("divided", "undivided"):
        return EXPRESSWAY * 10, "speed.table"
    lanes = road.get("lanes")
    wide = road["kind"] == "divided" or (bool(road.get("oneway")) and (lanes is None or lanes >= 2))
    pair = URBAN if road.get("urban") else RURAL[vehicle_class]
    return (pair[0] if wide else pair[1]) * 10, "speed.table"


def near_and_along(fix: Fix, road: Road, line: list[list[float]]) -> bool:
    """Clause 4.1: a segment within 30 m that, on a one-way road, lies within 90 degrees of a known heading."""
    per_lat = math.radians(1) * EARTH_M
    per_lon = per_lat * math.cos(math.radians(fix.lat))
    points = [((p[0] - fix.lon) * per_lon, (p[1] - fix.lat) * per_lat) for p in line]
    for (ax, ay), (bx, by) in pairwise(points):
        dx, dy = bx - ax, by - ay
        length2 = dx * dx + dy * dy
        if length2 == 0:
            continue
        share = min(1.0, max(0.0, -(ax * dx + ay * dy) / length2))
        if math.hypot(ax + share * dx, ay + share * dy) > ROAD_WITHIN_M:
            continue
        if not road.get("oneway") or fix.heading is None:
            return True
        turn = abs(fix.heading - math.degrees(math.atan2(dx, dy))) % 360
        if min(turn, 360 - turn) <= 90:
            return True
    return False


def candidates(fix: Fix, roads: dict[str, Any] | None) -> list[Road]:
    """Clause 4.1: the roads a fix may be on, of those valid on its local day."""
    found = []
    for feature in (roads or {}).get("features") or []:
        road = feature["properties"]
        if days_include(road, fix.time) and near_and_along(fix, road, feature["geometry"]["coordinates"]):
            found.append(road)
    return found


def limit_at(fix: Fix, roads: dict[str, Any] | None, registry: Registry) -> Limit | None:
    """Clause 4.1: the limit at a fix at its own time, the highest of the candidates'; None before any law."""
    source = in_force(SPEED_LAW, fix.time)
    if source is None:
        return None
    found = candidates(fix, roads)
    if not found:
        return Limit(EXPRESSWAY * 10, "speed.table.highest", source, [])
    vehicle_class = speed_class(registry.row(fix.vehicle, fix.time), fix.time)
    tenths, parameter = max(road_limit(road, vehicle_class) for road in found)
    return Limit(tenths, parameter, source, [str(road.get("id")) for road in found])


def runs_of(fixes: list[Fix], limits: list[Limit | None]) -> list[list[int]]:
    """Clause 4.1: maximal runs of consecutive usable fixes that are all over, gaps of at most 120 s."""
    runs: list[list[int]] = []
    for i, (fix, limit) in enumerate(zip(fixes, limits, strict=True)):
        if limit is None or fix.tenths - limit.tenths < OVER_MIN_TENTHS:
            continue
        if runs and runs[-1][-1] == i - 1 and fix.time - fixes[i - 1].time <= SPEEDING_GAP_MAX_S:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def speed_band(excess: int) -> str:
    """Clause 4.1: [5,10), [10,20], (20,35], (35,inf), in tenths."""
    if excess < 100:
        return "5-10"
    if excess <= 200:
        return "10-20"
    return "20-35" if excess <= 350 else "35+"


def one_decimal(tenths: int) -> float:
    """Output: km/h with one decimal."""
    return float(Decimal(tenths) / 10)


def speeding(fixes: list[Fix], roads: dict[str, Any] | None, registry: Registry) -> list[Finding]:
    """Clause 4.1: the speeding episodes of one vehicle's usable fixes."""
    limits = [limit_at(fix, roads, registry) for fix in fixes]
    findings = []
    for run in runs_of(fixes, limits):
        span = fixes[run[-1]].time - fixes[run[0]].time
        if len(run) >= SPEEDING_MIN_FIXES and span >= SPEEDING_MIN_S:
            findings.append(episode([fixes[i] for i in run], [limits[i] for i in run], registry))
    return findings


def episode(fixes: list[Fix], maybe: list[Limit | None], registry: Registry) -> Finding:
    """Clause 4.1: the finding of one episode, decided by its sustained excess."""
    limits = [limit for limit in maybe if limit is not None]
    excess = [fix.tenths - limit.tenths for fix, limit in zip(fixes, limits, strict=True)]
    best = 0
    for i in range(len(fixes) - 1):
        if min(excess[i], excess[i + 1]) > min(excess[best], excess[best + 1]):
            best = i
    smaller = best if excess[best] <= excess[best + 1] else best + 1
    at = fixes[best + 1].time
    mean = Decimal(sum(f.tenths for f in fixes)) / len(fixes) / 10
    return {
        "rule": "speeding",
        "grade": "certain",
        "vehicle": fixes[0].vehicle,
        "driver": fixes[0].driver,
        "operator": registry.operator(fixes[0].vehicle, at),
        "start": fixes[0].time,
        "end": fixes[-1].time,
        "at": at,
        "measured": one_decimal(fixes[smaller].tenths),
        "limit": one_decimal(limits[smaller].tenths),
        "excess": one_decimal(excess[smaller]),
        "unit": "km/h",
        "band": speed_band(excess[smaller]),
        "law": [
            law_entry(limits[smaller].parameter, limits[smaller].tenths // 10, limits[smaller].source),
            method_entry("speeding_min_duration", SPEEDING_MIN_S),
        ],
        "detail": {
            "peak_speed": one_decimal(max(f.tenths for f in fixes)),
            "mean_speed": float(mean.quantize(Decimal("0.1"), ROUND_HALF_UP)),
            "fixes": len(fixes),
            "distance_m": round(sum(metres(a, b) for a, b in pairwise(fixes)), 1),
            "segments": sorted({segment for limit in limits for segment in limit.segments}),
        },
    }
