"""Whatever bytes come, a decoder gives what it found or raises DecodeError."""

from __future__ import annotations

import json
import math
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.protocols import PROTOCOLS, cabspotting, csv_v1
from journey.model import Decoded, DecodeError, Fix
from tests.protocols import frames, test_cabspotting, test_csv_v1, test_json_v1, test_tajo, test_traccar, test_ufms_json
from tests.protocols import test_tmg as tmg
from tests.protocols import test_ufms_frames as recorded
from tests.protocols import test_weighing_csv as weighed_csv
from tests.protocols import test_weighing_v1 as weighed

DECODERS = PROTOCOLS | {
    "cabspotting of a cab": partial(cabspotting.decode, vehicle="cab"),
    "rows of a csv": lambda payload, received: csv_v1.decode_rows(test_csv_v1.HEADER, payload, 2, received),
}
_JSON = (
    test_json_v1.ask(),
    weighed.ask(),
    test_tajo.ask(),
    test_traccar.ask(),
    test_ufms_json.wrapped("BusWayPoint", test_ufms_json.BODY),
)
VALID = (
    frames.WAY_POINT,
    frames.BUS_WAY_POINTS,
    frames.REG_VEHICLE,
    recorded.BARE + recorded.FULL + recorded.LONG,
    *_JSON,
    b"[" + b",".join(_JSON) + b"]",
    b"\n".join(_JSON),
    test_csv_v1.HEADER + b"\n" + test_csv_v1.ROW + b'\r\n"' + test_csv_v1.ROW.replace(b",", b'","') + b'"\n',
    test_cabspotting.TRACK,
    tmg.FIXED + b"\n" + tmg.PIPED,
    weighed_csv.FILE,
)
_PIECES = (b'"', b",", b"\n", b"\r", b"NaN", b"1e999", b"-", b"\0", b"\xff", b"{", b"[", b"]", b"null", b"9" * 30, b"")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid payload with some of it cut out, repeated, or overwritten."""
    payload = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(payload)))
        end = draw(st.integers(start, min(len(payload), start + 12)))
        middle = draw(st.binary(max_size=6) | st.sampled_from(_PIECES) | st.just(payload[start:end] * 2))
        payload = payload[:start] + middle + payload[end:]
    return payload


_numbers = st.integers() | st.floats() | st.just(10**400)
_values = st.recursive(
    st.none() | st.booleans() | _numbers | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def disfigured(draw: st.DrawFn) -> bytes:
    """A JSON record with any values in its fields."""
    record: dict[str, Any] = json.loads(draw(st.sampled_from(_JSON)))
    place = record
    for _ in range(draw(st.integers(1, 3))):
        key = draw(st.sampled_from(sorted(place)))
        if isinstance(place[key], dict) and place[key] and draw(st.booleans()):
            place = place[key]
        else:
            place[key] = draw(_values)
            place = record
    text = json.dumps([record, record] if draw(st.booleans()) else record, ensure_ascii=draw(st.booleans()))
    return text.encode(errors="surrogatepass")


def check(name: str, payload: bytes) -> None:
    try:
        decoded = DECODERS[name](payload, 1709251203)
    except DecodeError as error:
        details, decoded = [error.detail], Decoded()
    else:
        details = [bad.detail for bad in decoded.bad]
    for detail in details:
        detail.encode()  # can be stored as text
        assert "\0" not in detail
        assert len(detail) < 1000
    frame = [] if decoded.frame is None else [Fix(*row) for row in decoded.frame.iter_rows()]
    for fix in (*decoded.fixes, *frame):
        assert 0 <= fix.time <= 253_402_300_799
        assert abs(fix.speed_dkmh) <= 10_000_000
        assert math.isfinite(fix.lon)
        assert math.isfinite(fix.lat)
        assert 0 < len(fix.vehicle) <= 64


thorough = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("name", DECODERS)
@thorough
@given(payload=st.binary(max_size=200))
def test_random_bytes(name: str, payload: bytes) -> None:
    check(name, payload)


@pytest.mark.parametrize("name", DECODERS)
@thorough
@given(payload=mutated())
def test_valid_payloads_with_changes(name: str, payload: bytes) -> None:
    check(name, payload)


@pytest.mark.parametrize("name", ["json_v1", "weighing_v1", "tajo", "traccar", "ufms_json"])
@thorough
@given(payload=disfigured())
def test_records_with_any_values(name: str, payload: bytes) -> None:
    check(name, payload)


@pytest.mark.parametrize("name", DECODERS)
def test_valid_payloads_of_every_format_cut_short_anywhere(name: str) -> None:
    for payload in VALID:
        for length in range(0, len(payload), 7):
            check(name, payload[:length])
