"""Roll-ups of random cases, and of random sums around the borders, equal the oracle's."""

from __future__ import annotations

import os
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.rollups.lines import lines
from rules.engine import know, vehicle_floor
from rules.months import MonthSum, month_sums
from rules.rollups import roll_up
from tests.casefolder import LAW, read_inputs
from tests.oracle.rollups import badge_for_speeding, rollups
from tests.strategies import PLATES, cases

EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "100"))
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
MONTHS = st.sampled_from((date(2020, 3, 1), date(2020, 4, 1), date(2024, 12, 1), date(2025, 1, 1), date(2028, 2, 1)))


@st.composite
def busy_cases(draw: st.DrawFn) -> dict[str, Any]:
    """Random cases in which a vehicle also speeds again and again, and is weighed again and again."""
    inputs = draw(cases())
    for station in inputs["stations"]:
        station["automatic_one_stage"] = draw(st.sampled_from((True, True, False)))
    plate = draw(st.sampled_from(PLATES))
    start = draw(st.sampled_from((1740762000, 1735664100, 1733000000)))  # the first two: before a month's end
    speeds = draw(st.lists(st.sampled_from(("125", "125.1", "140", "140")), max_size=9))
    north, time = 0.0, start
    for speed in speeds:
        for fast in (speed, speed, speed, "60"):
            inputs["positions"].append(
                {"vehicle": plate, "driver": "", "time": str(time), "lon": "106.9", "lat": f"{15 + north:.6f}",
                 "speed_kmh": fast, "heading": "", "ignition": "", "received": ""}
            )  # fmt: skip
            time, north = time + 30, north + 0.01
    for number in range(draw(st.integers(0, 5))):
        inputs["weighings"].append(
            {"station": draw(st.sampled_from(("KT1", "KT2"))), "lane": number, "time": start + 3600 * number,
             "plate": plate, "trailer": draw(st.sampled_from((None, None, "12R00001"))), "axle_kg": [10000, 11001],
             "spacing_mm": [3300], "gross_kg": 21001, "persons": 1, "containers": None, "ticket": "T"}
        )  # fmt: skip
    return inputs


@SETTINGS
@given(busy_cases())
def test_lines_equal(inputs: dict[str, Any]) -> None:
    fixes, weighings, registry = read_inputs(inputs)
    known = know(registry, LAW)
    ours = lines(roll_up(month_sums(vehicle_floor(fixes, known, LAW), weighings, known, LAW), registry.vehicles, LAW))
    theirs = rollups(inputs)
    assert [_without_km(one) for one in ours] == [_without_km(one) for one in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert list(mine) == list(other)
        assert mine.get("km") == pytest.approx(other.get("km"), abs=0.0011)


def _without_km(line: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != "km"}


@SETTINGS
@given(n=st.integers(0, 60), over_mm=st.sampled_from((-(10**9), -1, 0, 1, 10**6)), month=MONTHS)
def test_the_border_of_the_rate_is_exact(n: int, over_mm: int, month: date) -> None:
    driven_mm = max(0, n * 200 * 10**6 + over_mm)  # 5 in 1000 km is one in 200 km
    one = roll_up({("12C12345", month): MonthSum(fixes=1, driven_mm=driven_mm, breaches=n)}, (), LAW).speeding[0]
    assert one.proposed == badge_for_speeding(n, Fraction(driven_mm, 10**6), f"{month:%Y-%m}")
