"""From finding to list: what stands, what was withdrawn and why, cases, what was published."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.parts import COUNT, FINDINGS, MIDNIGHT, MOMENT, SHARE, board_of, choice, lines, rows, stat_of

NAME = "enforcement"
CHOSEN = "finding_unnamed WHERE rule IN ($rule) AND grade IN ($grade)"
STANDING = f"{CHOSEN} AND withdrawn_at IS NULL AND $__timeFilter(at)"

WITHDRAWN = """finding_change c JOIN finding_unnamed f ON f.row = c.finding_row
            WHERE c.withdrawn AND $__timeFilter(c.changed_at) AND f.rule IN ($rule) AND f.grade IN ($grade)"""


def board() -> Dashboard:
    rule = choice("rule", "Loại", "SELECT DISTINCT rule FROM finding_unnamed WHERE $__timeFilter(at) ORDER BY 1")
    grade = choice("grade", "Mức", "SELECT unnest(ARRAY['certain', 'possible'])")
    return board_of(NAME, "Xử lý vi phạm", "Phát hiện, hồ sơ và danh sách đã công bố.", [
        stat_of("Phát hiện", f"SELECT count(*) FROM {STANDING}",
                about="Còn đứng (chưa rút lại), của các loại và mức đã chọn."),
        stat_of("Đã rút lại", f"SELECT count(*) FROM {WITHDRAWN}",
                about="Rút lại trong khoảng thời gian, vì dữ liệu đến muộn hay vì luật khác."),
        stat_of("Xe", f"SELECT count(DISTINCT vehicle_id) FROM {STANDING}",
                about="Số xe có ít nhất một phát hiện còn đứng."),
        stat_of("Hồ sơ đang mở", "SELECT count(*) FROM case_unnamed WHERE outcome IS NULL",
                about="Phát hiện đang có người xử lý và chưa có kết quả."),
        stat_of("Hồ sơ quá hạn", "SELECT count(*) FROM case_unnamed WHERE outcome IS NULL AND due < now()",
                about="Đang mở mà đã quá thời hạn do Sở đặt."),
        stat_of("Tỷ lệ bị bác", """
            SELECT count(*) FILTER (WHERE outcome IN ('overturned', 'dismissed', 'lapsed'))::double precision
            / nullif(count(*), 0) FROM case_unnamed WHERE outcome IS NOT NULL AND $__timeFilter(moved_at)""", SHARE,
                about="Trong số hồ sơ đã đóng: bị bác, bỏ hay hết căn cứ."),
        lines("Phát hiện theo ngày và loại", f"""
            SELECT {MIDNIGHT} AS "time", rule AS metric, count(*) AS "phát hiện"
            FROM {STANDING} GROUP BY day, rule ORDER BY 1""", COUNT, bars=True,
              about="Theo ngày xảy ra, giờ Việt Nam."),
        lines("Thêm và rút theo ngày", """
            SELECT $__timeGroupAlias(changed_at, '1d'), count(*) FILTER (WHERE NOT withdrawn) AS "thêm",
            count(*) FILTER (WHERE withdrawn) AS "rút"
            FROM finding_change WHERE $__timeFilter(changed_at) GROUP BY 1 ORDER BY 1""", COUNT, bars=True,
              about="Theo lúc máy xét, không theo lúc xảy ra."),
        rows("Theo loại và khung", f"""
            SELECT rule AS "loại", grade AS "mức", band AS "khung", count(*) AS "phát hiện",
            count(DISTINCT vehicle_id) AS "xe" FROM {STANDING} GROUP BY 1, 2, 3 ORDER BY 4 DESC""", {},
             {"loại": f"{FINDINGS}&rule=${{__value.raw}}"}, width=12,
             about="Bấm vào loại để mở các phát hiện ấy ở bàn làm việc."),
        rows("Đơn vị có nhiều phát hiện", f"""
            SELECT f.operator AS "đơn vị", o.name AS "tên", f.findings AS "phát hiện", f.vehicles AS "xe"
            FROM (SELECT operator, count(*) AS findings, count(DISTINCT vehicle_id) AS vehicles
            FROM {STANDING} GROUP BY operator) AS f LEFT JOIN operator o ON o.id = f.operator
            ORDER BY 3 DESC, 1 LIMIT 50""", {}, {"đơn vị": "${desk}/operators/${__value.raw}"}, width=12,
             about="50 đơn vị có nhiều phát hiện còn đứng nhất; bấm vào đơn vị để mở ở bàn làm việc."),
        rows("Vì sao rút lại", f"""
            SELECT f.reason AS "lý do", f.rule AS "loại", count(*) AS "phát hiện", max(c.changed_at) AS "lần cuối"
            FROM {WITHDRAWN} GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 100""",
             {"lần cuối": MOMENT}, width=12,
             about="Lý do máy rút lại phát hiện: dữ liệu đến muộn, luật hay phương pháp đổi."),
        rows("Hồ sơ", """
            SELECT state AS "trạng thái", outcome AS "kết quả", rule AS "loại", count(*) AS "hồ sơ",
            count(*) FILTER (WHERE outcome IS NULL AND due < now()) AS "quá hạn", min(opened_at) AS "mở sớm nhất"
            FROM case_unnamed GROUP BY 1, 2, 3 ORDER BY 4 DESC""", {"mở sớm nhất": MOMENT},
             {"trạng thái": "${desk}/cases?state=${__value.raw}"}, width=12,
             about="Mọi hồ sơ, không theo khoảng thời gian; bấm vào trạng thái để mở các hồ sơ ấy."),
        rows("Danh sách đã công bố", """
            SELECT l.number || '/' || l.year AS "số", l.week AS "tuần", l.amendment AS "bổ sung", l.made_at AS "lúc",
            l.waiting AS "ngày xe còn chờ", l.signature IS NOT NULL AS "đã ký", l.law_version AS "bản luật",
            coalesce(s.findings, 0) AS "phát hiện"
            FROM list l LEFT JOIN (SELECT position, sum(findings) AS findings FROM list_size GROUP BY position) AS s
            ON s.position = l.position ORDER BY l.position DESC LIMIT 100""", {"lúc": MOMENT},
             {"tuần": '${desk}/lists/${__value.raw}/${__data.fields["bổ sung"]}'},
             about="Mới nhất đứng đầu; bổ sung 0 là danh sách gốc. Bấm vào tuần để mở đúng danh sách ấy."),
    ], [rule, grade])  # fmt: skip
