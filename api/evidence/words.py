"""What a package says of a finding, as phrases with places for figures: one set of them for each language.

The code that fills them in is the same for all: `statements`, `doubts` and `penalties`. Of roads `road_words` has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.evidence.road_words import Words as RoadWords
from journey.model import Finding, Grade


@dataclass(frozen=True, slots=True)
class Statements:
    """Who, what, when, and what was recorded; before it, why a finding is not to be relied on as it is."""

    withdrawn: str
    reasons: Mapping[str, str]
    no_reason: str
    gone: str
    changed: str
    fields: Mapping[str, str]  # of a finding, by their names in the data
    field: str
    backups: str
    groundless: str
    for_review: str
    scale_in_doubt: str

    rule: Callable[[str], str]
    kind: Callable[[str], str]
    businesses: Mapping[str, str]
    band: Callable[[Finding], str]
    grades: Mapping[Grade, str]
    conduct: str
    vehicle: str
    unregistered: str
    trailer: str
    operator: str
    operator_named: str
    no_operator: str
    licence: str
    no_licence: str
    time: str
    from_to: str
    complete: str
    result: str
    grade: str

    measured_speed: str
    measured_mass: str
    measured_at_once: str
    measured_time: str

    speeding: str
    speeds: str
    silence: str
    at_once: str
    use_of_licence: str
    driving: str
    counted: str
    weighed: str
    lane: str
    no_ticket: str
    cargo: str
    axles: str


@dataclass(frozen=True, slots=True)
class Doubts:
    """What the record does not say, and what may be answered to it."""

    figure: Callable[[Mapping[str, Any]], str]  # a row of the law excerpt
    not_compared: str
    other_rulebook: str
    other_program: str
    flags: Mapping[str, str]
    no_flags: str
    quality: str
    delay: str
    no_delay: str
    steps: str
    unsigned: str
    who_drove: str
    speed_error: str
    silence: str
    unknown_time: str
    error_by_class: str
    error_unknown: str
    error_by_register: str
    drift: str
    drift_ways: Mapping[str, str]  # by direction
    drift_later: str
    drift_less: str
    drift_verdicts: Mapping[bool, str]  # by whether what is left is above the limit
    no_place: str
    place: str
    no_persons: str
    who_loaded: str
    unit_unknown: str
    answers: Mapping[str, tuple[str, ...]]  # by rule, or by what several rules share: driving, weighing
    answer_registry: str


@dataclass(frozen=True, slots=True)
class Penalties:
    """What the law takes. notes, because: by how the consequences word them; another is printed as it is."""

    subjects: Mapping[str, str]
    fine: str
    organisation: str
    points: str
    suspensions: Mapping[str, str]
    between: str
    because: Mapping[str, str]
    notes: Mapping[str, str]
    citation: str  # the excerpt's field with the citation in this language
    not_verified: str


@dataclass(frozen=True, slots=True)
class Words:
    """A language: how it writes a number, a length of time and an instant, and its phrases."""

    number: Callable[..., str]
    duration: Callable[[float], str]
    when: Callable[[int], str]
    statements: Statements
    doubts: Doubts
    penalties: Penalties
    roads: RoadWords
