"""What every printed form of the weekly list says beside its rows: period, counts, states, law used, explanations."""

from __future__ import annotations

import json
from collections.abc import Iterator

from api.exports import wording
from api.exports.coverage import VehicleCoverage
from api.exports.history import WEEKS
from api.exports.publication import moment_words, publication_notes, week_words
from api.exports.weekly import OperatorPart, Status, WeeklyList
from journey.model import LawUse

_STATES = {
    Status.FOUND: "Có phát hiện",
    Status.CLEAR: "Có dữ liệu; chưa phát hiện dấu hiệu vi phạm trong phần dữ liệu có được",
    Status.UNJUDGED: "Có bản ghi nhưng không đủ để xác định hoạt động",
    Status.SILENT: wording.NO_DATA,
    Status.EMPTY: "Không có phương tiện đăng ký trong tuần",
    Status.UNREGISTERED: "Có dữ liệu; chưa xét vì phương tiện không có trong sổ đăng ký",
}


def period(weekly: WeeklyList) -> str:
    """Tuần 12 năm 2026 (từ 00:00 ngày 16/03/2026 đến 24:00 ngày 22/03/2026)."""
    return week_words(weekly.week, weekly.start, weekly.end)


def counted(weekly: WeeklyList) -> str:
    """The cover line: what is listed, and how many findings were left out as open to review."""
    listed = sum(len(part.findings) for part in weekly.parts)
    kept = weekly.held - weekly.in_doubt
    held = f"Số phát hiện chưa liệt kê theo hồ sơ giải trình, khiếu nại: {kept}. " if kept else ""
    if weekly.in_doubt:
        held += f"Số phát hiện chưa liệt kê vì thiết bị cân bị cảnh báo lệch: {weekly.in_doubt}. "
    return (
        f"Số phát hiện được liệt kê: {listed}. Số phát hiện cần xem xét (không đưa vào danh sách): {weekly.possible}. "
        f"{held}Lập lúc {moment_words(weekly.made_at)}.{_proof(weekly)}"
    )


def _proof(weekly: WeeklyList) -> str:
    if (proof := weekly.proof) is None:
        return ""
    return (
        f" Tự kiểm tra hệ thống từ đầu tuần: {proof.passed}/{proof.ran} lần đạt; lần gần nhất "
        f"{moment_words(proof.last_at)}: cài sẵn {proof.planted}, tìm thấy {proof.found}, thừa {proof.extra}."
    )


def status(part: OperatorPart) -> str:
    """An operator's state in words. Findings without recorder data come from weighings."""
    if part.status == Status.FOUND and not part.vehicles_with_data:
        return f"Có phát hiện; {wording.NO_DATA.lower()} hành trình"
    silent = len(part.vehicles) - part.vehicles_with_data
    some = f"; {silent} xe {wording.NO_DATA.lower()}" if silent and part.vehicles_with_data else ""
    return _STATES[part.status] + some


def monitored(known_s: int, whole_s: int) -> str:
    """How long was looked at, of how long: a low count means little where this is short.

    >>> monitored(148_320, 604_800)
    'đã theo dõi 41 giờ 12 phút trên 168 giờ'
    """
    hours, minutes = divmod(known_s // 60, 60)
    shown = f"{hours} giờ {minutes:02d} phút" if minutes else f"{hours} giờ"
    return f"đã theo dõi {shown} trên {whole_s // 3600} giờ"


def status_of_vehicle(row: VehicleCoverage) -> str:
    if not row.fixes:
        return wording.NO_DATA
    return "Có dữ liệu" if row.known_s else _STATES[Status.UNJUDGED]


def used_law(weekly: WeeklyList) -> Iterator[tuple[LawUse, int]]:
    """Every figure that a listed finding rests on, once, with the number of findings that rest on it."""
    uses: dict[tuple[str, str, str, str, bool], tuple[LawUse, int]] = {}
    for _, finding in weekly.listed():
        for key, use in {law_key(use): use for use in finding.law}.items():
            uses[key] = (use, uses[key][1] + 1 if key in uses else 1)
    return (uses[key] for key in sorted(uses))


def law_key(use: LawUse) -> tuple[str, str, str, str, bool]:
    """What makes a figure of law one and the same."""
    value = json.dumps(use.value, ensure_ascii=False, sort_keys=True)
    return use.parameter, use.in_force_from, value, use.citation, use.verified


def notes(weekly: WeeklyList) -> list[tuple[str, str]]:
    """Label and text of every note, in order; the notes that the caller gave come last."""
    unverified = sum(wording.leans_on_unverified(finding) for _, finding in weekly.listed())
    own = [
        ("Kỳ lập danh sách", period(weekly)),
        ("Thời điểm lập", moment_words(weekly.made_at)),
        (
            "Dữ liệu tiếp nhận đến",
            moment_words(weekly.watermark) if weekly.watermark is not None else "Không ghi nhận",
        ),
        ("Phiên bản bộ quy tắc pháp luật", weekly.law_version),
        ("Tệp phương pháp", " – ".join(filter(None, (weekly.method, weekly.method_title)))),
        ("Phiên bản phần mềm", weekly.code_version),
        ("Lần tính toán", ", ".join(weekly.run_ids) or "Không ghi nhận"),
        (
            "Phạm vi danh sách",
            "Chỉ liệt kê các phát hiện ở mức “chắc chắn”, tức là đúng cả theo cách hiểu có lợi nhất cho người lái xe, "
            "có thời điểm hoàn thành trong tuần. "
            "Phát hiện ở mức “cần xem xét” chỉ được liệt kê khi người có thẩm quyền đã xác nhận trong hồ sơ; "
            f"{weekly.possible} phát hiện như vậy không được đưa vào danh sách. "
            f"{weekly.held - weekly.in_doubt} phát hiện ở mức “chắc chắn” không được liệt kê vì hồ sơ của chúng đang "
            "chờ giải trình, đang có khiếu nại hoặc đã kết thúc theo hướng không có vi phạm.",
        ),
        (
            "Giá trị sử dụng",
            "Danh sách nêu dấu hiệu vi phạm rút ra từ dữ liệu, dùng để kiểm tra, xác minh; "
            "không thay thế biên bản hoặc quyết định xử phạt vi phạm hành chính.",
        ),
        (
            "Thời gian",
            "Giờ Việt Nam (UTC+7). Phát hiện thuộc tuần chứa thời điểm hoàn thành: thời điểm mà hành vi đã đủ yếu tố.",
        ),
        (
            "Độ phủ dữ liệu",
            "Tỷ lệ thời gian xác định được xe chạy hoặc dừng, đỗ trên tổng thời gian của tuần của tất cả phương tiện "
            "đăng ký. “Không xác định”: có bản ghi hai đầu nhưng không rõ xe chạy hay dừng. Rơ moóc và sơ mi rơ moóc "
            "không có thiết bị riêng nên không tính.",
        ),
        (
            wording.NO_DATA,
            "Không có dữ liệu không có nghĩa là không vi phạm. Đơn vị, phương tiện không có dữ liệu được nêu rõ; "
            "dấu “–” là không có dữ liệu để đánh giá, khác với số 0.",
        ),
        (
            "Số phát hiện trên 1.000 km",
            "Tính trên mọi hành vi trong tuần và quãng đường có dữ liệu; để tham khảo, không phải tỷ lệ theo tháng "
            "dùng để xem xét thu hồi phù hiệu. Quãng đường thiếu dữ liệu làm tỷ lệ này tăng.",
        ),
        (
            "Vượt",
            "Với tải trọng, trị số đo và giới hạn tính bằng kg, mức vượt tính bằng % của giới hạn. "
            "Với thời gian, tất cả tính bằng giây; cột “Ghi chú” ghi theo giờ, phút.",
        ),
        (
            wording.RULES["double_login"],
            "Nêu việc sử dụng thẻ, giấy phép lái xe để đăng nhập; không quy kết cho một cá nhân cụ thể. "
            "Cần xác minh ai đã dùng thẻ.",
        ),
        (
            "Nhiều phát hiện",
            "Phương tiện, lái xe có phát hiện trong tuần và từ hai phát hiện trở lên "
            f"tính cả {WEEKS} tuần trước, theo dữ liệu và bộ quy tắc hiện có khi lập. "
            "Không phải “tái phạm” theo nghĩa của pháp luật xử lý vi phạm hành chính.",
        ),
        (
            "Tuần trước",
            "Số phát hiện của tuần liền trước theo dữ liệu hiện có khi lập, có thể khác với danh sách "
            "đã công bố của tuần đó. Dấu “–”: một trong hai tuần không có dữ liệu để so sánh.",
        ),
        (
            "Căn cứ chưa kiểm chứng",
            f"{unverified} phát hiện được đánh dấu “{wording.UNVERIFIED}”: có ít nhất một trị số chưa đối chiếu "
            "với văn bản gốc. Phải đối chiếu trước khi sử dụng.",
        ),
    ]
    return (
        publication_notes(weekly.publication)
        + own
        + list(_unregistered(weekly))
        + list(_instruments(weekly))
        + [(f"Lưu ý: {note.subject}" if note.subject else "Lưu ý", note.text) for note in weekly.notes]
    )


def _instruments(weekly: WeeklyList) -> Iterator[tuple[str, str]]:
    """What rests on a scale that showed too much, where there is any."""
    if weekly.in_doubt:
        yield (
            "Thiết bị cân bị cảnh báo lệch",
            f"{weekly.in_doubt} phát hiện về tải trọng ở mức “chắc chắn” chỉ để xem xét và chưa được liệt kê: "
            "thiết bị cân của lần cân bị cảnh báo cho số cao hơn lúc mới kiểm định. Chỉ được liệt kê "
            "khi người có thẩm quyền đã xác nhận trong hồ sơ.",
        )
    for one in weekly.listed_in_doubt:
        yield (
            f"Thiết bị cân bị cảnh báo lệch: {one.vehicle}",
            f"Phát hiện {one.id} đã được xác nhận trong hồ sơ dù thiết bị cân của lần cân bị cảnh báo cho số cao hơn "
            "lúc mới kiểm định.",
        )


def _unregistered(weekly: WeeklyList) -> Iterator[tuple[str, str]]:
    if with_data := weekly.unregistered.vehicles_with_data:
        fixes = sum(row.fixes for row in weekly.unregistered.vehicles)
        yield (
            wording.UNREGISTERED,
            f"{with_data} xe, {fixes} bản ghi: dữ liệu hành trình được lưu, chưa xét vi phạm; được xét khi phương tiện "
            "có trong sổ đăng ký. Kết quả cân tải trọng vẫn được xét.",
        )
