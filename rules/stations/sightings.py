"""What tracks show of stations: journeys from before one to behind it, standing near it, and when anything was sent.

Shape: n fixes, ordered by vehicle and time -> rows, ordered by station, vehicle and time. Units: s, m.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import polars as pl

from journey.localtime import day_of, day_start
from journey.registry import Station
from journey.track import DRIVING, STANDING, Bool, Float, Int, encode
from rules.activity import activities, classify
from rules.law import Law
from rules.quality import Box, Fixes, Usable, screen, standing
from rules.stations.passages import MM, Passages, flat_m, passages

_BITS = 40  # for an instant in a combined key


@dataclass(frozen=True, slots=True)
class Transits:
    """From the point before a station to the one behind it, or the other way round where it weighs both.

    way_m: along the fixes; through: by the station itself; gap: something of the way is not known.
    """

    station: Int
    vehicle: Int
    begin: Int
    end: Int
    way_m: Float
    through: Bool
    back: Bool
    gap: Bool


@dataclass(frozen=True, slots=True)
class Standings:
    """Standing near a station. driven_s: since the last long enough break before it; day_s: on its local day before."""

    station: Int
    vehicle: Int
    start: Int
    end: Int
    away_m: Float
    driven_s: Int
    day_s: Int


@dataclass(frozen=True, slots=True)
class Sendings:
    """Runs of fixes with no silence longer than `station_silence`, usable or not, first to last."""

    vehicle: Int
    start: Int
    end: Int


@dataclass(frozen=True, slots=True)
class Stops:
    """Standing anywhere of at least `detour_stop_min`."""

    vehicle: Int
    start: Int
    end: Int


@dataclass(frozen=True, slots=True)
class Sightings:
    passed: Passages
    transits: Transits
    standings: Standings
    sendings: Sendings
    stops: Stops


def seen_in(fixes: pl.DataFrame, box: Box, stations: Sequence[Station], law: Law) -> tuple[tuple[str, ...], Sightings]:
    """Of fixes as stored, by the codes of the plates that come first. No rule is judged. Args: fixes: FIX."""
    sent = encode(fixes)
    stand, _ = standing(sent.frame, box, law)
    _, usable = screen(stand, law)
    return sent.plates, sightings(stand, usable, activities(usable, classify(usable, law), law), stations, law)


def sightings(
    fixes: Fixes, usable: Usable, activities: pl.DataFrame, stations: Sequence[Station], law: Law
) -> Sightings:
    """Of some vehicles, by their codes. Args: activities: ACTIVITY, ordered."""
    passed = passages(usable, stations, law)
    stood = _stood(activities)
    long = stood["end"] - stood["start"] >= law.figure("detour_stop_min")
    return Sightings(
        passed,
        _transits(usable, passed, stations, law),
        _standings(usable, activities, stood, stations, law),
        _sendings(fixes, law.figure("station_silence")),
        Stops(*(stood[name][long] for name in ("vehicle", "start", "end"))),
    )


def together(parts: Sequence[Sightings], codes: Sequence[Int]) -> Sightings:
    """Several portions of vehicles as one. Args: codes: of each portion, what its vehicle codes become."""
    return Sightings(
        *(_joined([_renamed(getattr(part, one.name), codes[n]) for n, part in enumerate(parts)])
          for one in fields(Sightings))
    )  # fmt: skip


def _renamed(table: Any, codes: Int) -> Any:
    return replace(table, vehicle=codes[table.vehicle] if len(table.vehicle) else table.vehicle)


def _joined(tables: Sequence[Any]) -> Any:
    return type(tables[0])(*(np.concatenate([getattr(one, field.name) for one in tables])
                             for field in fields(tables[0])))  # fmt: skip


def _transits(usable: Usable, passed: Passages, stations: Sequence[Station], law: Law) -> Transits:
    count = len(stations)
    gates = [
        replace(one, lon=one.corridor[side], lat=one.corridor[side + 1]) if one.corridor else replace(one, lon=None)
        for side in (0, 2)
        for one in stations
    ]
    at_gate = passages(usable, gates, law)
    behind = at_gate.station >= count
    # 0: before the station, 1: at it, 2: behind it.
    role = np.concatenate([np.ones(len(passed), np.int64), behind * 2])
    station = np.concatenate([passed.station, at_gate.station - behind * count])
    vehicle = np.concatenate([passed.vehicle, at_gate.vehicle])
    time, fix = np.concatenate([passed.time, at_gate.time]), np.concatenate([passed.fix, at_gate.fix])
    order = np.lexsort((role, time, vehicle, station))
    role, station, vehicle, time, fix = (column[order] for column in (role, station, vehicle, time, fix))
    met = np.cumsum(role == 1)
    gate = np.flatnonzero(role != 1)
    first, last = gate[:-1], gate[1:]
    both = np.array([one.direction_deg is None for one in stations] or [False])
    back = (role[first] == 2) & (role[last] == 0)
    pair = (station[first] == station[last]) & (vehicle[first] == vehicle[last])
    pair &= ((role[first] == 0) & (role[last] == 2)) | (back & both[station[first]])
    pair &= time[last] - time[first] <= law.figure("detour_time_max")
    first, last, back = first[pair], last[pair], back[pair]
    steps = np.where(usable.linked, usable.step_m, 0.0)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    lost = usable.linked & (usable.step_s > law.figure("moving_gap_max"))
    lost &= usable.step_m > law.figure("parked_radius") / MM
    gaps = np.concatenate([[0], np.cumsum(lost)])
    begin, end = fix[first], fix[last]
    return Transits(
        station[first], vehicle[first], time[first], time[last], along[end] - along[begin],
        met[last] > met[first], back, gaps[end] > gaps[begin],
    )  # fmt: skip


def _stood(activities: pl.DataFrame) -> dict[str, Int]:
    """Standing, whoever's card lay in the recorder: pieces that touch are one. place: row of the first piece."""
    rows = np.flatnonzero(activities["kind"].to_numpy() == STANDING).astype(np.int64)
    vehicle, start, end = (activities[name].to_numpy().astype(np.int64)[rows] for name in ("vehicle", "start", "end"))
    new = np.ones(len(rows), bool)
    new[1:] = (start[1:] != end[:-1]) | (vehicle[1:] != vehicle[:-1])
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(rows)) - 1 if len(first) else first
    return {"vehicle": vehicle[first], "start": start[first], "end": end[last], "place": rows[first]}


def _standings(
    usable: Usable, activities: pl.DataFrame, stood: dict[str, Int], stations: Sequence[Station], law: Law
) -> Standings:
    reach = law.figure("approach_max") / MM
    keys = (usable.vehicle.astype(np.int64) << _BITS) + usable.time
    fix = np.searchsorted(keys, (stood["vehicle"] << _BITS) + stood["start"])
    driven, day = _driven(activities, stood, law)
    parts = []
    for code, one in enumerate(stations):
        if one.lon is None or one.lat is None or not len(fix):
            continue
        away = np.hypot(*flat_m(usable.lon[fix], usable.lat[fix], one))
        near = away <= reach
        parts.append(Standings(
            np.full(int(near.sum()), code, np.int64), stood["vehicle"][near], stood["start"][near], stood["end"][near],
            away[near], driven[near], day[near],
        ))  # fmt: skip
    none = np.zeros(0, np.int64)
    joined: Standings = _joined([Standings(none, none, none, none, np.zeros(0), none, none), *parts])
    return joined


def _driven(activities: pl.DataFrame, stood: dict[str, Int], law: Law) -> tuple[Int, Int]:
    """Seconds at the wheel before each standing: since the last break, and of its local day. Both are rather too many
    than too few: a break counts from the longest that the law asks of anybody, and a drive over midnight whole."""
    if not len(stood["start"]):
        return stood["start"], stood["start"]
    vehicle, start, end = (activities[name].to_numpy().astype(np.int64) for name in ("vehicle", "start", "end"))
    wheel = np.where(activities["kind"].to_numpy() == DRIVING, end - start, 0)
    before = np.concatenate([[0], np.cumsum(wheel)])  # before each activity
    began = np.searchsorted(vehicle, stood["vehicle"])  # the vehicle's first activity
    breaks = [max(dated.value.values()) for dated in law.dated("driving_time.break_min")]
    regime = np.maximum(law.series("driving_time.break_min", stood["start"]), 0)
    broke = np.flatnonzero(stood["end"] - stood["start"] >= np.array(breaks)[regime])
    # Of the breaks before each standing the last; where there is none, or of another vehicle, its first activity.
    which = np.searchsorted(broke, np.arange(len(regime))) - 1
    since = np.where(which >= 0, stood["place"][broke[np.maximum(which, 0)]] if len(broke) else 0, 0)
    here = before[stood["place"]]
    ended = np.searchsorted((vehicle << _BITS) + end, (stood["vehicle"] << _BITS) + day_start(day_of(stood["start"])),
                            side="right")  # fmt: skip
    return here - before[np.maximum(since, began)], here - before[np.maximum(ended, began)]


def _sendings(fixes: Fixes, silence_s: int) -> Sendings:
    count = len(fixes.time)
    new = np.ones(count, bool)
    new[1:] = (np.diff(fixes.vehicle) != 0) | (np.diff(fixes.time) > silence_s)
    first = np.flatnonzero(new)
    last = np.append(first[1:], count) - 1 if count else first
    return Sendings(fixes.vehicle[first].astype(np.int64), fixes.time[first], fixes.time[last])
