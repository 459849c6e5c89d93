"""The words of the drawings in Vietnamese and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    within: str = "Không vượt giới hạn"
    over: str = "Vượt {band} km/h"
    context: str = "Trước và sau thời gian ghi nhận"
    used: str = "Bản ghi được tính"
    speed: str = "Tốc độ"
    limit: str = "Giới hạn"
    gap: str = "Không có dữ liệu"
    road: str = "Đường có thể đã đi"
    other_road: str = "Đường"
    sign: str = "biển báo {limit}"
    north: str = "B"
    east: str = "Đ"
    begin: str = "Đầu"
    end: str = "Cuối"
    complete: str = "Hoàn thành"
    counted: str = "Đoạn được tính"
    vehicle_at: str = "Xe lúc {time}"
    driving: str = "Lái xe"
    standing: str = "Dừng"
    unknown: str = "Không rõ"
    driven: str = "Thời gian lái xe cộng dồn"
    axle: str = "Trục {number}"
    group: str = "Trục {axles}"
    gross: str = "Tổng trọng lượng"
    cargo: str = "Khối lượng hàng"
    empty: str = "Xe và người: {kg} kg"
    of_limit: str = "{kg} / {limit} kg"
    no_limit: str = "{kg} kg, không xét"
    over_by: str = "vượt {percent}%"
    not_counted: str = "vượt {percent}% (không tính)"
    front: str = "Đầu xe"
    map_title: str = "Bản đồ hành trình của xe {vehicle}"
    speed_title: str = "Tốc độ của xe {vehicle} theo thời gian"
    driving_title: str = "Thời gian lái xe của {subject}"
    weighing_title: str = "Kết quả cân xe {vehicle}"
    origins_title: str = "Nơi bắt đầu các chuyến xe quá tải"
    origins_disc: str = "Nơi bắt đầu, đánh số theo bảng"
    station: str = "Trạm cân"
    local_time: str = "giờ Việt Nam"
    decimal: str = ","
    thousands: str = "."


VI = Words()
EN = Words(
    within="Not above the limit",
    over="Above by {band} km/h",
    context="Before and after",
    used="Fix that counts",
    speed="Speed",
    limit="Limit",
    gap="No data",
    road="Road it may have been on",
    other_road="Road",
    sign="sign {limit}",
    north="N",
    east="E",
    begin="First",
    end="Last",
    complete="Complete",
    counted="Part that counts",
    vehicle_at="Vehicle at {time}",
    driving="Driving",
    standing="Standing",
    unknown="Unknown",
    driven="Driving so far",
    axle="Axle {number}",
    group="Axles {axles}",
    gross="Gross mass",
    cargo="Cargo",
    empty="Vehicle and persons: {kg} kg",
    of_limit="{kg} / {limit} kg",
    no_limit="{kg} kg, not judged",
    over_by="over by {percent}%",
    not_counted="over by {percent}% (not counted)",
    front="Front",
    map_title="Map of the track of vehicle {vehicle}",
    speed_title="Speed of vehicle {vehicle} over time",
    driving_title="Driving time of {subject}",
    weighing_title="Weighing of vehicle {vehicle}",
    origins_title="Where overloaded journeys began",
    origins_disc="Place of origin, numbered as in the table",
    station="Weigh station",
    local_time="Viet Nam time",
    decimal=".",
    thousands=",",
)


def grouped(value: int, words: Words) -> str:
    """A whole number with its thousands apart.

    >>> grouped(12_345, VI)
    '12.345'
    """
    return f"{value:,}".replace(",", words.thousands)


def decimal(value: float, places: int, words: Words) -> str:
    return f"{value:.{places}f}".replace(".", words.decimal)
