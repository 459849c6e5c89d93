"""Names of drivers, for whoever may see them."""

from __future__ import annotations

from collections.abc import Sequence

from api.access import Caller
from storage.database import Connection
from storage.pages.registered import DriverRow
from storage.pages.search import FoundDriver
from storage.people.disclosure import names_visible


def shown[Row: (DriverRow, FoundDriver)](connection: Connection, caller: Caller, rows: Sequence[Row]) -> list[Row]:
    """The rows, without the names that the caller may not see."""
    visible = names_visible(connection, [row.licence for row in rows], caller.person)
    return [row if row.licence in visible else row._replace(name=None) for row in rows]
