"""The weekly list as data: who is listed, on what coverage, made with what. Every format prints this and nothing else.

Only findings of grade `certain` are listed, and none that its case keeps back. An operator or a vehicle without data is
stated as such: silence is not innocence, and a low count means little where the coverage is low.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

from api.exports import wording
from api.exports.counters import MonthCounters
from api.exports.coverage import VehicleCoverage, by_operator
from api.exports.history import Earlier, Repeated, last_week, repeated
from api.exports.publication import Publication
from journey.localtime import parse_week
from journey.model import Finding, Grade, Note
from journey.registry import Operator, Registration


class Status(StrEnum):
    """What can be said of an operator or a vehicle from its data."""

    FOUND = "found"  # there are findings
    CLEAR = "clear"  # data, and nothing found in it
    UNJUDGED = "unjudged"  # fixes, but not one interval of known activity
    SILENT = "silent"  # vehicles, but no fix of any of them
    EMPTY = "empty"  # no vehicle with a recorder
    UNREGISTERED = "unregistered"  # data of vehicles in no registry: kept, and not judged


@dataclass(frozen=True, slots=True)
class OperatorPart:
    """One operator's share of the list; `id` None: the vehicles that no operator has registered.

    Units: _s seconds, _m metres; `coverage` is the known seconds over the week's seconds of all its vehicles, 0 to 1.
    `last_week`: certain findings of the week before; None where it had no data then, or that is not known.
    """

    id: str | None
    name: str
    tax_code: str | None
    vehicles_registered: int
    vehicles_with_data: int
    coverage: float
    driving_s: int
    standing_s: int
    unknown_s: int
    driving_m: float
    vehicles: tuple[VehicleCoverage, ...]
    findings: tuple[Finding, ...]
    last_week: int | None = None

    @property
    def status(self) -> Status:
        if self.findings:
            return Status.FOUND
        if not self.vehicles:
            return Status.EMPTY
        if not self.vehicles_with_data:
            return Status.SILENT
        if self.id is None:
            return Status.UNREGISTERED
        return Status.CLEAR if self.driving_s + self.standing_s else Status.UNJUDGED


@dataclass(frozen=True, slots=True)
class SelfProof:
    """The self-proofs between the week's begin and the list's making: a fleet of known answers, found or not.

    ran: came to their end; passed: of these, found what was planted and nothing else; planted, found, extra: of the
    last of these.
    """

    ran: int
    passed: int
    last_at: int
    planted: int
    found: int
    extra: int


@dataclass(frozen=True, slots=True)
class WeeklyList:
    """A week's enforcement list. Times are Unix seconds; `authority` has a line for each body, the issuing one last.

    `possible`: findings that were left out as open to review; `held`: certain ones that their cases keep back, or that
    rest on an instrument in doubt; `in_doubt`: how many of them for the instrument; `listed_in_doubt`: listed all the
    same, as a person confirmed them.
    `watermark`: the last receipt that was taken in.
    `publication` None: a draft that nobody has published. `proof` None: there was no self-proof.
    """

    week: str
    start: int
    end: int
    made_at: int
    authority: str
    place: str
    law_version: str
    method: str
    method_title: str
    code_version: str
    run_ids: tuple[str, ...]
    watermark: int | None
    operators: tuple[OperatorPart, ...]
    unregistered: OperatorPart
    possible: int
    notes: tuple[Note, ...]
    publication: Publication | None = None
    repeated: tuple[Repeated, ...] = ()
    held: int = 0
    in_doubt: int = 0
    listed_in_doubt: tuple[Finding, ...] = ()
    counters: tuple[MonthCounters, ...] = ()
    proof: SelfProof | None = None

    @property
    def parts(self) -> tuple[OperatorPart, ...]:
        """The operators in order; the unregistered vehicles last, where there are any."""
        some = self.unregistered.findings or self.unregistered.vehicles
        return (*self.operators, self.unregistered) if some else self.operators

    def listed(self) -> Iterator[tuple[OperatorPart, Finding]]:
        """Every listed finding in the order of print, with its operator."""
        return ((part, finding) for part in self.parts for finding in part.findings)


def build(
    findings: Iterable[Finding],
    coverage: Iterable[VehicleCoverage],
    operators: Iterable[Operator],
    registrations: Iterable[Registration],
    *,
    week: str,
    made_at: int,
    authority: str,
    law_version: str,
    method: str,
    method_title: str,
    code_version: str,
    place: str = "",
    run_ids: Iterable[str | int] = (),
    watermark: int | None = None,
    notes: Iterable[Note] = (),
    publication: Publication | None = None,
    earlier: Earlier | None = None,
    allowed: Collection[str] | None = None,
    doubted: Collection[str] = (),
    counters: Iterable[MonthCounters] = (),
    proof: SelfProof | None = None,
) -> WeeklyList:
    """The list of an ISO week such as 2026-W12.

    Args:
        findings: of any grade and time; those whose `at` lies in the week are taken.
        coverage: rows of one vehicle under one operator, cut at the week's borders; rows of the same pair (days) are
            added up. A registered vehicle without a row is a vehicle without data.
        registrations: any rows; those in force in the week and with a recorder are taken.
        made_at: Unix seconds, printed as the moment of making.
        earlier: the weeks before; None: not looked at.
        allowed: ids of the findings that may be listed; None: those of grade certain.
        doubted: ids of those weighed with an instrument in alarm that shows too much.
        counters: of the months that the week touches.
        proof: the self-proofs since the week's begin, where there were any.

    Raises:
        ValueError: no ISO week, a finding given twice, or coverage of more seconds than the week has.
    """
    start, end = parse_week(week)
    inside = [finding for finding in findings if start <= finding.at < end]
    taken = [one for one in inside if (one.grade == Grade.CERTAIN if allowed is None else one.id in allowed)]
    listed = _by_operator(taken)
    vehicles = by_operator(coverage, registrations, start, end)
    known = {operator.id: operator for operator in operators}
    missing = sorted({key for key in (*listed, *vehicles) if key} - known.keys())
    known |= {key: Operator(key, key) for key in missing}
    in_order = sorted(known.values(), key=lambda operator: (wording.collation(operator.name), operator.id))
    seconds = end - start
    before = last_week(earlier, start)

    def part(id: str | None, name: str, tax_code: str | None) -> OperatorPart:
        return _part(id, name, tax_code, vehicles.get(id, ()), listed.get(id, []), seconds, before.get(id))

    return WeeklyList(
        week=week,
        start=start,
        end=end,
        made_at=made_at,
        authority=authority,
        place=place,
        law_version=law_version,
        method=method,
        method_title=method_title,
        code_version=code_version,
        run_ids=tuple(str(run) for run in run_ids),
        watermark=watermark,
        operators=tuple(part(item.id, item.name, item.tax_code) for item in in_order),
        unregistered=part(None, wording.UNREGISTERED, None),
        possible=_count(inside, Grade.POSSIBLE) - _count(taken, Grade.POSSIBLE),
        notes=(*notes, *(Note("registry_gap", key, "Mã đơn vị không có trong sổ đăng ký") for key in missing)),
        publication=publication,
        held=_count(inside, Grade.CERTAIN) - _count(taken, Grade.CERTAIN),
        in_doubt=_count((one for one in inside if one.id in doubted), Grade.CERTAIN)
        - _count((one for one in taken if one.id in doubted), Grade.CERTAIN),
        listed_in_doubt=tuple(sorted((one for one in taken if one.id in doubted), key=_order)),
        counters=tuple(counters),
        proof=proof,
        repeated=repeated((one for part in listed.values() for one in part), earlier, start),
    )


def _count(findings: Iterable[Finding], grade: Grade) -> int:
    return sum(finding.grade == grade for finding in findings)


def _by_operator(findings: Iterable[Finding]) -> dict[str | None, list[Finding]]:
    seen: set[str] = set()
    groups: dict[str | None, list[Finding]] = {}
    for finding in findings:
        if finding.id in seen:
            raise ValueError(f"finding {finding.id} is given twice: nobody is listed twice for one offence")
        seen.add(finding.id)
        groups.setdefault(finding.operator or None, []).append(finding)
    return groups


def _part(
    id: str | None,
    name: str,
    tax_code: str | None,
    vehicles: tuple[VehicleCoverage, ...],
    findings: list[Finding],
    seconds: int,
    last_week: int | None,
) -> OperatorPart:
    known = sum(row.known_s for row in vehicles)
    return OperatorPart(
        id=id,
        name=name,
        tax_code=tax_code,
        vehicles_registered=len(vehicles) if id else 0,
        vehicles_with_data=sum(row.fixes > 0 for row in vehicles),
        coverage=known / (seconds * len(vehicles)) if vehicles else 0.0,
        driving_s=sum(row.driving_s for row in vehicles),
        standing_s=sum(row.standing_s for row in vehicles),
        unknown_s=sum(row.unknown_s for row in vehicles),
        driving_m=fsum(row.driving_m for row in vehicles),
        vehicles=vehicles,
        findings=tuple(sorted(findings, key=_order)),
        last_week=last_week,
    )


def _order(finding: Finding) -> tuple[str, str, str, int, int, str]:
    return finding.rule, finding.vehicle, finding.driver or "", finding.at, finding.start, finding.id
