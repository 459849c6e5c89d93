"""Moving silence: a vehicle that went on while its recorder sent nothing.

Law:   recorder.upload_moving_max in force at the end of the gap; method.moving_gap_max, moving_silence_distance_min.
Units: whole s; distance m.  Shape: steps between usable fixes -> findings, one a step.
Gaps:  a gap during an outage of our own intake accuses nobody.
"""

from __future__ import annotations

import numpy as np

from journey.model import Finding, Grade
from journey.track import UNKNOWN, Bool, Int
from rules.law import Law
from rules.scene import Judged, Outages, Rule, TrackScene, operator_of

_MM = 1000


def check(scene: TrackScene, law: Law) -> Judged:
    usable, gap_max = scene.usable, law.figure("moving_gap_max")
    silent = usable.linked & (scene.kind == UNKNOWN) & (usable.step_s > gap_max)
    silent &= usable.step_m >= law.figure("moving_silence_distance_min") / _MM
    silent &= law.series("recorder.upload_moving_max", usable.time[1:]) >= 0
    steps = np.flatnonzero(silent)
    steps = steps[~_during(usable.time[steps], usable.time[steps + 1], scene.outages)]
    return [_finding(scene, law, step, gap_max) for step in steps.tolist()], []


def _during(start: Int, end: Int, outages: Outages) -> Bool:
    """Which of some intervals [start, end) overlap an outage. Shape: n, n -> n."""
    begun, over = np.array(sorted(outages), np.int64).reshape(-1, 2).T
    # Of the outages begun before the end, whichever ended last decides.
    last = np.concatenate(([np.iinfo(np.int64).min], np.maximum.accumulate(over)))
    overlap: Bool = last[np.searchsorted(begun, end)] > start
    return overlap


def _finding(scene: TrackScene, law: Law, step: int, gap_max: int) -> Finding:
    usable = scene.usable
    vehicle, end, silence = int(usable.vehicle[step]), int(usable.time[step + 1]), int(usable.step_s[step])
    duty = law.at("recorder.upload_moving_max", end)
    method = (law.method["moving_gap_max"], law.method["moving_silence_distance_min"])
    return Finding(
        rule="moving_silence",
        grade=Grade.CERTAIN,
        vehicle=scene.plates[vehicle],
        driver=scene.driver(int(usable.driver[step])),
        operator=operator_of(scene.registered, vehicle, end),
        start=int(usable.time[step]),
        end=end,
        at=end,
        measured=silence,
        limit=gap_max,
        excess=silence - gap_max,
        unit="s",
        band=None,
        law=tuple(dated.use() for dated in (duty, *method) if dated),
        detail={"distance_m": round(float(usable.step_m[step]), 1)},
    )


RULES = (
    Rule[TrackScene](
        id="moving_silence",
        floor="track",
        uses=("recorder.upload_moving_max", "method.moving_gap_max", "method.moving_silence_distance_min"),
        check=check,
    ),
)
