"""Section 2 of the rules, worked by hand: copies, conflicts and flags of recordings, with dicts and loops.

Written from the page alone. Nothing here is shared with what it is compared with.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

EARTH_M = 6_371_008.8
Record = dict[str, Any]
FATAL = {"zero", "outside", "future", "speed_range", "jump"}


def trucks(path: Path) -> list[Record]:
    """Every position of a Tajo recording, as sent."""
    records = []
    for line in path.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        position = event["ev"].get("pos")
        if position is None:
            continue
        records.append({
            "vehicle": event["ev"]["vehicleId"],
            "time": seconds(position["posTime"]),
            "lon": position["latlon"]["lng"],
            "lat": position["latlon"]["lat"],
            "speed": tenths(str(position["speed"])),
            "driver": None,
            "heading": position.get("azimuth"),
            "ignition": {"vehicle-ign-on": True, "vehicle-ign-off": False}.get(event["type"]),
            "received": seconds(event["ev"]["receivedTs"]) if event["ev"].get("receivedTs") else None,
        })  # fmt: skip
    return records


def cab(path: Path) -> list[Record]:
    """Every position of a Cabspotting file, with the chord speed to the next in time."""
    points = []
    for line in path.read_text(encoding="ascii").splitlines():
        lat, lon, _, time = line.split()
        points.append((int(time), float(lon), float(lat)))
    points.sort(key=lambda point: point[0])
    records = []
    for number, (time, lon, lat) in enumerate(points):
        speed = 0
        if number + 1 < len(points) and points[number + 1][0] > time:
            later, lon_after, lat_after = points[number + 1]
            speed = tenths(repr(metres(lon, lat, lon_after, lat_after) * 3.6 / (later - time)))
        records.append({"vehicle": path.stem, "time": time, "lon": lon, "lat": lat, "speed": speed, "driver": None,
                        "heading": None, "ignition": None, "received": None})  # fmt: skip
    return records


def seconds(text: str) -> int:
    return math.floor(datetime.fromisoformat(text).timestamp())


def tenths(text: str) -> int:
    return int(Decimal(text).quantize(Decimal("0.1"), ROUND_HALF_UP) * 10)


def metres(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    rise, turn = math.radians(lat_b - lat_a) / 2, math.radians(lon_b - lon_a) / 2
    part = math.sin(rise) ** 2 + math.cos(math.radians(lat_a)) * math.cos(math.radians(lat_b)) * math.sin(turn) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(part))


def summary(records: list[Record], box: tuple[float, float, float, float]) -> dict[str, dict[str, Any]]:
    """Fixes, duplicates, conflicts and flags by vehicle."""
    copies: dict[str, dict[int, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        copies[record["vehicle"]][record["time"]].append(record)
    result = {}
    for vehicle, by_time in copies.items():
        standing, duplicates, conflicts = [], 0, 0
        for time in sorted(by_time):
            first, *others = sorted(by_time[time], key=_rank)
            standing.append(first)
            duplicates += len(others)
            conflicts += sum(_said(other) != _said(first) for other in others)
        flags = Counter(name for found in _flags(standing, box) for name in found)
        result[vehicle] = {"fixes": len(standing), "duplicates": duplicates, "conflicts": conflicts,
                           "flags": dict(flags)}  # fmt: skip
    return result


def _rank(record: Record) -> tuple[Any, ...]:
    """Received first (absent last), the lower speed, then the smaller of the rest, absent first."""
    rest = [(record[name] is not None, record[name] or 0) for name in ("lon", "lat", "driver", "heading", "ignition")]
    return (record["received"] is None, record["received"] or 0, record["speed"], *rest)


def _said(record: Record) -> tuple[Any, ...]:
    return tuple(record[name] for name in ("driver", "lon", "lat", "speed", "heading", "ignition"))


def _flags(standing: list[Record], box: tuple[float, float, float, float]) -> list[set[str]]:
    """The flags of one vehicle's fixes, which are in order of time."""
    flags: list[set[str]] = [set() for _ in standing]
    places = []
    for record, found in zip(standing, flags, strict=True):
        lon, lat = record["lon"], record["lat"]
        if not _inside(lon, lat, box):
            found.add("swapped" if _inside(lat, lon, box) else "outside")
            if "swapped" in found:
                lon, lat = lat, lon
        if lon == 0 and lat == 0:
            found.add("zero")
        if record["received"] is not None and record["time"] > record["received"] + 300:
            found.add("future")
        if not 0 <= record["speed"] <= 2000:
            found.add("speed_range")
        places.append((lon, lat))
    usable = [number for number, found in enumerate(flags) if not found & FATAL]
    kept: list[int] = []
    for position, number in enumerate(usable):
        last = position + 1 == len(usable)
        if kept and not last and _is_jump(standing, places, kept[-1], number, usable[position + 1]):
            flags[number].add("jump")
        else:
            kept.append(number)
    run = 0
    for before, number in zip((None, *kept), kept, strict=False):
        fast = standing[number]["speed"] >= 200
        if before is not None and fast and run and places[before] == places[number]:
            run += 1
        else:
            run = 1 if fast else 0
        if run >= 3:
            flags[number].add("frozen")
    return flags


def _inside(lon: float, lat: float, box: tuple[float, float, float, float]) -> bool:
    return box[0] <= lon <= box[2] and box[1] <= lat <= box[3]


def _is_jump(standing: list[Record], places: list[tuple[float, float]], before: int, number: int, after: int) -> bool:
    def too_fast(a: int, b: int) -> bool:
        return metres(*places[a], *places[b]) * 3.6 > 200 * (standing[b]["time"] - standing[a]["time"])

    return too_fast(before, number) and too_fast(number, after) and not too_fast(before, after)
