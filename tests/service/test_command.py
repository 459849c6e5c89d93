"""`hanhtrinh quality`: what is stored of a month, by operator and by vehicle, and what is not known of it."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from cli.checking.windows import check
from cli.quality.commands import read_quality
from cli.reference import InputError
from journey.localtime import midnight
from storage.database import connect, transaction
from tests.casefolder import LAW
from tests.cli.command import Done, called, refused
from tests.printing.reading import last_page_can_be_read
from tests.whatif.sample import PLATE, case, fixes, take_in

START = midnight(date(2025, 3, 3))
LATE, SILENT, UNKNOWN = "12C77777", "12C88888", "29B99999"


def _late(plate: str) -> list[dict[str, str]]:
    """Nine fixes 20 s apart that came a minute late, and a last one 12 km farther after 10 min."""
    rows = fixes(START, 160, plate=plate, step=20)
    rows.append(rows[-1] | {"time": str(START + 760), "lat": "15.11"})
    return [row | {"received": str(int(row["time"]) + 60)} for row in rows]


@pytest.fixture(scope="module")
def judged(module_database: str) -> str:
    """One operator with two vehicles that sent and one trailer; one whose only vehicle sent nothing; and a stranger."""
    inputs = case(_late(PLATE) + _late(LATE) + fixes(START, 3600, "140", plate=UNKNOWN))
    rows: list[dict[str, Any]] = inputs["registry"]["vehicles"]
    rows += [rows[0] | {"plate": LATE}, rows[0] | {"plate": "12R00001", "kind": "semi_trailer"},
             rows[0] | {"plate": SILENT, "operator": "OP2"}]  # fmt: skip
    inputs["registry"]["operators"].append({"id": "OP2", "name": "=Two"})
    with connect(module_database) as connection:
        take_in(connection, inputs)
        check(connection, LAW, "test")
    return module_database


def run(judged: str, *arguments: str | Path) -> Done:
    return called("quality", *arguments, DATABASE_URL=judged)


def test_by_operator(judged: str, tmp_path: Path) -> None:
    out = tmp_path / "q.ndjson"
    done = run(judged, "--month", "2025-03", "--out", out)
    assert (done.code, done.err) == (0, "")
    one, two, nobody = (orjson.loads(line) for line in out.read_bytes().splitlines())
    assert (one["operator"], one["vehicles"], one["vehicles_with_data"], one["fixes"]) == ("OP1", 2, 2, 20)
    assert (one["registered_days"], one["online_days"], one["online"]) == (62, 2, round(2 / 62, 6))
    assert (one["moving_judged"], one["moving_timely"], one["moving_on_time"]) == (18, 16, round(16 / 18, 6))
    assert (one["delay_median"], one["delay_95"], one["delays"]) == ("<= 60 s", "<= 60 s", {"60": 20})
    assert (one["silences"], one["drift_vehicles"], one["drift"], one["qualified"]) == (2, 0, 0.0, 1.0)
    assert one["complete"] == pytest.approx(160 * 0.000005 / 0.11, abs=1e-5)
    assert (one["without_receipt"], one["ahead"], one["standing_on_time"]) == (0, 0.0, None)
    # The silent operator: nothing is known, and that it is registered is.
    assert (two["name"], two["vehicles"], two["vehicles_with_data"], two["online"]) == ("=Two", 1, 0, 0.0)
    assert {name for name, value in two.items() if value is None} == {
        "vehicle", "drift_vehicles", "silences", "moving_on_time", "standing_on_time", "qualified", "drift", "ahead",
        "complete", "delay_median", "delay_95",
    }  # fmt: skip
    assert (nobody["operator"], nobody["vehicles_with_data"], nobody["fixes"]) == (None, 1, 61)
    assert (nobody["online"], nobody["silences"], nobody["ahead"], nobody["without_receipt"]) == (None, None, None, 61)


def test_what_is_printed(judged: str) -> None:
    said = run(judged, "--month", "2025-03").out
    rows = [line.split() for line in said.splitlines()]
    assert ["=Two", "1", "0", "0.00", "%", "-", "-", "-", "-", "-"] in rows
    assert ["=Two", "0", "-", "-", "-", "-", "-", "-"] in rows
    assert "note: 1 vehicles sent 61 fixes on days on which nobody has registered them: kept, and judged once" in said
    assert "law: moving: at most 30 s, in force from 2025-01-01 (Circular 71/2024/TT-BCA, Art. 6; not verified)" in said
    assert "law: standing: not known, in force from 2025-01-01 (Circular 71/2024/TT-BCA; not verified)" in said
    assert "2025-03-01 to 2025-03-31" in said


def test_by_vehicle_and_csv(judged: str, tmp_path: Path) -> None:
    out = tmp_path / "q.csv"
    done = run(judged, "--month", "2025-03", "--operator", "OP1", "--out", out)
    assert (done.code, done.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"))))
    assert [(row["operator"], row["vehicle"], row["fixes"]) for row in rows] == [
        ("OP1", PLATE, "10"),
        ("OP1", LATE, "10"),
    ]
    assert "registered them" not in done.out
    assert "all 2" in done.out
    run(judged, "--month", "2025-03", "--out", out)
    names = [row["name"] for row in csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig")))]
    assert names == ["One", "'=Two", ""]


def test_the_data_duty_table_has_the_same_figures(judged: str, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.xlsx", "b.xlsx", "a.pdf", "b.pdf")]
    for file in files:
        assert run(judged, "--month", "2025-03", "--out", file, "--made-at", str(START)).code == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[2].read_bytes() == files[3].read_bytes()
    assert last_page_can_be_read(files[2].read_bytes(), tmp_path)
    book = openpyxl.load_workbook(files[0])
    rows = {row[1]: row for row in book["Biểu"].iter_rows(values_only=True) if row[0]}
    assert rows["One"][4:8] == (2, 2, 20, pytest.approx(2 / 62))
    assert rows["One"][8:13] == (1, pytest.approx(160 * 0.000005 / 0.11, abs=1e-5), 0, 0, 2)
    assert rows["=Two"][4:8] == (1, 0, 0, 0)
    assert set(rows["=Two"][8:]) == {"–"}
    assert rows["Phương tiện không có trong sổ đăng ký"][4:7] == ("–", 1, 61)
    notes = "".join(str(row[0]) for row in book["Ghi chú"].iter_rows(values_only=True))
    assert "không quá 30 giây (Điều 6 Thông tư 71/2024/TT-BCA * chưa kiểm chứng)" in notes


def test_a_month_without_data_says_so(judged: str) -> None:
    done = run(judged, "--month", "2025-04")
    assert (done.code, done.err) == (0, "")
    assert ["One", "2", "0", "0.00", "%", "-", "-", "-", "-", "-"] in [line.split() for line in done.out.splitlines()]


def test_only_days_that_are_over_are_counted(judged: str) -> None:
    with connect(judged) as connection, transaction(connection):
        report = read_quality(connection, date(2025, 3, 1), None, START + 86_400)
        assert (report.stop - report.first, report.whole.registered_days, report.whole.online_days) == (3, 9, 2)
        with pytest.raises(InputError, match="no day of it is over yet"):
            read_quality(connection, date(2025, 3, 1), None, midnight(date(2025, 3, 1)) + 86_399)


def test_what_the_figures_do_not_hold_is_told(judged: str) -> None:
    with connect(judged) as connection:
        rows = connection.execute("SELECT d.* FROM service_day d ORDER BY vehicle_id").fetchall()
        with connection.transaction():
            connection.execute("DELETE FROM service_day")
            connection.execute("UPDATE vehicle_day SET touched = nextval('touch')")
        connection.commit()
        said = run(judged, "--month", "2025-03").err
        assert "3 vehicle-days wait to be judged: run `hanhtrinh check`" in said
        assert "3 vehicle-days with fixes were judged before these sums were kept" in said
        check(connection, LAW, "another")
        again = connection.execute("SELECT d.* FROM service_day d ORDER BY vehicle_id").fetchall()
    assert [row[:-1] for row in again] == [row[:-1] for row in rows]
    assert run(judged, "--month", "2025-03").err == ""


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--month", "2025-3"), "--month '2025-3' is no month: write it like 2026-03"),
        (("--month", "2025-03", "--out", "q.doc"), "--out q.doc: end the file's name in .csv, .ndjson, .xlsx, .pdf"),
        (("--month", "2025-03", "--operator", "OP9"), "--operator OP9: it has neither a vehicle with a recorder"),
        (("--month", "2999-01"), "--month 2999-01: no day of it is over yet"),
    ],
)
def test_questions_that_cannot_be_answered(judged: str, arguments: tuple[str, ...], part: str) -> None:
    refused(run(judged, *arguments), part)
