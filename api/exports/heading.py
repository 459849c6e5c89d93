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
    heights = [18 * max(len(above), 1), 18, 18, 44]
    heights += [18] * bool(lines) + [20] * (len(lines) - 1) + [34] * len(warnings)
    # Before the rows are written: a book whose rows go out of memory cannot change them afterwards.
    for row, height in enumerate(heights):
        sheet.set_row(row, height)
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
    row = 4
    for line in lines:
        merge(book, sheet, row, (0, last), line, "centre")
        row += 1
    for warning in warnings:
        merge(book, sheet, row, (0, last), warning, "strong")
        row += 1
    return row
