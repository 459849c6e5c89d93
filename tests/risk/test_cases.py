"""The worked examples of the formulas, as a lawyer would write them down (tests/risk/cases)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rules.risk.checks import rate_checks, show
from rules.risk.file import read_formula
from rules.yamlfile import read_mapping
from tests.risk.accounts import of_checks

CASES = sorted(Path(__file__).with_name("cases").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_worked_example(path: Path) -> None:
    case = read_mapping(path)
    formula = read_formula(case["formula"])
    as_of = date.fromisoformat(case["as_of"])
    score = rate_checks(of_checks(case["checks"]), formula, as_of, case.get("whole_fleet", False))
    assert (None if score.value is None else show(score.value, formula)) == case["score"]
    assert score.band == case["band"]
    if "lines" in case:
        assert [text + (f" = {amount}" if amount else "") for text, amount in score.lines] == case["lines"]


def test_there_are_cases_of_both_formulas() -> None:
    assert {read_mapping(path)["formula"] for path in CASES} == {"eu", "ocrs"}
