"""Passages of vehicles through the zones of stations, from usable fixes.

Shape: n fixes, ordered by vehicle and time -> passages. Units: s, degrees, m.
A passage is a run of neighbouring steps that come within the radius of the station; its time is that of the closest
point on them, so that fixes on either side of the zone are enough. A step over a silence is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journey.registry import Station
from journey.track import EARTH_RADIUS_M, Float, Int
from rules.law import Law
from rules.quality import Usable


@dataclass(frozen=True, slots=True)
class Passages:
    """Columns, ordered by station, vehicle and time. fix: the fix before the closest point; station: place in the list
    given; away_m: how close it came; bearing: degrees clockwise from north from the first fix to the last, NaN where
    the vehicle did not move."""

    station: Int
    vehicle: Int
    time: Int
    fix: Int
    away_m: Float
    bearing: Float

    def __len__(self) -> int:
        return len(self.time)


def passages(usable: Usable, stations: Sequence[Station], law: Law) -> Passages:
    """All passages; a station without a place has none. One pass over the fixes a station."""
    found = [_of_station(usable, code, one, law) for code, one in enumerate(stations)]
    if not found:
        none = np.zeros(0, np.int64)
        return Passages(none, none, none, none, np.zeros(0), np.zeros(0))
    return Passages(
        np.concatenate([one.station for one in found]),
        np.concatenate([one.vehicle for one in found]),
        np.concatenate([one.time for one in found]),
        np.concatenate([one.fix for one in found]),
        np.concatenate([one.away_m for one in found]),
        np.concatenate([one.bearing for one in found]),
    )


def flat_m(lon: Float, lat: Float, station: Station) -> tuple[Float, Float]:
    """Metres east and north of a station, on the plane that touches the sphere there: true to a metre within 10 km."""
    lon0, lat0 = station.lon or 0.0, station.lat or 0.0
    east = np.radians(lon - lon0) * EARTH_RADIUS_M * np.cos(np.radians(lat0))
    return east, np.radians(lat - lat0) * EARTH_RADIUS_M


def _of_station(usable: Usable, code: int, station: Station, law: Law) -> Passages:
    radius, longest_s = law.figure("station_radius") / MM, law.figure("moving_gap_max")
    if station.lon is None or station.lat is None or len(usable.time) < 2:
        steps = np.zeros(0, np.int64)
    else:
        steps = _steps_near(usable, station, radius, longest_s)
    if not len(steps):
        none = np.zeros(0, np.int64)
        return Passages(none, none, none, none, np.zeros(0), np.zeros(0))
    east, north = flat_m(usable.lon, usable.lat, station)
    step_e, step_n = east[steps + 1] - east[steps], north[steps + 1] - north[steps]
    length = step_e**2 + step_n**2
    share = -(east[steps] * step_e + north[steps] * step_n) / np.where(length > 0, length, 1)
    share = np.clip(share, 0, 1)
    away = np.hypot(east[steps] + share * step_e, north[steps] + share * step_n)
    near = away <= radius
    steps, share, away = steps[near], share[near], away[near]
    if not len(steps):
        return Passages(steps, steps, steps, steps, away, away)
    new = np.ones(len(steps), bool)
    new[1:] = np.diff(steps) > 1
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(steps)) - 1
    run = np.cumsum(new) - 1
    order = np.lexsort((steps, away, run))
    best = order[np.searchsorted(run[order], np.arange(len(first)))]
    closest = steps[best]
    passed_s = share[best] * (usable.time[closest + 1] - usable.time[closest])
    begin, end = steps[first], steps[last] + 1
    moved_e, moved_n = east[end] - east[begin], north[end] - north[begin]
    bearing = np.degrees(np.arctan2(moved_e, moved_n)) % _CIRCLE
    bearing[(moved_e == 0) & (moved_n == 0)] = np.nan
    return Passages(
        np.full(len(first), code, np.int64),
        usable.vehicle[closest].astype(np.int64),
        usable.time[closest] + np.rint(passed_s).astype(np.int64),
        closest.astype(np.int64),
        away[best],
        bearing,
    )


def _steps_near(usable: Usable, station: Station, radius_m: float, longest_s: int) -> Int:
    """Linked steps short enough to be one drive, of which the box of both ends, widened, holds the station."""
    lon0, lat0 = station.lon or 0.0, station.lat or 0.0
    high = np.degrees(radius_m / EARTH_RADIUS_M)
    wide = high / np.cos(np.radians(lat0))
    west, east = np.minimum(usable.lon[:-1], usable.lon[1:]), np.maximum(usable.lon[:-1], usable.lon[1:])
    south, north = np.minimum(usable.lat[:-1], usable.lat[1:]), np.maximum(usable.lat[:-1], usable.lat[1:])
    box = (west <= lon0 + wide) & (east >= lon0 - wide) & (south <= lat0 + high) & (north >= lat0 - high)
    return np.flatnonzero(box & usable.linked & (usable.step_s <= longest_s)).astype(np.int64)


MM = 1000
_CIRCLE = 360
