"""Fixes as PostgreSQL's binary COPY stream, built and read as one numpy array.

Every row has the same layout, so that no row costs a step in Python: what may be absent travels as a value that
cannot occur (driver -1, heading NaN, delay NEVER) and becomes NULL in SQL, and the other way round.
"""

from __future__ import annotations

from typing import Any, LiteralString

import numpy as np
import numpy.typing as npt
import polars as pl
from psycopg import sql

from journey.model import Flag
from journey.track import DEGREES_MAX, FIX, GRID, NEVER, Int
from storage.database import Connection
from storage.errors import Unstorable
from storage.names import Ids, licence_series, plate_series

type Rows = npt.NDArray[np.void]

# A frame of fixes as it comes in: FIX and the flags found when decoding, a sum of journey.model.Flag.
FLAGGED = pl.Schema([*FIX.items(), ("flags", pl.Int16)])

# First and last storable instant, s UTC: the calendar of Python's datetime, the narrowest on the way.
TIME_MIN, TIME_MAX = -62_135_596_800, 253_402_300_799

_EPOCH_S = 946_684_800  # PostgreSQL counts microseconds from 2000-01-01
FIELDS = (
    ("vehicle_id", ">i4"),
    ("time", ">i8"),
    ("delay_s", ">i8"),
    ("lon_e7", ">i4"),
    ("lat_e7", ">i4"),
    ("speed_dkmh", ">i4"),
    ("driver_id", ">i4"),
    ("heading", ">f4"),
    ("altitude_m", ">f4"),
    ("states", ">i2"),
    ("flags", ">i2"),
    ("place", ">i4"),
)
LAYOUT = np.dtype(
    [("fields", ">i2"), *(pair for name, kind in FIELDS for pair in ((f"{name} bytes", ">i4"), (name, kind)))]
)
_BLANK = np.zeros((), LAYOUT)
_BLANK["fields"] = len(FIELDS)
for _name, _kind in FIELDS:
    _BLANK[f"{_name} bytes"] = np.dtype(_kind).itemsize
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"

# `states`: two bits each for ignition, door and aircon (0 absent, 1 off, 2 on), then one for `scaled`.
_STATES = (("ignition", 1), ("door", 4), ("aircon", 16))
_SCALED = 64

# Columns of a staging table that takes these rows, the columns of fix, and the one as the other.
STAGED: LiteralString = """vehicle_id integer, "time" timestamptz, delay_s bigint, lon_e7 integer, lat_e7 integer,
    speed_dkmh integer, driver_id integer, heading float4, altitude_m float4, states smallint, flags smallint,
    place integer"""
COLUMNS: LiteralString = """vehicle_id, "time", delay_s, lon_e7, lat_e7, speed_dkmh, driver_id, heading, altitude_m,
    ignition, door, aircon, flags, scaled, batch_id"""
FROM_STAGED: LiteralString = """s.vehicle_id, s."time", NULLIF(s.delay_s, 9223372036854775807), s.lon_e7,
    s.lat_e7, s.speed_dkmh,
    NULLIF(s.driver_id, -1), NULLIF(s.heading, 'NaN'), NULLIF(s.altitude_m, 'NaN'),
    CASE s.states & 3 WHEN 1 THEN false WHEN 2 THEN true END,
    CASE s.states & 12 WHEN 4 THEN false WHEN 8 THEN true END,
    CASE s.states & 48 WHEN 16 THEN false WHEN 32 THEN true END,
    s.flags, s.states & 64 <> 0"""
TO_WIRE: LiteralString = """f.vehicle_id, f."time", COALESCE(f.delay_s, 9223372036854775807), f.lon_e7, f.lat_e7,
    f.speed_dkmh, COALESCE(f.driver_id, -1), COALESCE(f.heading, 'NaN'), COALESCE(f.altitude_m, 'NaN'),
    (COALESCE(f.ignition::int + 1, 0) + 4 * COALESCE(f.door::int + 1, 0) + 16 * COALESCE(f.aircon::int + 1, 0)
     + 64 * f.scaled::int)::smallint,
    f.flags"""


def rows_of(frame: pl.DataFrame, vehicle: Ids, driver: Ids) -> Rows:
    """Rows of a FLAGGED frame, `place` being the row's number; flags say scaled_time where `scaled` does.

    Shape: n -> n. Raises Unstorable for a time that cannot be stored.
    """
    rows = np.full(len(frame), _BLANK)
    rows["vehicle_id"] = vehicle
    rows["time"] = (_storable(frame["time"]) - _EPOCH_S) * 1_000_000
    received = _storable(frame["received"])
    rows["delay_s"] = np.where(received == NEVER, NEVER, received - frame["time"].to_numpy())
    for name in ("lon", "lat"):
        degrees = np.clip(frame[name].to_numpy(), -DEGREES_MAX, DEGREES_MAX)
        rows[f"{name}_e7"] = np.rint(degrees * GRID)
    # Adding zero turns -0.0 into 0.0: equal numbers are then equal bytes.
    rows["speed_dkmh"] = frame["speed_dkmh"].to_numpy()
    rows["driver_id"] = driver
    rows["heading"] = frame["heading"].fill_null(np.nan).to_numpy() + np.float32(0)
    rows["altitude_m"] = frame["altitude_m"].fill_null(np.nan).to_numpy() + np.float32(0)
    scaled = frame["scaled"].to_numpy()
    states = scaled * np.int16(_SCALED)
    for name, unit in _STATES:
        states += (frame[name].cast(pl.Int16) + 1).fill_null(0).to_numpy() * np.int16(unit)
    rows["states"] = states
    rows["flags"] = frame["flags"].to_numpy() | scaled * np.int16(Flag.SCALED_TIME)
    rows["place"] = np.arange(len(frame))
    return rows


def frame_of(connection: Connection, rows: Rows) -> pl.DataFrame:
    """The FLAGGED frame of rows. `scaled` is that of the very copy. Shape: n -> n."""

    def column(name: str, kind: type[np.generic]) -> npt.NDArray[Any]:
        return rows[name].astype(kind)

    vehicle, driver, states = column("vehicle_id", np.int32), column("driver_id", np.int32), column("states", np.int16)
    time, delay = seconds(column("time", np.int64)), column("delay_s", np.int64)
    known = delay != NEVER
    return pl.DataFrame(
        {
            "vehicle": plate_series(connection, vehicle),
            "driver": licence_series(connection, driver),
            "time": time,
            "lon": column("lon_e7", np.int32) / GRID,
            "lat": column("lat_e7", np.int32) / GRID,
            "speed_dkmh": column("speed_dkmh", np.int32),
            "heading": pl.Series(column("heading", np.float32)).fill_nan(None),
            "altitude_m": pl.Series(column("altitude_m", np.float32)).fill_nan(None),
            **{name: _state(states, unit) for name, unit in _STATES},
            "received": pl.Series(time + np.where(known, delay, 0)).set(pl.Series(~known), None),
            "scaled": (states & _SCALED) != 0,
            "flags": column("flags", np.int16),
        },
        schema=FLAGGED,
    )


def _state(states: npt.NDArray[np.int16], unit: int) -> pl.Series:
    value = pl.Series(states // unit & 3)
    return (value == 2).set(value == 0, None)


def storable_time(time: int) -> bool:
    """Whether an instant (s UTC) can be stored."""
    return TIME_MIN <= time <= TIME_MAX


def _storable(time: pl.Series) -> Int:
    """Instants, NEVER for null. Raises Unstorable for one that cannot be stored."""
    values = time.fill_null(NEVER).to_numpy()
    wrong = values[time.is_not_null().to_numpy() & ((values < TIME_MIN) | (values > TIME_MAX))]
    if len(wrong):
        raise Unstorable(f"{time.name} {wrong[0]} cannot be stored: the years 1 to 9999 can")
    return values


def seconds(microseconds: Int) -> Int:
    """Unix seconds of a row's time. Shape: n -> n."""
    return microseconds // 1_000_000 + _EPOCH_S


def write_rows(connection: Connection, statement: LiteralString, rows: Rows) -> None:
    """Send rows as the input of a COPY statement."""
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_HEAD)
        copy.write(rows.tobytes())
        copy.write(_TAIL)


def read_rows(connection: Connection, statement: sql.Composed, parameters: dict[str, Any]) -> Rows:
    """The output of a COPY statement of TO_WIRE and a place, as rows."""
    with connection.cursor() as cursor, cursor.copy(statement, parameters) as copy:
        stream = b"".join(copy)
    return np.frombuffer(
        stream, LAYOUT, count=(len(stream) - len(_HEAD) - len(_TAIL)) // LAYOUT.itemsize, offset=len(_HEAD)
    )
