"""State statistics of a period: breaches, kilometres over the limit, silences, by one property after the other.

One table shape serves all properties, so that the same columns can be compared and taken over by programs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from api.exports import wording
from api.reports.form import DASH_NOTE, Column, Form, Kind, Typed, Value
from api.reports.words import SPEED_NOTE, USE_NOTE, Frame

_HOUR_S = 3600
_RULES = tuple(wording.RULES)
BREACHES = "Số vi phạm (phát hiện đủ điều kiện công bố)"
NO_AREAS_NOTE = "Địa bàn hành chính: chưa nạp ranh giới địa bàn nên không thống kê được theo tiêu chí này."
AREA_NOTE = (
    "Địa bàn hành chính: theo ranh giới có hiệu lực vào ngày vi phạm, ngày xe chạy; địa bàn trước và sau khi sắp xếp "
    "được ghi riêng. Vi phạm tính ở nơi hoàn thành, lần cân ở trạm cân; quãng đường theo nơi bắt đầu từng đoạn; số xe "
    "có dữ liệu là số xe đã chạy trong địa bàn. Nơi không có ranh giới, có hai ranh giới chồng nhau, hoặc không có vị "
    "trí: không rõ địa bàn."
)
TITLE = "BÁO CÁO THỐNG KÊ VI PHẠM QUA DỮ LIỆU THIẾT BỊ GIÁM SÁT HÀNH TRÌNH VÀ CÂN TẢI TRỌNG XE"


@dataclass(slots=True)
class Counts:
    """What one key adds up to. None: not known, as there was no data, or it is not known for such keys."""

    rules: Counter[str] = field(default_factory=Counter)
    breaching: int = 0  # vehicles with a finding
    over_mm: int = 0
    driven_mm: int | None = None
    sending: int | None = None  # vehicles with a fix
    silences: int | None = None
    silent_s: int | None = None
    before: int | None = None  # breaches of the same key in the period before

    @property
    def known(self) -> bool:
        """Whether zeros were looked at."""
        return bool(self.sending) or bool(self.driven_mm) or bool(self.rules.total())


@dataclass(frozen=True, slots=True)
class Section:
    """The statistics by one property. rows: name and counts, in order."""

    name: str  # "Loại phương tiện"
    rows: tuple[tuple[str, Counts], ...]
    note: str = ""
    areas: bool = False  # by administrative area


@dataclass(frozen=True, slots=True)
class Statistics:
    """A period and the one before it, as wholes; then section by section. warned_s: least length of a silence.

    held: certain findings of the period that cases keep back, not counted; confirmed: possible ones that a person
    confirmed, counted.
    """

    period: str
    before: str
    now: Counts
    then: Counts
    sections: tuple[Section, ...]
    warned_s: int | None
    frame: Frame
    held: int = 0
    confirmed: int = 0


def columns(first: str = "Phân tổ") -> tuple[Column, ...]:
    """The table's columns, the same for every section."""
    return (
        Column(first, Kind.TEXT, 26),
        *(Column(wording.SHORT_RULES[rule], Kind.WHOLE, 9, BREACHES) for rule in _RULES),
        Column("Khác", Kind.WHOLE, 7, BREACHES),
        Column("Tổng số", Kind.WHOLE, 9, BREACHES),
        Column("Số xe vi phạm", Kind.WHOLE, 8),
        Column("Số xe có dữ liệu", Kind.WHOLE, 8),
        Column("Tổng km", Kind.KM, 13),
        Column("Km quá tốc độ", Kind.KM, 11),
        Column("Tỷ lệ km quá tốc độ", Kind.PERCENT, 9),
        Column("Số lần không truyền", Kind.WHOLE, 9),
        Column("Thời gian không truyền", Kind.SPAN, 12),
        Column("Tăng, giảm so với kỳ trước", Kind.SIGNED, 9),
    )


def cells(one: Counts) -> list[Value]:
    """Values of one key in the order of the columns after the first."""
    other = one.rules.total() - sum(one.rules[rule] for rule in _RULES)
    counts = [*(one.rules[rule] for rule in _RULES), other, one.rules.total(), one.breaching]
    share = Fraction(one.over_mm, one.driven_mm) if one.driven_mm else None
    over = one.over_mm if one.over_mm or one.known else None
    shown = (number if number or one.known else None for number in counts)
    change = None if one.before is None else one.rules.total() - one.before
    return [*shown, one.sending, one.driven_mm, over, share, one.silences, one.silent_s, change]


def comparison(of: Statistics) -> Form:
    """The period against the one before: the report to the provincial committee."""
    rows: list[tuple[Value, ...]] = []
    for column, now, then in zip(columns()[1:-1], cells(of.now)[:-1], cells(of.then)[:-1], strict=True):
        named = f"{column.group}: {column.heading.lower()}" if column.group else column.heading
        kind = column.kind
        if kind == Kind.SPAN:  # a workbook shows no negative length of time
            named, kind, now, then = f"{named} (giờ)", Kind.TENTH, _hours(now), _hours(then)
        change, share = _change(now, then)
        changed = Kind.SIGNED if kind == Kind.WHOLE else kind
        rows.append((named, _typed(now, kind), _typed(then, kind), Typed(change, changed), share))
    heads = (
        Column("Chỉ tiêu", Kind.TEXT, 70), Column(of.period, Kind.WORD, 20), Column(of.before, Kind.WORD, 20),
        Column("Tăng, giảm", Kind.WORD, 18), Column("Tăng, giảm so với kỳ trước (%)", Kind.PERCENT, 16),
    )  # fmt: skip
    return _form(of, "So sánh", heads, rows, ())


def _change(now: Value, then: Value) -> tuple[int | Fraction | None, Fraction | None]:
    if not isinstance(now, int | Fraction) or not isinstance(then, int | Fraction):
        return None, None
    return now - then, Fraction(now - then) / Fraction(then) if then else None


def _hours(value: Value) -> Fraction | None:
    return Fraction(value, _HOUR_S) if isinstance(value, int) else None


def _typed(value: Value, kind: Kind) -> Value:
    return Typed(value, kind) if isinstance(value, int | Fraction) else None


def section_form(of: Statistics, section: Section) -> Form:
    rows = [(name, *cells(one)) for name, one in section.rows]
    return _form(of, section.name, columns(section.name), rows, (section.note,) if section.note else ())


def forms(of: Statistics) -> list[Form]:
    """The comparison, then each section."""
    return [comparison(of), *(section_form(of, one) for one in of.sections)]


def _form(
    of: Statistics, name: str, heads: tuple[Column, ...], rows: Sequence[Sequence[Value]], notes: tuple[str, ...]
) -> Form:
    frame = of.frame
    return Form(name, TITLE, (of.period, *frame.lines), heads, rows, notes, frame.authority, frame.place,
                frame.made_at, frame.running, warnings=frame.warnings)  # fmt: skip


def notes(of: Statistics) -> tuple[str, ...]:
    """What holds for all sections."""
    areas = AREA_NOTE if any(one.areas for one in of.sections) else NO_AREAS_NOTE
    least = f" từ {of.warned_s // 60} phút trở lên (mức cảnh báo của pháp luật)" if of.warned_s else ""
    return (
        SPEED_NOTE,
        f"Không truyền: khoảng giữa hai bản ghi{least} mà không biết xe chạy hay dừng; cắt tại ranh giới kỳ, "
        "tính vào ngày cuối của khoảng.",
        "Một xe có nhiều phát hiện, hoặc thuộc nhiều nhóm trong kỳ, được tính ở mỗi nhóm; số xe không cộng được.",
        areas,
        "Tỉnh đăng ký: theo mã biển số, trước khi sáp nhập tỉnh năm 2025; không phải nơi cấp phù hiệu.",
        f"Đã trừ {of.held} phát hiện ở mức chắc chắn mà hồ sơ đang giữ lại (chờ giải trình, có khiếu nại), đã kết "
        f"thúc theo hướng không vi phạm, hoặc thiết bị cân bị cảnh báo lệch; đã tính {of.confirmed} phát hiện "
        "ở mức có thể đã được người có thẩm quyền xác nhận. Cách tính này giống danh sách tuần.",
        "Tăng, giảm so với kỳ trước: tổng số vi phạm của nhóm trừ đi tổng số của cùng nhóm trong kỳ trước.",
        USE_NOTE,
        DASH_NOTE,
    )
