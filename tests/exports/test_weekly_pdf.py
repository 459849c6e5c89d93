"""The list and its amendment as papers: every figure of the list is in them, and what is unknown is a dash."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

from api.exports import amendment_pdf, weekly_pdf
from api.exports.amendment_paper import amendment_paper
from api.exports.counters import MonthCounters, month_counters
from api.exports.weekly_paper import weekly_paper
from journey.localtime import midnight
from journey.registry import Operator
from rules.months import MonthSum
from rules.rollups import roll_up
from tests.casefolder import LAW
from tests.exports.sample import END, LISTED, REGISTRATIONS, big, finding, week
from tests.exports.test_amendment import amendment, entry
from tests.printing.reading import last_page_can_be_read, pages_of, tables, texts

KM = 1_000_000  # mm


def counters(month: date, sums: dict[str, MonthSum], until: int) -> MonthCounters:
    rolled = roll_up({(plate, month): one for plate, one in sums.items()}, REGISTRATIONS, LAW)
    operators = {row.plate: row.operator for row in REGISTRATIONS}
    return month_counters(month, until, False, rolled, operators, LAW)


def test_the_list_has_every_finding_once_and_under_its_operator() -> None:
    weekly = week()
    rows = [row for rows in tables(weekly_paper(weekly)) for row in rows if len(row) == 15]
    assert [row[-1] for row in rows] == [item.id[:12] for _, item in weekly.listed()]
    assert len(rows) == LISTED
    said = list(texts(weekly_paper(weekly)))
    for part in weekly.parts:
        assert any(part.name in one for one in said)
    assert "Số phát hiện được liệt kê" in said
    assert any("Cộng" in one or "CỘNG" in one for one in said)


def test_what_leans_on_unverified_law_has_a_star() -> None:
    weekly = week()
    bases = {row[-1]: row[12] for rows in tables(weekly_paper(weekly)) for row in rows if len(row) == 15}
    for _, item in weekly.listed():
        assert bases[item.id[:12]].endswith("*") == any(not use.verified for use in item.law)


def test_an_operator_without_data_has_dashes_and_no_zero() -> None:
    rows = next(rows for rows in tables(weekly_paper(week())) if rows and rows[0][0] == "1")
    silent = next(row for row in rows if row[1].startswith("Ân Phát"))
    assert set(silent[4:-4]) == {"–"}
    assert silent[-1] == "Không có dữ liệu"


def test_the_pdf_is_the_same_again_and_can_be_read(tmp_path: Path) -> None:
    pdf = weekly_pdf.render(week())
    assert weekly_pdf.render(week()) == pdf
    assert last_page_can_be_read(pdf, tmp_path)


def test_a_week_without_anything_is_a_paper_too(tmp_path: Path) -> None:
    empty = week((), (), (), registrations=())
    assert any("Không có phát hiện nào" in one for one in texts(weekly_paper(empty)))
    assert last_page_can_be_read(weekly_pdf.render(empty), tmp_path)


def test_a_week_over_both_laws_names_both() -> None:
    old = finding().law[0]._replace(in_force_from="2020-01-01", citation="Circular 31/2019/TT-BGTVT, Art. 6")
    start = midnight(date(2024, 12, 30))
    some = (finding(at=start + 60, law=(old,)), finding(at=midnight(date(2025, 1, 1)) + 60))
    said = list(texts(weekly_paper(week(some, (), week="2025-W01", made_at=END))))
    assert any("31/2019" in one for one in said)
    assert any("38/2024" in one for one in said)


def test_counters_stand_beside_the_figures_of_the_law() -> None:
    march = counters(
        date(2026, 3, 1),
        {"12C12345": MonthSum(9, 1000 * KM, 9, 5, 0), "12C22222": MonthSum(9, 2000 * KM, 9, 5, 3),
         "12C33333": MonthSum(9, 500 * KM, 9, 0, 0)},
        END,
    )  # fmt: skip
    weekly = week(counters=(march,))
    rows = {
        row[1]: row
        for rows in tables(weekly_paper(weekly))
        for row in rows
        if len(row) == 8 and row[1].startswith("12C")
    }
    assert rows["12C12345"][3:] == ["5", "1.000,0", "5,00", "0", "Đã đạt: tốc độ"]
    assert rows["12C22222"][3:] == ["5", "2.000,0", "2,50", "3", "Đã đạt: tải trọng"]
    assert "12C33333" not in rows
    said = " ".join(texts(weekly_paper(weekly)))
    assert "từ 5 lần vi phạm trên 1.000 km" in said
    assert "từ 3 lần cân trong một tháng vượt trên 10%" in said
    assert "từ 30% số xe" in said


def test_a_counter_that_leans_on_unverified_law_has_a_star() -> None:
    """The figures of 2020 were read in quotations only; of overloads there was no such rule."""
    old = counters(date(2024, 12, 1), {"12C12345": MonthSum(9, 1000 * KM, 9, 6, 4)}, midnight(date(2025, 1, 1)))
    weekly = week(counters=(old,))
    (row,) = [row for rows in tables(weekly_paper(weekly)) for row in rows if len(row) == 8 and row[1] == "12C12345"]
    assert row[-1] == "Đã đạt: tốc độ *"
    said = " ".join(texts(weekly_paper(weekly)))
    assert "* chưa kiểm chứng" in said
    assert "do tải trọng: không có trị số có hiệu lực từ đầu tháng" in said


def test_an_amendment_says_what_was_and_what_is(tmp_path: Path) -> None:
    was, now = finding(), finding(measured=81.0, excess=21.0, band="20-35")
    content = amendment(entry(now, was), entry(finding("overload_gross"), None), entry(None, finding("daily_driving")))
    paper = amendment_paper(content)
    rows = {row[1]: row for rows in tables(paper) for row in rows if len(row) == 16}
    assert rows["Sửa đổi"][6:12] == ["78,5", "60,0", "18,5", "81,0", "60,0", "21,0"]
    assert rows["Bổ sung"][6:9] == ["–", "–", "–"]
    assert rows["Rút khỏi danh sách"][9:12] == ["–", "–", "–"]
    pdf = amendment_pdf.render(content)
    assert pdf == amendment_pdf.render(content)
    assert last_page_can_be_read(pdf, tmp_path)


def test_three_hundred_pages_take_seconds() -> None:
    begin = time.perf_counter()
    pdf = weekly_pdf.render(big(17_000))
    assert pages_of(pdf) > 300
    assert time.perf_counter() - begin < 60


def test_hostile_names_are_text(tmp_path: Path) -> None:
    names = ("#eval(1)", "=1+1", "*b* [x] $y$", "友誼", "x" * 200)
    operators = [Operator(f"H{number}", name) for number, name in enumerate(names)]
    some = [finding(vehicle=name, operator=f"H{number}") for number, name in enumerate(names)]
    assert last_page_can_be_read(weekly_pdf.render(week(some, (), operators)), tmp_path)
