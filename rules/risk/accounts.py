"""What a risk rating is made of: findings by severity, what was checked, what was driven (docs/risk.md).

Law:   rules/law/risk/severity.yaml.
Units: mm, s, points; days are local day numbers.
Shape: findings that stand, weeks on record, weighings -> one account an operator; sums only, so that neither the order
       nor the batches of what is given change them.
Gaps:  a week of which nothing is known is no check, and a distance that is not known is no distance.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from journey.localtime import day_of, day_start, week_of, week_start
from journey.model import Finding
from journey.tenths import of_float
from rules.risk.file import SEVERITIES, Ladder

RECORD, WEIGHING = "record", "weighing"


class Infringement(NamedTuple):
    """So many findings of one kind and gravity on one local day. `record`: of the weighing, None for tracks."""

    day: int
    rule: str
    severity: str
    record: str | None


class Check(NamedTuple):
    """One look at an operator: a week of its record, or one weighing. `first`: its first local day."""

    kind: str
    first: int
    record: str | None


@dataclass(slots=True)
class Account:
    """All that an operator's rating rests on, over some days."""

    vehicles: Counter[Check] = field(default_factory=Counter)  # looked at in each check, whether it found any or not
    clean_weighings: Counter[int] = field(default_factory=Counter)  # by first day of the week
    found: Counter[Infringement] = field(default_factory=Counter)
    driven_mm: Counter[int] = field(default_factory=Counter)  # by first day of the week
    known_s: Counter[int] = field(default_factory=Counter)
    unknown_s: Counter[int] = field(default_factory=Counter)


class WeekOnRecord(NamedTuple):
    """What is known of an operator's vehicles in a local week, or the part of it that is in question."""

    operator: str
    first: int  # local day number of the Monday
    vehicles: int  # with known driving
    driven_mm: int
    known_s: int
    unknown_s: int
    weighings: int


class Line(NamedTuple):
    """One line of an explanation: what, and what it comes to."""

    text: str
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A rating. value None: none is given, and `lines` say why. low, high: interval, where the formula has one."""

    formula: str
    value: Fraction | None
    band: str
    lines: tuple[Line, ...]
    low: Fraction | None = None
    high: Fraction | None = None


def monday(day: int) -> int:
    """The first local day of a day's week."""
    return day_of(week_start(week_of(day_start(day))))


def next_monday(day: int) -> int:
    """The first local day of the week after a day's."""
    return day_of(week_start(week_of(day_start(day)) + 1))


def severity_of(finding: Finding, ladders: Mapping[str, Ladder]) -> str | None:
    """How grave a finding is; None for a rule that the ladder does not name, or an excess below its first step."""
    ladder = ladders.get(finding.rule)
    if ladder is None:
        return None
    if ladder.severity is not None:
        return ladder.severity
    value, per = _measure(finding, ladder)
    return next((severity for interval, severity in ladder.steps if interval.holds(value, per)), None)


def _measure(finding: Finding, ladder: Ladder) -> tuple[int, int]:
    """A finding's excess as a fraction in the ladder's base unit."""
    if ladder.of == "share":
        limit = int(finding.limit)
        return (int(finding.measured) - limit) * 100, limit
    return (of_float(finding.excess), 1) if ladder.unit == "km/h" else (int(finding.excess), 1)


def accounts(
    findings: Iterable[Finding], weeks: Iterable[WeekOnRecord], ladders: Mapping[str, Ladder]
) -> dict[str, Account]:
    """Accounts by operator. Findings of vehicles that no operator had are left out, and of rules not in the ladder."""
    books = Books(ladders)
    books.add_findings(findings)
    books.add_weeks(weeks)
    return books.accounts()


class Books:
    """Accounts while they are added up, batch by batch."""

    def __init__(self, ladders: Mapping[str, Ladder]) -> None:
        self._ladders = ladders
        self._accounts: defaultdict[str, Account] = defaultdict(Account)
        self._weighings: dict[tuple[str, int, str], Infringement] = {}
        self._counts: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def add_weeks(self, weeks: Iterable[WeekOnRecord]) -> None:
        """Rows of one operator and week are added up; their vehicles are taken for different ones."""
        for one in weeks:
            account = self._accounts[one.operator]
            if one.vehicles:
                account.vehicles[Check(RECORD, one.first, None)] += one.vehicles
            account.driven_mm[one.first] += one.driven_mm
            account.known_s[one.first] += one.known_s
            account.unknown_s[one.first] += one.unknown_s
            self._counts[one.operator][one.first] += one.weighings

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Of one weighing the gravest finding counts, whatever else is over in it."""
        for one in findings:
            severity = severity_of(one, self._ladders)
            if severity is None or one.operator is None:
                continue
            record, day = one.detail.get("record"), day_of(one.at)
            if record is None:
                self._accounts[one.operator].found[Infringement(day, one.rule, severity, None)] += 1
                continue
            key = one.operator, day, str(record)
            new = Infringement(day, one.rule, severity, str(record))
            before = self._weighings.get(key, new)
            # Of two alike the rule's name decides, so that the order does not.
            self._weighings[key] = max(before, new, key=lambda each: (SEVERITIES.index(each.severity), each.rule))

    def accounts(self) -> dict[str, Account]:
        """The accounts by operator; to be called once, when all is added."""
        faulty: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for (operator, day, record), one in self._weighings.items():
            account, week = self._accounts[operator], monday(day)
            account.found[one] = 1
            account.vehicles[Check(WEIGHING, week, record)] = 1
            faulty[operator][week] += 1
        for operator, counts in self._counts.items():
            for week, count in counts.items():
                if count > faulty[operator][week]:
                    self._accounts[operator].clean_weighings[week] = count - faulty[operator][week]
        return dict(self._accounts)


def check_of(one: Infringement) -> Check:
    """The check in which something was found."""
    return Check(RECORD if one.record is None else WEIGHING, monday(one.day), one.record)


def class_of(kinds: Mapping[str, int], classes: Mapping[str, tuple[str, ...]]) -> str | None:
    """The class with most of an operator's motor vehicles (by kind); of equal ones the first. None: of none."""
    sizes = {name: sum(kinds.get(kind, 0) for kind in some) for name, some in classes.items()}
    best = max(sizes, key=lambda name: sizes[name], default=None)
    return best if best is not None and sizes[best] else None
