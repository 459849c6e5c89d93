"""A vehicle's track of one local day, as few points as a map needs: ends, stops and breaks, and the bends between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import LiteralString, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from journey.localtime import day_start
from journey.model import FATAL, Flag
from journey.track import EARTH_RADIUS_M
from storage.database import Connection
from storage.names import known_vehicles

DAY: LiteralString = """
    SELECT extract(epoch FROM "time")::bigint,
           CASE WHEN flags & %(swapped)s = 0 THEN lon_e7 ELSE lat_e7 END / 1e7::float8,
           CASE WHEN flags & %(swapped)s = 0 THEN lat_e7 ELSE lon_e7 END / 1e7::float8, speed_dkmh
    FROM fix
    WHERE vehicle_id = %(vehicle)s::int AND "time" >= to_timestamp(%(start)s::bigint)
    AND "time" < to_timestamp(%(stop)s::bigint) AND flags & %(fatal)s = 0
    ORDER BY "time"
"""
_DEGREE_M = EARTH_RADIUS_M * np.pi / 180


type Floats = npt.NDArray[np.float64]
# Of the fixes of a day, by time (s UTC), lon and lat: those that only their neighbours show to be wrong.
type Jumped = Callable[[npt.NDArray[np.int64], Floats, Floats], npt.NDArray[np.bool_]]


class TrackPoint(NamedTuple):
    time: int  # s UTC
    lon: float  # degrees WGS 84
    lat: float
    speed_dkmh: int  # tenths of km/h
    after_break: bool  # nothing usable is known of the time since the point before: no line leads here


class DayTrack(NamedTuple):
    fixes: int  # usable ones of the day
    points: list[TrackPoint]  # those of them that the map needs, in order


def day_track(
    connection: Connection, plate: str, day: int, tolerance_m: float, break_s: int, jumped: Jumped | None = None
) -> DayTrack:
    """The track of a local day (number), from which no left-out fix lies farther than `tolerance_m`.

    Kept are the first and last fix, the first and last of each stand (speed 0 as sent), and both sides of a time of
    more than `break_s` without a usable fix. Times between kept fixes of one straight piece are not kept. As in
    storage.pages.positions, fixes with a fatal flag of their own are left out; so is what `jumped` tells. At most one
    point a second of the day.
    """
    if tolerance_m < 0 or break_s <= 0:
        raise ValueError(f"tolerance {tolerance_m} m, break {break_s} s: neither can be negative, nor a break nothing")
    vehicle = known_vehicles(connection, [plate]).get(plate)
    if vehicle is None:
        return DayTrack(0, [])
    rows = connection.execute(DAY, day_parameters(vehicle, day)).fetchall()
    if jumped is not None and rows:
        time, lon, lat, _ = (np.array(column) for column in zip(*rows, strict=True))
        rows = [row for row, wrong in zip(rows, jumped(time, lon, lat).tolist(), strict=True) if not wrong]
    return DayTrack(len(rows), simplify(rows, tolerance_m, break_s))


def day_parameters(vehicle: int, day: int) -> dict[str, object]:
    span = {"start": day_start(day), "stop": day_start(day + 1)}
    return {"vehicle": vehicle, **span, "fatal": int(FATAL), "swapped": int(Flag.SWAPPED)}


def simplify(rows: Sequence[tuple[int, float, float, int]], tolerance_m: float, break_s: int) -> list[TrackPoint]:
    """Points of a track (time, lon, lat, speed), in order of time, that a map needs."""
    if not rows:
        return []
    time, lon, lat, speed = (np.array(column) for column in zip(*rows, strict=True))
    broken = np.concatenate(([True], np.diff(time) > break_s))
    kept = broken | np.roll(broken, -1)  # the last fix is followed by the first
    standing = speed == 0
    changes = standing[1:] != standing[:-1]
    kept[1:] |= changes & standing[1:]
    kept[:-1] |= changes & standing[:-1]
    x = lon * np.cos(np.radians(lat.mean())) * _DEGREE_M
    y = lat * _DEGREE_M
    anchors = np.flatnonzero(kept)
    for first, last in pairwise(anchors.tolist()):
        if last - first > 1 and not broken[last]:
            kept[_bends(x, y, first, last, tolerance_m)] = True
    return [
        TrackPoint(*rows[place], after_break=place > 0 and bool(broken[place]))
        for place in np.flatnonzero(kept).tolist()
    ]


def _bends(x: Floats, y: Floats, first: int, last: int, tolerance_m: float) -> npt.NDArray[np.int64]:
    """Places in [first, last] that Douglas and Peucker keep. A point's place travels as its height."""
    places = np.arange(first, last + 1)
    line = shapely.linestrings(x[first : last + 1], y[first : last + 1], places)
    simple = shapely.simplify(line, tolerance_m, preserve_topology=False)
    return shapely.get_coordinates(simple, include_z=True)[:, 2].astype(np.int64)
