"""Overload of one weighing: cargo over the certificate, gross mass over the road's limit, the worst axle group.

Law:   mass.* and overload.* in force at the weighing; a sign or a circulation permit stands for the gross limit.
Units: integer kg; spacings mm; excess in percent, decided in integers.  Shape: weighing -> up to three findings.
Faults: a record that contradicts itself (rules.weighings.faults) is not judged; one whose plate is not surely read, or
        whose instrument was not verified that day, gives findings for review.
Gaps:  what is not on file counts in the driver's favour, or leaves the test out with a note.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from journey.model import Finding, Grade, LawUse, Note, Weighing
from journey.registry import Permit, Registration, Station
from rules.bands import band_of
from rules.law import Dated, Law
from rules.registered import days
from rules.scene import Judged, Rule, WeighingScene
from rules.weighings.columns import columns
from rules.weighings.faults import Fault, error_permille, faults_of
from rules.weighings.masses import SEMI_TRAILERS, MassLimit, axle_groups, gross_limit, group_limit
from rules.weighings.overload import Verdicts, judge

_PERMILLE = 1000
_KG_PER_T = 1000
_MANY = 64  # weighings from which on columns pay


def check(scene: WeighingScene, law: Law) -> Judged:
    findings: list[Finding] = []
    notes: list[Note] = []
    for sent in _worded(standing(scene.weighings), scene, law):
        station = scene.stations.get(sent.station)
        faults = faults_of(sent, station, law)
        notes += [fault.note(sent) for fault in faults]
        if any(fault.impossible for fault in faults):
            continue
        doubts = tuple(fault for fault in faults if fault.doubtful)
        weighing = corrected(sent, station)
        row, towed = scene.row(sent.plate, sent.time), scene.row(sent.trailer, sent.time)
        tests = (
            _payload(weighing, row, towed, law, notes),
            _gross(weighing, row, towed, station, _permit(scene, sent), law),
            _axle(weighing, station, law, notes),
        )
        findings += [_finding(test, weighing, row, record_of(sent), doubts) for test in tests if test is not None]
    return findings, notes


def _worded(weighings: list[Weighing], scene: WeighingScene, law: Law) -> list[Weighing]:
    """Those of which something is to be said: of many weighings most are lawful, which columns tell faster."""
    if len(weighings) < _MANY:
        return weighings
    return [one for one, plain in zip(weighings, verdicts(weighings, scene, law).plain.tolist(), strict=True) if plain]


def verdicts(weighings: list[Weighing], scene: WeighingScene, law: Law) -> Verdicts:
    """What `check` would find, without its words. Shape: n -> n."""
    stations = list(scene.stations.values())
    weighed = columns(weighings, scene.plate_codes, {one.id: code for code, one in enumerate(stations)}, stations)
    permits = {scene.plate_codes[plate]: held for plate, held in scene.permits.items() if plate in scene.plate_codes}
    return judge(weighed, stations, scene.registered, permits, law)


def standing(weighings: Iterable[Weighing]) -> list[Weighing]:
    """Each weighing once: of records that differ in nothing but what they were weighed with, the one with the largest
    error stands. In the order given."""
    chosen: dict[Weighing, Weighing] = {}
    for one in weighings:
        bare = one if one.scale is None else replace(one, scale=None)
        other = chosen.get(bare)
        if other is None or _standing_key(one) > _standing_key(other):
            chosen[bare] = one
    return list(chosen.values())


def _standing_key(weighing: Weighing) -> tuple[int, str]:
    return error_permille(weighing, None), repr(weighing.scale)


def record_of(weighing: Weighing) -> str:
    """The name of a weighing, as sent, by which its findings refer to it (`detail["record"]`)."""
    return hashlib.sha256(repr(weighing).encode()).hexdigest()[:12]


def corrected(weighing: Weighing, station: Station | None) -> Weighing:
    """The masses less the instrument's error, each on its own, rounded down."""
    error = error_permille(weighing, station)
    if not error:
        return weighing
    axles = tuple(mass * (_PERMILLE - error) // _PERMILLE for mass in weighing.axle_kg)
    return replace(weighing, axle_kg=axles, gross_kg=weighing.gross_kg * (_PERMILLE - error) // _PERMILLE)


@dataclass(frozen=True, slots=True)
class _Test:
    """One test that may be over: measured and limit in kg, the bands, the other figures of law, and its detail."""

    kind: str
    measured: int
    limit: int
    bands: Dated
    law: tuple[Dated, ...]
    detail: dict[str, object]

    @property
    def over(self) -> bool:
        return band_of(self.bands.value, 100 * (self.measured - self.limit), self.limit) is not None


def _payload(
    weighing: Weighing, row: Registration | None, towed: Registration | None, law: Law, notes: list[Note]
) -> _Test | None:
    units = [row] if weighing.trailer is None else [row, towed]
    known = [unit for unit in units if unit is not None]
    # A semi-trailer carries the load of its combination; a tractor by itself carries none.
    carriers = [unit for unit in known if unit.kind in SEMI_TRAILERS] or known
    carriers = [] if [unit.kind for unit in carriers] == ["tractor"] else carriers
    payload = [unit.payload_kg for unit in carriers]
    kerb = [unit.kerb_kg for unit in known]
    if len(known) < len(units) or not payload or not all(payload) or None in kerb:
        what = (
            "registry row" if len(known) < len(units) else "payload" if not payload or not all(payload) else "kerb mass"
        )
        text = f"no {what} on file for the weighing at {weighing.time}: payload not judged"
        notes.append(Note("registry_gap", weighing.plate, text))
        return None
    liquid = any(unit.liquid_tank for unit in known)
    bands = law.at("overload.payload_bands_liquid_tank" if liquid else "overload.payload_bands", weighing.time)
    if bands is None:
        return None
    person = law.method["person_mass"]
    persons = law.figure("persons_default") if weighing.persons is None else weighing.persons
    empty = sum(mass for mass in kerb if mass is not None)
    cargo = weighing.gross_kg - empty - person.value * persons
    detail = {"gross_kg": weighing.gross_kg, "kerb_kg": empty, "persons": persons}
    test = _Test("payload", cargo, sum(mass for mass in payload if mass), bands, (bands, person), detail)
    return test if test.over else None


def _gross(
    weighing: Weighing, row: Registration | None, towed: Registration | None, station: Station | None,
    permit: Permit | None, law: Law,
) -> _Test | None:  # fmt: skip
    bands, sign = law.at("overload.road_bands", weighing.time), law.at("mass.sign", weighing.time)
    limit = gross_limit(row, towed, weighing, law)
    if bands is None or sign is None or limit is None:
        return None
    if permit is not None:
        limit = MassLimit(permit.gross_kg, (*limit.law, sign), "circulation permit")
    elif station and station.gross_limit_kg is not None and station.gross_limit_kg < limit.kg:
        limit = MassLimit(station.gross_limit_kg, (*limit.law, sign), "posted sign")
    test = _Test("gross", weighing.gross_kg, limit.kg, bands, (*limit.law, bands), {"limit_by": limit.why})
    return test if test.over else None


def _axle(weighing: Weighing, station: Station | None, law: Law, notes: list[Note]) -> _Test | None:
    bands = law.at("overload.road_bands", weighing.time)
    groups = axle_groups(weighing, law.figure("axle_group_gap"))
    if groups is None:
        text = f"axle spacings do not fit the axles of the weighing at {weighing.time}: axles not judged"
        notes.append(Note("weighing_geometry", weighing.plate, text))
        return None
    worst: _Test | None = None
    for group in groups:
        limit = group_limit(group, station.axle_limit_kg if station else None, weighing.time, law)
        if bands is None or limit is None:
            if group.axles > 3:
                text = f"group of {group.axles} axles in the weighing at {weighing.time}: no limit stated, not judged"
                notes.append(Note("axle_group", weighing.plate, text))
            continue
        mass = sum(weighing.axle_kg[group.first - 1 : group.last])
        axles = "+".join(str(number) for number in range(group.first, group.last + 1))
        law_uses = (*limit.law, bands, law.method["axle_group_gap"])
        test = _Test("axle", mass, limit.kg, bands, law_uses, {"axles": axles, "limit_by": limit.why})
        # Compared as fractions of the limit, in integers; of equals the front-most stays.
        if test.over and (worst is None or test.measured * worst.limit > worst.measured * test.limit):
            worst = test
    return worst


def _permit(scene: WeighingScene, weighing: Weighing) -> Permit | None:
    """The permit in force for either unit of the combination; of several the highest."""
    held = [permit for plate in (weighing.plate, weighing.trailer) for permit in scene.permits.get(plate or "", ())]
    valid = []
    for permit in held:
        start, end = days(permit.valid_from, permit.valid_to)
        if start <= weighing.time < end:
            valid.append(permit)
    return max(valid, key=lambda permit: permit.gross_kg, default=None)


def _finding(
    test: _Test, weighing: Weighing, row: Registration | None, record: str, doubts: tuple[Fault, ...]
) -> Finding:
    excess = 100 * (test.measured - test.limit)
    band = band_of(test.bands.value, excess, test.limit)
    detail = {**test.detail, "station": weighing.station, "ticket": weighing.ticket, "record": record}
    if band is not None and test.kind not in band.get("fined", [test.kind]):
        detail["fine"] = "none"
    if doubts:
        detail["doubts"] = [fault.text for fault in doubts]
    return Finding(
        rule=f"overload_{test.kind}",
        grade=Grade.POSSIBLE if doubts else Grade.CERTAIN,
        vehicle=weighing.plate,
        driver=None,
        operator=None if row is None else row.operator,
        start=weighing.time,
        end=weighing.time,
        at=weighing.time,
        measured=test.measured,
        limit=test.limit,
        excess=(200 * excess + test.limit) // (2 * test.limit) / 100,
        unit="kg",
        band=band["band"] if band else None,
        law=(
            *(_use(dated, test, band) for dated in test.law),
            *(dated.use() for fault in doubts for dated in fault.law),
        ),
        detail=detail,
    )


def _use(dated: Dated, test: _Test, band: dict[str, Any] | None) -> LawUse:
    """A figure as used here: of a table of limits the limit taken from it, of bands the band."""
    if dated is test.bands:
        return dated.use_band(band)
    if dated.path.startswith("mass.") and not isinstance(dated.value, int | str):
        return dated.use(test.limit / _KG_PER_T)
    return dated.use()


_USES = ("mass.axle_single", "mass.axle_tandem", "mass.axle_tridem", "mass.gross_rigid", "mass.gross_semi_trailer",
         "mass.gross_truck_trailer_max", "mass.kingpin_min", "mass.kingpin_deduction", "mass.sign",
         "overload.payload_bands", "overload.payload_bands_liquid_tank", "overload.road_bands",
         "method.person_mass", "method.persons_default", "method.axle_group_gap", "method.weighing_sum_error",
         "method.weighing_axle_max", "method.plate_confidence_min")  # fmt: skip
RULES = (Rule[WeighingScene](id="overload", floor="weighing", uses=_USES, check=check),)
