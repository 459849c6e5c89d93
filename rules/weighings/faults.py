"""What is wrong with a weighing as a record: it contradicts itself, or does not say for sure whom it is about.

Such records are kept and told of. An impossible one is not judged; a doubtful one gives findings for review.
Units: kg, mm, permille.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from journey.localtime import date_of, day_of
from journey.model import Note, Weighing
from journey.plates import UNREAD
from journey.registry import Station
from rules.law import Dated, Law

IMPOSSIBLE = ("axle_sum", "zero_spacing", "axle_mass", "plate_unread")
DOUBTFUL = ("plate_unsure", "certificate_over")
PERMILLE = 1000


class Fault(NamedTuple):
    """kind: one of IMPOSSIBLE or DOUBTFUL, or `axles_missing`, `ticket_twice`. law: the figures it rests on."""

    kind: str
    text: str
    law: tuple[Dated, ...] = ()

    @property
    def impossible(self) -> bool:
        return self.kind in IMPOSSIBLE

    @property
    def doubtful(self) -> bool:
        return self.kind in DOUBTFUL

    def note(self, weighing: Weighing) -> Note:
        text = f"weighing at {weighing.station} at {weighing.time}: {self.text}"
        return Note(f"weighing_{self.kind}", weighing.plate, text)


def error_permille(weighing: Weighing, station: Station | None) -> int:
    """The error taken off: the larger of what the station's entry and the record's own certificate state."""
    stated = weighing.scale.error_permille if weighing.scale else None
    return max(station.instrument_error_permille if station else 0, stated or 0)


def faults_of(weighing: Weighing, station: Station | None, law: Law) -> list[Fault]:
    """What is wrong with one record by itself, in a fixed order."""
    found: list[Fault] = []
    if weighing.plate == UNREAD:
        found.append(Fault("plate_unread", "the plate could not be read: nobody can be named"))
    found += _masses(weighing, station, law)
    if (scale := weighing.scale) is None:
        return found
    least = law.method["plate_confidence_min"]
    if scale.plate_permille is not None and scale.plate_permille < least.value and weighing.plate != UNREAD:
        text = f"the reader was sure of the plate to {scale.plate_permille} permille, less than {least.value}"
        found.append(Fault("plate_unsure", text, (least,)))
    day = date_of(day_of(weighing.time)).isoformat()
    if scale.certificate_until is not None and scale.certificate_until < day:
        text = f"the verification of instrument {scale.instrument or '(not named)'} ended on {scale.certificate_until}"
        found.append(Fault("certificate_over", text))
    return found


def _masses(weighing: Weighing, station: Station | None, law: Law) -> list[Fault]:
    found: list[Fault] = []
    axles = weighing.axle_kg
    if not axles:
        return [Fault("axles_missing", "no axle masses: axles not judged, the whole by the highest limit")]
    assumed, heaviest = law.method["weighing_sum_error"], law.method["weighing_axle_max"]
    error = error_permille(weighing, station) or assumed.value
    total = sum(axles)
    # Each of the two may be out by the instrument's error; more is no error of weighing.
    if abs(total - weighing.gross_kg) * PERMILLE > error * (total + weighing.gross_kg):
        text = f"axles of {total} kg and a whole of {weighing.gross_kg} kg: more apart than {error} permille each"
        found.append(Fault("axle_sum", text, (assumed,)))
    if 0 in weighing.spacing_mm:
        found.append(Fault("zero_spacing", "two axles at a distance of 0 mm"))
    if max(axles) > heaviest.value:
        text = f"{max(axles)} kg on one axle, more than {heaviest.value} kg"
        found.append(Fault("axle_mass", text, (heaviest,)))
    return found


def repeated_tickets(weighings: Iterable[Weighing]) -> list[tuple[Weighing, Fault]]:
    """Weighings of one station under one ticket that say different things; each is told of, none is chosen."""
    held: dict[tuple[str, str], list[Weighing]] = defaultdict(list)
    for one in weighings:
        if one.ticket is not None:
            held[one.station, one.ticket].append(one)
    return [
        (one, Fault("ticket_twice", f"ticket {ticket} stands on {len(some)} different records of station {station}"))
        for (station, ticket), some in held.items()
        if len(some) > 1
        for one in some
    ]
