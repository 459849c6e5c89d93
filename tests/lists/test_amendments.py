"""Late and corrected records, from a provider's file to the opened workbook: the list stays, the amendment says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from journey.localtime import DAY_S
from storage.database import Connection, connect
from tests.cli.command import refused
from tests.lists.sample import CLOSED, NAME, WEEK, A, B, C, Office, csv_rows, drive, office, rows_of


@pytest.fixture
def published(database: str, tmp_path: Path) -> Office:
    """A published week: A and B were fast, of C a slow drive is known."""
    made = office(database, tmp_path)
    made.take_in(drive(A, 1, "100") + drive(B, 2, "100") + drive(C, 3, "50"))
    done = made.publish()
    assert done.code == 0, done
    return made


def sheet_rows(folder: Path, ordinal: int, sheet: str = "Nội dung sửa đổi") -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(folder / f"danh-sach-{WEEK}-sua-doi-{ordinal}.xlsx")
    rows = [list(row) for row in book[sheet].iter_rows(values_only=True)]
    top = next(place for place, row in enumerate(rows) if row[0] == "STT")
    return [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :]]


def late(office: Office) -> None:
    """C was fast on Friday, B's Wednesday is corrected downwards, A went on for two minutes, a little slower."""
    office.take_in(
        drive(C, 4, "100")
        + drive(B, 2, "50")
        + [row | {"lat": f"{float(row['lat']) + 0.003:.6f}"} for row in drive(A, 1, "90", 8 * 3600 + 610, 120)]
    )


def test_a_finding_appears_one_is_withdrawn_one_changes(published: Office) -> None:
    files, rows = published.bytes_of_lists(), rows_of(published.url)
    assert published.done("list", "due").out == ""
    late(published)
    due = published.done("list", "due")
    assert (due.out, due.err) == (f"{WEEK}\t1 added, 1 withdrawn, 1 changed\n", "")
    done = published.amend(CLOSED + DAY_S)
    assert done.code == 0
    assert "published 02/2025 (amendment 1 of 2025-W10)" in done.err

    shown = {row["Nay: Biển số xe"] or row["Đã công bố: Biển số xe"]: row for row in csv_rows(published.lists, 1)}
    assert {plate: row["Mã thay đổi"] for plate, row in shown.items()} == {A: "changed", B: "withdrawn", C: "added"}
    assert {row["Lý do"] for row in shown.values()} == {"Dữ liệu đến muộn hoặc được đính chính"}
    assert {row["Mã lý do"] for row in shown.values()} == {"late or corrected data"}
    assert (shown[A]["Đã công bố: Trị số đo"], shown[A]["Nay: Trị số đo"]) == ("100.0", "100.0")
    ends = shown[A]["Đã công bố: Kết thúc"], shown[A]["Nay: Kết thúc"]
    assert ends == ("2025-03-04T08:10:00+07:00", "2025-03-04T08:12:10+07:00")
    assert (shown[B]["Nay: Trị số đo"], shown[B]["Đã công bố: Trị số đo"]) == ("", "100.0")
    assert (shown[C]["Nay: Trị số đo"], shown[C]["Đã công bố: Trị số đo"]) == ("100.0", "")
    assert shown[C]["Nay: Đơn vị vận tải"] == "'" + NAME

    sheet = {row["Biển số xe"]: row for row in sheet_rows(published.lists, 1)}
    assert {plate: row["Thay đổi"] for plate, row in sheet.items()} == {
        A: "Sửa đổi", B: "Rút khỏi danh sách", C: "Bổ sung"}  # fmt: skip
    assert (sheet[A]["Trị số đã công bố"], sheet[A]["Trị số nay"]) == (100, 100)
    assert sheet[A]["Nội dung đã công bố và thay đổi"] == (
        "Từ 08:00:00 ngày 04/03/2025 đến 08:12:10 ngày 04/03/2025; "
        "kết thúc: 08:10:00 ngày 04/03/2025 → 08:12:10 ngày 04/03/2025"
    )
    assert (sheet[B]["Trị số đã công bố"], sheet[B]["Trị số nay"]) == (100, "–")
    assert (sheet[C]["Trị số đã công bố"], sheet[C]["Trị số nay"]) == ("–", 100)
    assert {row["Đơn vị vận tải"] for row in sheet.values()} == {NAME}
    assert {plate: row["Mã phát hiện"] for plate, row in sheet.items()} == {
        plate: row["Mã phát hiện"] for plate, row in shown.items()}  # fmt: skip
    assert sheet_rows(published.lists, 1, "Tổng hợp")[-1]["Tổng số thay đổi"] == 3

    after = published.bytes_of_lists()
    assert {name: after[name] for name in files} == files
    now = rows_of(published.url)
    assert {name: some[: len(rows[name])] for name, some in now.items()} == rows


def test_an_amendment_amends_the_state_after_those_before_it(published: Office) -> None:
    late(published)
    assert published.amend(CLOSED + DAY_S).code == 0
    files, rows = published.bytes_of_lists(), rows_of(published.url)
    # Nothing more: nothing is published.
    again = published.amend(CLOSED + 2 * DAY_S)
    assert (again.code, again.out) == (0, "")
    assert "nothing differs from what was published" in again.err
    assert rows_of(published.url) == rows
    # C's Friday is corrected in its turn, A's run went on; B stays as the first amendment left it.
    published.take_in(drive(C, 4, "50") + drive(B, 5, "100"))
    assert published.amend(CLOSED + 3 * DAY_S).code == 0
    shown = {row["Nay: Biển số xe"] or row["Đã công bố: Biển số xe"]: row for row in csv_rows(published.lists, 2)}
    assert {plate: row["Mã thay đổi"] for plate, row in shown.items()} == {B: "added", C: "withdrawn"}
    assert {row["Số sửa đổi"] for row in shown.values()} == {"03/2025"}
    cover = openpyxl.load_workbook(published.lists / f"danh-sach-{WEEK}-sua-doi-2.xlsx")["Tổng hợp"]
    text = "\n".join(str(cell) for row in cover.iter_rows(values_only=True) for cell in row if cell)
    assert "Bản sửa đổi số 03/2025 (lần 2)" in text
    assert "Sửa đổi danh sách số 01/2025" in text
    assert "đã được sửa đổi bởi số 02/2025" in text
    assert "Trước sửa đổi danh sách có 2 phát hiện, sau sửa đổi có 2." in text
    after = published.bytes_of_lists()
    assert {name: after[name] for name in files} == files
    assert {name: some[: len(rows[name])] for name, some in rows_of(published.url).items()} == rows


def test_a_finding_withdrawn_and_found_again_is_added_again(published: Office) -> None:
    published.take_in(drive(B, 2, "50"))
    assert published.amend(CLOSED + DAY_S).code == 0
    with connect(published.url) as connection:  # as if the correction had never been sent
        connection.execute(
            "UPDATE fix SET speed_dkmh = 1000 FROM vehicle v WHERE v.id = vehicle_id AND plate = %s", (B,)
        )
        connection.execute("UPDATE vehicle_day SET touched = nextval('touch')")
    published.done("check")
    assert published.amend(CLOSED + 2 * DAY_S).code == 0
    (row,) = csv_rows(published.lists, 2)
    assert (row["Mã thay đổi"], row["Nay: Biển số xe"]) == ("added", B)
    (first,) = csv_rows(published.lists, 1)
    assert row["Mã phát hiện"] == first["Mã phát hiện"]


@pytest.mark.parametrize(
    ("method", "reason"), [("method-practice", "Phương pháp tính thay đổi"), ("method", "Phần mềm thay đổi")]
)
def test_a_change_of_method_or_code_is_named(
    published: Office, method: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.settings["METHOD"] = method
    if method == "method":
        with connect(published.url) as connection:
            _as_if_by_other_code(connection)
        published.take_in(drive(B, 2, "50"), check=False)
    published.done("check", "--all")
    done = published.amend(CLOSED + DAY_S)
    assert done.code == 0, done
    rows = csv_rows(published.lists, 1)
    assert rows
    assert {row["Lý do"] for row in rows} == {reason}


def _as_if_by_other_code(connection: Connection) -> None:
    connection.execute("UPDATE run SET code_version = 'an earlier one'")


def test_a_week_without_a_list_has_nothing_to_amend(database: str, tmp_path: Path) -> None:
    done = office(database, tmp_path).amend(CLOSED)
    assert done.code == 2
    assert "2025-W10: no list was published, so that there is nothing to amend" in done.err


def test_what_waits_to_be_judged_is_said_and_refused(published: Office) -> None:
    published.take_in(drive(B, 2, "50"), check=False)
    due = published.done("list", "due")
    assert due.out == ""
    assert "1 vehicle-days wait to be judged: more may differ after `hanhtrinh check`" in due.err
    refused(published.amend(CLOSED), "1 vehicle-days of 2025-W10 and the days beside it wait to be judged")
    assert published.amend(CLOSED, "--anyway").code == 0  # nothing differs, as far as it is judged
    assert len(rows_of(published.url)["list"]) == 1


def test_a_store_changed_by_hand_is_said(published: Office) -> None:
    with connect(published.url) as connection:
        connection.execute("DELETE FROM finding_change")
        connection.execute("DELETE FROM finding f USING vehicle v WHERE v.id = f.vehicle_id AND plate = %s", (A,))
        connection.execute("UPDATE finding SET content = 'another'")
    assert published.amend(CLOSED).code == 0
    rows = csv_rows(published.lists, 1)
    assert [(row["Mã thay đổi"], row["Mã lý do"]) for row in rows] == [
        ("changed", "unrecorded"), ("withdrawn", "unrecorded")]  # fmt: skip
