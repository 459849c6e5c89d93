"""Several questions asked as one statement.

Each statement of its own costs the server a turn and the process that asks another, more than a small answer does,
even where all are sent before the first answer is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, LiteralString

import orjson

from storage.database import Connection

_ROWS: LiteralString = "(SELECT json_agg(r)::text FROM ({query}) AS r)"

type Question = tuple[LiteralString, Mapping[str, object]]  # a query and its parameters


def ask_together(connection: Connection, questions: Sequence[Question]) -> list[list[tuple[Any, ...]]]:
    """The rows of each query. A parameter that several have is the same in all, and each query has names of its own
    for its columns. No comment stands in them, and no text in which a space more or less would matter.

    What a column holds is as JSON has it: whole numbers, texts, truths, lists of these; days as texts.
    """
    if not questions:
        return []
    asked = {name: value for _, some in questions for name, value in some.items()}
    row = connection.execute(_statement(tuple(query for query, _ in questions)), asked).fetchone() or ()
    return [[] if rows is None else [tuple(one.values()) for one in orjson.loads(rows)] for rows in row]


def whole_numbers(some: Iterable[int]) -> str:
    """An int[] as PostgreSQL writes it: psycopg looks at each element of a list, several times what is asked costs."""
    return f"{{{','.join(map(str, some))}}}"


@cache
def _statement(queries: tuple[LiteralString, ...]) -> LiteralString:
    # Without what sets it in: in a statement of more than 4096 characters psycopg looks for the parameters each time.
    return " ".join(("SELECT " + ", ".join(_ROWS.replace("{query}", one) for one in queries)).split())
