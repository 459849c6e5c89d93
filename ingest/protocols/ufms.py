"""The national journey data format (UFMS), with its bus variant: one BaseMessage a payload, in protobuf.

Source: providers' servers, one message a publish (ufms.proto beside this file holds the field tables).
Units:  datetime in Unix seconds, UTC (above 10^11: milliseconds, cut to the second and marked `scaled`); x longitude
        and y latitude in degrees, kept as sent even where a sender swaps them; speed km/h as float32, rounded half-up
        to tenths of its shortest decimal; heading degrees; z m. The transport's receive time stands as `received`.
Types:  WayPoint 100, BusWayPoint 102, BusWayPoints 104 (many in one) become fixes, RegVehicle 400, RegDriver 410 and
        RegCompany 420 notices. Fields that the tables do not know are skipped.
Absent: an optional field that was not sent is None, not false or zero. An absent speed is 0: senders leave out zeros.
        A bus has two doors: open if one of them is.
Refuses: bytes that are no BaseMessage; other message types (UNSUPPORTED_TYPE); a type without its body; no vehicle,
        datetime, x or y (MISSING_FIELD); text that is not UTF-8; what no store could hold. A heading or altitude that
        is not finite is one that was not known. One bad event of a BusWayPoints costs only itself.
"""

from __future__ import annotations

import math

from google.protobuf.message import DecodeError as ProtobufError

from ingest.protocols import _fields as fields
from ingest.protocols import _registrations as registrations
from ingest.protocols.ufms_pb2 import BaseMessage, BusWayPoint, BusWayPoints, MsgType, WayPoint
from journey.model import BadRecord, Decoded, DecodeError, Fix, Reason

NAME = "ufms"
# A body's number is that of its type, its name `msg` and the type's name.
BODIES = {field.number: field.name for field in BaseMessage.DESCRIPTOR.fields if field.name != "msgType"}


def decode(payload: bytes, received: int | None) -> Decoded:
    """Raises DecodeError where the message cannot be read or is of another type."""
    fields.check_size(payload)
    decoded = Decoded()
    read(payload, received, decoded)
    return decoded


def read(payload: bytes, received: int | None, into: Decoded, where: str = "") -> None:
    """Read one BaseMessage. Args: where: its place in the payload, if it is one of many. Raises DecodeError."""
    try:
        message = BaseMessage.FromString(payload)
    except ProtobufError as error:
        raise DecodeError(Reason.UNDECODABLE, f"no UFMS message: {error}") from None
    number = message.msgType
    name = BODIES.get(number)
    if name is None:
        raise _no_body(message)
    if not message.HasField(name):
        raise DecodeError(Reason.MISSING_FIELD, f"msgType is {number}, but there is no body {number} ({name})")
    if name == "msgWayPoint":
        into.fixes.append(_way_point(message.msgWayPoint, received))
    elif name == "msgBusWayPoint":
        into.fixes.append(_bus_way_point(message.msgBusWayPoint, received))
    elif name == "msgBusWayPoints":
        _read_events(message.msgBusWayPoints, received, into, f"{where}, " if where else "")
    else:
        into.notices.append(registrations.of_message(name, getattr(message, name)))


def _no_body(message: BaseMessage) -> DecodeError:
    if not message.HasField("msgType"):
        return fields.missing("msgType")
    number = message.msgType
    known = f" ({MsgType.Name(number)})" if number in MsgType.values() else ""
    return DecodeError(Reason.UNSUPPORTED_TYPE, f"msgType {number}{known} is not one of {sorted(BODIES)}")


def _read_events(batch: BusWayPoints, received: int | None, into: Decoded, before: str) -> None:
    fields.check_count(len(batch.Events))
    for index, event in enumerate(batch.Events, 1):
        try:
            into.fixes.append(_bus_way_point(BusWayPoint.FromString(event), received))
        except DecodeError as error:
            into.bad.append(BadRecord(f"{before}event {index}", error.reason, error.detail, event))
        except ProtobufError as error:
            detail = f"no BusWayPoint: {error}"
            into.bad.append(BadRecord(f"{before}event {index}", Reason.UNDECODABLE, detail, event))


def _way_point(body: WayPoint, received: int | None) -> Fix:
    return _fix(body, _sent(body, "door", body.door), received)


def _bus_way_point(body: BusWayPoint, received: int | None) -> Fix:
    up = _sent(body, "door_up", body.door_up)
    down = _sent(body, "door_down", body.door_down)
    return _fix(body, down if up is None else up or bool(down), received)


def _fix(body: WayPoint | BusWayPoint, door: bool | None, received: int | None) -> Fix:
    # A field that was not sent reads as zero: whether it was has to be asked only then.
    lon, lat, datetime = body.x, body.y, body.datetime
    if not datetime and not body.HasField("datetime"):
        raise fields.missing("datetime")
    if not lon and not body.HasField("x"):
        raise fields.missing("x")
    if not lat and not body.HasField("y"):
        raise fields.missing("y")
    time, scaled = fields.seconds(datetime, "datetime")
    return Fix(
        fields.vehicle(body.vehicle),
        fields.driver(body.driver),
        time,
        fields.number(lon, "x"),
        fields.number(lat, "y"),
        fields.speed32(body.speed, "speed"),
        _known(body, "heading", body.heading),
        _known(body, "z", body.z),
        _sent(body, "ignition", body.ignition),
        door,
        _sent(body, "aircon", body.aircon),
        received,
        scaled,
    )


def _sent(body: WayPoint | BusWayPoint, field: str, value: bool) -> bool | None:
    return value if value or body.HasField(field) else None


def _known(body: WayPoint | BusWayPoint, field: str, value: float) -> float | None:
    return value if math.isfinite(value) and (value or body.HasField(field)) else None
