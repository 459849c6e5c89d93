"""Clause 4.1: roads, limits, speeding episodes."""

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from .figures import (
    CLASSES_CHANGED,
    EARTH_M,
    GOODS_SIGN_ABOVE_KG,
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


def one_sign(road: Road, name: str, way: str) -> float | None:
    """A posted limit in one direction: the sign of that direction, else the one of both."""
    own = road.get(f"{name}_{way}")
    return own if own is not None else road.get(name)


def road_limit(road: Road, ways: set[str], vehicle_class: str, goods: bool) -> tuple[int, str]:
    """Clause 4.1: the sign where known, else the table by class and type; tenths and the parameter's name.

    Of several directions the highest.
    """
    found = []
    for way in ways:
        for_all, for_goods = one_sign(road, "maxspeed", way), one_sign(road, "maxspeed_hgv", way)
        if goods and for_goods is not None:
            found.append((in_tenths(for_goods), "speed.sign"))
        elif for_all is not None:
            found.append((max(in_tenths(for_all), in_tenths(for_goods or 0)), "speed.sign"))
        else:
            found.append((table_limit(road, vehicle_class) * 10, "speed.table"))
    return max(found)


def in_tenths(speed: float) -> int:
    return int(Decimal(str(speed)) * 10)


def table_limit(road: Road, vehicle_class: str) -> int:
    """The highest limit that a road may have, whatever the truth of what was assumed of it."""
    assumed = set(road.get("assumed") or ())
    if road.get("kind") not in ("divided", "undivided"):
        return EXPRESSWAY
    if "maxspeed" in assumed:
        assumed = {"maxspeed", "kind", "urban", "lanes"}
    lanes = road.get("lanes")
    best = 0
    for kind in ("divided", "undivided"):
        if kind != road["kind"] and "kind" not in assumed:
            continue
        for urban in (False, True):
            if urban != bool(road.get("urban")) and "urban" not in assumed:
                continue
            for many in (False, True):
                if many != (lanes is None or lanes >= 2) and "lanes" not in assumed:
                    continue
                wide = kind == "divided" or (bool(road.get("oneway")) and many)
                pair = URBAN if urban else RURAL[vehicle_class]
                best = max(best, pair[0] if wide else pair[1])
    return best


def goods_vehicle(row: dict[str, Any] | None) -> bool:
    """Method goods_sign_above: whether signs for goods vehicles are certainly for this one."""
    if row is None:
        return False
    if row["kind"] == "truck":
        return bool(row.get("payload_kg") is not None and row["payload_kg"] > GOODS_SIGN_ABOVE_KG)
    return bool(row["kind"] in ("tractor", "tanker_truck", "mixer"))


def ways_on(fix: Fix, road: Road, line: list[list[float]]) -> set[str]:
    """Clause 4.1: the ways in which a fix may be on a road, by each segment within 30 m; none: it is not on it."""
    per_lat = math.radians(1) * EARTH_M
    per_lon = per_lat * math.cos(math.radians(fix.lat))
    points = [((p[0] - fix.lon) * per_lon, (p[1] - fix.lat) * per_lat) for p in line]
    ways: set[str] = set()
    for (ax, ay), (bx, by) in pairwise(points):
        dx, dy = bx - ax, by - ay
        length2 = dx * dx + dy * dy
        if length2 == 0:
            continue
        share = min(1.0, max(0.0, -(ax * dx + ay * dy) / length2))
        if math.hypot(ax + share * dx, ay + share * dy) > ROAD_WITHIN_M:
            continue
        turn = 0.0
        if fix.heading is not None:
            turn = abs(fix.heading - math.degrees(math.atan2(dx, dy))) % 360
            turn = min(turn, 360 - turn)
        if turn <= 90:
            ways.add("forward")
        if not road.get("oneway") and (fix.heading is None or turn >= 90):
            ways.add("backward")
    return ways


def candidates(fix: Fix, roads: dict[str, Any] | None) -> list[tuple[Road, set[str]]]:
    """Clause 4.1: the roads a fix may be on, of those valid on its local day, each with the possible ways."""
    found = []
    for feature in (roads or {}).get("features") or []:
        road = feature["properties"]
        if days_include(road, fix.time):
            ways = ways_on(fix, road, feature["geometry"]["coordinates"])
            if ways:
                found.append((road, ways))
    return found


def limit_at(fix: Fix, roads: dict[str, Any] | None, registry: Registry) -> Limit | None:
    """Clause 4.1: the limit at a fix at its own time, the highest of the candidates'; None before any law."""
    source = in_force(SPEED_LAW, fix.time)
    if source is None:
        return None
    found = candidates(fix, roads)
    if not found:
        return Limit(EXPRESSWAY * 10, "speed.table.highest", source, [])
    row = registry.row(fix.vehicle, fix.time)
    vehicle_class, goods = speed_class(row, fix.time), goods_vehicle(row)
    tenths, parameter = max(road_limit(road, ways, vehicle_class, goods) for road, ways in found)
    return Limit(tenths, parameter, source, [str(road.get("id")) for road, _ in found])


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
