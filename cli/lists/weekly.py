"""A week's list as it follows from the store: what a draft shows and what is published."""

from __future__ import annotations

from api.exports.coverage import VehicleCoverage
from api.exports.history import WEEKS, Earlier
from api.exports.publication import Publication
from api.exports.weekly import SelfProof, WeeklyList, build
from cli.lists.counting import read_counters
from cli.reference import InputError
from cli.root import code_version
from journey.localtime import DAY_S, day_of, parse_week
from journey.model import Grade
from rules.law import Law
from storage.cases.reading import publishable
from storage.database import Connection
from storage.findings import load_findings
from storage.lists.weekly import vehicle_sums
from storage.proofs import PASSED, last_proofs
from storage.registry import load_registry
from storage.stations.instruments import doubted

AUTHORITY = "Ủy ban nhân dân tỉnh Lạng Sơn\nSở Giao thông vận tải"
PLACE = "Lạng Sơn"
WEEK_S = 7 * DAY_S
_PROOFS = 1_000  # looked at; there is one a day


def bounds(week: str) -> tuple[int, int]:
    """Unix seconds [start, end) of the week that --week names. Raises InputError."""
    try:
        return parse_week(week)
    except ValueError as error:
        raise InputError(f"--week {error}") from None


def self_proof(connection: Connection, start: int, made_at: int) -> SelfProof | None:
    """The self-proofs that came to their end in [start, made_at]; None where there was none."""
    proofs = last_proofs(connection, _PROOFS, start, made_at + 1, conclusive=True)
    if not proofs:
        return None
    return SelfProof(len(proofs), sum(one.outcome == PASSED for one in proofs), proofs[0].ended_at, *proofs[0].all)


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
        doubted=doubted(connection, [one.id for one in findings]),
        counters=read_counters(connection, law, registry, (start, end), (*earlier.findings, *findings), made_at),
        proof=self_proof(connection, start, made_at),
    )
