"""Vietnamese words of a package for what the record does not say, and for what may be answered to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from api.evidence.dossier import Dossier
from api.evidence.pictures import nearest_in_time
from api.evidence.road_words import VI
from api.evidence.roads import certainty
from api.evidence.scale_words import drifts_vi
from api.evidence.wording import DRIVING_RULES, FLAGS, number, when
from api.exports import wording
from journey.track import UNKNOWN, distance_m


def unknown(dossier: Dossier) -> Iterator[str]:
    """Quality of the data, gaps and assumptions: what the record does not say."""
    if not dossier.on_weighing:
        yield from _quality(dossier)
    yield from _of_rule(dossier)
    doubtful = [one["title"] or one["parameter"] for one in dossier.law["stated"] if not one["verified"]]
    if doubtful:
        yield f"Chưa đối chiếu được với văn bản gốc: {'; '.join(doubtful)}."
    record = dossier.record
    if (record.law_version, record.method) != (dossier.law_version, dossier.method):
        yield (f"Phát hiện được tính theo bộ quy định {record.law_version} ({record.method}); gói này được lập theo bộ "
               f"{dossier.law_version} ({dossier.method}).")  # fmt: skip
    if record.code_version != dossier.code_version:
        yield f"Chương trình khi tính là {record.code_version}, khi lập gói là {dossier.code_version}."


def _quality(dossier: Dossier) -> Iterator[str]:
    finding, used, standing = dossier.finding, dossier.used, list(dossier.standing)
    copies = [row for row in dossier.fixes if row.copy]
    conflicts = sum(row.conflict for row in copies)
    unusable = sum(not row.usable for row in standing)
    flags = ", ".join(f"{FLAGS.get(name, name)} {count}" for name, count in sorted(dossier.flagged().items()))
    yield (f"Trong {number(len(standing), 0)} bản ghi của đoạn kèm theo: {number(unusable, 0)} không dùng được; "
           f"cờ chất lượng: {flags or 'không có'}; {number(len(copies), 0)} bản trùng, trong đó {number(conflicts, 0)} "
           "khác nội dung.")  # fmt: skip
    if len(used) > 1:
        longest = max((b.time - a.time for a, b in pairwise(used) if a.vehicle == b.vehicle), default=0)
        late = [row.received - row.time for row in used if row.received is not None]
        missing = len(used) - len(late)
        delay = f"trễ nhất {wording.duration(max(0, max(late)))}" if late else "không rõ độ trễ"
        yield (f"Khoảng cách lớn nhất giữa hai bản ghi được tính: {wording.duration(longest)}; thời gian nhận: "
               f"{delay}, "
               f"{number(missing, 0)} bản ghi không có thời gian nhận.")  # fmt: skip
    yield ("Dữ liệu do thiết bị giám sát hành trình ghi và được nhà cung cấp chuyển đến, không có chữ ký của "
           "thiết bị: hệ "
           "thống chứng minh dữ liệu đúng như khi nhận, không chứng minh thiết bị đo đúng.")  # fmt: skip
    if finding.driver is not None:
        yield "Người thực tế cầm lái không được xác định; chỉ biết giấy phép đã đăng nhập trên thiết bị."


def _of_rule(dossier: Dossier) -> Iterator[str]:
    finding = dossier.finding
    if finding.rule == "speeding":
        yield from certainty(finding, VI)
        yield "Sai số đo tốc độ của thiết bị không được biết và không được trừ."
    elif finding.rule == "moving_silence":
        yield ("Không biết vì sao không có dữ liệu (thiết bị, sóng, nhà cung cấp hay tác động của người) và không biết "
               "đường đã đi. Các lần ngừng nhận do chính hệ thống này đã được loại trừ.")  # fmt: skip
    elif finding.rule in DRIVING_RULES:
        silent = sum(one.end - one.start for one in dossier.pieces if one.kind == UNKNOWN)
        yield (f"Thời gian không rõ hoạt động trong đoạn này: {wording.duration(silent)}; không tính là lái xe "
               f"trừ khi mức "
               "độ là “Cần xem xét”. Dừng rất ngắn giữa hai đoạn chạy được tính là lái xe.")  # fmt: skip
    elif dossier.weighed is not None:
        yield from _of_weighing(dossier)


def _of_weighing(dossier: Dossier) -> Iterator[str]:
    weighed, finding = dossier.weighed, dossier.finding
    assert weighed is not None  # noqa: S101 - asked by the caller
    error = weighed.station.instrument_error_permille if weighed.station else None
    stated = weighed.sent.scale.error_permille if weighed.sent.scale else None
    if stated is not None and stated > (error or 0):
        yield f"Sai số của cân theo cấp chính xác ghi trong bản ghi: {number(stated, 0)} phần nghìn, đã trừ."
    elif error is None:
        yield "Trạm cân không có trong danh mục: sai số của cân không được biết."
    else:
        yield f"Sai số của cân theo danh mục trạm: {number(error, 0)} phần nghìn, đã trừ vào từng khối lượng đo."
    yield from drifts_vi(dossier, number, when)
    near = nearest_in_time(dossier)
    if near is None:
        yield "Không có bản ghi vị trí nào của xe quanh thời điểm cân để đối chiếu với trạm."
    elif weighed.station is not None and weighed.station.lon is not None and weighed.station.lat is not None:
        ends = np.array([near.lon, weighed.station.lon]), np.array([near.lat, weighed.station.lat])
        apart = float(distance_m(*ends)[0]) / 1000
        yield (f"Theo thiết bị giám sát hành trình, lúc {when(near.time)} xe ở cách trạm {number(apart, 2)} km "
               f"theo đường "
               "thẳng; nếu không phù hợp, cần làm rõ biển số, thiết bị hoặc tọa độ của trạm.")  # fmt: skip
    if weighed.sent.persons is None and finding.rule == "overload_payload":
        yield f"Phiếu cân không ghi số người trên xe; tính {finding.detail['persons']} người."
    yield (
        "Lần cân không ghi ai điều khiển phương tiện, ai xếp hàng; giấy chứng nhận kiểm định của cân không "
        "kèm trong dữ liệu."
    )
    if any(unit is None for unit in dossier.units):
        yield "Có phương tiện không có trong sổ đăng ký; giới hạn cao nhất có thể được áp dụng."


def answers(dossier: Dossier) -> Iterator[str]:
    """What the driver or the operator may bring forward."""
    finding = dossier.finding
    if finding.rule == "speeding":
        yield (
            "xe đã đi trên đường khác với đường nêu trên, hoặc biển báo, đoạn khu đông dân cư tại thời điểm "
            "đó khác với dữ liệu"
        )
        yield "thiết bị ghi sai tốc độ hoặc vị trí (kèm giấy kiểm định, bản trích xuất trực tiếp từ thiết bị)"
        yield "tình thế cấp thiết, xe ưu tiên, hoặc người khác cầm lái (kèm lệnh vận chuyển, phân công lái xe)"
    elif finding.rule == "moving_silence":
        yield (
            "thiết bị hỏng, mất sóng, bảo dưỡng (kèm biên bản, thông báo của nhà cung cấp), dữ liệu lưu trong thiết bị"
        )
        yield "phương tiện được chở hoặc kéo đi trong thời gian này"
    elif finding.rule in DRIVING_RULES:
        yield (
            "người khác cầm lái trong một phần thời gian (kèm phân công lái xe, lệnh vận chuyển, bản ghi hình trong xe)"
        )
        yield "có nghỉ mà thiết bị không ghi; thẻ, giấy phép bị người khác dùng hoặc không được đăng xuất"
        yield "tắc đường, sự cố, điều động của cơ quan có thẩm quyền"
    elif dossier.on_weighing:
        yield "kết quả cân lại, cân tĩnh; giấy chứng nhận kiểm định của cân; phiếu cân nơi xếp hàng"
        yield "giấy phép lưu hành xe, giấy chứng nhận kiểm định của xe và của rơ moóc có trị số khác"
        yield "người xếp hàng, số người trên xe, biển báo tải trọng tại vị trí đó"
    if finding.operator is not None:
        yield "sổ đăng ký ghi sai đơn vị, loại xe hoặc phương tiện đã chuyển cho đơn vị khác"
