"""With a second formula in its middle the store still ends with what one evaluation gives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.checking.windows import check
from rules.engine import evaluate, know
from storage.database import Connection, connect
from tests.casefolder import LAW, kept, read_inputs
from tests.checking.test_windows_equal_whole import _feed, reset
from tests.checking.test_windows_equal_whole import stored as stored_in
from tests.formulas.plugged import CONTINUOUS, OVERLOAD, SPEEDING, WEEKLY, plugged
from tests.strategies import cases

EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "40"))
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
SECOND = (("speeding", SPEEDING), ("continuous_driving", CONTINUOUS), ("weekly_driving", WEEKLY),
          ("overload", OVERLOAD))  # fmt: skip


@pytest.fixture(scope="module")
def store(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        yield connection


@SETTINGS
@given(inputs=cases(), seed=st.integers(0, 1 << 30), parts=st.integers(1, 5), rounds=st.sampled_from((1, 2, 600)))
def test_store_ends_as_one_evaluation(
    store: Connection, inputs: dict[str, Any], seed: int, parts: int, rounds: int
) -> None:
    fixes, weighings, registry = read_inputs(inputs)
    with plugged(*SECOND):
        whole = evaluate(fixes, weighings, know(registry, LAW), LAW)
        reset(store)
        _feed(store, registry, fixes, weighings, Random(seed), parts,
              lambda: check(store, LAW, "test", round_windows=rounds))  # fmt: skip
        stored = stored_in(store)
    assert [finding.as_dict() for finding in stored] == [finding.as_dict() for finding in kept(whole.findings)]
