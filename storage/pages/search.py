"""Search by what somebody types: a plate or its last figures, an operator's id or words of its name, a licence.

Every query goes by an index that is ordered by how a text begins, or by words: none looks at every row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import LiteralString, NamedTuple

import psycopg
from psycopg.rows import TupleRow

from journey.plates import solid
from storage.database import Connection
from storage.in_force import date_of_day, row_in_force
from storage.names import clean

FOUND_MAX = 50  # of each kind
_LICENCE_MIN = 3  # figures: fewer say nothing about whom is meant
_LAST = "\U0010ffff"  # no text that begins with x comes after x and this
_WORD = re.compile(r"[0-9a-z]+")

_VEHICLES: LiteralString = """
    SELECT v.plate, r.operator FROM ({found}) AS v
    LEFT JOIN LATERAL ({row}) AS r ON true
    WHERE %(operator)s::text IS NULL OR r.operator = %(operator)s::text
    ORDER BY v.plate LIMIT %(limit)s
""".replace("{row}", row_in_force("v.id", date_of_day("%(day)s::int")))
_FOUND: LiteralString = """
    SELECT id, plate FROM vehicle WHERE {plate} >= %(text)s AND {plate} < %(end)s
    AND (%(operator)s::text IS NULL OR EXISTS (
        SELECT FROM registration WHERE vehicle_id = vehicle.id AND operator = %(operator)s::text))
    ORDER BY {plate} LIMIT %(some)s
"""
BEGINNING: LiteralString = _VEHICLES.replace("{found}", _FOUND.replace("{plate}", "plate"))
ENDING: LiteralString = _VEHICLES.replace("{found}", _FOUND.replace("{plate}", "reverse(plate)"))
OPERATORS_BY_ID: LiteralString = """
    SELECT id, name FROM operator WHERE id >= %(text)s AND id < %(end)s
    AND (%(operator)s::text IS NULL OR id = %(operator)s::text) ORDER BY id LIMIT %(limit)s
"""
OPERATORS_BY_WORDS: LiteralString = """
    SELECT id, name FROM operator
    WHERE to_tsvector('simple'::regconfig, folded(name)) @@ to_tsquery('simple'::regconfig, %(words)s)
    AND (%(operator)s::text IS NULL OR id = %(operator)s::text) ORDER BY id LIMIT %(limit)s
"""
DRIVERS: LiteralString = """
    SELECT licence, name, operator FROM driver WHERE licence >= %(text)s AND licence < %(end)s
    AND (%(operator)s::text IS NULL OR operator = %(operator)s::text) ORDER BY licence LIMIT %(limit)s
"""


type Query = tuple[LiteralString, dict[str, object]]
type Answer = psycopg.Cursor[TupleRow]


class FoundVehicle(NamedTuple):
    plate: str
    operator: str | None  # for whom it is registered on the day asked for


class FoundOperator(NamedTuple):
    id: str
    name: str | None


class FoundDriver(NamedTuple):
    licence: str
    name: str | None
    operator: str | None


class Asked(NamedTuple):
    day: int  # local day number of the registrations that are told
    limit: int  # most of each kind
    operator: str | None = None  # whose vehicles, drivers and own row alone are found


class Found(NamedTuple):
    vehicles: list[FoundVehicle]
    operators: list[FoundOperator]
    drivers: list[FoundDriver]


def search(connection: Connection, text: str, day: int, limit: int, operator: str | None = None) -> Found:
    """What begins with a text, at most `limit` of each kind: plates (then those that end with it), operators, licences.

    Dots, dashes, spaces, case and Vietnamese marks do not count. day: local day number of the registrations that are
    told. operator: only its own vehicles (of that day), itself and its drivers. Raises ValueError beyond FOUND_MAX.
    """
    if not 0 < limit <= FOUND_MAX:
        raise ValueError(f"{limit} results: 1 to {FOUND_MAX} can be asked for")
    asked = Asked(day, limit, operator)
    # All are sent before the first answer is waited for.
    with connection.pipeline():
        vehicles, operators, drivers = (
            [connection.execute(query, parameters) for query, parameters in some]
            for some in (_for_vehicles(text, asked), _for_operators(text, asked), _for_drivers(text, asked))
        )
        return Found(
            [FoundVehicle(*row) for row in _first(vehicles, limit)],
            [FoundOperator(*row) for row in _first(operators, limit)],
            [FoundDriver(*row) for row in _first(drivers, limit)],
        )


def _first(answers: Iterable[Answer], limit: int) -> Iterator[TupleRow]:
    """The first rows of several answers, each thing once."""
    found: dict[str, TupleRow] = {}
    for rows in answers:
        for row in rows:
            found.setdefault(row[0], row)
    return islice(found.values(), limit)


def _for_vehicles(text: str, asked: Asked) -> Iterator[Query]:
    begins = dict.fromkeys((solid(text), clean(text.strip())))  # plates of foreign form are kept as they were sent
    for query, one in [*((BEGINNING, one) for one in begins), (ENDING, solid(text)[::-1])]:
        if one:
            yield query, vehicle_parameters(one, asked)


def vehicle_parameters(text: str, asked: Asked) -> dict[str, object]:
    # Some more than are shown: a vehicle that was an operator's once is found here and left out afterwards.
    return {**asked._asdict(), **span(text), "some": 10 * FOUND_MAX}


def _for_operators(text: str, asked: Asked) -> Iterator[Query]:
    if by_id := clean(text.strip()):
        yield OPERATORS_BY_ID, {**asked._asdict(), **span(by_id)}
    if some := words(text):
        yield OPERATORS_BY_WORDS, {**asked._asdict(), "words": some}


def _for_drivers(text: str, asked: Asked) -> Iterator[Query]:
    licence = solid(text)
    if len(licence) >= _LICENCE_MIN:
        yield DRIVERS, {**asked._asdict(), **span(licence)}


def span(text: str) -> dict[str, object]:
    """Parameters of all texts that begin with one."""
    return {"text": text, "end": text + _LAST}


def words(text: str) -> str:
    """A query for names in which every word begins with one of the text, as PostgreSQL's text search reads it."""
    return " & ".join(f"{word}:*" for word in _WORD.findall(folded(text)))


def folded(text: str) -> str:
    """As the function of this name in the store: lower case, Vietnamese letters without their marks."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()
