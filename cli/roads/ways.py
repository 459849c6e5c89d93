"""A way of OpenStreetMap as a road: what its tags state, and what has to be assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cli.roads.signs import Signs, signs
from journey.registry import Road

# For motor vehicles; service roads too, since a vehicle beside a road may be on one.
CLASSES = frozenset(
    f"{name}{link}" for name in ("motorway", "trunk", "primary", "secondary", "tertiary") for link in ("", "_link")
) | {"unclassified", "residential", "living_street", "service", "road", "busway"}
_YES, _BACK = ("yes", "true", "1"), ("-1", "reverse")
_LANES_MAX = 20
_LAYER_MAX = 20

type Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class _Course:
    oneway: bool
    back: bool  # it may be driven against the line only


def is_road(tags: Mapping[str, str]) -> bool:
    return tags.get("highway") in CLASSES and tags.get("area") != "yes"


def road_of_way(number: int, tags: Mapping[str, str], line: Line, built_up: bool | None = None) -> Road:
    """The road that a way is. Its line runs in the direction in which a one-way road may be driven.

    Args: built_up: whether it lies in a built-up area of the map, which tells of urban where no sign does.
    """
    found, course, highway = signs(tags), _course(tags), tags["highway"]
    assumed: set[str] = set()
    kind, stated = _kind(tags, found, course)
    if not stated:
        assumed.add("kind")
    urban = found.urban
    if urban is None:
        urban = built_up
        assumed.add("urban")
    lanes = _lanes(tags)
    if lanes is None and course.oneway:
        assumed.add("lanes")
    if not found.known:
        assumed.add("maxspeed")
    road = Road(
        f"osm/{number}", tags.get("name") or None, kind, urban, found.for_all, course.oneway, lanes, line,
        ref=_ref(tags), road_class=highway,
        maxspeed_forward=found.forward, maxspeed_backward=found.backward,
        maxspeed_hgv=found.hgv, maxspeed_hgv_forward=found.hgv_forward, maxspeed_hgv_backward=found.hgv_backward,
        source="osm", assumed=frozenset(assumed),
        tunnel=tags.get("tunnel", "no") != "no", bridge=tags.get("bridge", "no") != "no", layer=_layer(tags),
        conditional="; ".join(found.conditional)[:500] or None,
    )  # fmt: skip
    return _turned(road) if course.back else road


def _turned(road: Road) -> Road:
    return replace(
        road,
        line=road.line[::-1],
        maxspeed_forward=road.maxspeed_backward,
        maxspeed_backward=road.maxspeed_forward,
        maxspeed_hgv_forward=road.maxspeed_hgv_backward,
        maxspeed_hgv_backward=road.maxspeed_hgv_forward,
    )


def _course(tags: Mapping[str, str]) -> _Course:
    oneway = tags.get("oneway", "")
    if oneway in _BACK:
        return _Course(True, True)
    round_about = tags.get("junction") in ("roundabout", "circular") or tags["highway"] in ("motorway", "motorway_link")
    return _Course(oneway in _YES or (round_about and not oneway), False)


def _kind(tags: Mapping[str, str], found: Signs, course: _Course) -> tuple[str, bool]:
    """The kind, and whether it is stated. One of two carriageways is drawn as a one-way road of its own."""
    if tags["highway"] in ("motorway", "motorway_link") or found.expressway:
        return "expressway", True
    if tags.get("motorroad") == "yes" or tags.get("expressway") == "yes":
        return "expressway", False
    if "dual_carriageway" in tags:
        return ("divided" if tags["dual_carriageway"] == "yes" else "undivided"), True
    if tags.get("divider", "no") in ("median", "barrier", "guard_rail", "kerb", "raised_median"):
        return "divided", True
    through = not tags["highway"].endswith("_link") and "junction" not in tags
    return ("divided" if course.oneway and through else "undivided"), False


def _lanes(tags: Mapping[str, str]) -> int | None:
    found = [int(part) for part in tags.get("lanes", "").split(";") if part.strip().isdecimal()]
    lanes = max(found, default=0)
    return lanes if 1 <= lanes <= _LANES_MAX else None


def _layer(tags: Mapping[str, str]) -> int:
    try:
        layer = int(tags.get("layer", "0"))
    except ValueError:
        return 0
    return layer if abs(layer) <= _LAYER_MAX else 0


def _ref(tags: Mapping[str, str]) -> str | None:
    """Number of the road, and the kilometre where it is tagged: QL1 km 12."""
    parts = [tags.get("ref", ""), f"km {tags['distance']}" if "distance" in tags else ""]
    return " ".join(part for part in parts if part)[:200] or None
