"""Files of roads that are broken: each refusal names the file, the feature and the reason, and nothing is taken in."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import osmium
import pytest

from cli.reference import InputError
from cli.roads.geojson import read_geojson
from cli.roads.mapping import Mapping, read_mapping
from cli.roads.osm import read_osm
from cli.roads.showing import as_document
from journey.registry import Road
from storage.database import connect
from storage.roads.rows import load_roads
from tests.casefolder import LAW
from tests.cli.command import called

BOX = (102.0, 8.0, 110.0, 24.0)
LINE = {"type": "LineString", "coordinates": [[106.7, 21.8], [106.71, 21.81]]}
STATED = {"id": "R1", "kind": "undivided", "urban": False, "lanes": 2, "maxspeed": 60}


def feature(geometry: Any = LINE, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {**STATED, **properties}, "geometry": geometry}


def document(folder: Path, *features: Any, **more: Any) -> Path:
    path = folder / "roads.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features), **more}), encoding="utf-8")
    return path


def line(*points: Any) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": list(points)}


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "exchanged": (feature(line([21.8, 106.7], [21.81, 106.71])), "coordinates exchanged: write longitude first"),
    "elsewhere": (feature(line([1.5, 42.5], [1.6, 42.6])), "lies outside 102..110 E, 8..24 N; --anywhere"),
    "no geometry": ({**feature(), "geometry": None}, "its geometry is empty"),
    "empty": (feature(line()), "0 different points"),
    "no parts": (feature({"type": "MultiLineString", "coordinates": []}), "its geometry is empty"),
    "one point": (feature(line([106.7, 21.8])), "1 different points"),
    "one point twice": (feature(line([106.7, 21.8], [106.7, 21.8])), "1 different points"),
    "a point": (feature({"type": "Point", "coordinates": [106.7, 21.8]}), "its geometry is Point"),
    "text for a number": (feature(line(["106.7", 21.8], [106.8, 21.9])), "is no point"),
    "unknown kind": (feature(kind="motorway"), "kind: Input should be 'expressway'"),
    "sign of 0": (feature(maxspeed=0), "maxspeed: Input should be greater than or equal to 1"),
    "sign of 600": (feature(maxspeed=600), "maxspeed: Input should be less than or equal to 200"),
    "sign below 0": (feature(maxspeed=-50), "maxspeed: Input should be greater than or equal to 1"),
    "a sign in words": (feature(maxspeed="walk"), "maxspeed: Input should be a valid number"),
    "days reversed": (feature(valid_from="2025-02-01", valid_to="2025-01-01"), "valid_to 2025-01-01 lies before"),
    "against one-way": (feature(oneway=True, maxspeed_backward=50), "against the direction of a one-way road"),
    "neither direction": (feature(maxspeed_forward=50, maxspeed_backward=40), "maxspeed 60 is that of neither"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_feature_that_cannot_be_used_is_named(tmp_path: Path, fault: str) -> None:
    broken, reason = FAULTS[fault]
    path = document(tmp_path, feature(), {**broken, "properties": {**broken["properties"], "id": "R2"}})
    with pytest.raises(InputError) as refusal:
        read_geojson(path, Mapping(), BOX)
    said = str(refusal.value)
    assert f"{path}: 1 faults, nothing was imported:" in said
    assert "feature 2 (id 'R2'): " in said
    assert reason in said


def test_every_fault_is_named_up_to_twenty(tmp_path: Path) -> None:
    path = document(tmp_path, *(feature(line(), id=f"R{number}") for number in range(30)))
    with pytest.raises(InputError, match="30 faults") as refusal:
        read_geojson(path, Mapping(), BOX)
    assert str(refusal.value).count("feature ") == 20
    assert str(refusal.value).endswith("and 10 more")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"type": "FeatureCollection", "features": [', "is no JSON, or cut short"),
        ('{"type": "Topology"}', "has no list of features"),
        ("[]", "has no list of features"),
        ('{"features": [], "crs": {"properties": {"name": "EPSG:3405"}}}', "its coordinates are in EPSG:3405"),
        ('{"features": [7]}', "feature 1: is no feature with properties"),
    ],
)
def test_a_file_that_is_no_geojson_of_roads(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "roads.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=reason):
        read_geojson(path, Mapping(), BOX)


def test_one_id_twice_is_refused_or_numbered(tmp_path: Path) -> None:
    path = document(tmp_path, feature(), feature(), feature(id="R2"))
    with pytest.raises(InputError, match="id 'R1': 2 features have it"):
        read_geojson(path, Mapping(), BOX)
    assert [road.id for road in read_geojson(path, Mapping(duplicates="number"), BOX)] == ["R1", "R1~2", "R2"]
    dated = document(tmp_path, feature(valid_to="2024-12-31"), feature(valid_from="2025-01-01"))
    assert [road.id for road in read_geojson(dated, Mapping(), BOX)] == ["R1", "R1"]


def test_what_is_not_stated_is_assumed(tmp_path: Path) -> None:
    bare = {"type": "Feature", "properties": {"id": 7, "kind": None, "maxspeed": None}, "geometry": LINE}
    (road,) = read_geojson(document(tmp_path, bare), Mapping(), BOX)
    # A column of signs that is empty for a road states that none stands; a kind that is empty states nothing.
    assert (road.id, road.kind, road.assumed) == ("7", None, {"kind", "urban", "lanes"})
    (road,) = read_geojson(document(tmp_path, feature()), Mapping(), BOX)
    assert road.assumed == frozenset()


def test_columns_of_another_name(tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    text = ('[fields]\nid = "ma"\nname = "ten"\nkind = "loai"\n[values.kind]\n"Đường đôi" = "divided"\n'
            '[drop]\nloai = ["Đường sắt"]\n[unknown]\nten = ["?"]\n[assume]\nurban = true\n')  # fmt: skip
    file.write_text(text, "utf-8")
    rows = [{"ma": 1, "ten": "QL1", "loai": "Đường đôi"}, {"ma": 2, "ten": "?", "loai": None}, {"loai": "Đường sắt"}]
    two = {"type": "MultiLineString", "coordinates": [LINE["coordinates"], [[106.8, 21.8], [106.9, 21.9]]]}
    path = document(tmp_path, *({"properties": row, "geometry": two} for row in rows))
    found = read_geojson(path, read_mapping(file), BOX)
    assert [(road.id, road.name, road.kind, road.urban) for road in found] == [
        ("1/part 1", "QL1", "divided", True), ("1/part 2", "QL1", "divided", True),
        ("2/part 1", None, None, True), ("2/part 2", None, None, True),
    ]  # fmt: skip
    assert [sorted(road.assumed) for road in found[1:3]] == [
        ["lanes", "maxspeed", "urban"], ["kind", "lanes", "maxspeed", "urban"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[fields", "is no TOML"),
        ('[fields]\nspeed = "v"', "fields.speed: a road has no such field"),
        ('[colours]\nx = "y"', "colours: Extra inputs"),
    ],
)
def test_a_mapping_that_is_broken(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "map.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=reason):
        read_mapping(file)


def extract(path: Path, ways: int = 3, points: int = 3) -> Path:
    """An extract with so many ways, each with points of its own; the last point of the first way is left out."""
    with osmium.SimpleWriter(str(path)) as writer:
        for number in range(1, ways * points + 1):
            if number != points:
                place = (1.5 + number / 1000, 42.5 + (number % 7) / 1000)
                writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
        for way in range(ways):
            nodes = list(range(way * points + 1, (way + 1) * points + 1))
            tags = {"highway": "primary", "maxspeed": "60", "name": f"road {way}"}
            writer.add_way(osmium.osm.mutable.Way(id=way + 1, nodes=nodes, tags=tags))
    return path


def roads_of(path: Path) -> list[Road]:
    return list(read_osm(path, []))


def test_an_extract_is_read_and_points_that_it_lacks_are_left_out(tmp_path: Path) -> None:
    skipped: list[str] = []
    found = list(read_osm(extract(tmp_path / "a.osm.pbf"), skipped))
    assert [(road.id, len(road.line), road.maxspeed) for road in found] == [
        ("osm/1", 2, 60.0), ("osm/2", 3, 60.0), ("osm/3", 3, 60.0),
    ]  # fmt: skip
    assert found[0].line == ((1.501, 42.501), (1.502, 42.502))
    assert skipped == []
    assert [road.id for road in read_osm(extract(tmp_path / "b.osm.pbf", points=2), skipped)] == ["osm/2", "osm/3"]
    assert skipped == ["way 1: fewer than two of its points are in the extract"]


def test_a_way_of_one_point_is_left_out_and_said(tmp_path: Path) -> None:
    path, skipped = tmp_path / "one.osm.pbf", list[str]()
    with osmium.SimpleWriter(str(path)) as writer:
        for number in (1, 2):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(106.7 + number / 1000, 21.8)))
        for number, nodes in enumerate(([1], [1, 1], [], [1, 2]), 1):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags={"highway": "primary"}))
    assert [road.id for road in read_osm(path, skipped)] == ["osm/4"]
    assert skipped == [f"way {number}: fewer than two of its points are in the extract" for number in (1, 2, 3)]


def test_broken_extracts_are_refused_by_name(tmp_path: Path) -> None:
    whole = extract(tmp_path / "a.osm.pbf", ways=3000).read_bytes()
    for name, content in {
        "cut": whole[:-100], "half": whole[: len(whole) // 2], "text": b"not a file of roads\n" * 50,
        "damaged": whole[:500] + bytes(400) + whole[900:],
    }.items():  # fmt: skip
        path = tmp_path / f"{name}.osm.pbf"
        path.write_bytes(content)
        with pytest.raises(InputError) as refusal:
            roads_of(path)
        assert str(refusal.value).startswith(f"{path}: is broken or cut short"), name
    with pytest.raises(InputError, match="no such file"):
        roads_of(tmp_path / "none.osm.pbf")


def test_nothing_of_a_broken_file_is_imported(tmp_path: Path, emptied: str) -> None:
    whole = extract(tmp_path / "a.osm.pbf", ways=3000).read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole[:-100])
    wrong = document(tmp_path, feature(), feature(line([21.8, 106.7], [21.81, 106.71]), id="R2"))
    lap = tmp_path / "lap.geojson"
    rows = [feature(valid_to="2025-01-31"), feature(valid_from="2025-01-31")]
    lap.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    for path, part in (
        (cut, "is broken or cut short"), (wrong, "coordinates exchanged"),
        (lap, "road 'R1': its row from 2025-01-31 begins before the one before it has ended; mend valid_to"),
    ):  # fmt: skip
        done = called("roads", "import", path, DATABASE_URL=emptied)
        assert (done.code, done.out) == (2, "")
        assert part in done.err
        assert "Traceback" not in done.err
    with connect(emptied) as connection:
        assert list(load_roads(connection)) == []
    done = called("roads", "import", tmp_path / "a.osm.pbf", DATABASE_URL=emptied)
    assert (done.code, "3,000 new" in done.err) == (0, True)
    assert "nothing changed" in called("roads", "import", tmp_path / "a.osm.pbf", DATABASE_URL=emptied).err
    shown = called("roads", "show", "osm/2", "--format", "json", DATABASE_URL=emptied)
    assert json.loads(shown.out)[0]["limits"][0]["limit_kmh"] == 60
    near = called("roads", "show", "--near", "1.504,42.504", "--format", "csv", DATABASE_URL=emptied)
    assert near.out.splitlines()[1].startswith('osm/2,class A,both,60.0,"speed.sign: ')
    remarks = called("roads", "lint", "--format", "json", DATABASE_URL=emptied)
    assert {"one-way conflict", "gap"}.isdisjoint({one["check"] for one in json.loads(remarks.out)})


def test_the_minimum_of_an_expressway_is_shown_from_its_day_on() -> None:
    fast, slow = (Road(kind, kind, kind, False, None, True, 4, ((106.7, 21.8), (106.8, 21.9)))
                  for kind in ("expressway", "divided"))  # fmt: skip
    after, before = date(2025, 1, 1), date(2024, 12, 31)
    told = as_document(fast, after, LAW)["minimum"]
    assert told["kmh"] == 60
    assert told["rests_on"].startswith("speed.expressway_min: Circular 38/2024")
    assert as_document(fast, before, LAW)["minimum"] is None
    assert as_document(slow, after, LAW)["minimum"] is None
