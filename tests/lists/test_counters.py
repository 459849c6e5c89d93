"""The month's counts in a list: up to the week's end, of each month that it touches, without what cases keep back."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from pathlib import Path

import orjson
import pytest

from api.exports.counters import MonthCounters
from cli.lists.weekly import read_weekly
from journey.casework import Step
from journey.localtime import DAY_S, midnight
from rules.law import load
from storage.database import connect, transaction
from tests.lists.sample import CLOSED, NAME, START, A, B, C, Office, drive, fixes, office
from tests.lists.test_cases import Desk
from tests.people.samples import person
from tests.reports.test_forms import one


def counters(office: Office, week: str, made_at: int) -> tuple[MonthCounters, ...]:
    with connect(office.url) as connection, transaction(connection):
        return read_weekly(connection, load(), week, made_at).counters


@pytest.fixture
def fleet(database: str, tmp_path: Path) -> Office:
    """Findings on 25 February, 2 and 4 March (A: in all three), and after the week."""
    made = office(database, tmp_path)
    made.take_in(
        drive(A, -6, "100") + drive(A, -1, "100") + drive(A, 1, "100") + drive(B, 1, "100") + drive(C, 8, "100")
    )
    return made


def test_a_week_inside_a_month_counts_the_month_so_far(fleet: Office) -> None:
    (march,) = counters(fleet, "2025-W10", CLOSED)
    assert (march.month, march.until, march.whole) == (date(2025, 3, 1), START + 7 * DAY_S, False)
    assert {row.plate: row.breaches for row in march.vehicles} == {A: 2, B: 1}
    plain = """SELECT count(*) FROM finding WHERE rule = 'speeding' AND withdrawn_at IS NULL
               AND at >= '2025-03-01 00:00+07' AND at < '2025-03-10 00:00+07'"""
    assert sum(row.breaches for row in march.vehicles) == one(fleet, plain)
    assert march.speeding.figures[0].value == 5
    assert march.speeding.verified


def test_a_week_over_two_months_counts_both(fleet: Office) -> None:
    february, march = counters(fleet, "2025-W09", CLOSED)
    assert (february.month, february.whole, {row.plate: row.breaches for row in february.vehicles}) == (
        date(2025, 2, 1), True, {A: 1},
    )  # fmt: skip
    assert ({row.plate: row.breaches for row in march.vehicles}, march.whole) == ({A: 1}, False)


def test_a_week_without_findings_still_counts_its_month(fleet: Office) -> None:
    """The week of 24 to 30 March: all before it counts, though it lies more than four weeks back."""
    (march,) = counters(fleet, "2025-W13", CLOSED + 30 * DAY_S)
    assert sum(row.breaches for row in march.vehicles) == 4


def test_a_week_over_the_years_end_has_both_laws(database: str, tmp_path: Path) -> None:
    made = office(database, tmp_path)
    begin = midnight(date(2024, 12, 31)) + 8 * 3600
    made.take_in(fixes(begin, 600, "100", A, 10) + fixes(begin + 2 * DAY_S, 600, "100", A, 10))
    december, january = counters(made, "2025-W01", begin + 20 * DAY_S)
    assert not december.speeding.verified
    assert december.overload.figures == ()
    assert january.speeding.verified
    assert [(row.plate, row.breaches) for row in (*december.vehicles, *january.vehicles)] == [(A, 1), (A, 1)]
    done = made.done("list", "publish", "--week", "2025-W01", "--folder", made.lists, "--made-at",
                     str(begin + 20 * DAY_S))  # fmt: skip
    assert "danh-sach-2025-W01.pdf" in done.out


def test_what_a_case_keeps_back_is_not_counted(fleet: Office) -> None:
    with connect(fleet.url) as connection:
        lan = person(connection, "lan", "inspector", None)
    Desk(fleet, lan, lan, lan).steps(B, (lan, Step.OPEN), (lan, Step.DISMISS))
    (march,) = counters(fleet, "2025-W10", CLOSED)
    assert Counter({row.plate: row.breaches for row in march.vehicles}) == Counter({A: 2})


def test_the_counts_are_in_files_of_their_own(fleet: Office) -> None:
    """A heading for each field, a name that looks like a formula as text, sums as SQL counts, and what was left out."""
    with connect(fleet.url) as connection:
        lan = person(connection, "lan", "inspector", None)
    Desk(fleet, lan, lan, lan).steps(B, (lan, Step.OPEN), (lan, Step.DISMISS))
    assert fleet.publish().code == 0
    content = (fleet.lists / "danh-sach-2025-W10.so-dem.csv").read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(content, newline=""))
    assert (row["Tháng"], row["Biển số xe"], row["Đơn vị vận tải"]) == ("2025-03", A, f"'{NAME}")
    assert (row["Số lần quá tốc độ được tính"], row["Đã đạt mức do tốc độ"]) == ("2", "không")
    package = orjson.loads((fleet.lists / "danh-sach-2025-W10.so-dem.json").read_bytes())
    months, vehicles, operators, described = package["resources"]
    assert [(one["month"], one["held"], one["whole"]) for one in months["data"]] == [("2025-03", 1, False)]
    assert months["data"][0]["speeding_unverified"] is False
    assert "rollups.speeding_breaches_min = 5" in months["data"][0]["speeding_law"]
    metres = one(fleet, "SELECT sum(driving_m) FROM day_summary s JOIN vehicle v ON v.id = s.vehicle_id "
                        "WHERE plate = %s AND day >= date '2025-03-01' - date '1970-01-01' "
                        "AND day < date '2025-03-10' - date '1970-01-01'", A)  # fmt: skip
    assert vehicles["data"][0]["driving_m"] == pytest.approx(metres, abs=0.001)
    assert (vehicles["data"][0]["operator_name"], operators["data"]) == (NAME, [])
    assert [field["name"] for field in described["schema"]["fields"]] == list(row)
