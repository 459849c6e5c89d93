"""The hazards seen in real senders' data, each by its name: what a decoder does, and what it leaves to the rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest.protocols import PROTOCOLS
from ingest.protocols.ufms_pb2 import BaseMessage, WayPoint
from journey.model import Fix
from tests.protocols.frames import real

GOOD: dict[str, Any] = {"vehicle": "12C12345", "time": 1709251200, "lon": 106.75, "lat": 21.875, "speed_kmh": 61.5}


def _ufms(fields: dict[str, Any]) -> dict[str, Any]:
    names = {"time": "datetime", "lon": "x", "lat": "y", "speed_kmh": "speed"}
    return {names.get(key, key): value for key, value in fields.items()}


def _json(fixes: list[dict[str, Any]]) -> list[Fix]:
    return PROTOCOLS["json_v1"](json.dumps(fixes).encode(), None).fixes


def _csv(fixes: list[dict[str, Any]]) -> list[Fix]:
    rows = ["vehicle,driver,time,lon,lat,speed_kmh"]
    rows += [",".join(str(fix.get(name, "")) for name in rows[0].split(",")) for fix in fixes]
    frame = PROTOCOLS["csv_v1"]("\n".join(rows).encode(), None).frame
    assert frame is not None
    return [Fix(*row) for row in frame.iter_rows()]


def _ufms_json(fixes: list[dict[str, Any]]) -> list[Fix]:
    messages = [{"msgType": "MsgType_WayPoint", "msgWayPoint": _ufms(fix)} for fix in fixes]
    return PROTOCOLS["ufms_json"](json.dumps(messages).encode(), None).fixes


def _ufms_binary(fixes: list[dict[str, Any]]) -> list[Fix]:
    payload = b""
    for fix in fixes:
        message = BaseMessage(msgType=100, msgWayPoint=WayPoint(**_ufms(fix))).SerializeToString()
        payload += bytes([len(message)]) + message
    return PROTOCOLS["ufms_frames"](payload, None).fixes


every_format = pytest.mark.parametrize("ask", [_json, _csv, _ufms_json, _ufms_binary])


@every_format
def test_x_and_y_swapped_are_kept_as_sent_for_the_rules_to_flag(ask: Any) -> None:
    (fix,) = ask([GOOD | {"lon": 15.71, "lat": 108.38}])
    assert (fix.lon, fix.lat) == (15.71, 108.38)


@every_format
def test_duplicates_are_all_kept_for_the_rules_to_count(ask: Any) -> None:
    assert len(ask([GOOD, GOOD, GOOD | {"speed_kmh": 62.0}])) == 3


@every_format
def test_old_points_sent_again_keep_the_order_of_arrival(ask: Any) -> None:
    times = [1709251200, 1709251100, 1709251300, 1709251100]
    assert [fix.time for fix in ask([GOOD | {"time": time} for time in times])] == times


@every_format
@pytest.mark.parametrize("driver", ["", "0000000000", "123"])
def test_an_empty_driver_is_unknown(ask: Any, driver: str) -> None:
    assert [fix.driver for fix in ask([GOOD | {"driver": driver}])] == [None]


@every_format
def test_a_junk_driver_is_kept_since_nothing_tells_it_from_a_licence(ask: Any) -> None:
    assert [fix.driver for fix in ask([GOOD | {"driver": "23232333"}])] == ["23232333"]


@every_format
def test_milliseconds_in_a_field_of_seconds(ask: Any) -> None:
    (fix,) = ask([GOOD | {"time": 1371802570000}])
    assert (fix.time, fix.scaled) == (1371802570, True)


@every_format
def test_a_hashed_plate_is_kept_as_sent(ask: Any) -> None:
    plate = "e738d8470a8d11a7a6d3dd7741f295c0dc3fd6779ed9d76ea7325fd1ee277891"
    assert [fix.vehicle for fix in ask([GOOD | {"vehicle": plate}])] == [plate]


@every_format
def test_impossible_speeds_and_places_are_kept_for_the_rules_to_flag(ask: Any) -> None:
    (fix,) = ask([GOOD | {"speed_kmh": 900.5, "lon": 0.0, "lat": 0.0}])
    assert (fix.speed_dkmh, fix.lon, fix.lat) == (9005, 0.0, 0.0)


def test_false_and_zero_left_out_of_json() -> None:
    fixes = PROTOCOLS["ufms_json"](real("ufms", "real_messages.jsonl"), None).fixes
    assert [fix.speed_dkmh for fix in fixes] == [130, 10, 0, 0, 0]
    assert {fix.door for fix in fixes} == {None, True}
