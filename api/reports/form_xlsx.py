"""A form as a workbook: typed cells, filters, frozen heads; rows go to the file as they come, not into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

from api.exports import sheet as sheets
from api.exports.heading import add_heading
from api.exports.publication import moment
from api.exports.sheet import Book, Styled, close_book, merge, open_book, page, put, put_row
from api.printing import figures
from api.reports.form import Column, Form, Kind, Typed, Value

_SHEET_ROWS = 1_000_000  # a sheet holds 1,048,576
_LAST_MIN = 9  # columns that the heading takes, at least
_MM_PER_KM, _MINUTE_S, _DAY_S = 1_000_000, 60, 86_400
_STYLES = {Kind.WORD: "middle", Kind.KM: "tenth", Kind.MINUTES: "tenth", Kind.PLACE: "middle"}


def render(form: Form) -> bytes:
    """The workbook's bytes."""
    book = _opened(form)
    _table(book, form, "Biểu")
    _notes(book, form, form.notes)
    return close_book(book)


def render_all(forms: Sequence[Form], notes: Sequence[str]) -> bytes:
    """One workbook with a sheet for each form, named by it, and the notes that hold for all."""
    book = _opened(forms[0])
    for form in forms:
        _table(book, form, form.name)
    _notes(book, forms[0], list(dict.fromkeys((*(note for form in forms for note in form.notes), *notes))))
    return close_book(book)


def _opened(form: Form) -> Book:
    properties = {"title": form.title, "subject": "; ".join(form.lines), "comments": form.running}
    return open_book(form.made_at, properties, streamed=True)


def _table(book: Book, form: Form, name: str) -> None:
    columns = [sheets.Column(one.heading, one.width, _STYLES.get(one.kind, str(one.kind))) for one in form.columns]
    rows = iter(form.rows)
    number = 1
    while _sheet(book, form, columns, rows, name if number == 1 else f"{name} ({number})"):
        number += 1


def _sheet(
    book: Book, form: Form, columns: Sequence[sheets.Column], rows: Iterator[Sequence[Value]], name: str
) -> bool:
    """One sheet of rows; whether there are more of them than it holds."""
    sheet = page(book, name, form.running)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
    last = max(len(columns) - 1, _LAST_MIN)
    row = add_heading(book, sheet, last, authority=form.authority, place=form.place, made_at=form.made_at,
                      title=form.title, lines=form.lines, warnings=form.warnings)  # fmt: skip
    top = above = row
    if any(column.group for column in form.columns):
        _groups(book, sheet, row, form.columns)
        top = row + 1
    for place, column in enumerate(columns):
        put(book, sheet, top, place, column.heading, "head")
    sheet.set_row(top, 48)
    row = first = top + 1
    for values in rows:
        put_row(book, sheet, row, _cells(values, form.columns), columns)
        row += 1
        if row - first == _SHEET_ROWS:
            break
    more = row - first == _SHEET_ROWS
    sheet.autofilter(top, 0, max(row - 1, top), len(columns) - 1)
    sheet.freeze_panes(top + 1, 0)
    sheet.repeat_rows(above, top)
    if form.total is not None and not more and row > first:
        put_row(book, sheet, row, _summed(form, columns), columns)
    return more


def _groups(book: Book, sheet: Any, row: int, columns: Sequence[Column]) -> None:
    place = 0
    for group, some in groupby(columns, key=lambda column: column.group):
        width = len(list(some))
        if group and width > 1:
            merge(book, sheet, row, (place, place + width - 1), group, "head")
        else:
            for one in range(place, place + width):
                put(book, sheet, row, one, group or None, "head")
        place += width


def _cells(values: Sequence[Value], columns: Sequence[Column]) -> list[sheets.Value | Styled]:
    return [_cell(value, column.kind) for value, column in zip(values, columns, strict=True)]


def _summed(form: Form, columns: Sequence[sheets.Column]) -> list[sheets.Value | Styled]:
    assert form.total is not None  # noqa: S101 - asked by the caller
    cells = _cells(form.total(), form.columns)
    return [
        cell
        if isinstance(cell, Styled)
        else Styled(cell, f"{column.style} sum" if _has_sum(column.style) else "text sum")
        for cell, column in zip(cells, columns, strict=True)
    ]


def _has_sum(style: str) -> bool:
    return f"{style} sum" in sheets.STYLES


def _cell(value: Value, kind: Kind) -> sheets.Value | Styled:
    if isinstance(value, Typed):
        cell = _cell(value.value, value.kind)
        return cell if isinstance(cell, Styled) else Styled(cell, _STYLES.get(value.kind, str(value.kind)))
    if value is None:
        return Styled(figures.DASH, "middle")
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return f"{value[0]:.6f}; {value[1]:.6f}"
    if kind == Kind.MOMENT:
        return moment(int(value))
    if kind == Kind.KM:
        return float(Fraction(value) / _MM_PER_KM)
    if kind == Kind.SPAN:
        return float(value) / _DAY_S
    if kind == Kind.MINUTES:
        return float(value) / _MINUTE_S
    return int(value) if kind in (Kind.WHOLE, Kind.SIGNED) else float(value)


def _notes(book: Book, form: Form, notes: Sequence[str]) -> None:
    sheet = page(book, "Ghi chú", form.running)
    columns = (sheets.Column("", 140, "plain"),)
    sheet.set_column(0, 0, 140)
    for row, note in enumerate((form.title, *form.lines, *notes)):
        put_row(book, sheet, row, [note], columns)
