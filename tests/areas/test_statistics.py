"""Boundaries imported, distances judged, statistics by area: each sum against a plain count over what was sent."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from journey.casework import Step
from journey.localtime import midnight
from storage.audit.log import By
from storage.cases.steps import take_step
from storage.database import connect
from tests.cli.command import refused
from tests.lists.sample import CLOSED, START, A, B, Office, drive, office
from tests.people.samples import person
from tests.printing.reading import last_page_can_be_read
from tests.reports.test_forms import one

MADE_AT = ("--made-at", str(START + 40 * 86_400))
LONG_NAME = "Huyện có tên gọi rất dài để xem bảng in trên giấy xuống dòng thế nào cho dễ đọc"
# Drives go north from 15.0000: 61 fixes at 100 km/h end at 15.003.
BORDER = 15.001525  # behind the 31st fix


def feature(code: str, name: str, south: float, north: float, **more: Any) -> dict[str, Any]:
    ring = [[106.0, south], [107.0, south], [107.0, north], [106.0, north], [106.0, south]]
    return {"type": "Feature", "properties": {"id": code, "name": name, **more},
            "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip


def boundaries(folder: Path, *features: dict[str, Any]) -> Path:
    path = folder / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


OLD = (
    feature("01", "Tỉnh Nam", 14, BORDER, level=1, valid_to="2025-03-04"),
    feature("02", "Tỉnh Bắc", BORDER, 16, level=1, valid_to="2025-03-04"),
    feature("09", "Tỉnh Nam Bắc", 14, 16, level=1, valid_from="2025-03-05"),
    feature("001", LONG_NAME, 14, BORDER, level=2),
)


@pytest.fixture(scope="module")
def fleet(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Tuesday: A and B before the reform; Thursday: A after it. One vehicle's finding is dismissed."""
    made = office(module_database, tmp_path_factory.mktemp("areas"))
    made.take_in(drive(A, 1, "100") + drive(B, 1, "100") + drive(A, 3, "100"))
    made.done("areas", "import", boundaries(made.folder, *OLD))
    made.done("check")
    return made


def rows(fleet: Office, folder: Path, *period: str) -> list[dict[str, str]]:
    fleet.done("statistics", *(period or ("--month", "2025-03")), *MADE_AT, "--out", folder / "a.csv")
    return list(csv.DictReader(io.StringIO((folder / "a.csv").read_text(encoding="utf-8-sig"), newline="")))


def by(found: list[dict[str, str]], group: str, column: str) -> dict[str, str]:
    (name,) = [name for name in found[0] if column in name]
    return {row["Nhóm"]: row[name] for row in found if row["Phân tổ"] == group}


def test_areas_before_and_after_a_reform_stand_side_by_side(fleet: Office, tmp_path: Path) -> None:
    found = rows(fleet, tmp_path)
    south, north = "Tỉnh Nam (01), đến 04/03/2025", "Tỉnh Bắc (02), đến 04/03/2025"
    joined = "Tỉnh Nam Bắc (09), từ 05/03/2025"
    # Runs begin in the south, where their sustained excess is complete with the second fix.
    assert by(found, "Địa bàn cấp tỉnh", "Tổng số") == {south: "2", north: "0", joined: "1"}
    assert by(found, "Địa bàn cấp tỉnh", "Số xe vi phạm") == {south: "2", north: "0", joined: "1"}
    km = {name: float(value) for name, value in by(found, "Địa bàn cấp tỉnh", "Tổng km").items()}
    step = one(fleet, "SELECT sum(driving_m) FROM day_summary") / 3 / 60  # metres between two fixes
    # A step belongs to where it begins.
    assert km[south] + km[north] == pytest.approx(2 * 60 * step / 1000, abs=0.002)
    assert km[south] == pytest.approx(2 * 31 * step / 1000, abs=0.001)
    assert km[joined] == pytest.approx(60 * step / 1000, abs=0.001)


def test_what_lies_in_no_area_is_said_to_be_unknown(fleet: Office, tmp_path: Path) -> None:
    found = rows(fleet, tmp_path)
    group = "Địa bàn dưới cấp tỉnh"
    assert by(found, group, "Tổng số") == {f"{LONG_NAME} (001)": "3", "Không rõ địa bàn": "0"}
    km = by(found, group, "Tổng km")
    assert float(km["Không rõ địa bàn"]) > 0


@pytest.mark.parametrize("group", ["Địa bàn cấp tỉnh", "Địa bàn dưới cấp tỉnh"])
def test_areas_add_up_to_the_whole(group: str, fleet: Office, tmp_path: Path) -> None:
    found = rows(fleet, tmp_path)
    for column in ("Tổng số", "Quá tốc độ", "Km quá tốc độ", "Tổng km"):
        added = sum(float(value) for value in by(found, group, column).values() if value)
        assert added == pytest.approx(float(by(found, "Toàn bộ", column)["Tháng 03/2025"]), abs=0.002)
    stored = one(fleet, "SELECT sum(driving_mm) FROM area_day d JOIN area a ON a.id = area_id WHERE level = %s",
                 1 if group.endswith("cấp tỉnh") and "dưới" not in group else 2)  # fmt: skip
    km = by(found, group, "Tổng km")
    known = sum(float(value) for name, value in km.items() if not name.startswith("Không rõ"))
    assert known == pytest.approx(float(stored) / 1e6, abs=0.001)


def test_imported_again_nothing_changes(fleet: Office) -> None:
    done = fleet.done("areas", "import", boundaries(fleet.folder, *OLD))
    assert "4 areas read: 0 changed; 0 vehicle-days to judge anew" in done.err
    listed = fleet.done("areas", "list")
    assert "Tỉnh Nam Bắc" in listed.out


def test_a_paper_and_a_workbook_have_them(fleet: Office, tmp_path: Path) -> None:
    fleet.done("statistics", "--month", "2025-03", *MADE_AT, "--out", tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert {"Địa bàn cấp tỉnh", "Địa bàn dưới cấp tỉnh"} <= set(book.sheetnames)
    fleet.done("statistics", "--month", "2025-03", *MADE_AT, "--out", tmp_path / "a.pdf")
    assert last_page_can_be_read((tmp_path / "a.pdf").read_bytes(), tmp_path)


def stored(office: Office) -> list[tuple[Any, ...]]:
    statement = """SELECT plate, day, level, code, driving_mm FROM area_day d JOIN vehicle v ON v.id = vehicle_id
                   JOIN area a ON a.id = area_id ORDER BY 1, 2, 3, 4"""
    with connect(office.url) as connection:
        return connection.execute(statement).fetchall()


def test_however_records_and_boundaries_come_the_distances_are_the_same(
    fleet: Office, database: str, tmp_path: Path
) -> None:
    other = office(database, tmp_path)
    other.done("areas", "import", boundaries(tmp_path, feature("001", "An older one", 14, 15.002, level=2), *OLD[:2]))
    other.take_in(drive(A, 3, "100"))
    late = drive(A, 1, "100")
    other.take_in(drive(B, 1, "100") + late[::2])
    other.done("areas", "import", boundaries(tmp_path, *OLD))
    other.take_in(late[1::2])
    assert stored(other) == stored(fleet) != []
    other.done("areas", "import", boundaries(tmp_path, OLD[3]), "--replace")
    other.done("check")
    assert {row[3] for row in stored(other)} == {"001"}


def test_over_midnight_each_day_has_its_share(database: str, tmp_path: Path) -> None:
    made = office(database, tmp_path)
    made.done("areas", "import", boundaries(tmp_path, *OLD))
    # Over the midnight from which the new province is in force.
    made.take_in(drive(A, 1, "50", 86_400 - 300, 605))
    days = {(day, code): mm for _, day, level, code, mm in stored(made) if level == 1}
    total = one(made, "SELECT sum(round(driving_m::numeric * 1000)) FROM day_summary")
    assert sum(days.values()) == total
    reform = (midnight(date(2025, 3, 5)) + 7 * 3600) // 86_400
    assert {code for day, code in days if day == reform} <= {"09", "02"}


@pytest.mark.parametrize(
    ("properties", "geometry", "said"),
    [
        ({}, None, "properties code (or id) and name"),
        ({"id": "1", "name": "N"}, None, "has no level; write it into the file, or give --level"),
        ({"id": "1", "name": "N", "level": 1, "valid_from": "2025-02-01", "valid_to": "2025-01-01"}, None,
         "before it begins"),
        ({"id": "1", "name": "N", "level": 1}, {"type": "Point", "coordinates": [1, 2]},
         "is no Polygon or MultiPolygon"),
        ({"id": "1", "name": "N", "level": 1},
         {"type": "Polygon", "coordinates": [[[0, 0], [400, 0], [0, 1], [0, 0]]]}, "lies off the globe"),
        ({"id": "01", "name": "N", "level": 1, "valid_from": "2025-03-01"}, None,
         "has two boundaries from 2025-03-01 on"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_by_name(
    properties: dict[str, Any], geometry: dict[str, Any] | None, said: str, fleet: Office, tmp_path: Path
) -> None:
    given = feature("", "", 14, 15)
    given["properties"] = properties
    if geometry is not None:
        given["geometry"] = geometry
    refused(fleet.run("areas", "import", boundaries(tmp_path, given)), said)


def test_a_boundary_that_crosses_itself_is_mended_and_named(database: str, tmp_path: Path) -> None:
    made = office(database, tmp_path)
    bow = feature("7", "Bow", 0, 1, level=1)
    bow["geometry"]["coordinates"] = [[[106, 14], [107, 14], [106, 16], [107, 16], [106, 14]]]
    done = made.done("areas", "import", boundaries(tmp_path, bow))
    assert "Bow (7) crossed itself and was mended" in done.err


def test_what_a_case_keeps_back_is_in_no_count_and_is_said(database: str, tmp_path: Path) -> None:
    made = office(database, tmp_path)
    made.take_in(drive(A, 1, "100") + drive(B, 1, "100"))
    made.done("areas", "import", boundaries(tmp_path, *OLD))
    made.done("check")
    assert by(rows(made, tmp_path), "Toàn bộ", "Tổng số")["Tháng 03/2025"] == "2"
    with connect(database) as connection:
        lan = person(connection, "lan", "inspector")
        statement = "SELECT f.id FROM finding f JOIN vehicle v ON v.id = f.vehicle_id WHERE plate = %s"
        finding = connection.execute(statement, (A,)).fetchone()
        assert finding is not None
        for place, step in enumerate((Step.OPEN, Step.DISMISS)):
            take_step(connection, By(lan, ""), str(finding[0]), step, "why", CLOSED - 86_400 + place)
        connection.commit()
    found = rows(made, tmp_path)
    for group in ("Toàn bộ", "Loại phương tiện", "Đường", "Tỉnh đăng ký", "Địa bàn cấp tỉnh", "Ngày"):
        assert sum(int(value or 0) for value in by(found, group, "Tổng số").values()) == 1
    made.done("statistics", "--month", "2025-03", *MADE_AT, "--out", tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Ghi chú"]
    notes = [str(row[0]) for row in sheet.iter_rows(values_only=True)]
    assert any("Đã trừ 1 phát hiện ở mức chắc chắn" in note for note in notes)
