"""Shares of service: what vehicle-days add up to for a vehicle, an operator or all, and the rates made of it.

Law:   none of its own; what was timely is decided by rules.service.
Units: counts, mm and s; shares are exact fractions of one.
Gaps:  a share of nothing is None, never zero: where nothing is known nothing is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction

import numpy as np

from journey.localtime import day_start
from journey.registry import Registration
from rules.registered import index
from rules.weighings.masses import TOWED


@dataclass(slots=True)
class Service:
    """What one vehicle, or many, add up to over a period. The sums as in rules.service.ServiceDay.

    registered_days: vehicle-days on which the registry has a vehicle with a recorder of its own; online_days: those
    with a usable fix. silences: findings of moving silence.
    """

    vehicles: int = 0
    vehicles_with_data: int = 0
    drift_vehicles: int = 0
    registered_days: int = 0
    online_days: int = 0
    silences: int = 0
    fixes: int = 0
    usable: int = 0
    drifted: int = 0
    future: int = 0
    without_receipt: int = 0
    moving_steps: int = 0
    moving_judged: int = 0
    moving_timely: int = 0
    standing_steps: int = 0
    standing_judged: int = 0
    standing_timely: int = 0
    driving_mm: int = 0
    track_mm: int = 0
    delays: dict[str, int] = field(default_factory=dict)

    @property
    def online(self) -> Fraction | None:
        return share(self.online_days, self.registered_days)

    @property
    def moving_on_time(self) -> Fraction | None:
        return share(self.moving_timely, self.moving_judged)

    @property
    def standing_on_time(self) -> Fraction | None:
        return share(self.standing_timely, self.standing_judged)

    @property
    def drift(self) -> Fraction | None:
        return share(self.drifted, self.fixes)

    @property
    def qualified(self) -> Fraction | None:
        return share(self.usable, self.fixes)

    @property
    def ahead(self) -> Fraction | None:
        """Fixes ahead of their receipt, of those of which a receipt is known."""
        return share(self.future, self.fixes - self.without_receipt)

    @property
    def complete(self) -> Fraction | None:
        """Length of the steps of driving over that of all steps."""
        return share(self.driving_mm, self.track_mm)


def share(part: int, whole: int) -> Fraction | None:
    """A part of a whole; None where there is no whole."""
    return Fraction(part, whole) if whole else None


def total(some: Iterable[Service]) -> Service:
    """All of some, added up."""
    result = Service()
    names = [one.name for one in fields(Service) if one.name != "delays"]
    for one in some:
        for name in names:
            setattr(result, name, getattr(result, name) + getattr(one, name))
        for edge, count in one.delays.items():
            result.delays[edge] = result.delays.get(edge, 0) + count
    return result


def delay_within(delays: dict[str, int], part: Fraction) -> str | None:
    """The least edge (s) within which at least a part of the fixes was received; None where no receipt is known.

    True of every mixture of edges: a fix counted under an edge was received within it.
    """
    wanted, reached = part * sum(delays.values()), 0
    for edge in sorted(delays, key=float):
        reached += delays[edge]
        if reached >= wanted:
            return edge
    return None


def registered_days(registry: Sequence[Registration], first: int, stop: int) -> dict[tuple[str, str], int]:
    """Days of [first, stop) by (operator, plate) of the registry row in force; towed units have no recorder."""
    plates = sorted({row.plate for row in registry})
    registered = index(registry, plates)
    code = np.repeat(np.arange(len(plates)), stop - first)
    rows = registered.rows_at(code, day_start(np.tile(np.arange(first, stop), len(plates))))
    found = rows >= 0
    pairs, counts = np.unique(np.stack((code[found], rows[found])), axis=1, return_counts=True)
    days: Counter[tuple[str, str]] = Counter()
    for plate, number, count in zip(*pairs.tolist(), counts.tolist(), strict=True):
        row = registered.rows[number]
        if row.kind not in TOWED:
            days[row.operator, plates[plate]] += count
    return days
