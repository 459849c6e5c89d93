"""The CSV read back is the list."""

from __future__ import annotations

import csv
from datetime import datetime
from io import StringIO

import pytest

from api.exports.weekly_csv import COLUMNS, render
from journey.registry import Operator
from tests.exports.sample import LISTED, START, finding, week


def read(data: bytes) -> list[dict[str, str]]:
    """Rows by heading, with the one leading apostrophe taken off as the format says."""
    text = data.decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text, newline=""), strict=True))
    return [{key: value.removeprefix("'") for key, value in row.items()} for row in rows]


def test_read_back_equals_the_list() -> None:
    weekly = week()
    rows = read(render(weekly))
    assert len(rows) == LISTED
    for row, (part, item) in zip(rows, weekly.listed(), strict=True):
        assert row["Mã phát hiện"] == item.id
        assert (row["Mã đơn vị"], row["Đơn vị vận tải"]) == (part.id or "", part.name)
        assert row["Mã số thuế"] == (part.tax_code or "")
        assert (row["Biển số xe"], row["Số giấy phép lái xe"]) == (item.vehicle, item.driver or "")
        assert row["Mã hành vi"] == item.rule
        assert [float(row[key]) for key in ("Trị số đo", "Giới hạn", "Vượt")] == [
            item.measured,
            item.limit,
            item.excess,
        ]
        moments = [datetime.fromisoformat(row[key]) for key in ("Bắt đầu", "Kết thúc", "Thời điểm hoàn thành")]
        assert [moment.timestamp() for moment in moments] == [item.start, item.end, item.at]
        assert all(str(moment.utcoffset()) == "7:00:00" for moment in moments)


def test_headings_are_published() -> None:
    assert [heading for heading, _ in COLUMNS] == [
        "Mã phát hiện",
        "Mã đơn vị",
        "Đơn vị vận tải",
        "Mã số thuế",
        "Biển số xe",
        "Số giấy phép lái xe",
        "Mã hành vi",
        "Hành vi",
        "Mức vi phạm",
        "Bắt đầu",
        "Kết thúc",
        "Thời điểm hoàn thành",
        "Trị số đo",
        "Giới hạn",
        "Đơn vị tính",
        "Vượt",
        "Đơn vị tính mức vượt",
        "Mức độ",
        "Căn cứ pháp lý",
        "Kiểm chứng căn cứ",
        "Ghi chú",
    ]


def test_bytes_have_a_mark_and_windows_line_ends_and_are_the_same_twice() -> None:
    data = render(week())
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == LISTED + 1
    assert data.count(b"\n") == LISTED + 1
    assert data == render(week())


def test_an_empty_week_is_the_headings_alone() -> None:
    assert read(render(week([]))) == []
    assert render(week([])).count(b"\r\n") == 1


@pytest.mark.parametrize("name", ["=1+1", "+84", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "'quoted"])
def test_a_text_that_would_run_gets_an_apostrophe_and_keeps_its_value(name: str) -> None:
    data = render(week([finding(at=START)], operators=[Operator("OP1", name)]))
    assert f"'{name}" in data.decode("utf-8-sig")
    assert read(data)[0]["Đơn vị vận tải"] == name


@pytest.mark.parametrize("name", ['Công ty "A", B', "hai\r\ndòng", "a=b", "Đông - Tây", ""])
def test_no_other_text_is_touched(name: str) -> None:
    data = render(week([finding(at=START)], operators=[Operator("OP1", name)]))
    raw = list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline="")))
    assert raw[0]["Đơn vị vận tải"] == name
