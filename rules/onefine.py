"""Gross and axle mass of one weighing, both over: inside the clauses that the law names only the heavier is fined.

Law:   penalties_overload.one_fine_driver, one_fine_owner, penalties_overload.road at the weighing.
Units: VND; the excess as a fraction of the limit.
Shape: findings of one floor -> for the lesser one of each such pair the heavier one.
Gaps:  where the law files state no such rule, each is fined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from journey.model import Finding, Grade
from rules.law import Dated, Law

ROAD = "penalties_overload.road"
_GROSS, _AXLE = "overload_gross", "overload_axle"
_PERMIT = "circulation permit"

Key = tuple[str, int, Any, str]  # vehicle, time, weighing record, rule


def key(finding: Finding) -> Key:
    return finding.vehicle, finding.at, finding.detail.get("record"), finding.rule


def under_permit(finding: Finding) -> bool:
    """Whether a gross mass was measured against the vehicle's own permit: another clause than the bands."""
    return finding.detail.get("limit_by") == _PERMIT


def lesser(findings: Iterable[Finding], law: Law) -> dict[Key, Finding]:
    """By the lesser finding of each pair that may give one fine: the heavier one.

    Heavier is the higher fine of the driver, then the higher excess, then the gross mass.
    """
    weighed: defaultdict[tuple[str, int, Any], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.rule in (_GROSS, _AXLE) and finding.grade == Grade.CERTAIN and not under_permit(finding):
            weighed[key(finding)[:-1]].append(finding)
    found: dict[Key, Finding] = {}
    for both in weighed.values():
        *lighter, heavy = sorted(both, key=lambda finding: _weight(finding, law))
        found |= {key(light): heavy for light in lighter}
    return found


def rule_for(subject: str, bands: set[str | None], time: int, law: Law) -> tuple[Dated, dict[str, Any]] | None:
    """The rule by which both bands give this subject one fine, and its row; None where each is fined."""
    path = f"penalties_overload.one_fine_{subject}"
    dated = law.at(path, time) if path in law.parameters else None
    if dated is None or dated.value is None:
        return None
    return next(((dated, row) for row in dated.value if bands <= set(row["bands"])), None)


def _weight(finding: Finding, law: Law) -> tuple[tuple[int, int], Fraction, bool]:
    dated = law.at(ROAD, finding.at)
    rows = dated.value if dated and dated.value else ()
    fine = next((row["fine"] for row in rows if row["subject"] == "driver" and row.get("band") == finding.band), (0, 0))
    return (fine[1], fine[0]), Fraction(int(finding.measured), int(finding.limit)), finding.rule == _GROSS
