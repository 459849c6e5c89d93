"""Speeding: a sustained run of fixes above the limit in force at each of them.

Law:   speed.* (sign, else table by class and road), read at each fix's own instant; speed.bands at the offence.
Units: tenths of km/h and whole s.  Shape: usable fixes -> findings.
Gaps:  a run is broken by a silence longer than method.speeding_gap_max; a single fix is never a run.

Where fixes were matched to roads (rules.roads.matched), `certain` is what exceeds the highest limit of the plausible
roads and whose speeds agree with the positions; `possible` what exceeds only the matched road's, or whose speeds do
not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from journey.model import Finding, Grade, LawUse
from journey.track import Int
from rules.bands import NEVER_OVER, band_of, lowest
from rules.law import Law
from rules.roads.limits import NO_LAW, NO_ROAD, Limits, assumed_of, limits_at, uses
from rules.roads.matched import proof
from rules.roads.speedproof import HIGHEST, MATCHED, Evidence, about, evidence
from rules.roads.suspects import runs_of, suspects
from rules.scene import Judged, Rule, TrackScene, operator_of

_METHOD = ("speeding_min_fixes", "speeding_min_duration", "speeding_gap_max")
_MATCH = (
    "match_noise_factor", "match_reach_max", "match_heading_max", "match_chord_min", "match_context",
    "acceleration_max", "speed_path_percent", "speed_path_slack", "average_distance_min",
)  # fmt: skip
_LIKELY = (  # only of the matched road's reading
    "match_place_step", "match_place_error_min", "match_pace_error", "match_off_path", "match_way_unknown",
)  # fmt: skip


class _Run(NamedTuple):
    """place: of its fixes in `judged`, neighbours in time; excess: tenths of km/h of each."""

    judged: Limits
    place: Int
    excess: Int


def check(scene: TrackScene, law: Law) -> Judged:
    usable = scene.usable
    suspect = suspects(usable, scene.registered, scene.roads, law)
    judged = limits_at(usable, suspect, scene.registered, scene.roads, law)
    if scene.matched is None or scene.roads is None:
        return [_finding(scene, law, run) for run in _runs(scene, law, judged)], []
    proven = evidence(judged, scene.matched, proof(usable, scene.matched, scene.registered, scene.roads, law))
    certain = _runs(scene, law, proven.highest)
    held = np.zeros(len(suspect), bool)
    for run in certain:
        held[run.place] = True
    possible = [run for run in _runs(scene, law, proven.on) if not held[run.place].any()]
    return [
        *(_proven(scene, law, run, proven, Grade.CERTAIN) for run in certain),
        *(_proven(scene, law, run, proven, Grade.POSSIBLE) for run in possible),
    ], []


def _runs(scene: TrackScene, law: Law, judged: Limits) -> list[_Run]:
    """The episodes under one reading of the limits."""
    usable = scene.usable
    excess = usable.speed_dkmh[judged.fix] - judged.limit_dkmh
    least = lowest(law, "speed.bands", usable.time[judged.fix])
    over = np.flatnonzero((judged.limit_dkmh != NO_LAW) & (least != NEVER_OVER) & (excess >= least))
    runs = zip(*(places.tolist() for places in runs_of(usable, judged.fix[over], law)), strict=True)
    return [_Run(judged, over[a : b + 1], excess[over[a : b + 1]]) for a, b in runs]


def _proven(scene: TrackScene, law: Law, run: _Run, proven: Evidence, grade: Grade) -> Finding:
    """An episode with what the match says of it; as without a match where none of its fixes has one."""
    found = _finding(scene, law, run)
    assert scene.roads is not None  # noqa: S101 - nothing is matched without roads
    said = about(scene.usable, run.judged, run.place, proven, scene.roads, law)
    if said is None:
        return found
    doubted: dict[str, Any] = {} if said.doubt is None else {"doubt": said.doubt}
    return replace(
        found,
        grade=Grade.POSSIBLE if said.doubt else grade,
        law=(
            *found.law,
            *(law.method[name].use() for name in (_MATCH if grade is Grade.CERTAIN else _MATCH + _LIKELY)),
        ),
        detail={**found.detail, "reading": HIGHEST if grade is Grade.CERTAIN else MATCHED, **said.detail, **doubted},
    )


def _finding(scene: TrackScene, law: Law, run: _Run) -> Finding:
    """One episode, without regard to what matches say."""
    judged, excess = run.judged, run.excess
    usable, fix = scene.usable, judged.fix[run.place]
    pair = int(np.argmax(np.minimum(excess[:-1], excess[1:])))  # the earliest of equal pairs
    weaker = pair if excess[pair] <= excess[pair + 1] else pair + 1
    sustained = int(excess[weaker])
    at = int(usable.time[fix[pair + 1]])
    bands = law.at("speed.bands", at)
    assert bands is not None  # noqa: S101 - an excess is over only where bands are in force
    band = band_of(bands.value, sustained)
    limit, time = int(judged.limit_dkmh[run.place[weaker]]), int(usable.time[fix[weaker]])
    vehicle = int(usable.vehicle[fix[0]])
    law_uses: list[LawUse] = [
        *uses(int(judged.source[run.place[weaker]]), limit, time, scene.registered.row_at(vehicle, time), law),
        bands.use_band(band),
        *(law.method[name].use() for name in _METHOD),
    ]
    roads = scene.roads.roads if scene.roads else ()
    ground, source = int(judged.road[run.place[weaker]]), int(judged.source[run.place[weaker]])
    assumed = [] if ground == NO_ROAD else assumed_of(roads[ground], source)
    segments = [roads[road].id for road in dict.fromkeys(judged.road[run.place].tolist()) if road != NO_ROAD]
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
            **({"assumed": assumed} if assumed else {}),
        },
    )


RULES = (
    Rule[TrackScene](
        id="speeding",
        floor="track",
        uses=(
            "speed.sign", "speed.expressway_max", "speed.inside", "speed.outside", "speed.classes", "speed.bands",
            "speed.one_way_lanes_min", "method.road_distance_max", "method.road_heading_max", "method.goods_sign_above",
            *(f"method.{name}" for name in (*_METHOD, *_MATCH, *_LIKELY)),
        ),
        check=check,
        bears=("method.speeding_gap_max",),
    ),
)  # fmt: skip
