"""Reviews of random days are those of plain loops."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.model import Weighing
from journey.registry import Registration
from rules.stations.reviews import reviews
from tests.stations.plainly import plain_reviews
from tests.stations.test_passages import floor_of
from tests.stations.test_reviews import HOUR, ROUND, TRAFFIC, a_day, standing, wait, way, weighed


def someone(dice: random.Random, plate: str) -> tuple[list[dict[str, Any]], list[Weighing]]:
    """One who does something about the scale, near the edges of what counts."""
    what = dice.choice(("round", "round", "wait", "wait", "queue", "silent", "past"))
    if what == "round":
        start, turn = dice.choice((5.7, 5.95, 10, 12, 19.6, 19.9)) * HOUR, dice.choice((900, 1400, 1600, 4000))
        points = [(0.0, -5000.0), (0.0, -2400.0), (turn, -2400.0), (turn, 2400.0), (0.0, 2400.0), (0.0, 5000.0)]
        there = way(plate, start, points[:4])
        stay, last = dice.choice((0, 200, 270, 310, 400)), (len(there) - 1) * 20 + start
        rest = way(plate, last + 20 + stay, points[3:])
        rows = there + (standing(plate, last + 20, last + stay, 2400, turn) if stay else []) + rest
    elif what == "wait":
        rows = wait(dice.choice((-250.0, -350.0, -1500.0, -2900.0, -3100.0)),
                    dice.choice((15.9, 16.3, 19.0, 19.45)), dice.choice((19.95, 20.05, 20.9, 21.05)))  # fmt: skip
        rows = [{**one, "vehicle": plate} for one in rows]
    elif what == "queue":
        begin = dice.choice((9.9, 19.5)) * HOUR
        rows = standing(plate, begin, begin + dice.choice((0.3, 1.0)) * HOUR, -dice.randrange(400, 3200))
    elif what == "silent":
        quiet = dice.choice((1700, 1900, 4000))
        rows = standing(plate, 8 * HOUR, 12 * HOUR - quiet, -8000) + standing(
            plate, 12 * HOUR + quiet, 14 * HOUR, -8000
        )
        return rows, [weighed(plate, 12 * HOUR)]
    else:
        rows = way(plate, dice.choice((10, 11)) * HOUR, dice.choice((ROUND, ROUND[::-1])))
    lost = dice.choice((0.0, 0.0, 0.1, 0.5))
    kept = [one for one in rows if dice.random() >= lost]
    return kept, [weighed(plate, 10 * HOUR + 300)] if dice.random() < 0.1 else []


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32))
def test_reviews_are_those_of_plain_loops(seed: int) -> None:
    dice = random.Random(seed)
    fixes, masses, rows = [], [], []
    # No plate is another one with one figure changed.
    for number in range(dice.randrange(2, 9)):
        plate = f"12C{number}{number}{number}0{number}"
        track, own = someone(dice, plate)
        fixes += track
        masses += own
        if dice.random() < 0.9:
            rows.append(Registration(plate, dice.choice(("OP1", "OP2")), dice.choice(("truck", "truck", "coach"))))
    rows += [Registration(one.plate, "OP1", "truck") for one in TRAFFIC[1]]
    day = a_day(fixes, masses, rows=rows)
    floor = floor_of(TRAFFIC[0] + fixes)
    found = [(one.kind, one.vehicle, one.at, one.excuse) for one in reviews(day) if one.kind != "unweighed"]
    assert sorted(found, key=lambda one: (one[2], one[0], one[1])) == plain_reviews(day, floor)
