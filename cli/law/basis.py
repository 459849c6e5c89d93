"""The legal basis as a page: each rule, the figures of law it rests on, its penalties, and what nobody has read."""

from __future__ import annotations

from api.exports import wording
from rules.checks import all_rules
from rules.consequences import penalties_of
from rules.law import Dated, Law

_HEAD = """\
# Cơ sở pháp lý · Legal basis

Made by `hanhtrinh law page --basis` from the rules and `rules/law/`; a test keeps the two equal. Every figure with all
its regimes: [law.md](law.md). What this project chose where the law gives no formula (method): at the end there.

Mỗi kết quả nêu đúng các trị số dưới đây, theo văn bản có hiệu lực tại thời điểm vi phạm. **Chưa kiểm chứng**: người lập
chưa đọc được chính văn bản; trước khi xử lý phải đối chiếu. **Không rõ**: không tìm thấy, và không suy đoán.

A finding states the figures below as they are in force when the act is complete. **Not verified**: not read in the
law's own text; compare before acting on it. **Not known**: not found, nothing is assumed, and no finding rests on it.
"""


def basis(law: Law) -> str:
    """The whole page, in Markdown."""
    parts = [_HEAD]
    for rule in all_rules():
        names = [name for name in wording.RULES if name == rule.id or name.startswith(f"{rule.id}_")] or [rule.id]
        parts.append(f"## {'; '.join(wording.RULES.get(name, name) for name in names)} · `{'`, `'.join(names)}`\n")
        figures = [path for path in rule.uses if path in law.parameters]
        chosen = [path.removeprefix("method.") for path in rule.uses if path.startswith("method.")]
        parts.append(_table(figures, law) if figures else "Không có trị số của pháp luật · no figure of law.\n")
        if chosen:
            parts.append(f"Phương pháp · method: {', '.join(f'`{one}`' for one in sorted(chosen))}.\n")
        penalties = dict.fromkeys(path for name in names if (path := penalties_of(name)) is not None)
        parts.append("Xử phạt · penalties:\n\n" + _table(list(penalties), law) if penalties else
                     "Xử phạt · penalties: không có trong tệp luật · the law files state none.\n")  # fmt: skip
    doubtful = sum(not dated.verified for values in law.parameters.values() for dated in values)
    every = sum(map(len, law.parameters.values()))
    said = f"{every - doubtful} of {every} dated values were read in the law's own text; {doubtful} were not"
    parts.append(f"## Tình trạng · How far it was checked\n\n{said}: [the list](law.md).\n")
    return "\n".join(parts)


def _table(paths: list[str], law: Law) -> str:
    lines = ["| trị số · figure | từ · from | căn cứ · source | |", "| --- | --- | --- | --- |"]
    for path in sorted(paths):
        title = law.about[path].title_vi or path
        for place, dated in enumerate(law.parameters[path]):
            name = f"{title} (`{path}`)" if place == 0 else ""
            lines.append(f"| {name} | {dated.effective_from} | {dated.citation.replace('|', '/')} | {_doubt(dated)} |")
    return "\n".join(lines) + "\n"


def _doubt(dated: Dated) -> str:
    if dated.value is None:
        return "**không rõ · not known**"
    return "" if dated.verified else "**chưa kiểm chứng · not verified**"
