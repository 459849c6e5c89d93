"""The national roads of Vietnam as their open data state them, without sign, kind or area: what is assumed is said, and
nothing is certain below the highest limit of a vehicle's class."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.reference import InputError
from cli.roads.geojson import ASSUMABLE, read_geojson
from cli.roads.mapping import Mapping, read_mapping
from journey.localtime import midnight
from journey.model import Grade
from journey.registry import Operator, Registration, Registry, Road
from journey.track import FIX
from rules import law as rulebook
from rules.engine import Known, know, vehicle_floor
from rules.roads.limits import class_of

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "roads-vietnam" / "giaothong.geojson"
EXAMPLE = Path(__file__).parents[2] / "cli" / "roads" / "example.toml"
VIETNAM = (102.0, 8.0, 110.0, 24.0)
LAW = rulebook.load()
DEGREE_M = 111_195
PLATE = "12C12345"
VEHICLES = (
    Registration(PLATE, "OP1", "truck", payload_kg=2000),
    Registration(PLATE, "OP1", "truck", payload_kg=8000),
    Registration(PLATE, "OP1", "coach", seats=16),
    Registration(PLATE, "OP1", "coach", seats=45),
    Registration(PLATE, "OP1", "tractor"),
    Registration(PLATE, "OP1", "mixer"),
    None,  # nobody knows it
)
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not beside the checkout: no road read")


@cache
def roads(mapped: bool) -> tuple[Road, ...]:
    """With the mapping that the program prints, which assumes a kind; and without, where a road's kind is not known."""
    mapping = read_mapping(EXAMPLE) if mapped else Mapping(fields={"id": "gid", "name": "ten"}, duplicates="number")
    return tuple(read_geojson(SHARED, mapping, VIETNAM))


@cache
def known(mapped: bool, vehicle: Registration | None) -> Known:
    vehicles = () if vehicle is None else (vehicle,)
    return know(Registry((Operator("OP1", "one"),), vehicles, roads=roads(mapped)), LAW)


def highest(vehicle: Registration | None, time: int) -> int:
    """Tenths of km/h: of the tables of a vehicle's class, as the law stood."""
    tables = {path: LAW.at(f"speed.{path}", time) for path in ("inside", "outside", "classes")}
    inside, outside, classes = (tables[path].value for path in ("inside", "outside", "classes"))  # type: ignore[union-attr]
    return int(max(*inside.values(), *outside[class_of(vehicle, classes)].values()))


def drive(road: Road, speed_kmh: int, start: int) -> pl.DataFrame:
    """Four minutes along a road, there and back where it is short, a fix in ten seconds."""
    lon, lat = np.array(road.line).T
    way = np.concatenate(([0], np.cumsum(np.hypot(np.diff(lon) * np.cos(np.radians(lat[0])), np.diff(lat)) * DEGREE_M)))
    gone = np.arange(25) * 10 * speed_kmh / 3.6
    at = np.abs((gone + way[-1]) % (2 * way[-1]) - way[-1])
    columns = {
        "vehicle": PLATE, "driver": "790123456789", "time": pl.Series(start + 10 * np.arange(25)),
        "lon": np.interp(at, way, lon), "lat": np.interp(at, way, lat), "speed_dkmh": 10 * speed_kmh, "scaled": False,
    }  # fmt: skip
    return pl.DataFrame(columns).select(
        (pl.col(name) if name in columns else pl.lit(None)).cast(kind).alias(name) for name, kind in FIX.items()
    )


@pytest.mark.parametrize("mapped", [True, False])
def test_what_the_file_does_not_state_is_flagged(mapped: bool) -> None:
    found = roads(mapped)
    assert len(found) > 600
    assert {road.assumed for road in found} == {frozenset(ASSUMABLE)}
    assert {road.kind for road in found} == ({"undivided"} if mapped else {None})
    assert {road.maxspeed for road in found} == {None}


@settings(max_examples=150, deadline=None)
@given(
    place=st.integers(0, 10_000), mapped=st.booleans(), vehicle=st.sampled_from(VEHICLES),
    day=st.dates(date(2020, 1, 1), date(2026, 10, 1)), speed_kmh=st.integers(55, 150),
)  # fmt: skip
def test_nothing_is_certain_below_the_highest_limit_of_the_class(
    place: int, mapped: bool, vehicle: Registration | None, day: date, speed_kmh: int
) -> None:
    start = midnight(day) + 3600
    some = roads(mapped)
    floor = vehicle_floor(drive(some[place % len(some)], speed_kmh, start), known(mapped, vehicle), LAW)
    found = [one for one in floor.findings if one.rule == "speeding"]
    assert [one for one in found if one.grade is Grade.CERTAIN and 10 * one.limit < highest(vehicle, start)] == []
    # On a limit of the tables, and not that of expressways where no road is near, a finding says what it rests on.
    assert all(set(one.detail["assumed"]) == set(ASSUMABLE) for one in found if one.limit < 120)


def test_a_speed_above_every_limit_of_the_class_is_found() -> None:
    """So that the property above does not hold for want of findings."""
    vehicle, start = VEHICLES[1], midnight(date(2026, 3, 2))
    fast = highest(vehicle, start) // 10 + 25
    found = 0
    for road in roads(True)[:40]:
        floor = vehicle_floor(drive(road, fast, start), known(True, vehicle), LAW)
        found += any(one.grade is Grade.CERTAIN and 10 * one.limit == highest(vehicle, start) for one in floor.findings)
    assert found > 20


def test_its_coordinates_exchanged_are_refused(tmp_path: Path) -> None:
    import orjson

    document = orjson.loads(SHARED.read_bytes())
    for feature in document["features"]:
        lines = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = [[[lat, lon] for lon, lat in line] for line in lines]
    path = tmp_path / "exchanged.geojson"
    path.write_bytes(orjson.dumps(document))
    with pytest.raises(InputError, match="faults, nothing was imported") as refusal:
        read_geojson(path, read_mapping(EXAMPLE), VIETNAM)
    assert str(refusal.value).count("has its coordinates exchanged: write longitude first") == 20
