"""Which formula of a rule judges when: `check` from the beginning, each dated formula from its own local midnight.

Law:   Rule.formulas, each with its first day in force and its citation.
Units: Unix s.  Shape: rule and scene -> findings and notes, as one `check` would give them.
Gaps:  every formula sees the whole scene, and of its findings those stand whose `at` lies in its own period. An act
       that is complete by each formula only in the other's period gives none, in favour of whoever is judged; one that
       is complete by both, each in its own period, is one act and gives one finding (`_once`).

A formula has to let a track be cut where rules.cuts cuts it and a driver's activities at a long break, as the first
one does: what it finds may depend on nothing beyond.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from journey.localtime import midnight
from journey.model import Finding, Grade, LawUse
from rules.law import Law
from rules.scene import Formula, Judged, Rule


def judge[Scene](rule: Rule[Scene], scene: Scene, law: Law) -> Judged:
    """What a rule finds in a scene, each finding by the formula in force when its offence was complete."""
    if not rule.formulas:
        return rule.check(scene, law)
    stands = law.formulas_at is not None
    formulas = [formula_at(rule, law, 0)] if stands else [None, *rule.formulas]
    starts = [None if stands or formula is None else midnight(formula.effective_from) for formula in formulas]
    by_formula: list[list[Finding]] = []
    notes = []
    for formula, start, end in zip(formulas, starts, [*starts[1:], None], strict=True):
        found, said = (rule.check if formula is None else formula.check)(scene, law)
        own = [one for one in found if (start is None or start <= one.at) and (end is None or one.at < end)]
        by_formula.append([one if formula is None else _named(one, rule, formula) for one in own])
        notes += said
    return _once(by_formula, [start for start in starts if start is not None]), list(dict.fromkeys(notes))


def formula_at[Scene](rule: Rule[Scene], law: Law, time: int) -> Formula[Scene] | None:
    """The formula that judges what is complete at an instant; None: `check`."""
    instant = time if law.formulas_at is None else law.formulas_at
    found = None
    for formula in rule.formulas:
        if midnight(formula.effective_from) <= instant:
            found = formula
    return found


def parameter(rule: Rule[Any]) -> str:
    """The name under which the law list of a finding states the formula."""
    return f"formula.{rule.id}"


def _named(finding: Finding, rule: Rule[Any], formula: Formula[Any]) -> Finding:
    day = formula.effective_from.isoformat()
    use = LawUse(parameter(rule), day, "none", day, formula.citation, formula.verified)
    return replace(finding, law=(*finding.law, use))


def _once(by_formula: list[list[Finding]], borders: list[int]) -> list[Finding]:
    """Findings in order of their formulas, less those of an act that another formula has found already.

    One act: same rule, vehicle and driver, overlapping times. What is certain stands before what is possible, then
    what was complete first. Args: borders: first instants of the dated formulas; of two findings of one act, by two
    formulas, at least one goes over a border.
    """
    kept: list[tuple[int, Finding]] = []
    acts: defaultdict[tuple[Any, ...], list[tuple[int, Finding]]] = defaultdict(list)
    numbered = [(place, one) for place, found in enumerate(by_formula) for one in found]
    for place, one in sorted(numbered, key=lambda each: each[1].grade != Grade.CERTAIN):
        subject = one.rule, one.vehicle, one.driver
        crosses = any(one.start < border <= one.end for border in borders)
        others = acts[*subject, True] + acts[*subject, False] if crosses else acts[*subject, True]
        if not any(other != place and act.start < one.end and one.start < act.end for other, act in others):
            acts[*subject, crosses].append((place, one))
            kept.append((place, one))
    return [one for _, one in sorted(kept, key=lambda each: each[0])]
