"""What is written is what was made, in every form."""

import json
from pathlib import Path

import polars as pl
import pytest

from cli.fleet import Fleet, FleetSpec, frame, generate, write
from cli.fleet.roads import LINES, network, profile, route
from cli.fleet.weighings import SHEETS
from ingest.protocols import csv_v1, json_v1, ufms_frames
from journey.model import Decoded
from journey.track import FIX, fix_frame

SPEC = FleetSpec(vehicles=12, days=1, seed=8, sampling_s=(30, 30), split_feeds=True, operators=6)
DECODERS = {"csv": csv_v1, "ndjson": json_v1, "ufms": ufms_frames}
# What every form carries.
COMMON = ["vehicle", "driver", "time", "lon", "lat", "speed_dkmh", "heading"]


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return generate(SPEC)


def decoded(path: Path) -> pl.DataFrame:
    result: Decoded = DECODERS[path.suffix[1:]].decode(path.read_bytes(), None)
    assert result.bad == []
    return fix_frame(result.fixes) if result.frame is None else result.frame


@pytest.mark.parametrize("form", ["positions.csv", "feed.ndjson", "feed.ufms"])
def test_each_form_is_read_as_it_was_meant(fleet: Fleet, tmp_path: Path, form: str) -> None:
    write(fleet, tmp_path, [form])
    read, meant = decoded(tmp_path / form), frame(fleet)
    assert read.select(COMMON).equals(meant.select(COMMON))
    if form != "feed.ufms":  # which has no time of receipt, no millisecond, and no false that was sent
        names = ["ignition", "received", "scaled"]
        assert read.select(names).equals(meant.select(names))
    if form == "feed.ndjson":
        assert read.select(list(FIX)).equals(meant)


def test_split_feeds_give_each_provider_its_form(fleet: Fleet, tmp_path: Path) -> None:
    write(fleet, tmp_path)
    plates = {name: set(decoded(tmp_path / name)["vehicle"]) for name in ("feed.csv", "feed.ndjson", "feed.ufms")}
    for name, operators in (("feed.csv", (0, 1)), ("feed.ndjson", (2, 3)), ("feed.ufms", (4, 5))):
        own = {plate for plate, operator in zip(fleet.plates, fleet.provider, strict=True) if operator in operators}
        assert plates[name] == own
    rows = sum(decoded(tmp_path / name).height for name in plates)
    assert rows == decoded(tmp_path / "positions.csv").height == fleet.fixes.height


def test_plates_and_licences_are_written_in_several_ways(fleet: Fleet, tmp_path: Path) -> None:
    write(fleet, tmp_path, ["feed.ndjson"])
    records = [json.loads(line) for line in (tmp_path / "feed.ndjson").read_text("utf-8").splitlines()]
    assert list(records[0]) == [
        "vehicle", "driver", "time", "lon", "lat", "speed_kmh", "heading", "altitude_m", "ignition", "door", "aircon",
        "received",
    ]  # fmt: skip
    assert len({record["vehicle"] for record in records}) > 2 * SPEC.vehicles
    assert any("." in record["driver"] for record in records)


def test_an_unknown_form_is_refused(fleet: Fleet, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"feed\.xml"):
        write(fleet, tmp_path, ["feed.xml"])


def test_weighings_name_known_stations_and_add_up(fleet: Fleet) -> None:
    stations = {station["id"] for station in fleet.stations}
    for record in fleet.weighings:
        assert record["station"] in stations
        assert record["gross_kg"] == sum(record["axle_kg"])
        assert len(record["spacing_mm"]) == len(record["axle_kg"]) - 1
    assert sum(not sheet.answers for sheet in SHEETS) >= 8


def test_the_roads_say_where_they_are_from_and_what_is_invented() -> None:
    document = network()
    assert document["attribution"] == "CTU-SematX/LegoCity open data, CC BY-SA 4.0"
    assert "nvented" in document["note"]
    assert len({feature["properties"]["id"] for feature in document["features"]}) == len(document["features"])
    kinds = {(f["properties"]["kind"], f["properties"]["urban"]) for f in document["features"]}
    assert {("divided", False), ("undivided", False), ("undivided", True)} <= kinds


@pytest.mark.parametrize("name", LINES)
def test_usual_driving_stays_below_the_limit_and_slows_down_in_time(name: str) -> None:
    assert route(name).s[-1] > 50_000
    for speed_class in "ABCD":
        course = profile(name, speed_class)
        assert (course.reference * 3.6 < 0.9 * course.limit).all()
        assert (course.high - course.low).max() > 3000
