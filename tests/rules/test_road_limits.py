"""The limit on one road: signs by direction and for goods vehicles, and what was assumed counts for the driver."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from journey.localtime import midnight
from journey.registry import Road
from rules import law as rulebook
from rules.roads.index import BACKWARD, FORWARD
from rules.roads.limits import assumed_of, limit_on

LAW = rulebook.load()
NOW = midnight(date(2025, 6, 1))
BOTH = FORWARD + BACKWARD
PLAIN = Road("R", None, "undivided", False, None, False, 2, ())
SIGNED = replace(PLAIN, maxspeed=60.0, maxspeed_forward=80.0, maxspeed_hgv=50.0, maxspeed_hgv_backward=40.0)


@pytest.mark.parametrize(
    ("road", "ways", "goods", "expected"),
    [
        (SIGNED, FORWARD, False, 80),
        (SIGNED, BACKWARD, False, 60),
        (SIGNED, BOTH, False, 80),
        (SIGNED, FORWARD, True, 50),
        (SIGNED, BACKWARD, True, 40),
        (SIGNED, BOTH, True, 50),
        # No sign in one of two possible directions: the table, where it is higher.
        (replace(PLAIN, maxspeed_forward=40.0), FORWARD, False, 40),
        (replace(PLAIN, maxspeed_forward=40.0), BACKWARD, False, 60),
        (replace(PLAIN, maxspeed_forward=40.0), BOTH, False, 60),
        # A sign for goods vehicles alone says nothing of others.
        (replace(PLAIN, maxspeed_hgv=40.0), FORWARD, False, 60),
        (replace(PLAIN, maxspeed_hgv=40.0), FORWARD, True, 40),
        (replace(PLAIN, maxspeed=50.0, maxspeed_hgv=60.0), FORWARD, False, 60),
        (PLAIN, BOTH, False, 60),
    ],
)
def test_signs(road: Road, ways: int, goods: bool, expected: int) -> None:
    assert limit_on(road, ways, "C", goods, NOW, LAW)[0] == expected * 10


@pytest.mark.parametrize(
    ("assumed", "urban", "oneway", "expected"),
    [
        (set(), True, False, 50),
        ({"urban"}, True, False, 60),
        ({"kind"}, True, False, 60),
        ({"kind"}, False, False, 70),
        ({"kind", "urban"}, True, False, 70),
        ({"lanes"}, False, False, 60),
        ({"lanes"}, False, True, 70),
        ({"maxspeed"}, True, False, 70),
        ({"maxspeed", "kind", "urban", "lanes"}, True, True, 70),
    ],
)
def test_what_was_assumed_gives_the_highest_that_may_be(
    assumed: set[str], urban: bool, oneway: bool, expected: int
) -> None:
    road = replace(PLAIN, urban=urban, oneway=oneway, lanes=1, assumed=frozenset(assumed))
    dkmh, source = limit_on(road, BOTH, "C", False, NOW, LAW)
    assert dkmh == expected * 10
    assert assumed_of(road, source) == sorted(assumed)


def test_a_sign_rests_on_nothing_assumed_and_a_kind_not_known_may_be_an_expressway() -> None:
    road = replace(PLAIN, maxspeed=40.0, assumed=frozenset(("kind", "urban")))
    dkmh, source = limit_on(road, BOTH, "C", False, NOW, LAW)
    assert (dkmh, assumed_of(road, source)) == (400, [])
    unknown = replace(PLAIN, kind=None, assumed=frozenset(("kind", "maxspeed")))
    assert limit_on(unknown, BOTH, "D", False, NOW, LAW)[0] == 1200
