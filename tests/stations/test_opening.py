"""Opening times, and when a station closed last, against a walk over seconds."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.registry import Station
from rules.stations.joining import NONE
from rules.stations.opening import closed_since, is_open, open_at
from tests.stations.test_passages import BEGIN

HOUR = 3600
SPANS = st.lists(st.tuples(st.integers(0, 23), st.integers(0, 23)), min_size=1, max_size=3)


def station(text: str | None) -> Station:
    return Station("KT1", "one", open=None if text is None else json.dumps(text))


def plainly(spans: list[tuple[int, int]], hour: int) -> bool:
    return any(begin <= hour < end if begin < end else hour >= begin or hour < end for begin, end in spans)


@given(SPANS, st.integers(0, 47))
def test_opening_and_closing_are_those_of_a_walk_over_the_hours(spans: list[tuple[int, int]], hour: int) -> None:
    one = station(", ".join(f"{begin:02d}:00-{end:02d}:00" for begin, end in spans))
    at = np.array([BEGIN + hour * HOUR], np.int64)
    assert open_at(one, at).tolist() == [plainly(spans, hour % 24)]
    since = closed_since(one, at).tolist()[0]
    if plainly(spans, hour % 24) or not any(plainly(spans, past % 24) for past in range(24)):
        assert since == NONE
    else:
        back = hour
        while not plainly(spans, (back - 1) % 24):
            back -= 1
        assert since == BEGIN + back * HOUR


def test_always_open_never_closes_and_what_cannot_be_read_is_closed() -> None:
    at = np.array([BEGIN], np.int64)
    for text in (None, "24/24", "24/7"):
        assert is_open(station(text), BEGIN)
        assert closed_since(station(text), at).tolist() == [NONE]
    assert not is_open(station("at times"), BEGIN)
    assert not is_open(Station("KT1", "one", open="no JSON"), BEGIN)
    assert closed_since(station("at times"), at).tolist() == [NONE]


@pytest.mark.parametrize(("first", "last", "expected"), [
    (date(2025, 3, 3), None, True), (date(2025, 3, 4), None, False), (None, date(2025, 3, 3), True),
    (None, date(2025, 3, 2), False),
])  # fmt: skip
def test_a_station_is_open_on_the_days_on_which_it_stands(
    first: date | None, last: date | None, expected: bool
) -> None:
    assert is_open(Station("KT1", "one", valid_from=first, valid_to=last), BEGIN + HOUR) is expected
