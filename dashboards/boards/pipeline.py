"""The machinery: intake, check, API, disks, certificates; mostly from metrics."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.parts import (
    BYTES,
    COUNT,
    MOMENT,
    RATE,
    SECONDS,
    SHARE,
    board_of,
    lines,
    metric_lines,
    metric_stat,
    rows,
    stat_of,
)

NAME = "pipeline"


def board() -> Dashboard:
    return board_of(NAME, "Dây chuyền", "Nhận, xét, trả lời: máy móc chạy ra sao.", [
        metric_stat("Kết nối đang nhận", "sum(hanhtrinh_ingest_up)",
                    about="Kết nối đang nối với broker và kho, của mọi tiến trình nhận."),
        metric_stat("Kết nối bị giữ", "sum(hanhtrinh_ingest_paused)",
                    about="Dừng đọc vì quá nhiều bản ghi hỏng, chờ người xem: hanhtrinh connections list."),
        metric_stat("Bản ghi mỗi giây", "sum(rate(hanhtrinh_ingest_received_records_total[5m]))", RATE,
                    about="Nhận được trong 5 phút qua, kể cả trùng và bị từ chối."),
        metric_stat("Ngày xe chờ xét", "max(hanhtrinh_check_waiting_windows)",
                    about="Ngày của từng xe có dữ liệu mới mà luật chưa xét."),
        metric_stat("Chờ xét lâu nhất", "max(hanhtrinh_check_oldest_waiting_seconds)", SECONDS,
                    about="Ngày xe chờ lâu nhất đã chờ bao lâu; trên một giờ thì báo động."),
        metric_stat("Danh sách trễ", "max(hanhtrinh_check_list_overdue_seconds)", SECONDS,
                    about="Từ lúc tuần gần nhất có thể công bố mà chưa công bố; 0: không trễ."),
        metric_lines("Bản ghi theo kết quả", {
            "{{fate}}": "sum by (fate) (rate(hanhtrinh_ingest_records_total[5m]))"}, RATE,
                     about="Mỗi bản ghi nhận được thành một trong các kết quả này."),
        metric_lines("Tỷ lệ bị từ chối", {
            "{{connection}}": 'sum by (connection) (rate(hanhtrinh_ingest_records_total{fate="rejected"}[5m])) '
                              "/ sum by (connection) (rate(hanhtrinh_ingest_received_records_total[5m]))"}, SHARE,
                     about="Dưới 1 % là thường; trên 5 % thì báo động."),
        metric_lines("Thời gian một lần ghi", {
            "p50 {{connection}}": "histogram_quantile(0.5, sum by (le, connection) "
                                  "(rate(hanhtrinh_ingest_commit_seconds_bucket[5m])))",
            "p95 {{connection}}": "histogram_quantile(0.95, sum by (le, connection) "
                                  "(rate(hanhtrinh_ingest_commit_seconds_bucket[5m])))"}, SECONDS,
                     about="Một giao dịch ghi một lô; p95 trên 5 giây thì báo động."),
        metric_lines("Từ lúc nhận tới lúc ghi xong (p95)", {
            "{{connection}}": "histogram_quantile(0.95, sum by (le, connection) "
                              "(rate(hanhtrinh_ingest_batch_seconds_bucket[5m])))"}, SECONDS,
                     about="Kể cả thời gian gom lô; chỉ sau đó ta mới xác nhận với bên đưa dữ liệu."),
        metric_lines("Còn chờ", {
            "chờ ghi {{connection}}": "hanhtrinh_ingest_waiting_records",
            "chờ ở Kafka {{connection}}": "hanhtrinh_ingest_behind_messages"}, COUNT,
                     about="Bản ghi đã nhận chờ ghi, và bản tin còn ở Kafka. Chờ mà giảm thì không sao."),
        metric_lines("Trục trặc mỗi giờ", {
            "kho vắng {{connection}}": "increase(hanhtrinh_ingest_store_waits_total[1h])",
            "nối lại {{connection}}": "increase(hanhtrinh_ingest_reopened_total[1h])",
            "mất ở broker {{connection}}": "increase(hanhtrinh_ingest_lost_messages_total[1h])"}, COUNT,
                     about="Kho vắng và nối lại không mất gì; mất ở broker là mất dữ liệu."),
        metric_lines("Xét: ngày xe và bản ghi mỗi giây", {
            "ngày xe": "sum(rate(hanhtrinh_check_windows_total[5m]))",
            "bản ghi": "sum(rate(hanhtrinh_check_fixes_total[5m]))"}, RATE,
                     about="Tốc độ của mọi tiến trình xét cộng lại."),
        metric_lines("Xét: phát hiện mỗi giờ", {
            "{{change}}": "sum by (change) (increase(hanhtrinh_check_findings_total[1h]))"}, COUNT,
                     about="Phát hiện thêm vào và rút lại khi xét."),
        metric_lines("Xét: thời gian một vòng (p95)", {
            "p95": "histogram_quantile(0.95, sum by (le) (rate(hanhtrinh_check_round_seconds_bucket[5m])))"}, SECONDS,
                     about="Một vòng lấy một số ngày xe, xét và ghi kết quả."),
        metric_lines("API: yêu cầu mỗi giây", {
            "{{status}}": "sum by (status) (rate(hanhtrinh_api_requests_total[5m]))"}, RATE,
                     about="Theo mã trả lời; 5xx trên 2 % thì báo động."),
        metric_lines("API: thời gian trả lời (p95)", {
            "{{route}}": "histogram_quantile(0.95, sum by (le, route) "
                         "(rate(hanhtrinh_api_seconds_bucket[5m])))"}, SECONDS,
                     about="Theo đường dẫn của bàn làm việc và API."),
        metric_lines("Bộ nhớ", {"{{job}} {{instance}}": "process_resident_memory_bytes"}, BYTES,
                     about="Bộ nhớ thật của từng tiến trình; tăng mãi không giảm là có lỗi."),
        metric_lines("Đĩa còn trống", {
            "kho {{folder}}": "hanhtrinh_disk_free_bytes / hanhtrinh_disk_bytes",
            "máy {{mountpoint}}": 'node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs|overlay|squashfs"} '
                                  "/ node_filesystem_size_bytes"}, SHARE,
                     about="Dưới 15 % thì báo động: đĩa đầy thì kho dừng và việc nhận dừng theo."),
        metric_lines("Chứng thư còn hạn", {
            "{{file}}": "hanhtrinh_certificate_end_timestamp_seconds - time()"}, SECONDS,
                     about="Dưới 21 ngày thì báo, dưới 3 ngày thì báo động; số âm: đã hết hạn hay không đọc được."),
        stat_of("Bản ghi trong 2 giờ qua (sổ)", """
            SELECT sum(received) FROM intake WHERE hour > now() - interval '2 hours'""",
                about="Đếm trong kho, không theo bộ đếm của tiến trình."),
        lines("Bản ghi theo giờ và kết nối (sổ)", """
            SELECT $__timeGroup(hour, '1h') AS "time", connection AS metric, sum(received) AS "bản ghi"
            FROM intake WHERE $__timeFilter(hour) GROUP BY 1, 2 ORDER BY 1""", COUNT, width=20, bars=True,
              about="Theo giờ ghi vào kho; đếm trong cùng giao dịch với dữ liệu."),
        rows("Kết nối", """
            SELECT name AS "kết nối", started_at AS "bắt đầu", alive_at AS "nhận lần cuối", paused_at AS "bị giữ từ",
            pause_reason AS "vì sao" FROM connection ORDER BY 1""",
             {"bắt đầu": MOMENT, "nhận lần cuối": MOMENT, "bị giữ từ": MOMENT},
             about="Mọi kết nối đã từng chạy; mở lại kết nối bị giữ: hanhtrinh connections resume."),
        metric_stat("Tự kiểm tra: thiếu hay thừa", 'sum(max by (rule, what) '
                    '(hanhtrinh_check_proof_findings{what=~"missing|extra"}))',
                    about="Phát hiện cài sẵn mà không thấy, hay thấy mà không cài, ở lần gần nhất; 0: đạt."),
        metric_lines("Tự kiểm tra: bao lâu rồi", {
            "từ lần trọn vẹn gần nhất": "time() - max(hanhtrinh_check_proof_ended_timestamp_seconds)"}, SECONDS,
                     about="Mỗi ngày một lần; trên 36 giờ thì báo động."),
        rows("Tự kiểm tra: các lần gần đây", """
            SELECT ended_at AS "lúc", outcome AS "kết quả", way AS "đường vào", week AS "tuần",
            (SELECT sum(planted) FROM proof_rule WHERE proof = id) AS "cài",
            (SELECT sum(found) FROM proof_rule WHERE proof = id) AS "tìm thấy",
            (SELECT sum(extra) FROM proof_rule WHERE proof = id) AS "thừa", stored_s AS "ghi xong sau",
            judged_s AS "xét xong sau", detail AS "chi tiết", law_version AS "bản luật"
            FROM proof ORDER BY ended_at DESC LIMIT 30""",
             {"lúc": MOMENT, "ghi xong sau": SECONDS, "xét xong sau": SECONDS}, width=14,
             about="passed: cài bằng tìm thấy, thừa 0; outage: máy móc của ta làm dở, không nói gì về luật."),
        rows("Tự kiểm tra: lần gần nhất theo loại", """
            SELECT rule AS "loại", planted AS "cài", found AS "tìm thấy", planted - found AS "thiếu", extra AS "thừa"
            FROM proof_rule WHERE proof = (SELECT id FROM proof WHERE outcome <> 'outage'
            ORDER BY ended_at DESC LIMIT 1) ORDER BY 1""",
             dict.fromkeys(("cài", "tìm thấy", "thiếu", "thừa"), COUNT), width=10,
             about="Lần trọn vẹn gần nhất (không kể lần bị gián đoạn): mỗi loại phải có thiếu 0 và thừa 0."),
    ], since="now-6h")  # fmt: skip
