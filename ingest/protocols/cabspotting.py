"""Taxi tracks of the Cabspotting collection: one fix a line, `lat lon occupied unix_time`, one file a vehicle.

    37.75153 -122.39447 0 1211033530

Source: CRAWDAD epfl/mobility (Piorkowski, Sarafijanovic-Djukic, Grossglauser, 2009).
Units:  degrees WGS 84, Unix seconds.
The file has no speed: each fix gets the straight-line speed to the next one in time, in km/h rounded half-up to tenths;
the last one, and one whose next has the same time, gets 0. It is a lower bound of what was driven in between. Nor does
it name its vehicle: the caller does, as a rule by the file's name. Whether a fare was aboard is left out.
Refuses a line: other than four numbers, a position that is not on the globe, a time with a fraction. A bad line costs
        only itself.
"""

from __future__ import annotations

import numpy as np

from ingest.protocols import _fields as fields
from journey import tenths
from journey.model import BadRecord, Decoded, DecodeError, Fix, Reason
from journey.track import haversine_m

NAME = "cabspotting"
_KMH_PER_MPS = 3.6


def decode(payload: bytes, received: int | None, vehicle: str = "") -> Decoded:
    """The fixes of one vehicle, in order of time.

    Raises: DecodeError where no vehicle is named, the payload is too large, or not one line is a fix.
    """
    fields.check_size(payload)
    plate = fields.vehicle(vehicle)
    lines = payload.split(b"\n")
    fields.check_count(len(lines))
    decoded = Decoded()
    points: list[tuple[int, float, float]] = []
    for index, line in enumerate(lines, 1):
        if not line or line.isspace():
            continue
        try:
            points.append(_point(line))
        except DecodeError as error:
            decoded.bad.append(BadRecord(f"line {index}", error.reason, error.detail, line))
    if not points:
        raise DecodeError(Reason.UNDECODABLE, "no line is of the form: lat lon occupied unix_time")
    points.sort(key=lambda point: point[0])
    decoded.fixes = [
        Fix(plate, None, time, lon, lat, speed, received=received)
        for (time, lon, lat), speed in zip(points, _chord_speeds(points), strict=True)
    ]
    return decoded


def _point(line: bytes) -> tuple[int, float, float]:
    """Time, lon, lat."""
    parts = line.decode(errors="replace").split()
    if len(parts) != 4:
        raise DecodeError(Reason.UNDECODABLE, f"{len(parts)} fields, not lat lon occupied unix_time")
    lat, lon, _, time = (
        _number(part, name) for part, name in zip(parts, ("lat", "lon", "occupied", "time"), strict=True)
    )
    if abs(lat) > 90:
        raise fields.beyond("lat", lat, "not on the globe")
    if abs(lon) > 180:
        raise fields.beyond("lon", lon, "not on the globe")
    return fields.seconds(time, "time")[0], lon, lat


def _number(text: str, field: str) -> float:
    if not fields.NUMBER.fullmatch(text):
        raise fields.wrong(field, text, "a number")
    return fields.number(float(text), field)


def _chord_speeds(points: list[tuple[int, float, float]]) -> list[int]:
    """Tenths of km/h from each point to the next. Shape: n -> n."""
    time, lon, lat = (np.array(column) for column in zip(*points, strict=True))
    metres = haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    elapsed = np.diff(time)
    speeds = np.zeros(len(points))
    np.divide(metres * _KMH_PER_MPS, elapsed, out=speeds[:-1], where=elapsed > 0)
    result: list[int] = tenths.of_floats(np.minimum(speeds, fields.SPEED_MAX)).tolist()
    return result
