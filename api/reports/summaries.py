"""Forms that add up: by vehicle (form 6), by driver (form 7), of an operator (Circular 09/2015), loss of data.

Shares are exact fractions of whole mm; a share of nothing is not known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from api.reports.form import DASH_NOTE, RANK, Column, Form, Kind, Value, numbered
from api.reports.words import BAND_HEADS, BANDS, SPEED_NOTE, USE_NOTE, Frame
from journey.localtime import day_of
from journey.model import Finding, Grade

_MM = 1000
_PER_KM = 1000 * 1_000_000  # mm in 1000 km
_OVER = tuple(Column(BAND_HEADS[band], Kind.PERCENT, 9, "Tỷ lệ km quá tốc độ theo mức (km/h)") for band in BANDS)
_TIMES = tuple(Column(BAND_HEADS[band], Kind.WHOLE, 8, "Số lần quá tốc độ theo mức (km/h)") for band in BANDS)


@dataclass(slots=True)
class Tally:
    """What one vehicle or driver adds up to. None: nothing is known. Counts are of certain findings."""

    driven_mm: int | None = None
    over_mm: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)
    continuous: int = 0
    daily: int = 0
    breach_days: set[int] = field(default_factory=set)
    driving_days: int = 0
    stops: int | None = None

    def add(self, finding: Finding) -> None:
        """Count a finding where it is certain."""
        if finding.grade != Grade.CERTAIN:
            return
        self.breach_days.add(day_of(finding.at))
        if finding.rule == "speeding":
            band = finding.band or "?"
            self.times[band] += 1
            self.over_mm[band] += round(Decimal(str(finding.detail.get("distance_m", 0))) * _MM)
        elif finding.rule == "continuous_driving":
            self.continuous += 1
        elif finding.rule == "daily_driving":
            self.daily += 1


def tallies(findings: Iterable[Finding], by_driver: bool) -> dict[str, Tally]:
    """Tallies by plate or by licence; what has no driver stands under the empty licence."""
    found: defaultdict[str, Tally] = defaultdict(Tally)
    for finding in findings:
        found[(finding.driver or "") if by_driver else finding.vehicle].add(finding)
    return dict(found)


def total(some: Iterable[Tally]) -> Tally:
    """All of some, added up; days are days of a vehicle."""
    whole = Tally()
    days = 0
    for one in some:
        for name in ("driven_mm", "stops"):
            value = getattr(one, name)
            if value is not None:
                setattr(whole, name, (getattr(whole, name) or 0) + value)
        whole.over_mm += one.over_mm
        whole.times += one.times
        whole.continuous += one.continuous
        whole.daily += one.daily
        whole.driving_days += one.driving_days
        days += len(one.breach_days)
    whole.breach_days = set(range(days))
    return whole


def share(part: int, whole: int | None) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def rate(times: int, driven_mm: int | None) -> Fraction | None:
    """Times per 1000 km."""
    return Fraction(times * _PER_KM, driven_mm) if driven_mm else None


def _bands(one: Tally, known: bool = True) -> list[Value]:
    """Shares and counts by band; where there was no data, dashes and no zeros."""
    shares: list[Value] = [share(one.over_mm[band], one.driven_mm) for band in BANDS]
    return [*shares, *(_count(one.times[band], one, known) for band in BANDS)]


def _count(number: int, one: Tally, known: bool = True) -> int | None:
    return number if number or (known and one.driven_mm is not None) else None


def by_vehicle(frame: Frame, rows: Sequence[tuple[str, str | None, Tally]]) -> Form:
    """Form 6. Args: rows: plate, kind of business, tally; in order."""
    columns = (
        RANK, Column("Biển số xe", Kind.WORD, 13), Column("Loại hình hoạt động", Kind.TEXT, 20),
        Column("Tổng km", Kind.KM, 12), *_OVER, *_TIMES, Column("Số lần dừng, đỗ", Kind.WHOLE, 9),
        Column("Ghi chú", Kind.TEXT, 22),
    )  # fmt: skip
    whole = total(tally for _, _, tally in rows)
    body = ((plate, business, one.driven_mm, *_bands(one), one.stops, _note(one)) for plate, business, one in rows)
    return _form("tong-hop-theo-xe", "BÁO CÁO TỔNG HỢP THEO XE", frame, columns, body, (SPEED_NOTE,),
                 (None, "TỔNG CỘNG", "", whole.driven_mm, *_bands(whole), whole.stops, ""))  # fmt: skip


def by_driver(frame: Frame, rows: Sequence[tuple[str | None, str | None, Tally]]) -> Form:
    """Form 7. Args: rows: name, licence (None: not known), tally; in order."""
    columns = (
        RANK, Column("Họ tên lái xe", Kind.TEXT, 24), Column("Số giấy phép lái xe", Kind.WORD, 16),
        Column("Tổng km", Kind.KM, 12), *_OVER, *_TIMES,
        Column("Số lần lái xe liên tục quá 4 giờ", Kind.WHOLE, 10), Column("Ghi chú", Kind.TEXT, 20),
    )  # fmt: skip
    whole = total(tally for *_, tally in rows)
    body = (
        (name, licence, one.driven_mm, *_bands(one), _count(one.continuous, one),
         _note(one) if licence else "Không rõ lái xe")
        for name, licence, one in rows
    )  # fmt: skip
    return _form("tong-hop-theo-lai-xe", "BÁO CÁO TỔNG HỢP THEO LÁI XE", frame, columns, body, (SPEED_NOTE,),
                 (None, "TỔNG CỘNG", "", whole.driven_mm, *_bands(whole), whole.continuous, ""))  # fmt: skip


def of_operator(frame: Frame, rows: Sequence[tuple[str, Tally]]) -> Form:
    """The operator's summary. Args: rows: plate, tally; in order."""
    times = tuple(
        Column(name, Kind.WHOLE, 8, "Số lần quá tốc độ theo mức (km/h)") for name in ("dưới 5", *BAND_HEADS.values())
    )
    columns = (
        RANK, Column("Biển số xe", Kind.WORD, 13), *times,
        Column("Tổng số lần", Kind.WHOLE, 8), Column("Số lần trên 1.000 km", Kind.CENT, 9),
        Column("Tỷ lệ km quá tốc độ", Kind.PERCENT, 9), Column("Tổng km", Kind.KM, 12),
        Column("số lần", Kind.WHOLE, 7, "Sai hành trình"), Column("tỷ lệ", Kind.PERCENT, 7, "Sai hành trình"),
        Column("Số lần lái xe liên tục quá 4 giờ", Kind.WHOLE, 9),
        Column("Số ngày lái xe quá 10 giờ", Kind.WHOLE, 9), Column("Tỷ lệ ngày vi phạm", Kind.PERCENT, 9),
        Column("Ghi chú", Kind.TEXT, 18),
    )  # fmt: skip
    whole = total(tally for _, tally in rows)
    notes = (
        SPEED_NOTE,
        "Mức dưới 5 km/h không được xét nên không có số liệu. Số lần trên 1.000 km: mọi lần quá tốc độ của biểu này; "
        "việc xem xét thu hồi phù hiệu chỉ tính lần vượt trên 5 km/h (xem đề xuất tháng).",
        "Sai hành trình: hệ thống không có dữ liệu tuyến đã đăng ký.",
        "Tỷ lệ ngày vi phạm: số ngày có phát hiện trên số ngày xe có chạy, theo dữ liệu.",
    )
    return _form(
        "tong-hop-don-vi", "BÁO CÁO TỔNG HỢP VI PHẠM CỦA ĐƠN VỊ VẬN TẢI", frame, columns,
        ((plate, *_operator(one), _note(one)) for plate, one in rows), notes,
        (None, "TỔNG CỘNG", *_operator(whole), ""),
    )  # fmt: skip


def _operator(one: Tally) -> list[Value]:
    times = one.times.total()
    return [
        None,
        *(_count(one.times[band], one) for band in BANDS),
        _count(times, one),
        rate(times, one.driven_mm),
        share(one.over_mm.total(), one.driven_mm),
        one.driven_mm,
        None,
        None,
        _count(one.continuous, one),
        _count(one.daily, one),
        share(len(one.breach_days), one.driving_days),
    ]


def _note(one: Tally) -> str:
    return "Không có dữ liệu trong kỳ" if one.driven_mm is None else ""


class Loss(NamedTuple):
    """Loss of data of one vehicle: None where nothing was sent, or no figure of law is known to judge by."""

    plate: str
    business: str | None
    silences: int | None
    silent_s: int | None
    late_steps: int | None
    incomplete: int | None


def loss(frame: Frame, rows: Sequence[Loss], warned_s: int | None) -> Form:
    """Loss of data. Args: warned_s: the law's length of a silence that is warned of; None: none in force."""
    columns = (
        RANK, Column("Biển số xe", Kind.WORD, 13), Column("Loại hình hoạt động", Kind.TEXT, 22),
        Column("Số lần không truyền dữ liệu", Kind.WHOLE, 11),
        Column("Số lần truyền sai tần suất", Kind.WHOLE, 11), Column("Số bản ghi không đầy đủ, có lỗi", Kind.WHOLE, 11),
        Column("Tổng thời gian không có dữ liệu", Kind.SPAN, 13),
        Column("Đơn vị cung cấp dịch vụ", Kind.TEXT, 18), Column("Ghi chú", Kind.TEXT, 26),
    )  # fmt: skip
    body = (
        (one.plate, one.business, one.silences, one.late_steps, one.incomplete, one.silent_s, None,
         "Không có dữ liệu trong kỳ" if one.silences is None else "")
        for one in rows
    )  # fmt: skip

    def added(name: str) -> int | None:
        known = [value for value in (getattr(one, name) for one in rows) if value is not None]
        return sum(known) if known else None

    least = f" dài từ {warned_s // 60} phút (mức cảnh báo của pháp luật)" if warned_s else ""
    notes = (
        f"Không truyền: khoảng giữa hai bản ghi{least} mà không biết xe chạy hay dừng; cắt tại ranh giới kỳ. "
        "Phụ lục tính toán của Thông tư 71/2024/TT-BCA chưa có trong hệ thống.",
        "Sai tần suất: khoảng giữa hai bản ghi dài hơn mức của pháp luật, khi mức đó được biết. Không đầy đủ, có lỗi: "
        "bản ghi không dùng được để xét.",
        "Đơn vị cung cấp dịch vụ: không có trong sổ đăng ký phương tiện.",
    )
    sums = (None, "TỔNG CỘNG", "", added("silences"), added("late_steps"), added("incomplete"), added("silent_s"),
            "", "")  # fmt: skip
    return _form("mat-du-lieu", "BÁO CÁO MẤT DỮ LIỆU", frame, columns, body, notes, sums)


def _form(
    name: str, title: str, frame: Frame, columns: tuple[Column, ...], rows: Iterable[Sequence[Value]],
    notes: tuple[str, ...], sums: Sequence[Value],
) -> Form:  # fmt: skip
    return Form(
        name, title, frame.lines, columns, numbered(rows), (*notes, USE_NOTE, DASH_NOTE), frame.authority,
        frame.place, frame.made_at, frame.running, total=lambda: _blank_rank(sums), warnings=frame.warnings,
    )  # fmt: skip


def _blank_rank(sums: Sequence[Value]) -> Sequence[Value]:
    """The total has no running number: an empty text, not a dash."""
    return ("", *sums[1:])
