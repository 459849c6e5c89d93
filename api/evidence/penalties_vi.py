"""What the law takes for a finding, in Vietnamese, a line for each who answers for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_SUBJECTS = {
    "driver": "Người điều khiển phương tiện",
    "owner": "Chủ phương tiện",
    "operator": "Đơn vị kinh doanh vận tải",
    "loader": "Người xếp hàng",
    "provider": "Đơn vị cung cấp dịch vụ",
}
_SUSPENSIONS = (
    ("suspension_months", "tước quyền sử dụng giấy phép lái xe"),
    ("badge_suspension_months", "tước phù hiệu"),
)
# The remarks that the consequences carry, as they are worded there; another is printed as it is.
_NOTES = {
    "the use of a card is found, not the person who used it": (
        "ghi nhận việc sử dụng giấy phép, không phải người đã dùng"
    ),
    "the data are missing; through whose fault is to be found out": "thiếu dữ liệu; lỗi của ai cần được làm rõ",
    "who loaded the vehicle is not in the record": "dữ liệu không ghi ai đã xếp hàng",
    "business of the vehicle not known: the milder of the articles for passengers and for goods": (
        "không rõ loại hình kinh doanh: lấy điều khoản nhẹ hơn giữa chở khách và chở hàng"
    ),
}
_BECAUSE = {
    "gross and axle mass of one weighing give one fine": (
        "tổng trọng lượng và tải trọng trục của một lần cân chỉ bị phạt một lần, theo lỗi nặng hơn"
    ),
    "in this band the article fines gross mass only": (
        "ở mức này điều luật chỉ phạt tổng trọng lượng; lần cân có thể được tính khi xem xét thu hồi phù hiệu"
    ),
}


class Penalty(NamedTuple):
    subject: str
    taken: str
    basis: str
    verified: bool


def penalties(law: dict[str, Any]) -> list[Penalty]:
    """Of the law excerpt of a finding."""
    return [
        Penalty(
            _SUBJECTS.get(one["subject"], one["subject"]), "; ".join(_parts(one)), one["citation_vi"], one["verified"]
        )
        for one in law["consequences"]
    ]


def _parts(one: dict[str, Any]) -> Iterator[str]:
    if one["fined"]:
        yield f"phạt tiền {_range(one['fine_vnd'])} đồng"
        if one["organisation_vnd"]:
            yield f"tổ chức: {_range(one['organisation_vnd'])} đồng"
        if one["points"]:
            yield f"trừ {one['points']} điểm giấy phép lái xe"
        for name, what in _SUSPENSIONS:
            if one[name] and any(one[name]):
                yield f"{what} {_range(one[name])} tháng"
    else:
        yield next((said for begin, said in _BECAUSE.items() if one["because"].startswith(begin)), one["because"])
    if one.get("note"):
        note = one["note"]
        for worded, said in _NOTES.items():
            note = note.replace(worded, said)
        yield note


def _range(ends: list[int]) -> str:
    low, high = (f"{value:,}".replace(",", ".") for value in ends)
    return low if low == high else f"{low} đến {high}"
