"""Roads as stretches between junctions, cut into places, with the ways along them. Of the roads around one slice.

Two roads join where they have a point in common. A way may turn round anywhere; a one-way road is gone along forward.

Units: m, on the plane that touches at a latitude.  Shape: rows of roads -> stretches and places.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from journey.track import Bool, Float, Int
from rules.roads.index import DEGREE_M, RoadIndex

_END = 2  # an end of a road is a junction as a point of two roads is
_APART_M = 1.0  # between two roads laid on one line


@dataclass(frozen=True, slots=True)
class Ways:
    """Stretches, one entry each: the junctions at its ends, its length, whether it is gone along forward alone.

    Places, one entry each: its stretch and road (row), how far along the stretch it lies, where it lies, how long a
    piece of road it stands for. onward: of a junction the next ones, with metres.
    """

    begin: Int
    end: Int
    length_m: Float
    oneway: Bool
    stretch: Int
    road: Int
    along_m: Float
    x_m: Float
    y_m: Float
    size_m: Float
    onward: dict[int, list[tuple[int, float]]]
    known: dict[int, tuple[float, dict[int, float]]] = field(default_factory=dict, repr=False)


def lay_ways(roads: RoadIndex, rows: Int, east_m: float, step_m: float) -> Ways:
    """The ways along roads. Args: rows: at least one; east_m: in a degree of longitude; step_m: between two places."""
    counts = roads.first[rows + 1] - roads.first[rows]
    last = np.cumsum(counts) - 1
    of = np.repeat(np.arange(len(rows)), counts)
    point = np.arange(len(of)) - np.repeat(last + 1 - counts, counts) + roads.first[rows][of]
    x, y = roads.lon[point] * east_m, roads.lat[point] * DEGREE_M
    _, node = np.unique(roads.lon[point] + 1j * roads.lat[point], return_inverse=True)
    held = np.bincount(node)
    for ends in (last, last + 1 - counts):
        np.add.at(held, node[ends], _END)
    step = np.hypot(np.diff(x), np.diff(y))
    step[last[:-1]] = _APART_M
    metres = np.concatenate(([0.0], np.cumsum(step)))
    cut = np.flatnonzero(held[node] > 1)
    first, after = cut[:-1], cut[1:]
    within = (of[first] == of[after]) & (metres[after] > metres[first])
    first, after = first[within], after[within]
    length = metres[after] - metres[first]
    row = rows[of[first]]
    pieces = np.maximum(np.rint(length / step_m).astype(np.int64), 1)
    stretch = np.repeat(np.arange(len(first)), pieces)
    size = (length / pieces)[stretch]
    number = np.arange(len(stretch)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = (number + 0.5) * size  # the middle of its piece
    at = metres[first][stretch] + along
    oneway = roads.oneway[row]
    onward: dict[int, list[tuple[int, float]]] = defaultdict(list)
    columns = (node[first].tolist(), node[after].tolist(), length.tolist(), oneway.tolist())
    for a, b, far, forward in zip(*columns, strict=True):
        onward[a].append((b, far))
        if not forward:
            onward[b].append((a, far))
    return Ways(node[first], node[after], length, oneway, stretch, row[stretch], along, np.interp(at, metres, x),
                np.interp(at, metres, y), size, onward)  # fmt: skip


def ways_m(ways: Ways, from_: Int, to: Int, most_m: float) -> Float:
    """The shortest way from each place to each other, m; inf where it may be longer than asked, or there is none."""
    a, b = ways.stretch[from_], ways.stretch[to]
    left, here = ways.length_m[a] - ways.along_m[from_], ways.along_m[to]
    back = np.where(ways.oneway[a], np.inf, ways.along_m[from_])
    against = np.where(ways.oneway[b], np.inf, ways.length_m[b] - ways.along_m[to])
    outs, out = np.unique(np.concatenate((ways.end[a], ways.begin[a])), return_inverse=True)
    ins, into = np.unique(np.concatenate((ways.begin[b], ways.end[b])), return_inverse=True)
    between = np.array([[_known(ways, one, most_m).get(other, np.inf) for other in ins.tolist()]
                        for one in outs.tolist()])  # fmt: skip
    far = np.full((len(from_), len(to)), np.inf)
    for leave, first in ((out[: len(a)], left), (out[len(a) :], back)):
        for enter, last in ((into[: len(b)], here), (into[len(b) :], against)):
            np.minimum(far, first[:, None] + between[leave][:, enter] + last, out=far)
    ahead = ways.along_m[to] - ways.along_m[from_][:, None]
    straight = np.where((ahead < 0) & ways.oneway[b], np.inf, np.abs(ahead))
    np.minimum(far, straight, out=far, where=a[:, None] == b)
    far[far > most_m] = np.inf
    return far


def _known(ways: Ways, junction: int, most_m: float) -> dict[int, float]:
    """The way from a junction to each other that is not farther, in m."""
    reach, found = ways.known.get(junction, (-1.0, {}))
    if reach < most_m:
        found = _reached(ways.onward, junction, most_m)
        ways.known[junction] = most_m, found
    return found


def _reached(onward: dict[int, list[tuple[int, float]]], junction: int, most_m: float) -> dict[int, float]:
    found = {junction: 0.0}
    open_ = [(0.0, junction)]
    while open_:
        gone, at = heapq.heappop(open_)
        if gone > found[at]:
            continue
        for following, metres in onward.get(at, ()):
            far = gone + metres
            if far <= most_m and far < found.get(following, np.inf):
                found[following] = far
                heapq.heappush(open_, (far, following))
    return found
