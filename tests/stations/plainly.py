"""Sightings and reviews once more, slowly: loops over fixes, activities and weighings with the figures written out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

from journey.localtime import DAY_S
from journey.registry import Station
from journey.track import DRIVING, STANDING
from rules.engine import VehicleFloor
from rules.stations.day import Day
from rules.stations.opening import is_open
from rules.stations.passages import flat_m, passages
from tests.casefolder import LAW

type Seen = tuple[str, str, int, str | None]


def plain_transits(floor: VehicleFloor, stations: Sequence[Station]) -> list[tuple[Any, ...]]:
    usable, found = floor.usable, []
    for code, station in enumerate(stations):
        if station.corridor is None:
            continue
        places = [Station("", "", lon=lon, lat=lat) for lon, lat in
                  (station.corridor[:2], (station.lon, station.lat), station.corridor[2:])]  # fmt: skip
        for vehicle in range(len(floor.plates)):
            events = []
            for role, place in enumerate(places):
                met = passages(usable, [place], LAW)
                events += [
                    (int(met.time[k]), role, int(met.fix[k])) for k in range(len(met)) if met.vehicle[k] == vehicle
                ]
            events.sort()
            for k, (begin, role, first) in enumerate(events):
                if role == 1:
                    continue
                between = 0
                for end, other, last in events[k + 1 :]:
                    if other == 1:
                        between += 1
                        continue
                    back = (role, other) == (2, 0)
                    if ((role, other) == (0, 2) or (back and station.direction_deg is None)) and end - begin <= 7200:
                        way, gap = 0.0, False
                        for step in range(first, last):
                            way += float(usable.step_m[step])
                            gap |= bool(usable.step_s[step] > 120 and usable.step_m[step] > 200)
                        found.append((code, vehicle, begin, end, round(way, 3), between > 0, back, gap))
                    break
    return sorted(found)


def plain_standings(floor: VehicleFloor, stations: Sequence[Station]) -> list[tuple[Any, ...]]:
    usable, found = floor.usable, []
    for vehicle in range(len(floor.plates)):
        own = [row for row in floor.activities.iter_rows(named=True) if row["vehicle"] == vehicle]
        stood: list[list[int]] = []
        for row in own:
            if row["kind"] == STANDING:
                if stood and stood[-1][1] == row["start"]:
                    stood[-1][1] = row["end"]
                else:
                    stood.append([row["start"], row["end"]])
        for start, end in stood:
            since = max((b for a, b in stood if b - a >= 900 and b <= start), default=0)
            midnight = (start + 25_200) // DAY_S * DAY_S - 25_200
            drove = [row for row in own if row["kind"] == DRIVING and row["end"] <= start]
            driven = sum(row["end"] - row["start"] for row in drove if row["start"] >= since)
            today = sum(row["end"] - row["start"] for row in drove if row["end"] > midnight)
            fix = next(k for k in range(len(usable.time)) if usable.vehicle[k] == vehicle and usable.time[k] == start)
            for code, station in enumerate(stations):
                if station.lon is None:
                    continue
                east, north = flat_m(usable.lon[fix : fix + 1], usable.lat[fix : fix + 1], station)
                away = math.hypot(east[0], north[0])
                if away <= 3000:
                    found.append((code, vehicle, start, end, round(away, 3), driven, today))
    return sorted(found)


def plain_reviews(day: Day, floor: VehicleFloor) -> list[Seen]:
    """Kind, plate, time and excuse of detours, waits and silent recorders at the one station, which weighs northwards
    and is open from 6 to 20 h; its clock is known. Plates and passages have tests of their own."""
    (station,) = day.stations
    clock = day.clocks[0, (day.start + 25_200) // DAY_S]
    stood = plain_standings(floor, [station])
    found = [*_detours(day, floor, station, clock, stood), *_waits(day, floor, clock, stood)]
    return sorted({*found, *_silent(day, floor, clock)}, key=lambda one: (one[2], one[0], one[1]))


def _goods(day: Day, plate: str) -> str | None:
    rows = [row for row in day.rows.rows if row.plate == plate and row.kind == "truck"]
    return rows[0].operator if rows else None


def _weighed(day: Day, plate: str, begin: int, end: int) -> bool:
    return any(one.plate == plate and begin - 300 <= one.time <= end + 300 for one in day.weighings)


def _near(stood: list[tuple[Any, ...]], at: int, own: int) -> int:
    return len({row[1] for row in stood if row[2] <= at < row[3] and row[1] != own})


def _detours(day: Day, floor: VehicleFloor, station: Station, clock: int, stood: list[tuple[Any, ...]]) -> list[Seen]:
    transits = [row for row in plain_transits(floor, [station]) if day.start <= row[3] < day.end]
    direct = [way for _, _, _, _, way, through, _, gap in transits if through and not gap]
    if station.corridor_m is None and len(direct) < 5:
        return []
    usual = station.corridor_m or median(direct)
    found: list[Seen] = []
    for _, vehicle, begin, end, way, through, _, gap in transits:
        plate, told = floor.plates[vehicle], begin - clock
        before = any(told - 1800 <= one.time <= told for one in day.weighings)
        after = any(told <= one.time <= told + 1800 for one in day.weighings)
        open_ = all(is_open(station, at) for at in (begin, end, begin - clock, end - clock))
        if through or way - usual < 3000 or way < 1.5 * usual or not (open_ and before and after):
            continue
        if _goods(day, plate) is None or _weighed(day, plate, begin - clock, end - clock):
            continue
        own = _stops(floor, vehicle)
        stop = any(b - a >= 300 and a < end and b > begin for a, b in own)
        full = _near(stood, begin, vehicle) >= 3
        found.append(("detour", plate, end, "track_gap" if gap else "stop" if stop else "full" if full else None))
    return found


def _stops(floor: VehicleFloor, vehicle: int) -> list[tuple[int, int]]:
    stood: list[list[int]] = []
    for row in floor.activities.iter_rows(named=True):
        if row["vehicle"] == vehicle and row["kind"] == STANDING:
            if stood and stood[-1][1] == row["start"]:
                stood[-1][1] = row["end"]
            else:
                stood.append([row["start"], row["end"]])
    return [(start, end) for start, end in stood]


def _waits(day: Day, floor: VehicleFloor, clock: int, stood: list[tuple[Any, ...]]) -> list[Seen]:
    passed, close = day.seen.passed, day.start + 20 * 3600
    running = any(close - 1800 <= one.time < close for one in day.weighings)
    found: list[Seen] = []
    for k in range(len(passed)):
        plate, at = day.plates[int(passed.vehicle[k])], int(passed.time[k])
        north = not math.isnan(passed.bearing[k]) and min(passed.bearing[k], 360 - passed.bearing[k]) <= 60
        if not (north and running and close <= at <= close + 3600 and _goods(day, plate)) or plate not in floor.plates:
            continue
        vehicle = floor.plates.index(plate)
        for _, whose, start, end, away, driven, today in stood:
            fits = whose == vehicle and away > 300 and end <= at and end >= close + clock
            if not (fits and start <= close + clock - 1800 and end - start <= 14_400):
                continue
            between = any(day.plates[int(passed.vehicle[n])] == plate and start <= passed.time[n] < at
                          for n in range(len(passed)))  # fmt: skip
            if between or _weighed(day, plate, start - clock, at - clock):
                continue
            rest = driven >= 14_400 - 1800 or today >= 36_000 - 1800
            full = _near(stood, close + clock - 1, vehicle) >= 3
            found.append(("wait", plate, at, "rest_due" if rest else "full" if full else None))
    return found


def _silent(day: Day, floor: VehicleFloor, clock: int) -> list[Seen]:
    sent = {plate: floor.fixes.time[floor.fixes.vehicle == n].tolist() for n, plate in enumerate(floor.plates)}
    found: list[Seen] = []
    for one in day.weighings:
        moment = one.time + clock
        near = {plate for plate, times in sent.items() if any(abs(time - moment) <= 1800 for time in times)}
        if one.plate in near or not day.start <= one.time < day.end:
            continue
        owner = _goods(day, one.plate)
        others = any(_goods(day, plate) == owner for plate in near)
        found.append(
            ("silent", one.plate, one.time, "unregistered" if owner is None else None if others else "feed_silent")
        )
    return found
