"""How far the months that a week touches have come towards revocation of badges and review of licences.

Counts up to the week's end, by the month roll-ups (rules.rollups); the figures counted against are those of the law
files, each with whether it was read in the law's own text. Nothing here is a proposal before its month is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from rules.law import Dated, Law
from rules.months import in_force
from rules.rollups import RollUps

_SPEEDING = ("rollups.speeding_breaches_min", "rollups.speeding_distance", "rollups.speeding_excess_over")
_OVERLOAD = ("rollups.overload_weighings_min", "rollups.overload_excess_over")
_SHARE = ("rollups.operator_share_min",)


class Threshold(NamedTuple):
    """The figures of one ground in one month; empty where none was in force from the month's first day."""

    figures: tuple[Dated, ...]

    @property
    def verified(self) -> bool:
        return all(one.verified for one in self.figures)


class VehicleCount(NamedTuple):
    """One vehicle in one month up to the end. reached: whether the law's number is reached, on whatever ground."""

    month: date
    plate: str
    operator: str | None  # at the month's end, as far as it is registered
    breaches: int
    driven_mm: int
    weighings: int
    reached_speeding: bool
    reached_overload: bool

    @property
    def reached(self) -> bool:
        return self.reached_speeding or self.reached_overload


class OperatorCount(NamedTuple):
    """One operator with a vehicle that has reached a threshold."""

    month: date
    operator: str
    vehicles: int
    reached: int
    review: bool


@dataclass(frozen=True, slots=True)
class MonthCounters:
    """One local month up to `until` (s UTC). vehicles: those with anything that counts, most first. held:
    certain findings of the kinds that are counted, which cases keep back."""

    month: date
    until: int
    whole: bool  # the month was over at `until`
    speeding: Threshold
    overload: Threshold
    share: Threshold
    breaches_least: int  # the method's: below so many breaches nothing is proposed, however short the distance
    vehicles: tuple[VehicleCount, ...]
    operators: tuple[OperatorCount, ...]
    held: int = 0


def month_counters(
    month: date, until: int, whole: bool, rolled: RollUps, operators: dict[str, str], law: Law, held: int = 0
) -> MonthCounters:
    """Counters of one month. Args: rolled: of what lies before `until`; operators: by plate, at the month's end."""
    speeding = {one.vehicle: one for one in rolled.speeding}
    overload = {one.vehicle: one for one in rolled.overload}
    vehicles = []
    for plate in speeding.keys() | overload.keys():
        fast, heavy = speeding.get(plate), overload.get(plate)
        count = VehicleCount(
            month, plate, operators.get(plate), fast.n if fast else 0, fast.driven_mm if fast else 0,
            heavy.n if heavy else 0, bool(fast and fast.proposed), bool(heavy and heavy.proposed),
        )  # fmt: skip
        if count.breaches or count.weighings:
            vehicles.append(count)
    vehicles.sort(key=lambda one: (not one.reached, -one.breaches, -one.weighings, one.plate))
    fleets = [OperatorCount(month, one.operator, one.vehicles, one.revoked, one.proposed) for one in rolled.operators]
    speed, load, share = (_threshold(paths, month, law) for paths in (_SPEEDING, _OVERLOAD, _SHARE))
    least = int(law.figure("rollup_breaches_min"))
    return MonthCounters(month, until, whole, speed, load, share, least, tuple(vehicles), tuple(fleets), held)


def _threshold(paths: tuple[str, ...], month: date, law: Law) -> Threshold:
    found = [in_force(path, month, law) for path in paths]
    known = tuple(one for one in found if one is not None)
    return Threshold(known if len(known) == len(paths) else ())
