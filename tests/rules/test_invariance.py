"""Findings do not depend on the order of arrival nor on repeated sending (rules.md, section 5)."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.engine import evaluate, know
from tests.casefolder import LAW, read_inputs
from tests.strategies import cases


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(inputs=cases(), random=st.randoms(use_true_random=False), again=st.integers(1, 3))
def test_order_and_repetition_change_nothing(inputs: dict[str, Any], random: Any, again: int) -> None:
    fixes, weighings, registry = read_inputs(inputs)
    known = know(registry, LAW)
    once = evaluate(fixes, weighings, known, LAW)
    rows = list(range(len(fixes))) * again
    random.shuffle(rows)
    repeated = weighings * again
    random.shuffle(repeated)
    more = evaluate(fixes[rows], repeated, known, LAW)
    assert [finding.as_dict() for finding in more.findings] == [finding.as_dict() for finding in once.findings]
    assert [finding.id for finding in more.findings] == [finding.id for finding in once.findings]
    for key in ("fixes", "flags", "driving_s", "driving_m"):
        assert more.summary[key] == once.summary[key]
    assert more.summary["duplicates"] == once.summary["duplicates"] + (again - 1) * len(fixes)
