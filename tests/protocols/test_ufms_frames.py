"""Many messages, each with its length before it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.protocols import ufms
from ingest.protocols.ufms_frames import decode
from journey.model import Reason
from tests.protocols import frames

BARE = b"\x2e" + frames.BARE_WAY_POINT  # 46 bytes
FULL = b"\x4c" + frames.WAY_POINT  # 76 bytes
LONG = b"\x93\x01" + frames.WAY_POINT + bytes.fromhex("9a 06 44") + bytes(68)  # 76 + 71 = 147 bytes: a two-byte length


def test_frames_one_after_the_other() -> None:
    decoded = decode(BARE + FULL + LONG + b"\x3c" + frames.BUS_WAY_POINT, 5)
    assert decoded.bad == []
    assert [fix.vehicle for fix in decoded.fixes] == ["12C12345"] * 3 + ["51B12345"]
    assert {fix.received for fix in decoded.fixes} == {5}
    assert decoded.fixes[1] == ufms.decode(frames.WAY_POINT, 5).fixes[0]


def test_a_bad_frame_costs_only_itself_and_is_kept() -> None:
    rubbish, ticket = bytes.fromhex("ff ff ff"), bytes.fromhex("08 f4 03")
    decoded = decode(BARE + b"\x03" + rubbish + b"\x03" + ticket + b"\x00" + BARE, None)
    assert len(decoded.fixes) == 2
    assert [(bad.where, bad.reason, bad.payload) for bad in decoded.bad] == [
        ("record 2, byte 47", Reason.UNDECODABLE, rubbish),
        ("record 3, byte 51", Reason.UNSUPPORTED_TYPE, ticket),
        ("record 4, byte 55", Reason.MISSING_FIELD, b""),
    ]


def test_a_bad_event_in_a_frame_says_both_places() -> None:
    decoded = decode(BARE + b"\x7d" + frames.BUS_WAY_POINTS, None)
    assert len(decoded.fixes) == 3
    assert [bad.where for bad in decoded.bad] == ["record 2, byte 47, event 2"]


def test_a_recording_cut_short_at_every_byte() -> None:
    recording = BARE + FULL
    for length in range(len(BARE) + 1, len(recording)):
        decoded = decode(recording[:length], None)
        assert len(decoded.fixes) == 1
        (bad,) = decoded.bad
        assert (bad.where, bad.reason) == ("record 2, byte 47", Reason.UNDECODABLE)
        assert bad.payload == recording[len(BARE) : length]
        assert "byte 47" in bad.detail


def test_a_length_cut_short() -> None:
    decoded = decode(BARE + b"\xa8", None)
    assert len(decoded.fixes) == 1
    assert decoded.bad[0].payload == b"\xa8"


def test_a_length_without_end() -> None:
    decoded = decode(BARE + b"\xff" * 9 + BARE, None)
    assert len(decoded.fixes) == 1
    assert decoded.bad[0].payload == b"\xff" * 9 + BARE


@given(st.lists(st.sampled_from([BARE, FULL, LONG, b"\x00", b"\x02\x08\x01"]), min_size=1, max_size=8))
def test_every_frame_comes_out_once(parts: list[bytes]) -> None:
    decoded = decode(b"".join(parts), None)
    good = [part for part in parts if len(part) > 10]
    assert len(decoded.fixes) == len(good)
    assert len(decoded.bad) == len(parts) - len(good)
