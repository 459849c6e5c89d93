"""Ways along roads: the same as found by plain relaxation, and round only where nothing else leads on."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.registry import Road
from rules.roads.index import DEGREE_M, index
from rules.roads.ways import Ways, lay_ways, ways_m
from tests.matching.network import place
from tests.oracle import alongway as oracle
from tests.oracle.matching import Line

_point = st.tuples(st.sampled_from((0, 40, 80, 200)), st.sampled_from((0, 40, 120)))
_road = st.tuples(st.lists(_point, min_size=2, max_size=4, unique=True), st.booleans(), st.sampled_from((0, 0, 1)))
type Rows = list[tuple[list[tuple[int, int]], bool, int]]


def _laid(given: Rows) -> tuple[Ways, list[Line], float]:
    rows = [
        Road(
            f"osm/{n}", None, "undivided", False, 60, oneway, None, tuple(place(*point) for point in line), layer=layer
        )
        for n, (line, oneway, layer) in enumerate(given)
    ]
    known = index(rows)
    assert known is not None
    lines = [Line(row.id, list(row.line), row.oneway, row.layer, 600) for row in rows]
    east_m = math.cos(math.radians(rows[0].line[0][1])) * DEGREE_M
    return lay_ways(known, np.arange(len(rows)), east_m, oracle.STEP_M), lines, east_m


@settings(max_examples=100, deadline=None)
@given(st.lists(_road, min_size=1, max_size=4), st.sampled_from((90.0, 400.0)))
def test_ways_are_the_shortest(given: Rows, most_m: float) -> None:
    ways, lines, east_m = _laid(given)
    of = oracle.stretches(list(enumerate(lines)), east_m)
    far, spots = oracle.between(of), oracle.spots(of)
    places = np.array([spot.at for spot in spots])
    np.testing.assert_allclose(np.column_stack((ways.x_m, ways.y_m)), places, atol=1e-3, rtol=0)
    every = np.arange(len(spots))
    ours = ways_m(ways, every, every, most_m)
    theirs = np.array([[oracle.way(of, far, a, b) for b in spots] for a in spots])
    theirs[theirs > most_m] = np.inf
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def _ahead(ways: Ways, from_: tuple[float, float], to: tuple[float, float], east_m: float) -> list[float]:
    """The ways between the places nearest to two points, in each of their directions, ascending."""
    ends = []
    for point in (from_, to):
        lon, lat = place(*point)
        apart = np.hypot(ways.x_m - lon * east_m, ways.y_m - lat * DEGREE_M)
        ends.append(np.flatnonzero(apart < apart.min() + 0.1))
    return sorted(ways_m(ways, *ends, 1000.0).ravel().round().tolist())


def test_a_way_turns_round_at_the_end_of_a_road_only() -> None:
    ways, _, east_m = _laid([([(0, 0), (200, 0)], False, 0)])
    # Ahead; in the other direction to the end, round, and along all of it: from either direction to either.
    assert _ahead(ways, (52.5, 0), (152.5, 0), east_m) == [100, 195, 205, 300]


def test_a_road_above_another_does_not_join_it() -> None:
    crossing: Rows = [([(0, 0), (80, 0), (200, 0)], True, 0), ([(80, 120), (80, 0), (80, -80)], True, 1)]
    ways, _, east_m = _laid(crossing)
    assert _ahead(ways, (22.5, 0), (80, -22.5), east_m) == [math.inf]
    ways, _, east_m = _laid([(line, oneway, 0) for line, oneway, _ in crossing])
    assert _ahead(ways, (22.5, 0), (80, -22.5), east_m) == [80]
