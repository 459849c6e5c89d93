"""What is asked as one statement is answered as each query alone answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import LiteralString

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg._queries import _query2pg

from journey.localtime import DAY_S
from storage.database import Connection, connect, scalar
from storage.pages.operator import operator_sums
from storage.pages.search import search
from storage.sums.month_counts import Wanted
from storage.sums.vehicle_days import VehicleDays
from storage.together import ask_together, whole_numbers

NUMBERS = st.none() | st.integers(-(1 << 63), (1 << 63) - 1)
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
FIGURES: LiteralString = """
    SELECT number, text, number > 0 AS positive, ARRAY[number, 1] AS several, place
    FROM unnest(%(numbers)s::bigint[], %(texts)s::text[]) WITH ORDINALITY AS r (number, text, place)
    ORDER BY place
"""
BACK: LiteralString = """
    SELECT text, count(*) FROM unnest(%(numbers)s::bigint[], %(texts)s::text[]) AS r (number, text)
    GROUP BY text ORDER BY text COLLATE "C" DESC NULLS LAST
"""
NONE: LiteralString = "SELECT 1 AS one WHERE %(limit)s::int < 0"


@pytest.fixture
def store(database: str) -> Iterator[Connection]:
    with connect(database) as connection:
        connection.autocommit = True
        yield connection


@given(st.lists(st.tuples(NUMBERS, TEXTS), max_size=8))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_are_those_of_each_query_alone(store: Connection, given: list[tuple[int | None, str | None]]) -> None:
    asked = {"numbers": [number for number, _ in given], "texts": [text for _, text in given], "limit": 5}
    queries = (FIGURES, NONE, BACK)
    alone = [store.execute(query, asked).fetchall() for query in queries]
    assert ask_together(store, [(query, asked) for query in queries]) == alone
    assert len(alone[0]) == len(given)


@given(st.lists(st.integers(-(1 << 31), (1 << 31) - 1), max_size=8))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whole_numbers_arrive_as_they_are(store: Connection, some: list[int]) -> None:
    asked = {"some": whole_numbers(some), "least": 0}
    assert scalar(store, "SELECT %(some)s::int[]", asked) == some
    above = "SELECT number FROM unnest(%(some)s::int[]) AS r (number) WHERE number >= %(least)s::int"
    assert ask_together(store, [(above, asked)]) == [[(one,) for one in some if one >= 0]]


def test_psycopg_keeps_what_it_has_read_of_an_operators_sums(store: Connection) -> None:
    """Of every kind of days: whole weeks and months, more than those, and fewer."""
    days = [VehicleDays(1, 0, 30), VehicleDays(2, 0, 3)]
    month = Wanted(23_640, 0, 31 * DAY_S, "speeding", 5.0, ("overload_gross",), 0)
    ask = partial(operator_sums, store, "OP1", (0, 12), days, days, month)
    ask(vehicles={1: "A"})
    before = _query2pg.cache_info().hits
    ask(vehicles={2: "B", 3: "C"})
    assert _query2pg.cache_info().hits == before + 1


def test_psycopg_keeps_what_it_has_read_of_a_search(store: Connection) -> None:
    """Of the longest one, whose plate is of foreign form."""
    search(store, "粤B·12345", 20_000, 10)
    before = _query2pg.cache_info().hits
    search(store, "粤C·54321", 20_000, 10)
    assert _query2pg.cache_info().hits == before + 1
