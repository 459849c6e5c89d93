"""English words for the roads that a limit rests on, line by line beside those of `roads_vi`, which prevail.

The law that a limit stands in keeps its Vietnamese name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.evidence.dossier import Dossier, RoadGround
from api.evidence.english import duration, number, when
from api.evidence.roads_vi import RoadRow, few, road_name
from journey.model import Finding

_SOURCES = {"osm": "OpenStreetMap", "authority": "road authority", "assumed": "assumed"}
_ASSUMED = {"kind": "kind of road", "urban": "built-up area", "lanes": "number of lanes", "maxspeed": "speed signs"}
_MATCHED = "matched"
_DOUBTS = {
    "acceleration": "The recorded speed changes faster than a vehicle can speed up or brake: the measure is in doubt, "
    "so the finding is for review only.",
    "distance": "The distance by places does not fit the recorded speed: the measure is in doubt, so the finding is "
    "for review only.",
}


def rows(dossier: Dossier) -> list[RoadRow]:
    """Roads whose limits were applied, then those that may have been driven on as well; of each kind the first few."""
    stated = {(one.id, one.limit_kmh) for one in dossier.grounds}
    alternatives = dossier.finding.detail.get("alternatives", ())
    others = [_alternative(one) for one in alternatives if (one["id"], one["limit"]) not in stated]
    return [*few([_applied(one) for one in dossier.grounds], "{} other roads", "see finding.json"),
            *few(others, "{} other roads", "see finding.json")]  # fmt: skip


def _applied(one: RoadGround) -> RoadRow:
    limit, fixes = f"{number(one.limit_kmh, 0)} km/h", number(one.fixes, 0)
    if one.id is None:
        return RoadRow("No road is known nearby", limit, one.basis, "", fixes, True)
    source = _SOURCES.get(one.source, one.source) + (f" ({one.dataset})" if one.dataset else "")
    said = [one.basis, f"road data: {source}"]
    if one.assumed:
        said.append(f"not known: {_named(one.assumed)}; the highest limit that may apply is taken")
    if one.conditional:
        said.append(f"of no use: {one.conditional}")
    return RoadRow(
        road_name(one.id, one.ref, one.name), limit, "; ".join(said), _holds(one.since, one.until), fixes, True
    )


def _alternative(one: dict[str, Any]) -> RoadRow:
    return RoadRow(
        road_name(one["id"], None, one["name"]), f"{number(one['limit'], 0)} km/h",
        "not applied: another road that may have been taken", _holds(one["valid_from"], None),
        number(one["fixes"], 0), False,
    )  # fmt: skip


def _named(assumed: Any) -> str:
    return ", ".join(_ASSUMED.get(name, name) for name in assumed)


def _holds(since: str | None, until: str | None) -> str:
    begins = "no first day recorded" if since is None else f"from {_day(since)}"
    return begins if until is None else f"{begins} to {_day(until)}"


def _day(text: str) -> str:
    return "/".join(reversed(text.split("-")))


def certainty(finding: Finding) -> Iterator[str]:
    """How surely the limits held: by which reading of the roads, and why speeds are doubted."""
    detail = finding.detail
    reading = detail.get("reading")
    if reading is None:
        yield ("The road is inferred from the places, without matching the journey to the map: every road near a "
               "record counts as possible, and the highest of their limits is applied (in the driver's "
               "favour).")  # fmt: skip
    else:
        yield _matched(detail, reading)
    if detail.get("assumed"):
        yield (f"The road data do not state {_named(detail['assumed'])}: the highest limit that the road may have is "
               "applied.")  # fmt: skip
    if doubt := detail.get("doubt"):
        yield _DOUBTS.get(doubt, f"The measure of speed is in doubt ({doubt}), so the finding is for review only.")


def _matched(detail: dict[str, Any], reading: str) -> str:
    fixes, matched, sure = detail["fixes"], detail["matched"], detail["certain_limits"]
    said = f"The journey is matched to the map: {matched}/{fixes} records lie on a road. "
    where = "At every record" if sure == fixes else f"At {sure}/{fixes} records"
    said += f"{where} all roads that may have been taken have the same limit."
    if reading == _MATCHED:
        return said + (" Applied is the limit of the road that matches best; a road with a higher limit, named in the "
                       "table, is NOT RULED OUT: if the vehicle was there, the finding does not hold.")  # fmt: skip
    if sure == fixes:
        return said
    return said + (" At the others the highest limit of the roads that may have been taken is applied (in the driver's "
                   "favour): the result does not depend on which of them it was.")  # fmt: skip


def averages(dossier: Dossier) -> Iterator[str]:
    """Speeds without what the device reports as speed: by positions and times alone, and between two weighings."""
    if measure := dossier.finding.detail.get("average"):
        yield (f"Measured apart from the recorded speed: by places and times the vehicle went "
               f"{number(measure['distance_m'], 0)} m in {duration(measure['seconds'])}, "
               f"{number(measure['speed_kmh'])} km/h on average; the error of place at both ends taken off, at least "
               f"{number(measure['least_kmh'])} km/h.")  # fmt: skip
    if pair := dossier.between:
        yield (f"Measured apart from the recorder: the vehicle was weighed at {pair.first} at {when(pair.first_time)} "
               f"and at {pair.second} at {when(pair.second_time)}, {number(pair.straight_m / 1000, 2)} km away in a "
               f"straight line; its average speed between the two was no less than {number(pair.least_kmh)} km/h. The "
               "finding does not rest on this figure.")  # fmt: skip
