"""In which administrative area a place lies, by the boundaries in force on its local day; distance driven in each.

Units: degrees WGS 84, local day numbers, whole mm.
Shape: n places -> for each level n indices into the areas.
Gaps:  a place that no area holds, or more than one of the same level, lies in none: which it is, is not known. A step
       of driving belongs to the area in which it begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from journey.localtime import day_of, number_of
from journey.registry import Area
from journey.track import Float, Int
from rules.activity import MM, Kind
from rules.quality import Usable
from rules.summaries import driven_parts

NOWHERE = -1
_FIRST, _LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class AreaIndex:
    """Areas prepared for look-up. Arrays have one entry an area; first, last: local days in force, both included."""

    areas: tuple[Area, ...]
    level: Int
    first: Int
    last: Int
    shapes: npt.NDArray[Any]
    tree: shapely.STRtree

    @property
    def levels(self) -> list[int]:
        return sorted({area.level for area in self.areas})


class DrivenThere(NamedTuple):
    """What one vehicle (code) drove on a local day in an area (index); NOWHERE: in none that is known."""

    vehicle: int
    day: int
    area: int
    driving_mm: int


def index(areas: Sequence[Area]) -> AreaIndex | None:
    """Areas prepared for look-up; None where there are none."""
    if not areas:
        return None
    shapes = np.atleast_1d(np.asarray(shapely.from_wkb([area.boundary for area in areas])))
    shapely.prepare(shapes)
    return AreaIndex(
        tuple(areas),
        np.array([area.level for area in areas], np.int64),
        np.array([_FIRST if area.valid_from is None else number_of(area.valid_from) for area in areas], np.int64),
        np.array([_LAST if area.valid_to is None else number_of(area.valid_to) for area in areas], np.int64),
        shapes,
        shapely.STRtree(shapes),
    )


def locate(areas: AreaIndex, lon: Float, lat: Float, day: Int) -> dict[int, Int]:
    """By level, for each place the index of the area that holds it on its local day, or NOWHERE."""
    place, area = areas.tree.query(shapely.points(lon, lat))  # whose box holds it
    there = (areas.first[area] <= day[place]) & (day[place] <= areas.last[area])
    place, area = place[there], area[there]
    order = np.argsort(area, kind="stable")
    place, area = place[order], area[order]
    inside = np.zeros(len(area), bool)
    known, begins, counts = np.unique(area, return_index=True, return_counts=True)
    for number, begin, count in zip(known.tolist(), begins.tolist(), counts.tolist(), strict=True):
        own = slice(begin, begin + count)
        inside[own] = shapely.intersects_xy(areas.shapes[number], lon[place[own]], lat[place[own]])
    place, area = place[inside], area[inside]
    found = {}
    for level in areas.levels:
        of_level = areas.level[area] == level
        result = np.full(len(lon), NOWHERE, np.int64)
        result[place[of_level]] = area[of_level]
        result[np.bincount(place[of_level], minlength=len(lon)) > 1] = NOWHERE
        found[level] = result
    return found


def driven_there(
    areas: AreaIndex, usable: Usable, kind: Kind, whole_m: Mapping[tuple[int, int], float]
) -> Iterator[DrivenThere]:
    """Distance driven by vehicle, local day and area. Of each level the parts of a day add up to the day, to the mm.

    Args: kind: of the steps; whole_m: by vehicle code and local day, as rules.summaries.day_sums gives them.
    """
    parts = driven_parts(usable, kind)
    steps, step = np.unique(parts.step, return_inverse=True)
    located = locate(areas, usable.lon[steps], usable.lat[steps], day_of(usable.time[steps]))
    for places in located.values():
        yield from _sums(usable.vehicle[parts.step].astype(np.int64), parts.day, places[step], parts.driven_m, whole_m)


def _sums(
    vehicle: Int, day: Int, area: Int, driven_m: Float, whole_m: Mapping[tuple[int, int], float]
) -> Iterator[DrivenThere]:
    groups, place = np.unique(np.stack((vehicle, day, area)), axis=1, return_inverse=True)
    metres = np.bincount(place.reshape(-1), driven_m, groups.shape[1])
    reached, before, last = 0.0, 0, None
    rows = list(zip(*groups.tolist(), metres.tolist(), strict=True))
    following = [*[(code, local) for code, local, *_ in rows][1:], None]
    for (code, local, there, part_m), after in zip(rows, following, strict=False):  # empty rows have none
        if (code, local) != last:
            reached, before, last = 0.0, 0, (code, local)
        reached += part_m
        whole_mm = round(whole_m[code, local] * MM)
        ends = after != (code, local)
        # What is rounded is the way reached so far, so that nothing is lost or won between the parts.
        until = whole_mm if ends else min(round(reached * MM), whole_mm)
        yield DrivenThere(code, local, there, until - before)
        before = until
