"""The fleet at a glance: who sends, how much, what was found, what waits."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.parts import COUNT, KM, MIDNIGHT, MOMENT, SHARE, board_of, lines, rows, stat_of
from dashboards.parts import DAYS as DAYS_SHOWN

NAME = "fleet"
OPERATOR_BOARD = "/d/hanhtrinh-operator?var-operator=${__value.raw}&${__url_time_range}"


def board() -> Dashboard:
    return board_of(NAME, "Toàn đội xe", "Xe gửi dữ liệu, số bản ghi, phát hiện và việc còn chờ.", [
        stat_of("Xe đã gửi dữ liệu", "SELECT count(DISTINCT vehicle_id) FROM vehicle_hour WHERE $__timeFilter(hour)",
                about="Số xe có ít nhất một bản ghi vị trí trong khoảng thời gian."),
        stat_of("Bản ghi vị trí", "SELECT sum(fixes) FROM vehicle_hour WHERE $__timeFilter(hour)",
                about="Số bản ghi vị trí đã lưu, không kể bản trùng, theo giờ đo."),
        stat_of("Phát hiện chắc chắn", """
            SELECT count(*) FROM finding_unnamed
            WHERE withdrawn_at IS NULL AND grade = 'certain' AND $__timeFilter(at)""",
                about="Đúng theo cách hiểu có lợi nhất cho người lái; chưa kể phát hiện đã rút lại."),
        stat_of("Phát hiện có thể", """
            SELECT count(*) FROM finding_unnamed
            WHERE withdrawn_at IS NULL AND grade = 'possible' AND $__timeFilter(at)""",
                about="Chỉ đúng theo một cách hiểu bất lợi cho người lái; chưa kể phát hiện đã rút lại."),
        stat_of("Ngày xe chờ xét", "SELECT count(*) FROM vehicle_day WHERE touched > checked",
                about="Ngày của từng xe có dữ liệu mới mà luật chưa xét."),
        stat_of("Đơn vị im lặng trên 24 giờ", """
            SELECT count(*) FROM (
            SELECT operator FROM intake WHERE operator <> '' AND hour > now() - interval '30 days'
            GROUP BY operator HAVING max(newest_fix) < now() - interval '24 hours') AS silent""",
                about="Đơn vị đã gửi trong 30 ngày qua nhưng không có bản ghi mới nào trong 24 giờ."),
        lines("Xe gửi dữ liệu theo giờ", """
            SELECT $__timeGroupAlias(hour, '1h'), count(*) AS "xe gửi", count(*) FILTER (WHERE moving > 0) AS "xe chạy"
            FROM vehicle_hour WHERE $__timeFilter(hour) GROUP BY 1 ORDER BY 1""", COUNT,
              about="Xe chạy: có ít nhất một bản ghi đang di chuyển trong giờ ấy."),
        lines("Bản ghi nhận được theo giờ", """
            SELECT $__timeGroupAlias(hour, '1h'), sum(stored) AS "đã lưu", sum(duplicates) AS "trùng",
            sum(rejected) AS "bị từ chối"
            FROM intake WHERE $__timeFilter(hour) GROUP BY 1 ORDER BY 1""", COUNT, bars=True,
              about="Nhận được = đã lưu + trùng + bị từ chối, theo giờ ghi vào kho."),
        lines("Phát hiện theo ngày và loại", """
            SELECT to_timestamp(day * 86400::bigint - 25200) AS "time", rule AS metric, count(*) AS "phát hiện"
            FROM finding_unnamed WHERE withdrawn_at IS NULL AND $__timeFilter(at) GROUP BY day, rule ORDER BY 1""",
              COUNT, bars=True, about="Theo ngày xảy ra, giờ Việt Nam; không kể phát hiện đã rút lại."),
        lines("Quãng đường theo ngày", f"""
            SELECT {MIDNIGHT} AS "time", sum(driving_mm) / 1e6 AS "km lái xe"
            FROM service_day WHERE {DAYS_SHOWN} GROUP BY day ORDER BY 1""", KM, bars=True,
              about="Đường thẳng giữa các bản ghi, nên ngắn hơn đường thật."),
        rows("Đơn vị vận tải", f"""
            SELECT s.operator AS "đơn vị", o.name AS "tên", s.vehicles AS "xe", s.km, s.usable AS "bản ghi dùng được",
            coalesce(f.findings, 0) AS "phát hiện", n.newest AS "bản ghi mới nhất"
            FROM (SELECT operator, count(DISTINCT vehicle_id) AS vehicles, sum(driving_mm) / 1e6 AS km,
            sum(usable)::double precision / nullif(sum(fixes), 0) AS usable
            FROM service_day_operator WHERE {DAYS_SHOWN} AND operator IS NOT NULL GROUP BY operator) AS s
            LEFT JOIN operator o ON o.id = s.operator
            LEFT JOIN (SELECT operator, count(*) AS findings FROM finding_unnamed
            WHERE withdrawn_at IS NULL AND $__timeFilter(at) GROUP BY operator) AS f ON f.operator = s.operator
            LEFT JOIN (SELECT operator, max(newest_fix) AS newest FROM intake
            WHERE hour > now() - interval '30 days' GROUP BY operator) AS n ON n.operator = s.operator
            ORDER BY 6 DESC, 1 LIMIT 500""",
             {"km": KM, "bản ghi dùng được": SHARE, "bản ghi mới nhất": MOMENT}, {"đơn vị": OPERATOR_BOARD},
             about="Đơn vị có nhiều phát hiện nhất đứng đầu; bấm vào đơn vị để xem bảng của riêng nó."),
    ])  # fmt: skip
