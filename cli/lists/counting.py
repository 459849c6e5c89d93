"""Month-to-date counters of a week's list, from day sums, findings and weighings of the store; no fix is read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from api.exports.counters import MonthCounters, month_counters
from api.monthly import day_sums_of
from journey.localtime import day_of
from journey.model import Finding, Grade
from journey.registry import Registry
from rules.law import Law
from rules.months import COUNTED_RULES, bounds, month_of, stored_sums
from rules.rollups import roll_up, rows_at_end
from storage.cases.reading import publishable
from storage.database import Connection
from storage.findings import load_findings
from storage.stations.weighings import weighings_of_period


def read_counters(
    connection: Connection, law: Law, registry: Registry, week: tuple[int, int], known: Iterable[Finding], at: int
) -> tuple[MonthCounters, ...]:
    """Counters of each month that a week [start, end) s UTC touches, up to the week's end, oldest first.

    Args: known: the findings that are loaded already, at least the certain ones from 28 days before the week to its
    end. at: s UTC; what cases keep back at that moment is not counted.
    """
    start, end = week
    known = list(known)
    loaded_from = min((one.at for one in known), default=start)
    months = list(dict.fromkeys((month_of(day_of(start)), month_of(day_of(end - 1)))))
    first = bounds(months[0])[0]
    if first < loaded_from:
        known += load_findings(connection, first, loaded_from, Grade.CERTAIN)
    counted = [one for one in known if first <= one.at < end and one.grade == Grade.CERTAIN]
    allowed = publishable(connection, [one.id for one in counted], at)
    findings = [one for one in counted if one.id in allowed]
    held = [one for one in counted if one.id not in allowed and one.rule in COUNTED_RULES]
    return tuple(_of_month(connection, law, registry, month, end, findings, held) for month in months)


def _of_month(
    connection: Connection, law: Law, registry: Registry, month: date, week_end: int, findings: list[Finding],
    held: list[Finding],
) -> MonthCounters:  # fmt: skip
    start, end = bounds(month)
    until = min(end, week_end)
    by_day = day_sums_of(connection, day_of(start), day_of(until))
    inside = [one for one in findings if start <= one.at < until]
    weighings = weighings_of_period(connection, start, until)
    rolled = roll_up(stored_sums(by_day, inside, weighings, registry, law), registry.vehicles, law)
    operators = {plate: row.operator for plate, row in rows_at_end(registry.vehicles, month).items()}
    kept_back = sum(start <= one.at < until for one in held)
    return month_counters(month, until, until == end, rolled, operators, law, kept_back)
