"""Whose name may be told to whom: a driver's name stays hidden until a case is open. All in the open transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import LiteralString

from storage.database import Connection
from storage.names import clean
from storage.people.accounts import Person

_OFFICE = ("inspector", "supervisor")
# Of a finding that was dismissed, or that no longer holds, nothing remains for which the name would have to be known.
_BY_CASE: LiteralString = """
    SELECT d.licence FROM driver d WHERE d.licence = ANY(%s)
    AND EXISTS (SELECT FROM finding_case c WHERE c.driver_id = d.id AND c.state <> 'dismissed')
"""
# A plan for several is never thought good enough to be kept for one.
_ONE_BY_CASE: LiteralString = _BY_CASE.replace("= ANY(%s)", "= %s")
_OWN = "SELECT licence FROM driver WHERE licence = ANY(%s) AND operator = %s"


def names_visible(connection: Connection, licences: Collection[str], person: Person) -> set[str]:
    """Those of some drivers (by licence) whose names a person may see.

    Inspectors and supervisors: of drivers with a case that is open or ended against them, on whatever vehicle. An
    operator: of the drivers that the registry names as its own, whom it employs. Administrators and readers: of none.
    """
    wanted = {clean(one): one for one in licences}
    if not wanted:
        return set()
    if person.role in _OFFICE and len(wanted) == 1:
        rows = connection.execute(_ONE_BY_CASE, tuple(wanted))
    elif person.role in _OFFICE:
        rows = connection.execute(_BY_CASE, (sorted(wanted),))
    elif person.operator is not None:
        rows = connection.execute(_OWN, (sorted(wanted), person.operator))
    else:
        return set()
    return {wanted[licence] for (licence,) in rows}


def name_visible(connection: Connection, licence: str, person: Person) -> bool:
    """Whether a person may see the name of a driver."""
    return licence in names_visible(connection, (licence,), person)
