"""Our own JSON for fixes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.protocols.json_v1 import decode
from journey.model import Decoded, Fix, Reason
from tests.protocols.frames import reason, refusal

FULL: dict[str, Any] = {
    "vehicle": "12C-123.45",
    "driver": "79.0123456789",
    "time": 1709251200,
    "lon": 106.75,
    "lat": 21.875,
    "speed_kmh": 64.95,
    "heading": 12.5,
    "altitude_m": 260,
    "ignition": True,
    "door": False,
    "aircon": None,
    "received": 1709251203,
}
FIX = Fix(
    "12C12345",
    "790123456789",
    1709251200,
    106.75,
    21.875,
    650,
    heading=12.5,
    altitude_m=260.0,
    ignition=True,
    door=False,
    aircon=None,
    received=1709251203,
)
MUST = ("vehicle", "time", "lon", "lat", "speed_kmh")


def ask(**changed: object) -> bytes:
    return json.dumps(FULL | changed).encode()


def test_a_fix_with_every_field() -> None:
    assert decode(ask(), 5) == Decoded(fixes=[FIX])


def test_only_what_must_be_there() -> None:
    payload = json.dumps({key: FULL[key] for key in MUST} | {"unknown": [1]}).encode()
    assert decode(payload, 5).fixes == [Fix("12C12345", None, 1709251200, 106.75, 21.875, 650, received=5)]


@pytest.mark.parametrize("field", MUST)
def test_a_field_that_must_be_there_is_named(field: str) -> None:
    for payload in (ask(**{field: None}), json.dumps({k: v for k, v in FULL.items() if k != field}).encode()):
        error = refusal(decode, payload)
        assert (error.reason, error.detail) == (Reason.MISSING_FIELD, f"{field} is missing or empty")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vehicle", 12345),
        ("vehicle", ["12C12345"]),
        ("vehicle", "12C\x0012345"),
        ("driver", 790123456789),
        ("driver", "79\x00"),
        ("time", "1709251200"),
        ("time", 1709251200.5),
        ("time", True),
        ("lon", "106.75"),
        ("lat", False),
        ("lat", {"deg": 21}),
        ("speed_kmh", "64.95"),
        ("speed_kmh", True),
        ("heading", "N"),
        ("altitude_m", [1]),
        ("ignition", 1),
        ("door", "open"),
        ("aircon", 0),
        ("received", "now"),
    ],
)
def test_a_wrong_type_is_named(field: str, value: object) -> None:
    error = refusal(decode, ask(**{field: value}))
    assert error.reason is Reason.WRONG_TYPE
    assert error.detail.startswith(f"{field} is ")
    assert "\0" not in error.detail


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400", "-1e999", "9" * 400, "9" * 6000])
@pytest.mark.parametrize("field", ["time", "lon", "lat", "speed_kmh", "heading", "altitude_m", "received"])
def test_numbers_that_are_not_finite_are_out_of_range(field: str, literal: str) -> None:
    error = refusal(decode, ask(**{field: "@"}).replace(b'"@"', literal.encode()))
    assert error.reason is Reason.OUT_OF_RANGE
    assert error.detail.startswith(f"{field} is ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vehicle", "A" * 65),
        ("driver", "1" * 65),
        ("time", -1),
        ("time", 9_000_000_000_001_000),
        ("time", 10**30),
        ("received", -1),
        ("speed_kmh", 1_000_001),
        ("speed_kmh", -1_000_001),
        ("heading", 1e39),
        ("altitude_m", -1e39),
    ],
)
def test_what_no_store_could_hold_is_out_of_range(field: str, value: object) -> None:
    assert reason(decode, ask(**{field: value})) is Reason.OUT_OF_RANGE


def test_the_greatest_values_that_are_kept() -> None:
    fix = decode(ask(vehicle="A" * 64, time=253_402_300_799_999, speed_kmh=1_000_000, lon=1e308), None).fixes[0]
    assert (fix.vehicle, fix.time, fix.speed_dkmh, fix.lon) == ("A" * 64, 253_402_300_799, 10_000_000, 1e308)


def test_an_unpaired_surrogate_is_no_text() -> None:
    payload = b'[{"vehicle": "\\ud800", "time": 1, "lon": 1, "lat": 1, "speed_kmh": NaN}]'
    (bad,) = decode(payload, None).bad
    assert bad.reason is Reason.WRONG_TYPE
    bad.detail.encode()


def test_milliseconds_are_cut_to_the_second_and_marked() -> None:
    fix = decode(ask(time=1709251200999, received=1709251203999), None).fixes[0]
    assert fix == FIX._replace(scaled=True)
    assert decode(ask(time=100_000_000_000), None).fixes[0] == FIX._replace(time=100_000_000_000)
    assert decode(ask(time=100_000_000_001), None).fixes[0] == FIX._replace(time=100_000_000, scaled=True)


def test_a_whole_number_may_be_written_with_a_fraction_of_zero() -> None:
    assert decode(ask(time=1709251200.0), None).fixes == [FIX]


def test_an_unknown_driver() -> None:
    for driver in ("", "000000000", "12345", None):
        assert decode(ask(driver=driver), None).fixes == [FIX._replace(driver=None)]


def test_a_foreign_plate_is_kept_as_sent() -> None:
    assert decode(ask(vehicle=" 粤B·12345 "), None).fixes[0].vehicle == "粤B·12345"


def test_an_array_keeps_the_good_and_the_bytes_of_the_bad() -> None:
    odd = b'{"vehicle" : "]},{[\\"", "time":1e400, "x":[1,[2,{"a":","}]]}'
    decoded = decode(b"\xef\xbb\xbf [ " + ask() + b" ,\n" + odd + b" , 7, " + ask() + b' ,"a" ]\n', None)
    assert decoded.fixes == [FIX, FIX]
    assert [(bad.where, bad.reason, bad.payload) for bad in decoded.bad] == [
        ("record 2", Reason.OUT_OF_RANGE, odd),
        ("record 3", Reason.WRONG_TYPE, b"7"),
        ("record 5", Reason.WRONG_TYPE, b'"a"'),
    ]


def test_lines_keep_the_good_and_the_bytes_of_the_bad() -> None:
    broken, latin = ask()[:-1], b'{"vehicle": "\xd0"}'
    lines = [
        ask(),
        broken,
        b"",
        latin,
        ask(lon="x"),
        b"\r",
        ask() + b"\r",
        b"[1]",
        ask(lat=0).replace(b" 0,", b" NaN,"),
    ]
    decoded = decode(b"\n".join(lines), None)
    assert decoded.fixes == [FIX, FIX]
    assert [(bad.where, bad.reason, bad.payload) for bad in decoded.bad] == [
        ("line 2", Reason.UNDECODABLE, broken),
        ("line 4", Reason.UNDECODABLE, latin),
        ("line 5", Reason.WRONG_TYPE, lines[4]),
        ("line 8", Reason.WRONG_TYPE, b"[1]"),
        ("line 9", Reason.OUT_OF_RANGE, lines[-1]),
    ]


def test_an_object_over_many_lines() -> None:
    assert decode(json.dumps(FULL, indent=2).encode(), None).fixes == [FIX]


def test_an_empty_array_holds_nothing() -> None:
    assert decode(b"[]", None) == Decoded()


@pytest.mark.parametrize(
    "payload",
    [
        b" \n",
        b"\xef\xbb\xbf",
        b"{",
        b'{"vehicle": }',
        b"vehicle,time\n12C,1",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" + ask() + b",",
        ask() + b" x",
        json.dumps(FULL).encode("utf-16"),
        b"\x80\x81",
    ],
)
def test_what_is_no_json_is_undecodable(payload: bytes) -> None:
    assert reason(decode, payload) is Reason.UNDECODABLE


@pytest.mark.parametrize("payload", [b"7", b'"text"', b"null", b"true", b"NaN"])
def test_json_that_is_no_record(payload: bytes) -> None:
    assert reason(decode, payload) is Reason.WRONG_TYPE


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "vehicle": st.from_regex(r"[0-9]{2}[A-Z]{1,2}[0-9]{3,5}", fullmatch=True),
                "time": st.integers(0, 100_000_000_000),
                "lon": st.floats(allow_nan=False, allow_infinity=False),
                "lat": st.floats(allow_nan=False, allow_infinity=False),
                "tenths": st.integers(-10_000_000, 10_000_000),
                "ignition": st.none() | st.booleans(),
            }
        ),
        max_size=5,
    )
)
def test_what_was_sent_comes_out_in_each_form(records: list[dict[str, Any]]) -> None:
    sent = [record | {"speed_kmh": record["tenths"] / 10} for record in records]
    expected = [
        Fix(r["vehicle"], None, r["time"], r["lon"], r["lat"], r["tenths"], ignition=r["ignition"]) for r in sent
    ]
    assert decode(json.dumps(sent).encode(), None).fixes == expected
    if sent:
        assert decode(b"\n".join(json.dumps(record).encode() for record in sent), None).fixes == expected
