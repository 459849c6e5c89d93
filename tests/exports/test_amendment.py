"""What an amendment says, in each of its forms."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from api.exports import amendment_csv, amendment_xlsx, weekly_xlsx
from api.exports.amendment import AmendedEntry, Amendment, Change, amends, counted, difference, ordered, reason
from api.exports.publication import Publication, publication_notes, warnings
from journey.model import Finding
from journey.registry import Operator
from tests.exports.sample import END, GROSS, MADE_AT, OPERATORS, START, WEEK, finding, week

PUBLISHED = Publication("07/2026", END + 5 * 86_400, 5, 4711)


def entry(now: Finding | None, before: Finding | None, *reasons: str) -> AmendedEntry:
    change = Change.ADDED if before is None else Change.WITHDRAWN if now is None else Change.CHANGED
    either = now or before
    assert either is not None
    return AmendedEntry(change, either.id, now, before, reasons or ("late or corrected data",), "run-1")


def amendment(*entries: AmendedEntry, operators: tuple[Operator, ...] = OPERATORS, **changes: Any) -> Amendment:
    known = {one.id: one for one in operators}
    given: dict[str, Any] = {
        "week": WEEK, "start": START, "end": END, "ordinal": 1, "made_at": MADE_AT + 86_400,
        "authority": "ỦY BAN NHÂN DÂN TỈNH LẠNG SƠN\nSỞ GIAO THÔNG VẬN TẢI", "place": "Lạng Sơn",
        "law_version": "3f2a9c51d0e4", "method": "method", "code_version": "0.1.0", "amends": (("06/2026", MADE_AT),),
        "publication": PUBLISHED, "listed_before": 5, "listed_after": 5, "operators": known,
        "entries": ordered(entries, known),
    }  # fmt: skip
    return Amendment(**(given | changes))


def csv_rows(content: Amendment) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(amendment_csv.render(content).decode("utf-8-sig"), newline="")))


def sheet(content: Amendment, name: str = "Nội dung sửa đổi") -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(amendment_xlsx.render(content)))
    return [list(row) for row in book[name].iter_rows(values_only=True)]


def lines(content: Amendment) -> list[dict[str, Any]]:
    heading, *rows = sheet(content)[2:]
    return [dict(zip(heading, row, strict=True)) for row in rows]


def changed(**fields: Any) -> AmendedEntry:
    before = finding()
    return entry(replace(before, **fields), before)


def test_each_change_is_said_with_what_stood_before() -> None:
    before = finding("overload_gross", START + 60)
    content = amendment(entry(finding(), None), changed(measured=81.5, excess=21.5, band="20-35"), entry(None, before))
    shown = {row["Thay đổi"]: row for row in lines(content)}
    assert shown["Sửa đổi"]["Trị số đã công bố"] == 78.5
    assert shown["Sửa đổi"]["Trị số nay"] == 81.5
    said = shown["Sửa đổi"]["Nội dung đã công bố và thay đổi"]
    assert "mức: Từ 10 đến 20 km/h → Trên 20 đến 35 km/h; trị số đo: 78,5 → 81,5; vượt: 18,5 → 21,5" in said
    gone = shown["Rút khỏi danh sách"]
    assert (gone["Trị số đã công bố"], gone["Trị số nay"], gone["Đơn vị tính"]) == (26_500, "–", "kg; vượt: %")
    assert "Đã công bố, nay không còn hiệu lực" in gone["Nội dung đã công bố và thay đổi"]
    rows = {row["Mã thay đổi"]: row for row in csv_rows(content)}
    assert rows["withdrawn"]["Đã công bố: Trị số đo"] == "26500"
    assert not any(value for name, value in rows["withdrawn"].items() if name.startswith("Nay: "))
    assert not any(value for name, value in rows["added"].items() if name.startswith("Đã công bố: "))
    assert (rows["changed"]["Đã công bố: Vượt"], rows["changed"]["Nay: Vượt"]) == ("18.5", "21.5")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"end": START + 7200}, "kết thúc: 01:00:30 ngày 16/03/2026 → 02:00:00 ngày 16/03/2026"),
        ({"limit": 70.0}, "giới hạn: 60 → 70"),
        ({"band": None}, "mức: Từ 10 đến 20 km/h → –"),
        ({"detail": {"peak_speed": 99.0}}, "ghi chú: Tốc độ cao nhất 80,1 km/h → Tốc độ cao nhất 99,0 km/h"),
        ({"law": (GROSS,)}, "căn cứ: khoản 2 Điều 6 Thông tư 38/2024/TT-BGTVT → Điều 17 Thông tư 46/2015/TT-BGTVT"),
        ({"law": ()}, "căn cứ: khoản 2 Điều 6 Thông tư 38/2024/TT-BGTVT → Theo phương pháp tính"),
        ({"detail": {"peak_speed": 80.1, "fixes": 9}}, "chi tiết tính toán; các trị số công bố không đổi"),
    ],
)
def test_a_difference_names_the_field(fields: dict[str, Any], said: str) -> None:
    assert said in difference(changed(**fields), "Một", "Một")


def test_another_figure_of_the_same_article_and_another_operator_are_named() -> None:
    law = finding().law
    assert difference(changed(law=(law[0]._replace(value=70), law[1])), "Một", "Một") == (
        "trị số của căn cứ pháp lý hoặc phương pháp")  # fmt: skip
    assert difference(changed(operator="OP2"), "Một", "Hai") == "đơn vị: Một → Hai"
    content = amendment(changed(operator="OP4"))
    (row,) = csv_rows(content)
    assert (row["Đã công bố: Mã đơn vị"], row["Nay: Đơn vị vận tải"]) == ("OP1", "Ân Phát")


def test_reasons_are_in_words_and_unknown_ones_stand_as_they_are() -> None:
    assert reason(entry(finding(), None)) == "Dữ liệu đến muộn hoặc được đính chính"
    several = entry(None, finding(), "law", "code", "grade", "a new reason")
    assert reason(several) == (
        "Bộ quy tắc pháp luật thay đổi; Phần mềm thay đổi; Nay chỉ còn ở mức “cần xem xét”; a new reason")  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+84", "-1", "@SUM(A1)", "\t=1", "'quoted", "http://x"])
def test_a_text_stays_a_text(text: str) -> None:
    one = finding(vehicle=text, driver=text, band=text)
    content = amendment(
        entry(one, None), entry(None, replace(one, at=one.at + 1)), operators=(Operator("OP1", text, text),)
    )
    book = openpyxl.load_workbook(io.BytesIO(amendment_xlsx.render(content)))
    assert not any(cell.data_type == "f" or cell.hyperlink for page in book for row in page.iter_rows() for cell in row)
    for row in lines(content):
        assert row["Biển số xe"] == row["Số giấy phép lái xe"] == row["Đơn vị vận tải"] == text
    for row in csv_rows(content):
        for state in ("Nay", "Đã công bố"):
            shown = row[f"{state}: Biển số xe"]
            assert shown == "" or shown == (text if text == "http://x" else "'" + text)


def test_the_cover_counts_by_operator_and_names_what_is_amended() -> None:
    other = finding(operator="OP4", vehicle="12C33333")
    nobody = finding("overload_gross", START + 60, operator=None)
    content = amendment(entry(other, None), changed(measured=1.0), entry(None, nobody), amends=(("06/2026", MADE_AT),
                        ("09/2026", MADE_AT + 60)))  # fmt: skip
    rows = sheet(content, "Tổng hợp")
    cover = "\n".join(str(cell) for row in rows for cell in row if cell is not None)
    for text in (
        "Bản sửa đổi số 07/2026 (lần 1). Tuần 12 năm 2026",
        "Sửa đổi danh sách số 06/2026 (công bố lúc 08:00:00 ngày 23/03/2026), đã được sửa đổi bởi số 09/2026",
        "Số phát hiện bổ sung: 1, sửa đổi: 1, rút khỏi danh sách: 1. Trước sửa đổi danh sách có 5 phát hiện",
        "Lạng Sơn, ngày 24 tháng 3 năm 2026",
        "SỬA ĐỔI, BỔ SUNG DANH SÁCH",
    ):
        assert text in cover
    top = next(place for place, row in enumerate(rows) if row[0] == "STT")
    assert [row[1:] for row in rows[top + 1 :]] == [
        ["Ân Phát", None, 1, 0, 0, 1],
        ["Công ty TNHH Vận tải và Thương mại Đồng Đăng", "4900123456", 0, 1, 0, 1],
        ["Phương tiện không có trong sổ đăng ký", None, 0, 0, 1, 1],
        ["TỔNG CỘNG", None, 1, 1, 1, 3],
    ]
    assert amends(content) in cover
    assert counted(content) in cover


def test_gaps_stand_on_the_covers() -> None:
    gap = replace(PUBLISHED, waiting=12, other_rulebooks=(("abc", "method-practice"),))
    assert len(warnings(gap)) == 2
    assert warnings(PUBLISHED) == warnings(None) == publication_notes(None) == []
    for rows in (sheet(amendment(entry(finding(), None), publication=gap), "Tổng hợp"), weekly_cover(gap)):
        cover = "\n".join(str(cell) for row in rows for cell in row if cell is not None)
        assert "CHƯA ĐẦY ĐỦ: khi lập còn 12 ngày-xe của kỳ này chưa được xét" in cover
        assert "bộ quy tắc abc, method-practice" in cover


def weekly_cover(publication: Publication) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(weekly_xlsx.render(week(publication=publication))))
    return [list(row) for row in book["Tổng hợp"].iter_rows(values_only=True)]


def test_the_same_amendment_gives_the_same_bytes_in_whatever_order_it_was_found() -> None:
    some = (entry(finding(), None), changed(measured=1.0), entry(None, finding("overload_gross", START + 60)))
    for form in (amendment_csv.render, amendment_xlsx.render):
        assert form(amendment(*some)) == form(amendment(*reversed(some)))


def test_an_entry_without_any_state_is_refused() -> None:
    with pytest.raises(ValueError, match="neither a state before nor one now"):
        AmendedEntry(Change.ADDED, "x", None, None, (), "").said  # noqa: B018
