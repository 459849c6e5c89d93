"""Positions as Traccar forwards them (forward.type json, kafka, mqtt, amqp, redis): one object a position.

    {"position": {"id": 91, "deviceId": 7, "protocol": "teltonika", "serverTime": "2024-03-01T00:00:03.000+00:00",
                  "deviceTime": "2024-03-01T00:00:00.000+00:00", "fixTime": "2024-03-01T00:00:00.000+00:00",
                  "valid": true, "latitude": 21.875, "longitude": 106.75, "altitude": 260.0, "speed": 35.06,
                  "course": 12.5, "attributes": {"ignition": true, "driverUniqueId": "790123456789"}},
     "device": {"id": 7, "name": "Truck 12", "uniqueId": "12C12345", "attributes": {"plate": "12C-123.45"}}}

Source: github.com/traccar/traccar, forward/PositionData.java, model/Position.java, model/Device.java.
Units:  speed in knots: times 1.852 in decimal arithmetic, then rounded half-up to tenths of km/h. Times in ISO 8601
        with an offset, cut to the second, or as a number: s, or ms above 10^11 (marked `scaled`). Degrees WGS 84; m.
Must:   position.fixTime, latitude, longitude, speed; device.attributes.plate or, without it, device.uniqueId: who
        registers devices by IMEI enters the plate as a device attribute. `name` is never read: it is for people.
        Driver: position.attributes.driverUniqueId, the licence number. Received: serverTime, else the transport's.
        Attributes are free in Traccar: an ignition or door that is not true or false is not known.
Refuses a record: `valid` false. The receiver had no fix then: what stands there, its speed too, is a guess or the last
        position, and would be judged as if it were measured. So it is kept as a rejection (UNSUPPORTED_TYPE) and
        accuses nobody. An `outdated` report repeats the last position under its old fixTime: a copy of that fix.
        A bad record among many costs only itself.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ingest.protocols import _fields as fields
from ingest.protocols._json_records import as_object, read_each
from journey.model import Decoded, DecodeError, Fix, Reason

NAME = "traccar"
_DKMH_PER_KNOT = Decimal("18.52")


def decode(payload: bytes, received: int | None) -> Decoded:
    """Raises DecodeError where the payload is no JSON of this form, or its only position is bad."""
    decoded = Decoded()
    decoded.bad = read_each(payload, lambda record, _: decoded.fixes.append(_fix(record, received)))
    return decoded


def _fix(record: dict[str, Any], received: int | None) -> Fix:
    position = as_object(record.get("position"), "position")
    if fields.truth(position.get("valid"), "valid") is False:
        raise DecodeError(Reason.UNSUPPORTED_TYPE, "valid is false: the receiver had no fix")
    attributes = as_object(position.get("attributes") or {}, "position.attributes")
    time, scaled = _instant(position.get("fixTime"), "fixTime")
    server_time = position.get("serverTime")
    return Fix(
        vehicle=_vehicle(as_object(record.get("device"), "device")),
        driver=fields.driver(attributes.get("driverUniqueId"), "driverUniqueId"),
        time=time,
        lon=fields.number(position.get("longitude"), "longitude"),
        lat=fields.number(position.get("latitude"), "latitude"),
        speed_dkmh=_speed(position.get("speed")),
        heading=fields.short_number(position.get("course"), "course"),
        altitude_m=fields.short_number(position.get("altitude"), "altitude"),
        ignition=_known(attributes.get("ignition")),
        door=_known(attributes.get("door")),
        received=received if server_time is None else _instant(server_time, "serverTime")[0],
        scaled=scaled,
    )


def _vehicle(device: dict[str, Any]) -> str:
    plate = as_object(device.get("attributes") or {}, "device.attributes").get("plate")
    if plate is None or plate == "":
        return fields.vehicle(device.get("uniqueId"), "uniqueId")
    return fields.vehicle(plate, "plate")


def _instant(value: object, field: str) -> tuple[int, bool]:
    """An instant in s, and whether it was sent in ms."""
    return (fields.iso_seconds(value, field), False) if type(value) is str else fields.seconds(value, field)


def _speed(value: object) -> int:
    """Tenths of km/h of a number in knots."""
    knots = fields.number(value, "speed")
    if abs(knots) > fields.SPEED_MAX / 2:
        raise fields.beyond("speed", value, f"beyond {fields.SPEED_MAX // 2} knots")
    return int((Decimal(repr(knots)) * _DKMH_PER_KNOT).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _known(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
