"""The summary of a finding in English, beside the Vietnamese one, which prevails: the same sections and figures."""

from __future__ import annotations

from typing import Any

from api.drawings import words as drawn_words
from api.evidence import doubts, roads, statements
from api.evidence.dossier import Dossier
from api.evidence.penalties import basis, penalties
from api.evidence.pictures import pictures
from api.evidence.summary import LINES_MAX, TEMPLATE, dated, day, figures_used, typeset
from api.evidence.words_en import EN, rule, unit
from api.exports import wording
from journey.model import LawUse

# What the template says by itself. Each stands in it once.
LABELS = {
    'lang: "vi"': 'lang: "en"',
    "[Trang #counter": "[Page #counter",
    "BẢN TÓM TẮT CHỨNG CỨ": "SUMMARY OF EVIDENCE",
    "Mã phát hiện:": "Finding:",
    "= 1. Nội dung": "= 1. What is found",
    "= 2. Ghi nhận được": "= 2. What was recorded",
    '"Đường", "Giới hạn", "Căn cứ, nguồn dữ liệu", "Dữ liệu có hiệu lực", "Bản ghi"': (
        '"Road", "Limit", "Basis, source", "Data in force", "Records"'
    ),
    "= 3. Điều chưa biết và chất lượng dữ liệu": "= 3. What is not known, and quality of the data",
    "= 4. Căn cứ pháp lý": "= 4. Legal basis",
    '"Quy định", "Trị số dùng", "Căn cứ", "Hiệu lực"': '"Figure", "Value used", "Basis", "In force"',
    "= 5. Mức xử phạt mà điều luật nêu": "= 5. Penalties that the articles state",
    '"Đối tượng", "Mức", "Căn cứ"': '"Who", "What", "Basis"',
    "= 5. Mức xử phạt\n": "= 5. Penalties\n",
    "= 6. Quyền của người lái xe và đơn vị vận tải": "= 6. Rights of the driver and the operator",
    "= 7. Kiểm tra gói chứng cứ": "= 7. Checking this package",
}
_CHOSEN = "Method of this system (no law)"
_STATUS = (
    "The finding stands in the system. Derived anew from the stored records: equal in every field. It is a sign of a "
    "violation recorded by data, no record of a violation and no decision."
)
_PREVAILS = "Translation of summary.pdf in this package; the Vietnamese text prevails."


def summary_en(dossier: Dossier) -> bytes:
    """The PDF. Equal dossiers give equal bytes."""
    return typeset(_template(), _data(dossier), dossier, pictures(dossier, drawn_words.EN))


def _template() -> bytes:
    text = TEMPLATE.decode()
    for vietnamese, said in LABELS.items():
        text = text.replace(vietnamese, said)
    return text.encode()


def _data(dossier: Dossier) -> dict[str, Any]:
    record, finding = dossier.record, dossier.finding
    warnings = statements.warnings(dossier, EN)
    made = None if dossier.made_at is None else f"Made at {EN.when(dossier.made_at)}"
    return {
        "date": dated(dossier),
        "authority": dossier.authority.splitlines(),
        "nation": wording.NATION,
        "motto": wording.MOTTO,
        "made": made,
        "title": f"{rule(finding.rule)} – vehicle {finding.vehicle}",
        "id": record.id,
        "warnings": [*warnings, _PREVAILS] if warnings else [],
        "status": f"{_STATUS} {_PREVAILS}",
        "facts": list(statements.facts(dossier, EN)),
        "recorded": [*statements.recorded(dossier, EN), *roads.averages(dossier, EN.roads)],
        "roads": [(one.road, one.limit, one.basis, one.holds, one.fixes) for one in roads.rows(dossier, EN.roads)],
        "unknown": list(doubts.unknown(dossier, EN)),
        "law": _law(dossier),
        "method": f"Method of counting: {dossier.method}. All its figures, also those not named here, are in law.json.",
        "penalties": [(one.subject, one.taken, basis(one, EN)) for one in penalties(dossier.law, EN)],
        "no_penalty": "The law files of this system state no penalty for this finding.",
        "rights_before": (
            "Driver and operator may explain, bring documents and ask to see the whole of this package. What may be "
            "brought forward, among other things:"
        ),
        "answers": list(doubts.answers(dossier, EN)),
        "rights_after": (
            "To be sent to the authority named at the top. Terms and procedure are those of the notice that comes "
            "with it and of the law on administrative violations."
        ),
        "check": "Run: python -I verify.py (Python 3.8 or newer and nothing else). It compares the SHA-256 of each "
        "file with manifest.json, makes the sums anew from the records and says what it cannot check. Content of the "
        f"finding: {record.content}. Run {record.run} at {EN.when(record.run_made_at)}, rulebook "
        f"{record.law_version}, method {record.method}, program {record.code_version}, data up to mark "
        f"{record.watermark}.",
        "footer": f"Finding {record.id} · rulebook {dossier.law_version} · {dossier.code_version}",
    }


def _law(dossier: Dossier) -> list[tuple[str, str, str, str]]:
    rows = []
    for use, one, own in figures_used(dossier):
        until = f", before {day(one['in_force_to'])}" if one["in_force_to"] else ""
        name = use.parameter.removeprefix("method.").rpartition(".")[2].replace("_", " ")
        rows.append(
            (name, _value(use), _CHOSEN if own else _basis(one), "" if own else f"from {day(use.in_force_from)}{until}")
        )
    if len(rows) > LINES_MAX:
        rows = [*rows[: LINES_MAX - 1], ("Other figures", "", "see law.json", "")]
    return rows


def _value(use: LawUse) -> str:
    if isinstance(use.value, bool) or not isinstance(use.value, int | float | str):
        return "see law.json"
    shown = f"{use.value:g}" if isinstance(use.value, int | float) else use.value
    return f"{shown} {unit(use.unit)}".strip()


def _basis(one: dict[str, Any]) -> str:
    return str(one["citation"]) + ("" if one["verified"] else f" ({EN.penalties.not_verified})")
