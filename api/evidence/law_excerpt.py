"""The law of one finding: each figure that it states, each that its rule reads, and from when to when each holds."""

from __future__ import annotations

from typing import Any

from api.exports.wording import citation
from journey.model import Finding, LawUse
from rules.checks import all_rules
from rules.law import Dated, Law

# What flags and activities are made with: every rule over a track rests on it.
_OF_TRACKS = (
    "moving_min", "moving_gap_max", "parked_radius", "short_stop_max", "box", "future_max", "speed_max",
    "jump_speed_max", "frozen_speed_min", "frozen_run_min",
)  # fmt: skip


def excerpt(finding: Finding, law: Law) -> dict[str, Any]:
    """What becomes law.json. `stated` is of the finding as stored, `read` of the law files at its `at`."""
    said = rests_on(finding, law)
    return {
        "finding": finding.id,
        "law_version": law.version,
        "method": law.method_name,
        "method_title": law.method_title,
        "at": finding.at,
        "stated": said["stated"],
        "read": _all_read(finding, law),
        "consequences": said["consequences"],
        "no_consequence": finding.detail.get("no_consequence"),
    }


def rests_on(finding: Finding, law: Law) -> dict[str, Any]:
    """Of it what a finding itself states: its figures, and what follows from it."""
    return {
        "stated": [_stated(use, law) for use in finding.law],
        "consequences": [
            {**one, "citation_vi": citation(one["citation"])} for one in finding.detail.get("consequences", ())
        ],
    }


def _all_read(finding: Finding, law: Law) -> list[dict[str, Any]]:
    rule = next(rule for rule in all_rules() if finding.rule == rule.id or finding.rule.startswith(f"{rule.id}_"))
    paths = dict.fromkeys(use.parameter for use in finding.law)
    paths |= dict.fromkeys(rule.uses)
    if rule.floor != "weighing":
        paths |= dict.fromkeys(f"method.{name}" for name in _OF_TRACKS if name in law.method)
    return [_read(dated, law) for dated in (_at(path, finding.at, law) for path in paths) if dated is not None]


def _at(path: str, time: int, law: Law) -> Dated | None:
    if path.startswith("method."):
        return law.method.get(path.removeprefix("method."))
    return law.at(path, time) if path in law.parameters else None


def _stated(use: LawUse, law: Law) -> dict[str, Any]:
    return {
        "parameter": use.parameter,
        "title": _title(use.parameter, law),
        "value": use.value,
        "unit": use.unit,
        "in_force_from": use.in_force_from,
        "in_force_to": _until(use.parameter, use.in_force_from, law),
        "citation": use.citation,
        "citation_vi": use.citation if use.parameter.startswith("method.") else citation(use.citation),
        "verified": use.verified,
    }


def _read(dated: Dated, law: Law) -> dict[str, Any]:
    """base: the value in the units that the rules compute in, where it is one number."""
    number = dated.value if isinstance(dated.value, int) else None
    return {**_stated(dated.use(), law), "base": number}


def _title(path: str, law: Law) -> str | None:
    about = law.about.get(path)
    return about.title_vi if about else None


def _until(path: str, since: str, law: Law) -> str | None:
    """The first day on which another value holds; None: none is known."""
    return next((dated.effective_from for dated in law.parameters.get(path, ()) if dated.effective_from > since), None)
