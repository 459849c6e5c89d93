"""The registry row of a vehicle that is in force on a local day, as a part of a statement."""

from __future__ import annotations

from typing import LiteralString

# Of several in force the latest begun, then the last in the file.
_ROW: LiteralString = """
    SELECT {columns} FROM registration
    WHERE vehicle_id = {vehicle}
    AND (valid_from IS NULL OR valid_from <= {date}) AND (valid_to IS NULL OR valid_to >= {date})
    ORDER BY valid_from DESC NULLS LAST, row DESC LIMIT 1
"""


def row_in_force(vehicle: LiteralString, date: LiteralString, columns: LiteralString = "operator") -> LiteralString:
    """A subquery of one row or none. Args: vehicle: SQL of its number; date: SQL of a date (date_of_day)."""
    return _ROW.replace("{columns}", columns).replace("{vehicle}", vehicle).replace("{date}", date)


def date_of_day(day: LiteralString) -> LiteralString:
    """SQL of the date of a local day number. Args: day: SQL of the number."""
    return f"date '1970-01-01' + {day}"
