"""Whether the speeds that a recorder reports agree with where it was, and what the positions alone say of the speed.

Law:   none; method.acceleration_max, speed_path_percent, speed_path_slack, average_distance_min.
Units: tenths of km/h, s, m.  Shape: fixes of one run -> a word, a mapping.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from journey.track import Float, Int
from rules.law import Law
from rules.quality import Usable

_MM = 1000
_DKMH = 36.0  # tenths of km/h in a m/s


def path_m(usable: Usable, run: Int, matched_m: Float) -> Float:
    """The way of each step of a run: along the roads where a match found it, else straight. Shape: n fixes -> n - 1.

    Args: run: neighbouring indices into usable; matched_m: to each of its fixes from the one before, NaN: not known.
    """
    straight = usable.step_m[run[:-1]]
    ways: Float = np.where(np.isnan(matched_m[1:]), straight, matched_m[1:])
    return ways


def disagreement(usable: Usable, run: Int, way_m: Float, law: Law) -> str | None:
    """Why the reported speeds of a run are doubted: "acceleration", "distance"; None: they agree with the positions.

    Acceleration is judged from the fix before the run to the one after it.
    """
    around = np.arange(max(int(run[0]) - 1, 0), min(int(run[-1]) + 2, len(usable.time)))
    steps = around[:-1][usable.linked[around[:-1]]]
    change = np.abs(usable.speed_dkmh[steps + 1].astype(np.int64) - usable.speed_dkmh[steps])
    if np.any(change > law.figure("acceleration_max") * usable.step_s[steps]):
        return "acceleration"
    speeds, seconds = usable.speed_dkmh[run], usable.step_s[run[:-1]]
    reported = float(((speeds[:-1] + speeds[1:]) / 2 * seconds).sum() / _DKMH)
    slack = reported * law.figure("speed_path_percent") / 100 + law.figure("speed_path_slack") / _MM
    return "distance" if abs(float(way_m.sum()) - reported) > slack else None


def average(usable: Usable, run: Int, way_m: Float, law: Law) -> dict[str, Any] | None:
    """The average speed over a run by positions and times alone; None where it is too short to tell one.

    least_kmh: with the errors of both end positions taken off the way.
    """
    metres, seconds = float(way_m.sum()), int(usable.time[run[-1]] - usable.time[run[0]])
    if metres < law.figure("average_distance_min") / _MM or not seconds:
        return None
    sure = metres - law.figure("speed_path_slack") / _MM
    return {
        "distance_m": round(metres, 1),
        "seconds": seconds,
        "speed_kmh": round(metres / seconds * 3.6, 1),
        "least_kmh": round(sure / seconds * 3.6, 1),
    }
