"""The national format as JSON, with real messages of the bus variant."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from ingest.protocols.ufms_json import decode
from journey.model import Fix, Notice, Reason
from tests.protocols.frames import real, reason, refusal

BODY: dict[str, Any] = {"vehicle": "51B-123.45", "datetime": 1742712445, "x": 106.659233, "y": 10.750546}
FIX = Fix("51B12345", None, 1742712445, 106.659233, 10.750546, 0)


def message(kind: str, body: object) -> dict[str, object]:
    return {"msgType": f"MsgType_{kind}", f"msg{kind}": body}


def wrapped(kind: str, body: object) -> bytes:
    return json.dumps(message(kind, body)).encode()


def test_the_five_real_messages() -> None:
    decoded = decode(real("ufms", "real_messages.jsonl"), 1742712460)
    assert decoded.bad == []
    assert [fix.vehicle[:4] for fix in decoded.fixes] == ["e738", "5f16", "ba12", "ecfa", "17c7"]
    assert all(len(fix.vehicle) == 64 for fix in decoded.fixes)
    assert len({fix.driver for fix in decoded.fixes}) == 1
    assert [fix.speed_dkmh for fix in decoded.fixes] == [130, 10, 0, 0, 0]
    assert [fix.aircon for fix in decoded.fixes] == [True, True, None, True, None]
    assert [fix.door for fix in decoded.fixes] == [None, True, None, None, None]
    assert decoded.fixes[0]._replace(vehicle="", driver=None) == Fix(
        "", None, 1742712445, 106.659233, 10.750546, 130, ignition=True, aircon=True, received=1742712460
    )


def test_real_data_never_leaves_out_vehicle_time_or_position() -> None:
    rows = csv.DictReader(io.StringIO(real("ufms", "field_absence.csv").decode()))
    assert {row[name] for row in rows for name in ("vehicle", "datetime", "x", "y")} == {"0.0"}


def test_what_is_left_out_is_zero_speed_but_unknown_truth() -> None:
    assert decode(wrapped("BusWayPoint", BODY), None).fixes == [FIX]
    assert decode(wrapped("WayPoint", BODY), None).fixes == [FIX]


def test_false_that_was_sent_is_false() -> None:
    fix = decode(wrapped("WayPoint", BODY | {"ignition": False, "door": False, "aircon": False}), None).fixes[0]
    assert (fix.ignition, fix.door, fix.aircon) == (False, False, False)


def test_either_door_of_a_bus() -> None:
    assert decode(wrapped("BusWayPoint", BODY | {"door_up": False, "door_down": True}), None).fixes[0].door is True
    assert decode(wrapped("BusWayPoint", BODY | {"door_down": False}), None).fixes[0].door is False


@pytest.mark.parametrize("speed", [64.95, 64.94999694824219])
def test_a_speed_is_the_float32_of_the_format(speed: float) -> None:
    assert decode(wrapped("WayPoint", BODY | {"speed": speed}), None).fixes[0].speed_dkmh == 650


def test_an_object_an_array_and_lines_give_the_same() -> None:
    one = wrapped("WayPoint", BODY)
    assert decode(b"[" + one + b"]", None).fixes == decode(one, None).fixes == [FIX]
    assert decode(one + b"\r\n" + one + b"\n\n", None).fixes == [FIX, FIX]
    assert decode(json.dumps(message("WayPoint", BODY), indent=2).encode(), None).fixes == [FIX]


def test_many_bus_way_points_and_bad_ones_among_them() -> None:
    batch = wrapped("BusWayPoints", {"Events": [BODY, {"vehicle": "51B1"}, BODY, 7]})
    decoded = decode(batch, None)
    assert decoded.fixes == [FIX, FIX]
    assert [(bad.where, bad.reason) for bad in decoded.bad] == [
        ("event 2", Reason.MISSING_FIELD),
        ("event 4", Reason.WRONG_TYPE),
    ]
    assert decoded.bad[0].payload == b'{"vehicle": "51B1"}'
    decoded = decode(wrapped("WayPoint", BODY) + b"\n" + batch, None)
    assert [bad.where for bad in decoded.bad] == ["line 2, event 2", "line 2, event 4"]


def test_a_batch_without_its_list_is_refused() -> None:
    assert refusal(decode, wrapped("BusWayPoints", {"events": [BODY]})).detail == "Events is missing or empty"
    assert reason(decode, wrapped("BusWayPoints", {"Events": BODY})) is Reason.WRONG_TYPE


def test_registrations() -> None:
    vehicle = {"vehicle": "51B-123.45", "vehicleType": 600, "company": "Công ty A", "unknown": [1]}
    driver = {"driver": "790123456789", "datetimeIssue": 1371802570}
    decoded = decode(json.dumps([message("RegVehicle", vehicle), message("RegDriver", driver)]).encode(), None)
    kept = {"vehicle": "51B-123.45", "vehicleType": 600, "company": "Công ty A"}
    assert decoded.notices == [Notice("vehicle", "51B12345", kept), Notice("driver", "790123456789", driver)]
    named = decode(wrapped("RegVehicle", vehicle | {"vehicleType": "XeTai"}), None).notices[0]
    assert named.body["vehicleType"] == "XeTai"
    assert reason(decode, wrapped("RegCompany", {"name": "A"})) is Reason.MISSING_FIELD
    assert reason(decode, wrapped("RegCompany", {"company": "A\0"})) is Reason.WRONG_TYPE
    assert reason(decode, wrapped("RegCompany", {"company": "A", "tel": 84})) is Reason.WRONG_TYPE


@pytest.mark.parametrize("field", ["vehicle", "datetime", "x", "y"])
def test_a_field_that_must_be_there_is_named(field: str) -> None:
    error = refusal(decode, wrapped("BusWayPoint", {key: value for key, value in BODY.items() if key != field}))
    assert (error.reason, error.detail) == (Reason.MISSING_FIELD, f"{field} is missing or empty")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (message("BusTicketPoint", {}), Reason.UNSUPPORTED_TYPE),
        ({"msgType": "BusWayPoint", "msgBusWayPoint": BODY}, Reason.UNSUPPORTED_TYPE),
        ({"msgType": 102, "msgBusWayPoint": BODY}, Reason.WRONG_TYPE),
        ({"msgBusWayPoint": BODY}, Reason.MISSING_FIELD),
        ({"msgType": "MsgType_WayPoint", "msgBusWayPoint": BODY}, Reason.MISSING_FIELD),
        ({"msgType": "MsgType_WayPoint", "msgWayPoint": [BODY]}, Reason.WRONG_TYPE),
        (message("WayPoint", BODY | {"speed": "13"}), Reason.WRONG_TYPE),
        (message("WayPoint", BODY | {"speed": True}), Reason.WRONG_TYPE),
        (message("WayPoint", BODY | {"speed": 1e39}), Reason.OUT_OF_RANGE),
        (message("WayPoint", BODY | {"x": None}), Reason.MISSING_FIELD),
        (message("WayPoint", BODY | {"ignition": 1}), Reason.WRONG_TYPE),
        (message("WayPoint", BODY | {"heading": 1e39}), Reason.OUT_OF_RANGE),
        (message("WayPoint", BODY | {"vehicle": "A" * 65}), Reason.OUT_OF_RANGE),
        (message("WayPoint", BODY | {"datetime": -5}), Reason.OUT_OF_RANGE),
    ],
)
def test_refusals(record: dict[str, object], expected: Reason) -> None:
    assert reason(decode, json.dumps(record).encode()) is expected


def test_an_event_deeper_than_python_writes_is_still_one_bad_record() -> None:
    deep = b'{"vehicle": ' + b"[" * 900 + b"]" * 900 + b"}"
    decoded = decode(b'{"msgType": "MsgType_BusWayPoints", "msgBusWayPoints": {"Events": [' + deep + b"]}}", None)
    assert [bad.where for bad in decoded.bad] == ["event 1"]
