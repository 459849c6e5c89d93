"""Roads as lines for a map. In the open transaction."""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from storage.database import Connection

_LINES: LiteralString = """
    SELECT name, maxspeed, line FROM road
    WHERE (valid_from IS NULL OR valid_from <= date '1970-01-01' + %(day)s::int)
    AND (valid_to IS NULL OR valid_to >= date '1970-01-01' + %(day)s::int) ORDER BY id, row
"""


class RoadShape(NamedTuple):
    """name: None: not known; sign_kmh: posted, None: none known; line: (lon, lat) in degrees."""

    name: str | None
    sign_kmh: float | None
    line: tuple[tuple[float, float], ...]


def road_shapes(connection: Connection, day: int) -> list[RoadShape]:
    """Every road in force on a local day."""
    return [
        RoadShape(name, sign, tuple((lon, lat) for lon, lat in line))
        for name, sign, line in connection.execute(_LINES, {"day": day})
    ]
