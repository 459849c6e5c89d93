"""The data-duty table: how well the data of each operator's recorders served in a month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from api.reports.form import DASH_NOTE, RANK, Column, Form, Kind, Value, numbered
from api.reports.words import Frame
from rules.service_rates import Service

_NOTES = (
    "Tỷ lệ trực tuyến: số ngày-xe có bản ghi dùng được trên số ngày-xe mà xe có thiết bị riêng được đăng ký.",
    "Tỷ lệ bản ghi đạt yêu cầu: bản ghi không có lỗi nặng trên mọi bản ghi. Tỷ lệ trôi: bản ghi có tọa độ bằng 0, "
    "ngoài vùng, nhảy vị trí hoặc đứng yên khi có tốc độ.",
    "Đúng tần suất: khoảng giữa hai bản ghi không dài hơn mức của pháp luật, trong số khoảng mà mức đó được biết.",
    "Độ đầy đủ hành trình: chiều dài các đoạn biết xe chạy trên chiều dài mọi đoạn, theo đường thẳng; đọc như mức "
    "cao nhất.",
    "Mất tín hiệu khi chạy: số phát hiện xe di chuyển trong khi không gửi dữ liệu.",
    "Trực tuyến, đúng tần suất, đạt yêu cầu, đầy đủ, trôi là chỉ số của hệ thống này; pháp luật hiện có trong hệ thống "
    "không quy định mức phải đạt.",
)  # fmt: skip


class Line(NamedTuple):
    """One operator, or one vehicle; plate None: the operator as a whole, id None: vehicles of no operator."""

    name: str
    id: str | None
    plate: str | None
    service: Service


def data_duty(frame: Frame, lines: Iterable[Line], whole: Service, law_notes: Iterable[str]) -> Form:
    """The form of a month. Args: whole: all registered vehicles; law_notes: the law's intervals, in words."""
    columns = (
        RANK, Column("Đơn vị vận tải", Kind.TEXT, 34), Column("Mã đơn vị", Kind.WORD, 11),
        Column("Biển số xe", Kind.WORD, 12),
        Column("có thiết bị", Kind.WHOLE, 8, "Số xe"), Column("có dữ liệu", Kind.WHOLE, 8, "Số xe"),
        Column("Số bản ghi", Kind.WHOLE, 12), Column("Tỷ lệ trực tuyến", Kind.PERCENT, 9),
        Column("Tỷ lệ bản ghi đạt yêu cầu", Kind.PERCENT, 9), Column("Độ đầy đủ hành trình", Kind.PERCENT, 9),
        Column("Tỷ lệ trôi", Kind.PERCENT, 8), Column("Số xe có trôi", Kind.WHOLE, 7),
        Column("Số lần mất tín hiệu khi chạy", Kind.WHOLE, 9),
        Column("xe chạy", Kind.PERCENT, 8, "Đúng tần suất"), Column("xe dừng", Kind.PERCENT, 8, "Đúng tần suất"),
        Column("Bản ghi có thời gian sai", Kind.PERCENT, 9),
    )  # fmt: skip
    return Form(
        "nghia-vu-du-lieu", "BẢNG THEO DÕI NGHĨA VỤ TRUYỀN DỮ LIỆU CỦA ĐƠN VỊ VẬN TẢI", frame.lines, columns,
        numbered(_rows(lines)), (*law_notes, *_NOTES, DASH_NOTE), frame.authority, frame.place, frame.made_at,
        frame.running, total=lambda: ("", "TỔNG CỘNG", "", "", *_cells(whole, True)), warnings=frame.warnings,
    )  # fmt: skip


def _rows(lines: Iterable[Line]) -> Iterator[tuple[Value, ...]]:
    for one in lines:
        yield one.name, one.id, one.plate or "", *_cells(one.service, one.id is not None)


def _cells(one: Service, registered: bool) -> tuple[Value, ...]:
    """Figures of one line; counts that are made of fixes are not known without any."""
    return (
        one.vehicles if registered else None,
        one.vehicles_with_data,
        one.fixes,
        one.online,
        one.qualified,
        one.complete,
        one.drift,
        one.drift_vehicles if one.fixes else None,
        one.silences if one.fixes and registered else None,
        one.moving_on_time,
        one.standing_on_time,
        one.ahead,
    )
