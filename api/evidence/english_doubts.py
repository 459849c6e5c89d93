"""English words of a package for what the record does not say and what may be answered, beside those of `doubts`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from api.evidence.dossier import Dossier
from api.evidence.english import FLAGS, duration, number, when
from api.evidence.pictures import nearest_in_time
from api.evidence.road_words import EN
from api.evidence.roads import certainty
from api.evidence.scale_words import drifts_en
from api.evidence.wording import DRIVING_RULES
from journey.track import UNKNOWN, distance_m


def unknown(dossier: Dossier) -> Iterator[str]:
    """Quality of the data, gaps and assumptions: what the record does not say."""
    if not dossier.on_weighing:
        yield from _quality(dossier)
    yield from _of_rule(dossier)
    doubtful = [one["parameter"] for one in dossier.law["stated"] if not one["verified"]]
    if doubtful:
        yield f"Not yet compared with the text of the law: {'; '.join(doubtful)}."
    record = dossier.record
    if (record.law_version, record.method) != (dossier.law_version, dossier.method):
        yield (f"The finding was made with the rulebook {record.law_version} ({record.method}); this package with "
               f"{dossier.law_version} ({dossier.method}).")  # fmt: skip
    if record.code_version != dossier.code_version:
        yield f"The program that found it was {record.code_version}, that of this package is {dossier.code_version}."


def _quality(dossier: Dossier) -> Iterator[str]:
    finding, used, standing = dossier.finding, dossier.used, list(dossier.standing)
    copies = [row for row in dossier.fixes if row.copy]
    conflicts = sum(row.conflict for row in copies)
    unusable = sum(not row.usable for row in standing)
    flags = ", ".join(f"{FLAGS.get(name, name)} {count}" for name, count in sorted(dossier.flagged().items()))
    yield (f"Of {number(len(standing), 0)} records of the stretch enclosed {number(unusable, 0)} are not usable; "
           f"marks of quality: {flags or 'none'}; {number(len(copies), 0)} copies, of which {number(conflicts, 0)} "
           "differ.")  # fmt: skip
    if len(used) > 1:
        longest = max((b.time - a.time for a, b in pairwise(used) if a.vehicle == b.vehicle), default=0)
        late = [row.received - row.time for row in used if row.received is not None]
        delay = f"{duration(max(0, max(late)))} late at most" if late else "delay not known"
        yield (f"Longest step between two records that count: {duration(longest)}; receipt: {delay}, "
               f"{number(len(used) - len(late), 0)} records without a time of receipt.")  # fmt: skip
    yield ("The data were recorded by the journey recorder and passed on by its provider, without a signature of the "
           "recorder: this system proves that they are as received, not that the recorder measured "
           "rightly.")  # fmt: skip
    if finding.driver is not None:
        yield "Who drove is not established; only the licence that was logged in on the recorder is known."


def _of_rule(dossier: Dossier) -> Iterator[str]:
    finding = dossier.finding
    if finding.rule == "speeding":
        yield from certainty(finding, EN)
        yield "The recorder's error of speed is not known and not taken off."
    elif finding.rule == "moving_silence":
        yield ("Why there are no data is not known (recorder, network, provider or somebody's doing), nor is the "
               "road that was taken. Outages of this system's own intake have been left out.")  # fmt: skip
    elif finding.rule in DRIVING_RULES:
        silent = sum(one.end - one.start for one in dossier.pieces if one.kind == UNKNOWN)
        yield (f"Time of unknown activity in this stretch: {duration(silent)}; it counts as driving only where the "
               "grade is “For review”. Very short stops between two drives count as driving.")  # fmt: skip
    elif dossier.weighed is not None:
        yield from _of_weighing(dossier)


def _of_weighing(dossier: Dossier) -> Iterator[str]:
    weighed, finding = dossier.weighed, dossier.finding
    assert weighed is not None  # noqa: S101 - asked by the caller
    error = weighed.station.instrument_error_permille if weighed.station else None
    stated = weighed.sent.scale.error_permille if weighed.sent.scale else None
    if stated is not None and stated > (error or 0):
        yield f"Error of the scale by the class in its record: {number(stated, 0)} per mille, taken off."
    elif error is None:
        yield "The station is in no register: the error of the scale is not known."
    else:
        yield f"Error of the scale by the register of stations: {number(error, 0)} per mille, taken off each mass."
    yield from drifts_en(dossier, number, when)
    near = nearest_in_time(dossier)
    if near is None:
        yield "There is no record of the vehicle's place around the weighing to compare with the station."
    elif weighed.station is not None and weighed.station.lon is not None and weighed.station.lat is not None:
        ends = np.array([near.lon, weighed.station.lon]), np.array([near.lat, weighed.station.lat])
        apart = float(distance_m(*ends)[0]) / 1000
        yield (f"By the journey recorder the vehicle was at {when(near.time)} {number(apart, 2)} km from the station "
               "in a straight line; where that does not fit, plate, recorder or place of the station is to be "
               "cleared up.")  # fmt: skip
    if weighed.sent.persons is None and finding.rule == "overload_payload":
        yield f"The ticket does not state the persons aboard; {finding.detail['persons']} are counted."
    yield (
        "The weighing does not record who drove and who loaded; the certificate of the scale is not enclosed with "
        "the data."
    )
    if any(unit is None for unit in dossier.units):
        yield "A vehicle is not in the registry; the highest limit that may apply is applied."


def answers(dossier: Dossier) -> Iterator[str]:
    """What the driver or the operator may bring forward."""
    finding = dossier.finding
    if finding.rule == "speeding":
        yield (
            "the vehicle was on another road than that above, or signs or the built-up area were at that time other "
            "than in the data"
        )
        yield "the recorder recorded speed or place wrongly (with its certificate, a print from the recorder itself)"
        yield "necessity, a priority vehicle, or another person drove (with transport order, roster)"
    elif finding.rule == "moving_silence":
        yield "a broken recorder, no network, maintenance (with a report, the provider's notice), data kept in it"
        yield "the vehicle was carried or towed in this time"
    elif finding.rule in DRIVING_RULES:
        yield "another person drove for a part of the time (with roster, transport order, the camera aboard)"
        yield "there was a rest that the recorder did not record; card or licence used by another or not logged out"
        yield "congestion, breakdown, orders of a competent authority"
    elif dossier.on_weighing:
        yield "a second, static weighing; the certificate of the scale; the ticket of where it was loaded"
        yield "a permit, an inspection certificate of the vehicle or the trailer that states other figures"
        yield "who loaded, how many persons were aboard, the signs of mass at that place"
    if finding.operator is not None:
        yield "the registry names the wrong operator or kind, or the vehicle had passed to another operator"
