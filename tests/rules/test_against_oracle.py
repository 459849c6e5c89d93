"""The vectorised engine equals the plain-loop oracle, an independent reading of the rules, on random cases."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, given, settings

from tests.casefolder import judge
from tests.oracle import oracle
from tests.strategies import cases

EXACT = ("rule", "grade", "vehicle", "driver", "operator", "start", "end", "at", "measured", "limit", "excess", "unit",
         "band")  # fmt: skip
EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "150"))


def _plain(finding: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(finding[key] for key in EXACT)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_findings_equal(inputs: dict[str, Any]) -> None:
    result = judge(inputs)
    ours = [finding.as_dict() for finding in result.findings]
    theirs = oracle.evaluate(inputs)
    assert sorted(map(repr, map(_plain, ours))) == sorted(map(repr, map(_plain, theirs)))
    for mine, other in zip(ours, theirs, strict=True):
        for key in ("fixes", "peak_speed", "vehicles"):
            if key in other["detail"] and _plain(mine) == _plain(other):
                assert mine["detail"][key] == other["detail"][key]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_summary_equals(inputs: dict[str, Any]) -> None:
    ours, theirs = judge(inputs).summary, oracle.summary(inputs)
    for key in ("fixes", "duplicates", "conflicts", "flags"):
        assert ours[key] == theirs[key], key
    for plate, seconds in theirs["driving_s"].items():
        assert ours["driving_s"].get(plate, 0) == seconds
        assert abs(ours["driving_m"].get(plate, 0) - theirs["driving_m"][plate]) < 0.2
