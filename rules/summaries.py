"""What a vehicle's local day held: fixes, flags, seconds of each class, metres driven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from journey.localtime import day_of, day_start
from journey.model import FATAL, Flag
from journey.track import DRIVING, KIND_NAMES, Float, Int
from rules.activity import Kind
from rules.periods import cut
from rules.quality import Flags, Usable

_KEY = 1 << 32


@dataclass(frozen=True, slots=True)
class DaySum:
    """Sums of one vehicle over one local day. flags: fixes by flag; driving_m: a step over midnight shared by time."""

    fixes: int
    usable: int
    flags: dict[str, int]
    driving_s: int
    standing_s: int
    unknown_s: int
    driving_m: float


def day_sums(
    vehicle: npt.NDArray[np.int32], time: Int, flags: Flags, usable: Usable, kind: Kind, activities: pl.DataFrame
) -> dict[tuple[int, int], DaySum]:
    """Sums by (vehicle code, local day number). Args: vehicle, time, flags: of all fixes; activities: ACTIVITY."""
    days = vehicle.astype(np.int64) * _KEY + day_of(time)
    keys, place = np.unique(days, return_inverse=True)
    fixes = np.bincount(place)
    good = np.bincount(place, (flags & FATAL) == 0)
    by_key: dict[int, dict[str, int]] = {}
    flagged = np.flatnonzero(flags)
    for number in np.unique(place[flagged]).tolist():
        by_key[int(keys[number])] = flag_counts(flags[flagged[place[flagged] == number]])
    seconds = {name: _seconds(activities, code) for code, name in enumerate(KIND_NAMES)}
    driven = _driven(usable, kind)
    every = {*keys.tolist(), *driven, *(key for one in seconds.values() for key in one)}
    counts = dict(zip(keys.tolist(), zip(fixes.tolist(), good.tolist(), strict=True), strict=True))
    result = {}
    for key in sorted(every):
        number, usable_number = counts.get(key, (0, 0))
        driving_s, standing_s, unknown_s = (seconds[name].get(key, 0) for name in KIND_NAMES)
        metres = round(driven.get(key, 0.0), 3)
        result[divmod(key, _KEY)] = DaySum(
            number, int(usable_number), by_key.get(key, {}), driving_s, standing_s, unknown_s, metres
        )
    return result


def flag_counts(flags: Flags) -> dict[str, int]:
    """How many fixes carry each flag, zeros left out."""
    counts = {str(flag.name).lower(): int(np.count_nonzero(flags & flag)) for flag in Flag}
    return {name: count for name, count in counts.items() if count}


def _seconds(activities: pl.DataFrame, code: int) -> dict[int, int]:
    chosen = activities.filter(pl.col("kind") == code)
    row, start, end, day = cut(chosen["start"].to_numpy(), chosen["end"].to_numpy(), day_of, day_start)
    sums = _summed(chosen["vehicle"].to_numpy()[row].astype(np.int64) * _KEY + day, (end - start).astype(np.float64))
    return {key: int(value) for key, value in sums.items()}


class DrivenParts(NamedTuple):
    """Steps of driving, cut at local midnights: index of the step, local day, its share of the step's distance in m."""

    step: Int
    day: Int
    driven_m: Float


def driven_parts(usable: Usable, kind: Kind) -> DrivenParts:
    steps = np.flatnonzero(kind == DRIVING)
    row, start, end, day = cut(usable.time[steps], usable.time[steps + 1], day_of, day_start)
    step = steps[row]
    return DrivenParts(step, day, usable.step_m[step] * ((end - start) / usable.step_s[step]))


def _driven(usable: Usable, kind: Kind) -> dict[int, float]:
    parts = driven_parts(usable, kind)
    return _summed(usable.vehicle[parts.step].astype(np.int64) * _KEY + parts.day, parts.driven_m)


def _summed(keys: Int, values: Float) -> dict[int, float]:
    unique, place = np.unique(keys, return_inverse=True)
    return dict(zip(unique.tolist(), np.bincount(place, values, len(unique)).tolist(), strict=True))
