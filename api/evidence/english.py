"""English words of a package, beside the Vietnamese of `wording`: who, what, when, and what was recorded.

Line by line what `wording` says, with the same figures: a test holds them beside each other. The Vietnamese prevails.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.evidence.dossier import Dossier
from api.evidence.scale_words import in_doubt
from api.evidence.wording import DRIVING_RULES
from api.exports.publication import moment
from journey.model import Finding, Grade
from journey.track import DRIVING

RULES = {
    "speeding": "Speeding",
    "continuous_driving": "Driving without a break for longer than allowed",
    "daily_driving": "Driving for longer in a day than allowed",
    "weekly_driving": "Driving for longer in a week than allowed",
    "double_login": "One driving licence logged in on several vehicles at once",
    "moving_silence": "Loss of signal while the vehicle moved",
    "overload_payload": "Cargo beyond the payload of the inspection certificate",
    "overload_gross": "Gross mass beyond what road or bridge bears",
    "overload_axle": "Axle load beyond what road or bridge bears",
}
GRADES = {Grade.CERTAIN: "Certain", Grade.POSSIBLE: "For review"}
FLAGS = {"zero": "coordinates of 0", "swapped": "longitude and latitude swapped", "outside": "outside of the area",
         "future": "time in the future", "speed_range": "speed out of range", "jump": "jump of place",
         "frozen": "place that stands while driving", "scaled_time": "time counted in milliseconds"}  # fmt: skip
_BUSINESS = {"fixed_route": "fixed route", "bus": "bus", "contract": "contract", "tourist": "tourism", "taxi": "taxi",
             "goods": "goods", "container": "containers"}  # fmt: skip
_FIELDS = {"at": "complete at", "law": "legal basis", "driver": "driving licence", "vehicle": "plate"}
_UNITS = {"percent": "%", "none": "", "person": "persons", "fix": "records", "degree": "degrees"}


def when(time: int) -> str:
    return moment(time).strftime("%H:%M:%S on %d/%m/%Y")


def number(value: float, places: int = 1) -> str:
    return f"{value:,.{places}f}"


def duration(seconds: float) -> str:
    """A length of time in words.

    >>> duration(14_410), duration(7_200), duration(0)
    ('4 h 10 s', '2 h', '0 s')
    """
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    parts = ((hour, "h"), (minute, "min"), (second, "s"))
    return " ".join(f"{count} {name}" for count, name in parts if count) or "0 s"


def unit(code: str) -> str:
    return _UNITS.get(code, code)


def band(finding: Finding) -> str:
    """The penalty band as the law names it; empty where it has none."""
    if not finding.band:
        return ""
    return f"band {finding.band} {'km/h' if finding.rule == 'speeding' else '%'}"


def warnings(dossier: Dossier) -> list[str]:
    """What must stand on the first page: why the finding is not to be relied on as it is. Empty where it stands."""
    said, record = [], dossier.record
    if record.withdrawn_at is not None:
        said.append(f"THIS FINDING WAS WITHDRAWN at {when(record.withdrawn_at)} (reason: "
                    f"{record.reason or 'not recorded'}; run {record.withdrawn_run}). It is no ground for any "
                    "measure.")  # fmt: skip
    if dossier.derived == "gone":
        said.append("THE STORED RECORDS NO LONGER GIVE THIS FINDING: they have changed or are no longer there, or "
                    "another law applies. What follows is the finding as stored, not derived anew.")  # fmt: skip
    if dossier.derived == "changed":
        fields = ", ".join(_difference(*one) for one in dossier.differences)
        said.append(f"THE STORED RECORDS NOW GIVE ANOTHER RESULT THAN THE STORED FINDING: {fields}. What follows is "
                    "the finding as stored; the records enclosed are those that the store has now.")  # fmt: skip
    if dossier.backups and not dossier.on_weighing:
        said.append(f"The records have outlived their term and lie in the backup {', '.join(dossier.backups)}: "
                    "restore it into a new store and make the package from there.")  # fmt: skip
    if dossier.groundless:
        said.append("The store has no record left that this finding rests on.")
    if dossier.finding.grade == Grade.POSSIBLE:
        said.append("FOR REVIEW ONLY: the finding holds only where missing data are read against the driver; it goes "
                    "on no list.")  # fmt: skip
    if in_doubt(dossier):
        said.append("FOR REVIEW ONLY: the scale of this weighing is in alarm and showed more than when it was "
                    "certified; it goes on a list only where a person confirmed it.")  # fmt: skip
    return said


def _difference(name: str, stored: Any, derived: Any) -> str:
    shown = f" (stored {stored}, now {derived})" if isinstance(stored, int | float | str) else ""
    return _FIELDS.get(name, name) + shown


def facts(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Who, what, when and how much, as label and value."""
    finding, registered = dossier.finding, dossier.units[0] if dossier.units else None
    yield "Conduct", RULES.get(finding.rule, finding.rule)
    kind = (
        [registered.kind.replace("_", " "), _BUSINESS.get(registered.business or "", "")]
        if registered is not None
        else []
    )
    yield "Vehicle", f"{finding.vehicle} ({', '.join(filter(None, kind)) or 'not in the registry'})"
    if dossier.weighed and dossier.weighed.sent.trailer:
        yield "Trailer, semi-trailer", dossier.weighed.sent.trailer
    name = f"{dossier.operator_name} (id {finding.operator})" if dossier.operator_name else finding.operator
    yield "Operator", name or "Not known: the vehicle is not in the registry"
    if not dossier.on_weighing:
        yield "Driving licence logged in", finding.driver or "Not known: the recorder did not send one"
    if finding.start != finding.end:
        yield "Time", f"from {when(finding.start)} to {when(finding.end)}"
    yield "Complete at", when(finding.at)
    yield "Result", " – ".join(filter(None, [_measure(finding), band(finding)]))
    yield "Grade", GRADES[finding.grade]


def _measure(finding: Finding) -> str:
    if finding.unit == "km/h":
        limit = f"limit {number(finding.limit, 0)} km/h"
        return f"{number(finding.measured)} km/h, {limit}, {number(finding.excess)} km/h above it"
    if finding.unit == "kg":
        return (f"{number(finding.measured, 0)} kg, allowed {number(finding.limit, 0)} kg, over by "
                f"{number(finding.measured - finding.limit, 0)} kg ({number(finding.excess, 2)} %)")  # fmt: skip
    if finding.rule == "double_login":
        return f"at once for {duration(finding.measured)}"
    measured, limit, excess = (duration(value) for value in (finding.measured, finding.limit, finding.excess))
    return f"{measured}, allowed {limit}, over by {excess}"


def recorded(dossier: Dossier) -> Iterator[str]:
    """How the figures come about."""
    finding, detail = dossier.finding, dossier.finding.detail
    if finding.rule == "speeding":
        yield (f"{detail['fixes']} records in a row from {when(finding.start)} to {when(finding.end)} are all above "
               "the limit. Of each two neighbours only the smaller excess counts; the largest of these is the "
               f"sustained excess: {number(finding.measured)} − {number(finding.limit)} = {number(finding.excess)} "
               "km/h.")  # fmt: skip
        yield (f"Highest speed {number(detail['peak_speed'])} km/h, mean {number(detail['mean_speed'])} km/h, distance "
               f"{number(detail['distance_m'], 0)} m.")  # fmt: skip
    elif finding.rule == "moving_silence":
        yield (f"After the record of {when(finding.start)} the recorder sent none until {when(finding.end)}; the two "
               f"places are {number(detail['distance_m'] / 1000, 2)} km apart in a straight line, so the vehicle had "
               "moved.")  # fmt: skip
    elif finding.rule == "double_login":
        plates = ", ".join(str(plate) for plate in detail["vehicles"])
        yield f"In this time the vehicles {plates} were driven under one driving licence."
        yield "The finding is of the use of a licence to log in; it does not say who drove which vehicle."
    elif finding.rule in DRIVING_RULES:
        driving = [one for one in dossier.pieces if one.kind == DRIVING]
        yield (f"Driving in all, of {len(driving)} stretches on {len({one.vehicle for one in driving})} vehicles: "
               f"{duration(finding.measured)} ({number(finding.measured, 0)} s); {number(finding.measured, 0)} − "
               f"{number(finding.limit, 0)} = {number(finding.excess, 0)} s. Over the limit from "
               f"{when(finding.at)}.")  # fmt: skip
    elif dossier.weighed is not None:
        yield from _weighed(dossier)
    if not dossier.on_weighing:
        yield f"Records that count: {number(len(dossier.used), 0)}; all records are in fixes.csv."


def _weighed(dossier: Dossier) -> Iterator[str]:
    finding, weighed, detail = dossier.finding, dossier.weighed, dossier.finding.detail
    assert weighed is not None  # noqa: S101 - asked by the caller
    sent = weighed.sent
    station = weighed.station.name if weighed.station else sent.station
    lane = f", lane {sent.lane}" if sent.lane is not None else ""
    yield f"Weighed at {station} (id {sent.station}{lane}), ticket {sent.ticket or 'not recorded'}."
    if finding.rule == "overload_payload":
        yield (f"Cargo = gross {number(weighed.gross_kg, 0)} − unladen {number(detail['kerb_kg'], 0)} − "
               f"{detail['persons']} person(s) = {number(finding.measured, 0)} kg; allowed by the certificate "
               f"{number(finding.limit, 0)} kg.")  # fmt: skip
    elif finding.rule == "overload_axle":
        yield f"Axle group {detail['axles']}: {number(finding.measured, 0)} kg; allowed {number(finding.limit, 0)} kg."
    over = finding.measured - finding.limit
    yield (f"{number(finding.measured, 0)} − {number(finding.limit, 0)} = {number(over, 0)} kg; 100 × "
           f"{number(over, 0)} / {number(finding.limit, 0)} = {number(finding.excess, 2)} %.")  # fmt: skip
