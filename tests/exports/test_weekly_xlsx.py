"""The workbook opened again: every figure against the input, and what a spreadsheet would do with each cell."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from api.exports import wording
from api.exports.weekly import WeeklyList
from api.exports.weekly_xlsx import render
from journey.localtime import ZONE
from journey.registry import Operator
from tests.exports.sample import LISTED, MADE_AT, START, big, finding, week

SHEETS = ["Tổng hợp", "Danh sách", "Nhiều phát hiện", "Độ phủ dữ liệu", "Căn cứ pháp lý", "Ghi chú"]


def read(weekly: WeeklyList) -> Any:
    return openpyxl.load_workbook(BytesIO(render(weekly)))


def rows(sheet: Any, heading: str) -> list[dict[str, Any]]:
    """The table whose heading row holds `heading`, as rows by heading."""
    table = list(sheet.iter_rows(values_only=True))
    top = next(number for number, row in enumerate(table) if heading in row)
    return [dict(zip(table[top], row, strict=True)) for row in table[top + 1 :]]


def unix(value: datetime) -> int:
    return round(value.replace(tzinfo=ZONE).timestamp())


def test_the_summary_adds_up() -> None:
    weekly = week()
    *lines, total = rows(read(weekly)["Tổng hợp"], "STT")
    assert [line["Đơn vị vận tải"] for line in lines] == [part.name for part in weekly.parts]
    for line, part in zip(lines, weekly.parts, strict=True):
        counts = Counter(item.rule for item in part.findings)
        for rule, short in wording.SHORT_RULES.items():
            assert line[short] == (counts[rule] or (0 if part.vehicles_with_data else "–"))
        assert line["Tổng số phát hiện"] == (len(part.findings) if part.findings or part.vehicles_with_data else "–")
        assert line["Số xe đăng ký"] == part.vehicles_registered
        assert line["Số xe có dữ liệu"] == part.vehicles_with_data
        assert line["Độ phủ dữ liệu"] == pytest.approx(part.coverage)
        if part.driving_m:
            assert line["Quãng đường (km)"] == pytest.approx(part.driving_m / 1000)
            expected = 1000 * len(part.findings) / (part.driving_m / 1000)
            assert line["Số phát hiện trên 1.000 km"] == pytest.approx(expected)
        else:
            assert line["Quãng đường (km)"] == line["Số phát hiện trên 1.000 km"] == "–"
    assert total["Đơn vị vận tải"] == "TỔNG CỘNG"
    columns = (
        *wording.SHORT_RULES.values(),
        "Tổng số phát hiện",
        "Số xe đăng ký",
        "Số xe có dữ liệu",
        "Quãng đường (km)",
    )
    for column in columns:
        assert total[column] == pytest.approx(sum(line[column] for line in lines if line[column] != "–"))
    assert total["Tổng số phát hiện"] == LISTED == sum(total[short] for short in wording.SHORT_RULES.values())
    assert total["Số xe có phát hiện"] == len({item.vehicle for _, item in weekly.listed()})
    known = sum(row.known_s for part in weekly.parts for row in part.vehicles)
    count = sum(len(part.vehicles) for part in weekly.parts)
    assert total["Độ phủ dữ liệu"] == pytest.approx(known / (count * 7 * 86_400))


def test_every_finding_is_listed_with_its_figures() -> None:
    weekly = week()
    lines = rows(read(weekly)["Danh sách"], "STT")
    assert [line["STT"] for line in lines] == list(range(1, LISTED + 1))
    for line, (part, item) in zip(lines, weekly.listed(), strict=True):
        assert line["Mã phát hiện"] == item.id
        assert (line["Đơn vị vận tải"], line["Biển số xe"]) == (part.name, item.vehicle)
        assert line["Số giấy phép lái xe"] == item.driver
        assert line["Hành vi"] == wording.RULES[item.rule]
        assert (line["Mức vi phạm"] or "") == wording.band(item)
        assert [unix(line[key]) for key in ("Bắt đầu", "Kết thúc", "Thời điểm hoàn thành")] == [
            item.start,
            item.end,
            item.at,
        ]
        assert (line["Trị số đo"], line["Giới hạn"], line["Vượt"]) == (item.measured, item.limit, item.excess)
        assert line["Căn cứ pháp lý"] == wording.basis(item.law)
        unverified = any(not use.verified for use in item.law)
        assert line["Kiểm chứng căn cứ"] == ("Chưa kiểm chứng" if unverified else None)


def test_the_unit_of_the_excess_is_said_where_it_differs() -> None:
    lines = rows(read(week())["Danh sách"], "STT")
    assert {line["Đơn vị tính"] for line in lines} == {"km/h", "giây", "kg; vượt: %"}


def test_coverage_of_operators_is_the_sum_of_their_vehicles() -> None:
    weekly = week()
    lines = rows(read(weekly)["Độ phủ dữ liệu"], "Cấp")
    spans = ("Thời gian chạy xe", "Thời gian dừng, đỗ", "Không xác định", "Không có bản ghi")
    for part in weekly.parts:
        head, *vehicles = [line for line in lines if line["Đơn vị vận tải"] == part.name]
        assert (head["Cấp"], {line["Cấp"] for line in vehicles}) == ("Đơn vị", {"Phương tiện"})
        assert [line["Biển số xe"] for line in vehicles] == [row.plate for row in part.vehicles]
        for line in (head, *vehicles):
            whole = sum((seconds(line[span]) for span in spans), 0)
            assert whole == 7 * 86_400 * (len(vehicles) if line is head else 1)
            known = seconds(line["Thời gian chạy xe"]) + seconds(line["Thời gian dừng, đỗ"])
            assert line["Độ phủ"] == pytest.approx(known / whole)
        for column in ("Số bản ghi", "Quãng đường (km)"):
            assert head[column] == pytest.approx(sum(line[column] for line in vehicles))
        assert seconds(head["Thời gian chạy xe"]) == part.driving_s
    silent = next(line for line in lines if line["Biển số xe"] == "12C33333")
    assert (silent["Tình trạng dữ liệu"], silent["Số bản ghi"]) == ("Không có dữ liệu", 0)


def seconds(value: Any) -> int:
    """A [h]:mm:ss cell, as whichever type openpyxl reads it."""
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    if isinstance(value, datetime):  # 24 h and more
        return round((value - datetime(1899, 12, 30)).total_seconds())  # noqa: DTZ001 - the epoch of spreadsheets
    assert isinstance(value, clock)
    return (value.hour * 60 + value.minute) * 60 + value.second


def test_law_sheet_names_each_figure_once_and_marks_the_unverified() -> None:
    lines = {line["Tham số"]: line for line in rows(read(week())["Căn cứ pháp lý"], "STT")}
    assert list(lines) == sorted(lines)
    gross = lines["mass.gross_rigid"]
    assert gross["Kiểm chứng"] == "Chưa kiểm chứng"
    assert gross["Căn cứ"] == "Điều 17 Thông tư 46/2015/TT-BGTVT"
    assert gross["Giá trị"] == '[{"axles": 3, "limit": 24}, {"axles": 4, "limit": 30}]'
    speed = lines["speed.outside"]
    assert (speed["Giá trị"], speed["Đơn vị tính"], speed["Số phát hiện sử dụng"]) == (60, "km/h", 4)
    assert speed["Có hiệu lực từ"].date() == date(2025, 1, 1)
    assert lines["method.speeding_min_duration"]["Kiểm chứng"] == "Phương pháp"


def test_the_cover_is_in_vietnamese_and_counts_what_was_left_out() -> None:
    book = read(week())
    assert book.sheetnames == SHEETS
    cover = "\n".join(
        str(cell) for row in book["Tổng hợp"].iter_rows(max_row=6, values_only=True) for cell in row if cell
    )
    for text in (
        "SỞ GIAO THÔNG VẬN TẢI",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Lạng Sơn, ngày 23 tháng 3 năm 2026",
        wording.TITLE,
        "Tuần 12 năm 2026 (từ 00:00 ngày 16/03/2026 đến 24:00 ngày 22/03/2026)",
        "cần xem xét (không đưa vào danh sách): 1",
    ):
        assert text in cover


def test_pages_print_on_a4_landscape_with_headings_repeated_and_rows_filtered() -> None:
    book = read(week())
    for name in SHEETS:
        sheet = book[name]
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (0, True)
        assert sheet.print_title_rows
        assert sheet.freeze_panes
        assert sheet.oddFooter.right.text == "Trang &P/&N"
        assert name == "Ghi chú" or sheet.auto_filter.ref
    assert book["Danh sách"].auto_filter.ref == f"A3:Q{3 + LISTED}"


def test_moments_are_typed_and_shown_to_the_second() -> None:
    sheet = read(week())["Danh sách"]
    assert sheet["G4"].number_format == "dd/mm/yyyy hh:mm:ss"
    assert isinstance(sheet["G4"].value, datetime)


def test_same_list_same_bytes_and_the_date_of_making_is_given() -> None:
    first = render(week())
    time.sleep(1.1)  # a clock inside would show
    assert render(week()) == first
    with ZipFile(BytesIO(first)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    made = openpyxl.load_workbook(BytesIO(first)).properties
    assert made.created.replace(tzinfo=UTC).timestamp() == MADE_AT
    assert made.modified.replace(tzinfo=UTC).timestamp() == MADE_AT


@pytest.mark.parametrize("text", ["=1+1", "+84", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "http://x", "007"])
def test_a_text_stays_a_text(text: str) -> None:
    book = read(week([finding(vehicle=text, driver=text, band=text)], operators=[Operator("OP1", text, text)]))
    sheet = book["Danh sách"]
    for cell in (sheet["B4"], sheet["C4"], sheet["D4"]):
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
        assert cell.quotePrefix == text.startswith(("=", "+", "-", "@", "\t"))
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_text_too_long_for_a_cell_is_refused_not_cut() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        render(week(operators=[Operator("OP1", "x" * 40_000)]))


def test_an_empty_week_says_so() -> None:
    book = read(week([]))
    assert "Không có phát hiện nào" in book["Danh sách"]["A4"].value
    assert rows(book["Tổng hợp"], "STT")[-1]["Tổng số phát hiện"] == 0
    assert rows(book["Căn cứ pháp lý"], "STT") == []
    assert read(week([], (), (), registrations=())).sheetnames == SHEETS


def test_an_operator_without_data_is_stated_with_dashes_not_zeros() -> None:
    line = next(line for line in rows(read(week())["Tổng hợp"], "STT") if line["Đơn vị vận tải"] == "Ân Phát")
    assert line["Tình trạng"] == "Không có dữ liệu"
    assert line["Tổng số phát hiện"] == line["Quá tốc độ"] == line["Quãng đường (km)"] == "–"


def test_a_long_name_wraps_and_its_row_is_high_enough() -> None:
    sheet = read(week())["Tổng hợp"]
    row = next(row for row in sheet.iter_rows(min_row=8) if str(row[1].value).startswith("Hợp tác xã"))
    assert row[1].alignment.wrap_text
    assert sheet.row_dimensions[row[1].row].height > 40
    plain = next(row for row in sheet.iter_rows(min_row=8) if row[1].value == "Ân Phát")
    assert (sheet.row_dimensions[plain[1].row].height or 15) < 20


def test_a_rule_without_a_name_is_listed_and_counted() -> None:
    book = read(week([finding("zigzag", START)]))
    assert rows(book["Tổng hợp"], "STT")[-1]["zigzag"] == 1
    assert rows(book["Danh sách"], "STT")[0]["Hành vi"] == "zigzag"


def test_five_thousand_findings() -> None:
    weekly = big(5_000)
    begun = time.perf_counter()
    data = render(weekly)
    assert time.perf_counter() - begun < 20
    book = openpyxl.load_workbook(BytesIO(data), read_only=True)
    assert rows(book["Tổng hợp"], "STT")[-1]["Tổng số phát hiện"] == 5_000
    assert len(rows(book["Danh sách"], "STT")) == 5_000
