"""A form: a titled table with typed columns, its total, notes; the same for workbook, CSV and paper.

A value that is not known is None and is shown as a dash, never as zero; a note says what a dash means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple


class Kind(StrEnum):
    """What a column holds, and in which unit its values come."""

    TEXT = "text"
    WORD = "word"  # a short text, centred
    WHOLE = "whole"
    SIGNED = "signed"  # a difference
    TENTH = "tenth"
    CENT = "cent"
    PERCENT = "percent"  # a share of one
    KM = "km"  # whole mm
    SPAN = "span"  # s
    MINUTES = "minutes"  # s, printed in minutes
    MOMENT = "moment"  # Unix s
    PLACE = "place"  # (longitude, latitude) in degrees


class Typed(NamedTuple):
    """A value of another kind than its column's."""

    value: int | float | Fraction | None
    kind: Kind


type Value = str | int | float | Fraction | tuple[float, float] | Typed | None


class Column(NamedTuple):
    """heading and, over it where several columns belong together, `group`; width in letters."""

    heading: str
    kind: Kind
    width: float
    group: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `lines`: whose it is and of which period. `total` is asked once all rows were read.

    rows may be made while they are written: a form is rendered once.
    """

    name: str  # of files
    title: str
    lines: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Value]]
    notes: tuple[str, ...]
    authority: str
    place: str
    made_at: int
    running: str
    total: Callable[[], Sequence[Value]] | None = None
    warnings: tuple[str, ...] = ()


def numbered(rows: Iterable[Sequence[Value]]) -> Iterable[Sequence[Value]]:
    """Rows with their running number in front."""
    return ((number, *row) for number, row in enumerate(rows, 1))


RANK = Column("STT", Kind.WHOLE, 6)
DASH_NOTE = "Dấu “–”: không biết hoặc không có dữ liệu, khác với số 0."
"""What the forms with dashes say."""
