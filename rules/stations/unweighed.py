"""Passages of an open station without a weighing: for a person to look at, never an accusation.

Law:   whoever has to be weighed follows the signs of the station; that a truck had to is not in the record.
Grade: possible, always. No list takes it, and nothing follows from it.
Units: s, degrees, m.  Shape: passages of one local day and the weighings around it -> reviews.
Left out, in favour of the driver: a station that was closed or said nothing around that moment, or whose clock is
       not known; of the passages around a weighing of somebody who is on no track there, his plate not read or read
       almost so, the nearest; the other direction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from journey.localtime import day_of, day_start
from journey.model import LawUse, Weighing
from journey.plates import UNREAD
from journey.registry import Registration, Station
from journey.track import Bool
from rules.law import Law
from rules.masses import TOWED
from rules.plate_reading import PlateIndex
from rules.stations.joining import NONE, Joined
from rules.stations.passages import Passages

RULE = "station_unweighed"
_PERSONS = ("bus", "coach", "taxi")
INNOCENT = (
    "the lane or the station may have been closed for a while",
    "the station may have been full, and have waved vehicles past",
    "the vehicle may have been empty, or of a kind that this station does not weigh",
    "a road beside the station may lie within its zone",
    "a record of the station may be missing",
)


class Review(NamedTuple):
    """at: the passage, s UTC. around: weighings of the station in the half hour before and after it."""

    rule: str
    grade: str
    vehicle: str
    operator: str | None
    station: str
    at: int
    away_m: int
    clock_s: int
    around: int
    innocent: tuple[str, ...]
    law: tuple[LawUse, ...]


def unweighed(
    passed: Passages, plates: Sequence[str], rows: Sequence[Registration | None], stations: Sequence[Station],
    weighings: Sequence[Weighing], joined: Joined, law: Law,
) -> list[Review]:  # fmt: skip
    """Args: plates, rows: of each passage, its vehicle and the registry's row of it. weighings: those of `joined`."""
    silence, window = law.method["station_silence"], law.method["clock_window"]
    clocks = {
        (station, day): clock
        for station, day, clock, spread in zip(*(column.tolist() for column in (
            joined.clocks.station, joined.clocks.day, joined.clocks.clock_s, joined.clocks.spread_s)), strict=True)
        if not np.isnan(spread)
    }  # fmt: skip
    met = set(joined.passage.tolist())
    candidates = [place for place in np.flatnonzero(_in_direction(passed, stations, law)).tolist() if place not in met]
    names = {one.id: code for code, one in enumerate(stations)}
    by_station = _by_station(weighings, names)
    strays = _by_station([one for one, place in zip(weighings, joined.passage.tolist(), strict=True) if place == NONE],
                         names)  # fmt: skip
    passages: dict[int, tuple[int, int, str]] = {}
    around: dict[int, int] = {}
    for place in candidates:
        code, at, row = int(passed.station[place]), int(passed.time[place]), rows[place]
        clock = clocks.get((code, day_of(at)))
        if clock is None or row is None or row.kind in (*_PERSONS, *TOWED) or not is_open(stations[code], at):
            continue
        moment = at - clock
        near = [one for one in by_station.get(code, ()) if abs(one.time - moment) <= silence.value]
        running = any(one.time <= moment for one in near) and any(one.time >= moment for one in near)
        if running:
            passages[place], around[place] = (code, moment, plates[place]), len(near)
    uses = (law.method["station_radius"].use(), silence.use(), window.use())
    excused = _excused(strays, passages, window.value)
    found = []
    for place, (code, moment, plate) in passages.items():
        row, at = rows[place], int(passed.time[place])
        if place not in excused:
            operator = row.operator if row else None
            away = round(float(passed.away_m[place]))
            found.append(
                Review(RULE, "possible", plate, operator, stations[code].id, at, away, at - moment, around[place],
                       INNOCENT, uses)
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.at, one.vehicle, one.station))


def _by_station(weighings: Sequence[Weighing], names: dict[str, int]) -> dict[int, list[Weighing]]:
    held: dict[int, list[Weighing]] = {}
    for one in weighings:
        if one.station in names:
            held.setdefault(names[one.station], []).append(one)
    return held


def _in_direction(passed: Passages, stations: Sequence[Station], law: Law) -> Bool:
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
                (abs(one.time - moment), place)
                for place, (station, moment, plate) in open_passages.items()
                if station == code and abs(one.time - moment) <= window_s
                and (one.plate in (plate, UNREAD) or indices[place].suggest(one.plate))
            ]  # fmt: skip
            if options:
                excused.add(min(options)[1])
    return excused


def is_open(station: Station, at: int) -> bool:
    """Whether the station's entry says that it is open: nothing said or "24/24" is always, else "06:00-22:00" and the
    like, local, several with commas. What cannot be read is closed, in favour of the driver."""
    text = None if station.open is None else json.loads(station.open)
    if text is None or text == "24/24":
        return True
    if not isinstance(text, str):
        return False
    second = at - day_start(day_of(at))
    try:
        spans = [tuple(_seconds(edge) for edge in part.split("-")) for part in text.split(",")]
        return any(begin <= second < end if begin < end else second >= begin or second < end for begin, end in spans)
    except ValueError:
        return False


def _seconds(clock: str) -> int:
    hours, minutes = clock.strip().split(":")
    return (int(hours) * _SIXTY + int(minutes)) * _SIXTY


_SIXTY = 60
_HALF = 180
