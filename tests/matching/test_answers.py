"""What the matcher answers: the way between two fixes, and where it says none."""

from __future__ import annotations

from typing import Any

import orjson

from cli.matching.answers import Point, rows
from storage.roads.matches import MatchedSlice, match_frame

_POINTS = [Point(1_741_000_200, 1.5, 42.5), Point(1_741_000_210, 1.501, 42.5)]


def _answer(edges: list[dict[str, Any]], places: list[tuple[int, float]]) -> bytes:
    points = [
        {"type": "matched", "edge_index": edge, "distance_along_edge": along, "distance_from_trace_point": 2.5}
        for edge, along in places
    ]
    return orjson.dumps({"edges": edges, "matched_points": points})


def test_the_way_is_measured_along_the_edges() -> None:
    # The first and last edge state the length of the part travelled: 0.06 of 0.1 km, 0.02 of 0.05 km.
    edges = [
        {"way_id": 1, "length": 0.06, "source_percent_along": 0.4},
        {"way_id": 2, "length": 0.2},
        {"way_id": 3, "length": 0.02, "target_percent_along": 0.4},
    ]
    found = rows(_POINTS, _answer(edges, [(0, 0.4), (2, 0.4)]))
    assert found is not None
    assert found[1].path_dm == 600 + 2000 + 200
    assert found[1].through == ("osm/1", "osm/2", "osm/3")


def test_a_path_that_turns_on_the_spot_tells_no_way() -> None:
    # 0.9 along an edge of 1 km, then 0.2 along the same the other way: 100 m back. Summed to both ends it would be 300.
    edges = [
        {"way_id": 1, "length": 0.9, "target_percent_along": 0.9},
        {"way_id": 1, "length": 0.8, "source_percent_along": 0.2},
    ]
    found = rows(_POINTS, _answer(edges, [(0, 0.9), (1, 0.2)]))
    assert found is not None
    assert found[1].path_dm is None
    assert found[1].through == ("osm/1",)
    assert found[1].road == "osm/1"


def test_a_match_on_record_of_before_2026_11_29_is_read() -> None:
    row = (_POINTS[1].time, "osm/1", 25, ["osm/1"], 600)
    older = (*row, [0])  # where each road began, which nothing reads any more
    slices = [MatchedSlice("12C12345", _POINTS[0].time, _POINTS[1].time, b"", "", "", [one]) for one in (row, older)]
    one, other = (match_frame([each]) for each in slices)
    assert one.equals(other)
    assert one.row(0) == ("12C12345", _POINTS[1].time, _POINTS[0].time, "osm/1", 25, ["osm/1"], 600)
