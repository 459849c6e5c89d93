"""Any listing as a table: CSV piece by piece, or a workbook written to a file row by row. No cell is run as a formula.

CSV: RFC 4180 in UTF-8 with a byte order mark and the names of the API's fields as headings, for programs. A text that a
spreadsheet would run gets one apostrophe in front, and so does a text that begins with an apostrophe: a reader gets
every value back by taking one leading apostrophe off. The workbook has Vietnamese headings, for people.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any, BinaryIO, NamedTuple

import xlsxwriter

from journey.localtime import ZONE

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

type Value = str | int | float | bool | date | datetime | None

_BOM = "\ufeff"
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
_CELL_MAX = 32_767  # characters that a cell of a workbook can hold
_DATE, _MOMENT = "dd/mm/yyyy", "dd/mm/yyyy hh:mm:ss"


class Column[Row](NamedTuple):
    """name: of the field in JSON; heading: in Vietnamese; width in characters."""

    name: str
    heading: str
    value: Callable[[Row], Value]
    width: int = 16


def local(time: int | None) -> datetime | None:
    """Unix seconds as local time."""
    return None if time is None else datetime.fromtimestamp(time, ZONE)


def csv_pieces[Row](columns: Sequence[Column[Row]], pages: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """The file, a piece a page."""
    head = [column.name for column in columns]
    yield _BOM.encode() + _lines([head])
    for page in pages:
        if page:
            yield _lines([_text(column.value(row)) for column in columns] for row in page)


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _text(value: Value) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_RISKY) else value
    return value


def write_workbook[Row](
    file: BinaryIO,
    folder: str,
    title: str,
    made_at: int,
    columns: Sequence[Column[Row]],
    pages: Iterable[Sequence[Row]],
) -> None:
    """Write the workbook; one row is in memory at a time. folder: for the writer's own temporary files."""
    options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "remove_timezone": True}  # fmt: skip
    with xlsxwriter.Workbook(file, options) as workbook:
        workbook.set_properties({"title": title, "created": datetime.fromtimestamp(made_at, UTC)})
        head = workbook.add_format({"bold": True, "text_wrap": True, "bg_color": "#E7EDF5", "border": 1})
        looks: dict[type, dict[str, Any]] = {
            date: {"num_format": _DATE}, datetime: {"num_format": _MOMENT}, str: {"quote_prefix": True}
        }  # fmt: skip
        forms = {kind: workbook.add_format(look) for kind, look in looks.items()}
        sheet = workbook.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.heading, head)
        for number, row in enumerate((row for page in pages for row in page), 1):
            for place, column in enumerate(columns):
                _put(sheet, number, place, column.value(row), forms)


def _put(sheet: Any, row: int, column: int, value: Value, forms: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, forms[type(value)])
    elif isinstance(value, str):
        if len(value) > _CELL_MAX:
            raise ValueError(f"a text of {len(value)} characters does not fit into a cell: {value[:40]!r}")
        sheet.write_string(row, column, value, forms[str] if value.startswith(_RISKY) else None)
    else:
        sheet.write_number(row, column, value)
