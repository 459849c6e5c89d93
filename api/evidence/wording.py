"""Vietnamese words of a package: who, what, when, and what was recorded.

Words only: every figure comes from the dossier. Nothing is said of the person that the record does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.evidence.dossier import Dossier
from api.evidence.scale_words import in_doubt
from api.exports import wording
from api.exports.publication import moment
from journey.model import Finding, Grade
from journey.track import DRIVING

_REASONS = {
    "law": "pháp luật áp dụng thay đổi",
    "method": "phương pháp tính thay đổi",
    "code": "chương trình tính thay đổi",
    "late or corrected data": "dữ liệu đến muộn hoặc được đính chính",
}
_FIELDS = {"start": "bắt đầu", "end": "kết thúc", "at": "thời điểm hoàn thành", "measured": "trị số đo",
           "limit": "giới hạn", "excess": "mức vượt", "band": "khung vi phạm", "driver": "giấy phép lái xe",
           "vehicle": "biển số", "operator": "đơn vị vận tải", "law": "căn cứ pháp lý", "detail": "chi tiết",
           "grade": "mức độ"}  # fmt: skip
FLAGS = {"zero": "tọa độ 0", "swapped": "kinh độ và vĩ độ đảo nhau", "outside": "ngoài vùng",
         "future": "thời gian ở tương lai", "speed_range": "tốc độ vô lý", "jump": "nhảy vị trí",
         "frozen": "vị trí đứng yên khi chạy",
         "scaled_time": "thời gian tính bằng mili giây"}  # fmt: skip
_BUSINESS = {"fixed_route": "tuyến cố định", "bus": "xe buýt", "contract": "hợp đồng", "tourist": "du lịch",
             "taxi": "taxi", "goods": "vận tải hàng hóa", "container": "vận tải công-te-nơ"}  # fmt: skip
DRIVING_RULES = ("continuous_driving", "daily_driving", "weekly_driving", "double_login")


def when(time: int) -> str:
    return moment(time).strftime("%H:%M:%S ngày %d/%m/%Y")


def number(value: float, places: int = 1) -> str:
    """With the comma, thousands apart."""
    return f"{value:,.{places}f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def warnings(dossier: Dossier) -> list[str]:
    """What must stand on the first page: why the finding is not to be relied on as it is. Empty where it stands."""
    said, record = [], dossier.record
    if record.withdrawn_at is not None:
        reason = _REASONS.get(record.reason or "", record.reason or "không ghi")
        said.append(f"PHÁT HIỆN NÀY ĐÃ ĐƯỢC RÚT LẠI lúc {when(record.withdrawn_at)} (lý do: {reason}; lần tính "
                    f"{record.withdrawn_run}). Không dùng làm căn cứ xử lý.")  # fmt: skip
    if dossier.derived == "gone":
        said.append("DỮ LIỆU LƯU TRỮ HIỆN KHÔNG CÒN CHO PHÁT HIỆN NÀY: bản ghi đã thay đổi hoặc không còn, hoặc luật "
                    "áp dụng đã khác. Nội dung dưới đây là phát hiện đã lưu, không được suy ra lại.")  # fmt: skip
    if dossier.derived == "changed":
        fields = ", ".join(_difference(*one) for one in dossier.differences)
        said.append(f"DỮ LIỆU LƯU TRỮ HIỆN CHO KẾT QUẢ KHÁC VỚI PHÁT HIỆN ĐÃ LƯU: {fields}. Nội dung dưới đây là phát "
                    "hiện đã lưu; các bản ghi kèm theo là dữ liệu hiện có.")  # fmt: skip
    if dossier.backups and not dossier.on_weighing:
        said.append(
            f"Các bản ghi đã hết thời hạn lưu trữ và nằm trong bản sao lưu {', '.join(dossier.backups)}: khôi phục bản "
            "sao lưu đó vào một kho mới và lập lại gói từ đó."
        )
    if dossier.groundless:
        said.append("Kho lưu trữ không còn bản ghi nào mà phát hiện này dựa vào.")
    if dossier.finding.grade == Grade.POSSIBLE:
        said.append("CHỈ ĐỂ XEM XÉT: phát hiện chỉ đúng nếu hiểu dữ liệu thiếu theo hướng bất lợi cho người lái xe; "
                    "không đưa vào danh sách xử lý.")  # fmt: skip
    if in_doubt(dossier):
        said.append("CHỈ ĐỂ XEM XÉT: thiết bị cân của lần cân này bị cảnh báo cho số cao hơn lúc mới kiểm định; chỉ "
                    "đưa vào danh sách xử lý khi người có thẩm quyền đã xác nhận trong hồ sơ.")  # fmt: skip
    return said


def _difference(name: str, stored: Any, derived: Any) -> str:
    shown = f" (đã lưu {stored}, nay {derived})" if isinstance(stored, int | float | str) else ""
    return _FIELDS.get(name, name) + shown


def facts(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Who, what, when and how much, as label and value."""
    finding, unit = dossier.finding, dossier.units[0] if dossier.units else None
    yield "Hành vi", wording.rule(finding.rule)
    kind = [wording.KINDS.get(unit.kind, unit.kind), _BUSINESS.get(unit.business or "", "")] if unit else []
    yield "Phương tiện", f"{finding.vehicle} ({', '.join(filter(None, kind)) or 'không có trong sổ đăng ký'})"
    if dossier.weighed and dossier.weighed.sent.trailer:
        yield "Rơ moóc, sơ mi rơ moóc", dossier.weighed.sent.trailer
    name = f"{dossier.operator_name} (mã {finding.operator})" if dossier.operator_name else finding.operator
    yield "Đơn vị vận tải", name or "Không xác định: phương tiện không có trong sổ đăng ký"
    if not dossier.on_weighing:
        yield "Số giấy phép lái xe đăng nhập", finding.driver or "Không xác định: thiết bị không gửi"
    if finding.start != finding.end:
        yield "Thời gian", f"từ {when(finding.start)} đến {when(finding.end)}"
    yield "Thời điểm hoàn thành", when(finding.at)
    yield "Kết quả", " – ".join(filter(None, [_measure(finding), wording.band(finding)]))
    yield "Mức độ", wording.GRADES[finding.grade]


def _measure(finding: Finding) -> str:
    if finding.unit == "km/h":
        limit = f"giới hạn {number(finding.limit, 0)} km/h"
        return f"{number(finding.measured)} km/h, {limit}, vượt {number(finding.excess)} km/h"
    if finding.unit == "kg":
        return (f"{number(finding.measured, 0)} kg, cho phép {number(finding.limit, 0)} kg, vượt "
                f"{number(finding.measured - finding.limit, 0)} kg ({number(finding.excess, 2)} %)")  # fmt: skip
    if finding.rule == "double_login":
        return f"trùng {wording.duration(finding.measured)}"
    measured, limit, excess = (wording.duration(value) for value in (finding.measured, finding.limit, finding.excess))
    return f"{measured}, cho phép {limit}, vượt {excess}"


def recorded(dossier: Dossier) -> Iterator[str]:
    """How the figures come about."""
    finding, detail, used = dossier.finding, dossier.finding.detail, dossier.used
    if finding.rule == "speeding":
        yield (f"{detail['fixes']} bản ghi liên tiếp từ {when(finding.start)} đến {when(finding.end)} đều vượt "
               f"giới hạn. "
               "Trong mỗi cặp bản ghi liền kề chỉ tính mức vượt nhỏ hơn; mức lớn nhất trong các cặp là mức vượt "
               "duy trì: "
               f"{number(finding.measured)} − {number(finding.limit)} = {number(finding.excess)} km/h.")  # fmt: skip
        yield (f"Tốc độ cao nhất {number(detail['peak_speed'])} km/h, trung bình {number(detail['mean_speed'])} km/h, "
               f"quãng đường {number(detail['distance_m'], 0)} m.")  # fmt: skip
    elif finding.rule == "moving_silence":
        yield (f"Sau bản ghi lúc {when(finding.start)} thiết bị không gửi bản ghi nào cho đến "
               f"{when(finding.end)}; hai vị "
               f"trí cách nhau {number(detail['distance_m'] / 1000, 2)} km theo đường thẳng, nên phương tiện đã "
               f"di chuyển.")  # fmt: skip
    elif finding.rule == "double_login":
        plates = ", ".join(str(plate) for plate in detail["vehicles"])
        yield f"Trong thời gian nêu trên, các xe {plates} cùng ở trạng thái lái xe dưới một số giấy phép lái xe."
        yield "Phát hiện nói về việc sử dụng giấy phép để đăng nhập, không nói ai đã cầm lái xe nào."
    elif finding.rule in DRIVING_RULES:
        driving = [one for one in dossier.pieces if one.kind == DRIVING]
        yield (f"Tổng thời gian lái xe từ {len(driving)} đoạn trên {len({one.vehicle for one in driving})} xe là "
               f"{wording.duration(finding.measured)} ({number(finding.measured, 0)} giây); "
               f"{number(finding.measured, 0)} − "
               f"{number(finding.limit, 0)} = {number(finding.excess, 0)} giây. Giới hạn bị vượt từ "
               f"{when(finding.at)}.")  # fmt: skip
    elif dossier.weighed is not None:
        yield from _weighed(dossier)
    if not dossier.on_weighing:
        yield f"Số bản ghi được tính: {number(len(used), 0)}; toàn bộ bản ghi nằm trong tệp fixes.csv."


def _weighed(dossier: Dossier) -> Iterator[str]:
    finding, weighed, detail = dossier.finding, dossier.weighed, dossier.finding.detail
    assert weighed is not None  # noqa: S101 - asked by the caller
    sent = weighed.sent
    station = weighed.station.name if weighed.station else sent.station
    lane = f", làn {sent.lane}" if sent.lane is not None else ""
    yield f"Cân tại {station} (mã {sent.station}{lane}), phiếu cân {sent.ticket or 'không ghi'}."
    if finding.rule == "overload_payload":
        yield (f"Khối lượng hàng = tổng {number(weighed.gross_kg, 0)} − xe không tải {number(detail['kerb_kg'], 0)} − "
               f"{detail['persons']} người = {number(finding.measured, 0)} kg; được chở theo giấy chứng nhận "
               f"{number(finding.limit, 0)} kg.")  # fmt: skip
    elif finding.rule == "overload_axle":
        yield f"Cụm trục {detail['axles']}: {number(finding.measured, 0)} kg; cho phép {number(finding.limit, 0)} kg."
    over = finding.measured - finding.limit
    yield (f"{number(finding.measured, 0)} − {number(finding.limit, 0)} = {number(over, 0)} kg; 100 × "
           f"{number(over, 0)} / "
           f"{number(finding.limit, 0)} = {number(finding.excess, 2)} %.")  # fmt: skip
