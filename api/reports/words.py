"""Vietnamese words of the report forms: kinds of business, faults of a fix, what stands on every form."""

from __future__ import annotations

from dataclasses import dataclass

from journey.model import Flag

BUSINESSES = {
    "goods": "Vận tải hàng hóa",
    "container": "Vận tải công-ten-nơ",
    "fixed_route": "Tuyến cố định",
    "contract": "Hợp đồng",
    "tourist": "Du lịch",
    "bus": "Xe buýt",
    "taxi": "Taxi",
    "internal": "Vận tải nội bộ",
}
FLAGS = {
    Flag.ZERO: "tọa độ bằng 0",
    Flag.SWAPPED: "kinh độ, vĩ độ gửi đảo nhau, đã đổi lại",
    Flag.OUTSIDE: "tọa độ ngoài vùng",
    Flag.FUTURE: "thời gian sau thời điểm nhận",
    Flag.SPEED_RANGE: "tốc độ ngoài khoảng hợp lý",
    Flag.JUMP: "nhảy vị trí",
    Flag.FROZEN: "vị trí đứng yên khi có tốc độ",
    Flag.SCALED_TIME: "thời gian gửi bằng mili giây",
}
BANDS = ("5-10", "10-20", "20-35", "35+")
BAND_HEADS = {"5-10": "5 đến dưới 10", "10-20": "10 đến 20", "20-35": "trên 20 đến 35", "35+": "trên 35"}
PLACE_NOTE = (
    "Địa điểm: tên hoặc mã đường gần tọa độ nhất theo dữ liệu đường bộ đã nạp; hệ thống không có dữ liệu địa danh."
)
SPEED_NOTE = (
    "Lần quá tốc độ, mức giới hạn: theo phương pháp và bộ quy tắc ghi ở chân trang; chỉ tính phát hiện ở mức “chắc "
    "chắn”, từ 5 km/h trở lên. Quãng đường quá tốc độ: tổng đoạn giữa các bản ghi của các lần đó."
)
UNVERIFIED_NOTE = "Dấu *: dựa trên ít nhất một trị số pháp luật chưa đối chiếu với văn bản gốc."
USE_NOTE = "Số liệu rút ra từ dữ liệu thiết bị giám sát hành trình; không thay thế biên bản hoặc quyết định xử phạt."


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a form's table: whose it is and of when, who makes it, with what."""

    lines: tuple[str, ...]
    authority: str
    place: str
    made_at: int
    running: str
    warnings: tuple[str, ...] = ()


def business(code: str | None) -> str | None:
    return BUSINESSES.get(code, code) if code else None


def faults(flags: int) -> str:
    """The flags of a fix in words; empty where it has none."""
    return "; ".join(said for flag, said in FLAGS.items() if flags & flag)
