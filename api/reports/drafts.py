"""Drafts of decisions: the badge of a vehicle, the licence of an operator. What is not known stays open in dots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Protocol

from api.exports import wording
from api.printing import figures
from api.printing.blocks import Block, bullets, heading, signature, text, title, warning
from api.reports.words import Frame
from journey.model import LawUse
from rules.procedure import Step

_DRAFT = "DỰ THẢO – chưa có giá trị. Số liệu do hệ thống tính; quyết định chỉ có hiệu lực khi được ký."
_OPEN = "ngày ..... tháng ..... năm ........"
_MM_PER_KM = 1_000_000
_UNITS = {"day": "ngày", "month": "tháng"}
# By name of a step: what it says; {n} is the law's figure with its unit.
_STEPS = {
    "published_by": "Công bố quyết định trên Trang thông tin điện tử của Sở trong {n} kể từ ngày ký",
    "handed_back_by": "Đơn vị dừng sử dụng xe để kinh doanh vận tải và nộp lại phù hiệu trong {n} kể từ ngày ký",
    "revoked_until": "Thời hạn thu hồi phù hiệu: {n} kể từ ngày ký",
    "again_until": "Quyết định thu hồi khác được ký trong {n} kể từ ngày ký là lần thứ hai",
    "new_badge_in_time": "Chỉ xem xét cấp phù hiệu mới sau {n} kể từ khi nộp lại đúng hạn",
    "new_badge_late": "Chỉ xem xét cấp phù hiệu mới sau {n} kể từ khi nộp lại, nếu nộp quá hạn",
    "new_badge_lost": "Chỉ xem xét cấp phù hiệu mới sau {n} kể từ khi báo mất, nếu báo mất sau khi có quyết định",
    "none_until_obeyed": "Không cấp phù hiệu cho đơn vị cho đến khi quyết định được chấp hành",
    "operator_share_min": "Tỷ lệ phương tiện bị thu hồi phù hiệu trong một tháng để xem xét giấy phép: từ {n}",
    "vehicles_2020": "Tỷ lệ phương tiện theo quy định năm 2020",
    "tampering": "Làm sai lệch dữ liệu: thu hồi giấy phép",
    "suspensions_min": "Số lần bị đình chỉ trong một năm để thu hồi giấy phép: {n}",
    "review_dates": "Các tệp luật không nêu thời hạn của việc xem xét giấy phép",
}


class Vehicle(Protocol):
    """What a draft says of a vehicle."""

    @property
    def plate(self) -> str: ...
    @property
    def operator_name(self) -> str: ...
    @property
    def badge(self) -> str | None: ...
    @property
    def breaches(self) -> int: ...
    @property
    def driven_mm(self) -> int: ...
    @property
    def weighings(self) -> int: ...
    @property
    def for_speeding(self) -> bool: ...
    @property
    def for_overload(self) -> bool: ...
    @property
    def doubtful(self) -> bool: ...
    @property
    def held(self) -> int: ...


class Operator(Protocol):
    """What a draft says of an operator."""

    @property
    def name(self) -> str: ...
    @property
    def vehicles(self) -> int: ...
    @property
    def revoked(self) -> int: ...
    @property
    def doubtful(self) -> bool: ...


def badge_decision(
    frame: Frame, month: date, vehicle: Vehicle, grounds: str, signed: date | None, steps: Sequence[Step],
    steps_again: Sequence[Step],
) -> Iterator[Block]:  # fmt: skip
    """Draft of a decision to revoke a badge. Args: steps: after a signature on `signed`; steps_again: where second."""
    yield from _head(frame, "Về việc thu hồi phù hiệu xe ô tô", vehicle.doubtful, vehicle.held)
    yield from _bases(steps)
    # The registry has a badge's kind, such as XE TẢI; its number is not in it.
    badge = (
        f"phù hiệu “{vehicle.badge}” số ...................." if vehicle.badge else "phù hiệu số ...................."
    )
    yield text(f"Điều 1. Thu hồi {badge} của xe biển số {vehicle.plate}, đơn vị: {vehicle.operator_name}.", indent=True)
    yield text(f"Lý do ({grounds}), theo dữ liệu tháng {month:%m/%Y}:", indent=True)
    yield bullets(_reasons(vehicle), size=11)
    yield text("Điều 2. Thực hiện quyết định:", indent=True)
    yield bullets(_said(steps, signed) or [_open(signed)], size=11)
    if steps_again:
        yield text("Nếu là lần thứ hai trong thời hạn luật định (đối chiếu với các quyết định đã ký):", indent=True)
        yield bullets(_said([one for one in steps_again if one not in steps], signed), size=11)
    yield text(
        f"Điều 3. Quyết định có hiệu lực kể từ ngày ký. {vehicle.operator_name} và các cơ quan, tổ chức, cá nhân có "
        "liên quan chịu trách nhiệm thi hành quyết định này.",
        indent=True,
    )
    yield signature(("Như Điều 3;", "Công bố trên Trang thông tin điện tử của Sở;", "Lưu: VT."), ("GIÁM ĐỐC",))


def licence_decision(
    frame: Frame, month: date, operator: Operator, signed: date | None, review: Sequence[Step]
) -> Iterator[Block]:
    """Draft of a decision on the review of an operator's licence."""
    yield from _head(frame, "Về việc xem xét giấy phép kinh doanh vận tải bằng xe ô tô", operator.doubtful, 0)
    yield from _bases(review)
    share = figures.percent(Fraction(operator.revoked, operator.vehicles))
    yield text(f"Điều 1. Xem xét giấy phép kinh doanh vận tải bằng xe ô tô của {operator.name}.", indent=True)
    yield text(
        f"Lý do: trong tháng {month:%m/%Y}, {operator.revoked} trên {operator.vehicles} phương tiện của đơn vị "
        f"({share}) thuộc diện thu hồi phù hiệu. Chỉ tính những quyết định thu hồi đã được ký.",
        indent=True,
    )
    yield bullets(_said(review, signed) or [_open(signed)], size=11)
    yield text("Điều 2. Quyết định có hiệu lực kể từ ngày ký.", indent=True)
    yield signature(("Đơn vị có tên tại Điều 1;", "Lưu: VT."), ("GIÁM ĐỐC",))


def _head(frame: Frame, about: str, doubtful: bool, held: int) -> Iterator[Block]:
    yield heading(frame.authority, frame.place, None, "Số: ............/QĐ-SGTVT")
    yield title("QUYẾT ĐỊNH", (about,))
    yield warning(_DRAFT)
    if doubtful:
        yield warning("* Dựa trên trị số pháp luật CHƯA KIỂM CHỨNG: phải đối chiếu với văn bản gốc trước khi ký.")
    if held:
        yield warning(f"Đã trừ {held} phát hiện theo hồ sơ giải trình, khiếu nại (đang chờ, hoặc đã kết thúc theo "
                      "hướng không vi phạm): không được tính vào các số dưới đây.")  # fmt: skip


def _bases(steps: Sequence[Step]) -> Iterator[Block]:
    cited = dict.fromkeys(_cited(one.law) for one in steps if one.law is not None)
    yield title("GIÁM ĐỐC SỞ", size=12)
    for one in cited:
        yield text(f"Căn cứ {one};", indent=True, size=11)
    yield text("Xét dữ liệu thiết bị giám sát hành trình, kết quả cân tải trọng xe và đề nghị của bộ phận chuyên môn,",
               indent=True, size=11)  # fmt: skip
    yield title("QUYẾT ĐỊNH:", size=12)


def _cited(use: LawUse) -> str:
    return wording.citation(use.citation) + ("" if use.verified else f" (* {wording.UNVERIFIED.lower()})")


def _reasons(vehicle: Vehicle) -> list[str]:
    said = []
    if vehicle.for_speeding:
        km = Fraction(vehicle.driven_mm, _MM_PER_KM)
        rate = figures.decimal(Fraction(vehicle.breaches * 1000, 1) / km, 2) if km else figures.DASH
        said.append(f"{vehicle.breaches} lần vi phạm tốc độ được tính trên {figures.decimal(km, 3)} km, bằng {rate} "
                    "lần trên 1.000 km;")  # fmt: skip
    if vehicle.for_overload:
        said.append(f"{vehicle.weighings} lần cân vượt tải được tính tại trạm tự động một cấp.")
    return said


def _said(steps: Sequence[Step], signed: date | None) -> list[str]:
    """Steps in words, each with its date where a day of signing is given."""
    said = []
    for one in steps:
        words = _STEPS.get(one.name, one.text)
        if one.law is None and one.name != "review_dates":
            words = f"{words.format(n='thời hạn không có trong các tệp luật')}"
        else:
            words = words.format(n=_figure(one.law))
        day = f": {one.day:%d/%m/%Y}" if one.day is not None and signed is not None else ""
        said.append(f"{words}{day}{'' if one.law is None or one.law.verified else ' *'}.")
    return said


def _figure(use: LawUse | None) -> str:
    if use is None:
        return ""
    unit = "%" if use.unit == "percent" else f" {_UNITS.get(use.unit, '')}".rstrip()
    return f"{use.value}{unit}"


def _open(signed: date | None) -> str:
    return f"Thời hạn tính từ ngày ký: {_OPEN}." if signed is None else "Không có thời hạn nào trong các tệp luật."
