"""`hanhtrinh evaluate` on good folders and on bad ones: what is wrong is named by file, place and mend."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import called, hanhtrinh, refused
from tests.cli.samples import HEADER, PERMITS, REGISTRY, START, STATIONS, WEIGHING, position, roads, write, write_folder

Spoil = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_folder(tmp_path / "case")
    return tmp_path / "case"


def positions(*lines: str, header: str = HEADER) -> Spoil:
    return lambda folder: write(folder / "positions.csv", "\n".join((header, *lines)) + "\n")


def line_seven(text: str) -> Spoil:
    """Good lines, but for line 7 of the file."""
    good = [position(step) for step in range(12)]
    return positions(*good[:5], text, *good[6:])


def vehicle(**changes: Any) -> Spoil:
    rows = [{**REGISTRY["vehicles"][0], "plate": "12C-000.01"}, {**REGISTRY["vehicles"][0], **changes}]
    return put("registry.json", {**REGISTRY, "vehicles": rows})


def put(name: str, content: Any) -> Spoil:
    return lambda folder: write(folder / name, content if isinstance(content, str) else json.dumps(content, indent=1))


def replaced_by_folder(name: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return spoil


# Mistake: how to make it, and what the message must name: file, place, mend.
MISTAKES: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "no registry": (lambda folder: (folder / "registry.json").unlink(), ("registry.json: no such file",)),
    "registry no JSON": (put("registry.json", '{"vehicles": ['), ("registry.json: the file: Invalid JSON", "line 1")),
    "registry no object": (put("registry.json", []), ("registry.json: line ", ": the file:", "(given: '[]')")),
    "unknown kind": (
        vehicle(kind="lorry"),
        ("registry.json: line ", ": vehicles.1.kind:", "'truck', 'tanker_truck', 'tractor'", "(given: 'lorry')"),
    ),
    "unknown business": (vehicle(business="haulage"), ("vehicles.1.business:", "'goods'", "(given: 'haulage')")),
    "vehicle without operator": (
        put("registry.json", {"vehicles": [{"plate": "12C-123.45", "kind": "truck", "business": "goods"}]}),
        (
            "registry.json: line ",
            ": vehicles.0.operator: Field required",
        ),
    ),
    "registry row's date": (vehicle(valid_from="2020-02-30"), ("vehicles.1.valid_from:", "(given: '2020-02-30')")),
    "payload as text": (vehicle(payload_kg="8 t"), ("vehicles.1.payload_kg:", "(given: '8 t')")),
    "box the wrong way round": (
        put("registry.json", {**REGISTRY, "box": [110, 8, 102, 24]}),
        (
            "registry.json: line ",
            ": box: write lon min, lat min, lon max, lat max",
        ),
    ),
    "column missing": (
        positions(header=HEADER.replace("speed_kmh,", "")),
        ("positions.csv: no column speed_kmh", "the header is 'vehicle,driver,time,lon,lat,heading"),
    ),
    "column twice": (positions(header=HEADER + ",lon"), ("positions.csv: column lon stands twice",)),
    "no text": (
        lambda folder: (folder / "positions.csv").write_bytes(b"\xff\xfe\0v"),
        ("positions.csv: the header cannot be read",),
    ),
    "speed on line 7": (
        line_seven(position(5, speed="fast")),
        ("positions.csv: line 7: speed_kmh is 'fast', not a number",),
    ),
    "time on line 7": (
        line_seven(position(5).replace(str(START + 50), "2025-03-03")),
        ("positions.csv: line 7: time is '2025-03-03', not a time in whole Unix seconds",),
    ),
    "field too few on line 7": (line_seven(position(5).rpartition(",")[0]), ("positions.csv: line 7: 8 fields",)),
    "empty longitude on line 7": (
        line_seven(position(5).replace("106.7", "")),
        ("positions.csv: line 7: lon is missing or empty",),
    ),
    "ignition on line 7": (
        line_seven(position(5).replace(",0,1,", ",0,on,")),
        ("positions.csv: line 7: ignition is 'on', not 0 or 1",),
    ),
    "two bad lines": (
        positions(position(0, speed="a"), position(1, speed="b")),
        ("positions.csv: line 2: speed_kmh is 'a', not a number (2 bad lines",),
    ),
    "positions a folder": (replaced_by_folder("positions.csv"), ("positions.csv: cannot be read: Is a directory",)),
    "weighing line broken": (
        put("weighings.ndjson", json.dumps(WEIGHING) + "\n\n" + json.dumps(WEIGHING)[:-9] + "\n"),
        ("weighings.ndjson: line 3: not JSON:",),
    ),
    "weighing without plate": (
        put("weighings.ndjson", json.dumps({**WEIGHING, "plate": None}) + "\n"),
        ("weighings.ndjson: line 1: plate is missing or empty",),
    ),
    "weighing in tonnes": (
        put("weighings.ndjson", json.dumps(WEIGHING) + "\n" + json.dumps({**WEIGHING, "axle_kg": [6.1, 6]}) + "\n"),
        ("weighings.ndjson: line 2: axle_kg[0] is 6.1, not a whole number",),
    ),
    "weighings a folder": (
        replaced_by_folder("weighings.ndjson"),
        ("weighings.ndjson: cannot be read: Is a directory",),
    ),
    "permit date": (
        put("permits.json", [*PERMITS, {**PERMITS[0], "valid_to": "28.02.2025"}]),
        ("permits.json: line ", ": 1.valid_to:", "(given: '28.02.2025')"),
    ),
    "permit without mass": (
        put("permits.json", [{"plate": "12C1"}]),
        (
            "permits.json: line ",
            ": 0.gross_kg: Field required",
        ),
    ),
    "station's error": (
        put("stations.json", [{"id": "KT12", "instrument_error_permille": 1000}]),
        (
            "stations.json: line ",
            ": 0.instrument_error_permille: Input should be less than 1000 (given: '1000')",
        ),
    ),
    "station's corridor of one point": (
        put("stations.json", [{"id": "KT12", "lon": 106.7, "lat": 21.8, "corridor": [106.7, 21.7]}]),
        (
            "stations.json: line ",
            ": 0.corridor",
        ),
    ),
    "station's corridor without its place": (
        put("stations.json", [{"id": "KT12", "corridor": [106.7, 21.7, 106.7, 21.9]}]),
        (
            "stations.json: line ",
            ": 0.corridor: KT12: give the station's own lon and lat too",
        ),
    ),
    "length of no corridor": (
        put("stations.json", [{"id": "KT12", "corridor_m": 6000}]),
        (
            "stations.json: line ",
            ": 0.corridor_m: KT12: give the corridor's points too",
        ),
    ),
    "road a point": (
        put("roads.geojson", roads({"type": "Point", "coordinates": [106.7, 21.5]})),
        ("roads.geojson: line ", ": features.0.geometry.type:", "'LineString'", "(given: 'Point')"),
    ),
    "road of one point": (
        put("roads.geojson", roads({"type": "LineString", "coordinates": [[106.7, 21.5]]})),
        ("roads.geojson: line ", ": features.0.geometry.coordinates:", "at least 2 items"),
    ),
    "road off the globe": (
        put("roads.geojson", roads({"type": "LineString", "coordinates": [[21.5, 106.7], [21.6, 106.7]]})),
        (
            "roads.geojson: line ",
            ": features.0.geometry.coordinates.0.1: Input should be less than or equal to 90",
        ),
    ),
    "road's kind": (
        put("roads.geojson", roads(kind="motorway")),
        ("roads.geojson: line ", ": features.0.properties.kind:", "'expressway'", "(given: 'motorway')"),
    ),
    "road's sign": (put("roads.geojson", roads(maxspeed=0)), ("features.0.properties.maxspeed:", "(given: '0')")),
    "sign that is no number": (
        put("roads.geojson", roads(maxspeed=True)),
        ("roads.geojson: line ", ": features.0.properties.maxspeed: write a number, not true or false (given: 'True')"),
    ),
    "certificate that is no number": (
        vehicle(payload_kg=True),
        (": vehicles.1.payload_kg: write a number, not true or false",),
    ),
    "point that is no number": (
        put("roads.geojson", roads({"type": "LineString", "coordinates": [[106.7, True], [106.7, 21.6]]})),
        ("features.0.geometry.coordinates.0.1: write a number, not true or false",),
    ),
    "day in Unix seconds": (
        vehicle(valid_from=1_735_689_600),
        (": vehicles.1.valid_from: write a day such as 2026-03-01",),
    ),
    "day in digits": (vehicle(valid_from="1735689600"), (": vehicles.1.valid_from: write a day such as 2026-03-01",)),
    "king-pin of no distance": (vehicle(kingpin_mm=0), (": vehicles.1.kingpin_mm:", "greater than 0 (given: '0')")),
    "vehicle's days the wrong way round": (
        vehicle(valid_from="2025-03-02", valid_to="2025-03-01"),
        (": vehicles.1.valid_to: 2025-03-01 lies before valid_from, 2025-03-02",),
    ),
    "permit's days the wrong way round": (
        put("permits.json", [{**PERMITS[0], "valid_to": "2024-12-31"}]),
        ("permits.json: line ", ": 0.valid_to: 2024-12-31 lies before valid_from, 2025-01-01"),
    ),
    "road's days the wrong way round": (
        put("roads.geojson", roads(valid_from="2025-03-02", valid_to="2025-03-01")),
        ("roads.geojson: line ", ": features.0.properties.valid_to: 2025-03-01 lies before valid_from, 2025-03-02"),
    ),
    "two rows of one plate and day": (
        vehicle(plate="12C 000.01", payload_kg=9000),
        (": vehicles.1: another row of the same plate and first day is 0; keep one",),
    ),
    "two stations of one name": (
        put("stations.json", [*STATIONS, {"id": "KT12", "gross_limit_kg": 1000}]),
        ("stations.json: line ", ": 1: another row of the same id is 0; keep one"),
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_bad_input_is_refused_by_name(folder: Path, name: str) -> None:
    spoil, parts = MISTAKES[name]
    spoil(folder)
    refused(called("evaluate", folder), f"{folder}/", *parts)


def test_a_fault_in_json_names_its_line(folder: Path) -> None:
    """Tabs and text that looks like another notation do not lead it astray."""
    lines = ('{"operators": [{"id": "OP1", "name": "A: {x} # - b"}],', '\t"vehicles": [', '\t\t{"plate": "12C1", ',
             '\t\t "operator": "OP1", "kind":\t"truck",', '\t\t "seats": true}]}')  # fmt: skip
    write(folder / "registry.json", "\n".join(lines))
    refused(called("evaluate", folder), "registry.json: line 5: vehicles.0.seats: write a number, not true or false")


def test_a_row_that_stands_twice_is_one(folder: Path) -> None:
    put("registry.json", {**REGISTRY, "vehicles": REGISTRY["vehicles"] * 2})(folder)
    put("stations.json", STATIONS * 2)(folder)
    assert called("evaluate", folder) == (0, "", "")


@pytest.mark.parametrize("name", ["no registry", "speed on line 7", "weighing line broken"])
def test_the_installed_command_refuses_alike(folder: Path, name: str) -> None:
    spoil, parts = MISTAKES[name]
    spoil(folder)
    done = hanhtrinh("evaluate", "case", cwd=folder.parent)
    refused(done, "case/", *parts)
    assert done.err == called("evaluate", folder).err.replace(str(folder), "case")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    refused(called("evaluate", tmp_path / "nowhere"), "nowhere/registry.json: no such file")


def test_a_registry_is_enough(tmp_path: Path) -> None:
    write(tmp_path / "registry.json", "{}")
    assert called("evaluate", tmp_path) == (0, "", "")
    summary = json.loads(called("evaluate", "--summary", tmp_path).out)
    assert summary == {"fixes": 0, "duplicates": 0, "conflicts": 0, "flags": {}, "driving_s": {}, "driving_m": {},
                       "notes": []}  # fmt: skip


def test_lawful_records_give_no_finding(folder: Path) -> None:
    assert hanhtrinh("evaluate", folder, cwd=folder.parent) == (0, "", "")
    summary = json.loads(called("evaluate", "--summary", folder).out)
    assert (summary["fixes"], summary["driving_s"]) == (12, {"12C12345": 110})


def test_a_vehicle_that_nobody_registered_is_judged_with_no_operator(folder: Path) -> None:
    """It has the highest limits: 120 on an unknown road, whatever it is."""
    (folder / "roads.geojson").unlink()
    lines = [position(step, plate="29X-999.99", speed="135") for step in range(6)]
    positions(*lines)(folder)
    heavy = {**WEIGHING, "plate": "29X-999.99", "axle_kg": [3000, 12_500], "gross_kg": 15_500}
    put("weighings.ndjson", json.dumps(heavy) + "\n")(folder)
    done = called("evaluate", folder)
    assert (done.code, done.err) == (0, "")
    findings = {finding["rule"]: finding for finding in map(json.loads, done.out.splitlines())}
    assert set(findings) == {"speeding", "overload_axle"}
    for finding in findings.values():
        assert (finding["vehicle"], finding["operator"], finding["grade"]) == ("29X99999", None, "certain")
    assert (findings["speeding"]["limit"], findings["speeding"]["excess"]) == (120.0, 15.0)
    summary = json.loads(called("evaluate", "--summary", folder).out)
    said = {note["kind"]: note["text"] for note in summary["notes"] if note["subject"] == "29X99999"}
    assert set(said) == {"unregistered", "registry_gap"}
    assert "its operator not known; register it" in said["unregistered"]
    assert said["registry_gap"].startswith("no registry row on file for the weighing")


def test_the_method_of_the_trade_is_one_option_away(folder: Path) -> None:
    """A stop of ten minutes is no driving by the default method; the trade counts it."""
    (folder / "weighings.ndjson").unlink()
    lines = [position(step) for step in range(12)]
    lines += [position(12, speed="0", time=START + 120 + 60 * minute) for minute in range(10)]
    lines += [position(12 + step, time=START + 720 + 10 * step) for step in range(12)]
    positions(*lines)(folder)
    seconds = []
    for method in ("method", "method-practice"):
        done = called("evaluate", "--summary", "--method", method, folder)
        seconds.append(json.loads(done.out)["driving_s"]["12C12345"])
    assert seconds == [230, 830]


def test_a_law_with_a_wrong_date_is_refused(folder: Path) -> None:
    figures = "figures:\n  moving_min: {value: 3, unit: km/h, rationale: Vendors take it as moving.}\n"
    method = folder.parent / "own.yaml"
    write(method, f"title: Own\ntitle_vi: Riêng\napplies_from: 2025-13-01\n{figures}")
    done = called("evaluate", "--method", method, folder)
    refused(done, "own.yaml: applies_from: '2025-13-01' is no date; write it as YYYY-MM-DD")
    write(method, f"title: Own\ntitle_vi: Riêng\napplies_from: 2025-01-01\n{figures}")
    done = called("evaluate", "--method", method, folder)
    refused(done, "rule continuous_driving needs method.unknown_bridge_max, which no law or method file states; add it")


def test_an_unknown_option_is_named(folder: Path) -> None:
    done = called("evaluate", "--no-such-option", folder)
    assert (done.code, done.out) == (2, "")
    assert "No such option" in done.err
    assert "Traceback" not in done.err
