"""Placing stored weighings on stored tracks, day by day: tracks of the vehicles weighed -> rows of weighing_place.

A day is made anew where its windows, the registry or the law have changed since; else it is left as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from journey.localtime import DAY_S, day_start
from journey.registry import Station
from journey.track import NO_DRIVER, Int
from rules.engine import Known, VehicleFloor, know, vehicle_floor
from rules.law import Law
from rules.stations.joining import NONE, Joined, join
from rules.stations.origins import origins
from rules.stations.passages import Passages, flat_m, passages
from storage.database import Connection, transaction
from storage.registry import registry_of, registry_version
from storage.stations.joins import Weighed, days_to_join, made_of, replace_day, state_of, weighed_on
from storage.tracks import load_fixes

VEHICLES = 64  # tracks in memory at once
_BEFORE_S, _AFTER_S = DAY_S, 3 * 3600  # of a track around the day: for where the load came from, and for clocks


class Done(NamedTuple):
    """days: made; left: found as they were. weighings by status, of the days made."""

    days: int
    left: int
    statuses: dict[str, int]


def join_days(
    connection: Connection, law: Law, first: int, stop: int, on_day: Callable[[int, int], None] = lambda done, of: None
) -> Done:
    """Make the local days in [first, stop). One transaction a day: killed, those made stay made."""
    with transaction(connection):
        days = days_to_join(connection, first, stop)
    made, statuses = 0, dict.fromkeys(("passed", "near", "elsewhere", "silent"), 0)
    for number, day in enumerate(days):
        counts = join_day(connection, day, law)
        made += counts is not None
        for status, count in (counts or {}).items():
            statuses[status] += count
        on_day(number + 1, len(days))
    return Done(made, len(days) - made, statuses)


def join_day(connection: Connection, day: int, law: Law) -> dict[str, int] | None:
    """Make one day anew where it changed, as a transaction of its own: its weighings by status; None: it had not."""
    with transaction(connection):
        # Read before the rows: a change that comes in between is a change of the next time.
        version = f"{state_of(connection, day)}.{registry_version(connection)}.{law.version}"
        if made_of(connection, day) == version:
            return None
        weighed = weighed_on(connection, day)
        known = know(registry_of(connection, sorted({one.plate for one in weighed}), None), law)
        return _make(connection, day, weighed, known, law, version)


class _Tracked(NamedTuple):
    """What one portion of vehicles gives: passages, and by weighing the nearest fix in time."""

    passed: Passages
    rows: list[dict[str, Any]]  # by passage: driver and origin
    near: dict[int, tuple[int, float]]  # by weighing: s to the nearest fix, m from there to the station


def _make(
    connection: Connection, day: int, weighed: Sequence[Weighed], known: Known, law: Law, version: str
) -> dict[str, int]:
    stations = known.registry.stations
    codes = {one.id: code for code, one in enumerate(stations)}
    for one in weighed:
        codes.setdefault(one.station, len(codes))
    vehicles = {plate: code for code, plate in enumerate(sorted({one.plate for one in weighed}))}
    station = np.array([codes[one.station] for one in weighed], np.int64)
    vehicle = np.array([vehicles[one.plate] for one in weighed], np.int64)
    time = np.array([one.time for one in weighed], np.int64)
    parts = [_track(connection, day, some, vehicles, weighed, stations, known, law)
             for some in _portions(list(vehicles))]  # fmt: skip
    passed = Passages(*(np.concatenate([getattr(part.passed, name) for part in parts])
                        for name in Passages.__dataclass_fields__)) if parts else passages_of_none()  # fmt: skip
    joined = join(station, vehicle, time, passed, law)
    rows = [row for part in parts for row in part.rows]
    near = {place: found for part in parts for place, found in part.near.items()}
    places = _places(weighed, joined, passed, rows, near, law)
    names = list(codes)
    clocks = [
        {"station": names[one], "clock_s": clock, "spread_s": None if math.isnan(spread) else spread,
         "passages": count, "weighings": many}
        for one, clock, spread, count, many in zip(
            *(column.tolist() for column in (joined.clocks.station, joined.clocks.clock_s, joined.clocks.spread_s,
                                             joined.clocks.passages, joined.clocks.weighings)), strict=True)
    ]  # fmt: skip
    replace_day(connection, day, places, clocks, version)
    statuses: dict[str, int] = {}
    for row in places:
        statuses[row["status"]] = statuses.get(row["status"], 0) + 1
    return statuses


def passages_of_none() -> Passages:
    none = np.zeros(0, np.int64)
    return Passages(none, none, none, none, np.zeros(0), np.zeros(0))


def _portions(plates: list[str]) -> list[list[str]]:
    return [plates[at : at + VEHICLES] for at in range(0, len(plates), VEHICLES)]


def _track(
    connection: Connection, day: int, plates: list[str], vehicles: dict[str, int], weighed: Sequence[Weighed],
    stations: Sequence[Station], known: Known, law: Law,
) -> _Tracked:  # fmt: skip
    span = (day_start(day) - _BEFORE_S, day_start(day + 1) + _AFTER_S)
    floor = vehicle_floor(load_fixes(connection, [(plate, *span) for plate in plates]), known, law)
    passed = passages(floor.usable, stations, law)
    came = origins(floor.usable, floor.activities, passed.fix, passed.time, law)
    rows = []
    for place, fix in enumerate(passed.fix.tolist()):
        code = int(floor.usable.driver[fix])
        begun = int(came.start[place])
        rows.append({
            "driver": None if code == NO_DRIVER else floor.licences[code],
            **({} if begun == NONE else {
                "origin_from": begun, "origin_until": int(came.end[place]), "origin_lon": float(came.lon[place]),
                "origin_lat": float(came.lat[place]), "way_m": round(float(came.way_m[place])),
            }),
        })  # fmt: skip
    ours = np.array([vehicles[plate] for plate in floor.plates], np.int64)
    renamed = Passages(
        passed.station, ours[passed.vehicle] if len(passed) else passed.vehicle, passed.time, passed.fix,
        passed.away_m, passed.bearing,
    )  # fmt: skip
    return _Tracked(renamed, rows, _nearest(floor, plates, weighed, stations))


def _nearest(
    floor: VehicleFloor, plates: list[str], weighed: Sequence[Weighed], stations: Sequence[Station]
) -> dict[int, tuple[int, float]]:
    """By weighing of these vehicles that have a track: the fix nearest in time."""
    codes = {plate: code for code, plate in enumerate(floor.plates)}
    by_id = {one.id: one for one in stations}
    bounds: Int = np.searchsorted(floor.usable.vehicle, np.arange(len(codes) + 1))
    found: dict[int, tuple[int, float]] = {}
    for place, one in enumerate(weighed):
        code = codes.get(one.plate)
        if code is None or bounds[code] == bounds[code + 1]:
            continue
        times = floor.usable.time[bounds[code] : bounds[code + 1]]
        after = int(np.clip(np.searchsorted(times, one.time), 1, max(len(times) - 1, 1)))
        sides = [side for side in (after - 1, after) if side < len(times)]
        best = min(sides, key=lambda side: abs(int(times[side]) - one.time))
        fix = int(bounds[code]) + best
        station = by_id.get(one.station)
        away = math.nan
        if station is not None and station.lon is not None and station.lat is not None:
            east, north = flat_m(floor.usable.lon[fix : fix + 1], floor.usable.lat[fix : fix + 1], station)
            away = float(np.hypot(east, north)[0])
        found[place] = (abs(int(times[best]) - one.time), away)
    return found


def _places(
    weighed: Sequence[Weighed], joined: Joined, passed: Passages, rows: Sequence[dict[str, Any]],
    near: dict[int, tuple[int, float]], law: Law,
) -> list[dict[str, Any]]:  # fmt: skip
    radius, silence = law.figure("station_radius") / 1000, law.figure("station_silence")
    clock = joined.clocks.clock_s[joined.clocks.of].tolist() if len(weighed) else []
    places = []
    for place, (one, found) in enumerate(zip(weighed, joined.passage.tolist(), strict=True)):
        row: dict[str, Any] = {"hash": one.hash, "time": one.time, "station": one.station, "vehicle_id": one.vehicle_id}
        if found != NONE:
            at = int(passed.time[found])
            row |= {"status": "passed", "passed_at": at, "apart_s": at - one.time - clock[place],
                    "away_m": round(float(passed.away_m[found])), **rows[found]}  # fmt: skip
        else:
            apart, away = near.get(place, (silence + 1, math.nan))
            known = not math.isnan(away)
            row["status"] = "silent" if apart > silence else "near" if not known or away <= radius else "elsewhere"
            row["away_m"] = round(away) if known and apart <= silence else None
        places.append(row)
    return places
