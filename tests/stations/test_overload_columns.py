"""Many weighings judged in columns give what each gives by itself."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.checks import overload
from rules.checks.overload import check, record_of, standing, verdicts
from tests.casefolder import LAW
from tests.stations.scales import scene


def one_by_one(given: overload.WeighingScene) -> overload.Judged:
    findings, notes = [], []
    for sent in standing(given.weighings):
        some, said = check(replace(given, weighings=(sent,)), LAW)
        findings += some
        notes += said
    return findings, notes


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_columns_find_what_each_gives_alone(seed: int) -> None:
    weighed = scene(random.Random(seed), 150)
    assert check(weighed, LAW) == one_by_one(weighed)


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_figures_of_columns_are_those_of_the_findings(seed: int) -> None:
    weighed = scene(random.Random(seed), 80)
    sent = standing(weighed.weighings)
    found = {(one.detail["record"], one.rule): one for one in one_by_one(weighed)[0]}
    judged = verdicts(sent, weighed, LAW)
    for kind, test in (("payload", judged.payload), ("gross", judged.gross), ("axle", judged.axle)):
        for place, one in enumerate(sent):
            finding = found.pop((record_of(one), f"overload_{kind}"), None)
            assert (finding is not None) == test.over[place]
            if finding is not None:
                assert (finding.measured, finding.limit) == (test.measured[place], test.limit[place])
    assert not found


def test_the_random_weighings_hold_what_they_are_for() -> None:
    """The comparison means something: findings of each kind and grade, faults of each kind, and lawful ones."""
    findings, notes = one_by_one(scene(random.Random(1), 3000))
    assert {one.rule for one in findings} == {"overload_payload", "overload_gross", "overload_axle"}
    assert {str(one.grade) for one in findings} == {"certain", "possible"}
    assert {note.kind for note in notes} >= {
        "weighing_axle_sum", "weighing_zero_spacing", "weighing_axle_mass", "weighing_axles_missing",
        "weighing_plate_unread", "weighing_plate_unsure", "weighing_certificate_over", "registry_gap", "axle_group",
        "weighing_geometry",
    }  # fmt: skip
    judged = verdicts(standing(scene(random.Random(1), 3000).weighings), scene(random.Random(1), 3000), LAW)
    assert 30 < int((~judged.plain).sum()) < 2900


@pytest.mark.parametrize("number", [0, 1, 63, 64])
def test_few_and_none(number: int) -> None:
    weighed = scene(random.Random(5), number)
    assert check(weighed, LAW) == one_by_one(weighed)
