"""An amendment of a published list as an official paper: cover, counts by operator, each change, notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from api.exports import wording
from api.exports.amendment import (
    CHANGES,
    TITLE,
    AmendedEntry,
    Amendment,
    Change,
    amends,
    counted,
    difference,
    period,
    reason,
)
from api.exports.amendment_notes import noted
from api.exports.finding_rows import ID_LETTERS, measures
from api.exports.publication import warnings
from api.exports.weekly_paper import OFFICE
from api.printing import figures
from api.printing.blocks import Block, Cell, Width, end, heading, part, signature, table, text, title, warning
from api.printing.typeset import Paper, Part
from journey.model import Finding

_RECIPIENTS = ("Các đơn vị vận tải có tên trong bản sửa đổi;", "Các nơi đã nhận danh sách;", "Lưu: VT.")
_USE = (
    "Bản sửa đổi chỉ nêu những phát hiện khác với danh sách sau lần sửa đổi trước; những phát hiện không nêu ở đây giữ "
    "nguyên như đã công bố."
)
_WIDTHS = (
    Width(9, "center"), Width(19), Width(19), Width(23), Width(1.6, fr=True), Width(16.5, "center"),
    Width(14, "right"), Width(14, "right"), Width(14, "right"), Width(14, "right"), Width(14, "right"),
    Width(14, "right"), Width(12, "center"), Width(1.4, fr=True), Width(2.4, fr=True), Width(20),
)  # fmt: skip
_THREE = ("trị số đo", "giới hạn", "vượt")
_HEADS = (
    (
        Cell("STT", 1, 2), Cell("Thay đổi", 1, 2), Cell("Biển số xe", 1, 2), Cell("Số giấy phép lái xe", 1, 2),
        Cell("Hành vi, mức", 1, 2), Cell("Hoàn thành", 1, 2), Cell("Đã công bố", 3), Cell("Nay là", 3),
        Cell("Đơn vị tính", 1, 2), Cell("Lý do", 1, 2), Cell("Nội dung", 1, 2), Cell("Mã phát hiện", 1, 2),
    ),
    tuple(Cell(name) for name in (*_THREE, *_THREE)),
)  # fmt: skip


def amendment_paper(amendment: Amendment) -> Paper:
    number = f"Bản sửa đổi số {amendment.publication.number}"
    return Paper(
        title=f"{number} – tuần {amendment.week}",
        author=amendment.authority.splitlines()[-1] if amendment.authority else "",
        running=f"{number} · {amendment.week} · bộ quy tắc {amendment.law_version} · {amendment.code_version}",
        made_at=amendment.made_at,
        parts=(Part(list(_cover(amendment, number))), Part(_changes(amendment), flipped=True)),
    )


def _cover(amendment: Amendment, number: str) -> Iterator[Block]:
    yield heading(amendment.authority, amendment.place, amendment.made_at)
    yield title(TITLE, (f"{number}. {period(amendment)}",))
    yield from (warning(one) for one in warnings(amendment.publication))
    yield text(amends(amendment), indent=True)
    yield text(counted(amendment), indent=True)
    yield text(_USE, indent=True)
    by_operator: dict[tuple[str | None, str], Counter[Change]] = {}
    for entry in amendment.entries:
        owner = amendment.owner(entry.said)
        by_operator.setdefault((owner.id, owner.name), Counter())[entry.change] += 1
    rows = [
        [str(number), name, *(figures.whole(count[change]) for change in Change), figures.whole(count.total())]
        for number, ((_, name), count) in enumerate(by_operator.items(), 1)
    ]
    sums = ["", "TỔNG CỘNG", *(figures.whole(amendment.count(change)) for change in Change),
            figures.whole(len(amendment.entries))]  # fmt: skip
    widths = (Width(10, "center"), Width(1, fr=True), *(Width(20, "right") for _ in (*Change, "all")))
    heads = [[Cell("STT"), Cell("Đơn vị vận tải"), *(Cell(CHANGES[change]) for change in Change), Cell("Tổng số")]]
    yield table(widths, heads, rows, [sums], size=9.5)
    yield signature(_RECIPIENTS, OFFICE)


def _changes(amendment: Amendment) -> Iterator[Block]:
    yield title("Phụ lục I", ("Nội dung sửa đổi theo đơn vị vận tải",))
    groups: dict[tuple[str | None, str], list[list[str]]] = {}
    for number, entry in enumerate(amendment.entries, 1):
        owner = amendment.owner(entry.said)
        groups.setdefault((owner.id, owner.name), []).append(_row(number, amendment, entry))
    for (_, name), rows in groups.items():
        yield part(name, f"Số thay đổi: {len(rows)}.")
        yield table(_WIDTHS, _HEADS, rows, size=8)
    yield title("Phụ lục II", ("Ghi chú",))
    yield table((Width(55), Width(1, fr=True)), (), noted(amendment))
    yield end()


def _row(number: int, amendment: Amendment, entry: AmendedEntry) -> list[str]:
    finding = entry.said
    band = wording.band(finding)
    return [
        str(number),
        CHANGES[entry.change],
        finding.vehicle,
        finding.driver or figures.DASH,
        wording.rule(finding.rule) + (f"; {band}" if band else "") + _star(finding),
        figures.day_and_time(finding.at),
        *_three(entry.before),
        *_three(entry.now),
        measures(finding)[-1],
        reason(entry),
        _content(amendment, entry),
        entry.id[:ID_LETTERS],
    ]


def _star(finding: Finding) -> str:
    return " *" if wording.leans_on_unverified(finding) else ""


def _three(finding: Finding | None) -> list[str]:
    """Measure, limit and excess; dashes where nothing is or was stated."""
    return [figures.DASH] * 3 if finding is None else list(measures(finding)[:3])


def _content(amendment: Amendment, entry: AmendedEntry) -> str:
    before, now = entry.before, entry.now
    if before is not None and now is not None:
        return difference(entry, amendment.owner(before).name, amendment.owner(now).name)
    return f"{wording.remark(entry.said)}; căn cứ: {wording.basis(entry.said.law)}".removeprefix("; ")
