"""Words for weighings in Vietnamese: what is wrong with a record (rules.weighings.faults), where it lies on a track."""

from __future__ import annotations

FAULTS = {
    "axle_sum": "Tổng các trục và khối lượng toàn bộ khác nhau quá sai số của cân: không xét.",
    "zero_spacing": "Hai trục cách nhau 0 mm: không xét.",
    "axle_mass": "Khối lượng trên một trục lớn không thể có: không xét.",
    "plate_unread": "Không đọc được biển số: không xét ai.",
    "plate_unsure": "Biển số đọc chưa chắc chắn: phát hiện chỉ để xem xét.",
    "certificate_over": "Giấy kiểm định đã hết hạn trước ngày cân: phát hiện chỉ để xem xét.",
    "axles_missing": "Không có khối lượng từng trục: không xét tải trọng trục, xét toàn bộ theo giới hạn cao nhất.",
    "ticket_twice": "Số phiếu này có trên nhiều bản ghi khác nhau của trạm.",
}
PLACES = {
    "passed": "có trên hành trình: xe qua trạm vào lúc cân",
    "near": "xe ở gần trạm vào lúc cân, nhưng không thấy chạy qua",
    "elsewhere": "lúc cân xe ở nơi khác: cần kiểm tra biển số",
    "silent": "thiết bị giám sát hành trình không gửi dữ liệu quanh lúc cân",
}
