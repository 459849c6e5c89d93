"""Marks of the ends of vehicle-days (rules.edges): they say whether new records of a neighbour change a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from storage.database import Connection

type Marks = tuple[int | None, int | None]  # of the head and the tail of a day

_SAVE = """
    INSERT INTO day_edge (vehicle_id, day, head, tail)
    SELECT * FROM unnest(%s::int[], %s::int[], %s::bigint[], %s::bigint[]) AS e (vehicle_id, day, head, tail)
    ORDER BY vehicle_id, day
    ON CONFLICT (vehicle_id, day) DO UPDATE SET head = EXCLUDED.head, tail = EXCLUDED.tail
    WHERE (day_edge.head, day_edge.tail) IS DISTINCT FROM (EXCLUDED.head, EXCLUDED.tail)
"""
_LOAD = """
    SELECT vehicle_id, day, head, tail FROM day_edge
    JOIN unnest(%s::int[], %s::int[]) AS d (vehicle_id, day) USING (vehicle_id, day)
"""


def save_edges(connection: Connection, marks: Mapping[tuple[int, int], Marks]) -> None:
    """Keep the marks of days (vehicle number, local day), inside the open transaction."""
    if marks:
        rows = [(*key, *ends) for key, ends in marks.items()]
        connection.execute(_SAVE, [list(column) for column in zip(*rows, strict=True)])


def load_edges(connection: Connection, days: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Marks]:
    """The marks kept of days (vehicle number, local day); days without any are left out."""
    asked = sorted(set(days))
    if not asked:
        return {}
    columns = [list(column) for column in zip(*asked, strict=True)]
    return {(vehicle, day): (head, tail) for vehicle, day, head, tail in connection.execute(_LOAD, columns)}
