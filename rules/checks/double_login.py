"""Double login: one licence driving two or more vehicles at once. It accuses a card's use, not a person.

Law:   recorder.one_card_one_driver in force at the end.
Units: whole s.  Shape: activities of known drivers -> findings, one a maximal stretch.
Gaps:  only known driving counts.
"""

from __future__ import annotations

import numpy as np

from journey.model import Finding, Grade
from rules.law import Law
from rules.scene import DriverScene, Judged, Rule, operator_of
from rules.streams import Stretches, driving, streams, unite


def check(scene: DriverScene, law: Law) -> Judged:
    activities = scene.activities
    stream = streams(activities, len(scene.licences))
    drives = unite(activities, stream, driving(activities) & (stream < len(scene.licences)))
    # Only a stretch that several pieces make up can hold two vehicles at once.
    pieces = np.bincount(drives.of, minlength=len(drives.start))
    findings = []
    for stretch in np.flatnonzero(pieces > 1).tolist():
        findings += [finding for finding in _of_stretch(scene, law, drives, stretch) if finding]
    return findings, []


def _of_stretch(scene: DriverScene, law: Law, drives: Stretches, stretch: int) -> list[Finding | None]:
    part = slice(*np.searchsorted(drives.of, [stretch, stretch + 1]).tolist())
    start, end, vehicle = drives.piece_start[part], drives.piece_end[part], drives.piece_vehicle[part]
    instants, place = np.unique(np.concatenate((start, end)), return_inverse=True)
    change = np.zeros(len(instants), np.int64)
    np.add.at(change, place, np.repeat([1, -1], len(start)))
    double = np.cumsum(change) > 1
    edge = np.diff(double.astype(np.int8), prepend=0)
    spans = zip(instants[edge == 1].tolist(), instants[edge == -1].tolist(), strict=True)
    driver = scene.licences[int(drives.stream[stretch])]
    return [_finding(scene, law, driver, a, b, np.unique(vehicle[(start < b) & (end > a)]).tolist()) for a, b in spans]


def _finding(scene: DriverScene, law: Law, driver: str, start: int, end: int, vehicles: list[int]) -> Finding | None:
    duty = law.at("recorder.one_card_one_driver", end)
    if duty is None:
        return None
    return Finding(
        rule="double_login",
        grade=Grade.CERTAIN,
        vehicle=scene.plates[vehicles[0]],
        driver=driver,
        operator=operator_of(scene.registered, vehicles[0], end),
        start=start,
        end=end,
        at=end,
        measured=end - start,
        limit=0,
        excess=end - start,
        unit="s",
        band=None,
        law=(duty.use(),),
        detail={"vehicles": [scene.plates[vehicle] for vehicle in vehicles]},
    )


RULES = (Rule[DriverScene](id="double_login", floor="driver", uses=("recorder.one_card_one_driver",), check=check),)
