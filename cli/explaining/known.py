"""What of the registry one finding needs: the rows of its vehicles, an operator's name, stations; and all roads.

A province's registry has tens of thousands of rows, of which a finding needs a handful. Roads are needed whole, since
the lowest limit of any decides from which speed on a limit is looked up: a process that answers many keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from threading import Lock

from rules.engine import Known
from rules.law import Law
from rules.quality import figures_box
from rules.roads import index as road_index
from rules.roads.index import RoadIndex
from storage.database import Connection
from storage.registry import registry_of, registry_version
from storage.roads.rows import load_roads

type Roads = Callable[[Connection], RoadIndex | None]


def read_roads(connection: Connection) -> RoadIndex | None:
    """The roads of a store, prepared; None: there are none."""
    return road_index.index(tuple(load_roads(connection)))


class KeptRoads:
    """The roads of one store, prepared once and read anew when its registry has changed; for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[int, RoadIndex | None] | None = None

    def __call__(self, connection: Connection) -> RoadIndex | None:
        version = registry_version(connection)
        with self._lock:
            if self._kept is None or self._kept[0] != version:
                self._kept = version, read_roads(connection)
            return self._kept[1]


def known_around(
    connection: Connection, plates: Collection[str], operator: str | None, law: Law, roads: Roads = read_roads
) -> Known:
    """What is known of some vehicles and one operator, all of it as of one change of the registry."""
    while True:
        before = registry_version(connection)
        registry, index = registry_of(connection, plates, operator), roads(connection)
        if registry_version(connection) == before:
            return Known(registry, index, registry.box or figures_box(law))
