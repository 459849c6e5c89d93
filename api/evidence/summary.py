"""The summary of a finding as PDF, set by typst from a fixed template and data that it never reads as markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typst

from api.evidence import doubts, roads, statements
from api.evidence.dossier import Dossier
from api.evidence.penalties import basis, penalties
from api.evidence.words_vi import VI
from api.exports import wording
from api.exports.publication import moment
from api.printing.letters import printable_all, shown
from journey.model import LawUse

TEMPLATE = Path(__file__).with_name("summary.typ").read_bytes()
# Heights in mm, so that everything stays on two pages.
_FIRST = {"map.svg": 108, "weighing.svg": 82, "driving.svg": 64}
_SECOND = {"map.svg": 96, "speed.svg": 66}
_CHOSEN = "Phương pháp tính (không phải pháp luật)"
LINES_MAX = 9
_ROW_MM = 7  # by which the first drawing gives way to each road beyond the first
METHOD_NAMES = {
    "speeding_min_fixes": "Số bản ghi ít nhất của một lần vượt",
    "speeding_min_duration": "Thời gian ngắn nhất của một lần vượt",
    "speeding_gap_max": "Khoảng lặng dài nhất trong một lần vượt",
    "moving_gap_max": "Khoảng lặng dài nhất còn biết xe chạy",
    "moving_silence_distance_min": "Quãng đường ngắn nhất khi mất tín hiệu",
    "unknown_bridge_max": "Khoảng không rõ dài nhất được xem xét",
    "axle_group_gap": "Khoảng cách trục của một cụm trục",
    "person_mass": "Khối lượng một người",
    "persons_default": "Số người khi phiếu cân không ghi",
    "goods_sign_above": "Trọng tải từ đó biển báo cho xe tải được áp dụng",
    "match_noise_factor": "Bội số của sai số vị trí khi xét đường có thể",
    "match_reach_max": "Khoảng cách xa nhất tới đường còn có thể",
    "match_heading_max": "Góc lệch lớn nhất so với đường đã đi",
    "match_chord_min": "Quãng ngắn nhất cho biết hướng đi",
    "match_context": "Hành trình trước và sau được đối chiếu",
    "match_place_step": "Khoảng cách giữa các vị trí được xét trên đường",
    "match_place_error_min": "Sai số vị trí ít nhất",
    "match_pace_error": "Sai số tốc độ trung bình giữa hai bản ghi",
    "match_off_path": "Khả năng của đường ngoài lộ trình đối chiếu",
    "match_way_unknown": "Khả năng đi quãng khác với tốc độ báo cáo",
    "acceleration_max": "Mức đổi tốc độ lớn nhất trong một giây",
    "speed_path_percent": "Chênh lệch cho phép giữa tốc độ và quãng đường",
    "speed_path_slack": "Sai số vị trí ở hai đầu quãng đường",
    "average_distance_min": "Quãng ngắn nhất để tính trung bình",
}


_STATUS = (
    "Phát hiện đang có hiệu lực trong hệ thống. Suy ra lại từ các bản ghi lưu trữ: trùng khớp trong mọi trường. Đây là "
    "dấu hiệu vi phạm ghi nhận bằng dữ liệu, không phải biên bản hay quyết định xử phạt."
)
_RIGHTS = (
    "Người lái xe, đơn vị vận tải có thể giải trình, cung cấp tài liệu và yêu cầu xem toàn bộ gói này. Những điều có "
    "thể nêu, trong số những điều khác:"
)
_WHERE = (
    "Nơi nhận: cơ quan nêu ở đầu bản này. Thời hạn và thủ tục theo văn bản thông báo kèm theo và pháp luật về xử lý vi "
    "phạm hành chính."
)
_CHECK = (
    "Chạy: python -I verify.py (chỉ cần Python 3.8 trở lên). Chương trình so SHA-256 của từng tệp với manifest.json, "
    "tính lại các phép tính từ bản ghi và nói rõ những gì không kiểm tra được."
)


def summary(dossier: Dossier, drawn: dict[str, str]) -> bytes:
    """The PDF. Args: drawn: SVG by file name. No clock, no fonts and no files of the machine: equal bytes anywhere."""
    return typeset(TEMPLATE, _data(dossier), dossier, drawn)


def typeset(template: bytes, data: dict[str, Any], dossier: Dossier, drawn: dict[str, str]) -> bytes:
    """A summary from a template and what is said in it."""
    inputs = {
        "data": json.dumps(printable_all(data), ensure_ascii=False),
        "pictures": json.dumps(_pictures(dossier, drawn)),
    }
    made: bytes = typst.compile(
        template, format="pdf", sys_inputs=inputs, font_paths=[], ignore_system_fonts=True, pdf_standards="a-2b"
    )  # fmt: skip
    return made


def dated(dossier: Dossier) -> dict[str, int]:
    """PDF for archives has a date: of making where it is told, else of the finding's entry into the store."""
    at = moment(dossier.record.added_at if dossier.made_at is None else dossier.made_at)
    return {name: getattr(at, name) for name in ("year", "month", "day", "hour", "minute", "second")}


def _data(dossier: Dossier) -> dict[str, Any]:
    record, finding = dossier.record, dossier.finding
    made = None if dossier.made_at is None else moment(dossier.made_at).strftime("Lập ngày %d tháng %m năm %Y")
    return {
        "date": dated(dossier),
        "authority": dossier.authority.splitlines(),
        "nation": wording.NATION,
        "motto": wording.MOTTO,
        "made": made,
        "title": f"{wording.rule(finding.rule)} – xe {finding.vehicle}",
        "id": record.id,
        "warnings": statements.warnings(dossier, VI),
        "status": _STATUS,
        "facts": list(statements.facts(dossier, VI)),
        "recorded": [*statements.recorded(dossier, VI), *roads.averages(dossier, VI.roads)],
        "roads": [(one.road, one.limit, one.basis, one.holds, one.fixes) for one in roads.rows(dossier, VI.roads)],
        "unknown": list(doubts.unknown(dossier, VI)),
        "law": _law(dossier),
        "method": f"{dossier.method_title}. Toàn bộ trị số, kể cả trị số không được nêu ở đây, nằm trong tệp law.json.",
        "penalties": [(one.subject, one.taken, basis(one, VI)) for one in penalties(dossier.law, VI)],
        "no_penalty": "Các tệp luật của hệ thống không nêu mức phạt cho phát hiện này.",
        "rights_before": _RIGHTS,
        "answers": list(doubts.answers(dossier, VI)),
        "rights_after": _WHERE,
        "check": f"{_CHECK} Nội dung phát hiện: {record.content}. Lần tính {record.run} lúc "
        f"{VI.when(record.run_made_at)}, bộ quy định {record.law_version}, phương pháp {record.method}, "
        f"chương trình {record.code_version}, dữ liệu đến mốc {record.watermark}.",
        "footer": f"Phát hiện {record.id} · bộ quy định {dossier.law_version} · {dossier.code_version}",
    }


def figures_used(dossier: Dossier) -> Iterator[tuple[LawUse, dict[str, Any], bool]]:
    """The figures that a finding states, each with its row of the excerpt, and whether it is the method's own."""
    for one in dossier.law["stated"]:
        use = LawUse(
            one["parameter"], one["value"], one["unit"], one["in_force_from"], one["citation"], one["verified"]
        )
        yield use, one, wording.is_method(use)


def _law(dossier: Dossier) -> list[tuple[str, str, str, str]]:
    rows = []
    for use, one, own in figures_used(dossier):
        name = (
            METHOD_NAMES.get(use.parameter.removeprefix("method."), use.parameter)
            if own
            else one["title"] or use.parameter
        )
        basis = _CHOSEN if own else one["citation_vi"] + ("" if use.verified else f" ({VI.penalties.not_verified})")
        until = f", trước {day(one['in_force_to'])}" if one["in_force_to"] else ""
        force = "" if own else f"từ {day(use.in_force_from)}{until}"
        rows.append((name, _value(use), basis, force))
    if len(rows) > LINES_MAX:
        rows = [*rows[: LINES_MAX - 1], ("Các trị số khác", "", "xem tệp law.json", "")]
    return rows


def _value(use: LawUse) -> str:
    """A figure as printed; what is longer than a cell stands in law.json."""
    if isinstance(use.value, bool) or not isinstance(use.value, int | float | str):
        return "xem law.json"
    shown = f"{use.value:g}".replace(".", ",") if isinstance(use.value, int | float) else use.value
    shown = {"own card, one vehicle at a time": "thẻ của mình, mỗi lúc một xe"}.get(shown, shown)
    return f"{shown} {wording.unit(use.unit)}".strip()


def day(text: str) -> str:
    return "/".join(reversed(text.split("-")))


def _pictures(dossier: Dossier, drawn: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """The drawings of the first page and of the second, with their heights."""
    first = (
        next(name for name in ("driving.svg", "weighing.svg", "map.svg", "speed.svg") if name in drawn) if drawn else ""
    )
    # A week of speeds is a blot at this size: the file has it.
    second = [
        name for name in _SECOND if name in drawn and name != first and not (dossier.pieces and name == "speed.svg")
    ]
    height_mm = _FIRST.get(first, _SECOND["speed.svg"]) - _ROW_MM * max(len(roads.rows(dossier, VI.roads)) - 1, 0)
    return {
        "first": [_picture(drawn[first], height_mm)] if first else [],
        "second": [_picture(drawn[name], _SECOND[name]) for name in second],
    }


def _picture(svg: str, height_mm: int) -> dict[str, Any]:
    return {"svg": shown(svg), "mm": height_mm, "alt": _alt(svg)}


def _alt(svg: str) -> str:
    return svg[svg.index("<title>") + len("<title>") : svg.index("</title>")]
