"""What the database counts for a month is what is counted one finding, one case and one day at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.monthly import roll_up_stored
from storage.database import Connection, connect, transaction
from tests.casefolder import LAW
from tests.checking.test_windows_equal_whole import reset
from tests.rollups.plain import rolled_up
from tests.rollups.stores import NOW, PLATES, fill, months

EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "40"))


@pytest.fixture(scope="module")
def store(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        yield connection


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 30))
def test_a_month_is_the_same(store: Connection, seed: int) -> None:
    reset(store)
    registry = fill(store, seed)
    with transaction(store):
        for month in months():
            for plates in (None, PLATES[:2], ["99X99999"], []):
                for at in (None, NOW):
                    expected = rolled_up(store, month, registry, LAW, plates, at)
                    assert roll_up_stored(store, month, registry, LAW, plates, at) == expected


def test_all_that_is_counted_occurs(store: Connection) -> None:
    """So that the test above compares something."""
    breaches, weighings, held = 0, 0, 0
    for seed in range(10):
        reset(store)
        registry = fill(store, seed)
        with transaction(store):
            for month in months():
                every = roll_up_stored(store, month, registry, LAW)
                allowed = roll_up_stored(store, month, registry, LAW, at=NOW)
                breaches += sum(one.n for one in allowed.speeding)
                weighings += sum(one.n for one in allowed.overload)
                held += sum(one.n for one in every.speeding) - sum(one.n for one in allowed.speeding)
    assert min(breaches, weighings, held) > 0
