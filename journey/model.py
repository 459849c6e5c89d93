"""Records of the domain: what arrives, what is known about it, and what is concluded from it.

Times are UTC Unix seconds (int); dates are local (Asia/Ho_Chi_Minh). Every interval is half-open [start, end).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from itertools import groupby
from typing import Any, Literal, NamedTuple


class Flag(IntFlag):
    """Quality of one fix. A fix carries every flag that applies; a fatal one makes it unusable for rules."""

    ZERO = 1
    SWAPPED = 2
    OUTSIDE = 4
    FUTURE = 8
    SPEED_RANGE = 16
    JUMP = 32
    FROZEN = 64
    SCALED_TIME = 128


FATAL = Flag.ZERO | Flag.OUTSIDE | Flag.FUTURE | Flag.SPEED_RANGE | Flag.JUMP


class Reason(StrEnum):
    """Why a message, or one record in it, was kept as a rejection instead of being stored as data."""

    UNDECODABLE = "undecodable"  # the bytes are not of the format
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"  # a field holds something that cannot be read as what it should be
    OUT_OF_RANGE = "out_of_range"  # not finite, or beyond what any store could hold
    UNSUPPORTED_TYPE = "unsupported_type"  # a message type of the format that carries nothing for us
    TOO_LARGE = "too_large"
    NOT_THEIRS = "not_theirs"  # a vehicle that is registered to an operator for whom the sender does not speak
    UNKNOWN_SENDER = "unknown_sender"  # the transport let it in, the registry names no such operator or provider
    UNSTORABLE = "unstorable"  # decoded, but the store refuses it


class DecodeError(ValueError):
    """A payload, or one record in it, cannot be decoded. `detail` says what and where, for the sender to mend."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Fix(NamedTuple):
    """One position report as sent, in our units. Plate and licence are normalised; None means not sent.

    Units: time and received s (UTC); lon, lat degrees WGS 84; speed_dkmh tenths of km/h, rounded half-up;
    heading degrees clockwise from north; altitude_m m. `scaled`: the time was sent in milliseconds.
    """

    vehicle: str
    driver: str | None
    time: int
    lon: float
    lat: float
    speed_dkmh: int
    heading: float | None = None
    altitude_m: float | None = None
    ignition: bool | None = None
    door: bool | None = None
    aircon: bool | None = None
    received: int | None = None
    scaled: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """What a provider declares about a vehicle, driver or company (UFMS Reg*). Kept as sent; it is no registry row."""

    kind: Literal["vehicle", "driver", "company"]
    subject: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scale:
    """By what a weighing was made and how its plate was read, as the station says. None: not said.

    certificate_until: the last day, included, on which the instrument's verification holds, as 2026-03-31.
    error_permille: the error of its class. plate_permille: how sure the reader is of the plate, 0 to 1000.
    image: where the picture lies; the picture itself is not kept here.
    """

    instrument: str | None = None
    certificate: str | None = None
    certificate_until: str | None = None
    error_permille: int | None = None
    speed_dkmh: int | None = None
    plate_permille: int | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Weighing:
    """One weighing of one vehicle (combination). Masses kg, spacings mm between neighbouring axles, as measured.

    scale: None for a record of the older form, which says nothing of it. It is no part of the printed form, so that
    such records keep the names they always had.
    """

    station: str
    lane: int | None
    time: int
    plate: str
    trailer: str | None
    axle_kg: tuple[int, ...]
    spacing_mm: tuple[int, ...]
    gross_kg: int
    persons: int | None
    containers: int | None
    ticket: str | None
    scale: Scale | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class BadRecord:
    """One record of a payload that could not be decoded: where, why, and its bytes."""

    where: str  # "line 17", "record 3"
    reason: Reason
    detail: str
    payload: bytes


@dataclass(slots=True)
class Decoded:
    """What one payload holds. Good records are never lost because a neighbour is bad."""

    fixes: list[Fix] = field(default_factory=list)
    frame: Any | None = None  # fixes as a polars frame of journey.track.FIX, from table formats
    weighings: list[Weighing] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)


class RawMessage(NamedTuple):
    """Bytes from a source, with what its transport knows about them."""

    source: str  # the stream that `position` counts in
    position: int | None  # where the next message of the stream begins; None: the transport keeps that account
    payload: bytes
    received: int | None  # s, UTC
    place: str = ""  # what a person calls it: "north.csv line 1201"
    sender: str | None = None  # operator or provider as the transport knows it; None: who runs this system
    protocol: str = ""
    ticket: Any = None  # what the source needs to acknowledge it

    def whole(self, error: DecodeError) -> BadRecord:
        """The message as one bad record."""
        return BadRecord(self.place, error.reason, error.detail, self.payload)


@dataclass(frozen=True, slots=True)
class Rejection:
    """Bytes that were not stored as data, with the reason. Nothing that arrived is thrown away."""

    source: str  # connection, or recorded file
    where: str
    reason: Reason
    detail: str
    payload: bytes
    received: int | None
    sender: str | None = None
    protocol: str = ""  # what the payload is to be decoded as, should it be taken in after all


class Grade(StrEnum):
    CERTAIN = "certain"  # holds under the reading most favourable to the driver
    POSSIBLE = "possible"  # holds only under an unfavourable reading; shown for review, never listed


class LawUse(NamedTuple):
    """One figure that a finding rests on, as it stood in force."""

    parameter: str
    value: Any
    unit: str
    in_force_from: str
    citation: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One conclusion, with the law it rests on. `at` is the instant the offence is complete."""

    rule: str
    grade: Grade
    vehicle: str
    driver: str | None
    operator: str | None
    start: int
    end: int
    at: int
    measured: float | int
    limit: float | int
    excess: float | int
    unit: str
    band: str | None
    law: tuple[LawUse, ...]
    detail: dict[str, Any]

    @property
    def id(self) -> str:
        """Stable over recomputation: the same offence keeps its id when its measure changes."""
        return _digest([self.rule, self.vehicle, self.driver, self.start, self.at, self.detail.get("record")])

    @property
    def content(self) -> str:
        """Hash of everything that the finding states."""
        return _digest(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """The finding as printed by `evaluate`: keys in the order of the published form."""
        return {
            "rule": self.rule,
            "grade": str(self.grade),
            "vehicle": self.vehicle,
            "driver": self.driver,
            "operator": self.operator,
            "start": self.start,
            "end": self.end,
            "at": self.at,
            "measured": self.measured,
            "limit": self.limit,
            "excess": self.excess,
            "unit": self.unit,
            "band": self.band,
            "law": [use._asdict() for use in self.law],
            "detail": self.detail,
        }

    def order(self) -> tuple[Any, ...]:
        """Sort key of printed findings: rule, vehicle, driver (absent first), start, at; then content."""
        return (*_place(self), self.content)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted by Finding.order; the content, which takes long to make, of those alone that nothing else parts."""
    ordered: list[Finding] = []
    for _, alike in groupby(sorted(findings, key=_place), key=_place):
        some = list(alike)
        ordered += some if len(some) == 1 else sorted(some, key=Finding.order)
    return ordered


def _place(finding: Finding) -> tuple[Any, ...]:
    """Finding.order without the content."""
    return (
        finding.rule, finding.vehicle, finding.driver or "", finding.start, finding.at, str(finding.grade)
    )  # fmt: skip


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a reader of the findings must know: a gap in the registry, a plate of no known form."""

    kind: str
    subject: str
    text: str
