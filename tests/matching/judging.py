"""Tracks judged with a real matcher over tiles of a made-up network, without a store."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cli.matching.answers import Point
from cli.matching.matcher import matcher
from cli.matching.tiles import build
from journey.model import Finding
from journey.track import MATCH
from rules import law as rulebook
from rules.engine import VehicleFloor, know, slices_to_match, vehicle_floor, with_matches
from tests.matching.network import PLATE, Network

LAW = rulebook.load()


def judged(network: Network, fixes: pl.DataFrame, folder: Path) -> tuple[list[Finding], list[Finding], pl.DataFrame]:
    """Findings without and with the match of the suspect slices, and the match."""
    known = know(network.registry(), LAW)
    floor = vehicle_floor(fixes, known, LAW)
    rows = matched(floor, *_slices(floor, network), network=network, folder=folder)
    return floor.findings, with_matches(floor, rows, known, LAW).findings, rows


def _slices(floor: VehicleFloor, network: Network) -> tuple[list[int], list[int]]:
    runs = slices_to_match(floor, know(network.registry(), LAW), LAW)
    return runs.first.tolist(), runs.last.tolist()


def matched(floor: VehicleFloor, first: list[int], last: list[int], network: Network, folder: Path) -> pl.DataFrame:
    usable = floor.usable
    rows = []
    with matcher(build(network.write(folder / "made.osm.pbf"), folder / "tiles")) as match:
        for a, b in zip(first, last, strict=True):
            inside = slice(a, b + 1)
            columns = (usable.time[inside].tolist(), usable.lon[inside].tolist(), usable.lat[inside].tolist())
            points = [Point(*point) for point in zip(*columns, strict=True)]
            rows += [
                (
                    PLATE,
                    one.time,
                    points[0].time,
                    one.road,
                    one.offset_dm,
                    list(one.through),
                    one.path_dm,
                )
                for one in match.match(points) or []
            ]
    return pl.DataFrame(rows, schema=MATCH, orient="row")
