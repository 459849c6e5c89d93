"""Where a load came from: the last long standing of a vehicle before an instant, and the way driven since.

Shape: n instants -> n. Units: s, degrees, m. A load taken on at a short halt is not seen, nor one before the track.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from journey.track import STANDING, Float, Int
from rules.law import Law
from rules.quality import Usable
from rules.stations.joining import NONE

_BITS = 40  # for an instant in a combined key


@dataclass(frozen=True, slots=True)
class Origins:
    """start, end: of the standing, NONE where there is none; lon, lat: where; way_m: along the fixes since its end."""

    start: Int
    end: Int
    lon: Float
    lat: Float
    way_m: Float


def origins(usable: Usable, activities: pl.DataFrame, fix: Int, time: Int, law: Law) -> Origins:
    """Args: fix: the fix before each instant, by which its vehicle is known. activities: ACTIVITY, ordered."""
    kind, start = activities["kind"].to_numpy(), activities["start"].to_numpy()
    long = (kind == STANDING) & (activities["end"].to_numpy() - start >= law.figure("long_standing_min"))
    vehicle = activities["vehicle"].to_numpy()[long].astype(np.int64)
    begun, ended = start[long], activities["end"].to_numpy()[long]
    of = usable.vehicle[fix].astype(np.int64)
    place = np.searchsorted((vehicle << _BITS) + ended, (of << _BITS) + time, side="right") - 1
    known = (place >= 0) & (len(vehicle) > 0)
    if len(vehicle):
        known &= vehicle[place] == of
    at = np.where(known, place, 0)
    none = np.full(len(time), NONE, np.int64)
    nowhere = np.full(len(time), np.nan)
    if not known.any():
        return Origins(none, none, nowhere, nowhere, nowhere)
    keys = (usable.vehicle.astype(np.int64) << _BITS) + usable.time
    first = np.searchsorted(keys, (of << _BITS) + begun[at])
    left = np.searchsorted(keys, (of << _BITS) + ended[at])
    first, left = np.clip(first, 0, len(keys) - 1), np.clip(left, 0, len(keys) - 1)
    along = np.concatenate([[0.0], np.cumsum(np.where(usable.linked, usable.step_m, 0.0))])
    return Origins(
        np.where(known, begun[at], NONE),
        np.where(known, ended[at], NONE),
        np.where(known, usable.lon[first], np.nan),
        np.where(known, usable.lat[first], np.nan),
        np.where(known, np.maximum(along[fix] - along[left], 0.0), np.nan),
    )
