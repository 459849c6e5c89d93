"""Roads as stretches between junctions, cut into places, with the ways along them. Of the roads around one slice.

Two roads join where they have a point in common, of different layers at an end. A stretch is gone along in one
direction; a road that is driven both ways has each of its own stretches twice. A way turns round only where nothing
else leads on, as at the end of a road.

Units: m, on the plane that touches at a latitude.  Shape: rows of roads -> stretches and places.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from journey.track import Float, Int
from rules.roads.index import DEGREE_M, RoadIndex

_END = 2  # an end of a road is a junction as a point of two roads is
_APART_M = 1.0  # between two roads laid on one line


@dataclass(frozen=True, slots=True)
class Ways:
    """Stretches, one entry each: its length, and those that lead on from its end.

    Places, one entry each: its stretch and road (row), how far along the stretch it lies, where it lies, how long a
    piece of road it stands for. known: how far stretches begin after the end of another, as far as it was asked.
    """

    length_m: Float
    onward: list[list[int]]
    stretch: Int
    road: Int
    along_m: Float
    x_m: Float
    y_m: Float
    size_m: Float
    known: dict[int, tuple[float, dict[int, float]]] = field(default_factory=dict, repr=False)


def lay_ways(roads: RoadIndex, rows: Int, east_m: float, step_m: float) -> Ways:
    """The ways along roads. Args: rows: at least one; east_m: in a degree of longitude; step_m: between two places."""
    counts = roads.first[rows + 1] - roads.first[rows]
    last = np.cumsum(counts) - 1
    of = np.repeat(np.arange(len(rows)), counts)
    point = np.arange(len(of)) - np.repeat(last + 1 - counts, counts) + roads.first[rows][of]
    x, y = roads.lon[point] * east_m, roads.lat[point] * DEGREE_M
    _, node = np.unique(roads.lon[point] + 1j * roads.lat[point], return_inverse=True)
    ends = np.concatenate((last, last + 1 - counts))
    layer = np.array([roads.roads[row].layer for row in rows.tolist()])[of]
    # Of different layers they join only where one of them ends, as a bridge does.
    _, node = np.unique(node + 1j * np.where(np.isin(node, node[ends]), 0, layer), return_inverse=True)
    held = np.bincount(node)
    np.add.at(held, node[ends], _END)
    step = np.hypot(np.diff(x), np.diff(y))
    step[last[:-1]] = _APART_M
    metres = np.concatenate(([0.0], np.cumsum(step)))
    cut = np.flatnonzero(held[node] > 1)
    first, after = cut[:-1], cut[1:]
    within = (of[first] == of[after]) & (metres[after] > metres[first])
    first, after = first[within], after[within]
    both = ~roads.oneway[rows[of[first]]]
    # Forward, then backward those that are driven both ways.
    begin, end = np.concatenate((first, after[both])), np.concatenate((after, first[both]))
    length = np.abs(metres[end] - metres[begin])
    pieces = np.maximum(np.rint(length / step_m).astype(np.int64), 1)
    stretch = np.repeat(np.arange(len(begin)), pieces)
    size = (length / pieces)[stretch]
    number = np.arange(len(stretch)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = (number + 0.5) * size  # the middle of its piece
    at = metres[begin][stretch] + np.sign(end - begin)[stretch] * along
    back = np.full(len(begin), -1)
    back[: len(first)][both] = np.arange(len(first), len(begin))
    back[len(first) :] = np.flatnonzero(both)
    onward = _onward(node[begin].tolist(), node[end].tolist(), back.tolist())
    return Ways(length, onward, stretch, rows[of[begin]][stretch], along, np.interp(at, metres, x),
                np.interp(at, metres, y), size)  # fmt: skip


def _onward(begin: list[int], end: list[int], back: list[int]) -> list[list[int]]:
    """The stretches that lead on from the end of each; back on itself where no other does. Args: back: -1: one-way."""
    leaving = defaultdict(list)
    for stretch, junction in enumerate(begin):
        leaving[junction].append(stretch)
    onward = []
    for junction, reverse in zip(end, back, strict=True):
        others = [stretch for stretch in leaving.get(junction, ()) if stretch != reverse]
        onward.append(others or leaving.get(junction, []))
    return onward


def ways_m(ways: Ways, from_: Int, to: Int, most_m: float) -> Float:
    """The shortest way from each place to each other, m; inf where it may be longer than asked, or there is none."""
    (outs, out), (ins, into) = (np.unique(ways.stretch[places], return_inverse=True) for places in (from_, to))
    between = np.full((len(outs), len(ins)), np.inf)
    for number, stretch in enumerate(outs.tolist()):
        found = _known(ways, stretch, most_m)
        between[number] = [found.get(other, np.inf) for other in ins.tolist()]
    left = (ways.length_m[ways.stretch[from_]] - ways.along_m[from_])[:, None]
    far: Float = left + between[out][:, into] + ways.along_m[to]
    ahead = ways.along_m[to] - ways.along_m[from_][:, None]
    np.copyto(far, ahead, where=(outs[out][:, None] == ins[into]) & (ahead >= 0))
    far[far > most_m] = np.inf
    return far


def _known(ways: Ways, stretch: int, most_m: float) -> dict[int, float]:
    reach, found = ways.known.get(stretch, (-1.0, {}))
    if reach < most_m:
        found = _reached(ways, stretch, most_m)
        ways.known[stretch] = most_m, found
    return found


def _reached(ways: Ways, stretch: int, most_m: float) -> dict[int, float]:
    """How far each stretch begins after the end of one, as far as that is no farther, in m."""
    found: dict[int, float] = dict.fromkeys(ways.onward[stretch], 0.0)
    open_ = [(0.0, following) for following in found]
    while open_:
        gone, at = heapq.heappop(open_)
        far = gone + float(ways.length_m[at])
        if gone > found[at] or far > most_m:
            continue
        for following in ways.onward[at]:
            if far < found.get(following, np.inf):
                found[following] = far
                heapq.heappush(open_, (far, following))
    return found
