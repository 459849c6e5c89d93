"""Positions that Traccar forwards."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.protocols.traccar import decode
from journey.model import Fix, Reason
from tests.protocols.frames import reason, refusal

# As PositionForwarderJson of Traccar 6 writes it, from a Teltonika tracker.
POSITION: dict[str, Any] = {
    "id": 91,
    "attributes": {
        "priority": 0,
        "sat": 14,
        "event": 239,
        "ignition": True,
        "motion": True,
        "power": 27.9,
        "driverUniqueId": "79.0123456789",
        "distance": 162.4,
        "totalDistance": 1250047.11,
    },
    "deviceId": 7,
    "protocol": "teltonika",
    "serverTime": "2024-03-01T00:00:03.181+00:00",
    "deviceTime": "2024-03-01T00:00:00.000+00:00",
    "fixTime": "2024-03-01T00:00:00.900+00:00",
    "valid": True,
    "latitude": 21.875,
    "longitude": 106.75,
    "altitude": 260.0,
    "speed": 35.097205,
    "course": 12.5,
    "address": None,
    "accuracy": 0.0,
    "network": None,
    "geofenceIds": None,
}
DEVICE: dict[str, Any] = {
    "id": 7,
    "attributes": {},
    "groupId": 0,
    "calendarId": 0,
    "name": "Truck 12",
    "uniqueId": "12C-123.45",
    "status": "online",
    "lastUpdate": "2024-03-01T00:00:03.181+00:00",
    "positionId": 91,
    "phone": None,
    "model": "FMB920",
    "contact": None,
    "category": "truck",
    "disabled": False,
    "expirationTime": None,
}
FIX = Fix("12C12345", "790123456789", 1709251200, 106.75, 21.875, 650, 12.5, 260.0, True, received=1709251203)


def ask(device: dict[str, Any] | None = None, attributes: dict[str, Any] | None = None, **changed: Any) -> bytes:
    position = POSITION | changed
    if attributes is not None:
        position["attributes"] = attributes
    return json.dumps({"position": position, "device": DEVICE | (device or {})}).encode()


def test_a_position_is_a_fix() -> None:
    assert decode(ask(), 5).fixes == [FIX]


@pytest.mark.parametrize(
    ("knots", "tenths"),
    [
        (0, 0),
        (32.39742, 600),  # Traccar's own conversion of 60 km/h
        (43.19656, 800),
        (0.027, 1),  # 0.050004 km/h
        (12.5, 232),  # 23.15 km/h exactly: half of a tenth goes up
        (37.5, 695),  # 69.45
        (62.5, 1158),  # 115.75
        (-12.5, -232),
        (1e-300, 0),
    ],
)
def test_knots_become_tenths_of_kmh_in_decimal_arithmetic(knots: float, tenths: int) -> None:
    assert decode(ask(speed=knots), None).fixes[0].speed_dkmh == tenths


@given(st.decimals("0", "500", places=4))
def test_any_speed_is_rounded_as_its_decimal_product(knots: Decimal) -> None:
    expected = int((knots * Decimal("1.852")).quantize(Decimal("0.1"), ROUND_HALF_UP).scaleb(1))
    assert decode(ask(speed=float(knots)), None).fixes[0].speed_dkmh == expected


@pytest.mark.parametrize(
    ("device", "vehicle"),
    [
        ({"uniqueId": "864275071234567"}, "864275071234567"),
        ({"uniqueId": "864275071234567", "attributes": {"plate": "29H-456.78"}}, "29H45678"),
        ({"attributes": {"plate": ""}}, "12C12345"),
        ({"attributes": None, "name": "29H-456.78"}, "12C12345"),
    ],
)
def test_the_plate_is_the_attribute_or_else_the_unique_id(device: dict[str, Any], vehicle: str) -> None:
    assert decode(ask(device), None).fixes[0].vehicle == vehicle


@pytest.mark.parametrize(
    ("written", "scaled"),
    [
        ("2024-03-01T07:00:00.000+07:00", False),
        ("2024-03-01T00:00:00.000+0000", False),
        ("2024-03-01T00:00:00Z", False),
        (1709251200999, True),
        (1709251200, False),
    ],
)
def test_times_as_traccar_can_be_set_to_write_them(written: object, scaled: bool) -> None:
    (fix,) = decode(ask(fixTime=written, serverTime=None), 5).fixes
    assert (fix.time, fix.scaled, fix.received) == (1709251200, scaled, 5)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, (None, None, None)),
        ({"ignition": False, "door": True}, (None, False, True)),
        ({"ignition": "on", "door": 2, "driverUniqueId": ""}, (None, None, None)),
    ],
)
def test_attributes_that_say_nothing_are_not_known(attributes: dict[str, Any], expected: tuple[Any, ...]) -> None:
    (fix,) = decode(ask(attributes=attributes), None).fixes
    assert (fix.driver, fix.ignition, fix.door) == expected


def test_what_the_receiver_calls_no_fix_is_none() -> None:
    assert refusal(decode, ask(valid=False)).detail == "valid is false: the receiver had no fix"
    assert reason(decode, ask(valid=False, speed=None)) is Reason.UNSUPPORTED_TYPE
    assert decode(ask(valid=None), 5).fixes == [FIX]


def test_several_positions() -> None:
    bad = ask(valid=False)
    decoded = decode(b"[" + ask() + b"," + bad + b"]", None)
    assert decoded.fixes == [FIX]
    assert [(one.where, one.payload) for one in decoded.bad] == [("record 2", bad)]
    assert decode(ask() + b"\n" + ask(), None).fixes == [FIX, FIX]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"fixTime": None}, Reason.MISSING_FIELD),
        ({"fixTime": "2024-03-01T00:00:00"}, Reason.WRONG_TYPE),
        ({"fixTime": "yesterday"}, Reason.WRONG_TYPE),
        ({"fixTime": True}, Reason.WRONG_TYPE),
        ({"fixTime": "1969-12-31T23:59:59Z"}, Reason.OUT_OF_RANGE),
        ({"serverTime": "soon"}, Reason.WRONG_TYPE),
        ({"latitude": None}, Reason.MISSING_FIELD),
        ({"longitude": "106.75"}, Reason.WRONG_TYPE),
        ({"speed": None}, Reason.MISSING_FIELD),
        ({"speed": "35"}, Reason.WRONG_TYPE),
        ({"speed": 1e6}, Reason.OUT_OF_RANGE),
        ({"speed": -1e6}, Reason.OUT_OF_RANGE),
        ({"valid": 1}, Reason.WRONG_TYPE),
        ({"attributes": [1]}, Reason.WRONG_TYPE),
        ({"attributes": {"driverUniqueId": 7}}, Reason.WRONG_TYPE),
        ({"device": {"uniqueId": None}}, Reason.MISSING_FIELD),
        ({"device": {"uniqueId": 12}}, Reason.WRONG_TYPE),
        ({"device": {"attributes": {"plate": 12}}}, Reason.WRONG_TYPE),
    ],
)
def test_refusals(changed: dict[str, Any], expected: Reason) -> None:
    assert reason(decode, ask(**changed)) is expected


def test_other_shapes() -> None:
    assert refusal(decode, b"{}").detail == "position is None, not an object"
    assert refusal(decode, json.dumps({"position": POSITION}).encode()).detail == "device is None, not an object"
    assert refusal(decode, json.dumps({"event": {}, "position": 1}).encode()).detail == "position is 1, not an object"
