"""What is asked as one statement is answered as each query alone answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Connection, connect
from storage.together import ask_together

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
    assert ask_together(store, queries, asked) == alone
    assert len(alone[0]) == len(given)
