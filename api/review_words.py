"""Words for reviews of who seems to have avoided a scale, in Vietnamese: by the codes of rules.stations.reasons."""

from __future__ import annotations

KINDS = {
    "unweighed": "Qua trạm đang mở mà không cân",
    "detour": "Rời tuyến, đi vòng tránh trạm",
    "wait": "Dừng chờ đến khi trạm đóng",
    "silent": "Có cân nhưng thiết bị không gửi dữ liệu",
}
EXCUSES = {
    "stop": "xe đã dừng trên đường vòng: tiếp nhiên liệu, nghỉ, giao nhận hoặc xếp hàng",
    "track_gap": "một phần hành trình không rõ",
    "station_stopped": "trạm đã báo ngừng hoạt động vào lúc đó",
    "full": "nhiều xe cùng đứng trước trạm: trạm có thể đã quá tải",
    "rest_due": "lái xe đã đến hạn nghỉ theo quy định về thời gian lái xe",
    "feed_silent": "không xe nào khác của đơn vị gửi dữ liệu lúc đó: như khi nguồn dữ liệu bị gián đoạn",
    "our_outage": "hệ thống tiếp nhận của cơ quan bị gián đoạn lúc đó",
    "unregistered": "biển số không có trong dữ liệu xe chở hàng: xe nước ngoài, xe chưa biết, hoặc đọc nhầm biển số",
    "plate_unsure": "biển số đọc chưa chắc chắn, hoặc phiếu cân tự mâu thuẫn",
    "plate_near": "xe có biển số gần giống đã qua trạm lúc đó mà không có phiếu cân: có thể đọc nhầm một ký tự",
}
REASONS = {
    "lane_closed": "làn cân hoặc trạm có thể đã tạm đóng",
    "station_full": "trạm có thể đã quá tải và cho xe đi qua",
    "empty": "xe có thể không chở hàng, hoặc thuộc loại trạm không cân",
    "beside": "đường bên cạnh có thể nằm trong phạm vi của trạm",
    "record_missing": "trạm có thể thiếu một bản ghi",
    "road_closed": "đường đến trạm có thể bị cấm, xe được phân luồng đi vòng",
    "purpose": "đường vòng có thể có mục đích khác mà không cần dừng lâu: không gặp khách, đi quá chỗ rẽ",
    "home": "lái xe có thể sống ở đó, hoặc đơn vị xếp hàng ở đó",
    "rest": "lái xe có thể đang nghỉ, điều mà quy định về thời gian lái xe yêu cầu và luôn cho phép",
    "waiting": "xe có thể chờ hàng, chờ giấy tờ hoặc chờ sửa chữa",
    "wrong_clock": "đồng hồ của trạm hoặc của thiết bị có thể sai",
    "plate_wrong": "biển số có thể bị đọc nhầm, hoặc bị làm giả",
    "device_broken": "thiết bị có thể hỏng và đã được báo sửa chữa",
    "network": "mạng di động hoặc máy chủ của đơn vị cung cấp dịch vụ có thể bị lỗi với xe này",
}
