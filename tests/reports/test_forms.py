"""The report forms of a small fleet, each sum against a plain count in SQL or over the records that were sent."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, LiteralString

import openpyxl
import pytest

from cli.reports.reading import FORMS
from journey.casework import Step
from journey.localtime import DAY_S
from storage.database import connect
from tests.cli.command import Done, refused
from tests.lists.sample import LICENCES, NAME, START, A, B, C, Office, drive, office
from tests.lists.test_cases import Desk
from tests.people.samples import person
from tests.printing.reading import last_page_can_be_read

PERIOD = ("--from", "2025-03-03", "--to", "2025-03-09", "--made-at", str(START + 8 * DAY_S))
SENT = (
    drive(A, 1, "100") + drive(A, 2, "75", seconds=300) + drive(B, 1, "50") + drive(B, 1, "50", 9 * 3600 + 1800)
    + drive(B, 3, "0", seconds=1200)
)  # fmt: skip
BANDS = ("5 đến dưới 10", "10 đến 20", "trên 20 đến 35", "trên 35")


@pytest.fixture(scope="module")
def fleet(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Judged once: nothing here changes it."""
    made = office(module_database, tmp_path_factory.mktemp("forms"))
    made.take_in(SENT)
    return made


def asked(fleet: Office, form: str, out: Path, *of: str) -> Done:
    return fleet.run("report", form, *(of or subject(form)), *PERIOD, "--out", out)


def subject(form: str) -> tuple[str, str]:
    return ("--vehicle", A) if FORMS[form][1] == ("vehicle",) else ("--operator", "OP1")


def rows(fleet: Office, form: str, folder: Path, *of: str) -> list[dict[str, str]]:
    done = asked(fleet, form, folder / "form.csv", *of)
    assert done.code == 0, done
    return list(csv.DictReader(io.StringIO((folder / "form.csv").read_text(encoding="utf-8-sig"), newline="")))


def one(fleet: Office, statement: LiteralString, *values: object) -> Any:
    with connect(fleet.url) as connection:
        row = connection.execute(statement, values).fetchone()
    assert row is not None
    return row[0]


def under(row: dict[str, str], *parts: str) -> str:
    """The cell whose heading holds all parts."""
    (name,) = [name for name in row if all(part in name for part in parts)]
    return row[name]


def test_the_journey_has_every_fix(fleet: Office, tmp_path: Path) -> None:
    found = rows(fleet, "journey", tmp_path)
    sent = [row for row in SENT if row["vehicle"] == A]
    assert (
        len(found)
        == len(sent)
        == one(fleet, "SELECT count(*) FROM fix f JOIN vehicle v ON v.id = f.vehicle_id WHERE v.plate = %s", A)
    )
    assert [under(row, "Tọa độ").split("; ")[1][:8] for row in found] == [f"{float(row['lat']):.5f}" for row in sent]
    assert {row["Địa điểm"] for row in found} == {"R1"}
    assert {row["Số giấy phép lái xe"] for row in found} == {LICENCES[A]}


def test_the_speeds_are_those_sent(fleet: Office, tmp_path: Path) -> None:
    found = rows(fleet, "speed", tmp_path)
    said = [part for row in found for part in under(row, "Các tốc độ").split("  ")]
    assert len(said) == sum(row["vehicle"] == A for row in SENT)
    assert sum(part.endswith(": 100,0") for part in said) == 61


def test_runs_over_the_limit_are_the_findings(fleet: Office, tmp_path: Path) -> None:
    found = rows(fleet, "over-limit", tmp_path)
    assert (
        len(found) == one(fleet, "SELECT count(*) FROM finding WHERE rule = 'speeding' AND withdrawn_at IS NULL") == 2
    )
    assert [under(row, "trung bình") for row in found] == ["100.0", "75.0"]
    assert found[0]["Thời điểm"].startswith("2025-03-04T08:00:00")
    assert under(found[0], "Tọa độ") == "106.7000000; 15.0000000"


def test_stops_are_the_stands_of_the_store(fleet: Office, tmp_path: Path) -> None:
    statement = "SELECT count(*) FROM activity WHERE kind = 1 AND end_time - start_time >= interval '5 minutes'"
    found = rows(fleet, "stops", tmp_path)
    assert len(found) == one(fleet, statement) == 1
    assert under(found[0], "phút") == "20.00"
    assert rows(fleet, "stops", tmp_path, "--operator", "OP1", "--stops-from", "21") == []


def test_the_summary_by_vehicle_adds_up(fleet: Office, tmp_path: Path) -> None:
    found = rows(fleet, "by-vehicle", tmp_path)
    assert [row["Biển số xe"] for row in found] == [A, B, C]
    metres = one(fleet, "SELECT sum(driving_m) FROM day_summary")
    assert sum(float(row["Tổng km"]) for row in found if row["Tổng km"]) == pytest.approx(metres / 1000, abs=0.002)
    times = sum(int(under(row, "Số lần quá tốc độ", band) or 0) for row in found for band in BANDS)
    assert times == one(fleet, "SELECT count(*) FROM finding WHERE rule = 'speeding' AND grade = 'certain'")
    over = one(fleet, "SELECT sum((body->'detail'->>'distance_m')::float8) FROM finding WHERE rule = 'speeding'")
    shares = sum(float(under(found[0], "Tỷ lệ km", band)) for band in BANDS)
    assert shares * float(found[0]["Tổng km"]) * 1000 == pytest.approx(over, rel=1e-3)
    assert [row["Số lần dừng, đỗ"] for row in found] == ["0", "1", ""]


def test_a_vehicle_without_data_has_no_zeros(fleet: Office, tmp_path: Path) -> None:
    for form in ("by-vehicle", "operator-summary", "data-loss"):
        silent = next(row for row in rows(fleet, form, tmp_path) if row["Biển số xe"] == C)
        assert silent["Ghi chú"] == "Không có dữ liệu trong kỳ"
        assert "0" not in silent.values()
    asked(fleet, "by-vehicle", tmp_path / "form.xlsx")
    cells = [row for row in sheet(tmp_path / "form.xlsx") if row[1] == C]
    assert set(cells[0][3:-1]) == {"–"}


def test_the_summary_by_driver_adds_up(fleet: Office, tmp_path: Path) -> None:
    found = rows(fleet, "by-driver", tmp_path)
    metres = one(fleet, "SELECT sum(driving_m) FROM day_summary")
    assert sum(float(row["Tổng km"]) for row in found) == pytest.approx(metres / 1000, abs=0.002)
    assert [row["Số giấy phép lái xe"] for row in found] == [LICENCES[A], LICENCES[B]]
    (alone,) = rows(fleet, "by-driver", tmp_path, "--driver", LICENCES[A])
    assert alone == found[0]


def test_the_operators_summary_adds_up(fleet: Office, tmp_path: Path) -> None:
    fast = rows(fleet, "operator-summary", tmp_path)[0]
    assert fast["Tổng số lần"] == "2"
    km = float(fast["Tổng km"])
    assert float(fast["Số lần trên 1.000 km"]) == pytest.approx(2000 / km, rel=0.01)
    statement = """SELECT count(*) FROM day_summary s JOIN vehicle v ON v.id = s.vehicle_id
                   WHERE v.plate = %s AND driving_s > 0"""
    days = one(fleet, statement, A)
    assert float(under(fast, "ngày vi phạm")) == pytest.approx(2 / days)
    assert under(fast, "dưới 5") == under(fast, "Sai hành trình", "số lần") == ""  # not known: a dash on paper


def test_loss_of_data_is_unknown_time(fleet: Office, tmp_path: Path) -> None:
    found = {row["Biển số xe"]: row for row in rows(fleet, "data-loss", tmp_path)}
    statement = """SELECT sum(extract(epoch FROM a.end_time - a.start_time))::bigint
                   FROM activity a JOIN vehicle v ON v.id = a.vehicle_id WHERE kind = 2 AND v.plate = %s"""
    for plate in (A, B):
        assert int(under(found[plate], "Tổng thời gian")) == one(fleet, statement, plate) > 1800


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".pdf"])
def test_every_form_in_every_format_twice(form: str, suffix: str, fleet: Office, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}{suffix}" for name in ("first", "again")]
    for file in files:
        assert asked(fleet, form, file).code == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    if suffix == ".pdf":
        assert last_page_can_be_read(files[0].read_bytes(), tmp_path)


def sheet(file: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(file)["Biểu"].iter_rows(values_only=True))


def test_the_workbook_opened_again_sums_to_its_total(fleet: Office, tmp_path: Path) -> None:
    asked(fleet, "by-vehicle", tmp_path / "form.xlsx")
    table = sheet(tmp_path / "form.xlsx")
    body = [row for row in table if row[1] in (A, B, C)]
    (total,) = [row for row in table if row[1] == "TỔNG CỘNG"]
    for column in (3, 8, 9, 10, 11, 12):
        assert total[column] == pytest.approx(sum(row[column] for row in body if row[column] != "–"))
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "form.xlsx")["Biểu"] for cell in row]
    assert any(NAME in str(cell.value) for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("journey", "--operator", "OP1"), "is made of --vehicle, not of --operator"),
        (("journey",), "name one of --vehicle, --driver and --operator"),
        (("no-form", "--vehicle", A), "there is none; name one of journey"),
        (("stops", "--operator", "NONE"), "no operator of this id is registered"),
        (("stops", "--driver", "12"), "is no licence number"),
    ],
)
def test_what_cannot_be_made_is_refused(arguments: tuple[str, ...], said: str, fleet: Office, tmp_path: Path) -> None:
    refused(fleet.run("report", *arguments, *PERIOD, "--out", tmp_path / "a.csv"), said)


def test_days_and_file_are_looked_at_first(fleet: Office, tmp_path: Path) -> None:
    period = ("--from", "2025-03-09", "--to", "2025-03-03")
    refused(fleet.run("report", "stops", "--vehicle", A, *period, "--out", tmp_path / "a.csv"), "lies before --from")
    refused(fleet.run("report", "stops", "--vehicle", A, *PERIOD, "--out", tmp_path / "a.doc"), "end the file's name")


def test_what_a_case_keeps_back_is_in_no_form_and_is_said(database: str, tmp_path: Path) -> None:
    made = office(database, tmp_path)
    made.take_in(drive(A, 1, "100") + drive(B, 1, "75"))
    with connect(database) as connection:
        lan = person(connection, "lan", "inspector")
    Desk(made, lan, lan, lan).steps(A, (lan, Step.OPEN), (lan, Step.DISMISS))
    (row,) = rows(made, "over-limit", tmp_path)
    assert row["Biển số xe"] == B
    for form, count in (("by-vehicle", 1), ("by-driver", 1), ("operator-summary", 1)):
        found = rows(made, form, tmp_path)
        assert sum(int(under(line, "Số lần quá tốc độ", band) or 0) for line in found for band in BANDS) == count
        asked(made, form, tmp_path / "form.xlsx")
        assert any(
            "Đã trừ 1 phát hiện theo hồ sơ" in str(cell) for line in sheet(tmp_path / "form.xlsx") for cell in line
        )
