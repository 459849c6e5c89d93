"""Two sets of findings side by side: what one adds, withdraws or changes against the other, and by which figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from journey.model import Finding
from rules.checks import all_rules, rules_of
from rules.formulas import parameter
from rules.whatif import FigureChange

# sources: the finding says the same, on the authority of another text
Kind = Literal["added", "withdrawn", "changed", "sources"]
KINDS: tuple[Kind, ...] = ("added", "withdrawn", "changed", "sources")
_NAMED = frozenset(path for rule in all_rules() for path in (*rule.uses, parameter(rule)))
_GAP = "method.moving_gap_max"  # named by one rule, but every activity rests on it
_ON_DRIVERS = frozenset(rule.id for rule in rules_of("driver"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One finding as stored and as derived; a side is None where there is none. figures: what tells them apart."""

    kind: Kind
    stored: Finding | None
    derived: Finding | None
    figures: tuple[FigureChange, ...]

    @property
    def finding(self) -> Finding:
        """Either side, for what both share."""
        found = self.stored or self.derived
        assert found is not None  # noqa: S101 - a difference has a side
        return found


def compare(stored: Sequence[Finding], derived: Sequence[Finding], changes: Sequence[FigureChange]) -> list[Difference]:
    """Differences in order of the findings. Args: changes: the figures in which the rulebooks differ.

    Findings are the same offence where their ids are equal; of those left, where rule and subject are and their times
    overlap, for another limit moves the borders of an episode.
    """
    new = {one.id: one for one in derived}
    pairs: list[tuple[Finding | None, Finding | None]] = [(one, new.pop(one.id, None)) for one in stored]
    left = _by_subject(list(new.values()))
    for place, (one, other) in enumerate(pairs):
        if one is not None and other is None:
            pairs[place] = one, _take_overlapping(one, left[_subject(one)])
    pairs += [(None, one) for some in left.values() for one in some]
    differences = [_difference(one, other, changes) for one, other in pairs if not _equal(one, other)]
    return sorted(differences, key=lambda difference: difference.finding.order())


def _equal(one: Finding | None, other: Finding | None) -> bool:
    return one is not None and other is not None and one.content == other.content


def _subject(finding: Finding) -> tuple[str, str]:
    by_driver = finding.rule in _ON_DRIVERS and finding.driver is not None
    return finding.rule, f"driver {finding.driver}" if by_driver else f"vehicle {finding.vehicle}"


def _by_subject(findings: Sequence[Finding]) -> defaultdict[tuple[str, str], list[Finding]]:
    groups: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for one in sorted(findings, key=lambda finding: finding.start):
        groups[_subject(one)].append(one)
    return groups


def _take_overlapping(one: Finding, others: list[Finding]) -> Finding | None:
    found = next((other for other in others if other.start < one.end and one.start < other.end), None)
    if found is not None:
        others.remove(found)
    return found


def _difference(one: Finding | None, other: Finding | None, changes: Sequence[FigureChange]) -> Difference:
    if one is None:
        kind: Kind = "added"
    elif other is None:
        kind = "withdrawn"
    else:
        kind = "sources" if _statement(one) == _statement(other) else "changed"
    used = {use.parameter for finding in (one, other) if finding is not None for use in finding.law}
    # The first formula is named by no finding, so that a change of formula is told of every finding of its rule.
    used |= {parameter(rule) for rule in all_rules() if (found := one or other) and _is_of(found, rule.id)}
    named = [change for change in changes if change.path in used]
    values = [change for change in named if not change.same]
    if kind == "sources":
        return Difference(kind, one, other, tuple(named))
    # Where no figure that the finding states differs, it is those by which fixes become activities.
    read = [change for change in changes if change.path not in _NAMED or change.path == _GAP]
    return Difference(kind, one, other, tuple(values or read))


def _is_of(finding: Finding, rule: str) -> bool:
    return finding.rule == rule or finding.rule.startswith(f"{rule}_")


def _statement(finding: Finding) -> dict[str, Any]:
    """All that a finding says, its law apart."""
    return {key: value for key, value in finding.as_dict().items() if key != "law"}
