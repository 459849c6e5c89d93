"""A form as an official paper: heading, title, whose it is, the table, notes, signature."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby

from api.exports.publication import moment
from api.printing import figures
from api.printing.blocks import Block, Cell, Width, bullets, end, heading, signature, table, text, title, warning
from api.printing.typeset import Paper, Part, typeset
from api.reports.form import Column, Form, Kind, Typed, Value

_MM_PER_KM, _MINUTE_S = 1_000_000, 60
_SIDES = {Kind.TEXT: "left", Kind.WORD: "center", Kind.MOMENT: "center", Kind.PLACE: "center"}


def render(form: Form, progress: Callable[[int], None] | None = None) -> bytes:
    """The PDF's bytes. Args: progress: told the pages that are set."""
    author = form.authority.splitlines()[-1] if form.authority else ""
    parts = (Part(_blocks(form), flipped=True),)
    return typeset(Paper(form.title, author, form.running, form.made_at, parts), progress)


def render_all(forms: Sequence[Form]) -> bytes:
    """Several forms as one paper, each from a new page on; author, running line and moment are the first one's."""
    first = forms[0]
    author = first.authority.splitlines()[-1] if first.authority else ""
    parts = tuple(Part(_blocks(form, last=form is forms[-1]), flipped=True) for form in forms)
    return typeset(Paper(first.title, author, first.running, first.made_at, parts))


def _blocks(form: Form, last: bool = True) -> Iterator[Block]:
    """Args: last: whether the paper ends with it, and says of how many pages it is."""
    yield heading(form.authority, form.place, form.made_at)
    yield title(form.title, form.lines)
    yield from (warning(one) for one in form.warnings)
    empty = True

    def rows() -> Iterator[list[str]]:
        nonlocal empty
        for row in form.rows:
            empty = False
            yield printed_row(row, form.columns)

    yield table(widths(form.columns), heads(form.columns), rows(), size=8)
    if empty:
        yield text("Không có dòng nào.", size=10)
    elif form.total is not None:
        yield table(widths(form.columns), (), (), [printed_row(form.total(), form.columns)], size=8)
    yield bullets(form.notes, size=8.5)
    yield signature(("Lưu: VT.",), ("GIÁM ĐỐC",))
    if last:
        yield end()


def widths(columns: Sequence[Column]) -> list[Width]:
    return [Width(column.width, _SIDES.get(column.kind, "right"), fr=True) for column in columns]


def heads(columns: Sequence[Column]) -> list[list[Cell]]:
    """Headings in one row, or in two where columns are grouped."""
    if not any(column.group for column in columns):
        return [[Cell(column.heading) for column in columns]]
    above, below = [], []
    for group, some in groupby(columns, key=lambda column: column.group):
        members = list(some)
        if group:
            above.append(Cell(group, across=len(members)))
            below += [Cell(column.heading) for column in members]
        else:
            above += [Cell(column.heading, down=2) for column in members]
    return [above, below]


def printed_row(row: Sequence[Value], columns: Sequence[Column]) -> list[str]:
    return [printed(value, column.kind) for value, column in zip(row, columns, strict=True)]


def printed(value: Value, kind: Kind) -> str:
    """One value as a paper prints it."""
    if isinstance(value, Typed):
        return printed(value.value, value.kind)
    if value is None:
        return figures.DASH
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return figures.place(*value)
    if kind == Kind.MOMENT:
        return moment(int(value)).strftime("%d/%m/%Y %H:%M:%S")
    return _figure(value, kind)


def _figure(value: int | float | Fraction, kind: Kind) -> str:
    match kind:
        case Kind.KM:
            return figures.decimal(Fraction(value) / _MM_PER_KM)
        case Kind.MINUTES:
            return figures.decimal(Fraction(value) / _MINUTE_S)
        case Kind.SPAN:
            return figures.clock(float(value))
        case Kind.PERCENT:
            return figures.percent(value, 2)
        case Kind.TENTH | Kind.CENT:
            return figures.decimal(value, 1 if kind == Kind.TENTH else 2)
        case Kind.SIGNED:
            return figures.signed(int(value))
        case _:
            return figures.whole(int(value))
