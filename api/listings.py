"""Listings: one page as JSON, or the whole of it as CSV or a workbook.

A file is made page by page, each with a connection of its own, so that a slow reader holds none. Rows are counted
before: a file is whole, or it is refused and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

from fastapi import Request, Response

from api.answers import answer
from api.cursors import cursor_of, key_of
from api.exports.listing import XLSX, Column, csv_pieces, write_workbook
from api.files import CsvFile, WorkbookFile
from api.inputs import Form, Paging
from api.problems import Problem
from storage.database import Connection
from storage.server.pool import Pool, reading

ROWS_MAX = {Form.CSV: 100_000, Form.XLSX: 20_000}
_PAGE = 1000
# What an OpenAPI document says of an answer in several forms.
FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        }
    },
    304: {"description": "The caller's copy, named in If-None-Match, still holds."},
}


class Listing[Row](NamedTuple):
    """What is listed. question: all that it was asked with; title: in Vietnamese.

    page: up to so many rows after a key (None: from the beginning); key: of a row, its parts of the types `kinds`.
    size: how many rows there are, counted up to so many; None: it cannot be large. shown: a row as JSON.
    """

    name: str
    title: str
    question: Any
    columns: Sequence[Column[Row]]
    page: Callable[[Connection, int, list[Any] | None], list[Row]]
    key: Callable[[Row], list[Any]]
    kinds: tuple[type[Any], ...]
    shown: Callable[[Row], Any]
    size: Callable[[Connection, int], int] | None = None


def give[Row](request: Request, pool: Pool, listing: Listing[Row], paging: Paging, made_at: int) -> Response:
    """The answer in the form asked for. Raises Problem where a file would be too long."""
    question = [listing.name, listing.question]
    after = None if paging.cursor is None else key_of(question, paging.cursor, listing.kinds)
    if paging.form is not Form.JSON:
        return _file(pool, listing, paging.form, made_at)
    with reading(pool) as connection:
        rows = listing.page(connection, paging.limit + 1, after)
    more = len(rows) > paging.limit
    rows = rows[: paging.limit]
    following = cursor_of(question, listing.key(rows[-1])) if more else None
    return answer(request, {"items": [listing.shown(row) for row in rows], "next": following})


def as_file[Row](
    form: Form, name: str, title: str, columns: Sequence[Column[Row]], rows: Sequence[Row], made_at: int
) -> Response:
    """A result that is read already, as CSV or a workbook."""
    if len(rows) > ROWS_MAX[form]:
        raise Problem(422, f"more than {ROWS_MAX[form]} rows do not go into one {form} file: ask for less")
    return _written(form, name, title, columns, [rows], made_at)


def _file[Row](pool: Pool, listing: Listing[Row], form: Form, made_at: int) -> Response:
    most = ROWS_MAX[form]
    if listing.size is not None:
        with reading(pool) as connection:
            rows = listing.size(connection, most + 1)
        if rows > most:
            raise Problem(
                422,
                f"more than {most} rows do not go into one {form} file: ask for a shorter period or by more filters",
            )
    return _written(form, listing.name, listing.title, listing.columns, _pages(pool, listing, most), made_at)


def _written[Row](
    form: Form, name: str, title: str, columns: Sequence[Column[Row]], pages: Iterable[Sequence[Row]], made_at: int
) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Cache-Control": "no-store"}
    if form is Form.CSV:
        return CsvFile(csv_pieces(columns, pages), headers)

    def write(file: BinaryIO, folder: str) -> None:
        write_workbook(file, folder, title, made_at, columns, pages)

    return WorkbookFile(write, headers)


def _pages[Row](pool: Pool, listing: Listing[Row], most: int) -> Iterator[list[Row]]:
    key: list[Any] | None = None
    given = 0
    while True:
        with reading(pool) as connection:
            rows = listing.page(connection, _PAGE, key)
        yield rows
        given += len(rows)
        if len(rows) < _PAGE:
            return
        if given > 2 * most:  # they came faster than they could be read
            raise Problem(503, "the listing grows faster than it can be given: ask for a period that is over")
        key = listing.key(rows[-1])
