"""Built-up areas of the map: what tells of urban where no sign is known. An assumption, and flagged as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely

RING = 4  # points of the smallest closed line, the first again at its end
_LANDUSE = frozenset(("residential", "retail", "commercial", "industrial"))
_PLACE = frozenset(("city", "town", "village", "suburb", "neighbourhood", "quarter", "city_block"))

type Line = tuple[tuple[float, float], ...]


class Outline(NamedTuple):
    """The ways that bound an area of several pieces or with holes, by their numbers."""

    outer: tuple[int, ...]
    inner: tuple[int, ...]


def is_built_up(tags: Mapping[str, str]) -> bool:
    return tags.get("landuse") in _LANDUSE or tags.get("place") in _PLACE


def is_area(tags: Mapping[str, str], nodes: Sequence[int]) -> bool:
    """Whether a closed way bounds a built-up area."""
    return is_built_up(tags) and "highway" not in tags and len(nodes) >= RING and nodes[0] == nodes[-1]


def ring_area(ring: Line) -> shapely.Geometry:
    return shapely.Polygon(ring)


def outline_area(outer: Sequence[Line], inner: Sequence[Line]) -> shapely.Geometry:
    """What lies inside the outer lines, wherever they are cut, and not inside the inner ones. A ring of which a part is
    missing, as at the edge of an extract, bounds nothing."""
    return shapely.difference(_inside(outer), _inside(inner))


def _inside(lines: Sequence[Line]) -> shapely.Geometry:
    closed = shapely.polygonize([shapely.LineString(line) for line in lines if len(line) > 1])
    return shapely.union_all(shapely.get_parts(closed))


class Areas:
    """Built-up areas, asked whether they hold a line: most of its points."""

    def __init__(self, areas: Sequence[shapely.Geometry]) -> None:
        # A large area in its pieces: the tree then finds few of them near a point.
        pieces = shapely.get_parts([area for area in areas if not shapely.is_empty(area)])
        self._tree = shapely.STRtree(pieces)
        self._some = bool(len(pieces))

    def hold(self, line: Line) -> bool:
        if not self._some:
            return False
        point, _ = self._tree.query(shapely.points(np.array(line)), predicate="within")
        return 2 * len(np.unique(point)) > len(line)
