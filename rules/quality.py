"""Quality of fixes: which flags each carries, and which fixes rules may use (rules.md, section 2).

Shape: columns of n fixes -> n flags. Nothing is deleted: a fatal flag only keeps a fix out of the rules.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from journey.model import FATAL, Flag
from journey.track import NEVER, Bool, Copies, Float, Int, distance_m, gather, haversine_m, resolve_copies
from rules.law import Law

Flags = npt.NDArray[np.int16]
Box = tuple[float, float, float, float]
_KMH = 3.6


@dataclass(frozen=True, slots=True)
class Fixes:
    """Standing fixes, ordered by vehicle and time, one a (vehicle, time). All arrays have n entries.

    vehicle, driver: codes as in journey.track.TRACK; received: NEVER where not known; lon, lat: exchanged where
    `swapped`; flags: a fix's own.
    """

    vehicle: npt.NDArray[np.int32]
    driver: npt.NDArray[np.int32]
    time: Int
    lon: Float
    lat: Float
    speed_dkmh: npt.NDArray[np.int32]
    heading: npt.NDArray[np.float32]  # NaN: not sent
    received: Int
    flags: Flags


@dataclass(frozen=True, slots=True)
class Usable:
    """The fixes that rules may use, ordered by vehicle and time, and the steps between neighbours.

    Arrays of fixes have n entries, arrays of steps n - 1; a step between two vehicles has linked False.
    """

    vehicle: npt.NDArray[np.int32]
    driver: npt.NDArray[np.int32]
    time: Int
    lon: Float
    lat: Float
    speed_dkmh: npt.NDArray[np.int32]
    heading: npt.NDArray[np.float32]  # NaN: not sent
    linked: Bool
    step_s: Int
    step_m: Float


def figures_box(law: Law) -> Box:
    lon_min, lat_min, lon_max, lat_max = law.figure("box")
    return lon_min, lat_min, lon_max, lat_max


def fix_flags(frame: pl.DataFrame, box: Box, law: Law) -> Flags:
    """The flags that a fix carries by itself, whatever its neighbours. Args: frame: TRACK."""
    lon, lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
    time, received = frame["time"].to_numpy(), frame["received"].to_numpy()
    speed = frame["speed_dkmh"].to_numpy()
    flags = np.zeros(len(frame), np.int16)
    outside = ~_inside(lon, lat, box)
    if outside.any():
        swapped = outside & _inside(lat, lon, box)
        flags[swapped] |= Flag.SWAPPED
        flags[outside & ~swapped] |= Flag.OUTSIDE
        flags[(lon == 0) & (lat == 0)] |= Flag.ZERO
    known = received != NEVER
    flags[known & (time - np.where(known, received, 0) > law.figure("future_max"))] |= Flag.FUTURE
    flags[(speed < 0) | (speed > law.figure("speed_max"))] |= Flag.SPEED_RANGE
    flags[frame["scaled"].to_numpy()] |= Flag.SCALED_TIME
    return flags


def standing(sent: pl.DataFrame, box: Box, law: Law) -> tuple[Fixes, Copies]:
    """One fix for each vehicle and time, with the flags it carries by itself. Args: sent: TRACK, in any order."""
    copies = resolve_copies(sent)
    flags = fix_flags(sent, box, law)
    if len(copies.loser):
        # A time sent in milliseconds in any copy marks the fix.
        scaled = np.zeros(len(copies.winner), np.int16)
        np.bitwise_or.at(scaled, copies.of, flags[copies.loser] & Flag.SCALED_TIME)
        flags[copies.winner] |= scaled
    names = ("vehicle", "driver", "time", "lon", "lat", "speed_dkmh", "heading", "received")
    columns = {**{name: sent[name].to_numpy() for name in names}, "flags": flags}
    if len(copies.loser) or not np.all(copies.winner[:-1] < copies.winner[1:]):
        columns = gather(columns, copies.winner)
    swapped = np.flatnonzero(columns["flags"] & Flag.SWAPPED)
    if len(swapped):
        lon, lat = columns["lon"].copy(), columns["lat"].copy()
        lon[swapped], lat[swapped] = lat[swapped], lon[swapped]
        columns |= {"lon": lon, "lat": lat}
    return Fixes(**columns), copies


def screen(fixes: Fixes, law: Law) -> tuple[Flags, Usable]:
    """All flags of every standing fix, those that rest on neighbours too; and the usable fixes."""
    flags = fixes.flags.copy()
    fatal = (flags & FATAL) != 0
    kept = np.flatnonzero(~fatal) if fatal.any() else np.arange(len(flags))
    vehicle, time, lon, lat = fixes.vehicle[kept], fixes.time[kept], fixes.lon[kept], fixes.lat[kept]
    step_m = distance_m(lon, lat)
    jump = jumps(vehicle, time, lon, lat, step_m, law.figure("jump_speed_max"))
    if jump.any():
        flags[kept[jump]] |= Flag.JUMP
        stay = np.flatnonzero(~jump)
        step_m = _steps_after_removal(lon, lat, step_m, stay)
        kept, vehicle, time, lon, lat = kept[stay], vehicle[stay], time[stay], lon[stay], lat[stay]
    usable = Usable(
        vehicle,
        fixes.driver[kept],
        time,
        lon,
        lat,
        fixes.speed_dkmh[kept],
        fixes.heading[kept],
        np.diff(vehicle) == 0,
        np.diff(time),
        step_m,
    )
    flags[kept[frozen(usable, law)]] |= Flag.FROZEN
    return flags, usable


def jumps(
    vehicle: npt.NDArray[np.int32], time: Int, lon: Float, lat: Float, step_m: Float, speed_max_dkmh: int
) -> Bool:
    """Fixes that can only be reached and left faster than possible, while their neighbours agree with each other.

    Judged left to right, and a removed fix is no neighbour: a fix after a removed one is judged against the one
    before. A fix that can be left at a possible speed is no jump whatever lies before it, so only runs of fixes that
    cannot depend on each other; the runs are worked through side by side, one place of every run at a time.
    """
    count = len(time)
    removed = np.zeros(count, bool)
    fastest = speed_max_dkmh / 10 / _KMH  # m/s
    step_s = np.diff(time)
    left_too_fast = np.zeros(count, bool)  # of fix i: the step from i to i + 1
    left_too_fast[:-1] = (np.diff(vehicle) == 0) & (step_m > fastest * step_s)
    if not left_too_fast.any():
        return removed
    previous = np.arange(count) - 1
    start = left_too_fast & ~np.concatenate(([False], left_too_fast[:-1]))
    active = np.flatnonzero(start)
    while len(active):
        before = previous[active]
        has_before = (before >= 0) & (vehicle[before] == vehicle[active])
        active_now, before = active[has_before], before[has_before]
        after = active_now + 1
        reached = haversine_m(lon[before], lat[before], lon[active_now], lat[active_now])
        between = haversine_m(lon[before], lat[before], lon[after], lat[after])
        jump = (reached > fastest * (time[active_now] - time[before])) & (
            between <= fastest * (time[after] - time[before])
        )
        removed[active_now[jump]] = True
        previous[after[jump]] = before[jump]
        following = active + 1
        active = following[left_too_fast[following]]
    return removed


def jumped(time: Int, lon: Float, lat: Float, law: Law) -> Bool:
    """Of one vehicle's fixes in order of time, none fatal by itself: which of them are `jump`."""
    one = np.zeros(len(time), np.int32)
    return jumps(one, time, lon, lat, distance_m(lon, lat), law.figure("jump_speed_max"))


def frozen(usable: Usable, law: Law) -> Bool:
    """Third and later fix of a run with identical coordinates, each at a speed that excludes standing."""
    count = len(usable.time)
    moving = usable.speed_dkmh >= law.figure("frozen_speed_min")
    same = np.zeros(count, bool)
    same[1:] = usable.linked & (np.diff(usable.lon) == 0) & (np.diff(usable.lat) == 0) & moving[1:] & moving[:-1]
    place = np.arange(count)
    begin = np.maximum.accumulate(np.where(same, 0, place))
    third: Bool = place - begin >= law.figure("frozen_run_min") - 1
    return third


def _inside(lon: Float, lat: Float, box: Box) -> Bool:
    lon_min, lat_min, lon_max, lat_max = box
    return (lon >= lon_min) & (lon <= lon_max) & (lat >= lat_min) & (lat <= lat_max)


def _steps_after_removal(lon: Float, lat: Float, step_m: Float, stay: Int) -> Float:
    """Steps between the fixes that stay; only those over a removed fix are computed anew."""
    result = step_m[stay[:-1]]
    bridged = np.flatnonzero(np.diff(stay) > 1)
    a, b = stay[bridged], stay[bridged + 1]
    result[bridged] = haversine_m(lon[a], lat[a], lon[b], lat[b])
    return result
