"""Built-up areas that a map states as relations: of ways that are cut anywhere, with holes, and of several pieces."""

from __future__ import annotations

from pathlib import Path

import osmium
import pytest
from osmium.osm.mutable import Node, Relation, Way

from cli.roads.osm import read_osm

STEP = 0.001
# Roads, each along a row of the grid of points: number, row, columns.
ROADS = {1: (5, (2, 3)), 2: (5, (5, 6)), 3: (5, (12, 13)), 4: (5, (22, 23)), 5: (5, (8, 13))}
TAGS = {"type": "multipolygon", "landuse": "residential"}


def number(column: int, row: int) -> int:
    return 1 + column + 100 * row


def ring(left: int, right: int, low: int, high: int) -> list[int]:
    corners = [(left, low), (right, low), (right, high), (left, high), (left, low)]
    return [number(*corner) for corner in corners]


def extract(folder: Path, tags: dict[str, str], missing: int | None = None) -> Path:
    """Two squares, of which the first has a hole and its outline is cut in three, the last part the other way round."""
    path = folder / "made.osm.pbf"
    square, hole, other = ring(0, 10, 0, 10), ring(4, 7, 4, 7), ring(20, 30, 0, 10)
    ways = {10: square[:2], 11: square[1:4], 12: square[3:][::-1], 13: hole, 14: other}
    with osmium.SimpleWriter(str(path)) as writer:
        for row in range(11):
            for column in range(31):
                place = (106 + column * STEP, 21 + row * STEP)
                writer.add_node(Node(id=number(column, row), location=place))
        for road, (row, columns) in ROADS.items():
            nodes = [number(column, row) for column in range(columns[0], columns[1] + 1)]
            writer.add_way(Way(id=road, nodes=nodes, tags={"highway": "primary"}))
        for way, nodes in ways.items():
            if way != missing:
                writer.add_way(Way(id=way, nodes=nodes, tags={"fence": "yes"} if way == 13 else {}))
        members = [("w", way, "inner" if way == 13 else "outer") for way in ways]
        writer.add_relation(Relation(id=1, tags=tags, members=members))
    return path


def urban(path: Path) -> dict[int, bool | None]:
    roads = list(read_osm(path, []))
    assert all("urban" in road.assumed for road in roads)
    return {int(road.id.removeprefix("osm/")): road.urban for road in roads}


def test_what_lies_in_a_piece_and_in_no_hole_is_built_up(tmp_path: Path) -> None:
    # The fifth has three of six points inside: no more than half.
    assert urban(extract(tmp_path, TAGS)) == {1: True, 2: False, 3: False, 4: True, 5: False}


def test_a_ring_that_is_not_whole_bounds_nothing(tmp_path: Path) -> None:
    assert urban(extract(tmp_path, TAGS, missing=11)) == {1: False, 2: False, 3: False, 4: True, 5: False}


@pytest.mark.parametrize(
    "tags",
    [
        {"type": "multipolygon", "landuse": "forest"},
        {"type": "boundary", "place": "city"},
        {"type": "multipolygon"},
    ],
)
def test_other_relations_are_no_built_up_areas(tmp_path: Path, tags: dict[str, str]) -> None:
    assert not any(urban(extract(tmp_path, tags)).values())
