"""Search by what somebody types: a plate or its last figures, an operator's id or words of its name, a licence.

Every query goes by an index that is ordered by how a text begins, or by words: none looks at every row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, LiteralString, NamedTuple

from journey.plates import solid
from storage.database import Connection
from storage.in_force import date_of_day, row_in_force
from storage.names import clean
from storage.together import ask_together

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
    SELECT id, plate FROM vehicle WHERE {plate} >= %({text})s AND {plate} < %({text}_end)s
    AND (%(operator)s::text IS NULL OR EXISTS (
        SELECT FROM registration WHERE vehicle_id = vehicle.id AND operator = %(operator)s::text))
    ORDER BY {plate} LIMIT %(some)s
"""
_BEGINNING: LiteralString = _VEHICLES.replace("{found}", _FOUND.replace("{plate}", "plate"))
BEGINNING: LiteralString = _BEGINNING.replace("{text}", "plate")
AS_SENT: LiteralString = _BEGINNING.replace("{text}", "sent")
ENDING: LiteralString = _VEHICLES.replace(
    "{found}", _FOUND.replace("{plate}", "reverse(plate)").replace("{text}", "ending")
)
OPERATORS_BY_ID: LiteralString = """
    SELECT id, name FROM operator WHERE id >= %(id)s AND id < %(id_end)s
    AND (%(operator)s::text IS NULL OR id = %(operator)s::text) ORDER BY id LIMIT %(limit)s
"""
OPERATORS_BY_WORDS: LiteralString = """
    SELECT id, name FROM operator
    WHERE to_tsvector('simple'::regconfig, folded(name)) @@ to_tsquery('simple'::regconfig, %(words)s)
    AND (%(operator)s::text IS NULL OR id = %(operator)s::text) ORDER BY id LIMIT %(limit)s
"""
DRIVERS: LiteralString = """
    SELECT licence, name, operator FROM driver WHERE licence >= %(licence)s AND licence < %(licence_end)s
    AND (%(operator)s::text IS NULL OR operator = %(operator)s::text) ORDER BY licence LIMIT %(limit)s
"""


type Wording = tuple[LiteralString, dict[str, object]]  # a query, and what of its parameters the text says
type Row = tuple[Any, ...]


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
    kinds = [list(some) for some in (_for_vehicles(text), _for_operators(text), _for_drivers(text))]
    asked = Asked(day, limit, operator)
    questions = [(query, parameters(asked, said)) for some in kinds for query, said in some]
    answers = iter(ask_together(connection, questions))
    vehicles, operators, drivers = (_first(islice(answers, len(some)), limit) for some in kinds)
    return Found(
        [FoundVehicle(*row) for row in vehicles],
        [FoundOperator(*row) for row in operators],
        [FoundDriver(*row) for row in drivers],
    )


def _first(answers: Iterable[Iterable[Row]], limit: int) -> list[Row]:
    """The first rows of several answers, each thing once."""
    found: dict[str, Row] = {}
    for rows in answers:
        for row in rows:
            found.setdefault(row[0], row)
    return list(islice(found.values(), limit))


def _for_vehicles(text: str) -> Iterator[Wording]:
    plate, sent = solid(text), clean(text.strip())  # plates of foreign form are kept as they were sent
    if plate:
        yield BEGINNING, span("plate", plate)
    if sent and sent != plate:
        yield AS_SENT, span("sent", sent)
    if plate:
        yield ENDING, span("ending", plate[::-1])


def _for_operators(text: str) -> Iterator[Wording]:
    if by_id := clean(text.strip()):
        yield OPERATORS_BY_ID, span("id", by_id)
    if some := words(text):
        yield OPERATORS_BY_WORDS, {"words": some}


def _for_drivers(text: str) -> Iterator[Wording]:
    licence = solid(text)
    if len(licence) >= _LICENCE_MIN:
        yield DRIVERS, span("licence", licence)


def parameters(asked: Asked, said: dict[str, object]) -> dict[str, object]:
    """All of a query. said: those that the text says."""
    # Some more than are shown: a vehicle that was an operator's once is found here and left out afterwards.
    return {**asked._asdict(), **said, "some": 10 * FOUND_MAX}


def span(name: str, text: str) -> dict[str, object]:
    """Parameters, by what they are named after, of all texts that begin with one."""
    return {name: text, f"{name}_end": text + _LAST}


def words(text: str) -> str:
    """A query for names in which every word begins with one of the text, as PostgreSQL's text search reads it."""
    return " & ".join(f"{word}:*" for word in _WORD.findall(folded(text)))


def folded(text: str) -> str:
    """As the function of this name in the store: lower case, Vietnamese letters without their marks."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()
