"""A month's proposals as an official paper: who is proposed on which count, and a draft of each decision.

Nothing here decides: a draft leaves number and, unless a day of signing is given, every date open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from api.exports import wording
from api.exports.counters import MonthCounters
from api.exports.counters_paper import thresholds
from api.printing import figures
from api.printing.blocks import (
    Block,
    Cell,
    Width,
    bullets,
    end,
    heading,
    page_break,
    signature,
    table,
    text,
    title,
    warning,
)
from api.printing.typeset import Paper, Part, typeset
from api.reports.drafts import badge_decision, licence_decision
from api.reports.words import Frame
from rules.procedure import Step

_MM_PER_KM = 1_000_000
_NOTES = (
    "Số lần và quãng đường: theo dữ liệu đã lưu và bộ quy tắc ghi ở chân trang. Dữ liệu thiếu làm giảm quãng đường; độ "
    "phủ là phần của tháng biết được xe chạy hay dừng.",
    "Đã trừ theo hồ sơ: số phát hiện không được tính vì hồ sơ đang chờ giải trình, có khiếu nại hoặc đã kết thúc theo "
    "hướng không vi phạm. Khi hồ sơ được giải quyết phải lập lại đề xuất.",
    "Dấu *: đề xuất dựa trên ít nhất một trị số pháp luật chưa đối chiếu với văn bản gốc; phải đối chiếu trước khi ký.",
    "Đề xuất trước: những tháng trước mà dữ liệu cũng đề xuất thu hồi; hệ thống không biết quyết định đã ký hay chưa.",
)


class VehicleProposal(NamedTuple):
    """A badge proposed for revocation. operator None: not registered at the month's end. held: findings that are
    not counted since their cases keep them back. earlier: months proposed before. doubtful: leans on unverified law."""

    plate: str
    operator: str | None
    operator_name: str
    badge: str | None
    breaches: int
    driven_mm: int
    coverage: Fraction | None
    weighings: int
    for_speeding: bool
    for_overload: bool
    doubtful: bool
    held: int
    earlier: tuple[date, ...]


class OperatorProposal(NamedTuple):
    operator: str
    name: str
    vehicles: int
    revoked: int
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Proposals:
    """One month. steps: what follows a signature on `signed`, steps_again: where it is the second within the law's
    time; empty where no day is given. held: findings that are not counted since cases keep them back, of so many
    vehicles, proposed or not."""

    month: date
    counters: MonthCounters
    vehicles: tuple[VehicleProposal, ...]
    operators: tuple[OperatorProposal, ...]
    signed: date | None
    steps: tuple[Step, ...]
    steps_again: tuple[Step, ...]
    review: tuple[Step, ...]
    frame: Frame
    held: int = 0
    held_vehicles: int = 0


def render(proposals: Proposals) -> bytes:
    """The PDF's bytes."""
    frame = proposals.frame
    author = frame.authority.splitlines()[-1] if frame.authority else ""
    parts = (Part(list(_overview(proposals)), flipped=True), Part(list(_drafts(proposals))))
    named = f"Đề xuất tháng {proposals.month:%m/%Y}"
    return typeset(Paper(named, author, f"{named} · {frame.running}", frame.made_at, parts))


def _overview(of: Proposals) -> Iterator[Block]:
    frame = of.frame
    yield heading(frame.authority, frame.place, frame.made_at)
    lines = (f"Tháng {of.month:%m/%Y}", *frame.lines)
    yield title("ĐỀ XUẤT THU HỒI PHÙ HIỆU, XEM XÉT GIẤY PHÉP KINH DOANH VẬN TẢI", lines)
    yield from (warning(one) for one in frame.warnings)
    yield from (text(said, size=9.5) for said in thresholds(of.counters))
    if of.held:
        yield text(
            f"Đã trừ {figures.whole(of.held)} phát hiện của {figures.whole(of.held_vehicles)} phương tiện theo hồ sơ "
            "giải trình, khiếu nại, hoặc vì thiết bị cân bị cảnh báo lệch: không được tính vào số lần dưới đây.",
            size=9.5,
        )
    if of.vehicles:
        yield _vehicles(of.vehicles)
    else:
        yield text("Không có phương tiện nào được đề xuất thu hồi phù hiệu.", size=11)
    if of.operators:
        yield _operators(of.operators)
    else:
        yield text("Không có đơn vị nào được đề xuất xem xét giấy phép kinh doanh.", size=11)
    yield bullets(_NOTES, size=8.5)
    yield signature(("Lãnh đạo Sở;", "Lưu: VT."), ("NGƯỜI LẬP",))
    if not of.vehicles and not of.operators:
        yield end()


def _vehicles(some: Sequence[VehicleProposal]) -> Block:
    widths = (
        Width(9, "center"), Width(20), Width(2, fr=True), Width(22), Width(16, "right"), Width(22, "right"),
        Width(18, "right"), Width(18, "right"), Width(16, "right"), Width(1, fr=True), Width(16, "right"),
        Width(26),
    )  # fmt: skip
    names = ("STT", "Biển số xe", "Đơn vị vận tải", "Phù hiệu", "Số lần quá tốc độ", "Quãng đường (km)",
             "Số lần trên 1.000 km", "Số lần cân quá tải", "Độ phủ", "Căn cứ đề xuất", "Đã trừ theo hồ sơ",
             "Đề xuất trước")  # fmt: skip
    rows = [
        [
            str(number),
            one.plate,
            one.operator_name,
            one.badge or figures.DASH,
            figures.whole(one.breaches),
            figures.decimal(Fraction(one.driven_mm, _MM_PER_KM), 3),
            figures.decimal(Fraction(one.breaches * 1000 * _MM_PER_KM, one.driven_mm) if one.driven_mm else None, 3),
            figures.whole(one.weighings),
            figures.percent(one.coverage),
            grounds(one) + (" *" if one.doubtful else ""),
            figures.whole(one.held),
            ", ".join(f"{month:%m/%Y}" for month in one.earlier) or figures.DASH,
        ]
        for number, one in enumerate(some, 1)
    ]
    return table(widths, [[Cell(name) for name in names]], rows)


def grounds(one: VehicleProposal) -> str:
    said = (("tốc độ", one.for_speeding), ("tải trọng", one.for_overload))
    return ", ".join(name for name, over in said if over)


def _operators(some: Sequence[OperatorProposal]) -> Block:
    widths = (Width(9, "center"), Width(2, fr=True), Width(30, "right"), Width(34, "right"), Width(24, "right"),
              Width(1, fr=True))  # fmt: skip
    names = ("STT", "Đơn vị vận tải", "Số xe cuối tháng", "Số xe được đề xuất thu hồi", "Tỷ lệ", "Đề xuất")
    rows = [
        [
            str(number),
            f"{one.name} ({one.operator})",
            figures.whole(one.vehicles),
            figures.whole(one.revoked),
            figures.percent(Fraction(one.revoked, one.vehicles)),
            "Xem xét giấy phép kinh doanh" + (" *" if one.doubtful else ""),
        ]
        for number, one in enumerate(some, 1)
    ]
    return table(widths, [[Cell(name) for name in names]], rows)


def _drafts(of: Proposals) -> Iterator[Block]:
    """One page each."""
    first = True
    for vehicle in of.vehicles:
        if not first:
            yield page_break()
        first = False
        steps = of.steps_again if vehicle.earlier and of.steps_again else ()
        said = grounds(vehicle)
        yield from badge_decision(of.frame, of.month, vehicle, said, of.signed, of.steps, steps)
    for operator in of.operators:
        if not first:
            yield page_break()
        first = False
        yield from licence_decision(of.frame, of.month, operator, of.signed, of.review)
    if not first:
        yield end()


def unregistered() -> str:
    """What stands for an operator where the vehicle has none."""
    return wording.UNREGISTERED
