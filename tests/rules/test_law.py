"""The law in force at an instant: from the local midnight of its first day, and not a second before."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import law as rulebook
from rules.lawfile import LawError

LAW = rulebook.load()
# Local midnight of 2025-01-01 is 17:00 UTC of the day before.
NEW_YEAR_2025 = int(datetime(2024, 12, 31, 17, tzinfo=UTC).timestamp())
INSTANTS = sorted({dated.start + step for values in LAW.parameters.values() for dated in values
                   for step in (-1, 0, 1)})  # fmt: skip


@pytest.mark.parametrize("path", sorted(LAW.parameters))
def test_a_value_is_in_force_from_local_midnight(path: str) -> None:
    values = LAW.dated(path)
    assert LAW.at(path, values[0].start - 1) is None
    for before, dated in zip((None, *values), values, strict=False):
        assert LAW.at(path, dated.start - 1) is before
        assert LAW.at(path, dated.start) is dated
        written = datetime.fromisoformat(dated.effective_from).replace(tzinfo=UTC)
        assert dated.start == written.timestamp() - 7 * 3600
    assert LAW.at(path, 1 << 40) is values[-1]


def test_the_new_law_of_2025_begins_at_local_midnight() -> None:
    before, after = LAW.at("driving_time.continuous_max", NEW_YEAR_2025 - 1), LAW.at("driving_time.continuous_max",
                                                                                     NEW_YEAR_2025)  # fmt: skip
    assert before is not None
    assert after is not None
    assert (before.citation, after.citation) == ("Law 23/2008/QH12, Art. 65(1)", "Law 36/2024/QH15, Art. 64(1)")
    assert LAW.at("driving_time.week_max", NEW_YEAR_2025 - 1) is None
    week = LAW.at("driving_time.week_max", NEW_YEAR_2025)
    assert week is not None
    assert week.use()._asdict() == {
        "parameter": "driving_time.week_max", "value": 48, "unit": "h", "in_force_from": "2025-01-01",
        "citation": "Law 36/2024/QH15, Art. 64(1)", "verified": True,
    }  # fmt: skip


@given(
    path=st.sampled_from(sorted(LAW.parameters)),
    times=st.lists(st.one_of(st.sampled_from(INSTANTS), st.integers(0, 4_000_000_000)), max_size=50),
)
def test_a_series_is_one_look_up_an_instant(path: str, times: list[int]) -> None:
    values = LAW.dated(path)
    expected = []
    for time in times:
        index = -1
        for place, dated in enumerate(values):
            if dated.start <= time:
                index = place
        expected.append(index)
    series = LAW.series(path, np.array(times, np.int64))
    assert series.tolist() == expected
    found = [LAW.at(path, time) for time in times]
    assert found == [None if index < 0 else values[index] for index in expected]


def test_a_parameter_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(LawError, match=r"no parameter 'speed.limit'; known: driving_time.break_min, .*speed.sign"):
        LAW.at("speed.limit", 0)


def test_values_are_in_the_units_that_rules_compute_in() -> None:
    def value(path: str) -> object:
        dated = LAW.at(path, NEW_YEAR_2025)
        assert dated is not None
        return dated.value

    assert value("driving_time.continuous_max") == 4 * 3600
    assert value("driving_time.break_min") == {"taxi": 300, "bus": 300, "other": 900, "unregistered": 300}
    assert value("driving_time.week_max") == 48 * 3600
    assert value("mass.axle_single") == 10_000
    assert value("mass.kingpin_min") == 3200
    assert value("mass.kingpin_deduction") == 2  # kg a missing mm
    assert value("speed.expressway_max") == 1200
