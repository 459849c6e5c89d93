"""Whatever the order and the batches: a month rolled up from the store is the month rolled up from the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.monthly import earlier_proposals, roll_up_stored
from cli.checking.windows import check
from cli.rollups.lines import lines
from journey.localtime import midnight
from journey.registry import Registry
from journey.track import encode, fix_frame
from rules.engine import know, vehicle_floor
from rules.months import MonthSum, month_sums
from rules.quality import fix_flags
from rules.rollups import RollUps, proposed_vehicles, roll_up
from storage.commit import Batch, commit_batch
from storage.database import Connection, connect, transaction
from storage.registry import load_registry
from tests.casefolder import LAW, kept, read_inputs
from tests.checking.test_windows_equal_whole import _feed, reset
from tests.rollups.sample import drive
from tests.rollups.test_against_oracle import busy_cases

EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "40"))
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
PLATE = "12C12345"


@pytest.fixture(scope="module")
def store(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        yield connection


def of_month(rolled: RollUps, month: date) -> RollUps:
    return RollUps(
        [one for one in rolled.speeding if one.month == month],
        [one for one in rolled.overload if one.month == month],
        [one for one in rolled.operators if one.month == month],
    )


def stored(store: Connection, month: date) -> RollUps:
    with transaction(store):
        return roll_up_stored(store, month, load_registry(store), LAW)


def before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


@SETTINGS
@given(inputs=busy_cases(), seed=st.integers(0, 1 << 30), parts=st.integers(1, 5), rounds=st.sampled_from((1, 2, 600)))
def test_every_month_is_equal_to_the_digit(
    store: Connection, inputs: dict[str, Any], seed: int, parts: int, rounds: int
) -> None:
    fixes, weighings, registry = read_inputs(inputs)
    known = know(registry, LAW)
    floor = vehicle_floor(fixes, known, LAW)
    floor = replace(floor, findings=kept(floor.findings))
    whole = roll_up(month_sums(floor, weighings, known, LAW), registry.vehicles, LAW)
    reset(store)
    _feed(
        store, registry, fixes, weighings, Random(seed), parts, lambda: check(store, LAW, "test", round_windows=rounds)
    )
    months = {one.month for one in (*whole.speeding, *whole.overload)} | {date(2025, 6, 1)}
    by_month = {month: stored(store, month) for month in sorted(months | {before(month) for month in months})}
    for month, rolled in by_month.items():
        assert replace(rolled, notes=[]) == of_month(whole, month)  # metres in mm, coverage as a fraction
    printed = sorted((line for rolled in by_month.values() for line in lines(rolled)), key=_order)
    assert printed == lines(whole)
    _earlier_agree(store, by_month)


def _order(line: dict[str, Any]) -> tuple[str, str, str]:
    return line["rollup"], line.get("vehicle", line.get("operator")), line["month"]


def _earlier_agree(store: Connection, by_month: dict[date, RollUps]) -> None:
    """One vehicle at a time is rolled up as all together are."""
    for month, rolled in by_month.items():
        plates = sorted(proposed_vehicles(rolled))
        with transaction(store):
            found = earlier_proposals(store, month, plates, load_registry(store), LAW)
        held = by_month.get(before(month))
        expected = set(plates) & proposed_vehicles(held) if held and month >= date(2025, 1, 1) else set()
        assert {plate for plate, months in found.items() if before(month) in months} == expected


def test_a_fix_that_turns_out_wrong_takes_its_days_along(store: Connection) -> None:
    """Parked from the 3rd to the 9th by two fixes; then an earlier copy of the second says that it was nowhere."""
    reset(store)
    noon = midnight(date(2025, 3, 3)) + 43_200
    start, end = drive(PLATE, noon, [(0, 60)], step=60)
    parked = end._replace(time=noon + 6 * 86_400, received=noon + 7 * 86_400)
    sent = [start, parked], [parked._replace(lon=0.0, lat=0.0, received=noon + 6 * 86_400)]
    for position, fixes in enumerate(sent):
        frame = fix_frame(fixes)
        flags = fix_flags(encode(frame).frame, (102, 8, 110, 24), LAW)
        commit_batch(store, Batch("test", frame.with_columns(flags=flags)))
        check(store, LAW, "test")
        known = know(Registry(), LAW)
        sums = month_sums(vehicle_floor(fix_frame([one for some in sent[: position + 1] for one in some]), known, LAW),
                          (), known, LAW)  # fmt: skip
        march = date(2025, 3, 1)
        assert sums.get((PLATE, march), MonthSum()).known_s == (6 * 86_400 if position == 0 else 0)
        assert stored(store, march).speeding == roll_up(sums, (), LAW).speeding
