"""A rule with a second formula: the old one before its day, the new one from it, and no act twice at the border."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cli.comparing.differences import compare
from journey.localtime import midnight
from journey.model import Fix, Grade, LawUse
from journey.registry import Registry
from journey.track import fix_frame
from rules.checks import all_rules
from rules.engine import evaluate, know
from rules.law import Law
from rules.scene import Formula, Rule
from rules.whatif import figure_changes, frozen_at
from tests.casefolder import LAW
from tests.formulas.plugged import ANNEX, CONTINUOUS, DAY, RULES, SPEEDING, figure, plugged, under
from tests.rollups.sample import drive

BORDER = midnight(DAY)
LONG = [(1300, 30), (600, 60)]  # 30 s over 120 km/h: by either formula
SHORT = [(1300, 20), (600, 60)]  # one step: by the second alone


def found(fixes: list[Fix], rule: str = "speeding", law: Law = LAW) -> list[Any]:
    judged = evaluate(fix_frame(fixes), (), know(Registry(), law), law)
    return [one for one in judged.findings if one.rule == rule and one.grade == Grade.CERTAIN]


def named(finding: Any) -> LawUse | None:
    return next((use for use in finding.law if use.parameter.startswith("formula.")), None)


def driven(start: int, *legs: tuple[int, int], licence: str | None = None) -> list[Fix]:
    return [fix._replace(driver=licence) for fix in drive("12C12345", start, list(legs))]


def test_each_formula_in_its_own_time() -> None:
    fixes = [
        *driven(BORDER - 7200, *LONG), *driven(BORDER - 3600, *SHORT),
        *driven(BORDER + 3600, *SHORT), *driven(BORDER + 7200, *LONG),
    ]  # fmt: skip
    with plugged(("speeding", SPEEDING)):
        both = found(fixes)
    assert [one.start - BORDER for one in both] == [-7200, 3600, 7200]
    assert [one.detail.get("annex", False) for one in both] == [False, True, True]
    assert [named(one) for one in both[1:]] == [
        LawUse("formula.speeding", "2025-01-01", "none", "2025-01-01", ANNEX, False)
    ] * 2
    assert both[0] == found(fixes)[0]
    assert [one.start - BORDER for one in found(fixes)] == [-7200, 7200]


@pytest.mark.parametrize("start", range(-70, 31, 10))
def test_a_run_over_the_border_is_one_finding(start: int) -> None:
    """By the first formula it is complete with its second fix, by the second with its last."""
    fixes = driven(BORDER + start, (1300, 60), (600, 60))
    with plugged(("speeding", SPEEDING)):
        (one,) = found(fixes)
    assert (one.start, one.end) == (BORDER + start, BORDER + start + 50)
    by_first = start + 10 < 0
    assert one.at == (one.start + 10 if by_first else one.end)
    assert (named(one) is None) == by_first


def test_a_drive_over_the_border_is_one_finding() -> None:
    """12 h without a break, 8 before the border: complete after 4 h by the first formula, after 9 h by another."""
    fixes = driven(BORDER - 8 * 3600, (400, 12 * 3600), licence="790123456789")
    nine = under("continuous_driving", figure("driving_time.continuous_max", 9 * 3600))
    with plugged(("continuous_driving", nine)):
        (one,) = found(fixes, "continuous_driving")
        assert (one.at - BORDER, named(one)) == (-4 * 3600, None)
        (later,) = found(fixes[7 * 360 :], "continuous_driving", frozen_at(LAW, date(2024, 12, 31)))
        assert later.at - BORDER == 3 * 3600
    with plugged(("continuous_driving", CONTINUOUS)):  # 2 h
        assert [one.at - BORDER for one in found(fixes[7 * 360 :], "continuous_driving")] == [3600]
        # 3 h before the border: 2 h are full in the time of the first formula, 4 h in that of the second.
        assert found(fixes[5 * 360 :], "continuous_driving") == []


def test_what_is_complete_only_in_the_others_time_is_no_finding() -> None:
    early = under("speeding", lambda law: law, lambda one: one.start)
    fixes = driven(BORDER, *LONG)
    with plugged(("speeding", early)):
        assert [one.at for one in found(fixes)] == [BORDER]
        # Complete by the first formula at the border, by the second before it.
        assert found(driven(BORDER - 10, *LONG)) == []


def test_what_is_certain_stands_before_what_is_possible() -> None:
    def doubtful(scene: Any, law: Law) -> Any:
        judged, notes = RULES["speeding"].check(scene, law)
        return [replace(one, grade=Grade.POSSIBLE) for one in judged], notes

    first = replace(RULES["speeding"], check=doubtful, formulas=(Formula(DAY, SPEEDING, ANNEX),))
    with plugged() as _, pytest.MonkeyPatch.context() as patch:
        patch.setattr("rules.checks.all_rules", lambda: (first,))
        (one,) = found(driven(BORDER - 30, (1300, 60), (600, 60)))
    assert (one.grade, one.at) == (Grade.CERTAIN, BORDER + 20)


def test_under_the_law_of_a_date_its_formula_judges_all_times() -> None:
    fixes = driven(BORDER - 3600, *SHORT) + driven(BORDER + 3600, *SHORT)
    before, after = frozen_at(LAW, date(2024, 12, 31)), frozen_at(LAW, DAY)
    with plugged(("speeding", SPEEDING)):
        assert len(found(fixes, law=before)) == 0
        assert len(found(fixes, law=after)) == 2
        changes = [change for change in figure_changes(before, after, BORDER - 86400, BORDER + 86400)
                   if change.path == "formula.speeding"]  # fmt: skip
        (change,) = changes
        assert (change.old, change.new, change.new_source) == ("first", "2025-01-01", f"{ANNEX} (not verified)")
        old, new = (
            found([*fixes, *driven(BORDER + 7200, *LONG)], law=before),
            found([*fixes, *driven(BORDER + 7200, *LONG)], law=after),
        )
        assert [(one.kind, one.figures) for one in compare(old, new, [change])] == [
            ("added", (change,)),
            ("added", (change,)),
            ("changed", (change,)),
        ]
        current = [c for c in figure_changes(LAW, after, BORDER - 86400, BORDER + 86400) if c.path == change.path]
        assert [(c.old, c.new) for c in current] == [("first", "2025-01-01")]


def test_one_formula_is_called_as_it_is() -> None:
    assert all(rule.formulas == () for rule in all_rules())


def test_formulas_out_of_order_are_refused() -> None:
    one, other = Formula(DAY, SPEEDING, ANNEX), Formula(date(2026, 1, 1), SPEEDING, ANNEX)
    replace(RULES["speeding"], formulas=(one, other))
    for wrong in ((other, one), (one, one)):
        with pytest.raises(ValueError, match="rule speeding: its formulas are not in order"):
            replace(RULES["speeding"], formulas=wrong)


def test_a_silence_that_is_borne_has_to_be_used() -> None:
    with pytest.raises(ValueError, match="name them in uses too"):
        Rule[Any](id="x", floor="track", uses=(), check=SPEEDING, bears=("method.speeding_gap_max",))
