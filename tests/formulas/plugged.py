"""Second formulas for rules, made by hand, and rules judged by them while a test runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

import rules.checks
import rules.whatif
from journey.model import Finding
from rules.checks import all_rules
from rules.law import Law
from rules.scene import Formula, Judged, Rule

DAY = date(2025, 1, 1)
ANNEX = "Circular of the test, Annex II"
RULES: dict[str, Rule[Any]] = {rule.id: rule for rule in all_rules()}


def under(rule: str, change: Callable[[Law], Law], at: Callable[[Finding], int] = lambda one: one.at) -> Any:
    """A rule's first formula, on other figures, and with another instant at which the offence is complete."""

    def check(scene: Any, law: Law) -> Judged:
        found, notes = RULES[rule].check(scene, change(law))
        return [replace(one, at=at(one), detail={**one.detail, "annex": True}) for one in found], notes

    return check


def method(**figures: int) -> Callable[[Law], Law]:
    def change(law: Law) -> Law:
        held = {name: replace(law.method[name], value=value) for name, value in figures.items()}
        return replace(law, method={**law.method, **held})

    return change


def figure(path: str, value: Any) -> Callable[[Law], Law]:
    def change(law: Law) -> Law:
        held = tuple(replace(dated, value=value) for dated in law.dated(path))
        return replace(law, parameters={**law.parameters, path: held})

    return change


def at_end(one: Finding) -> int:
    return one.end


# A run of any length, complete with its last fix; half the driving, complete where it is exceeded.
SPEEDING = under("speeding", method(speeding_min_duration=0), at_end)
CONTINUOUS = under("continuous_driving", figure("driving_time.continuous_max", 7200))
WEEKLY = under("weekly_driving", figure("driving_time.week_max", 14_400))
OVERLOAD = under("overload", method(person_mass=0))


@contextmanager
def plugged(*pairs: tuple[str, Any], day: date = DAY) -> Iterator[None]:
    """Rules with a second formula each, from a day on."""
    second = {rule: Formula(day, check, ANNEX) for rule, check in pairs}
    named = tuple(replace(rule, formulas=(second[rule.id],)) if rule.id in second else rule for rule in RULES.values())
    with pytest.MonkeyPatch.context() as patch:
        for module in (rules.checks, rules.whatif):
            patch.setattr(module, "all_rules", lambda: named)
        yield
