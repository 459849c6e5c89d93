"""Daily and weekly driving: more driving inside a local day or week than the law allows.

Law:   driving_time.day_max, driving_time.week_max at the instant it is exceeded; driving before a limit's first day
       in force does not count towards it.
Units: whole s.  Shape: activities of known drivers -> findings, one a driver and period.
Gaps:  only known driving counts.
"""

from __future__ import annotations

import numpy as np

from journey.localtime import day_of, day_start, week_of, week_start
from journey.model import Finding, Grade
from rules.law import Law
from rules.periods import Period, cut
from rules.scene import DriverScene, Judged, Rule, operator_of
from rules.streams import crossing, driving, streams, unite


def check_day(scene: DriverScene, law: Law) -> Judged:
    return _check(scene, law, "daily_driving", "driving_time.day_max", day_of, day_start)


def check_week(scene: DriverScene, law: Law) -> Judged:
    return _check(scene, law, "weekly_driving", "driving_time.week_max", week_of, week_start)


def _check(scene: DriverScene, law: Law, rule: str, path: str, period_of: Period, period_start: Period) -> Judged:
    limits = law.dated(path)
    activities = scene.activities
    stream = streams(activities, len(scene.licences))
    drives = unite(activities, stream, driving(activities) & (stream < len(scene.licences)))
    start = np.maximum(drives.start, limits[0].start)
    counted = np.flatnonzero(drives.end > start)
    if not len(counted):
        return [], []
    row, start, end, period = cut(start[counted], drives.end[counted], period_of, period_start)
    of = counted[row]
    new = np.ones(len(of), bool)
    new[1:] = (np.diff(drives.stream[of]) != 0) | (np.diff(period) != 0)
    first = np.flatnonzero(new)
    stop = np.append(first[1:], len(of))
    total = np.add.reduceat(end - start, first)
    findings = []
    for group in np.flatnonzero(total > min(dated.value for dated in limits)).tolist():
        part = slice(int(first[group]), int(stop[group]))
        crossed = crossing(start[part], end[part], limits)
        if crossed is None:
            continue
        at, limit = crossed
        vehicle = drives.vehicle_at(slice(int(of[part.start]), int(of[part.stop - 1]) + 1), at)
        findings.append(
            Finding(
                rule=rule,
                grade=Grade.CERTAIN,
                vehicle=scene.plates[vehicle],
                driver=scene.licences[int(drives.stream[of[part.start]])],
                operator=operator_of(scene.registered, vehicle, at),
                start=int(start[part.start]),
                end=int(end[part.stop - 1]),
                at=at,
                measured=int(total[group]),
                limit=limit.value,
                excess=int(total[group]) - limit.value,
                unit="s",
                band=None,
                law=(limit.use(),),
                detail={"stretches": part.stop - part.start},
            )
        )
    return findings, []


RULES = (
    Rule[DriverScene](id="daily_driving", floor="driver", uses=("driving_time.day_max",), check=check_day),
    Rule[DriverScene](id="weekly_driving", floor="driver", uses=("driving_time.week_max",), check=check_week),
)
