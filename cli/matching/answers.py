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

    through: the roads from the fix before to this one, both ends' too. begins_dm: where along that way each of them
    begins, the first at 0; None where no way was found.
    """

    time: int
    road: str | None
    offset_dm: int | None
    through: tuple[str, ...]
    path_dm: int | None
    begins_dm: tuple[int, ...] | None = None


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
        way, begins = None, None
        if number and (before := places[number - 1]) is not None and not _broken(found[number - 1], one):
            way = _way_m(edges, before, place)
            gone = _gone(edges, before, place)
            through = tuple(name for name, _ in gone) or through
            begins = tuple(round(10 * begin) for _, begin in gone) if way is not None else None
        result.append(Row(point.time, road, offset, through, None if way is None else round(10 * way), begins))
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
    """Metres from one place to another along the edges of the path; None where the second lies behind the first."""
    (first, share), (last, end) = before, after
    metres = [_whole_m(edge) for edge in edges[first : last + 1]]
    if not metres:
        return None
    way = sum(metres) - share * metres[0] - (1 - end) * metres[-1]
    return way if way >= 0 else None


def _gone(
    edges: Sequence[dict[str, Any]], before: tuple[int, float], after: tuple[int, float]
) -> list[tuple[str, float]]:
    """The roads of the path from one place to another, each with the metres along it at which it begins."""
    (first, share), (last, _) = before, after
    gone: list[tuple[str, float]] = []
    way = 0.0
    for number, edge in enumerate(edges[first : last + 1]):
        if not gone or gone[-1][0] != _road(edge):
            gone.append((_road(edge), way))
        way += _whole_m(edge) * (1 if number else 1 - share)
    return gone


def _whole_m(edge: dict[str, Any]) -> float:
    """An edge's whole length: for the first and last of a path the answer gives that of the part travelled."""
    share = float(edge.get("target_percent_along", 1.0)) - float(edge.get("source_percent_along", 0.0))
    return 1000 * float(edge["length"]) / share if share > 0 else 0.0
