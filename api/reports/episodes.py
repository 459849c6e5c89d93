"""Forms of single events: over the limit (form 3), continuous driving (form 4), stops (form 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from api.exports import wording
from api.printing import figures
from api.reports.form import DASH_NOTE, RANK, Column, Form, Kind, Value, numbered
from api.reports.words import PLACE_NOTE, UNVERIFIED_NOTE, USE_NOTE, Frame
from journey.model import Finding, Grade

_WHO = (
    Column("Biển số xe", Kind.WORD, 12),
    Column("Họ tên lái xe", Kind.TEXT, 22),
    Column("Số giấy phép lái xe", Kind.WORD, 15),
    Column("Loại hình hoạt động", Kind.TEXT, 18),
)


class Spot(NamedTuple):
    """Where: degrees, and the road's name where one is known."""

    lon: float
    lat: float
    road: str | None


class Who(NamedTuple):
    """A vehicle with its driver. name, licence, business: None where not known."""

    plate: str
    name: str | None
    licence: str | None
    business: str | None


class Event(NamedTuple):
    """A finding with whom it concerns, and where it began and ended (None: no such fix is stored any more)."""

    finding: Finding
    who: Who
    start: Spot | None
    end: Spot | None


class Stop(NamedTuple):
    """A stand of a vehicle (s UTC), cut at the period's borders."""

    who: Who
    start: int
    end: int
    spot: Spot | None


def over_limit(frame: Frame, events: Iterable[Event]) -> Form:
    """Form 3: each sustained run above the limit."""
    columns = (
        RANK,
        *_WHO,
        Column("Thời điểm", Kind.MOMENT, 19),
        Column("Tốc độ trung bình khi quá tốc độ (km/h)", Kind.TENTH, 12),
        Column("Tốc độ giới hạn (km/h)", Kind.TENTH, 10),
        Column("Tọa độ (kinh độ; vĩ độ)", Kind.PLACE, 22),
        Column("Địa điểm", Kind.TEXT, 20),
        Column("Ghi chú", Kind.TEXT, 34),
    )
    rows = (
        (
            *one.who,
            one.finding.start,
            one.finding.detail.get("mean_speed"),
            one.finding.limit,
            *_where(one.start),
            _remark(one.finding, _run(one.finding)),
        )
        for one in events
    )
    return _form("qua-toc-do", "BÁO CÁO QUÁ TỐC ĐỘ GIỚI HẠN", frame, columns, rows)


def continuous(frame: Frame, events: Iterable[Event]) -> Form:
    """Form 4: each drive above the law's longest time without a break."""
    columns = (
        RANK,
        *_WHO,
        Column("thời điểm", Kind.MOMENT, 19, "Bắt đầu"),
        Column("tọa độ", Kind.PLACE, 21, "Bắt đầu"),
        Column("địa điểm", Kind.TEXT, 15, "Bắt đầu"),
        Column("thời điểm", Kind.MOMENT, 19, "Kết thúc"),
        Column("tọa độ", Kind.PLACE, 21, "Kết thúc"),
        Column("địa điểm", Kind.TEXT, 15, "Kết thúc"),
        Column("Thời gian lái xe (phút)", Kind.MINUTES, 10),
        Column("Ghi chú", Kind.TEXT, 26),
    )
    rows = (
        (
            *one.who,
            one.finding.start,
            *_where(one.start),
            one.finding.end,
            *_where(one.end),
            one.finding.measured,
            _remark(one.finding, f"Giới hạn {wording.duration(one.finding.limit)}"),
        )
        for one in events
    )
    return _form("lai-xe-lien-tuc", "BÁO CÁO THỜI GIAN LÁI XE LIÊN TỤC", frame, columns, rows)


def stops(frame: Frame, some: Iterable[Stop], least_s: int) -> Form:
    """Form 5: each stand of at least `least_s`."""
    columns = (
        RANK,
        *_WHO,
        Column("Thời điểm dừng, đỗ", Kind.MOMENT, 19),
        Column("Thời gian dừng, đỗ (phút)", Kind.MINUTES, 12),
        Column("Tọa độ (kinh độ; vĩ độ)", Kind.PLACE, 22),
        Column("Địa điểm", Kind.TEXT, 26),
        Column("Ghi chú", Kind.TEXT, 16),
    )
    rows = ((*one.who, one.start, one.end - one.start, *_where(one.spot), "") for one in some)
    said = (
        f"Nêu lần dừng, đỗ từ {wording.duration(least_s)} trở lên; ngưỡng này là lựa chọn của báo cáo, không phải quy "
        "định của pháp luật. Lần dừng qua ranh giới kỳ báo cáo được cắt tại đó."
    )
    return _form("dung-do", "BÁO CÁO DỪNG, ĐỖ", frame, columns, rows, said)


def _where(spot: Spot | None) -> tuple[Value, Value]:
    return (None, None) if spot is None else ((spot.lon, spot.lat), spot.road)


def _run(finding: Finding) -> str:
    lasted = wording.duration(finding.end - finding.start)
    return f"Mức {wording.band(finding).lower()}; vượt duy trì {figures.decimal(finding.excess)} km/h; kéo dài {lasted}"


def _remark(finding: Finding, said: str) -> str:
    review = "; cần xem xét, không tính là vi phạm" if finding.grade == Grade.POSSIBLE else ""
    return said + review + (" *" if wording.leans_on_unverified(finding) else "")


def _form(
    name: str, title: str, frame: Frame, columns: tuple[Column, ...], rows: Iterable[tuple[Value, ...]], *more: str
) -> Form:
    notes = (*more, PLACE_NOTE, *(() if name == "dung-do" else (UNVERIFIED_NOTE, USE_NOTE)), DASH_NOTE)
    return Form(name, title, frame.lines, columns, numbered(rows), notes, frame.authority, frame.place, frame.made_at,
                frame.running, warnings=frame.warnings)  # fmt: skip
