"""What a vehicle did between its fixes: driving, standing or unknown (rules.md, section 3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from journey.track import ACTIVITY, DRIVING, STANDING, UNKNOWN, Bool, Float, Int
from rules.law import Law
from rules.quality import Usable

Kind = npt.NDArray[np.int8]
MM = 1000


def classify(usable: Usable, law: Law) -> Kind:
    """The class of each step between neighbouring usable fixes. Shape: n fixes -> n - 1; unlinked steps UNKNOWN."""
    moving = usable.speed_dkmh[:-1] >= law.figure("moving_min")
    short = usable.step_s <= law.figure("moving_gap_max")
    parked = ~moving & (short | (usable.step_m <= law.figure("parked_radius") / MM))
    kind = np.full(len(usable.step_s), UNKNOWN, np.int8)
    kind[parked & usable.linked] = STANDING
    kind[moving & short & usable.linked] = DRIVING
    return kind


def driven_m(usable: Usable, kind: Kind, vehicles: int) -> Float:
    """Distance driven by vehicle code: the steps of driving, before short stops are added. Shape: -> vehicles."""
    driving = kind == DRIVING
    return np.bincount(usable.vehicle[:-1][driving], usable.step_m[driving], vehicles)


def activities(usable: Usable, kind: Kind, law: Law) -> pl.DataFrame:
    """Activities of all vehicles, short stops merged into the driving around them. Returns ACTIVITY, ordered."""
    steps = np.flatnonzero(usable.linked)
    frame = pl.DataFrame(
        {
            "vehicle": usable.vehicle[steps],
            "driver": usable.driver[steps],
            "start": usable.time[steps],
            "end": usable.time[steps + 1],
            "kind": kind[steps],
        },
        schema=ACTIVITY,
    )
    merged = merge(frame)
    vehicle, driver, kinds = (merged[name].to_numpy() for name in ("vehicle", "driver", "kind"))
    seconds = (merged["end"] - merged["start"]).to_numpy()
    stop = (kinds == STANDING) & (seconds < law.figure("short_stop_max"))
    between = np.zeros(len(stop), bool)
    if len(stop) > 2:
        before, after = slice(None, -2), slice(2, None)
        inner = slice(1, -1)
        between[inner] = (
            (kinds[before] == DRIVING)
            & (kinds[after] == DRIVING)
            & (vehicle[before] == vehicle[inner])
            & (vehicle[after] == vehicle[inner])
            & (driver[before] == driver[inner])
            & (driver[after] == driver[inner])
        )
    short = stop & between
    if not short.any():
        return merged
    return merge(merged.with_columns(kind=pl.Series(np.where(short, np.int8(DRIVING), kinds), dtype=pl.Int8)))


def merge(frame: pl.DataFrame) -> pl.DataFrame:
    """Join intervals of one vehicle, driver and class that touch. Args: frame: ACTIVITY, ordered."""
    if frame.is_empty():
        return frame
    columns = [frame[name].to_numpy() for name in ("vehicle", "driver", "kind")]
    start, end = frame["start"].to_numpy(), frame["end"].to_numpy()
    new = np.ones(len(frame), bool)
    new[1:] = start[1:] != end[:-1]
    for values in columns:
        new[1:] |= values[1:] != values[:-1]
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(frame)) - 1
    return frame[first].with_columns(end=pl.Series(end[last]))


def seconds_by_vehicle(frame: pl.DataFrame, kind: int, vehicles: int) -> Int:
    """Seconds of one class by vehicle code. Shape: ACTIVITY -> vehicles."""
    chosen: Bool = frame["kind"].to_numpy() == kind
    seconds = (frame["end"] - frame["start"]).to_numpy()[chosen]
    return np.bincount(frame["vehicle"].to_numpy()[chosen], seconds, vehicles).astype(np.int64)
