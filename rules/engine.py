"""The engine: from fixes, activities and weighings to findings. Pure; the same functions serve files, replay and store.

Three floors. Vehicles: fixes -> flags, activities, speeding, silence. Drivers: activities -> driving time. Weighings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from journey.model import Finding, Note, Weighing
from journey.plates import is_domestic
from journey.registry import Permit, Registry
from journey.track import ACTIVITY, DRIVING, Int, encode
from rules import registered as registrations
from rules.activity import Kind, activities, classify, driven_m, seconds_by_vehicle
from rules.checks import all_rules, rules_of
from rules.consequences import attach
from rules.formulas import judge
from rules.law import Law
from rules.quality import Box, Fixes, Flags, Usable, figures_box, screen, standing
from rules.roads import index as road_index
from rules.roads.index import RoadIndex
from rules.roads.matched import Matched, aligned
from rules.roads.slices import to_match
from rules.roads.suspects import Runs
from rules.scene import DriverScene, Outages, TrackScene, WeighingScene
from rules.summaries import flag_counts


@dataclass(frozen=True, slots=True)
class Known:
    """What is known besides the records: the registry with its roads, prepared once for many evaluations."""

    registry: Registry
    roads: RoadIndex | None
    box: Box


@dataclass(frozen=True, slots=True)
class VehicleFloor:
    """Result of the vehicle floor. flags: all flags of each standing fix; activities: ACTIVITY."""

    plates: tuple[str, ...]
    licences: tuple[str, ...]
    fixes: Fixes
    flags: Flags
    usable: Usable
    kind: Kind
    activities: pl.DataFrame
    driven_m: dict[str, float]
    duplicates: int
    conflicts: int
    findings: list[Finding]
    notes: list[Note]
    matched: Matched | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All findings of a set of records, in printed order, and what a reader must know beside them."""

    findings: list[Finding]
    notes: list[Note]
    summary: dict[str, Any]


def know(registry: Registry, law: Law) -> Known:
    """Prepare a registry for evaluation; without a box of its own the method's holds.

    Its roads are kept in their index alone.
    """
    return Known(replace(registry, roads=()), road_index.index(registry.roads), registry.box or figures_box(law))


def evaluate(fixes: pl.DataFrame, weighings: Sequence[Weighing], known: Known, law: Law) -> Evaluation:
    """Judge a closed set of records. Args: fixes: journey.track.FIX in any order, with any copies."""
    vehicles = vehicle_floor(fixes, known, law)
    driver_findings, driver_notes = driver_floor(vehicles.activities, vehicles.plates, vehicles.licences, known, law)
    weighing_findings, weighing_notes = weighing_floor(weighings, known, law)
    findings = vehicles.findings + driver_findings + weighing_findings
    notes = [*vehicles.notes, *driver_notes, *weighing_notes, *_plate_notes(vehicles.plates, weighings)]
    notes += _registry_notes(vehicles.plates, vehicles.fixes, known.registry)
    notes += _law_notes(vehicles.usable.time, weighings, law)
    return Evaluation(sorted(findings, key=Finding.order), notes, _summary(vehicles, notes))


def vehicle_floor(
    fixes: pl.DataFrame, known: Known, law: Law, outages: Outages = (), matches: pl.DataFrame | None = None
) -> VehicleFloor:
    """Fixes of whole vehicles (or of spans between cuts) -> flags, activities and the findings on tracks.

    Args: matches: MATCH, what is on record of the roads that fixes were matched to; None: nothing.
    """
    sent = encode(fixes)
    plates, licences = sent.plates, sent.licences
    stand, copies = standing(sent.frame, known.box, law)
    del sent
    flags, usable = screen(stand, law)
    kind = classify(usable, law)
    matched = None if matches is None or not len(matches) else aligned(usable, plates, matches)
    findings, notes = _track_findings(plates, licences, usable, kind, known, law, outages, matched)
    metres = driven_m(usable, kind, len(plates)).tolist()
    return VehicleFloor(
        plates,
        licences,
        stand,
        flags,
        usable,
        kind,
        activities(usable, kind, law),
        dict(zip(plates, metres, strict=True)),
        len(copies.loser),
        int(copies.conflict.sum()),
        findings,
        notes,
        matched,
    )


def slices_to_match(floor: VehicleFloor, known: Known, law: Law) -> Runs:
    """Which of a floor's usable fixes a map match could say something about: first and last index of each slice."""
    registered = registrations.index(known.registry.vehicles, floor.plates)
    return to_match(floor.usable, floor.kind, registered, known.roads, law)


def with_matches(
    floor: VehicleFloor, matches: pl.DataFrame, known: Known, law: Law, outages: Outages = ()
) -> VehicleFloor:
    """A floor as vehicle_floor would have given it with these matches. Args: matches: MATCH."""
    matched = aligned(floor.usable, floor.plates, matches)
    findings, notes = _track_findings(
        floor.plates, floor.licences, floor.usable, floor.kind, known, law, outages, matched
    )
    return replace(floor, findings=findings, notes=notes, matched=matched)


def _track_findings(
    plates: tuple[str, ...],
    licences: tuple[str, ...],
    usable: Usable,
    kind: Kind,
    known: Known,
    law: Law,
    outages: Outages,
    matched: Matched | None,
) -> tuple[list[Finding], list[Note]]:
    registered = registrations.index(known.registry.vehicles, plates)
    return _judge("track", TrackScene(plates, licences, usable, kind, registered, known.roads, outages, matched), law)


def driver_floor(
    frame: pl.DataFrame, plates: tuple[str, ...], licences: tuple[str, ...], known: Known, law: Law
) -> tuple[list[Finding], list[Note]]:
    """Activities of whole drivers -> findings on driving time. Args: frame: ACTIVITY with codes of the names given."""
    registered = registrations.index(known.registry.vehicles, plates)
    scene = DriverScene(plates, licences, frame if len(frame) else ACTIVITY.to_frame(), registered)
    return _judge("driver", scene, law)


def weighing_floor(weighings: Sequence[Weighing], known: Known, law: Law) -> tuple[list[Finding], list[Note]]:
    """Weighings -> findings on masses. Two records equal in every field are one."""
    once = tuple(dict.fromkeys(weighings))
    names = sorted({name for weighing in once for name in (weighing.plate, weighing.trailer) if name})
    permits: dict[str, list[Permit]] = defaultdict(list)
    for permit in known.registry.permits:
        permits[permit.plate].append(permit)
    scene = WeighingScene(
        once,
        {station.id: station for station in known.registry.stations},
        registrations.index(known.registry.vehicles, names),
        {name: code for code, name in enumerate(names)},
        {plate: tuple(held) for plate, held in permits.items()},
    )
    return _judge("weighing", scene, law)


def _judge(floor: str, scene: TrackScene | DriverScene | WeighingScene, law: Law) -> tuple[list[Finding], list[Note]]:
    findings: list[Finding] = []
    notes: list[Note] = []
    for rule in rules_of(floor):
        found, said = judge(rule, scene, law)
        findings += found
        notes += said
    return attach(findings, scene.registered, law), notes


def _summary(vehicles: VehicleFloor, notes: Iterable[Note]) -> dict[str, Any]:
    plates = vehicles.plates
    seconds = seconds_by_vehicle(vehicles.activities, DRIVING, len(plates)).tolist()
    said = sorted({(note.kind, note.subject, note.text) for note in notes})  # whatever the order of arrival
    return {
        "fixes": len(vehicles.flags),
        "duplicates": vehicles.duplicates,
        "conflicts": vehicles.conflicts,
        "flags": flag_counts(vehicles.flags),
        "driving_s": dict(zip(plates, seconds, strict=True)),
        "driving_m": {plate: round(metres, 1) for plate, metres in vehicles.driven_m.items()},
        "notes": [dict(zip(("kind", "subject", "text"), note, strict=True)) for note in said],
    }


def _plate_notes(plates: Iterable[str], weighings: Iterable[Weighing]) -> list[Note]:
    seen = sorted({*plates, *(weighing.plate for weighing in weighings)})
    return [Note("plate_form", plate, "fits no known domestic form; kept as sent") for plate in seen
            if not is_domestic(plate)]  # fmt: skip


def _registry_notes(plates: tuple[str, ...], fixes: Fixes, registry: Registry) -> list[Note]:
    """Vehicles that sent fixes on days of which the registry knows nothing, seen at their first and last fix."""
    if not len(fixes.time):
        return []
    registered = registrations.index(registry.vehicles, plates)
    first = np.flatnonzero(np.diff(fixes.vehicle, prepend=-1))
    last = np.append(first[1:], len(fixes.time)) - 1
    missing = np.zeros(len(plates), bool)
    for edge in (first, last):
        missing[fixes.vehicle[edge]] |= registered.rows_at(fixes.vehicle[edge], fixes.time[edge]) < 0
    text = "not registered at its first or last fix: judged by the highest limits, its operator not known; register it"
    return [Note("unregistered", plates[code], text) for code in np.flatnonzero(missing).tolist()]


def _law_notes(times: Int, weighings: Iterable[Weighing], law: Law) -> list[Note]:
    """Which parameters were not yet in force for some of the records: those gave no finding."""
    weighed = np.array([weighing.time for weighing in weighings], np.int64)
    missing: Counter[tuple[str, str]] = Counter()
    judged = {path for rule in all_rules() for path in rule.uses}
    for path, values in law.parameters.items():
        if path not in judged:
            continue
        seen = weighed if path.startswith(("mass.", "overload.")) else times
        if count := int(np.count_nonzero(seen < values[0].start)):
            missing[path, values[0].effective_from] = count
    return [
        Note("not_in_force", path, f"{count} records lie before {since}, the first day in force: not judged by it")
        for (path, since), count in missing.items()
    ]
