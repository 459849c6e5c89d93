"""Sums of vehicle-days equal the plain-loop oracle's, and those of the parts of a track add up to the whole."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from rules.engine import know, vehicle_floor
from rules.service import ServiceDay, service_days
from tests.casefolder import LAW, read_inputs
from tests.oracle.service import service
from tests.strategies import cases

EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "150"))


def judged(inputs: dict[str, Any]) -> dict[tuple[str, int], ServiceDay]:
    fixes, _, registry = read_inputs(inputs)
    floor = vehicle_floor(fixes, know(registry, LAW), LAW)
    sums = service_days(floor.fixes, floor.flags, floor.usable, floor.kind, LAW)
    return {(floor.plates[code], day): one for (code, day), one in sums.items()}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_sums_equal(inputs: dict[str, Any]) -> None:
    ours, theirs = judged(inputs), service(inputs)
    assert ours.keys() == theirs.keys()
    for key, one in ours.items():
        mine = {name: value for name, value in asdict(one).items() if value}
        other = theirs[key]
        for name in ("driving", "track"):
            # The oracle adds metres, the engine whole mm of each step.
            metres = other.pop(f"{name}_m", 0)
            assert mine.pop(f"{name}_mm", 0) / 1000 == pytest.approx(metres, abs=0.001 * (1 + one.fixes))
        assert mine == other
        assert one.fixes == one.without_receipt + one.future + sum(one.delays.values())
