"""Weigh stations: how many are weighed, how heavy, how many too heavy."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.parts import (
    COUNT,
    DAYS,
    KG,
    MIDNIGHT,
    MOMENT,
    SECONDS,
    SHARE,
    board_of,
    choice,
    columns,
    lines,
    metric_lines,
    rows,
    stat_of,
)

NAME = "stations"
WEIGHED = "weighing w WHERE w.station IN ($station) AND $__timeFilter(w.time)"
# A finding of mass is complete at the moment of its weighing.
HEAVY = """finding_unnamed f JOIN weighing w ON w.vehicle_id = f.vehicle_id AND w.time = f.at
            WHERE f.withdrawn_at IS NULL AND starts_with(f.rule, 'overload') AND $__timeFilter(f.at)
            AND $__timeFilter(w.time) AND w.station IN ($station)"""

# Each weighing once, with operator, cargo and whether an overload stands: what the API, the desk and the report count.
JUDGED = "weighing_judged w WHERE w.station IN ($station) AND $__timeFilter(w.time)"
ADDED = """count(*) AS "lượt cân", count(*) FILTER (WHERE w.over) AS "quá tải",
            count(*) FILTER (WHERE w.over)::double precision / count(*) AS "tỷ lệ", max(w.gross_kg) AS "nặng nhất",
            max(w.excess) / 100 AS "vượt nhiều nhất\""""
UNITS = {"tỷ lệ": SHARE, "nặng nhất": KG, "vượt nhiều nhất": SHARE}
LANE = "station || coalesce(' làn ' || lane, '') || coalesce(' ' || instrument, '')"


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
        columns("Tỷ lệ quá tải theo giờ trong ngày", f"""
            SELECT to_char(w.time AT TIME ZONE 'Asia/Ho_Chi_Minh', 'HH24') AS "giờ",
            count(*) FILTER (WHERE w.over)::double precision / count(*) AS "tỷ lệ"
            FROM {JUDGED} GROUP BY 1 ORDER BY 1""", SHARE, about="Phát hiện chắc chắn, chưa bị hồ sơ nào bác bỏ."),
        rows("Theo loại hàng, loại xe", f"""
            SELECT w.cargo AS "loại", {ADDED} FROM {JUDGED} GROUP BY 1 ORDER BY 3 DESC, 1""", UNITS, width=12),
        rows("Theo đơn vị vận tải", f"""
            SELECT w.operator AS "đơn vị", {ADDED} FROM {JUDGED}
            GROUP BY 1 HAVING w.operator IS NOT NULL ORDER BY 3 DESC, 2 DESC, 1 LIMIT 100""",
             UNITS, {"đơn vị": "${desk}/operators/${__value.raw}"},
             about="Không gồm xe không có trong dữ liệu đăng ký."),
        lines("Trục dẫn hướng trung bình của xe 5 trục", f"""
            SELECT {MIDNIGHT} AS "time", {LANE} AS metric, mean_kg AS "trung bình"
            FROM instrument_day WHERE {DAYS} AND station IN ($station) AND mean_kg IS NOT NULL ORDER BY 1, 2""", KG,
              about="Một bậc: thiết bị bị thay đổi; một dốc: thiết bị lệch dần. Xem sổ tay instrument-drift."),
        lines("Không đọc được biển số", f"""
            SELECT {MIDNIGHT} AS "time", station || coalesce(' làn ' || lane, '') AS metric,
            sum(unread)::double precision / sum(weighings) AS "tỷ lệ"
            FROM instrument_day WHERE {DAYS} AND station IN ($station) GROUP BY day, station, lane ORDER BY 1, 2""",
              SHARE),
        rows("Thiết bị cân", """
            SELECT DISTINCT ON (station, lane, instrument) station AS "trạm", lane AS "làn", instrument AS "thiết bị",
            certificate AS "giấy kiểm định", state AS "tình trạng", watching AS "xe 5 trục", mean_kg AS "lúc đầu",
            level / 1000.0 AS "tổng lệch", since AS "từ"
            FROM instrument_span WHERE station IN ($station) ORDER BY station, lane, instrument, since DESC""",
             {"lúc đầu": KG, "từ": MOMENT}, about="learning, watched, warning, alarm: docs/weighing.md."),
        rows("Các lần lệch", """
            SELECT station AS "trạm", lane AS "làn", instrument AS "thiết bị", direction AS "chiều", since AS "từ",
            alarmed_at AS "báo động", until AS "đến", shift_permille / 1000.0 AS "lệch"
            FROM instrument_drift WHERE station IN ($station) AND since <= $__timeTo()
            AND (until IS NULL OR until >= $__timeFrom()) ORDER BY since DESC LIMIT 100""",
             {"từ": MOMENT, "báo động": MOMENT, "đến": MOMENT, "lệch": SHARE},
             about="Có báo động: các lần cân trong thời gian đó bị nghi ngờ. Không có: chỉ cảnh báo."),
        metric_lines("Trạm đang mở mà im lặng", {
            "{{station}}": "max by (station) (hanhtrinh_check_station_silent_seconds)",
            "{{station}} (mức báo)": "max by (station) (hanhtrinh_check_station_silence_seconds)"}, SECONDS),
        rows("Khoảng trống thường có", """
            SELECT g.station AS "trạm", g.usual_s AS "thường", g.silence_s AS "mức báo", g.made_at AS "tính lúc"
            FROM station_gap g WHERE g.station IN ($station) ORDER BY 1""",
             {"thường": SECONDS, "mức báo": SECONDS, "tính lúc": MOMENT}, width=12),
    ], [station])  # fmt: skip
