"""State statistics against plain counts, and against themselves: every property adds up to the whole."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cli.reference import InputError
from cli.statistics.periods import periods, periods_ended
from storage.database import connect
from tests.cli.command import refused
from tests.lists.sample import START, A, B, Office, drive, office
from tests.printing.reading import last_page_can_be_read
from tests.reports.test_forms import one

MADE_AT = ("--made-at", str(START + 40 * 86_400))


@pytest.fixture(scope="module")
def fleet(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """February has one finding, March two vehicles with three and a silence; judged once, and only read."""
    made = office(module_database, tmp_path_factory.mktemp("st"))
    made.take_in(
        drive(A, -10, "100") + drive(A, 1, "100") + drive(A, 2, "75", seconds=300) + drive(B, 1, "100")
        + drive(B, 1, "50", 9 * 3600 + 1800)
    )  # fmt: skip
    return made


def rows(fleet: Office, folder: Path, *period: str) -> list[dict[str, str]]:
    done = fleet.run("statistics", *period, *MADE_AT, "--out", folder / "a.csv")
    assert done.code == 0, done
    return list(csv.DictReader(io.StringIO((folder / "a.csv").read_text(encoding="utf-8-sig"), newline="")))


def of(found: list[dict[str, str]], group: str) -> list[dict[str, str]]:
    return [row for row in found if row["Phân tổ"] == group]


def cell(row: dict[str, str], *parts: str) -> str:
    (name,) = [name for name in row if all(part in name for part in parts)]
    return row[name]


def test_the_month_is_what_sql_counts(fleet: Office, tmp_path: Path) -> None:
    found = rows(fleet, tmp_path, "--month", "2025-03")
    (whole,), (before,) = of(found, "Toàn bộ"), of(found, "Kỳ trước")
    assert (whole["Nhóm"], before["Nhóm"]) == ("Tháng 03/2025", "Tháng 02/2025")
    march = "day >= DATE '2025-03-01' - DATE '1970-01-01' AND day < DATE '2025-04-01' - DATE '1970-01-01'"
    certain = f"SELECT count(*) FROM finding WHERE grade = 'certain' AND {march}"  # noqa: S608
    assert int(cell(whole, "Tổng số")) == one(fleet, certain) >= 3
    assert int(cell(whole, "Quá tốc độ")) == one(fleet, certain + " AND rule = 'speeding'") == 3
    assert cell(before, "Quá tốc độ") == "1"
    metres = one(fleet, f"SELECT sum(driving_m) FROM day_summary WHERE {march}")  # noqa: S608
    assert float(cell(whole, "Tổng km")) == pytest.approx(metres / 1000, abs=0.001)
    over = one(
        fleet,
        f"SELECT sum((body->'detail'->>'distance_m')::float8) FROM finding WHERE rule = 'speeding' AND {march}",  # noqa: S608
    )
    assert float(cell(whole, "Km quá tốc độ")) == pytest.approx(over / 1000, abs=0.001)
    # From February on, cut where March begins; a night; half an hour to the next drive.
    assert cell(whole, "Số lần không truyền") == "3"
    statement = """SELECT sum(extract(epoch FROM end_time - greatest(start_time, '2025-03-01 00:00+07')))::bigint
                   FROM activity WHERE kind = 2 AND end_time > '2025-03-01 00:00+07'
                   AND end_time - start_time >= interval '30 minutes'"""
    assert int(cell(whole, "Thời gian không truyền")) == one(fleet, statement)
    assert (cell(whole, "Số xe vi phạm"), cell(whole, "Số xe có dữ liệu")) == ("2", "2")


@pytest.mark.parametrize("group", ["Loại phương tiện", "Tỉnh đăng ký", "Ngày", "Đường"])
def test_every_property_adds_up_to_the_whole(group: str, fleet: Office, tmp_path: Path) -> None:
    found = rows(fleet, tmp_path, "--month", "2025-03")
    (whole,) = of(found, "Toàn bộ")
    columns = ("Tổng số", "Quá tốc độ", "Km quá tốc độ")
    columns += () if group == "Đường" else ("Tổng km", "Số lần không truyền", "Thời gian không truyền")
    for column in columns:
        added = sum(float(cell(row, column)) for row in of(found, group) if cell(row, column))
        assert added == pytest.approx(float(cell(whole, column)), abs=0.01)


def test_a_quarter_goes_by_month_and_a_period_without_data_has_no_zeros(fleet: Office, tmp_path: Path) -> None:
    found = rows(fleet, tmp_path, "--quarter", "2025-Q1")
    assert [row["Nhóm"] for row in of(found, "Tháng")] == ["02/2025", "03/2025"]
    (before,) = of(found, "Kỳ trước")
    assert before["Nhóm"] == "Quý 4/2024"
    assert {value for name, value in before.items() if name not in ("Phân tổ", "Nhóm")} == {""}
    assert of(found, "Tỉnh đăng ký")[0]["Nhóm"] == "Lạng Sơn (12)"


def test_the_change_against_the_period_before(fleet: Office, tmp_path: Path) -> None:
    fleet.done("statistics", "--month", "2025-03", *MADE_AT, "--out", tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["So sánh", "Loại phương tiện", "Đường", "Tỉnh đăng ký", "Ngày", "Ghi chú"]
    table = {row[0]: row[1:5] for row in book["So sánh"].iter_rows(values_only=True)}
    (speeding,) = [row for name, row in table.items() if name and "quá tốc độ" in name and "Số vi phạm" in name]
    assert speeding[:3] == (3, 1, 2)
    assert speeding[3] == pytest.approx(2)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".pdf"])
def test_made_again_it_is_the_same(suffix: str, fleet: Office, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}{suffix}" for name in ("first", "again")]
    for file in files:
        fleet.done("statistics", "--year", "2025", *MADE_AT, "--out", file)
    assert files[0].read_bytes() == files[1].read_bytes()
    if suffix == ".pdf":
        assert last_page_can_be_read(files[0].read_bytes(), tmp_path)


def test_the_period_before() -> None:
    def days(**named: Any) -> list[tuple[date, date]]:
        given = {"month": None, "quarter": None, "year": None} | named
        return [(first, stop) for _, first, stop in periods(**given)]

    assert days(month="2025-01") == [(date(2025, 1, 1), date(2025, 2, 1)), (date(2024, 12, 1), date(2025, 1, 1))]
    assert days(quarter="2025-Q1") == [(date(2025, 1, 1), date(2025, 4, 1)), (date(2024, 10, 1), date(2025, 1, 1))]
    assert days(quarter="2024-Q4")[0] == (date(2024, 10, 1), date(2025, 1, 1))
    assert days(year=2025) == [(date(2025, 1, 1), date(2026, 1, 1)), (date(2024, 1, 1), date(2025, 1, 1))]
    with pytest.raises(InputError, match="write it like 2026-Q1"):
        days(quarter="2026-5")


def test_the_periods_that_end_with_a_month() -> None:
    assert [name for name, _, _ in periods_ended(date(2025, 5, 1))] == ["2025-05"]
    assert [name for name, _, _ in periods_ended(date(2025, 6, 1))] == ["2025-06", "2025-Q2"]
    assert [name for name, _, _ in periods_ended(date(2025, 12, 1))] == ["2025-12", "2025-Q4", "2025"]
    for _, now, before in periods_ended(date(2025, 12, 1)):
        assert before[2] == now[1]


def test_what_cannot_be_made_is_refused(fleet: Office, tmp_path: Path) -> None:
    refused(fleet.run("statistics", "--out", tmp_path / "a.csv"), "name one of --month, --quarter and --year")
    refused(fleet.run("statistics", "--year", "2025", "--out", tmp_path / "a.doc"), "end the file's name")
    refused(fleet.run("statistics", "--month", "2025-3", "--out", tmp_path / "a.csv"), "write it like 2026-03")


def test_the_store_is_asked_by_local_days(fleet: Office) -> None:
    """A finding of 00:30 local time belongs to that day, though it is the day before in UTC."""
    with connect(fleet.url) as connection:
        row = connection.execute("SELECT (floor((extract(epoch FROM to_timestamp(1740850200)) + 25200) / 86400))::int")
        assert row.fetchone() == (20_149,)
