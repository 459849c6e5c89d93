"""Speed limits as OpenStreetMap tags them: read where they can be, kept as they stand and said where not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_MPH = 1.609344
_LOWEST, _HIGHEST = 5, 150  # km/h that a sign may say
_NUMBER = re.compile(r"^(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph)?$")
_IN_CONDITION = re.compile(r"(?:^|;)\s*(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph)?\s*@")
# Of these classes the law's tables know no other sign than that for all: the highest holds for everybody.
_OTHER_CLASSES = ("bus", "coach", "motorcar", "goods", "trailer", "psv", "lanes")
_IMPLICIT = ("maxspeed", "maxspeed:type", "source:maxspeed", "zone:traffic", "zone:maxspeed")
_EXPRESSWAY = ("motorway", "expressway")


@dataclass(slots=True)
class Signs:
    """What a way's tags state of limits, km/h. urban, expressway: where they say so in place of a figure.

    known: whether they say which limits stand, if only that none does. conditional: tags that could not be used.
    """

    for_all: float | None = None
    forward: float | None = None
    backward: float | None = None
    hgv: float | None = None
    hgv_forward: float | None = None
    hgv_backward: float | None = None
    urban: bool | None = None
    expressway: bool = False
    known: bool = False
    conditional: list[str] = field(default_factory=list)


_PLACES = {
    "maxspeed": "for_all",
    "maxspeed:forward": "forward",
    "maxspeed:backward": "backward",
    "maxspeed:hgv": "hgv",
    "maxspeed:hgv:forward": "hgv_forward",
    "maxspeed:hgv:backward": "hgv_backward",
}


def signs(tags: Mapping[str, str]) -> Signs:
    """Read the limits of a way. A limit that holds at times only can but raise the one that holds always."""
    found = Signs()
    _implicit(tags, found)
    for key, place in _PLACES.items():
        if key in tags:
            setattr(found, place, _stated(key, tags[key], found))
    for key, text in tags.items():
        if key.startswith("maxspeed:") and key not in _PLACES:
            _special(key, text, found)
    found.known = found.known or found.for_all is not None or (found.forward is not None and found.backward is not None)
    return found


def _implicit(tags: Mapping[str, str], found: Signs) -> None:
    for key in _IMPLICIT:
        country, colon, zone = tags.get(key, "").partition(":")
        zone = zone.split(":")[-1]  # VN:zone:urban, VN:R.420
        if not (colon and country.isalpha()):
            continue
        if zone in ("urban", "rural"):
            found.urban, found.known = zone == "urban", True
        elif zone in _EXPRESSWAY:
            found.expressway = found.known = True
    # Signs R.420 and R.421: a densely populated area begins, ends.
    for sign in re.split(r"[;,]", tags.get("traffic_sign", "")):
        if re.search(r"\b420\b", sign) or sign.strip() == "city_limit":
            found.urban = True
        elif re.search(r"\b421\b", sign):
            found.urban = False


def _stated(key: str, text: str, found: Signs) -> float | None:
    text = text.strip().lower()
    if ":" in text or text == "none":  # no figure stands; a zone was read above
        found.known = found.known or text == "none"
        return None
    parts = [part.strip() for part in text.split(";")]
    read = [speed for speed in map(_speed, parts) if speed is not None]
    if len(read) < len(parts) or len(set(read)) > 1:
        found.conditional.append(f"{key}={text}")
    # Of signs that contradict each other the highest; one that is not read might be higher still.
    return max(read) if read and len(read) == len(parts) else None


def _speed(text: str) -> float | None:
    match = _NUMBER.match(text)
    if match is None:
        return None
    speed = float(match[1]) * (_MPH if match[2] == "mph" else 1)
    return round(speed, 1) if _LOWEST <= speed <= _HIGHEST else None


def _special(key: str, text: str, found: Signs) -> None:
    """A limit for some times, lanes or classes: kept as it is tagged, and what it would raise is raised."""
    parts = key.split(":")
    if parts[1] in ("type", "advisory", "source", "practical"):
        return
    found.conditional.append(f"{key}={text}")
    if parts[-1] in ("conditional", "variable"):
        speeds = [float(number) * (_MPH if unit == "mph" else 1) for number, unit in _IN_CONDITION.findall(text)]
    elif parts[1] in _OTHER_CLASSES:
        speeds = [speed for part in re.split(r"[|;]", text) if (speed := _speed(part.strip().lower())) is not None]
    else:
        return
    highest = max((round(speed, 1) for speed in speeds if speed <= _HIGHEST), default=None)
    if highest is None:
        return
    places: tuple[str, ...] = ("for_all", "forward", "backward")
    if parts[1] == "hgv":
        places = ("hgv", "hgv_forward", "hgv_backward")
        if found.hgv is None:
            found.hgv = found.for_all
    for place in places:
        standing = getattr(found, place)
        if standing is not None:
            setattr(found, place, max(standing, highest))
