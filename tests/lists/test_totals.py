"""A published list opened again: its totals are plain counts in SQL, over the year's end and so over two laws."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from journey.localtime import DAY_S, midnight
from tests.lists.sample import A, B, Office, fixes, office
from tests.reports.test_forms import one

WEEK, BEGIN = "2025-W01", midnight(date(2024, 12, 30))


@pytest.fixture(scope="module")
def listed(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Findings on 31 December 2024 and 2 January 2025; OP9 has no vehicle and no data at all."""
    folder = tmp_path_factory.mktemp("totals")
    made = office(module_database, folder)
    registry = json.loads((folder / "reference" / "registry.json").read_text(encoding="utf-8"))
    registry["operators"].append({"id": "OP9", "name": "Không có xe"})
    (folder / "reference" / "registry.json").write_text(json.dumps(registry), encoding="utf-8")
    made.done("import", folder / "reference")
    drives = ((A, 1, "100"), (B, 1, "75"), (A, 3, "100"), (B, 3, "50"))
    made.take_in([row for plate, day, speed in drives for row in fixes(BEGIN + day * DAY_S, 600, speed, plate, 10)])
    made.done("list", "publish", "--week", WEEK, "--folder", made.lists, "--made-at", str(BEGIN + 20 * DAY_S))
    return made


def package(made: Office) -> dict[str, list[dict[str, Any]]]:
    read = orjson.loads((made.lists / f"danh-sach-{WEEK}.json").read_bytes())
    return {table["name"]: table["data"] for table in read["resources"] if "data" in table}


def counted(made: Office) -> int:
    return int(one(made, "SELECT count(*) FROM finding WHERE withdrawn_at IS NULL AND grade = 'certain' "
                         "AND at >= '2024-12-30 00:00+07' AND at < '2025-01-06 00:00+07'"))  # fmt: skip


def test_both_laws_stand_in_one_list(listed: Office) -> None:
    speeding = [row for row in package(listed)["findings"] if row["rule"] == "speeding"]
    before, after = ([row for row in speeding if (row["at"] >= "2025") == later] for later in (False, True))
    assert (len(before), len(after)) == (2, 1)
    cited = [{use["citation"] for row in some for use in row["law"] if use["parameter"].startswith("speed.")}
             for some in (before, after)]  # fmt: skip
    assert cited[0]
    assert cited[1]
    assert not cited[0] & cited[1]
    assert all(use["in_force_from"] <= row["at"][:10] for row in speeding for use in row["law"])


def test_every_total_is_a_plain_count(listed: Office) -> None:
    tables = package(listed)
    assert len(tables["findings"]) == sum(row["findings"] for row in tables["operators"]) == counted(listed) >= 3
    metres = one(listed, "SELECT sum(driving_m) FROM day_summary")
    assert sum(row["driving_m"] for row in tables["operators"]) == pytest.approx(metres, abs=0.001)
    assert sum(row["driving_m"] for row in tables["vehicles"]) == pytest.approx(metres, abs=0.001)
    for column in ("driving_s", "standing_s", "unknown_s", "fixes"):
        assert sum(row[column] for row in tables["vehicles"]) == one(
            listed,
            f"SELECT sum({column}) FROM day_summary",  # noqa: S608
        )


def test_the_workbook_opened_again_adds_up(listed: Office) -> None:
    book = openpyxl.load_workbook(listed.lists / f"danh-sach-{WEEK}.xlsx")
    rows = list(book["Tổng hợp"].iter_rows(values_only=True))
    (heads,) = [number for number, row in enumerate(rows) if "Đơn vị vận tải" in row]
    (last,) = [number for number, row in enumerate(rows) if any(str(cell).startswith("TỔNG") for cell in row if cell)]
    numbers = [[cell for cell in row if isinstance(cell, int) and not isinstance(cell, bool)] for row in rows]
    assert counted(listed) in numbers[last]
    assert heads < last


def test_an_operator_without_any_data_is_named_and_not_cleared(listed: Office) -> None:
    (row,) = [row for row in package(listed)["operators"] if row["operator"] == "OP9"]
    assert (row["status"], row["vehicles_registered"], row["findings"], row["findings_last_week"]) == (
        "Không có phương tiện đăng ký trong tuần", 0, 0, None
    )  # fmt: skip


def test_published_into_another_folder_it_is_the_same(listed: Office, tmp_path: Path) -> None:
    listed.done("list", "publish", "--week", WEEK, "--folder", tmp_path / "again")
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == listed.bytes_of_lists()
