"""Which formats there are, and the limits that all of them keep."""

from __future__ import annotations

import pytest

from ingest.protocols import PROTOCOLS
from ingest.protocols._fields import BYTES_MAX
from journey.model import Decoded, Reason
from tests.protocols.frames import reason


def test_the_formats() -> None:
    assert sorted(PROTOCOLS) == [
        "cabspotting",
        "csv_v1",
        "json_v1",
        "tajo",
        "tmg_w",
        "tmg_w_2016",
        "tmg_w_lb",
        "traccar",
        "ufms",
        "ufms_frames",
        "ufms_json",
        "weighing_csv",
        "weighing_v1",
    ]
    assert all(decode.__module__ == f"ingest.protocols.{name}" for name, decode in PROTOCOLS.items())


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_payload_over_16_mib_is_too_large(name: str) -> None:
    assert reason(PROTOCOLS[name], b" " * (BYTES_MAX + 1)) is Reason.TOO_LARGE


@pytest.mark.parametrize("name", PROTOCOLS)
def test_an_empty_payload_is_refused(name: str) -> None:
    assert reason(PROTOCOLS[name], b"") is Reason.UNDECODABLE


@pytest.mark.parametrize("payload", [b"[" + b"0," * 1_000_001 + b"0]", b"0\n" * 1_000_002])
def test_more_records_than_a_payload_can_hold_are_too_large(payload: bytes) -> None:
    assert reason(PROTOCOLS["json_v1"], payload) is Reason.TOO_LARGE


def test_more_frames_or_lines_than_a_payload_can_hold_are_too_large() -> None:
    assert reason(PROTOCOLS["ufms_frames"], b"\0" * 1_000_001) is Reason.TOO_LARGE
    assert reason(PROTOCOLS["csv_v1"], b"vehicle,time,lon,lat,speed_kmh\n" + b"\n" * 1_000_001) is Reason.TOO_LARGE


def test_a_decoder_can_be_called_by_keyword() -> None:
    decode = PROTOCOLS["json_v1"]
    payload = b'{"vehicle": "12C12345", "time": 1, "lon": 1, "lat": 1, "speed_kmh": 0}'
    assert isinstance(decode(payload=payload, received=None), Decoded)
