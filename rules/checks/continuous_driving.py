"""Continuous driving: more driving between two breaks than the law allows, on whatever vehicles.

Law:   driving_time.continuous_max at the instant it is exceeded; driving_time.break_min by the vehicle driven before.
Units: whole s.  Shape: activities of a driver -> findings, one a block.
Gaps:  unknown time is no driving for grade certain; up to method.unknown_bridge_max it is, for grade possible.
"""

from __future__ import annotations

import numpy as np

from journey.model import Finding, Grade
from journey.registry import Registration
from journey.track import UNKNOWN, Int
from rules.grouping import groups
from rules.law import Law
from rules.registered import Registered
from rules.scene import DriverScene, Judged, Rule, operator_of
from rules.streams import Stretches, crossing, driving, driving_or_bridged, streams, unite

Span = tuple[int, int, int]  # stream, start, end


def check(scene: DriverScene, law: Law) -> Judged:
    activities = scene.activities
    stream = streams(activities, len(scene.licences))
    certain, spans = _over(scene, law, unite(activities, stream, driving(activities)), Grade.CERTAIN, [])
    if not (activities["kind"] == UNKNOWN).any():
        return certain, []
    bridged = driving_or_bridged(activities, law.figure("unknown_bridge_max"))
    possible, _ = _over(scene, law, unite(activities, stream, bridged), Grade.POSSIBLE, spans)
    return certain + possible, []


def _over(
    scene: DriverScene, law: Law, drives: Stretches, grade: Grade, given: list[Span]
) -> tuple[list[Finding], list[Span]]:
    """Findings of one reading, less the blocks in which one of `given` lies; and the spans of those found."""
    if not len(drives.start):
        return [], []
    begin = block_starts(drives, scene.registered, law)
    total = np.add.reduceat(drives.end - drives.start, begin)
    least = min(dated.value for dated in law.dated("driving_time.continuous_max"))
    stop = np.append(begin[1:], len(drives.start))
    findings, spans = [], []
    for block in np.flatnonzero(total > least).tolist():
        stretches = slice(int(begin[block]), int(stop[block]))
        span = (
            int(drives.stream[stretches.start]),
            int(drives.start[stretches.start]),
            int(drives.end[stretches.stop - 1]),
        )
        crossed = crossing(drives.start[stretches], drives.end[stretches], law.dated("driving_time.continuous_max"))
        if crossed is None or any(span[0] == s and span[1] < e and b < span[2] for s, b, e in given):
            continue
        at, limit = crossed
        vehicle = drives.vehicle_at(stretches, at)
        rest = law.at("driving_time.break_min", at)
        row = scene.registered.row_at(vehicle, at)
        law_uses = [limit.use(), *([rest.use(_of_business(rest.printed, row))] if rest else [])]
        if grade == Grade.POSSIBLE:
            law_uses.append(law.method["unknown_bridge_max"].use())
        driver = span[0] if span[0] < len(scene.licences) else None
        spans.append(span)
        findings.append(
            Finding(
                rule="continuous_driving",
                grade=grade,
                vehicle=scene.plates[vehicle],
                driver=None if driver is None else scene.licences[driver],
                operator=operator_of(scene.registered, vehicle, at),
                start=span[1],
                end=span[2],
                at=at,
                measured=int(total[block]),
                limit=limit.value,
                excess=int(total[block]) - limit.value,
                unit="s",
                band=None,
                law=tuple(law_uses),
                detail={"stretches": stretches.stop - stretches.start},
            )
        )
    return findings, spans


def block_starts(drives: Stretches, registered: Registered, law: Law) -> Int:
    """Indices of the stretches that begin a block: the first of a stream, and each after a break.

    A break is at least as long as the law asks of the vehicle driven in the last second before it; of two vehicles
    driven at once then, the shorter break counts.
    """
    piece_break = _break_min(drives, registered, law)
    reaches_end = drives.piece_end == drives.end[drives.of]
    shortest = np.full(len(drives.start), np.iinfo(np.int64).max)
    np.minimum.at(shortest, drives.of[reaches_end], piece_break[reaches_end])
    begins = np.ones(len(drives.start), bool)
    begins[1:] = (np.diff(drives.stream) != 0) | (drives.start[1:] - drives.end[:-1] >= shortest[:-1])
    return np.flatnonzero(begins)


def _break_min(drives: Stretches, registered: Registered, law: Law) -> Int:
    """The legal break after each piece, by the business of its vehicle at its last second; 0 before any law."""
    last = drives.piece_end - 1
    row = registered.rows_at(drives.piece_vehicle, last)
    regime = law.series("driving_time.break_min", last)
    tables = [dated.value for dated in law.dated("driving_time.break_min")]
    pairs = groups(regime, row)
    lengths = []
    for k, r in pairs.rows:
        lengths.append(_of_business(tables[k], registered.rows[r] if r >= 0 else None) if k >= 0 else 0)
    return np.array(lengths, np.int64)[pairs.of]


def _of_business(table: dict[str, int], row: Registration | None) -> int:
    """Where the business is not on file the break is the least that it may be, as for a vehicle that is not."""
    if row is None or row.business is None:
        return table["unregistered"]
    return table.get(row.business, table["other"])


RULES = (
    Rule[DriverScene](
        id="continuous_driving",
        floor="driver",
        uses=("driving_time.continuous_max", "driving_time.break_min", "method.unknown_bridge_max"),
        check=check,
    ),
)
