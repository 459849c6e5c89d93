"""The weeks before: last week's counts, and who has findings again and again."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from api.exports.history import WEEKS, Earlier, Repeated, last_week, repeated
from api.exports.weekly import WeeklyList
from api.exports.weekly_notes import monitored
from api.exports.weekly_xlsx import render
from journey.model import Finding, Grade
from tests.exports.sample import START, finding, week

WEEK_S = 7 * 86_400
ANN, BOB = "790000000001", "790000000002"


def earlier(*findings: Finding, seen: tuple[str | None, ...] = ("OP1", "OP2")) -> Earlier:
    return Earlier(findings, frozenset(seen))


def test_last_week_is_counted_by_operator_and_what_had_no_data_has_no_zero() -> None:
    before = earlier(
        finding(at=START - 1),
        finding(at=START - WEEK_S, driver=BOB),
        finding(at=START - WEEK_S - 1),
        finding(at=START - 5, grade=Grade.POSSIBLE),
        finding(at=START - 6, operator="OP3"),
        finding(at=START - 7, operator=None),
    )
    assert last_week(before, START) == {"OP1": 2, "OP2": 0, "OP3": 1, None: 1}
    assert last_week(None, START) == {}


def test_who_has_several_findings_with_one_in_this_week() -> None:
    listed = [finding(at=START + 1, driver=ANN), finding("daily_driving", START + 2, driver=ANN, vehicle="12C2"),
              finding(at=START + 3, driver=BOB, vehicle="12C3", operator="OP2")]  # fmt: skip
    before = earlier(
        finding(at=START - 1, driver=BOB, vehicle="12C9"),  # another vehicle: the driver comes again
        finding(at=START - WEEKS * WEEK_S, driver=ANN),
        finding(at=START - WEEKS * WEEK_S - 1, driver=ANN),  # too long ago
        finding(at=START - 2, driver="790000000009", vehicle="12C8"),  # not found this week
        finding(at=START - 3, driver=ANN, grade=Grade.POSSIBLE),
    )
    assert repeated(listed, before, START) == (
        Repeated(False, "12C12345", ("OP1",), 1, 1, 2, (("speeding", 2),)),
        Repeated(True, ANN, ("OP1",), 2, 1, 2, (("speeding", 2), ("daily_driving", 1))),
        Repeated(True, BOB, ("OP1", "OP2"), 1, 1, 2, (("speeding", 2),)),
    )
    assert [row.subject for row in repeated(listed, None, START)] == [ANN]


def test_the_use_of_a_card_counts_for_no_driver() -> None:
    some = [finding("double_login", START + place) for place in range(3)]
    assert [row.is_driver for row in repeated(some, None, START)] == [False]


def rows(weekly: WeeklyList, name: str) -> list[dict[str, Any]]:
    lines = [list(row) for row in openpyxl.load_workbook(io.BytesIO(render(weekly)))[name].iter_rows(values_only=True)]
    top = next(place for place, row in enumerate(lines) if row[0] == "STT")
    return [dict(zip(lines[top], row, strict=True)) for row in lines[top + 1 :]]


def test_the_workbook_compares_and_names_the_repeated() -> None:
    weekly = week(
        earlier=earlier(*(finding(at=START - 60 * place) for place in range(1, 15)), seen=("OP1", "OP2", "OP4"))
    )
    summary = {row["Đơn vị vận tải"]: row for row in rows(weekly, "Tổng hợp")}
    dong_dang = summary["Công ty TNHH Vận tải và Thương mại Đồng Đăng"]
    assert (dong_dang["Tổng số phát hiện"], dong_dang["Tuần trước"], dong_dang["Tăng, giảm"]) == (10, 14, -4)
    silent = summary["Ân Phát"]
    assert (silent["Tuần trước"], silent["Tăng, giảm"]) == (0, "–")
    unknown = summary['=HYPERLINK("http://x";"Công ty")']
    assert (unknown["Tuần trước"], unknown["Tăng, giảm"]) == ("–", "–")
    # Some of this week's findings are of operators whose last week is not known: no difference in all.
    assert (summary["TỔNG CỘNG"]["Tuần trước"], summary["TỔNG CỘNG"]["Tăng, giảm"]) == (14, "–")
    first = rows(weekly, "Nhiều phát hiện")[0]
    assert (first["Đối tượng"], first["Biển số xe hoặc số giấy phép"]) == ("Phương tiện", "12C12345")
    assert (first["Trong tuần"], first["4 tuần trước"], first["Số tuần có phát hiện"]) == (9, 14, 2)
    assert first["Hành vi"].startswith("Quá tốc độ: 15; ")


def test_without_history_there_is_nothing_to_compare() -> None:
    summary = rows(week(), "Tổng hợp")
    assert {row["Tuần trước"] for row in summary} == {row["Tăng, giảm"] for row in summary} == {"–"}
    assert rows(week([]), "Nhiều phát hiện")[0]["STT"] == "Không có."


@pytest.mark.parametrize(
    ("known", "whole", "said"),
    [
        (148_320, 604_800, "đã theo dõi 41 giờ 12 phút trên 168 giờ"),
        (148_379, 604_800, "đã theo dõi 41 giờ 12 phút trên 168 giờ"),
        (59, 604_800, "đã theo dõi 0 giờ trên 168 giờ"),
        (7 * 3600 + 60, 1_209_600, "đã theo dõi 7 giờ 01 phút trên 336 giờ"),
    ],
)
def test_how_long_was_looked_at(known: int, whole: int, said: str) -> None:
    assert monitored(known, whole) == said


def test_the_list_says_how_long_was_looked_at_and_nothing_of_the_silent() -> None:
    summary = {row["Đơn vị vận tải"]: row["Tình trạng"] for row in rows(week(), "Tổng hợp")}
    assert summary["Công ty TNHH Vận tải và Thương mại Đồng Đăng"] == (
        "Có phát hiện; đã theo dõi 168 giờ 20 phút trên 336 giờ")  # fmt: skip
    assert summary["Ân Phát"] == "Không có dữ liệu"
