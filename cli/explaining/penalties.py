"""What the law takes for a finding, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from journey.model import Finding


def taken(one: dict[str, Any]) -> str:
    """One consequence: the fine, points and suspensions, or why nothing is taken."""
    return str(one["because"]) if not one["fined"] else ", ".join(_parts(one))


def all_taken(finding: Finding) -> str:
    """Every consequence of a finding, a line each; why there is none where there is none."""
    consequences = finding.detail.get("consequences", ())
    lines = [f"{one['subject']}: {taken(one)}" for one in consequences]
    return "\n".join(lines) or str(finding.detail.get("no_consequence", ""))


def _parts(one: dict[str, Any]) -> Iterator[str]:
    low, high = one["fine_vnd"]
    yield f"{low:,} to {high:,} VND"
    if one["organisation_vnd"]:
        low, high = one["organisation_vnd"]
        yield f"an organisation {low:,} to {high:,} VND"
    if one["points"]:
        yield f"{one['points']} points"
    for name, what in (("suspension_months", "licence"), ("badge_suspension_months", "badge")):
        if one[name] and any(one[name]):
            low, high = one[name]
            yield f"{what} suspended for {low} to {high} months"
