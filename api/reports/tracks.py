"""Forms of a vehicle's track: the journey (form 1) and its speeds (form 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from api.exports.publication import moment
from api.printing import figures
from api.reports.form import DASH_NOTE, RANK, Column, Form, Kind, Value, numbered
from api.reports.words import PLACE_NOTE, Frame, faults
from journey.model import FATAL

_MINUTE_S = 60


class TrackFix(NamedTuple):
    """One standing fix. lon, lat: degrees, exchanged where they were sent so; road: its name, None: not known."""

    time: int  # s UTC
    lon: float
    lat: float
    speed_dkmh: int
    flags: int
    licence: str | None
    road: str | None


def journey(frame: Frame, fixes: Iterable[TrackFix]) -> Form:
    """Form 1: where the vehicle was, fix by fix."""
    columns = (
        RANK,
        Column("Thời điểm", Kind.MOMENT, 20),
        Column("Tọa độ (kinh độ; vĩ độ)", Kind.PLACE, 24),
        Column("Địa điểm", Kind.TEXT, 36),
        Column("Số giấy phép lái xe", Kind.WORD, 18),
        Column("Ghi chú", Kind.TEXT, 36),
    )
    rows = ((one.time, (one.lon, one.lat), one.road, one.licence, faults(one.flags)) for one in fixes)
    notes = (PLACE_NOTE, "Bản ghi có lỗi vẫn được nêu, với lỗi ở cột Ghi chú.", DASH_NOTE)
    return Form(
        "hanh-trinh", "BÁO CÁO HÀNH TRÌNH XE CHẠY", frame.lines, columns, numbered(rows), notes, frame.authority,
        frame.place, frame.made_at, frame.running, warnings=frame.warnings,
    )  # fmt: skip


def speeds(frame: Frame, fixes: Iterable[TrackFix]) -> Form:
    """Form 2: speeds by minute, each with its second. What a recorder kept between two fixes was not sent."""
    columns = (
        RANK,
        Column("Thời điểm (phút)", Kind.MOMENT, 20),
        Column("Các tốc độ (giây: km/h)", Kind.TEXT, 90),
        Column("Ghi chú", Kind.TEXT, 30),
    )
    notes = (
        "Mỗi dòng là một phút có bản ghi; trước dấu hai chấm là giây của bản ghi, sau là tốc độ (km/h) như đã gửi.",
        "Tốc độ từng giây lưu trong thiết bị không được truyền về; phút không có dòng là phút không có bản ghi.",
    )
    return Form(
        "toc-do", "BÁO CÁO TỐC ĐỘ CỦA XE", frame.lines, columns, numbered(_minutes(fixes)), notes, frame.authority,
        frame.place, frame.made_at, frame.running, warnings=frame.warnings,
    )  # fmt: skip


def _minutes(fixes: Iterable[TrackFix]) -> Iterator[tuple[Value, ...]]:
    for minute, some in groupby(fixes, key=lambda one: one.time // _MINUTE_S):
        members = list(some)
        said = "  ".join(f"{moment(one.time):%S}: {figures.decimal(one.speed_dkmh / 10)}" for one in members)
        wrong = sum(bool(one.flags & FATAL) for one in members)
        yield minute * _MINUTE_S, said, f"{wrong} bản ghi có lỗi" if wrong else ""
