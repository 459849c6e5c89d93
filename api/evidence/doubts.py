"""What the record does not say, and what may be answered to it. Words are the language's, figures the dossier's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from api.evidence.dossier import Dossier
from api.evidence.pictures import nearest_in_time
from api.evidence.roads import certainty
from api.evidence.scale import drifts
from api.evidence.statements import DRIVING_RULES
from api.evidence.words import Words
from journey.track import UNKNOWN, distance_m


def unknown(dossier: Dossier, said: Words) -> Iterator[str]:
    """Quality of the data, gaps and assumptions: what the record does not say."""
    words, record = said.doubts, dossier.record
    if not dossier.on_weighing:
        yield from _quality(dossier, said)
    yield from _of_rule(dossier, said)
    doubtful = [words.figure(one) for one in dossier.law["stated"] if not one["verified"]]
    if doubtful:
        yield words.not_compared.format(figures="; ".join(doubtful))
    if (record.law_version, record.method) != (dossier.law_version, dossier.method):
        yield words.other_rulebook.format(then_law=record.law_version, then_method=record.method,
                                          now_law=dossier.law_version, now_method=dossier.method)  # fmt: skip
    if record.code_version != dossier.code_version:
        yield words.other_program.format(then=record.code_version, now=dossier.code_version)


def _quality(dossier: Dossier, said: Words) -> Iterator[str]:
    words, number = said.doubts, said.number
    finding, used, standing = dossier.finding, dossier.used, list(dossier.standing)
    copies = [row for row in dossier.fixes if row.copy]
    flags = ", ".join(f"{words.flags.get(name, name)} {count}" for name, count in sorted(dossier.flagged().items()))
    yield words.quality.format(
        standing=number(len(standing), 0), unusable=number(sum(not row.usable for row in standing), 0),
        flags=flags or words.no_flags, copies=number(len(copies), 0),
        conflicts=number(sum(row.conflict for row in copies), 0),
    )  # fmt: skip
    if len(used) > 1:
        longest = max((b.time - a.time for a, b in pairwise(used) if a.vehicle == b.vehicle), default=0)
        late = [row.received - row.time for row in used if row.received is not None]
        delay = words.delay.format(time=said.duration(max(0, max(late)))) if late else words.no_delay
        missing = number(len(used) - len(late), 0)
        yield words.steps.format(longest=said.duration(longest), delay=delay, missing=missing)
    yield words.unsigned
    if finding.driver is not None:
        yield words.who_drove


def _of_rule(dossier: Dossier, said: Words) -> Iterator[str]:
    finding, words = dossier.finding, said.doubts
    if finding.rule == "speeding":
        yield from certainty(finding, said.roads)
        yield words.speed_error
    elif finding.rule == "moving_silence":
        yield words.silence
    elif finding.rule in DRIVING_RULES:
        silent = sum(one.end - one.start for one in dossier.pieces if one.kind == UNKNOWN)
        yield words.unknown_time.format(time=said.duration(silent))
    elif dossier.weighed is not None:
        yield from _of_weighing(dossier, said)


def _of_weighing(dossier: Dossier, said: Words) -> Iterator[str]:
    weighed, finding, words = dossier.weighed, dossier.finding, said.doubts
    assert weighed is not None  # noqa: S101 - asked by the caller
    error = weighed.station.instrument_error_permille if weighed.station else None
    stated = weighed.sent.scale.error_permille if weighed.sent.scale else None
    if stated is not None and stated > (error or 0):
        yield words.error_by_class.format(error=said.number(stated, 0))
    elif error is None:
        yield words.error_unknown
    else:
        yield words.error_by_register.format(error=said.number(error, 0))
    yield from drifts(dossier, said)
    near = nearest_in_time(dossier)
    if near is None:
        yield words.no_place
    elif weighed.station is not None and weighed.station.lon is not None and weighed.station.lat is not None:
        ends = np.array([near.lon, weighed.station.lon]), np.array([near.lat, weighed.station.lat])
        apart = float(distance_m(*ends)[0]) / 1000
        yield words.place.format(at=said.when(near.time), way=said.number(apart, 2))
    if weighed.sent.persons is None and finding.rule == "overload_payload":
        yield words.no_persons.format(persons=finding.detail["persons"])
    yield words.who_loaded
    if any(unit is None for unit in dossier.units):
        yield words.unit_unknown


def answers(dossier: Dossier, said: Words) -> Iterator[str]:
    """What the driver or the operator may bring forward."""
    finding, words = dossier.finding, said.doubts
    if finding.rule in words.answers:
        yield from words.answers[finding.rule]
    elif finding.rule in DRIVING_RULES:
        yield from words.answers["driving"]
    elif dossier.on_weighing:
        yield from words.answers["weighing"]
    if finding.operator is not None:
        yield words.answer_registry
