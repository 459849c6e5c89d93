"""Tables of fixes and activities: their columns with units, and what is one fix when several copies were sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey.model import Fix

Int = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8
GRID = 1e7  # steps a degree
DEGREES_MAX = 214.0  # as far as 32 bits of such steps reach

# Fixes as decoded, names as text; the columns of journey.model.Fix in its order.
FIX = pl.Schema(
    {
        "vehicle": pl.String,  # normalised plate
        "driver": pl.String,  # normalised licence, null: unknown
        "time": pl.Int64,  # s, UTC
        "lon": pl.Float64,  # degrees, as sent, on the grid (on_grid)
        "lat": pl.Float64,
        "speed_dkmh": pl.Int32,  # tenths of km/h
        "heading": pl.Float32,  # degrees clockwise from north, null: not sent
        "altitude_m": pl.Float32,
        "ignition": pl.Boolean,
        "door": pl.Boolean,
        "aircon": pl.Boolean,
        "received": pl.Int64,  # s, UTC, null: not known
        "scaled": pl.Boolean,  # time was sent in milliseconds
    }
)

# Fixes in the form that rules compute on: names as codes in name order, absent values as sentinels that sort rightly.
TRACK = pl.Schema(
    {
        "vehicle": pl.Int32,  # index into Track.plates
        "driver": pl.Int32,  # index into Track.licences, NO_DRIVER: unknown
        "time": pl.Int64,
        "lon": pl.Float64,
        "lat": pl.Float64,
        "speed_dkmh": pl.Int32,
        "heading": pl.Float32,  # NaN: absent
        "ignition": pl.Int8,  # -1: absent
        "received": pl.Int64,  # NEVER: absent
        "scaled": pl.Boolean,
    }
)

# What a map matcher said of fixes, one row a fix of a slice of track that was matched as a whole.
MATCH = pl.Schema(
    {
        "vehicle": pl.String(),  # normalised plate
        "time": pl.Int64(),  # s, UTC
        "slice": pl.Int64(),  # time of the slice's first fix
        "road": pl.String(),  # id of the road, null: not matched
        "offset_dm": pl.Int32(),  # from the fix to its place on the road; null: not matched
        "through": pl.List(pl.String),  # ids of the roads gone along from the fix before to this one, both ends' too
        "path_dm": pl.Int32(),  # along the roads from the fix before; null: none was found, or the slice begins here
    }
)

# What a vehicle did: half-open intervals that do not overlap within a vehicle.
ACTIVITY = pl.Schema(
    {
        "vehicle": pl.Int32,
        "driver": pl.Int32,
        "start": pl.Int64,
        "end": pl.Int64,
        "kind": pl.Int8,  # DRIVING, STANDING or UNKNOWN
    }
)
DRIVING, STANDING, UNKNOWN = 0, 1, 2
KIND_NAMES = ("driving", "standing", "unknown")

NO_DRIVER = -1
NEVER = np.iinfo(np.int64).max

_BLOCK = 1 << 15


@dataclass(frozen=True, slots=True)
class Track:
    """Fixes of many vehicles. Codes follow the order of the names, so that comparing codes compares names."""

    plates: tuple[str, ...]
    licences: tuple[str, ...]
    frame: pl.DataFrame  # TRACK


def on_grid(fixes: pl.DataFrame) -> pl.DataFrame:
    """Places of a FIX frame to 1e-7 degrees (a centimetre), the resolution that they are kept with, as speed in tenths.

    Whatever was sent with up to seven decimals is not changed by one bit; no recorder measures finer. What is beyond
    214 degrees, and so nowhere on earth, becomes 214. Shape: n rows -> n rows.
    """
    # Not in polars, which divides by a constant as it multiplies by its inverse: off by a last bit.
    return fixes.with_columns(
        pl.Series(name, np.rint(np.clip(fixes[name].to_numpy(), -DEGREES_MAX, DEGREES_MAX) * GRID) / GRID + 0.0)
        for name in ("lon", "lat")
    )


def fix_frame(fixes: Sequence[Fix]) -> pl.DataFrame:
    """Fixes as a FIX frame. Shape: n tuples -> n rows."""
    if not fixes:
        return FIX.to_frame()
    columns = zip(*fixes, strict=True)
    return on_grid(pl.DataFrame(dict(zip(FIX, columns, strict=True)), schema=FIX))


def encode(fixes: pl.DataFrame) -> Track:
    """A FIX frame in the form that rules compute on. Shape: n rows -> n rows, same order."""
    plates = fixes["vehicle"].unique().sort()
    licences = fixes["driver"].drop_nulls().unique().sort()
    frame = fixes.select(
        pl.col("vehicle").cast(pl.Enum(plates)).to_physical().cast(pl.Int32),
        pl.col("driver").cast(pl.Enum(licences)).to_physical().cast(pl.Int32).fill_null(NO_DRIVER),
        pl.col("time", "lon", "lat", "speed_dkmh"),
        pl.col("heading").fill_null(float("nan")),
        pl.col("ignition").cast(pl.Int8).fill_null(-1),
        pl.col("received").fill_null(NEVER),
        pl.col("scaled"),
    )
    return Track(tuple(plates), tuple(licences), frame)


@dataclass(frozen=True, slots=True)
class Copies:
    """Which rows of a track are the fixes, and which are further copies of them.

    winner: rows that stand, ordered by (vehicle, time). loser: the other rows; of: for each loser the index into
    `winner` of the fix it is a copy of; conflict: whether it says something else than that fix.
    """

    winner: Int
    loser: Int
    of: Int
    conflict: Bool


def resolve_copies(frame: pl.DataFrame) -> Copies:
    """Decide which of several fixes of one (vehicle, time) stands (rules.md, section 2).

    The one received first; then the lower speed; then the smaller (lon, lat, driver, heading, ignition), absent
    first. Nothing depends on the order of rows, except between rows that are equal in every one of these.

    Args: frame: TRACK, any order.
    """
    vehicle = frame["vehicle"].to_numpy()
    time = frame["time"].to_numpy()
    order = _by_vehicle_and_time(vehicle, time)
    same = (np.diff(vehicle[order]) == 0) & (np.diff(time[order]) == 0)
    if not same.any():
        none = np.empty(0, np.int64)
        return Copies(order, none, none, none.astype(bool))
    follows = np.concatenate(([False], same))
    shared = follows | np.concatenate((same, [False]))  # rows whose key stands more than once
    among = order[shared]
    columns = {name: frame[name].gather(among).to_numpy() for name in TRACK if name != "scaled"}
    heading = columns["heading"]
    columns["heading"] = np.where(np.isnan(heading), np.float32(-np.inf), heading)
    keys = ("vehicle", "time", "received", "speed_dkmh", "lon", "lat", "driver", "heading", "ignition")
    ranked = np.lexsort([columns[name] for name in reversed(keys)])
    order = order.copy()
    # The shared keys keep their places: only copies change places among themselves.
    order[shared] = among[ranked]
    winner = order[~follows]
    of = (np.cumsum(~follows) - 1)[follows]
    place = np.cumsum(shared) - 1  # place of a shared row in `ranked`
    first = np.maximum.accumulate(np.where(~follows, np.arange(len(order)), 0))
    conflict = np.zeros(len(of), bool)
    for name in ("driver", "lon", "lat", "speed_dkmh", "heading", "ignition"):
        values = columns[name][ranked]
        conflict |= values[place[follows]] != values[place[first[follows]]]
    return Copies(winner, order[follows], of, conflict)


def _by_vehicle_and_time(vehicle: npt.NDArray[np.int32], time: Int) -> Int:
    """Stable order by (vehicle, time); cheap where the rows are in that order, or nearly, already."""
    if _ordered(vehicle, time):
        return np.arange(len(time))
    few = len(vehicle) and int(vehicle.max()) <= np.iinfo(np.uint16).max
    # A 16-bit key is sorted by counting. What is left to sort in time is the little that came late.
    order = np.argsort(vehicle.astype(np.uint16) if few else vehicle, kind="stable")
    grouped, times = vehicle[order], time[order]
    if _ordered(grouped, times):
        return order
    first, span = int(times.min()), int(times.max()) - int(times.min()) + 1
    if int(grouped[-1]) + 1 > NEVER // span:  # too wide for one number
        return np.lexsort((time, vehicle)).astype(np.int64)
    return order[np.argsort(grouped.astype(np.int64) * span + (times - first), kind="stable")]


def _ordered(vehicle: npt.NDArray[np.int32], time: Int) -> bool:
    step = np.diff(vehicle)
    return bool(np.all((step > 0) | ((step == 0) & (np.diff(time) >= 0))))


def gather(columns: dict[str, npt.NDArray[Any]], order: Int) -> dict[str, npt.NDArray[Any]]:
    """Rows of several columns in another order. Shape: columns of n, k places -> columns of k.

    Far-apart rows are read once each, with all their columns side by side, instead of once a column.
    """
    layout = np.dtype([(name, values.dtype) for name, values in columns.items()], align=True)
    count = len(next(iter(columns.values())))
    rows = np.empty(count, layout)
    for start in range(0, count, _BLOCK):
        block = rows[start : start + _BLOCK]
        for name, values in columns.items():
            block[name] = values[start : start + _BLOCK]
    result = {name: np.empty(len(order), values.dtype) for name, values in columns.items()}
    whole_rows = rows.view(f"V{layout.itemsize}")
    for start in range(0, len(order), _BLOCK):
        moved = whole_rows[order[start : start + _BLOCK]].view(layout)
        for name, values in result.items():
            values[start : start + _BLOCK] = moved[name]
    return result


def distance_m(lon: Float, lat: Float) -> Float:
    """Haversine distance between consecutive rows. Shape: n degrees -> n-1 m."""
    result = np.empty(max(len(lon) - 1, 0))
    # Block by block, so that what is computed on the way stays in the processor's cache.
    for start in range(0, len(result), _BLOCK):
        part = slice(start, min(start + _BLOCK, len(result)) + 1)
        phi = np.radians(lat[part])
        cosine = np.cos(phi)
        result[start : part.stop - 1] = _arc_m(np.diff(phi), np.diff(lon[part]), cosine[:-1], cosine[1:])
    return result


def haversine_m(lon_a: Float, lat_a: Float, lon_b: Float, lat_b: Float) -> Float:
    """Great-circle distance in m, on a sphere of radius 6,371,008.8 m, element by element; degrees in."""
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    return _arc_m(phi_b - phi_a, np.asarray(lon_b - lon_a), np.cos(phi_a), np.cos(phi_b))


def _arc_m(rise_rad: Float, turn_deg: Float, cosine_a: Float, cosine_b: Float) -> Float:
    rise, turn = np.sin(rise_rad / 2), np.sin(np.radians(turn_deg) / 2)
    chord = rise * rise + cosine_a * cosine_b * (turn * turn)
    result: Float = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return result
