"""Month-to-date counters as printed: first the law's numbers, then who has come how far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from api.exports import wording
from api.exports.counters import MonthCounters, Threshold, VehicleCount
from api.exports.publication import moment_words
from api.printing import figures
from api.printing.blocks import Block, Cell, Width, part, table, text
from rules.law import Dated

_MM_PER_KM = 1_000_000
_WIDTHS = (Width(10, "center"), Width(24), Width(2, fr=True), Width(26, "right"), Width(26, "right"),
           Width(26, "right"), Width(26, "right"), Width(2, fr=True))  # fmt: skip
_HEADS = ((Cell("STT"), Cell("Biển số xe"), Cell("Đơn vị vận tải"), Cell("Số lần quá tốc độ được tính"),
           Cell("Quãng đường (km)"), Cell("Số lần trên 1.000 km"), Cell("Số lần cân quá tải được tính"),
           Cell("So với mức của pháp luật")),)  # fmt: skip


def counter_blocks(counters: Iterable[MonthCounters], names: Mapping[str, str]) -> Iterator[Block]:
    """Blocks of each month. Args: names: of operators, by id."""
    for one in counters:
        whole = "cả tháng" if one.whole else f"đến {moment_words(one.until)}"
        yield part(f"Tháng {one.month:%m/%Y}, {whole}")
        yield from (text(said, size=9) for said in thresholds(one))
        if not one.vehicles:
            yield text("Không có lần vi phạm nào được tính.", size=9)
            continue
        yield table(_WIDTHS, _HEADS, (_row(number, count, one, names) for number, count in enumerate(one.vehicles, 1)),
                    size=8)  # fmt: skip
        if one.operators:
            yield part("Đơn vị có phương tiện đạt mức xem xét thu hồi phù hiệu")
            yield _operators(one, names)


def _row(number: int, count: VehicleCount, of: MonthCounters, names: Mapping[str, str]) -> list[str]:
    return [
        str(number),
        count.plate,
        names.get(count.operator, count.operator) if count.operator else wording.UNREGISTERED,
        figures.whole(count.breaches),
        figures.decimal(count.driven_mm / _MM_PER_KM),
        figures.decimal(rate(count), 2),
        figures.whole(count.weighings),
        reached(count, of),
    ]


def rate(count: VehicleCount) -> Fraction | None:
    """Breaches per 1000 km; None where nothing was driven."""
    return Fraction(count.breaches * 1000 * _MM_PER_KM, count.driven_mm) if count.driven_mm else None


def reached(count: VehicleCount, of: MonthCounters) -> str:
    """Which number of the law is reached; a star where that leans on a figure that was not verified."""
    grounds = (
        ("tốc độ", count.reached_speeding, of.speeding),
        ("tải trọng", count.reached_overload, of.overload),
    )
    said = [f"{name}{'' if used.verified else ' *'}" for name, over, used in grounds if over]
    return f"Đã đạt: {', '.join(said)}" if said else "Chưa đạt"


def _operators(one: MonthCounters, names: Mapping[str, str]) -> Block:
    widths = (Width(10, "center"), Width(2, fr=True), Width(30, "right"), Width(30, "right"), Width(26, "right"),
              Width(1, fr=True))  # fmt: skip
    heads = [[Cell("STT"), Cell("Đơn vị vận tải"), Cell("Số xe của đơn vị"), Cell("Số xe đã đạt mức"), Cell("Tỷ lệ"),
              Cell("So với mức của pháp luật")]]  # fmt: skip
    star = "" if one.share.verified else " *"
    rows = (
        [
            str(number),
            names.get(count.operator, count.operator),
            figures.whole(count.vehicles),
            figures.whole(count.reached),
            figures.percent(Fraction(count.reached, count.vehicles)),
            f"Đã đạt{star}" if count.review else "Chưa đạt",
        ]
        for number, count in enumerate(one.operators, 1)
    )
    return table(widths, heads, rows, size=8)


def thresholds(one: MonthCounters) -> Iterator[str]:
    """What the counts are compared with, each with its citation; a star marks what was not verified."""
    if one.speeding.figures:
        least, distance, over = one.speeding.figures
        km = figures.whole(int(distance.value) // _MM_PER_KM)
        yield (
            f"Thu hồi phù hiệu do tốc độ: từ {least.printed} lần vi phạm trên {km} km trong một tháng, "
            f"không tính lần vượt đến {over.printed} km/h ({_cited(one.speeding)}). Phương pháp: chỉ xét khi có từ "
            f"{one.breaches_least} lần trở lên."
        )
    else:
        yield "Thu hồi phù hiệu do tốc độ: không có trị số có hiệu lực từ đầu tháng; không so sánh."
    if one.overload.figures:
        least, over = one.overload.figures
        yield (
            f"Thu hồi phù hiệu do tải trọng: từ {least.printed} lần cân trong một tháng vượt trên {over.printed}% tại "
            f"trạm tự động một cấp, không có giấy phép lưu hành ({_cited(one.overload)})."
        )
    else:
        yield "Thu hồi phù hiệu do tải trọng: không có trị số có hiệu lực từ đầu tháng; không so sánh."
    if one.share.figures:
        yield (
            f"Xem xét giấy phép kinh doanh: từ {one.share.figures[0].printed}% số xe của đơn vị trong một tháng "
            f"({_cited(one.share)})."
        )
    else:
        yield "Xem xét giấy phép kinh doanh: không có trị số có hiệu lực từ đầu tháng; không so sánh."


def _cited(used: Threshold) -> str:
    return "; ".join(dict.fromkeys(_source(one) for one in used.figures))


def _source(one: Dated) -> str:
    return wording.citation(one.citation) + ("" if one.verified else f" * {wording.UNVERIFIED.lower()}")
