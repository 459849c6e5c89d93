"""Roads of an OpenStreetMap extract (.osm.pbf), read in passes so that memory holds the points of roads and built-up
areas alone."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium

from cli.reference import InputError
from cli.roads.builtup import RING, Areas, Outline, is_area, is_built_up, outline_area, ring_area
from cli.roads.ways import is_road, road_of_way
from journey.registry import Road
from journey.track import Int

type Tell = Callable[[str, int], None]  # what is being done, how many of it so far
_TOLD_EVERY = 10_000
# A filter by number of the reader's own holds a bit for every number up to the highest there is: over 1 GB.
_NODES_AT_ONCE = 1 << 16
_SCALE = 10_000_000  # OpenStreetMap states degrees with seven decimals


@dataclass(slots=True)
class _Points:
    """Places of the points of roads. key: their numbers, ascending; lon, lat: 1e-7 degrees; found: whether stated."""

    key: Int
    lon: np.ndarray[tuple[int], np.dtype[np.int32]]
    lat: np.ndarray[tuple[int], np.dtype[np.int32]]
    found: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def settle(self, number: array[int], lon: array[int], lat: array[int]) -> None:
        """Take the places of those of some nodes that are wanted."""
        if not number:
            return
        ids = np.frombuffer(number, np.int64)
        at = np.minimum(np.searchsorted(self.key, ids), len(self.key) - 1)
        wanted = self.key[at] == ids
        at = at[wanted]
        self.lon[at] = np.frombuffer(lon, np.int32)[wanted]
        self.lat[at] = np.frombuffer(lat, np.int32)[wanted]
        self.found[at] = True

    def line(self, numbers: Sequence[int]) -> tuple[tuple[float, float], ...]:
        """The points that the extract holds: at its edge it may lack some. One after another each but once."""
        at = np.searchsorted(self.key, np.array(numbers, np.int64))
        at = at[self.found[at]]
        moved = np.ones(len(at), bool)
        moved[1:] = (np.diff(self.lon[at]) != 0) | (np.diff(self.lat[at]) != 0)
        at = at[moved]
        return tuple(zip((self.lon[at] / _SCALE).tolist(), (self.lat[at] / _SCALE).tolist(), strict=True))


def read_osm(path: Path, skipped: list[str], tell: Tell = lambda what, count: None) -> Iterator[Road]:
    """The roads of an extract, in its order. Raises InputError.

    Args: skipped: takes a line for each way that is no road for want of points.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        outlines = list(_outlines(path))
        bounds = _bounds(path, outlines)
        points = _points(path, bounds, tell)
        areas = _areas(path, points, outlines, bounds)
        count = 0
        for number, tags, nodes in _ways(path):
            if not is_road(tags):
                continue
            line = points.line(nodes)
            if len(line) < 2:
                skipped.append(f"way {number}: fewer than two of its points are in the extract")
                continue
            count += 1
            if count % _TOLD_EVERY == 0:
                tell("roads", count)
            yield road_of_way(number, tags, line, areas.hold(line))
        tell("roads", count)
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise InputError(f"{path}: is broken or cut short, or no .osm.pbf ({error}); fetch it again") from None


def _ways(path: Path) -> Iterator[tuple[int, dict[str, str], list[int]]]:
    keys = osmium.filter.KeyFilter("highway", "landuse", "place")
    for way in osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(keys):
        assert isinstance(way, osmium.osm.Way)  # noqa: S101 - nothing else was asked for
        yield way.id, dict(way.tags), [node.ref for node in way.nodes]


def _outlines(path: Path) -> Iterator[Outline]:
    """Built-up areas that are stated as relations."""
    keys = osmium.filter.KeyFilter("landuse", "place")
    for area in osmium.FileProcessor(str(path), osmium.osm.RELATION).with_filter(keys):
        assert isinstance(area, osmium.osm.Relation)  # noqa: S101 - nothing else was asked for
        tags = dict(area.tags)
        if tags.get("type") == "multipolygon" and is_built_up(tags):
            ways = [(one.ref, one.role == "inner") for one in area.members if one.type == "w"]
            yield Outline(*(tuple(ref for ref, inner in ways if inner is asked) for asked in (False, True)))


def _bounds(path: Path, outlines: list[Outline]) -> dict[int, array[int]]:
    """The points of the ways that outlines name. Most have no tags of their own, so that all ways are gone through."""
    wanted = {way for outline in outlines for some in outline for way in some}
    found: dict[int, array[int]] = {}
    if not wanted:
        return found
    for way in osmium.FileProcessor(str(path), osmium.osm.WAY):
        if way.id in wanted:
            assert isinstance(way, osmium.osm.Way)  # noqa: S101 - nothing else was asked for
            found[way.id] = array("q", [node.ref for node in way.nodes])
    return found


def _points(path: Path, bounds: dict[int, array[int]], tell: Tell) -> _Points:
    wanted = array("q")
    for bound in bounds.values():
        wanted.extend(bound)
    for _, tags, nodes in _ways(path):
        if is_road(tags) or is_area(tags, nodes):
            wanted.extend(nodes)
    key = _different(wanted)
    del wanted
    tell("points", len(key))
    points = _Points(key, np.zeros(len(key), np.int32), np.zeros(len(key), np.int32), np.zeros(len(key), bool))
    if not len(key):
        return points
    seen = 0
    number, lon, lat = array("q"), array("i"), array("i")
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE):
        assert isinstance(node, osmium.osm.Node)  # noqa: S101 - nothing else was asked for
        place = node.location
        number.append(node.id)
        lon.append(place.x)
        lat.append(place.y)
        if len(number) == _NODES_AT_ONCE:
            seen += len(number)
            tell("nodes", seen)
            points.settle(number, lon, lat)
            number, lon, lat = array("q"), array("i"), array("i")
    points.settle(number, lon, lat)
    return points


def _different(numbers: array[int]) -> Int:
    """Numbers in order, each once; sorts them in place. np.unique would hold several times as much, in a hash table."""
    if not numbers:
        return np.empty(0, np.int64)
    held = np.frombuffer(numbers, np.int64)
    held.sort()
    first = np.ones(len(held), bool)
    np.not_equal(held[1:], held[:-1], out=first[1:])
    different: Int = held[first]
    return different


def _areas(path: Path, points: _Points, outlines: list[Outline], bounds: dict[int, array[int]]) -> Areas:
    rings = (points.line(nodes) for _, tags, nodes in _ways(path) if is_area(tags, nodes))
    areas = [ring_area(ring) for ring in rings if len(ring) >= RING]
    for outline in outlines:
        outer, inner = ([points.line(bounds[way]) for way in some if way in bounds] for some in outline)
        areas.append(outline_area(outer, inner))
    return Areas(areas)
