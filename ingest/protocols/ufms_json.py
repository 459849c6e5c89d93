"""The national journey data format (UFMS) as JSON: one object, an array, or one object a line (NDJSON).

    {"msgType": "MsgType_BusWayPoint", "msgBusWayPoint": {"vehicle": "51B12345", "speed": 13.0, "datetime": 1742712445,
     "x": 106.659233, "y": 10.750546, "ignition": true, "aircon": true, "working": true}}

Source: open data of Ho Chi Minh City's buses, and providers that publish JSON instead of protobuf. Plates that are
        hashed there are kept as sent.
Units and types: as in ufms.py, named MsgType_WayPoint, MsgType_BusWayPoint, MsgType_BusWayPoints (its list is
        `Events`), MsgType_RegVehicle, MsgType_RegDriver, MsgType_RegCompany. Other keys are ignored. A speed is read as
        the float32 that it is in the format, so that 64.95 and 64.94999694824219 are the same.
Absent: such JSON leaves out what is zero, false or empty (speed in half of all rows, the driver likewise). An absent
        speed therefore is 0. An absent ignition, door or aircon stays None: most are false, but nobody said so, and
        whoever reads the fix can tell both apart. No vehicle, datetime, x or y is an error: a real zero of these is
        no position either.
Refuses a record: fields of another type, numbers as text, what no store could hold, other message types. A bad record
        among many, or a bad event of a BusWayPoints, costs only itself.
"""

from __future__ import annotations

import json
import struct
from typing import Any

from ingest.protocols import _fields as fields
from ingest.protocols import _registrations as registrations
from ingest.protocols._json_records import as_object, read_each
from ingest.protocols.ufms import BODIES
from journey.model import BadRecord, Decoded, DecodeError, Fix, Reason

NAME = "ufms_json"
_TYPES = {f"MsgType_{body.removeprefix('msg')}": body for body in BODIES.values()}
_FLOAT32 = struct.Struct("<f")


def decode(payload: bytes, received: int | None) -> Decoded:
    """Raises DecodeError where the payload is no JSON of these forms, or its only record is bad."""
    decoded = Decoded()
    decoded.bad.extend(read_each(payload, lambda record, where: _read(record, where, received, decoded)))
    return decoded


def _read(record: dict[str, Any], where: str, received: int | None, into: Decoded) -> None:
    kind = fields.text(record.get("msgType"), "msgType")
    name = _TYPES.get(kind)
    if name is None:
        raise DecodeError(Reason.UNSUPPORTED_TYPE, f"msgType {fields.show(kind)} is not one of {sorted(_TYPES)}")
    if record.get(name) is None:
        raise DecodeError(Reason.MISSING_FIELD, f"msgType is {kind}, but there is no body {name}")
    body = as_object(record[name], name)
    if name == "msgBusWayPoints":
        _read_events(body.get("Events"), f"{where}, " if where else "", received, into)
    elif name in registrations.REGISTRATIONS:
        into.notices.append(registrations.of_json(name, body))
    else:
        into.fixes.append(_fix(body, received))


def _read_events(events: Any, before: str, received: int | None, into: Decoded) -> None:
    if events is None:
        raise fields.missing("Events")
    if type(events) is not list:
        raise fields.wrong("Events", events, "a list")
    fields.check_count(len(events))
    for index, event in enumerate(events, 1):
        try:
            into.fixes.append(_fix(as_object(event, "an event"), received))
        except DecodeError as error:
            into.bad.append(BadRecord(f"{before}event {index}", error.reason, error.detail, _written(event)))


def _fix(body: dict[str, Any], received: int | None) -> Fix:
    get = body.get
    time, scaled = fields.seconds(get("datetime"), "datetime")
    return Fix(
        fields.vehicle(get("vehicle")),
        fields.driver(get("driver")),
        time,
        fields.number(get("x"), "x"),
        fields.number(get("y"), "y"),
        _speed(get("speed")),
        fields.short_number(get("heading"), "heading"),
        fields.short_number(get("z"), "z"),
        fields.truth(get("ignition"), "ignition"),
        _door(body),
        fields.truth(get("aircon"), "aircon"),
        received,
        scaled,
    )


def _speed(value: object) -> int:
    if value is None:
        return 0
    fields.speed32(value, "speed")  # says what is wrong with one that no float32 holds
    short: float = _FLOAT32.unpack(_FLOAT32.pack(value))[0]
    return fields.speed32(short, "speed")


def _door(body: dict[str, Any]) -> bool | None:
    """A truck's door, or either of a bus's two."""
    doors = [fields.truth(body.get(name), name) for name in ("door", "door_up", "door_down")]
    known = [door for door in doors if door is not None]
    return any(known) if known else None


def _written(event: object) -> bytes:
    try:
        return json.dumps(event, ensure_ascii=False).encode(errors="surrogatepass")
    except RecursionError:  # deeper than Python writes, though it was read
        return fields.show(event).encode()
