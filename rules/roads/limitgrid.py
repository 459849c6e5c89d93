"""A grid over roads: for a place the roads that may lie within reach of it, and the least of what they say.

A cell knows every road that comes within reach of any of its points, and a few more: what holds for all of them holds
for the candidates of each fix in the cell (rules.roads.index). Cells lie in blocks; blocks without a road share one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey.track import Float, Int
from rules.roads.grid import CELL_DEG, pieces
from rules.roads.index import DEGREE_M, LAT_MAX, RoadIndex

NOTHING = np.iinfo(np.int16).max  # of a cell without roads
_BITS = 6
_SIDE = 1 << _BITS  # cells along a block
_MARGIN = 1.05  # wider than the reach, as the search is (rules.roads.index), so that rounding loses no road


@dataclass(frozen=True, slots=True)
class Grid:
    """blocks: place of each block's cells, by rows, 0 the block without roads. cell, road: pairs, ordered by cell."""

    lon: float
    lat: float
    columns: int
    rows: int
    blocks: npt.NDArray[np.int32]
    cells: int
    cell: npt.NDArray[np.int32]
    road: npt.NDArray[np.int32]

    def places(self, lon: Float, lat: Float) -> Int:
        """The cell of each point; a cell without roads where the point lies outside."""
        x = np.floor((lon - self.lon) / CELL_DEG).astype(np.int64)
        y = np.floor((lat - self.lat) / CELL_DEG).astype(np.int64)
        inside = (x >= 0) & (x < self.columns * _SIDE) & (y >= 0) & (y < self.rows * _SIDE)
        x, y = np.where(inside, x, 0), np.where(inside, y, 0)
        block = np.where(inside, self.blocks[(y >> _BITS) * self.columns + (x >> _BITS)], 0).astype(np.int64)
        place: Int = (block << 2 * _BITS) | ((y & _SIDE - 1) << _BITS) | (x & _SIDE - 1)
        return place

    def least(self, of_road: Int) -> npt.NDArray[np.int16]:
        """For each cell the least of what its roads say; NOTHING where it has none. Args: of_road: one a road."""
        result = np.full(self.cells, NOTHING, np.int16)
        if len(self.cell):
            first = np.flatnonzero(np.diff(self.cell, prepend=-1))
            said = np.minimum(of_road, NOTHING).astype(np.int16)[self.road]
            result[self.cell[first]] = np.minimum.reduceat(said, first)
        return result


def grid(roads: RoadIndex, reach_m: float) -> Grid:
    """The grid of roads and all that lies within reach of them."""
    a, b = roads.begin, roads.begin + 1
    # Short pieces have small boxes around them.
    segment, (lon_a, lon_b), (lat_a, lat_b) = pieces(roads.lon[a], roads.lat[a], roads.lon[b], roads.lat[b], CELL_DEG)
    road = roads.road[segment].astype(np.int64)
    tall = _MARGIN * reach_m / DEGREE_M
    farthest = np.maximum(np.abs(lat_a), np.abs(lat_b)) + tall
    wide = tall / np.cos(np.radians(np.minimum(farthest, LAT_MAX)))
    # Beyond LAT_MAX the search looks less far than the reach is, but at whole cells: a piece of half a cell that begins
    # in the last of them ends less than two cells on.
    spare = np.where(farthest > LAT_MAX, 2 * CELL_DEG, 0.0)
    south, north = np.minimum(lat_a, lat_b) - tall - spare, np.maximum(lat_a, lat_b) + tall + spare
    west, east = np.minimum(lon_a, lon_b) - wide - spare, np.maximum(lon_a, lon_b) + wide + spare
    lon, lat = float(west.min()), float(south.min())
    x0, x1 = (np.floor((edge - lon) / CELL_DEG).astype(np.int64) for edge in (west, east))
    y0, y1 = (np.floor((edge - lat) / CELL_DEG).astype(np.int64) for edge in (south, north))
    columns, rows = (int(edge.max()) // _SIDE + 1 for edge in (x1, y1))
    across = x1 - x0 + 1
    each = across * (y1 - y0 + 1)
    piece = np.repeat(np.arange(len(each)), each)
    nth = np.arange(len(piece)) - np.repeat(np.cumsum(each) - each, each)
    x, y = x0[piece] + nth % across[piece], y0[piece] + nth // across[piece]
    block = (y >> _BITS) * columns + (x >> _BITS)
    used, place = np.unique(block, return_inverse=True)
    blocks = np.zeros(columns * rows, np.int32)
    blocks[used] = np.arange(1, len(used) + 1)
    cell = ((place + 1) << 2 * _BITS) | ((y & _SIDE - 1) << _BITS) | (x & _SIDE - 1)
    pair = np.unique(cell * len(roads.roads) + road[piece])
    return Grid(
        lon,
        lat,
        columns,
        rows,
        blocks,
        (len(used) + 1) << 2 * _BITS,
        (pair // len(roads.roads)).astype(np.int32),
        (pair % len(roads.roads)).astype(np.int32),
    )
