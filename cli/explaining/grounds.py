"""The roads that the limits of a finding rest on: segment, limit, where it comes from, and since when it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from journey.registry import Road
from journey.track import Int
from rules.law import Law
from rules.quality import Usable
from rules.roads.index import RoadIndex
from rules.roads.limits import NO_LAW, NO_ROAD, Limits, assumed_of, stated_by


@dataclass(frozen=True, slots=True)
class Ground:
    """One limit on one road. road: None where none is known near; fixes: how many it was the limit of."""

    road: Road | None
    limit_kmh: float
    path: str
    citation: str
    assumed: tuple[str, ...]
    fixes: int


def grounds(judged: Limits, inside: Int, usable: Usable, roads: RoadIndex | None, law: Law) -> tuple[Ground, ...]:
    """The different grounds of the fixes `inside` (indices into usable), in the order in which they come."""
    found: dict[tuple[int, int, int], list[int]] = {}
    for place in np.flatnonzero(np.isin(judged.fix, inside)).tolist():
        key = (int(judged.road[place]), int(judged.limit_dkmh[place]), int(judged.source[place]))
        if key[1] != NO_LAW:
            found.setdefault(key, []).append(int(judged.fix[place]))
    made = []
    for (number, dkmh, source), fixes in found.items():
        road = None if number == NO_ROAD or roads is None else roads.roads[number]
        dated = stated_by(source, int(usable.time[fixes[0]]), law)
        path, citation = ("", "") if dated is None else (dated.path, dated.citation)
        assumed = () if road is None else tuple(assumed_of(road, source))
        made.append(Ground(road, dkmh / 10, path, citation, assumed, len(fixes)))
    return tuple(made)


def ground_lines(found: Iterable[Ground]) -> Iterator[str]:
    """Each ground as a sentence."""
    for one in found:
        limit = f"{one.limit_kmh:g} km/h by {one.path} ({one.citation}), {one.fixes} fixes"
        if one.road is None:
            yield f"  no road is known near: {limit}"
            continue
        road = one.road
        name = " ".join(part for part in (road.id, road.ref, road.name) if part)
        since = "always" if road.valid_from is None else f"{road.valid_from}"
        until = "" if road.valid_to is None else f" to {road.valid_to}"
        source = road.source + (f", dataset {road.dataset}" if road.dataset else "")
        assumed = f"; assumed: {', '.join(one.assumed)}, so the highest that may be" if one.assumed else ""
        unread = f"; not usable: {road.conditional}" if road.conditional else ""
        yield f"  road {name}: {limit}; from {source}, holds from {since}{until}{assumed}{unread}"
