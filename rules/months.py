"""What a vehicle's local month adds up to: the plain sums that roll-ups are made of (rules.md, 4.6).

Law:   rollups.speeding_excess_over, rollups.overload_excess_over, as the month is judged by them.
Units: mm, s and counts.
Shape: day sums, findings and weighings -> sums by (plate, local month).
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, Protocol

from journey.localtime import date_of, day_of, day_start, number_of
from journey.model import Grade, Weighing
from journey.registry import Permit, Registry
from journey.tenths import least, of_float
from rules.activity import MM
from rules.checks.overload import record_of
from rules.engine import Known, VehicleFloor, weighing_floor
from rules.law import Dated, Law
from rules.registered import days
from rules.summaries import DaySum, day_sums

VehicleMonth = tuple[str, date]  # plate, first local day of the month


@dataclass(slots=True)
class MonthSum:
    """What one vehicle's month adds up to. Distance is in whole mm, as the sum of a day is kept: sums are exact."""

    fixes: int = 0  # of any quality
    driven_mm: int = 0
    known_s: int = 0  # driving or standing
    breaches: int = 0  # certain speeding above rollups.speeding_excess_over
    weighings: int = 0  # overloads that count towards the badge


def month_of(day: int) -> date:
    """The month of a local day number, as its first day."""
    return date_of(day).replace(day=1)


@cache  # asked for each vehicle of a month
def bounds(month: date) -> tuple[int, int]:
    """Unix seconds [start, end) of a local month."""
    first = number_of(month)
    return day_start(first), day_start(first + monthrange(month.year, month.month)[1])


def share(percent: int) -> Fraction:
    """A percentage as an exact share of the whole."""
    return Fraction(Decimal(percent).scaleb(-2))


def in_force(path: str, month: date, law: Law) -> Dated | None:
    """The figure that a month is judged by: that of its last second; None where it is not known, or the month began
    before any was in force."""
    start, end = bounds(month)
    dated = law.at(path, end - 1)
    return None if law.at(path, start) is None or dated is None or dated.value is None else dated


def month_sums(
    floor: VehicleFloor, weighings: Sequence[Weighing], known: Known, law: Law
) -> dict[VehicleMonth, MonthSum]:
    """Sums of a closed set of records: the vehicle floor of all its fixes, and its weighings."""
    by_day = day_sums(floor.fixes.vehicle, floor.fixes.time, floor.flags, floor.usable, floor.kind, floor.activities)
    named = {(floor.plates[vehicle], day): one for (vehicle, day), one in by_day.items()}
    overloads, _ = weighing_floor(countable(weighings, known.registry), known, law)
    return add_up(named, count_breaches(floor.findings, law), count_overloads(overloads, law))


class Countable(Protocol):
    """As much of a finding as is counted, as journey.model.Finding has it."""

    @property
    def rule(self) -> str: ...
    @property
    def grade(self) -> str: ...
    @property
    def vehicle(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def measured(self) -> float: ...
    @property
    def limit(self) -> float: ...
    @property
    def excess(self) -> float: ...
    @property
    def detail(self) -> Mapping[str, Any]: ...


# What a month's sums rest on: findings of other rules need not be read for them.
BREACH, OVERLOADS = "speeding", ("overload_axle", "overload_gross")
COUNTED_RULES = (BREACH, *OVERLOADS)


def stored_sums(
    by_day: dict[tuple[str, int], DaySum],
    findings: Sequence[Countable],
    weighings: Sequence[Weighing],
    registry: Registry,
    law: Law,
) -> dict[VehicleMonth, MonthSum]:
    """Sums of records judged already: their day sums, their findings of COUNTED_RULES (others do not count), and the
    weighings that these may rest on."""
    counted = {(one.plate, record_of(one)) for one in countable(weighings, registry)}
    overloads = [one for one in findings if (one.vehicle, one.detail.get("record")) in counted]
    return add_up(by_day, count_breaches(findings, law), count_overloads(overloads, law))


def add_up(
    by_day: dict[tuple[str, int], DaySum], breaches: Counter[VehicleMonth], weighings: Counter[VehicleMonth]
) -> dict[VehicleMonth, MonthSum]:
    """Sums by month. Args: by_day: by plate and local day number."""
    sums: defaultdict[VehicleMonth, MonthSum] = defaultdict(MonthSum)
    for (plate, day), one in by_day.items():
        month = sums[plate, month_of(day)]
        month.fixes += one.fixes
        month.driven_mm += round(one.driving_m * MM)
        month.known_s += one.driving_s + one.standing_s
    for key, count in breaches.items():
        sums[key].breaches = count
    for key, count in weighings.items():
        sums[key].weighings = count
    return dict(sums)


def count_breaches(findings: Iterable[Countable], law: Law) -> Counter[VehicleMonth]:
    """Speed breaches that count towards the badge, in the month in which each was complete."""
    counts: Counter[VehicleMonth] = Counter()
    for finding in findings:
        if finding.rule == BREACH and finding.grade == Grade.CERTAIN:
            month = month_of(day_of(finding.at))
            if of_float(finding.excess) > _counted_over("rollups.speeding_excess_over", month, law):
                counts[finding.vehicle, month] += 1
    return counts


def breach_from(month: date, law: Law) -> float:
    """The least excess of a certain finding of speeding that `count_breaches` counts, km/h as a finding states it."""
    return least(_counted_over("rollups.speeding_excess_over", month, law) + 1)


def countable(weighings: Sequence[Weighing], registry: Registry) -> list[Weighing]:
    """Weighings that may count: at an automatic one-stage station, and no unit with any permit valid at the time."""
    automatic = {station.id for station in registry.stations if station.automatic_one_stage}
    permits: defaultdict[str | None, list[Permit]] = defaultdict(list)
    for permit in registry.permits:
        permits[permit.plate].append(permit)
    return [
        one
        for one in weighings
        if one.station in automatic
        and not any(_valid(permit, one.time) for plate in (one.plate, one.trailer) for permit in permits.get(plate, ()))
    ]


def _valid(permit: Permit, time: int) -> bool:
    start, end = days(permit.valid_from, permit.valid_to)
    return start <= time < end


def count_overloads(findings: Iterable[Countable], law: Law) -> Counter[VehicleMonth]:
    """Weighings with axle or gross mass over by more than the law's share; each once, whatever is over in it.

    Args: findings: those of `countable` weighings.
    """
    counted = set()
    for finding in findings:
        if finding.rule in OVERLOADS:
            month = month_of(day_of(finding.at))
            borne = share(_counted_over("rollups.overload_excess_over", month, law)) * int(finding.limit)
            if int(finding.measured) - int(finding.limit) > borne:
                counted.add((finding.vehicle, month, finding.detail["record"]))
    return Counter((vehicle, month) for vehicle, month, _ in counted)


def _counted_over(path: str, month: date, law: Law) -> int:
    """What is not counted; before any law the first law's figure, for the number alone: nothing is proposed then."""
    dated = in_force(path, month, law) or law.dated(path)[0]
    return int(dated.value)
