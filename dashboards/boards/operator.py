"""One operator: its vehicles, how well its recorders send, what was found."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.parts import (
    COUNT,
    DAYS,
    FINDINGS,
    KM,
    MIDNIGHT,
    MOMENT,
    SECONDS,
    SHARE,
    board_of,
    choice,
    lines,
    rows,
    stat_of,
)

NAME = "operator"
# Its vehicles first, then which of their hours or days were its own.
HOURS = """vehicle_hour_operator WHERE operator = '$operator' AND $__timeFilter(hour)
            AND vehicle_id IN (SELECT vehicle_id FROM registration WHERE operator = '$operator')"""
SERVICE = f"""service_day_operator WHERE operator = '$operator' AND {DAYS}
            AND vehicle_id IN (SELECT vehicle_id FROM registration WHERE operator = '$operator')"""
FOUND = "finding_unnamed WHERE withdrawn_at IS NULL AND operator = '$operator' AND $__timeFilter(at)"


def board() -> Dashboard:
    operator = choice(
        "operator", "Đơn vị", "SELECT id AS __value, coalesce(name, id) AS __text FROM operator ORDER BY 2", False
    )
    return board_of(NAME, "Đơn vị vận tải", "Một đơn vị: xe, chất lượng thiết bị và phát hiện.", [
        stat_of("Xe đăng ký hôm nay", """
            SELECT count(DISTINCT vehicle_id) FROM registration
            WHERE operator = '$operator'
            AND (valid_to IS NULL OR valid_to >= (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
            AND (valid_from IS NULL OR valid_from <= (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)""",
                about="Theo sổ đăng ký đã nạp, tính theo ngày hôm nay."),
        stat_of("Xe đã gửi dữ liệu", f"SELECT count(DISTINCT vehicle_id) FROM {HOURS}",
                about="Xe của đơn vị có ít nhất một bản ghi trong khoảng thời gian."),
        stat_of("Bản ghi vị trí", f"SELECT sum(fixes) FROM {HOURS}", about="Đã lưu, không kể bản trùng."),
        stat_of("Quãng đường", f"SELECT sum(driving_mm) / 1e6 FROM {SERVICE}", KM,
                about="Đường thẳng giữa các bản ghi khi lái, nên ngắn hơn đường thật."),
        stat_of("Phát hiện chắc chắn", f"SELECT count(*) FROM {FOUND} AND grade = 'certain'",
                about="Đúng theo cách hiểu có lợi nhất cho người lái; không kể đã rút lại."),
        stat_of("Hồ sơ đang mở", """
            SELECT count(*) FROM case_unnamed WHERE operator = '$operator' AND outcome IS NULL""",
                about="Hồ sơ của đơn vị chưa có kết quả, từ trước tới nay."),
        lines("Xe gửi dữ liệu theo giờ", f"""
            SELECT $__timeGroupAlias(hour, '1h'), count(*) AS "xe gửi", count(*) FILTER (WHERE moving > 0) AS "xe chạy"
            FROM {HOURS} GROUP BY 1 ORDER BY 1""", COUNT,
              about="Xe chạy: có ít nhất một bản ghi đang di chuyển trong giờ ấy."),
        lines("Độ trễ trung bình tới nhà cung cấp", f"""
            SELECT $__timeGroupAlias(hour, '1h'), sum(delay_sum_s)::double precision / nullif(sum(timed), 0) AS "độ trễ"
            FROM {HOURS} GROUP BY 1 ORDER BY 1""", SECONDS,
              about="Từ lúc đo tới lúc nhà cung cấp nhận được, khi biết giờ nhận."),
        lines("Chất lượng theo ngày", f"""
            SELECT {MIDNIGHT} AS "time", sum(usable)::double precision / nullif(sum(fixes), 0) AS "dùng được",
            sum(moving_timely)::double precision / nullif(sum(moving_judged), 0) AS "đúng nhịp khi chạy",
            sum(standing_timely)::double precision / nullif(sum(standing_judged), 0) AS "đúng nhịp khi đỗ"
            FROM {SERVICE} GROUP BY day ORDER BY 1""", SHARE,
              about="Đúng nhịp: khoảng cách giữa hai bản ghi không dài hơn mức luật cho phép."),
        lines("Phát hiện theo ngày và loại", f"""
            SELECT {MIDNIGHT} AS "time", rule AS metric, count(*) AS "phát hiện"
            FROM {FOUND} GROUP BY day, rule ORDER BY 1""", COUNT, bars=True,
              about="Theo ngày xảy ra, giờ Việt Nam; không kể đã rút lại."),
        rows("Xe", f"""
            SELECT v.plate AS "biển số", s.days AS "ngày", s.km, s.usable AS "dùng được",
            coalesce(f.findings, 0) AS "phát hiện"
            FROM (SELECT vehicle_id, count(*) AS days, sum(driving_mm) / 1e6 AS km,
            sum(usable)::double precision / nullif(sum(fixes), 0) AS usable FROM {SERVICE} GROUP BY vehicle_id) AS s
            JOIN vehicle v ON v.id = s.vehicle_id
            LEFT JOIN (SELECT vehicle_id, count(*) AS findings FROM {FOUND} GROUP BY vehicle_id) AS f
            ON f.vehicle_id = s.vehicle_id ORDER BY 5 DESC, 1 LIMIT 1000""",
             {"km": KM, "dùng được": SHARE}, {"biển số": "${desk}/vehicles/${__value.raw}"}, width=12,
             about="Những ngày xe thuộc đơn vị này. Bấm vào biển số để mở xe ở bàn làm việc."),
        rows("Phát hiện", f"""
            SELECT f.at AS "lúc", f.rule AS "loại", f.grade AS "mức", f.band AS "khung", v.plate AS "biển số"
            FROM (SELECT * FROM {FOUND} ORDER BY at DESC LIMIT 200) AS f
            JOIN vehicle v ON v.id = f.vehicle_id ORDER BY f.at DESC""",
             {"lúc": MOMENT},
             {"biển số": "${desk}/vehicles/${__value.raw}",
              "loại": f"{FINDINGS}&operator=${{operator:percentencode}}&rule=${{__value.raw}}"}, width=12,
             about="200 phát hiện mới nhất; bấm vào loại để mở tất cả ở bàn làm việc."),
        rows("Bị từ chối", """
            SELECT reason AS "lý do", protocol AS "định dạng", sum(seen) AS "số lần", max(last_seen) AS "lần cuối"
            FROM rejection_unnamed WHERE sender = '$operator' AND $__timeFilter(last_seen)
            GROUP BY 1, 2 ORDER BY 3 DESC""",
             {"lần cuối": MOMENT}, width=12,
             about="Chỉ những gì đơn vị tự gửi; qua nhà cung cấp thì xem bảng chất lượng."),
        rows("Hồ sơ theo trạng thái", """
            SELECT state AS "trạng thái", outcome AS "kết quả", count(*) AS "hồ sơ",
            count(*) FILTER (WHERE due < now()) AS "quá hạn"
            FROM case_unnamed WHERE operator = '$operator' GROUP BY 1, 2 ORDER BY 3 DESC""", {},
             {"trạng thái": "${desk}/operators/${operator:percentencode}"}, width=12,
             about="Mọi hồ sơ của đơn vị, không theo thời gian; bấm vào trạng thái để mở đơn vị ở bàn làm việc."),
    ], [operator])  # fmt: skip
