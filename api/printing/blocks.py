"""What an official paper is made of: blocks as plain data, in the words of document.typ. All text is shown as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from journey.localtime import ZONE

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
Block = dict[str, Any]
_TEXT, _SMALL, _TITLE = 11.5, 9.5, 13.5  # points
_CELL = 8.5
_NUMBER = "Số: ...................."


class Cell(NamedTuple):
    """A cell of a table's head, over several columns or rows."""

    text: str
    across: int = 1
    down: int = 1


class Width(NamedTuple):
    """A column: in mm, or (fr) a share of what the others leave; side: left, center or right."""

    width: float
    side: str = "left"
    fr: bool = False


def heading(authority: str, place: str, made_at: int | None, number: str = _NUMBER) -> Block:
    """The head of a paper. made_at: s UTC; None: the date is left open, as in a draft."""
    return {
        "kind": "heading", "authority": authority.splitlines() or [""], "nation": NATION,
        "motto": MOTTO, "number": number, "place_date": place_date(place, made_at),
    }  # fmt: skip


def place_date(place: str, made_at: int | None) -> str:
    """Lạng Sơn, ngày 05 tháng 3 năm 2026: zeros before days below 10 and the months 1 and 2 only (Decree 30/2020)."""
    if made_at is None:
        day = "ngày ..... tháng ..... năm ........"
    else:
        made = datetime.fromtimestamp(made_at, ZONE)
        day = f"ngày {made:%d} tháng {made.month if made.month > 2 else format(made, '%m')} năm {made.year}"
    return f"{place}, {day}" if place else day.capitalize()


def title(text: str, lines: Iterable[str] = (), size: float = _TITLE) -> Block:
    return {"kind": "title", "text": text, "lines": list(lines), "size": size}


def part(text: str, under: str = "") -> Block:
    """A heading that stays with what follows."""
    return {"kind": "part", "text": text, "under": under}


def warning(text: str) -> Block:
    return {"kind": "warning", "text": text}


def text(said: str, indent: bool = False, size: float = _TEXT) -> Block:
    return {"kind": "text", "text": said, "indent": indent, "size": size}


def bullets(items: Iterable[str], size: float = _SMALL) -> Block:
    return {"kind": "list", "items": list(items), "size": size}


def table(
    widths: Sequence[Width],
    heads: Sequence[Sequence[Cell]],
    rows: Iterable[Sequence[str]],
    sums: Iterable[Sequence[str]] = (),
    size: float = _CELL,
) -> Block:
    """A table whose head stands on every page; `rows` may be read from as they are set."""
    return {
        "kind": "table", "size": size, "widths": [{"width": one.width, "fr": one.fr} for one in widths],
        "sides": [one.side for one in widths], "heads": [[one._asdict() for one in row] for row in heads],
        "rows": rows, "sums": [list(row) for row in sums],
    }  # fmt: skip


def page_break() -> Block:
    return {"kind": "break"}


def signature(recipients: Sequence[str], office: Sequence[str], name: str = "") -> Block:
    """Who gets it, and where the office signs."""
    return {"kind": "signature", "recipients": list(recipients), "office": list(office),
            "how": "(Ký, ghi rõ họ tên và đóng dấu)", "name": name}  # fmt: skip


def end() -> Block:
    """The last line of a paper: how many pages it has."""
    return {"kind": "end", "before": "Hết. Tài liệu gồm ", "after": " trang."}
