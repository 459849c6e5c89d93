"""Speeding: a sustained run of fixes above the limit in force at each of them.

Law:   speed.* (sign, else table by class and road), read at each fix's own instant; speed.bands at the offence.
Units: tenths of km/h and whole s.  Shape: usable fixes -> findings.
Gaps:  a run is broken by a silence longer than method.speeding_gap_max; a single fix is never a run.
"""

from __future__ import annotations

import numpy as np

from journey.model import Finding, Grade, LawUse
from journey.track import Int
from rules.bands import NEVER_OVER, band_of, lowest
from rules.law import Law
from rules.limits import NO_LAW, NO_ROAD, Limits, limits_at, uses
from rules.scene import Judged, Rule, TrackScene, operator_of
from rules.suspects import runs_of, suspects

_METHOD = ("speeding_min_fixes", "speeding_min_duration", "speeding_gap_max")


def check(scene: TrackScene, law: Law) -> Judged:
    usable = scene.usable
    suspect = suspects(usable, scene.registered, scene.roads, law)
    judged = limits_at(usable, suspect, scene.registered, scene.roads, law)
    excess = usable.speed_dkmh[judged.fix] - judged.limit_dkmh
    least = lowest(law, "speed.bands", usable.time[judged.fix])
    over = np.flatnonzero((judged.limit_dkmh != NO_LAW) & (least != NEVER_OVER) & (excess >= least))
    fix = judged.fix[over]
    runs = zip(*(places.tolist() for places in runs_of(usable, fix, law)), strict=True)
    return [_finding(scene, law, judged, over[a : b + 1], excess[over[a : b + 1]]) for a, b in runs], []


def _finding(scene: TrackScene, law: Law, judged: Limits, run: Int, excess: Int) -> Finding:
    """One episode. Args: run: indices into `judged`, neighbours in time; excess: tenths of km/h of each."""
    usable, fix = scene.usable, judged.fix[run]
    pair = int(np.argmax(np.minimum(excess[:-1], excess[1:])))  # the earliest of equal pairs
    weaker = pair if excess[pair] <= excess[pair + 1] else pair + 1
    sustained = int(excess[weaker])
    at = int(usable.time[fix[pair + 1]])
    bands = law.at("speed.bands", at)
    assert bands is not None  # noqa: S101 - an excess is over only where bands are in force
    band = band_of(bands.value, sustained)
    limit, time = int(judged.limit_dkmh[run[weaker]]), int(usable.time[fix[weaker]])
    vehicle = int(usable.vehicle[fix[0]])
    law_uses: list[LawUse] = [
        *uses(int(judged.source[run[weaker]]), limit, time, scene.registered.row_at(vehicle, time), law),
        bands.use_band(band),
        *(law.method[name].use() for name in _METHOD),
    ]
    roads = scene.roads.roads if scene.roads else ()
    segments = [roads[road].id for road in dict.fromkeys(judged.road[run].tolist()) if road != NO_ROAD]
    speeds = usable.speed_dkmh[fix]
    return Finding(
        rule="speeding",
        grade=Grade.CERTAIN,
        vehicle=scene.plates[vehicle],
        driver=scene.driver(int(usable.driver[fix[0]])),
        operator=operator_of(scene.registered, vehicle, at),
        start=int(usable.time[fix[0]]),
        end=int(usable.time[fix[-1]]),
        at=at,
        measured=int(usable.speed_dkmh[fix[weaker]]) / 10,
        limit=limit / 10,
        excess=sustained / 10,
        unit="km/h",
        band=band["band"] if band else None,
        law=tuple(law_uses),
        detail={
            "peak_speed": int(speeds.max()) / 10,
            "mean_speed": round(int(speeds.sum()) / len(speeds) / 10, 1),
            "fixes": len(fix),
            "distance_m": round(float(usable.step_m[fix[:-1]].sum()), 1),
            "segments": segments,
        },
    )


RULES = (
    Rule[TrackScene](
        id="speeding",
        floor="track",
        uses=(
            "speed.sign", "speed.expressway_max", "speed.inside", "speed.outside", "speed.classes", "speed.bands",
            "speed.one_way_lanes_min", "method.road_distance_max", "method.road_heading_max",
            *(f"method.{name}" for name in _METHOD),
        ),
        check=check,
        bears=("method.speeding_gap_max",),
    ),
)  # fmt: skip
