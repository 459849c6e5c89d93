"""Segments of lines by the cells of a grid over the globe, held in arrays: which of them may be near a point.

A tree of geometry objects needs some 400 bytes a segment, the grid about 20; it is asked for many points at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey.track import Float, Int

CELL_DEG = 0.001  # some 100 m: a box of the candidate distance touches one cell to four
_TURN, _HALF_TURN, _QUARTER_TURN = 360, 180, 90
_COLUMNS = round(_TURN / CELL_DEG)


@dataclass(frozen=True, slots=True)
class Grid:
    """cell: those that hold a segment, ascending. Its segments: `segment[start[i]:start[i + 1]]`."""

    cell: Int
    start: Int
    segment: npt.NDArray[np.int32]


def lay(lon_a: Float, lat_a: Float, lon_b: Float, lat_b: Float) -> Grid:
    """Lay segments, given by their ends in degrees, into the grid."""
    count = len(lon_a)
    # Pieces of half a cell touch four cells at most, however long the segment is; of a whole cell, rounding could put
    # the ends of one on both sides of a cell between them.
    segment, lons, lats = pieces(lon_a, lat_a, lon_b, lat_b, CELL_DEG / 2)
    columns = [_column(end) for end in lons]
    rows = [_row(end) for end in lats]
    keys = [(row * _COLUMNS + column) * count + segment for row in rows for column in columns]
    found = np.unique(np.concatenate(keys))
    cells = found // count
    first = np.flatnonzero(np.concatenate(([True], cells[1:] != cells[:-1])))
    return Grid(cells[first], np.append(first, len(found)), (found % count).astype(np.int32))


def pieces(
    lon_a: Float, lat_a: Float, lon_b: Float, lat_b: Float, most: float
) -> tuple[Int, tuple[Float, Float], tuple[Float, Float]]:
    """Segments cut into equal pieces of at most `most` degrees either way: of each its segment, and lon and lat of its
    ends."""
    span = np.maximum(np.abs(lon_b - lon_a), np.abs(lat_b - lat_a))
    each = np.maximum(np.ceil(span / most), 1).astype(np.int64)
    segment = np.repeat(np.arange(len(each)), each)
    place = np.arange(len(segment)) - np.repeat(np.cumsum(each) - each, each)

    def ends(low: Float, high: Float) -> tuple[Float, Float]:
        step = ((high - low) / each)[segment]
        begin = low[segment] + place * step
        return begin, begin + step

    return segment, ends(lon_a, lon_b), ends(lat_a, lat_b)


def near(grid: Grid, lon: Float, lat: Float, reach_lon: Float, reach_lat: float) -> tuple[Int, Int]:
    """Pairs (point, segment) of all segments that touch the box of `reach` degrees around a point, and some more.

    A pair may come more than once.
    """
    west, east = _column(lon - reach_lon), _column(lon + reach_lon)
    south, north = _row(lat - reach_lat), _row(lat + reach_lat)
    wide, high = east - west + 1, north - south + 1
    cells = wide * high
    point = np.repeat(np.arange(len(lon)), cells)
    place = np.arange(len(point)) - np.repeat(np.cumsum(cells) - cells, cells)
    key = (south[point] + place // wide[point]) * _COLUMNS + west[point] + place % wide[point]
    at = np.minimum(np.searchsorted(grid.cell, key), len(grid.cell) - 1)
    hit = grid.cell[at] == key
    point, at = point[hit], at[hit]
    held = grid.start[at + 1] - grid.start[at]
    pair = np.repeat(np.arange(len(at)), held)
    inside = np.arange(len(pair)) - np.repeat(np.cumsum(held) - held, held)
    return point[pair], grid.segment[grid.start[at[pair]] + inside].astype(np.int64)


def _column(lon: Float) -> Int:
    return np.floor((lon + _HALF_TURN) / CELL_DEG).astype(np.int64)


def _row(lat: Float) -> Int:
    return np.floor((lat + _QUARTER_TURN) / CELL_DEG).astype(np.int64)
