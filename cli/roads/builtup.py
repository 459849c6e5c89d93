"""Built-up areas of the map: what tells of urban where no sign is known. An assumption, and flagged as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

RING = 4  # points of the smallest closed line, the first again at its end
_LANDUSE = frozenset(("residential", "retail", "commercial", "industrial"))
_PLACE = frozenset(("city", "town", "village", "suburb", "neighbourhood", "quarter", "city_block"))


def is_area(tags: Mapping[str, str], nodes: Sequence[int]) -> bool:
    """Whether a closed way bounds a built-up area."""
    built = tags.get("landuse") in _LANDUSE or tags.get("place") in _PLACE
    return built and "highway" not in tags and len(nodes) >= RING and nodes[0] == nodes[-1]


class Areas:
    """Built-up areas, asked whether they hold a line: most of its points."""

    def __init__(self, rings: Sequence[tuple[tuple[float, float], ...]]) -> None:
        self._tree = shapely.STRtree([shapely.Polygon(ring) for ring in rings])
        self._some = bool(rings)

    def hold(self, line: tuple[tuple[float, float], ...]) -> bool:
        if not self._some:
            return False
        point, _ = self._tree.query(shapely.points(np.array(line)), predicate="within")
        return 2 * len(np.unique(point)) > len(line)
