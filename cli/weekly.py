"""A week's list as it follows from the store: what a draft shows and what is published."""

from __future__ import annotations

from api.exports.coverage import VehicleCoverage
from api.exports.history import WEEKS, Earlier
from api.exports.publication import Publication
from api.exports.weekly import WeeklyList, build
from cli.reference import InputError
from cli.root import code_version
from journey.localtime import DAY_S, day_of, parse_week
from journey.model import Grade
from rules.law import Law
from storage.cases import publishable
from storage.database import Connection
from storage.findings import load_findings
from storage.registry import load_registry
from storage.weekly import vehicle_sums

AUTHORITY = "Ủy ban nhân dân tỉnh Lạng Sơn\nSở Giao thông vận tải"
PLACE = "Lạng Sơn"
WEEK_S = 7 * DAY_S


def bounds(week: str) -> tuple[int, int]:
    """Unix seconds [start, end) of the week that --week names. Raises InputError."""
    try:
        return parse_week(week)
    except ValueError as error:
        raise InputError(f"--week {error}") from None


def read_weekly(
    connection: Connection, law: Law, week: str, made_at: int, publication: Publication | None = None
) -> WeeklyList:
    """The list of a week from the store, inside the open transaction."""
    start, end = bounds(week)
    registry = load_registry(connection)
    coverage = [
        VehicleCoverage(row.plate, row.operator, row.fixes, row.driving_s, row.standing_s, row.unknown_s, row.driving_m)
        for row in vehicle_sums(connection, day_of(start), day_of(end))
    ]
    before = vehicle_sums(connection, day_of(start - WEEK_S), day_of(start))
    earlier = Earlier(
        tuple(load_findings(connection, start - WEEKS * WEEK_S, start, Grade.CERTAIN)),
        frozenset(row.operator for row in before if row.fixes),
    )
    findings = load_findings(connection, start, end)
    return build(
        findings,
        coverage,
        registry.operators,
        registry.vehicles,
        week=week,
        made_at=made_at,
        authority=AUTHORITY,
        place=PLACE,
        law_version=law.version,
        method=law.method_name,
        method_title=law.method_title,
        code_version=code_version(),
        publication=publication,
        earlier=earlier,
        allowed=publishable(connection, [one.id for one in findings], made_at),
    )
