"""How good the data are: usable, in time, twice, wrong, lost, by operator and by model of recorder."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.parts import COUNT, DAYS, MIDNIGHT, MOMENT, SECONDS, SHARE, board_of, choice, lines, rows, stat_of

NAME = "quality"
BOOKS = "intake WHERE operator IN ($operator) AND $__timeFilter(hour)"
SERVICE = f"service_day_operator WHERE operator IN ($operator) AND {DAYS}"


def board() -> Dashboard:
    operator = choice("operator", "Đơn vị", "SELECT id FROM operator ORDER BY 1")
    return board_of(NAME, "Chất lượng dữ liệu", "Bản ghi dùng được, đúng nhịp, trùng, sai, mất.", [
        stat_of("Bản ghi dùng được",
                f"SELECT sum(usable)::double precision / nullif(sum(fixes), 0) FROM {SERVICE}", SHARE,
                about="Phần bản ghi không có cờ nặng, dùng được để kết luận."),
        stat_of("Đúng nhịp khi chạy",
                f"SELECT sum(moving_timely)::double precision / nullif(sum(moving_judged), 0) FROM {SERVICE}", SHARE,
                about="Khoảng cách giữa hai bản ghi khi xe chạy không dài hơn mức luật cho phép."),
        stat_of("Trùng", f"SELECT sum(duplicates)::double precision / nullif(sum(received), 0) FROM {BOOKS}", SHARE,
                about="Phần nhận được mà đã có rồi: gửi lại không gây hại, nhiều quá thì hỏi nhà cung cấp."),
        stat_of("Trùng mà khác nội dung", f"SELECT sum(conflicts) FROM {BOOKS}",
                about="Cùng xe, cùng giờ mà nội dung khác bản đã có: cần hỏi nhà cung cấp."),
        stat_of("Bị từ chối", f"SELECT sum(rejected)::double precision / nullif(sum(received), 0) FROM {BOOKS}", SHARE,
                about="Không nhận vào được; vẫn giữ nguyên nội dung và lý do, xem bảng bên dưới."),
        stat_of("Giờ sai (ở tương lai)", f"SELECT sum(future) FROM {SERVICE}",
                about="Bản ghi có giờ đo sau giờ nhận: đồng hồ thiết bị hay máy chủ sai."),
        lines("Dùng được theo ngày", f"""
            SELECT {MIDNIGHT} AS "time", sum(usable)::double precision / nullif(sum(fixes), 0) AS "dùng được",
            sum(drifted)::double precision / nullif(sum(fixes), 0) AS "vị trí trôi",
            sum(moving_timely)::double precision / nullif(sum(moving_judged), 0) AS "đúng nhịp khi chạy"
            FROM {SERVICE} GROUP BY day ORDER BY 1""", SHARE,
              about="Của các đơn vị đã chọn. Vị trí trôi: xe đứng yên mà vị trí đổi."),
        lines("Sổ nhận dữ liệu theo giờ", f"""
            SELECT $__timeGroupAlias(hour, '1h'), sum(stored) AS "đã lưu", sum(duplicates) AS "trùng",
            sum(rejected) AS "bị từ chối" FROM {BOOKS} GROUP BY 1 ORDER BY 1""", COUNT, bars=True,
              about="Nhận được = đã lưu + trùng + bị từ chối, theo giờ ghi vào kho."),
        lines("Cờ của bản ghi theo ngày", f"""
            SELECT {MIDNIGHT} AS "time", flag.key AS metric, sum(flag.value::bigint)::bigint AS "bản ghi"
            FROM day_summary, jsonb_each_text(flags) AS flag WHERE {DAYS} GROUP BY day, flag.key ORDER BY 1""", COUNT,
              bars=True, about="Mọi đơn vị. Bản ghi có cờ vẫn được giữ; cờ nặng thì không dùng để kết luận."),
        lines("Độ trễ trung bình", """
            SELECT $__timeGroupAlias(hour, '1h'), sum(delay_sum_s)::double precision / nullif(sum(timed), 0) AS "độ trễ"
            FROM vehicle_hour WHERE $__timeFilter(hour) GROUP BY 1 ORDER BY 1""", SECONDS,
              about="Mọi đơn vị: từ lúc đo tới lúc nhà cung cấp nhận được, khi biết giờ nhận."),
        rows("Theo đơn vị", f"""
            SELECT operator AS "đơn vị", count(DISTINCT vehicle_id) AS "xe", sum(fixes) AS "bản ghi",
            sum(usable)::double precision / nullif(sum(fixes), 0) AS "dùng được",
            sum(moving_timely)::double precision / nullif(sum(moving_judged), 0) AS "đúng nhịp",
            sum(drifted) AS "vị trí trôi", sum(future) AS "giờ sai", sum(without_receipt) AS "không rõ giờ nhận"
            FROM {SERVICE} GROUP BY 1 ORDER BY 4, 1 LIMIT 500""", {"dùng được": SHARE, "đúng nhịp": SHARE},
             {"đơn vị": "/d/hanhtrinh-operator?var-operator=${__value.raw}&${__url_time_range}"},
             about="Kém nhất đứng đầu; bấm vào đơn vị để xem bảng của riêng nó."),
        rows("Theo loại thiết bị", f"""
            SELECT m.model AS "thiết bị", count(DISTINCT s.vehicle_id) AS "xe",
            sum(s.usable)::double precision / nullif(sum(s.fixes), 0) AS "dùng được",
            sum(s.moving_timely)::double precision / nullif(sum(s.moving_judged), 0) AS "đúng nhịp"
            FROM service_day s JOIN vehicle v ON v.id = s.vehicle_id JOIN recorder_model m ON m.plate = v.plate
            WHERE {DAYS} GROUP BY 1 ORDER BY 3""", {"dùng được": SHARE, "đúng nhịp": SHARE}, width=12,
             about="Theo khai báo cuối cùng của nhà cung cấp; xe chưa khai báo không có ở đây."),
        rows("Những gì bị từ chối", """
            SELECT source AS "kết nối", sender AS "bên gửi", reason AS "lý do", sum(seen) AS "số lần",
            max(last_seen) AS "lần cuối", count(*) FILTER (WHERE redriven_at IS NOT NULL) AS "đã nạp lại"
            FROM rejection_unnamed WHERE $__timeFilter(last_seen) GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 200""",
             {"lần cuối": MOMENT}, width=12, about="Xem và nạp lại: hanhtrinh rejections."),
        rows("Gián đoạn do hệ thống của ta", """
            SELECT connection AS "kết nối", start_time AS "từ", end_time AS "đến",
            extract(epoch FROM end_time - start_time) AS "dài"
            FROM outage WHERE end_time >= $__timeFrom() AND start_time <= $__timeTo() ORDER BY 2 DESC LIMIT 200""",
             {"từ": MOMENT, "đến": MOMENT, "dài": SECONDS}, about="Im lặng trong lúc này không buộc lỗi cho ai."),
    ], [operator])  # fmt: skip
