"""One message of the national format a payload, in bytes written by hand from the field tables."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.protocols.ufms import decode
from ingest.protocols.ufms_pb2 import BaseMessage, WayPoint
from journey.model import DecodeError, Fix, Notice, Reason
from tests.protocols import frames
from tests.protocols.frames import reason, refusal

RECEIVED = 1709251203
FULL = Fix(
    vehicle="12C12345",
    driver="790123456789",
    time=1709251200,
    lon=106.75,
    lat=21.875,
    speed_dkmh=650,
    heading=12.5,
    altitude_m=260.5,
    ignition=True,
    door=False,
    aircon=True,
    received=RECEIVED,
    scaled=False,
)
BARE = Fix("12C12345", None, 1709251200, 106.75, 21.875, 650)


def encoded(**fields: object) -> bytes:
    """A WayPoint with fields changed; None takes one away."""
    point = WayPoint.FromString(frames.WAY_POINT_BODY)
    for name, value in fields.items():
        if value is None:
            point.ClearField(name)
        else:
            setattr(point, name, value)
    return BaseMessage(msgType=100, msgWayPoint=point).SerializeToString()


def test_a_way_point_with_every_field() -> None:
    decoded = decode(frames.WAY_POINT, RECEIVED)
    assert decoded.fixes == [FULL]
    assert (decoded.bad, decoded.notices, decoded.weighings, decoded.frame) == ([], [], [], None)


def test_fields_that_were_not_sent_are_none_and_false_stays_false() -> None:
    assert decode(frames.BARE_WAY_POINT, None).fixes == [BARE]


def test_zero_that_was_sent_is_zero() -> None:
    fix = decode(encoded(heading=0.0, z=0.0, ignition=False, aircon=False), None).fixes[0]
    assert (fix.heading, fix.altitude_m, fix.ignition, fix.aircon) == (0.0, 0.0, False, False)


def test_a_bus_way_point_has_aircon_where_a_way_point_has_its_door() -> None:
    assert decode(frames.BUS_WAY_POINT, RECEIVED).fixes == [
        Fix("51B12345", None, 1709251200, 106.75, 21.875, 0, door=True, aircon=True, received=RECEIVED)
    ]


@pytest.mark.parametrize(
    ("doors", "door"),
    [
        ("", None),
        ("58 00", False),
        ("60 00", False),
        ("58 00 60 00", False),
        ("58 01 60 00", True),
        ("60 01", True),
        ("58 01", True),
    ],
)
def test_a_bus_is_open_where_one_of_its_doors_is(doors: str, door: bool | None) -> None:
    body = frames.BUS_BODY[:34] + bytes.fromhex(doors)  # 10 + 6 + 9 + 9 bytes: vehicle, datetime, x, y
    message = bytes.fromhex("08 66 b2 06") + bytes([len(body)]) + body
    assert decode(message, None).fixes[0].door is door


def test_many_bus_way_points_and_a_bad_one_among_them() -> None:
    decoded = decode(frames.BUS_WAY_POINTS, RECEIVED)
    assert [fix.vehicle for fix in decoded.fixes] == ["51B12345", "51B12345"]
    (bad,) = decoded.bad
    assert (bad.where, bad.reason, bad.payload) == ("event 2", Reason.MISSING_FIELD, frames.BROKEN_EVENT)
    assert "datetime" in bad.detail


def test_an_event_of_rubbish_costs_only_itself() -> None:
    rubbish = bytes.fromhex("ff ff ff")
    body = b"\x0a\x03" + rubbish + b"\x0a\x37" + frames.BUS_BODY
    decoded = decode(bytes.fromhex("08 68 c2 06") + bytes([len(body)]) + body, None)
    assert len(decoded.fixes) == 1
    assert [(bad.where, bad.reason, bad.payload) for bad in decoded.bad] == [("event 1", Reason.UNDECODABLE, rubbish)]


def test_unknown_fields_are_skipped() -> None:
    body = frames.WAY_POINT_BODY + bytes.fromhex(
        "61 00 00 00 00 00 00 54 40"  # 12 maxvalidspeed, double: 80
        "6d 00 00 80 3f"  # 13 vss, float: 1.0
        "72 03 51 4c 31"  # 14 location, string: QL1
        "f8 7f 01"  # 2047, varint: 1
    )
    message = bytes.fromhex("08 64 a2 06") + bytes([len(body)]) + body + bytes.fromhex("9a 06 01 00")  # 99, 1 byte
    assert decode(message, RECEIVED).fixes == [FULL]


def test_the_body_may_stand_before_the_type() -> None:
    assert decode(frames.WAY_POINT[2:] + frames.WAY_POINT[:2], RECEIVED).fixes == [FULL]


def test_only_the_body_that_the_type_names_counts() -> None:
    error = refusal(decode, bytes.fromhex("08 66") + frames.WAY_POINT[2:])
    assert (error.reason, error.detail) == (
        Reason.MISSING_FIELD,
        "msgType is 102, but there is no body 102 (msgBusWayPoint)",
    )


@pytest.mark.parametrize(
    ("varint", "number"),
    [
        ("67", 103),
        ("69", 105),
        ("f4 03", 500),
        ("f5 03", 501),
        ("f6 03", 502),
        ("e7 07", 999),
        ("ff ff ff ff ff ff ff ff ff 01", -1),
    ],
)
def test_other_types_are_named(varint: str, number: int) -> None:
    error = refusal(decode, bytes.fromhex("08" + varint) + frames.WAY_POINT[2:])
    assert error.reason is Reason.UNSUPPORTED_TYPE
    assert f"msgType {number} " in error.detail


def test_a_known_type_that_is_not_read_is_named_by_name() -> None:
    assert "(MsgType_BusTicketPoint)" in refusal(decode, bytes.fromhex("08 f4 03")).detail


def test_no_type() -> None:
    error = refusal(decode, frames.WAY_POINT[2:])
    assert (error.reason, error.detail) == (Reason.MISSING_FIELD, "msgType is missing or empty")


@pytest.mark.parametrize("field", ["vehicle", "datetime", "x", "y"])
def test_a_required_field_that_is_missing_is_named(field: str) -> None:
    error = refusal(decode, encoded(**{field: None}))
    assert error.reason is Reason.MISSING_FIELD
    assert error.detail.startswith(f"{field} ")


def test_a_speed_that_is_left_out_is_zero() -> None:
    assert decode(encoded(speed=None), RECEIVED).fixes == [FULL._replace(speed_dkmh=0)]


def test_a_field_of_another_wire_type_is_missing() -> None:
    body = frames.WAY_POINT_BODY.replace(bytes.fromhex("20 80 b5 84 af 06"), bytes.fromhex("25 00 00 00 00"))
    message = bytes.fromhex("08 64 a2 06") + bytes([len(body)]) + body
    assert refusal(decode, message).detail == "datetime is missing or empty"


def test_zero_coordinates_that_were_sent_are_a_fix() -> None:
    fix = decode(encoded(x=0.0, y=0.0), None).fixes[0]
    assert (fix.lon, fix.lat) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("speed", "tenths"), [(64.95, 650), (78.05, 781), (64.94, 649), (0.05, 1), (-1.0, -10), (250.0, 2500)]
)
def test_speeds_are_rounded_half_up_on_the_float32s_decimal(speed: float, tenths: int) -> None:
    assert decode(encoded(speed=speed), None).fixes[0].speed_dkmh == tenths


@pytest.mark.parametrize("field", ["x", "y", "speed"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_out_of_range(field: str, value: float) -> None:
    assert reason(decode, encoded(**{field: value})) is Reason.OUT_OF_RANGE


def test_a_heading_or_altitude_that_is_not_finite_is_not_known() -> None:
    fix = decode(encoded(heading=math.nan, z=math.inf), RECEIVED).fixes[0]
    assert fix == FULL._replace(heading=None, altitude_m=None)


@pytest.mark.parametrize("changed", [{"speed": 1_000_100.0}, {"datetime": -1}, {"datetime": 9_000_000_000_001_000}])
def test_what_no_store_could_hold_is_out_of_range(changed: dict[str, object]) -> None:
    assert reason(decode, encoded(**changed)) is Reason.OUT_OF_RANGE


def test_names_that_no_store_could_hold() -> None:
    assert reason(decode, encoded(vehicle="A" * 65)) is Reason.OUT_OF_RANGE
    assert reason(decode, encoded(driver="1" * 65)) is Reason.OUT_OF_RANGE
    assert reason(decode, encoded(vehicle="12C\x0012345")) is Reason.WRONG_TYPE
    assert reason(decode, encoded(driver="79\x000123456789")) is Reason.WRONG_TYPE


def test_a_blank_plate_is_missing() -> None:
    assert reason(decode, encoded(vehicle="  ")) is Reason.MISSING_FIELD


def test_text_that_is_not_utf8() -> None:
    error = refusal(decode, frames.WAY_POINT.replace(b"12C-123.45", b"12C-123.\xff\xfe"))
    assert error.reason is Reason.WRONG_TYPE
    assert "vehicle" in error.detail


@pytest.mark.parametrize("message", [frames.WAY_POINT, frames.BUS_WAY_POINT, frames.BUS_WAY_POINTS, frames.REG_VEHICLE])
def test_a_message_cut_short_anywhere_is_refused(message: bytes) -> None:
    for length in range(len(message)):
        with pytest.raises(DecodeError):
            decode(message[:length], None)


def test_registrations_are_notices_with_what_was_sent() -> None:
    assert decode(frames.REG_VEHICLE, None).notices == [
        Notice(
            "vehicle",
            "12C12345",
            {"vehicle": "12C-123.45", "vehicleType": 600, "driver": "", "company": "CT 1", "datetime": 23168},
        )
    ]
    assert decode(frames.REG_DRIVER, None).notices == [
        Notice("driver", "790123456789", {"driver": "790123456789", "license": "E"})
    ]
    assert decode(frames.REG_COMPANY, None).notices == [Notice("company", "CT 1", {"company": "CT 1", "name": "Đô"})]


def test_a_registration_without_a_required_field() -> None:
    message = frames.REG_VEHICLE.replace(bytes.fromhex("82 19 1b"), bytes.fromhex("82 19 19"))
    error = refusal(decode, message.replace(bytes.fromhex("1a 00"), b""))
    assert (error.reason, error.detail) == (Reason.MISSING_FIELD, "msgRegVehicle.driver is missing or empty")


def test_a_registration_that_no_store_could_hold() -> None:
    assert reason(decode, frames.REG_COMPANY.replace(b"CT 1", b"CT\x001")) is Reason.WRONG_TYPE
    assert reason(decode, frames.REG_COMPANY.replace(b"CT 1", b"    ")) is Reason.MISSING_FIELD


@given(
    st.floats(-1000, 1000, width=32),
    st.integers(0, 100_000_000_000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.booleans(),
    st.none() | st.floats(0, 360, width=32),
)
def test_what_was_sent_comes_out(
    speed: float, time: int, x: float, y: float, door: bool | None, heading: float | None
) -> None:
    fix = decode(encoded(speed=speed, datetime=time, x=x, y=y, door=door, heading=heading), RECEIVED).fixes[0]
    assert (fix.time, fix.lon, fix.lat, fix.door, fix.heading) == (time, x, y, door, heading)
    assert abs(fix.speed_dkmh / 10 - speed) <= 0.0501


def test_a_float_of_the_frames_is_what_the_comment_says() -> None:
    assert struct.unpack("<f", bytes.fromhex("66 e6 81 42"))[0] == struct.unpack("<f", struct.pack("<f", 64.95))[0]
