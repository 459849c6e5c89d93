"""The monthly report of weigh stations: weighed, in breach, share; running hours, silences, stops that were reported.

Law: Circular 41/2024/TT-BGTVT Art. 18: weigh works run all day, stops are reported, and the month's figures. Terms are
those of `reports.weigh_*` in force in that month; where there are none the form says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from api.reports.form import DASH_NOTE, RANK, Column, Form, Kind, Value, numbered
from api.reports.words import Frame


class StationLine(NamedTuple):
    """One station's month. open_s: how long it was to be open, None: its entry cannot be read. silent_s, silences:
    None: its usual gaps are not known. late: stops reported too late, None: the law's term is not known."""

    station: str
    name: str
    weighed: int
    in_breach: int
    unread: int
    heaviest_kg: int | None
    open_s: int | None
    silent_s: int | None
    silences: int | None
    reported: int
    late: int | None


class StopLine(NamedTuple):
    """A silence that the record shows, or a stop that was reported. Times s UTC; None: not known.

    matched: whether the other kind lies in the same time. late: None for a silence, and where the law is not known.
    """

    station: str
    start: int
    end: int | None
    reported: bool
    matched: bool
    reason: str | None = None
    reported_at: int | None = None
    late: bool | None = None


def month_form(lines: Sequence[StationLine], frame: Frame, law_notes: Sequence[str]) -> Form:
    columns = (
        RANK, Column("Mã trạm", Kind.WORD, 8), Column("Tên trạm cân", Kind.TEXT, 22),
        Column("Lượt xe đã cân", Kind.WHOLE, 10), Column("Lượt xe vi phạm tải trọng", Kind.WHOLE, 10),
        Column("Tỷ lệ vi phạm", Kind.PERCENT, 9), Column("Không đọc được biển số", Kind.WHOLE, 10),
        Column("Nặng nhất (kg)", Kind.WHOLE, 10), Column("phải mở", Kind.SPAN, 11, "Thời gian hoạt động"),
        Column("im lặng", Kind.SPAN, 11, "Thời gian hoạt động"), Column("số lần", Kind.WHOLE, 7, "Im lặng bất thường"),
        Column("đã báo cáo", Kind.WHOLE, 8, "Dừng hoạt động"), Column("báo cáo muộn", Kind.WHOLE, 8, "Dừng hoạt động"),
    )  # fmt: skip
    return Form(
        "Tram can", "BÁO CÁO THÁNG VỀ HOẠT ĐỘNG CỦA CÁC TRẠM KIỂM TRA TẢI TRỌNG XE", frame.lines, columns,
        numbered([_cells(one) for one in lines]), (*law_notes, *_NOTES, DASH_NOTE), frame.authority, frame.place,
        frame.made_at, frame.running, total=lambda: _total(lines), warnings=frame.warnings,
    )  # fmt: skip


_NOTES = (
    "Vi phạm: lần cân có ít nhất một phát hiện quá tải ở mức “chắc chắn” chưa bị hồ sơ nào bác bỏ, sau khi trừ sai số "
    "của thiết bị; bản ghi gửi trùng chỉ tính một lần.",
    "Im lặng bất thường: trạm đang mở mà không có lượt cân nào lâu hơn nhiều so với khoảng trống thường có của chính "
    "trạm đó. Im lặng không chứng minh trạm đã dừng: có thể do đường vắng hoặc mất kết nối.",
)


def _cells(one: StationLine) -> tuple[Value, ...]:
    return (one.station, one.name, one.weighed, one.in_breach, _share(one.in_breach, one.weighed), one.unread,
            one.heaviest_kg, one.open_s, one.silent_s, one.silences, one.reported, one.late)  # fmt: skip


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _total(lines: Sequence[StationLine]) -> tuple[Value, ...]:
    """What is not known of one station is not known of all."""

    def added(values: Sequence[int | None]) -> int | None:
        return None if None in values else sum(value for value in values if value is not None)

    weighed, breach = sum(one.weighed for one in lines), sum(one.in_breach for one in lines)
    heaviest = [one.heaviest_kg for one in lines if one.heaviest_kg is not None]
    return ("", "", "TỔNG CỘNG", weighed, breach, _share(breach, weighed), sum(one.unread for one in lines),
            max(heaviest, default=None), added([one.open_s for one in lines]), added([one.silent_s for one in lines]),
            added([one.silences for one in lines]), sum(one.reported for one in lines),
            added([one.late for one in lines]))  # fmt: skip


def stops_form(lines: Sequence[StopLine], frame: Frame) -> Form:
    columns = (
        RANK, Column("Mã trạm", Kind.WORD, 8), Column("Từ", Kind.MOMENT, 15), Column("Đến", Kind.MOMENT, 15),
        Column("Kéo dài", Kind.SPAN, 10), Column("Nguồn", Kind.WORD, 14), Column("Nguồn kia xác nhận", Kind.WORD, 10),
        Column("Lý do báo cáo", Kind.TEXT, 30), Column("Báo cáo lúc", Kind.MOMENT, 15),
        Column("Báo cáo muộn", Kind.WORD, 9),
    )  # fmt: skip
    rows = [(one.station, one.start, one.end, None if one.end is None else one.end - one.start,
             "trạm báo cáo" if one.reported else "dữ liệu im lặng", _yes(one.matched),
             one.reason, one.reported_at, None if one.late is None else _yes(one.late)) for one in lines]  # fmt: skip
    return Form(
        "Dung hoat dong", "PHỤ LỤC: CÁC LẦN IM LẶNG VÀ DỪNG HOẠT ĐỘNG", frame.lines, columns, numbered(rows),
        (_NOTES[1], DASH_NOTE), frame.authority, frame.place, frame.made_at, frame.running, warnings=frame.warnings,
    )  # fmt: skip


def _yes(holds: bool) -> str:
    return "có" if holds else "không"
