"""Weigh stations: how many are weighed, how heavy, how many too heavy."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.parts import COUNT, KG, MOMENT, SHARE, board_of, choice, columns, lines, rows, stat_of

NAME = "stations"
WEIGHED = "weighing w WHERE w.station IN ($station) AND $__timeFilter(w.time)"
# A finding of mass is complete at the moment of its weighing.
HEAVY = """finding_unnamed f JOIN weighing w ON w.vehicle_id = f.vehicle_id AND w.time = f.at
            WHERE f.withdrawn_at IS NULL AND starts_with(f.rule, 'overload') AND $__timeFilter(f.at)
            AND $__timeFilter(w.time) AND w.station IN ($station)"""


def board() -> Dashboard:
    station = choice("station", "Trạm cân", "SELECT id FROM station ORDER BY 1")
    return board_of(NAME, "Trạm cân", "Lượt cân, khối lượng và quá tải.", [
        stat_of("Lượt cân", f"SELECT count(*) FROM {WEIGHED}"),
        stat_of("Xe đã cân", f"SELECT count(DISTINCT w.vehicle_id) FROM {WEIGHED}"),
        stat_of("Lượt quá tải", f"SELECT count(DISTINCT (w.vehicle_id, w.time)) FROM {HEAVY}"),
        stat_of("Khối lượng trung bình", f"SELECT avg(w.gross_kg) FROM {WEIGHED}", KG),
        stat_of("Lớn nhất", f"SELECT max(w.gross_kg) FROM {WEIGHED}", KG),
        stat_of("Xe chưa đăng ký", f"""
            SELECT count(DISTINCT w.vehicle_id) FROM {WEIGHED}
            AND NOT EXISTS (SELECT FROM registration r WHERE r.vehicle_id = w.vehicle_id)"""),
        lines("Lượt cân theo giờ", f"""
            SELECT $__timeGroup(w.time, '1h') AS "time", w.station AS metric, count(*) AS "lượt"
            FROM {WEIGHED} GROUP BY 1, 2 ORDER BY 1""", COUNT, bars=True),
        columns("Lượt cân theo giờ trong ngày", f"""
            SELECT to_char(w.time AT TIME ZONE 'Asia/Ho_Chi_Minh', 'HH24') AS "giờ", count(*) AS "lượt"
            FROM {WEIGHED} GROUP BY 1 ORDER BY 1""", about="Trạm đóng cửa hay mất liên lạc thì giờ ấy thấp."),
        columns("Phân bố khối lượng", f"""
            SELECT lpad((w.gross_kg / 5000 * 5)::text, 3, ' ') || ' t' AS "từ", count(*) AS "lượt"
            FROM {WEIGHED} GROUP BY 1 ORDER BY 1""", about="Theo bậc 5 tấn của khối lượng toàn bộ."),
        lines("Quá tải theo ngày", f"""
            SELECT to_timestamp(f.day * 86400::bigint - 25200) AS "time", f.rule AS metric, count(*) AS "phát hiện"
            FROM {HEAVY} GROUP BY f.day, f.rule ORDER BY 1""", COUNT, bars=True),
        rows("Trạm", f"""
            SELECT s.id AS "trạm", s.name AS "tên", w.weighings AS "lượt cân", w.vehicles AS "xe",
            coalesce(h.heavy, 0) AS "quá tải",
            coalesce(h.heavy, 0)::double precision / nullif(w.weighings, 0) AS "tỷ lệ",
            w.mean AS "trung bình", w.last AS "lần cuối", s.instrument_error_permille / 1000.0 AS "sai số thiết bị"
            FROM station s
            LEFT JOIN (SELECT w.station, count(*) AS weighings, count(DISTINCT w.vehicle_id) AS vehicles,
            avg(w.gross_kg) AS mean, max(w.time) AS last FROM {WEIGHED} GROUP BY w.station) AS w ON w.station = s.id
            LEFT JOIN (SELECT w.station, count(DISTINCT (w.vehicle_id, w.time)) AS heavy FROM {HEAVY}
            GROUP BY w.station) AS h ON h.station = s.id
            WHERE s.id IN ($station) ORDER BY 1""",
             {"tỷ lệ": SHARE, "trung bình": KG, "lần cuối": MOMENT, "sai số thiết bị": SHARE}),
        rows("Quá tải", f"""
            SELECT f.at AS "lúc", w.station AS "trạm", v.plate AS "biển số", f.operator AS "đơn vị", f.rule AS "loại",
            f.grade AS "mức", f.band AS "khung", w.gross_kg AS "khối lượng"
            FROM vehicle v JOIN (SELECT f.at, f.operator, f.rule, f.grade, f.band, w.station, w.gross_kg, w.vehicle_id
            FROM {HEAVY} ORDER BY f.at DESC LIMIT 200) AS f ON v.id = f.vehicle_id
            CROSS JOIN LATERAL (SELECT f.station, f.gross_kg) AS w ORDER BY f.at DESC""",
             {"lúc": MOMENT, "khối lượng": KG}, {"biển số": "${desk}/vehicles/${__value.raw}"}),
    ], [station])  # fmt: skip
