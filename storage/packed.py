"""Fixes read in columns: of each window of a track one row of arrays, in PostgreSQL's binary form.

A row a fix costs a message, and in Python a step, each: read so, loading was nearly half of a check. An array of one
type without nulls is bytes of equal distance, and numpy reads it as it stands.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import sql

from storage.database import Connection
from storage.wire import FIELDS, LAYOUT, TO_WIRE, Rows

_HEAD_BYTES = 20  # dimensions, whether there are nulls, type, length, lower bound
_NAMES = [name for name, _ in FIELDS if name != "place"]
_KINDS = dict(FIELDS)
# The fixes come ordered, and array_agg keeps the order in which they come.
_PACK = sql.SQL("""
    SELECT {arrays} FROM ({windows}) AS w
    CROSS JOIN LATERAL (SELECT {aggregates} FROM (SELECT {wire} FROM ({fixes}) AS f) AS r ({names})) AS p
""")


def read_packed(connection: Connection, windows: sql.SQL, fixes: sql.SQL, parameters: dict[str, Any]) -> Rows:
    """Rows of the fixes of windows, in the order of the windows.

    Args: windows: a query, known as w to `fixes`, which selects and orders those of one window.
    """
    names = [sql.Identifier(name) for name in _NAMES]
    query = _PACK.format(
        arrays=sql.SQL(", ").join(sql.SQL("p.{}").format(name) for name in names),
        aggregates=sql.SQL(", ").join(sql.SQL("array_agg({0}) AS {0}").format(name) for name in names),
        names=sql.SQL(", ").join(names),
        wire=sql.SQL(TO_WIRE),
        windows=windows,
        fixes=fixes,
    )
    with connection.cursor(binary=True) as cursor:
        result = cursor.execute(query, parameters).pgresult
        if result is None:
            raise LookupError(f"no result of: {query}")
        packed = [
            [result.get_value(row, place) for place in range(len(_NAMES))]
            for row in range(result.ntuples)
            if result.get_value(row, 0) is not None  # else a window without fixes
        ]
    columns = {name: [_unpacked(row[place], name) for row in packed] for place, name in enumerate(_NAMES)}
    rows = np.zeros(sum(map(len, columns["vehicle_id"])), LAYOUT)
    for name, parts in columns.items():
        if parts:
            rows[name] = np.concatenate(parts)
    return rows


def _unpacked(value: bytes | None, name: str) -> npt.NDArray[Any]:
    """An array of one column. Shape: -> fixes of the window."""
    element = np.dtype([("bytes", ">i4"), ("value", _KINDS[name])])
    found: npt.NDArray[Any] = np.frombuffer(value or b"", element, offset=_HEAD_BYTES)["value"]
    return found
