"""`hanhtrinh rollup` on a real store, as its user calls it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli.checking.windows import check
from cli.root import code_version
from journey.localtime import midnight
from storage.database import connect
from tests.casefolder import LAW
from tests.cli.command import Done, called, refused
from tests.whatif.sample import PLATE, case, fixes, take_in

CITED = "Decree 158/2024/ND-CP, Art. 23(11), (12)"
STATION = {"id": "KT1", "name": "Station", "automatic_one_stage": True, "instrument_error_permille": 0}


def heavy(month: date, count: int = 3) -> list[dict[str, Any]]:
    """Weighings of two single axles, each over."""
    return [
        {"station": "KT1", "lane": 1, "time": midnight(month) + 3600 * hour, "plate": PLATE, "trailer": None,
         "axle_kg": [12_000, 12_000], "spacing_mm": [3600], "gross_kg": 24_000, "persons": 1, "containers": None,
         "ticket": f"T{hour}"}
        for hour in range(1, count + 1)
    ]  # fmt: skip


def inputs(*months: date) -> dict[str, Any]:
    """One vehicle of OP1, weighed three times in each month; it drives an hour in March 2026 and 2024."""
    drive = fixes(midnight(date(2026, 3, 10)), 3600) + fixes(midnight(date(2024, 3, 10)), 3600)
    weighings = [one for month in months for one in heavy(month)]
    return case(drive, weighings=weighings, stations=[STATION])


@pytest.fixture
def judged(database: str) -> str:
    """URL of a store in which the vehicle is proposed for September and December 2025 and for March 2026."""
    with connect(database) as connection:
        take_in(connection, inputs(date(2025, 8, 1), date(2025, 9, 1), date(2025, 12, 1), date(2026, 3, 1)))
        check(connection, LAW, code_version())
    return database


def run(database: str, *arguments: str | Path) -> Done:
    return called("rollup", *arguments, DATABASE_URL=database, DATA_FOLDER="unused", METHOD="method")


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")


def rows(text: str, start: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip().startswith(start)]


def test_a_month_to_read(judged: str) -> None:
    done = run(judged, "--month", "2026-03", "--signed", "2026-04-03")
    assert (done.code, done.err) == (0, "")
    assert "2026-03: 1 of 1 vehicles proposed for revocation of the badge" in done.out
    table, *_ = rows(done.out, PLATE)
    assert table.startswith(f"{PLATE} One (OP1) 0 2.00")
    assert table.endswith("0.000 0.1 % 3 overload")
    assert rows(done.out, "One (OP1)") == ["One (OP1) 1 1 100.0 % licence review"]
    assert rows(done.out, "published by") == [
        f"published by 2026-04-05 the Department has published the decision: 2 days after signing {CITED}"
    ]
    assert rows(done.out, "handed back by")[0].split()[3] == "2026-04-13"
    assert "the law files state no dates for the review of a licence" in done.out
    assert "The Department decides; what binds is its decision as signed." in done.out


def test_an_earlier_proposal_is_pointed_out_and_no_more(judged: str) -> None:
    done = run(judged, "--month", "2026-03", "--signed", "2026-04-03")
    pointed = [line for line in done.out.splitlines() if line.startswith(f"{PLATE}: ")]
    assert pointed == [
        f"{PLATE}: proposed by the store for 2025-09, 2025-12 too. The second within 6 months, if a decision on that "
        "was signed less than 6 months before the new one; decisions are not in the record."
    ]
    # Each wait twice: 30, 45 and 60 days; 60 and 90 where it is the second.
    assert [row.split(" a new badge ")[1].split()[0] for row in rows(done.out, "new badge")] == [
        "30", "45", "60", "60", "90",
    ]  # fmt: skip
    assert "proposed by the store" not in run(judged, "--month", "2025-08").out


def test_without_a_day_of_signing_there_are_no_dates(judged: str) -> None:
    done = run(judged, "--month", "2026-03")
    assert "give the day of its signing, --signed YYYY-MM-DD" in done.out
    assert "published by" not in done.out


def test_lines_are_those_of_evaluate(judged: str, tmp_path: Path) -> None:
    out = tmp_path / "month.ndjson"
    assert run(judged, "--month", "2026-03", "--out", out).code == 0
    assert [json.loads(line) for line in out.read_bytes().splitlines()] == [
        {"rollup": "operator", "operator": "OP1", "month": "2026-03", "vehicles": 1, "revoked": 1, "proposed": True},
        {"rollup": "vehicle_overload", "vehicle": PLATE, "month": "2026-03", "n": 3, "proposed": True},
        {"rollup": "vehicle_speeding", "vehicle": PLATE, "month": "2026-03", "n": 0, "km": 2.002, "proposed": False,
         "coverage": 0.0013},
    ]  # fmt: skip
    assert run(judged, "--month", "2026-03", "--signed", "2026-04-03", "--out", out).code == 0
    operator, overload, speeding = (json.loads(line) for line in out.read_bytes().splitlines())
    assert "procedure" not in speeding
    assert [step["step"] for step in operator["procedure"]["steps"]][-1] == "review_dates"
    dated = overload["procedure"]
    assert (dated["signed"], dated["earlier_proposals"]) == ("2026-04-03", ["2025-09", "2025-12"])
    assert dated["steps"][1]["date"] == "2026-04-13"
    assert dated["steps"][1]["law"]["citation"] == CITED
    assert [step["law"]["value"] for step in dated["steps_if_second"]] == [60, 90]
    assert [path.name for path in tmp_path.iterdir()] == ["month.ndjson"]


def test_lines_as_csv(judged: str, tmp_path: Path) -> None:
    out = tmp_path / "month.csv"
    assert run(judged, "--month", "2026-03", "--signed", "2026-04-03", "--out", out).code == 0
    operator, overload, speeding = csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig")))
    assert (operator["operator"], operator["operator_name"], operator["proposed"]) == ("OP1", "One", "true")
    assert (overload["vehicle"], overload["operator_name"], overload["n"]) == (PLATE, "One", "3")
    assert (overload["handed_back_by"], overload["earlier_proposals"]) == ("2026-04-13", "2025-09 2025-12")
    assert overload["new_badge_if_second"].startswith("a new badge 60 days after hand-back in time")
    assert (speeding["km"], speeding["coverage"], speeding["signed"]) == ("2.002", "0.0013", "")


def test_before_the_law_nothing_is_guessed(database: str) -> None:
    with connect(database) as connection:
        take_in(connection, inputs(date(2024, 3, 1)))
        check(connection, LAW, code_version())
    done = run(database, "--month", "2024-03", "--signed", "2024-04-03")
    assert "0 of 1 vehicles proposed" in done.out
    assert "note: rollups.overload_weighings_min: not in force from the first day of 2024-03" in done.out
    assert "No badge is proposed for revocation" in done.out


def test_records_that_wait_and_another_rulebook_are_told_of(judged: str) -> None:
    with connect(judged) as connection:
        connection.execute("UPDATE vehicle_day SET touched = nextval('touch')")
        connection.execute("UPDATE run SET law_version = 'older'")
        connection.commit()
    said = run(judged, "--month", "2026-03").err
    assert "vehicle-days wait to be judged: run `hanhtrinh check` before you act on this" in said
    assert "made under law older, method, which is not the rulebook of today" in said


def test_a_month_of_which_nothing_is_stored(judged: str) -> None:
    assert run(judged, "--month", "2026-04").out == (
        "nothing is stored of 2026-04: no fixes, and no weighing that counts\n"
    )
    assert "warning: 2199-01 is not over" in run(judged, "--month", "2199-01").err


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--month", "2026-13"), "--month '2026-13' is no month: write it like 2026-03"),
        (("--month", "2026-3"), "--month '2026-3' is no month"),
        (("--month", "2026-03", "--signed", "3.4.2026"), "--signed '3.4.2026' is no date: write it like 2026-04-03"),
        (("--month", "2026-03", "--signed", "2026-03-31"), "2026-04-01 is the first day for it"),
        (("--month", "2026-03", "--out", "list.xlsx"), "--out list.xlsx: end the file's name in .csv, .ndjson, .pdf"),
    ],
)
def test_questions_that_cannot_be_answered(arguments: tuple[str, ...], part: str) -> None:
    refused(called("rollup", *arguments, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"), part)


def test_a_file_that_cannot_be_written(judged: str) -> None:
    refused(run(judged, "--month", "2026-03", "--out", "/nowhere/a.csv"), "/nowhere/a.csv: cannot be written")


def test_nothing_is_written_to_the_store(judged: str) -> None:
    marks = "SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM finding), (SELECT count(*) FROM vehicle_day)"
    with connect(judged) as connection:
        before = connection.execute(marks).fetchone()
        connection.commit()
        assert run(judged, "--month", "2026-03", "--signed", "2026-04-03").code == 0
        assert connection.execute(marks).fetchone() == before
