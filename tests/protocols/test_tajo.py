"""Events of the Tajo portal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest.protocols.tajo import decode
from journey.model import Fix, Reason
from tests.protocols.frames import real, reason, refusal

POSITION: dict[str, Any] = {
    "latlon": {"lat": 22.2421, "lng": 96.6704},
    "speed": 16.5,
    "azimuth": 18,
    "altitude": 714.7,
    "accuracy": 1,
    "posTime": "2018-05-03T15:10:37.900+0000",
}
FIX = Fix("31cb-unit", None, 1525360237, 96.6704, 22.2421, 165, 18.0, 714.7, received=1525360242)


def ask(kind: object = "vehicle-position", body: dict[str, Any] | None = None, **changed: Any) -> bytes:
    event = {"vehicleId": "31cb-unit", "pos": POSITION | changed, "receivedTs": "2018-05-03T15:10:42.594+0000"}
    return json.dumps({"type": kind, "ev": event | (body or {})}).encode()


def test_a_position_is_a_fix_with_its_times_cut_to_the_second() -> None:
    assert decode(ask(), 5).fixes == [FIX]


@pytest.mark.parametrize(
    ("kind", "ignition"),
    [("vehicle-ign-on", True), ("vehicle-ign-off", False), ("vehicle-1wire-temperature", None), ("new", None)],
)
def test_every_event_with_a_position_is_a_fix(kind: str, ignition: bool | None) -> None:
    assert decode(ask(kind), None).fixes == [FIX._replace(ignition=ignition)]


def test_without_its_own_receive_time_the_transports_stands() -> None:
    assert decode(ask(body={"receivedTs": None}), 5).fixes == [FIX._replace(received=5)]


def test_other_offsets_from_utc() -> None:
    assert decode(ask(posTime="2018-05-03T22:10:37+07:00"), None).fixes == [FIX]
    assert decode(ask(posTime="2018-05-03T15:10:37Z"), None).fixes == [FIX]


def test_an_event_without_a_position_is_unsupported() -> None:
    other = b'{"type": "vehicle-door", "ev": {"vehicleId": "31cb-unit"}}'
    assert reason(decode, other) is Reason.UNSUPPORTED_TYPE
    decoded = decode(ask() + b"\n" + other, None)
    assert decoded.fixes == [FIX]
    assert [(bad.where, bad.reason, bad.payload) for bad in decoded.bad] == [("line 2", Reason.UNSUPPORTED_TYPE, other)]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"posTime": None}, Reason.MISSING_FIELD),
        ({"posTime": 1525360237}, Reason.WRONG_TYPE),
        ({"posTime": "yesterday"}, Reason.WRONG_TYPE),
        ({"posTime": "2018-05-03T15:10:37"}, Reason.WRONG_TYPE),
        ({"posTime": "1969-12-31T23:59:59Z"}, Reason.OUT_OF_RANGE),
        ({"posTime": "0001-01-01T00:00:00+23:59"}, Reason.OUT_OF_RANGE),
        ({"latlon": None}, Reason.WRONG_TYPE),
        ({"latlon": {"lat": 22.2}}, Reason.MISSING_FIELD),
        ({"latlon": {"lat": "22.2", "lng": 96}}, Reason.WRONG_TYPE),
        ({"speed": None}, Reason.MISSING_FIELD),
        ({"speed": 1e7}, Reason.OUT_OF_RANGE),
    ],
)
def test_refusals(changed: dict[str, Any], expected: Reason) -> None:
    assert reason(decode, ask(**changed)) is expected


def test_an_event_of_another_shape() -> None:
    assert refusal(decode, b'{"ev": {}}').detail == "type is missing or empty"
    assert refusal(decode, b'{"type": "vehicle-position"}').detail == "ev is None, not an object"
    assert reason(decode, ask(body={"vehicleId": 7})) is Reason.WRONG_TYPE
    assert reason(decode, ask(body={"pos": [1]})) is Reason.WRONG_TYPE
    assert reason(decode, ask(body={"receivedTs": "soon"})) is Reason.WRONG_TYPE


def test_the_real_truck() -> None:
    payload = real("trucks-myanmar", "vehicle1-trip1.jsonl")
    decoded = decode(payload, None)
    assert decoded.bad == []
    assert len(decoded.fixes) == payload.count(b'"posTime"')
    assert len({fix.time for fix in decoded.fixes}) == 350  # events repeat the last position, some of them changed
    assert [fix.ignition for fix in decoded.fixes if fix.ignition is not None] == [True, False, True]
    assert max(fix.received - fix.time for fix in decoded.fixes if fix.received is not None) == 175
    assert [fix.time for fix in decoded.fixes] != sorted(fix.time for fix in decoded.fixes)
