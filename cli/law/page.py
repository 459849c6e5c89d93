"""The rulebook as a page: every parameter with its regimes side by side, every figure with its source."""

from __future__ import annotations

from itertools import groupby

from cli.law.text import items
from rules.law import Dated, Law
from rules.lawfile import NOT_KNOWN

_SUBJECTS = {
    "driving_time": ("Thời gian lái xe", "Driving time"),
    "licence": ("Giấy phép kinh doanh vận tải", "Operator's business licence"),
    "mass": ("Tải trọng trục và tổng trọng lượng", "Axle load and gross mass"),
    "overload": ("Mức quá tải", "Overload"),
    "penalties_driving": ("Xử phạt về thời gian lái xe", "Penalties: driving time"),
    "penalties_general": ("Quy định chung về xử phạt", "Penalties: general rules"),
    "penalties_operator": ("Xử phạt đơn vị kinh doanh vận tải", "Penalties: duties of the transport business"),
    "penalties_overload": ("Xử phạt quá tải", "Penalties: overload"),
    "penalties_recorder": ("Xử phạt về thiết bị giám sát hành trình và thẻ", "Penalties: recorder and card"),
    "penalties_speed": ("Xử phạt về tốc độ", "Penalties: speeding"),
    "points": ("Điểm giấy phép lái xe", "Points of the driving licence"),
    "recorder": ("Thiết bị giám sát hành trình", "Journey recorder"),
    "reports": ("Báo cáo và công bố", "Reports and publication"),
    "retention": ("Thời gian lưu trữ dữ liệu", "Retention of data"),
    "rollups": ("Tổng hợp theo tháng", "Counts of a month"),
    "speed": ("Tốc độ", "Speed"),
    "vehicle_badge": ("Phù hiệu", "Badge of the vehicle"),
}
_HEAD = """\
# Luật áp dụng · The law applied

Made by `hanhtrinh law page` from `rules/law/`; a test keeps the two equal. Change the law files, not this page.

Mỗi trị số có ngày bắt đầu áp dụng và căn cứ pháp lý; mỗi cột là một thời kỳ. Hành vi vi phạm được xét theo văn bản có
hiệu lực tại thời điểm vi phạm. **Chưa kiểm chứng**: chưa được đọc trong chính văn bản. **Không rõ**: chưa tìm thấy.

Every figure has the day from which it is in force and its source; each column is one regime, in force until the next.
An offence is judged by the law in force when it is complete. **Not verified**: not read in the text of the law itself.
**Not known**: not found; nothing is assumed for it. A dash: the law files state nothing for it in that regime, because
it was not found or because the law divides the matter otherwise there.

Fines: of a person / of an organisation. What is printed as a penalty is what the law takes for the act; the fine itself
needs a record of enforcement.
"""


def page(law: Law) -> str:
    """The whole page, in Markdown."""
    parts = [_HEAD]
    for stem, paths in groupby(sorted(law.parameters), key=lambda path: path.split(".")[0]):
        vietnamese, english = _SUBJECTS.get(stem, (stem, stem))
        parts.append(f"## {vietnamese} · {english}\n")
        parts += [_parameter(path, law) for path in paths]
    doubtful = [dated for path in sorted(law.parameters) for dated in law.parameters[path] if not dated.verified]
    parts.append("## Chưa kiểm chứng · Not verified\n")
    parts.append("\n".join(_doubt(dated) for dated in doubtful) + "\n")
    parts.append(_method(law))
    return "\n".join(parts)


def _parameter(path: str, law: Law) -> str:
    about, values = law.about[path], law.parameters[path]
    columns = [{item.label: item for item in items(dated, law)} for dated in values]
    labels = dict.fromkeys(label for column in columns for label in column if label)
    lines = [
        f"### {about.title_vi or path} · `{path}`\n",
        f"{about.description}. Đã rà soát ngày · last checked {about.last_checked}.\n",
        _row("", *(f"từ · from {dated.effective_from}" for dated in values)),
        _row(*["---"] * (len(values) + 1)),
    ]
    for label in labels or {"": None}:
        cells = [column.get(label) or column.get("") for column in columns]
        said = [_cell(item.figure, item.source, dated) if item else "-"
                for item, dated in zip(cells, values, strict=True)]  # fmt: skip
        lines.append(_row(label, *said))
    lines.append(_row("căn cứ · source", *(dated.citation for dated in values)))
    if not all(dated.verified for dated in values):
        lines.append(_row("", *("" if dated.verified else "**chưa kiểm chứng · not verified**" for dated in values)))
    return "\n".join(lines) + "\n"


def _cell(figure: str, source: str, dated: Dated) -> str:
    figure = figure.replace(NOT_KNOWN, "không rõ · not known")
    clause = source.removeprefix(dated.citation).removeprefix(", ")
    return "; ".join(part for part in (figure, clause) if part)


def _doubt(dated: Dated) -> str:
    unknown = ": không rõ · not known" if dated.value is None else ""
    return f"- `{dated.path}` từ · from {dated.effective_from}{unknown} ({dated.citation})"


def _method(law: Law) -> str:
    """What is no law: the figures of the method, each with its reason."""
    lines = [f"## Phương pháp · Method (`{law.method_name}`)\n", f"{law.method_title}.\n",
             _row("", "trị số · value", "lý do · rationale"), _row("---", "---", "---")]  # fmt: skip
    for name, dated in sorted(law.method.items()):
        unit = "" if dated.unit == "none" else f" {dated.unit}"
        lines.append(_row(f"`{name}`", f"{dated.printed}{unit}", dated.citation.partition(": ")[2]))
    return "\n".join(lines) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
