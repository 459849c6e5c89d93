"""People's work on cases reaches the lists: what is kept back, what is taken back, what is let on."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

from journey.casework import Step
from journey.localtime import DAY_S
from storage.audit.log import By
from storage.cases.steps import take_step
from storage.database import connect, scalar
from storage.people.accounts import Person
from tests.lists.sample import CLOSED, WEEK, A, B, Office, csv_rows, drive, office
from tests.people.samples import person


class Desk(NamedTuple):
    office: Office
    lan: Person  # inspector
    minh: Person  # supervisor
    own: Person  # of OP1

    def steps(self, plate: str, *steps: tuple[Person, Step]) -> None:
        """Steps of the case of a vehicle's finding, a second apart on the day before the week is closed."""
        with connect(self.office.url) as connection:
            finding = str(scalar(connection, "SELECT f.id FROM finding f JOIN vehicle v ON v.id = f.vehicle_id "
                                             "WHERE plate = %s AND withdrawn_at IS NULL", (plate,)))  # fmt: skip
            for place, (who, step) in enumerate(steps):
                take_step(connection, By(who, ""), finding, step, "why", CLOSED - DAY_S + place)
            connection.commit()


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Desk:
    made = office(database, tmp_path)
    made.take_in(drive(A, 1, "100") + drive(B, 2, "100"))
    with connect(database) as connection:
        people = (("lan", "inspector", None), ("minh", "supervisor", None), ("own", "operator", "OP1"))
        return Desk(made, *(person(connection, *one) for one in people))


def listed(office: Office) -> set[str]:
    sheet = openpyxl.load_workbook(office.lists / f"danh-sach-{WEEK}.xlsx")["Danh sách"]
    return {str(row[2]) for row in sheet.iter_rows(min_row=4, values_only=True) if row[2]}


def cover(office: Office) -> str:
    sheet = openpyxl.load_workbook(office.lists / f"danh-sach-{WEEK}.xlsx")["Tổng hợp"]
    return "\n".join(str(cell) for row in sheet.iter_rows(max_row=6, values_only=True) for cell in row if cell)


def test_a_dismissed_finding_is_on_no_list(desk: Desk) -> None:
    desk.steps(A, (desk.lan, Step.OPEN), (desk.lan, Step.DISMISS))
    assert desk.office.publish().code == 0
    assert listed(desk.office) == {B}
    assert "Số phát hiện chưa liệt kê theo hồ sơ giải trình, khiếu nại: 1." in cover(desk.office)
    with connect(desk.office.url) as connection:
        assert scalar(connection, "SELECT count(*) FROM list_entry") == 1
    assert desk.office.done("list", "due").out == ""


def test_one_that_waits_for_its_operator_comes_when_it_is_confirmed(desk: Desk) -> None:
    desk.steps(A, (desk.lan, Step.OPEN), (desk.lan, Step.SEND))
    assert desk.office.publish().code == 0
    assert listed(desk.office) == {B}
    desk.steps(A, (desk.own, Step.ACCEPT))
    assert desk.office.amend(CLOSED + DAY_S).code == 0
    (row,) = csv_rows(desk.office.lists, 1)
    assert (row["Mã thay đổi"], row["Mã lý do"], row["Nay: Biển số xe"]) == ("added", "case", A)
    assert row["Lý do"] == "Theo hồ sơ giải trình, khiếu nại"


def test_a_published_one_is_taken_back_only_when_its_case_ends_against_it(desk: Desk) -> None:
    assert desk.office.publish().code == 0
    assert listed(desk.office) == {A, B}
    desk.steps(A, (desk.lan, Step.OPEN), (desk.lan, Step.SEND), (desk.own, Step.DISPUTE))
    assert "nothing differs" in desk.office.amend(CLOSED + DAY_S).err
    desk.steps(A, (desk.minh, Step.OVERTURN))
    assert desk.office.amend(CLOSED + DAY_S).code == 0
    (row,) = csv_rows(desk.office.lists, 1)
    assert (row["Mã thay đổi"], row["Mã lý do"], row["Đã công bố: Biển số xe"]) == ("withdrawn", "case", A)
    assert "nothing differs" in desk.office.amend(CLOSED + 2 * DAY_S).err


def test_late_data_change_a_published_one_whose_case_is_open(desk: Desk) -> None:
    assert desk.office.publish().code == 0
    desk.steps(A, (desk.lan, Step.OPEN), (desk.lan, Step.SEND))
    more = [row | {"lat": f"{float(row['lat']) + 0.003:.6f}"} for row in drive(A, 1, "90", 8 * 3600 + 610, 120)]
    desk.office.take_in(more)
    assert desk.office.amend(CLOSED + DAY_S).code == 0
    (row,) = csv_rows(desk.office.lists, 1)
    assert (row["Mã thay đổi"], row["Mã lý do"]) == ("changed", "late or corrected data")
