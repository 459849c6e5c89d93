"""Risk ratings from the store: accounts of operators, then every formula that is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from journey.localtime import date_of, day_of, day_start, number_of
from journey.registry import Registry
from rules import registered as registrations
from rules.risk.accounts import Account, Books, Score, WeekOnRecord, class_of
from rules.risk.checks import first_day, rate_checks
from rules.risk.exposure import rate_exposure
from rules.risk.file import RiskFormula, read_ladder
from rules.weighings.masses import TOWED
from storage.cases.reading import publishable
from storage.database import Connection
from storage.findings import load_findings
from storage.registry import load_registry
from storage.sums.risk import operator_weeks

_BATCH_DAYS = 28  # findings are read so many days at a time, so that years of them fit


class Rated(NamedTuple):
    """One operator: its scores in the order of the formulas."""

    operator: str
    name: str | None
    vehicles: int  # motor vehicles registered on the last day
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class Ratings:
    """Ratings of all operators, in order of their ids. unregistered: findings that stand and no operator's are."""

    as_of: date
    formulas: tuple[RiskFormula, ...]
    rated: tuple[Rated, ...]
    unregistered: int
    held_back: int  # findings that are only possible, or that a case keeps back

    def of(self, one: Rated) -> Ratings:
        """Of one operator alone."""
        return Ratings(self.as_of, self.formulas, (one,), self.unregistered, self.held_back)


def read_ratings(connection: Connection, formulas: Sequence[RiskFormula], as_of: date, now: int) -> Ratings:
    """Rate all operators, those registered and those with records, inside the open transaction.

    Findings count that could be listed at `now` (s UTC) and were complete by the end of `as_of`.
    """
    registry = load_registry(connection)
    fleets = fleets_on(registry, as_of)
    first, stop = min(first_day(one, as_of) for one in formulas), number_of(as_of) + 1
    books, unregistered, held_back = Books(read_ladder()), 0, 0
    books.add_weeks(WeekOnRecord(*row) for row in operator_weeks(connection, first, stop))
    for day in range(first, stop, _BATCH_DAYS):
        findings = load_findings(connection, day_start(day), day_start(min(day + _BATCH_DAYS, stop)))
        allowed = publishable(connection, [one.id for one in findings], now)
        stands = [one for one in findings if one.id in allowed]
        held_back += len(findings) - len(stands)
        unregistered += sum(one.operator is None for one in stands)
        books.add_findings(stands)
    accounts = dict.fromkeys([one.id for one in registry.operators] + sorted(fleets), Account()) | books.accounts()
    scores = [_scores(accounts, one, fleets, as_of) for one in formulas]
    names = {one.id: one.name for one in registry.operators}
    rated = tuple(
        Rated(operator, names.get(operator), sum(fleets.get(operator, Counter()).values()),
              tuple(by_operator[operator] for by_operator in scores))
        for operator in sorted(accounts)
    )  # fmt: skip
    return Ratings(as_of, tuple(formulas), rated, unregistered, held_back)


def _scores(
    accounts: dict[str, Account], formula: RiskFormula, fleets: dict[str, Counter[str]], as_of: date
) -> dict[str, Score]:
    if formula.kind == "exposure":
        classes = {name: class_of(kinds, formula.classes) for name, kinds in fleets.items()}
        return rate_exposure(accounts, classes, formula, as_of)
    return {name: rate_checks(account, formula, as_of) for name, account in accounts.items()}


def fleets_on(registry: Registry, day: date) -> dict[str, Counter[str]]:
    """Motor vehicles registered at the end of a day, by operator and kind."""
    plates = sorted({row.plate for row in registry.vehicles})
    index = registrations.index(registry.vehicles, plates)
    moment = day_start(number_of(day) + 1) - 1
    fleets: dict[str, Counter[str]] = {}
    for place in index.rows_at(np.arange(len(plates)), np.full(len(plates), moment)).tolist():
        row = index.rows[place] if place >= 0 else None
        if row is not None and row.kind not in TOWED:
            fleets.setdefault(row.operator, Counter())[row.kind] += 1
    return fleets


def yesterday(now: int) -> date:
    """The last local day that is over."""
    return date_of(day_of(now) - 1)
