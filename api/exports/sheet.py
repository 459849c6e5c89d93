"""Typed tables in a workbook: what a cell may hold, how it looks, and how a page prints.

Every text is written as a string, never as a formula or a link, whatever sign it begins with; such a text also gets
the quote prefix, so that editing the cell does not turn it into a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from io import BytesIO
from textwrap import wrap
from typing import Any, NamedTuple

import xlsxwriter

_A4 = 9
# Points: one line of text, and the highest row that the format knows.
_LINE, _HIGHEST = 14.25, 409.5
_FONT = {"font_name": "Times New Roman", "font_size": 11}
_CELL = _FONT | {"border": 1, "valign": "top"}
_RIGHT = _CELL | {"align": "right"}
_BAND = {"bold": True, "bg_color": "#E7EDF5"}
STYLES: dict[str, dict[str, Any]] = {
    "plain": _FONT | {"text_wrap": True, "valign": "top"},
    "bold": _FONT | {"bold": True, "text_wrap": True, "valign": "top"},
    "centre": _FONT | {"align": "center", "text_wrap": True, "valign": "vcenter"},
    "strong": _FONT | {"align": "center", "text_wrap": True, "valign": "vcenter", "bold": True},
    "motto": _FONT | {"align": "center", "valign": "vcenter", "bold": True, "underline": 1},
    "place": _FONT | {"align": "center", "italic": True},
    "title": _FONT | {"align": "center", "text_wrap": True, "valign": "vcenter", "bold": True, "font_size": 14},
    "head": _CELL | _BAND | {"align": "center", "valign": "vcenter", "text_wrap": True},
    "text": _CELL | {"text_wrap": True, "align": "left", "indent": 1},
    "code": _CELL | {"text_wrap": True, "font_name": "Courier New", "font_size": 8},
    "middle": _CELL | {"align": "center", "text_wrap": True},
    "whole": _RIGHT | {"num_format": "#,##0"},
    "signed": _RIGHT | {"num_format": "+#,##0;-#,##0;0"},
    "tenth": _RIGHT | {"num_format": "#,##0.0"},
    "cent": _RIGHT | {"num_format": "#,##0.00"},
    "general": _RIGHT | {"text_wrap": True},
    "percent": _RIGHT | {"num_format": "0.0%"},
    "span": _RIGHT | {"num_format": "[h]:mm:ss"},
    "day": _CELL | {"num_format": "dd/mm/yyyy", "align": "center"},
    "moment": _CELL | {"num_format": "dd/mm/yyyy hh:mm:ss", "align": "center"},
}
_SUMMED = ("text", "middle", "whole", "signed", "tenth", "cent", "percent", "span")
STYLES |= {f"{name} sum": STYLES[name] | _BAND for name in _SUMMED}
# Unit of a finding: styles of its measure and limit, and of its excess.
MEASURES = {"km/h": ("tenth", "tenth"), "kg": ("whole", "cent")}
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")

type Value = str | int | float | datetime | date | None


@lru_cache(maxsize=4096)
def _lines(text: str, width: float) -> int:
    """Lines that a text takes in a column, on the safe side: a line as long as the width in digits."""
    return sum(max(1, len(wrap(part, max(1, int(width))))) for part in text.split("\n"))


class Styled(NamedTuple):
    """A value with a style of its own instead of its column's."""

    value: Value
    style: str


class Column(NamedTuple):
    """A column: heading, width in characters of the base font, style of its cells."""

    heading: str
    width: float
    style: str


@dataclass(slots=True)
class Book:
    """A workbook being written, with its formats made once."""

    buffer: BytesIO
    workbook: Any
    formats: dict[tuple[str, bool], Any]


def open_book(made_at: int, properties: dict[str, str]) -> Book:
    """An empty workbook whose bytes depend on nothing but what is written: no clock, no temporary files."""
    buffer = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
        "default_format_properties": dict(_FONT),
    }
    workbook = xlsxwriter.Workbook(buffer, options)
    workbook.set_properties(properties | {"created": datetime.fromtimestamp(made_at, UTC)})
    formats = {
        (name, quoted): workbook.add_format(style | ({"quote_prefix": True} if quoted else {}))
        for name, style in STYLES.items()
        for quoted in (False, True)
    }
    return Book(buffer, workbook, formats)


def close_book(book: Book) -> bytes:
    book.workbook.close()
    return book.buffer.getvalue()


def page(book: Book, name: str, footer: str) -> Any:
    """A sheet that prints on A4 landscape, as wide as the paper, with `footer` and the page number below."""
    sheet = book.workbook.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    escaped = footer.replace("&", "&&")
    sheet.set_footer(f"&L&9{escaped}&C&9{name}&R&9Trang &P/&N")
    return sheet


def put(book: Book, sheet: Any, row: int, column: int, value: Value, style: str) -> None:
    """Write one cell by the type of its value.

    Raises:
        ValueError: a text longer than a cell can hold; it is not cut.
    """
    form = book.formats[style, isinstance(value, str) and value.startswith(_RISKY)]
    if value is None or value == "":
        sheet.write_blank(row, column, None, form)
    elif isinstance(value, str):
        if sheet.write_string(row, column, value, form):
            raise ValueError(f"a text of {len(value)} characters does not fit into a cell: {value[:40]!r}")
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, form)
    else:
        sheet.write_number(row, column, value, form)


def put_row(
    book: Book, sheet: Any, row: int, values: Sequence[Value | Styled], columns: Sequence[Column], suffix: str = ""
) -> None:
    """Write a row, as high as its longest text: not every program fits the heights by itself."""
    lines = 1
    for number, (value, column) in enumerate(zip(values, columns, strict=True)):
        cell = value if isinstance(value, Styled) else Styled(value, column.style + suffix)
        put(book, sheet, row, number, cell.value, cell.style)
        if isinstance(cell.value, str):
            lines = max(lines, _lines(cell.value, column.width))
    sheet.set_row(row, min(_LINE * lines + 1, _HIGHEST))


def merge(book: Book, sheet: Any, row: int, columns: tuple[int, int], text: str, style: str) -> None:
    """A text over the columns first to last of one row."""
    sheet.merge_range(row, columns[0], row, columns[1], "", book.formats[style, False])
    put(book, sheet, row, columns[0], text, style)


def table(
    book: Book,
    sheet: Any,
    top: int,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value | Styled]],
    *,
    head_height: float,
    frozen_columns: int,
) -> int:
    """A table with its headings in row `top`: frozen, filtered, repeated on every page. Returns the row after it."""
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
        put(book, sheet, top, number, column.heading, "head")
    sheet.set_row(top, head_height)
    row = top + 1
    for values in rows:
        put_row(book, sheet, row, values, columns)
        row += 1
    sheet.autofilter(top, 0, max(row - 1, top), len(columns) - 1)
    sheet.freeze_panes(top + 1, frozen_columns)
    sheet.repeat_rows(top)
    return row
