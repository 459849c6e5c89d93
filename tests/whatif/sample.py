"""Records made by hand for comparisons, in the form of the worked cases, and their way into a store."""

from __future__ import annotations

from typing import Any

import polars as pl

from journey.registry import Registry
from journey.track import encode
from rules.quality import fix_flags
from storage.commit import commit_batch
from storage.database import Connection
from storage.registry import save_registry
from tests.casefolder import LAW, read_inputs
from tests.storage.samples import stretch

PLATE, LICENCE = "12C12345", "790123456789"


def case(positions: list[dict[str, str]], **parts: Any) -> dict[str, Any]:
    """Inputs with one liquid tanker's tractor on a two-way road outside towns."""
    vehicle = {"plate": PLATE, "operator": "OP1", "kind": "tractor", "business": "goods", "liquid_tank": True,
               "valid_from": "2020-01-01"}  # fmt: skip
    road = {
        "type": "Feature",
        "properties": {"id": "R1", "name": None, "kind": "undivided", "urban": False, "maxspeed": None, "oneway": False,
                       "lanes": 2},
        "geometry": {"type": "LineString", "coordinates": [[106.7, 14.9], [106.7, 23.0]]},
    }  # fmt: skip
    return {
        "positions": positions, "weighings": [], "stations": [], "permits": [],
        "registry": {"operators": [{"id": "OP1", "name": "One"}], "vehicles": [vehicle], "drivers": []},
        "roads": {"type": "FeatureCollection", "features": [road]}, **parts,
    }  # fmt: skip


def fixes(
    start: int, seconds: int, speed: str = "50", plate: str = PLATE, step: int = 60, licence: str = LICENCE
) -> list[dict[str, str]]:
    """Fixes that begin 0.0001 degrees apart, northwards."""
    return [
        {"vehicle": plate, "driver": licence, "time": str(start + place), "lon": "106.7",
         "lat": f"{15 + place * 0.000005:.6f}", "speed_kmh": speed, "heading": "", "ignition": "", "received": ""}
        for place in range(0, seconds + 1, step)
    ]  # fmt: skip


def tanker_at(start: int) -> list[dict[str, str]]:
    """Two minutes at 65 km/h, then half a minute at 40."""
    return fixes(start, 120, "65", step=30) + fixes(start + 150, 30, "40", step=30)


def take_in(store: Connection, inputs: dict[str, Any], position: int = 0) -> None:
    """Registry and records into the store, as one batch."""
    frame, weighings, registry = read_inputs(inputs)
    if registry != Registry():
        save_registry(store, registry)
    flags = pl.Series(fix_flags(encode(frame).frame, registry.box or (102, 8, 110, 24), LAW), dtype=pl.Int16)
    commit_batch(store, stretch("test", position, position + 1, frame.with_columns(flags=flags), weighings=weighings))
