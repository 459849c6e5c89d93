"""Findings and figures of law as rows of printed tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from api.exports import wording
from api.printing import figures
from api.printing.blocks import Block, Cell, Width, table, text
from journey.model import Finding, LawUse

ID_LETTERS = 12  # of an id, enough to find it by
_METHOD = "Trị số lựa chọn trong tệp phương pháp; không phải quy định của pháp luật"
WIDTHS = (
    Width(9, "center"), Width(19), Width(23), Width(1.3, fr=True), Width(22),
    Width(16.5, "center"), Width(16.5, "center"), Width(16.5, "center"),
    Width(14, "right"), Width(14, "right"), Width(14, "right"), Width(12, "center"), Width(14),
    Width(2, fr=True), Width(20),
)  # fmt: skip
HEADS = (
    tuple(
        Cell(name)
        for name in (
            "STT", "Biển số xe", "Số giấy phép lái xe", "Hành vi", "Mức vi phạm", "Bắt đầu", "Kết thúc", "Hoàn thành",
            "Trị số đo", "Giới hạn", "Vượt", "Đơn vị tính", "Căn cứ", "Ghi chú", "Mã phát hiện",
        )
    ),
)  # fmt: skip


def finding_row(number: int, finding: Finding, bases: str) -> list[str]:
    """One finding. Args: bases: where its figures of law stand. A star: one of them is not verified."""
    measured, limit, excess, unit = measures(finding)
    return [
        str(number),
        finding.vehicle,
        finding.driver or figures.DASH,
        wording.SHORT_RULES.get(finding.rule, finding.rule),
        wording.band(finding) or figures.DASH,
        figures.day_and_time(finding.start),
        figures.day_and_time(finding.end),
        figures.day_and_time(finding.at),
        measured,
        limit,
        excess,
        unit,
        bases + (" *" if wording.leans_on_unverified(finding) else ""),
        wording.remark(finding, lengths=False),
        finding.id[:ID_LETTERS],
    ]


def measures(finding: Finding) -> tuple[str, str, str, str]:
    """Measure, limit, excess and unit as printed; lengths of time in hours, minutes and seconds."""
    measured, limit, excess, unit = finding.measured, finding.limit, finding.excess, wording.unit(finding.unit)
    if finding.unit == "s":
        return figures.clock(measured), figures.clock(limit), figures.clock(excess), "giờ: phút: giây"
    if wording.is_overload(finding):
        over = f"{figures.decimal(excess, 2)}%"
        return figures.whole(int(measured)), figures.whole(int(limit)), over, unit
    return figures.decimal(measured), figures.decimal(limit), figures.decimal(excess), unit


def law_blocks(used: list[tuple[LawUse, int]]) -> Iterator[Block]:
    """Figures of law and method with how often each was used."""
    if not used:
        yield text("Không có.", size=10)
        return
    widths = (Width(10, "center"), Width(48), Width(1.6, fr=True), Width(16, "center"), Width(20, "center"),
              Width(3, fr=True), Width(25), Width(18, "right"))  # fmt: skip
    heads = [[Cell("Số"), Cell("Tham số"), Cell("Giá trị"), Cell("Đơn vị tính"), Cell("Có hiệu lực từ"),
              Cell("Căn cứ"), Cell("Kiểm chứng"), Cell("Số phát hiện sử dụng")]]  # fmt: skip
    rows = (
        [
            f"[{number}]",
            use.parameter,
            _value(use.value),
            wording.unit(use.unit),
            _day(use.in_force_from),
            _METHOD if wording.is_method(use) else wording.citation(use.citation),
            verified(use),
            figures.whole(times),
        ]
        for number, (use, times) in enumerate(used, 1)
    )
    yield table(widths, heads, rows, size=8)


def verified(use: LawUse) -> str:
    if wording.is_method(use):
        return wording.METHOD
    return wording.VERIFIED if use.verified else f"* {wording.UNVERIFIED}"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}".replace(".", ",") if isinstance(value, float) else figures.whole(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _day(said: str) -> str:
    try:
        return date.fromisoformat(said).strftime("%d/%m/%Y")
    except ValueError:
        return said
