"""A month rolled up one record at a time: every finding's text read, every case asked, every day of every vehicle."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from api.monthly import day_sums_of
from journey.localtime import day_of
from journey.model import Grade
from journey.registry import Registry
from rules.law import Law
from rules.months import COUNTED_RULES, bounds, stored_sums
from rules.rollups import RollUps, roll_up
from storage.cases.reading import publishable
from storage.database import Connection
from storage.stations.weighings import weighings_of_period
from storage.sums.counted import load_counted


def rolled_up(
    connection: Connection, month: date, registry: Registry, law: Law, plates: Collection[str] | None, at: int | None
) -> RollUps:
    """As api.monthly.roll_up_stored says."""
    start, end = bounds(month)
    by_day = day_sums_of(connection, day_of(start), day_of(end), plates)
    findings = [
        one for one in load_counted(connection, start, end, COUNTED_RULES, plates) if one.grade == Grade.CERTAIN
    ]
    if at is not None:
        allowed = publishable(connection, [one.id for one in findings], at)
        findings = [one for one in findings if one.id in allowed]
    weighings = weighings_of_period(connection, start, end)
    return roll_up(stored_sums(by_day, findings, weighings, registry, law), registry.vehicles, law)
