"""Month roll-ups: whose badge is proposed for revocation, which operator's licence for review (rules.md, 4.6).

Law:   rollups.*, as in force in the month's last second; a rule that was not yet in force when the month began
       proposes nothing for it.  Method: method.rollup_breaches_min.
Units: mm, s and counts, all integers: nothing is decided on rounded figures.
Shape: sums by (plate, local month) -> proposals.
Gaps:  only known driving makes distance, and the share of the month with known activity stands beside every figure.

An operator's vehicles are all that are registered in the month's last second, with or without a badge on file, trailers
and semi-trailers too: the clause says vehicles, and every one more is in the operator's favour.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from journey.localtime import day_of
from journey.model import Note
from journey.registry import Registration
from rules import registered as registrations
from rules.law import Dated, Law
from rules.months import MonthSum, VehicleMonth, bounds, in_force, share

_BREACHES, _EXCESS = "rollups.speeding_breaches_min", "rollups.speeding_excess_over"
_DISTANCE = "rollups.speeding_distance"
_WEIGHINGS, _OVER = "rollups.overload_weighings_min", "rollups.overload_excess_over"
_SHARE = "rollups.operator_share_min"


class VehicleSpeeding(NamedTuple):
    """One line for every vehicle-month with fixes."""

    vehicle: str
    month: date
    n: int
    driven_mm: int
    coverage: Fraction  # share of the whole month, over or not, with known activity
    proposed: bool


class VehicleOverload(NamedTuple):
    """One line for every vehicle-month with a weighing that counts."""

    vehicle: str
    month: date
    n: int
    proposed: bool


class OperatorMonth(NamedTuple):
    """One line for every operator and month in which a vehicle of its is proposed."""

    operator: str
    month: date
    vehicles: int
    revoked: int  # of these: proposed in the month, on whatever ground
    proposed: bool


@dataclass(slots=True)
class RollUps:
    """Proposals in order of name and month, and what their reader must know."""

    speeding: list[VehicleSpeeding] = field(default_factory=list)
    overload: list[VehicleOverload] = field(default_factory=list)
    operators: list[OperatorMonth] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def roll_up(sums: dict[VehicleMonth, MonthSum], registry: Sequence[Registration], law: Law) -> RollUps:
    """Proposals of all months that the sums reach into. Args: registry: the rows of all vehicles."""
    result, basis = RollUps(), _Basis(law)
    proposed: defaultdict[date, set[str]] = defaultdict(set)
    for (vehicle, month), one in sorted(sums.items()):
        start, end = bounds(month)
        if one.fixes:
            revoke = _for_speeding(one, month, basis)
            coverage = Fraction(one.known_s, end - start)
            result.speeding.append(VehicleSpeeding(vehicle, month, one.breaches, one.driven_mm, coverage, revoke))
            if revoke:
                proposed[month].add(vehicle)
        if one.weighings:
            revoke = _for_overload(one, month, basis)
            result.overload.append(VehicleOverload(vehicle, month, one.weighings, revoke))
            if revoke:
                proposed[month].add(vehicle)
    for month, plates in proposed.items():
        for operator, (vehicles, revoked) in _fleets(registry, month, plates).items():
            review = _for_review(vehicles, revoked, month, basis)
            result.operators.append(OperatorMonth(operator, month, vehicles, revoked, review))
    result.operators.sort()
    result.notes = basis.notes()
    return result


class _Basis:
    """The figures that each month is judged by; remembers which were missing, and which proposals are doubtful."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._found: dict[tuple[date, tuple[str, ...]], list[Dated] | None] = {}
        self._missing: defaultdict[str, set[date]] = defaultdict(set)
        self._doubtful: defaultdict[str, set[date]] = defaultdict(set)

    def figures(self, month: date, *paths: str) -> list[Dated] | None:
        """The figures in force for a month; None where one is not."""
        if (month, paths) not in self._found:
            self._found[month, paths] = self._look_up(month, paths)
        return self._found[month, paths]

    def _look_up(self, month: date, paths: tuple[str, ...]) -> list[Dated] | None:
        found = [in_force(path, month, self.law) for path in paths]
        for path, dated in zip(paths, found, strict=True):
            if dated is None:
                self._missing[path].add(month)
        known = [dated for dated in found if dated is not None]
        return known if len(known) == len(paths) else None

    def lean(self, month: date, figures: Iterable[Dated]) -> None:
        """A proposal rests on these figures."""
        for dated in figures:
            if not dated.verified:
                self._doubtful[dated.path].add(month)

    def notes(self) -> list[Note]:
        missing = [
            Note("not_in_force", path, f"not in force from the first day of {_names(months)}: nothing proposed by it")
            for path, months in sorted(self._missing.items())
        ]
        doubtful = [
            Note("not_verified", path, f"proposals of {_names(months)} rest on this figure, which is not verified")
            for path, months in sorted(self._doubtful.items())
        ]
        return missing + doubtful


def _for_speeding(one: MonthSum, month: date, basis: _Basis) -> bool:
    figures = basis.figures(month, _BREACHES, _DISTANCE, _EXCESS)
    if figures is None or one.driven_mm <= 0 or one.breaches < basis.law.figure("rollup_breaches_min"):
        return False
    breaches, distance, _ = figures
    revoke: bool = one.breaches * distance.value >= breaches.value * one.driven_mm
    if revoke:
        basis.lean(month, figures)
    return revoke


def _for_overload(one: MonthSum, month: date, basis: _Basis) -> bool:
    figures = basis.figures(month, _WEIGHINGS, _OVER)
    revoke = figures is not None and one.weighings >= figures[0].value
    if figures is not None and revoke:
        basis.lean(month, figures)
    return revoke


def _for_review(vehicles: int, revoked: int, month: date, basis: _Basis) -> bool:
    figures = basis.figures(month, _SHARE)
    review = figures is not None and revoked >= share(figures[0].value) * vehicles
    if figures is not None and review:
        basis.lean(month, figures)
    return review


def proposed_vehicles(rolled: RollUps) -> set[str]:
    """Plates whose badge is proposed for revocation, on whatever ground."""
    speeding = {one.vehicle for one in rolled.speeding if one.proposed}
    return speeding | {one.vehicle for one in rolled.overload if one.proposed}


def rows_at_end(registry: Sequence[Registration], month: date) -> dict[str, Registration]:
    """The registry row of each vehicle in a month's last second, by plate; those not registered then left out."""
    last = day_of(bounds(month)[1] - 1)
    return {row.plate: row for row, first, stop in registrations.spans(registry) if first <= last < stop}


def _fleets(registry: Sequence[Registration], month: date, proposed: set[str]) -> dict[str, tuple[int, int]]:
    """Vehicles of each operator at the month's end, and how many of them are proposed; those with none left out."""
    vehicles: Counter[str] = Counter()
    revoked: Counter[str] = Counter()
    for plate, row in rows_at_end(registry, month).items():
        vehicles[row.operator] += 1
        revoked[row.operator] += plate in proposed
    return {operator: (vehicles[operator], count) for operator, count in revoked.items() if count}


def _names(months: Iterable[date]) -> str:
    return ", ".join(f"{month:%Y-%m}" for month in sorted(months))
