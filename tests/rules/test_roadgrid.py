"""The grid finds every segment that a plain loop finds, and the index tells lines and boxes as its rows did."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.registry import Road
from rules.roads.grid import lay, near
from rules.roads.index import index

_degrees = st.integers(-4000, 4000).map(lambda part: part / 1e6)  # across eight cells, borders hit exactly
_point = st.tuples(_degrees.map(lambda d: 106.7 + d), _degrees.map(lambda d: 21.8 + d))
_reach = st.sampled_from((0.0, 1e-5, 0.0003, 0.0025))


def _misses(a: tuple[float, float], b: tuple[float, float], point: tuple[float, float], reach: float) -> bool:
    """Whether a segment stays clear of the box around a point, by its bounding box or by all corners on one side."""
    for axis in (0, 1):
        if max(a[axis], b[axis]) < point[axis] - reach or min(a[axis], b[axis]) > point[axis] + reach:
            return True
    corners = [(point[0] + x, point[1] + y) for x in (-reach, reach) for y in (-reach, reach)]
    sides = [(b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) for x, y in corners]
    return min(sides) > 1e-12 or max(sides) < -1e-12


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(_point, _point), min_size=1, max_size=12), st.lists(_point, max_size=8), _reach)
def test_no_segment_near_a_point_is_missed(
    segments: list[tuple[tuple[float, float], tuple[float, float]]], points: list[tuple[float, float]], reach: float
) -> None:
    ends = np.array(segments).reshape(-1, 4).T
    grid = lay(*ends)
    asked = np.array(points).reshape(-1, 2)
    found = near(grid, asked[:, 0], asked[:, 1], np.full(len(asked), reach), reach)
    pairs = set(zip(*(part.tolist() for part in found), strict=True))
    wanted = {
        (place, number)
        for place, point in enumerate(points)
        for number, (a, b) in enumerate(segments)
        if not _misses(a, b, point, reach)
    }
    assert wanted <= pairs
    # And little else: nothing farther than a piece of a cell or two.
    for place, number in pairs:
        assert not _misses(*segments[number], points[place], reach + 0.0021)


@pytest.mark.parametrize("across", [(0.0, 0.1), (0.1, 0.0), (0.1, 0.1), (0.037, 0.1)])
@pytest.mark.parametrize("corner", [(106.7, 15.1), (106.0, 21.0), (-0.3, -0.7)])
def test_a_long_segment_over_borders_of_cells_is_found_all_along(
    across: tuple[float, float], corner: tuple[float, float]
) -> None:
    ends = np.array([[*corner, corner[0] + across[0], corner[1] + across[1]]]).T
    share = np.linspace(0, 1, 2001)
    lon, lat = corner[0] + share * across[0], corner[1] + share * across[1]
    point, _ = near(lay(*ends), lon, lat, np.full(len(share), 1e-6), 1e-6)
    assert set(point.tolist()) == set(range(len(share)))


def _road(name: str, *line: tuple[float, float]) -> Road:
    return Road(name, None, "undivided", False, None, False, None, line)


def test_lines_come_back_as_they_were_and_points_in_a_row_are_no_segment() -> None:
    rows = (
        _road("a", (106.7, 21.8), (106.7, 21.8), (106.8, 21.9), (107.123456789, 21.9)),
        _road("b", (106.0, 21.0), (106.0, 21.0)),
        _road("c", (105.0, 20.0), (105.1, 20.0)),
    )
    roads = index(rows)
    assert roads is not None
    assert [roads.line(place) for place in range(3)] == [row.line for row in rows]
    assert roads.road.tolist() == [0, 0, 2]
    assert roads.inside(106.75, 21.8, 106.76, 22.0).tolist() == [0]
    assert roads.inside(104.0, 19.0, 108.0, 22.0).tolist() == [0, 2]
    assert roads.inside(106.0, 21.0, 106.0, 21.0).tolist() == []


def test_roads_without_a_segment_are_no_index() -> None:
    assert index(()) is None
    assert index((_road("b", (106.0, 21.0), (106.0, 21.0)),)) is None
