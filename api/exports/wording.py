"""Vietnamese words of the printed lists: rules, bands, units, grades, kinds of vehicle, citations.

Words only: every figure that is printed comes from the finding. A code that has no words here is printed as it is, so
that a new rule is listed before it is named.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from api.printing import blocks
from journey.model import Finding, Grade, LawUse

NATION, MOTTO = blocks.NATION, blocks.MOTTO
TITLE = "DANH SÁCH PHƯƠNG TIỆN, LÁI XE CÓ DẤU HIỆU VI PHẠM QUA DỮ LIỆU THIẾT BỊ GIÁM SÁT HÀNH TRÌNH VÀ CÂN TẢI TRỌNG XE"
UNREGISTERED = "Phương tiện không có trong sổ đăng ký"
UNVERIFIED = "Chưa kiểm chứng"
VERIFIED = "Đã kiểm chứng"
METHOD_ONLY = "Theo phương pháp tính; không có trị số của pháp luật"
METHOD = "Phương pháp"
NO_DATA = "Không có dữ liệu"

RULES = {
    "speeding": "Chạy quá tốc độ quy định",
    "continuous_driving": "Lái xe liên tục quá thời gian quy định",
    "daily_driving": "Thời gian lái xe trong ngày vượt quá quy định",
    "weekly_driving": "Thời gian lái xe trong tuần vượt quá quy định",
    "double_login": "Một giấy phép lái xe đăng nhập đồng thời trên nhiều phương tiện",
    "moving_silence": "Mất tín hiệu khi phương tiện đang di chuyển",
    "overload_payload": "Chở hàng vượt trọng tải ghi trong giấy chứng nhận kiểm định",
    "overload_gross": "Tổng trọng lượng xe vượt tải trọng cho phép của cầu, đường",
    "overload_axle": "Tải trọng trục xe vượt mức cho phép của cầu, đường",
}
SHORT_RULES = {
    "speeding": "Quá tốc độ",
    "continuous_driving": "Lái xe liên tục",
    "daily_driving": "Lái xe trong ngày",
    "weekly_driving": "Lái xe trong tuần",
    "double_login": "Đăng nhập đồng thời",
    "moving_silence": "Mất tín hiệu khi chạy",
    "overload_payload": "Vượt trọng tải xe",
    "overload_gross": "Vượt tổng trọng lượng",
    "overload_axle": "Vượt tải trọng trục",
}
GRADES = {Grade.CERTAIN: "Chắc chắn", Grade.POSSIBLE: "Cần xem xét"}
UNITS = {
    "s": "giây",
    "min": "phút",
    "h": "giờ",
    "t": "tấn",
    "t/m": "tấn/m",
    "percent": "%",
    "person": "người",
    "degree": "độ",
    "fix": "bản ghi",
    "none": "",
}
KINDS = {
    "truck": "Xe tải",
    "tanker_truck": "Xe tải xi téc",
    "tractor": "Xe đầu kéo",
    "trailer": "Rơ moóc",
    "semi_trailer": "Sơ mi rơ moóc",
    "tanker_semi_trailer": "Sơ mi rơ moóc xi téc",
    "bus": "Xe buýt",
    "coach": "Xe khách",
    "taxi": "Xe taxi",
    "special": "Xe chuyên dùng",
    "mixer": "Xe trộn bê tông",
}
# Which edge belongs to which band is said in words only for speeding; the other articles all read "trên a đến b".
_SPEED_BANDS = {
    "5-10": "Từ 05 đến dưới 10 km/h",
    "10-20": "Từ 10 đến 20 km/h",
    "20-35": "Trên 20 đến 35 km/h",
    "35+": "Trên 35 km/h",
}
_PERCENT_BAND = re.compile(r"(\d+)(?:-(\d+)|\+)")


def rule(code: str) -> str:
    return RULES.get(code, code)


def band(finding: Finding) -> str:
    """The penalty band in words; empty where the law has none."""
    if not finding.band:
        return ""
    if finding.rule == "speeding":
        return _SPEED_BANDS.get(finding.band, finding.band)
    edges = _PERCENT_BAND.fullmatch(finding.band)
    if edges is None or not is_overload(finding):
        return finding.band
    return f"Trên {edges[1]}% đến {edges[2]}%" if edges[2] else f"Trên {edges[1]}%"


def is_overload(finding: Finding) -> bool:
    """Whether the excess is in percent of the limit; the measure itself is in kg."""
    return finding.rule.startswith("overload_")


def unit(code: str) -> str:
    return UNITS.get(code, code)


def excess_unit(finding: Finding) -> str:
    return "%" if is_overload(finding) else unit(finding.unit)


def duration(seconds: float, units: tuple[str, str, str] = ("giờ", "phút", "giây")) -> str:
    """A length of time in words. Args: units: of hours, minutes, seconds.

    >>> duration(14_410), duration(7_200), duration(0)
    ('4 giờ 10 giây', '2 giờ', '0 giây')
    """
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    parts = zip((hour, minute, second), units, strict=True)
    return " ".join(f"{number} {name}" for number, name in parts if number) or f"0 {units[-1]}"


def decimal(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace(".", ",")


def is_method(use: LawUse) -> bool:
    """Whether the figure is this project's choice and no law."""
    return use.parameter.startswith("method.")


def basis(uses: tuple[LawUse, ...]) -> str:
    """The legal basis of a finding: each citation of law once, in the order of use; said so where there is none."""
    cited = dict.fromkeys(citation(use.citation) for use in uses if use.citation and not is_method(use))
    return "; ".join(cited) or METHOD_ONLY


def leans_on_unverified(finding: Finding) -> bool:
    """Whether any figure of the finding was not read in the law's own text; so too where no figure is named."""
    return not finding.law or any(not use.verified for use in finding.law)


def remark(finding: Finding, lengths: bool = True) -> str:
    """What a reader must know beside the figures of one finding. Args: lengths: its times in words too."""
    detail = finding.detail
    if finding.rule == "double_login":
        plates = detail.get("vehicles")
        shown = ", ".join(str(plate) for plate in plates) if isinstance(plates, list | tuple) else finding.vehicle
        return f"Trùng {duration(finding.measured)} trên {shown}; ghi nhận việc sử dụng thẻ, không quy kết cá nhân"
    parts: list[str] = ["Đã được xác nhận trong hồ sơ"] if finding.grade == Grade.POSSIBLE else []
    if finding.unit == "s" and lengths:
        measured, limit, excess = (duration(value) for value in (finding.measured, finding.limit, finding.excess))
        parts.append(f"{measured}; giới hạn {limit}; vượt {excess}")
    if (peak := _number(detail.get("peak_speed"))) is not None:
        parts.append(f"Tốc độ cao nhất {decimal(peak, 1)} km/h")
    if finding.rule == "moving_silence" and (metres := _number(detail.get("distance_m"))) is not None:
        parts.append(f"di chuyển {decimal(metres / 1000, 1)} km")
    if finding.rule == "overload_axle" and detail.get("axles"):
        parts.append(f"Nhóm trục {detail['axles']}")
    if detail.get("fine") == "none":
        parts.append("không có mức phạt tiền; tính khi xem xét thu hồi phù hiệu")
    return "; ".join(parts)


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


_PARTS = r"(?:\([0-9a-z]+\))+"
_ARTICLE = re.compile(rf"\bArts?\.? (\d+)({_PARTS}(?:, {_PARTS})*)?")
_ACT_FIRST = re.compile(r"([^;]*?), (Arts?\.? [^;]*)")
_WORDS = (
    (re.compile(r"\bRoad Traffic Law\b"), "Luật Giao thông đường bộ"),
    (re.compile(r"\bCirculars?\b"), "Thông tư"),
    (re.compile(r"\bDecree\b"), "Nghị định"),
    (re.compile(r"\bLaw\b"), "Luật"),
    (re.compile(r"\bAnnex\b"), "Phụ lục"),
    (re.compile(r"\bas amended by\b"), "được sửa đổi bởi"),
    (re.compile(r"\band\b"), "và"),
    (re.compile(r"/ND-CP\b"), "/NĐ-CP"),
)


@lru_cache(maxsize=512)  # texts of the law files, a few on every page and in every line of an export
def citation(text: str) -> str:
    """A citation of the law files in the Vietnamese order: point, clause, article, act. Unknown words stay.

    >>> citation("Decree 168/2024/ND-CP, Art. 6(3)(a), (5)(dd)")
    'điểm a khoản 3, điểm đ khoản 5 Điều 6 Nghị định 168/2024/NĐ-CP'
    >>> citation("Circular 39/2024/TT-BGTVT, Art. 14, 15")
    'Điều 14, 15 Thông tư 39/2024/TT-BGTVT'
    """
    parts = []
    for part in text.split("; "):
        match = None if "(" in _ARTICLE.sub("", part) else _ACT_FIRST.fullmatch(part)
        ordered = f"{match[2]} {match[1]}" if match else part
        ordered = _ARTICLE.sub(_article, ordered)
        for pattern, word in _WORDS:
            ordered = pattern.sub(word, ordered)
        parts.append(ordered)
    return "; ".join(parts)


def _article(match: re.Match[str]) -> str:
    """Art. 11(13)(a), (b) names clause 13 once; the point b is of the same clause."""
    named: list[str] = []
    clause = ""
    for item in (match[2] or "").split(", "):
        levels = re.findall(r"\(([0-9a-z]+)\)", item)
        if levels and levels[0].isdigit():
            clause = f"khoản {levels.pop(0)}"
        points = [f"điểm {'đ' if level == 'dd' else level}" for level in levels]
        named.append(" ".join([*reversed(points), clause] if clause else reversed(points)))
    return " ".join(filter(None, [", ".join(filter(None, named)), f"Điều {match[1]}"]))


_ALPHABET = {letter: rank for rank, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def collation(text: str) -> tuple[Any, ...]:
    """Sort key of the Vietnamese alphabet: letters first, tones as a tie-break, then the text itself.

    >>> sorted(["Đông", "Dũng", "Ân", "An"], key=collation)
    ['An', 'Ân', 'Dũng', 'Đông']
    """
    apart = unicodedata.normalize("NFD", text.casefold())
    letters = unicodedata.normalize("NFC", "".join(sign for sign in apart if sign not in _TONES))
    ranks = [(1, _ALPHABET[sign]) if sign in _ALPHABET else (0 if sign < "a" else 2, ord(sign)) for sign in letters]
    return ranks, [_TONES[sign] for sign in apart if sign in _TONES], text
