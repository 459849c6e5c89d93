"""What a package states: who, what, when and what was recorded, and why a finding is not to be relied on as it is.

Words are the language's; every figure comes from the dossier. Nothing is said of the person that the record does not
hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.evidence.dossier import Dossier
from api.evidence.scale import in_doubt
from api.evidence.words import Words
from journey.model import Finding, Grade
from journey.track import DRIVING

DRIVING_RULES = ("continuous_driving", "daily_driving", "weekly_driving", "double_login")
_OVER = "{measured} − {limit} = {over} kg; 100 × {over} / {limit} = {percent} %."


def warnings(dossier: Dossier, said: Words) -> list[str]:
    """What must stand on the first page: why the finding is not to be relied on as it is. Empty where it stands."""
    lines, record, words = [], dossier.record, said.statements
    if record.withdrawn_at is not None:
        reason = words.reasons.get(record.reason or "", record.reason or words.no_reason)
        at = said.when(record.withdrawn_at)
        lines.append(words.withdrawn.format(at=at, reason=reason, run=record.withdrawn_run))
    if dossier.derived == "gone":
        lines.append(words.gone)
    if dossier.derived == "changed":
        fields = ", ".join(_difference(*one, said) for one in dossier.differences)
        lines.append(words.changed.format(fields=fields))
    if dossier.backups and not dossier.on_weighing:
        lines.append(words.backups.format(backups=", ".join(dossier.backups)))
    if dossier.groundless:
        lines.append(words.groundless)
    if dossier.finding.grade == Grade.POSSIBLE:
        lines.append(words.for_review)
    if in_doubt(dossier):
        lines.append(words.scale_in_doubt)
    return lines


def _difference(field: str, stored: Any, derived: Any, said: Words) -> str:
    name = said.statements.fields.get(field, field)
    if not isinstance(stored, int | float | str):
        return name
    return said.statements.field.format(name=name, stored=stored, derived=derived)


def facts(dossier: Dossier, said: Words) -> Iterator[tuple[str, str]]:
    """Who, what, when and how much, as label and value."""
    finding, words = dossier.finding, said.statements
    yield words.conduct, words.rule(finding.rule)
    unit = dossier.units[0] if dossier.units else None
    kind = [words.kind(unit.kind), words.businesses.get(unit.business or "", "")] if unit else []
    yield words.vehicle, f"{finding.vehicle} ({', '.join(filter(None, kind)) or words.unregistered})"
    if dossier.weighed and dossier.weighed.sent.trailer:
        yield words.trailer, dossier.weighed.sent.trailer
    name = finding.operator
    if dossier.operator_name:
        name = words.operator_named.format(name=dossier.operator_name, id=finding.operator)
    yield words.operator, name or words.no_operator
    if not dossier.on_weighing:
        yield words.licence, finding.driver or words.no_licence
    if finding.start != finding.end:
        yield words.time, words.from_to.format(start=said.when(finding.start), end=said.when(finding.end))
    yield words.complete, said.when(finding.at)
    yield words.result, " – ".join(filter(None, [_measure(finding, said), words.band(finding)]))
    yield words.grade, words.grades[finding.grade]


def _measure(finding: Finding, said: Words) -> str:
    words, number = said.statements, said.number
    if finding.unit == "km/h":
        return words.measured_speed.format(
            measured=number(finding.measured), limit=number(finding.limit, 0), excess=number(finding.excess)
        )
    if finding.unit == "kg":
        return words.measured_mass.format(**_masses(finding, said))
    if finding.rule == "double_login":
        return words.measured_at_once.format(time=said.duration(finding.measured))
    measured, limit, excess = (said.duration(value) for value in (finding.measured, finding.limit, finding.excess))
    return words.measured_time.format(measured=measured, limit=limit, excess=excess)


def _masses(finding: Finding, said: Words) -> dict[str, str]:
    return {"measured": said.number(finding.measured, 0), "limit": said.number(finding.limit, 0),
            "over": said.number(finding.measured - finding.limit, 0),
            "percent": said.number(finding.excess, 2)}  # fmt: skip


def recorded(dossier: Dossier, said: Words) -> Iterator[str]:
    """How the figures come about."""
    finding, detail, words = dossier.finding, dossier.finding.detail, said.statements
    number, when = said.number, said.when
    if finding.rule == "speeding":
        yield words.speeding.format(
            fixes=detail["fixes"], start=when(finding.start), end=when(finding.end), measured=number(finding.measured),
            limit=number(finding.limit), excess=number(finding.excess),
        )  # fmt: skip
        yield words.speeds.format(
            peak=number(detail["peak_speed"]), mean=number(detail["mean_speed"]), way=number(detail["distance_m"], 0)
        )
    elif finding.rule == "moving_silence":
        way = number(detail["distance_m"] / 1000, 2)
        yield words.silence.format(start=when(finding.start), end=when(finding.end), way=way)
    elif finding.rule == "double_login":
        yield words.at_once.format(plates=", ".join(str(plate) for plate in detail["vehicles"]))
        yield words.use_of_licence
    elif finding.rule in DRIVING_RULES:
        driving = [one for one in dossier.pieces if one.kind == DRIVING]
        yield words.driving.format(
            stretches=len(driving), vehicles=len({one.vehicle for one in driving}),
            time=said.duration(finding.measured), measured=number(finding.measured, 0),
            limit=number(finding.limit, 0), excess=number(finding.excess, 0), at=when(finding.at),
        )  # fmt: skip
    elif dossier.weighed is not None:
        yield from _weighed(dossier, said)
    if not dossier.on_weighing:
        yield words.counted.format(fixes=number(len(dossier.used), 0))


def _weighed(dossier: Dossier, said: Words) -> Iterator[str]:
    finding, weighed, words = dossier.finding, dossier.weighed, said.statements
    assert weighed is not None  # noqa: S101 - asked by the caller
    sent, detail, masses = weighed.sent, finding.detail, _masses(finding, said)
    lane = words.lane.format(lane=sent.lane) if sent.lane is not None else ""
    station = weighed.station.name if weighed.station else sent.station
    yield words.weighed.format(station=station, id=sent.station, lane=lane, ticket=sent.ticket or words.no_ticket)
    if finding.rule == "overload_payload":
        gross, kerb = said.number(weighed.gross_kg, 0), said.number(detail["kerb_kg"], 0)
        yield words.cargo.format(gross=gross, kerb=kerb, persons=detail["persons"], **masses)
    elif finding.rule == "overload_axle":
        yield words.axles.format(axles=detail["axles"], **masses)
    yield _OVER.format(**masses)
