"""Events of the Tajo fleet portal, as it records them: JSON, usually one event a line.

    {"type": "vehicle-position", "ev": {"ts": "2018-05-03T15:10:37.000+0000", "vehicleId": "31cb5062-...",
     "pos": {"latlon": {"lat": 22.24, "lng": 96.67}, "speed": 13, "azimuth": 18, "altitude": 714.7, "accuracy": 1,
     "posTime": "2018-05-03T15:10:37.000+0000"}, "receivedTs": "2018-05-03T15:10:42.594+0000"}}

Source: github.com/devshine2015/Portal-Tajo. Every event that holds a position is one fix, whatever its type: several
        events repeat the same position. Ignition is known from the events vehicle-ign-on and vehicle-ign-off alone.
Units:  posTime and receivedTs in ISO 8601 with an offset, cut to the second; degrees WGS 84; km/h; azimuth degrees; m.
Must:   vehicleId, posTime, lat, lng, speed. There is no driver. Without receivedTs the transport's receive time stands.
Refuses a record: an event without a position (UNSUPPORTED_TYPE: it carries nothing for us), a time without an offset,
        fields of another type, what no store could hold. A bad record among many costs only itself.
"""

from __future__ import annotations

from typing import Any

from ingest.protocols import _fields as fields
from ingest.protocols._json_records import as_object, read_each
from journey.model import Decoded, DecodeError, Fix, Reason

NAME = "tajo"
_IGNITION = {"vehicle-ign-on": True, "vehicle-ign-off": False}


def decode(payload: bytes, received: int | None) -> Decoded:
    """Raises DecodeError where the payload is no JSON of these forms, or its only event is bad."""
    decoded = Decoded()
    decoded.bad = read_each(payload, lambda event, _: decoded.fixes.append(_fix(event, received)))
    return decoded


def _fix(event: dict[str, Any], received: int | None) -> Fix:
    kind = fields.text(event.get("type"), "type")
    body = as_object(event.get("ev"), "ev")
    if body.get("pos") is None:
        raise DecodeError(Reason.UNSUPPORTED_TYPE, f"{kind} holds no position")
    position = as_object(body["pos"], "pos")
    place = as_object(position.get("latlon"), "latlon")
    received_at = body.get("receivedTs")
    return Fix(
        vehicle=fields.vehicle(body.get("vehicleId"), "vehicleId"),
        driver=None,
        time=fields.iso_seconds(position.get("posTime"), "posTime"),
        lon=fields.number(place.get("lng"), "lng"),
        lat=fields.number(place.get("lat"), "lat"),
        speed_dkmh=fields.speed(position.get("speed"), "speed"),
        heading=fields.short_number(position.get("azimuth"), "azimuth"),
        altitude_m=fields.short_number(position.get("altitude"), "altitude"),
        ignition=_IGNITION.get(kind),
        received=received if received_at is None else fields.iso_seconds(received_at, "receivedTs"),
    )
