"""What a month's roll-ups say to a reader: proposals with names, earlier proposals, and the dates of a decision."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from rules.procedure import Procedure, Step
from rules.rollups import RollUps


@dataclass(frozen=True, slots=True)
class Dates:
    """What follows a decision signed on a day. second: where it is the second within the law's time; None: the law
    states no such thing. review: of an operator's licence."""

    first: Procedure
    second: Procedure | None
    review: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class MonthReport:
    """earlier: by plate, months before for which the store proposes the badge too. names: of operators, by id.
    operators: by plate, at the month's end; a vehicle not registered then is missing.
    held: by plate, findings that are not counted since their cases keep them back."""

    month: date
    rolled: RollUps
    earlier: dict[str, list[date]]
    names: dict[str, str]
    operators: dict[str, str]
    dates: Dates | None
    held: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        return f"{self.month:%Y-%m}"

    def operator_name(self, operator: str) -> str:
        """Name and id; the id alone where the registry has no name."""
        return f"{self.names[operator]} ({operator})" if operator in self.names else operator
