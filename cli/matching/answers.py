"""Requests to the matcher and its answers, as rows of journey.track.MATCH. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

ROAD_PREFIX = "osm/"  # before the number of an OpenStreetMap way, as `roads import` names roads
_ATTRIBUTES = (
    "edge.way_id", "edge.length", "matched.edge_index", "matched.type", "matched.distance_along_edge",
    "matched.distance_from_trace_point", "matched.begin_route_discontinuity", "matched.end_route_discontinuity",
)  # fmt: skip


class Point(NamedTuple):
    """A fix as the matcher sees it: s UTC, degrees."""

    time: int
    lon: float
    lat: float


class Row(NamedTuple):
    """A fix as it was matched. road: None: not matched; path_dm: None: no way found from the fix before.

    through: the roads from the fix before to this one, both ends' too.
    """

    time: int
    road: str | None
    offset_dm: int | None
    through: tuple[str, ...]
    path_dm: int | None


def request(points: Sequence[Point], accuracy_m: int = 10, radius_m: int = 60) -> bytes:
    """A request for the roads of a whole slice.

    Args: accuracy_m: of fixes; tried with 5 to 14 m the matcher answers the same: it weighs distances by an error of
    its own, against the detours of cli.matching.tiles. radius_m: how far it looks for roads.
    """
    return orjson.dumps(
        {
            "shape": [{"lon": p.lon, "lat": p.lat, "time": p.time, "type": "via"} for p in points],
            "costing": "auto",
            "shape_match": "map_snap",
            "trace_options": {"gps_accuracy": accuracy_m, "search_radius": radius_m, "interpolation_distance": 0},
            "filters": {"attributes": _ATTRIBUTES, "action": "include"},
        }
    )


def rows(points: Sequence[Point], answer: bytes) -> list[Row] | None:
    """What the matcher answered, a row a point; None where it found no roads for the slice."""
    said = orjson.loads(answer)
    found = said.get("matched_points")
    if found is None or len(found) != len(points):
        return None
    edges = said["edges"]
    places = [_place(one, len(edges)) for one in found]
    result: list[Row] = []
    for number, (point, one, place) in enumerate(zip(points, found, places, strict=True)):
        if place is None:
            result.append(Row(point.time, None, None, (), None))
            continue
        road, offset = _road(edges[place[0]]), round(10 * float(one.get("distance_from_trace_point", 0.0)))
        through: tuple[str, ...] = (road,)
        way = None
        if number and (before := places[number - 1]) is not None and not _broken(found[number - 1], one):
            way = _way_m(edges, before, place)
            through = _gone(edges, before, place) or through
        result.append(Row(point.time, road, offset, through, None if way is None else round(10 * way)))
    return result


def _road(edge: dict[str, Any]) -> str:
    return f"{ROAD_PREFIX}{edge['way_id']}"


def _place(one: dict[str, Any], edges: int) -> tuple[int, float] | None:
    """(edge, share of it) of a point; None: not matched."""
    edge = one.get("edge_index")
    if one.get("type") == "unmatched" or edge is None or edge >= edges:
        return None
    return int(edge), float(one.get("distance_along_edge", 0.0))


def _broken(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return bool(before.get("end_route_discontinuity") or after.get("begin_route_discontinuity"))


def _way_m(edges: Sequence[dict[str, Any]], before: tuple[int, float], after: tuple[int, float]) -> float | None:
    """Metres from one place to another along the edges of the path; None where it is not known how they are joined.

    So it is where the second lies behind the first, and where the path ends within an edge to go on within another: it
    turns round on the spot, as it does where a fix errs to behind the one before.
    """
    (first, share), (last, end) = before, after
    gone = edges[first : last + 1]
    if not gone or any(_part(edge)[1] < 1 for edge in gone[:-1]) or any(_part(edge)[0] > 0 for edge in gone[1:]):
        return None
    metres = [_whole_m(edge) for edge in gone]
    way = sum(metres) - share * metres[0] - (1 - end) * metres[-1]
    return way if way >= 0 else None


def _gone(edges: Sequence[dict[str, Any]], before: tuple[int, float], after: tuple[int, float]) -> tuple[str, ...]:
    """The roads of the path from one place to another, each as often as the path comes to it."""
    roads = [_road(edge) for edge in edges[before[0] : after[0] + 1]]
    return tuple(road for number, road in enumerate(roads) if not number or roads[number - 1] != road)


def _part(edge: dict[str, Any]) -> tuple[float, float]:
    """Where along an edge the path begins on it and ends, as shares of its length."""
    return float(edge.get("source_percent_along", 0.0)), float(edge.get("target_percent_along", 1.0))


def _whole_m(edge: dict[str, Any]) -> float:
    """An edge's whole length: for the first and last of a path the answer gives that of the part travelled."""
    begin, end = _part(edge)
    return 1000 * float(edge["length"]) / (end - begin) if end > begin else 0.0
