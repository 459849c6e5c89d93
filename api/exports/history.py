"""What the weeks before say beside this one: an operator's count of last week, and who has findings again and again.

Who is named among the repeated is no more accused than by the findings themselves: nothing here is a repeated offence
in the law's sense, which supposes a sanction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from journey.localtime import week_of
from journey.model import Finding, Grade

WEEKS = 4  # weeks looked back upon, for the table of repeated findings
_LEAST = 2  # findings in all that make a row
# It states how a card was used, not who used it: no driver is counted for it.
_OF_CARDS = frozenset({"double_login"})


class Earlier(NamedTuple):
    """The weeks before: findings of any grade, and operators (None: vehicles of none) with a fix last week."""

    findings: tuple[Finding, ...]
    seen: frozenset[str | None]


class Repeated(NamedTuple):
    """A vehicle (`is_driver` False) or a licence with findings in this week and several in all."""

    is_driver: bool
    subject: str
    operators: tuple[str | None, ...]
    in_week: int
    before: int  # in the WEEKS weeks before
    weeks: int  # with a finding, this one included
    rules: tuple[tuple[str, int], ...]  # counts over all these weeks, the most frequent first


def last_week(earlier: Earlier | None, start: int) -> dict[str | None, int]:
    """Certain findings of the week before `start` (s UTC) by operator; one that was seen and had none has a zero."""
    if earlier is None:
        return {}
    week = week_of(start) - 1
    counts: dict[str | None, int] = dict.fromkeys(earlier.seen, 0)
    for finding in earlier.findings:
        if finding.grade == Grade.CERTAIN and week_of(finding.at) == week:
            operator = finding.operator or None
            counts[operator] = counts.get(operator, 0) + 1
    return counts


def repeated(listed: Iterable[Finding], earlier: Earlier | None, start: int) -> tuple[Repeated, ...]:
    """Vehicles, then licences, with the most findings first."""
    this = week_of(start)
    before = earlier.findings if earlier else ()
    subjects: dict[tuple[bool, str], list[Finding]] = {}
    for finding in listed:
        for key in _subjects(finding):
            subjects.setdefault(key, []).append(finding)
    for finding in before:
        if finding.grade == Grade.CERTAIN and this - WEEKS <= week_of(finding.at) < this:
            for key in _subjects(finding):
                if key in subjects:
                    subjects[key].append(finding)
    rows = [_row(*key, some, this) for key, some in subjects.items() if len(some) >= _LEAST]
    return tuple(sorted(rows, key=lambda row: (row.is_driver, -row.in_week - row.before, -row.in_week, row.subject)))


def _subjects(finding: Finding) -> list[tuple[bool, str]]:
    named: list[tuple[bool, str]] = [(False, finding.vehicle)]
    if finding.driver and finding.rule not in _OF_CARDS:
        named.append((True, finding.driver))
    return named


def _row(is_driver: bool, subject: str, findings: list[Finding], this: int) -> Repeated:
    weeks = [week_of(finding.at) for finding in findings]
    rules = Counter(finding.rule for finding in findings)
    return Repeated(
        is_driver,
        subject,
        tuple(sorted({finding.operator or None for finding in findings}, key=lambda id_: id_ or "")),
        weeks.count(this),
        len(weeks) - weeks.count(this),
        len(set(weeks)),
        tuple(sorted(rules.items(), key=lambda pair: (-pair[1], pair[0]))),
    )
