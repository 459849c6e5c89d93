"""What is known of each vehicle in a week. A registered vehicle that sent nothing has a row of zeros, never no row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum

from journey.localtime import date_of, day_of
from journey.registry import Registration

# Towed units carry no recorder of their own, so that their silence says nothing.
_TOWED = frozenset({"trailer", "semi_trailer", "tanker_semi_trailer"})


@dataclass(frozen=True, slots=True)
class VehicleCoverage:
    """What is known of one vehicle under one operator: stored fixes, seconds by activity, metres driven."""

    plate: str
    operator: str | None
    fixes: int = 0
    driving_s: int = 0
    standing_s: int = 0
    unknown_s: int = 0
    driving_m: float = 0.0
    kind: str | None = None

    @property
    def known_s(self) -> int:
        return self.driving_s + self.standing_s


def by_operator(
    coverage: Iterable[VehicleCoverage], registrations: Iterable[Registration], start: int, end: int
) -> dict[str | None, tuple[VehicleCoverage, ...]]:
    """The vehicles of each operator in plate order; None holds those of no operator.

    Args:
        coverage: rows cut at the week's borders; rows of the same plate and operator (days) are added up.
        registrations: any rows; those in force in [start, end) and with a recorder of their own are taken.

    Raises:
        ValueError: a vehicle has more seconds than the week.
    """
    kinds = _registered(registrations, start, end)
    rows: dict[tuple[str | None, str], list[VehicleCoverage]] = {key: [] for key in kinds}
    for row in coverage:
        rows.setdefault((row.operator or None, row.plate), []).append(row)
    groups: dict[str | None, list[VehicleCoverage]] = {}
    for (operator, plate), days in sorted(rows.items(), key=lambda entry: entry[0][1]):
        kind = next((row.kind for row in days if row.kind), kinds.get((operator, plate)))
        total = _total(plate, operator, days, kind)
        if total.known_s + total.unknown_s > end - start:
            raise ValueError(f"coverage of {plate} is longer than the week: cut it at the week's borders")
        groups.setdefault(operator, []).append(total)
    return {operator: tuple(group) for operator, group in groups.items()}


def _registered(registrations: Iterable[Registration], start: int, end: int) -> dict[tuple[str | None, str], str]:
    first, last = date_of(day_of(start)), date_of(day_of(end - 1))
    return {
        (row.operator or None, row.plate): row.kind
        for row in registrations
        if row.kind not in _TOWED
        and (row.valid_from is None or row.valid_from <= last)
        and (row.valid_to is None or row.valid_to >= first)
    }


def _total(plate: str, operator: str | None, rows: list[VehicleCoverage], kind: str | None) -> VehicleCoverage:
    return VehicleCoverage(
        plate=plate,
        operator=operator,
        fixes=sum(row.fixes for row in rows),
        driving_s=sum(row.driving_s for row in rows),
        standing_s=sum(row.standing_s for row in rows),
        unknown_s=sum(row.unknown_s for row in rows),
        driving_m=fsum(row.driving_m for row in rows),
        kind=kind,
    )
