"""Passages of an open station without a weighing: for a person to look at, never an accusation.

Law:   whoever has to be weighed follows the signs of the station; that a truck had to is not in the record.
Grade: possible, always. No list takes it, and nothing follows from it.
Units: s, degrees, m.  Shape: passages of one local day and the weighings around it -> reviews.
Left out, in favour of the driver: a station that was closed or said nothing around that moment, or whose clock is
       not known; of the passages around a weighing of somebody who is on no track there, his plate not read or read
       almost so, the nearest; the other direction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from journey.model import Weighing
from journey.plates import UNREAD
from journey.registry import Station
from journey.track import Bool
from rules.law import Law
from rules.stations.day import Day, Review
from rules.stations.joining import NONE
from rules.stations.opening import is_open, open_at
from rules.stations.passages import Passages
from rules.stations.reasons import BY_KIND, excuse_of
from rules.weighings.plate_reading import PlateIndex

KIND = "unweighed"
USES = ("station_radius", "station_silence", "clock_window", "approach_max", "queue_vehicles_min")


def unweighed(day: Day) -> list[Review]:
    """In no order. Passages of the hours beside the day are looked at too: a weighing excuses the nearest one."""
    passed, met = day.seen.passed, set(day.joined.passage.tolist())
    fits = in_direction(passed, day.stations, day.law)
    for code, station in enumerate(day.stations):
        own = passed.station == code
        fits[own] &= open_at(station, passed.time[own])
    moments: dict[int, tuple[int, int, str]] = {}
    around: dict[int, int] = {}
    for place in np.flatnonzero(fits).tolist():
        code, vehicle, at = int(passed.station[place]), int(passed.vehicle[place]), int(passed.time[place])
        clock = day.clock(code, at)
        if place in met or clock is None or day.goods(vehicle, at) is None:
            continue
        if is_open(day.stations[code], at - clock) and (near := day.around(code, at - clock)):
            moments[place], around[place] = (code, at - clock, day.plates[vehicle]), near
    excused = _excused(_strays(day), moments, day.law.figure("clock_window"))
    found = []
    for place, (code, moment, plate) in moments.items():
        vehicle, at = int(passed.vehicle[place]), int(passed.time[place])
        owner, queue = day.goods(vehicle, at), day.queue(code, at, vehicle)
        if place in excused or owner is None or not day.holds(at):
            continue
        evidence = {"away_m": round(float(passed.away_m[place])), "queue": queue, "around": around[place],
                    "clock_s": at - moment}  # fmt: skip
        excuse = excuse_of(station_stopped=day.stopped(code, moment, moment), full=day.full(queue))
        found.append(Review(KIND, plate, owner.operator, day.stations[code].id, at, excuse,
                            evidence, BY_KIND[KIND], day.uses(*USES)))  # fmt: skip
    return found


def _strays(day: Day) -> dict[int, list[Weighing]]:
    """By station the weighings that lie on no track."""
    held: dict[int, list[Weighing]] = {}
    for one, code, place in zip(day.weighings, day.station.tolist(), day.joined.passage.tolist(), strict=True):
        if place == NONE and code < len(day.stations):
            held.setdefault(code, []).append(one)
    return held


def in_direction(passed: Passages, stations: Sequence[Station], law: Law) -> Bool:
    """Whether each passage went the way that its station weighs; a station without a direction weighs both."""
    wanted = np.array([np.nan if one.direction_deg is None else one.direction_deg for one in stations] or [np.nan])
    of = wanted[passed.station]
    off = np.abs((passed.bearing - of + _HALF) % (2 * _HALF) - _HALF)
    fits: Bool = ~np.isnan(passed.bearing) & (np.isnan(of) | (off <= law.figure("station_bearing_max")))
    return fits


def _excused(
    strays: Mapping[int, Sequence[Weighing]], open_passages: Mapping[int, tuple[int, int, str]], window_s: int
) -> set[int]:
    """Passages that a weighing of somebody on no track may belong to: his plate not read, or almost read.

    Each such weighing excuses one passage, the nearest in time. Args: open_passages: by place in the passages given
    station, moment by the station's clock, plate.
    """
    indices = {place: PlateIndex([plate]) for place, (_, _, plate) in open_passages.items()} if strays else {}
    excused = set()
    for code, some in strays.items():
        for one in some:
            options = [
                (abs(one.time - moment), plate, moment, place)
                for place, (station, moment, plate) in open_passages.items()
                if station == code and abs(one.time - moment) <= window_s
                and (one.plate in (plate, UNREAD) or indices[place].suggest(one.plate))
            ]  # fmt: skip
            if options:
                excused.add(min(options)[-1])
    return excused


_HALF = 180
