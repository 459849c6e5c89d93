"""A form as CSV: headings with units, one row a row, in the safe form of csv_table. What is not known is empty."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from api.exports.csv_table import csv_bytes
from api.exports.publication import moment
from api.reports.form import Column, Form, Kind, Typed, Value

_UNITS = {Kind.KM: "km", Kind.SPAN: "giây", Kind.MINUTES: "phút", Kind.PERCENT: "tỷ lệ", Kind.PLACE: "kinh độ; vĩ độ"}
_PLACES = {Kind.TENTH: 1, Kind.CENT: 2, Kind.PERCENT: 6}
_MM_PER_KM, _MINUTE_S = 1_000_000, 60


def render(form: Form) -> bytes:
    """The file's bytes. No total: who adds up a column must not count it twice."""
    return csv_bytes(_rows(form))


def _rows(form: Form) -> Iterator[list[Any]]:
    yield [heading(column) for column in form.columns]
    for row in form.rows:
        yield [cell(value, column.kind) for value, column in zip(row, form.columns, strict=True)]


def heading(column: Column) -> str:
    """The heading with its unit."""
    named = f"{column.group}: {column.heading}" if column.group else column.heading
    unit = _UNITS.get(column.kind)
    return named if unit is None or unit in named.lower() else f"{named} ({unit})"


def cell(value: Value, kind: Kind) -> Any:
    """One value; None stays None, an empty cell."""
    if isinstance(value, Typed):
        return cell(value.value, value.kind)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return f"{value[0]:.7f}; {value[1]:.7f}"
    if kind == Kind.MOMENT:
        return moment(int(value)).isoformat()
    if kind == Kind.KM:
        return f"{Fraction(value) / _MM_PER_KM:.3f}"
    if kind == Kind.MINUTES:
        return f"{Fraction(value) / _MINUTE_S:.2f}"
    return f"{value:.{_PLACES[kind]}f}" if kind in _PLACES else value
