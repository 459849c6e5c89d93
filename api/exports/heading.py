"""The administrative heading of a sheet that is a document: motto, authority, number, place and date, title."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.exports import wording
from api.exports.publication import moment
from api.exports.sheet import Book, merge


def add_heading(
    book: Book,
    sheet: Any,
    last: int,
    *,
    authority: str,
    place: str,
    made_at: int,
    title: str,
    lines: Sequence[str],
    warnings: Sequence[str] = (),
) -> int:
    """The heading over the columns 0 to `last`, with `lines` below the title. Returns the row after it."""
    *above, issuing = authority.upper().splitlines() or [""]
    left, right = (0, min(4, last - 4)), (max(last - 8, min(4, last - 4) + 1), last)
    merge(book, sheet, 0, left, "\n".join(above) or issuing, "centre" if above else "strong")
    merge(book, sheet, 0, right, wording.NATION, "strong")
    merge(book, sheet, 1, left, issuing if above else "", "strong")
    merge(book, sheet, 1, right, wording.MOTTO, "motto")
    made = moment(made_at)
    # Official papers (Decree 30/2020/ND-CP) write a zero before days below 10 and before the months 1 and 2 only.
    day = f"ngày {made:%d} tháng {made.month if made.month > 2 else format(made, '%m')} năm {made.year}"
    merge(book, sheet, 2, left, "Số: ....................", "centre")
    merge(book, sheet, 2, right, f"{place}, {day}" if place else day.capitalize(), "place")
    merge(book, sheet, 3, (0, last), title, "title")
    heights = [18 * max(len(above), 1), 18, 18, 44]
    for line in lines:
        merge(book, sheet, len(heights), (0, last), line, "centre")
        heights.append(18 if len(heights) == 4 else 20)
    for warning in warnings:
        merge(book, sheet, len(heights), (0, last), warning, "strong")
        heights.append(34)
    for row, height in enumerate(heights):
        sheet.set_row(row, height)
    return len(heights)
