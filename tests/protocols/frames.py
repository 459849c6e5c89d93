"""Messages of the national format written byte by byte from its field tables, and how tests ask a decoder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from journey.model import DecodeError, Reason

if TYPE_CHECKING:
    from ingest.protocols import Decode

SHARED_DATA = Path(__file__).parents[2].parent / "shared" / "data"

# WayPoint, every field of the table, in order.
WAY_POINT_BODY = bytes.fromhex(
    "0a 0a 31 32 43 2d 31 32 33 2e 34 35"  # 1 vehicle, string of 10: 12C-123.45
    "12 0c 37 39 30 31 32 33 34 35 36 37 38 39"  # 2 driver, string of 12: 790123456789
    "1d 66 e6 81 42"  # 3 speed, float: 64.95
    "20 80 b5 84 af 06"  # 4 datetime, varint: 1709251200
    "29 00 00 00 00 00 b0 5a 40"  # 5 x, double: 106.75
    "31 00 00 00 00 00 e0 35 40"  # 6 y, double: 21.875
    "3d 00 40 82 43"  # 7 z, float: 260.5
    "45 00 00 48 41"  # 8 heading, float: 12.5
    "48 01"  # 9 ignition: true
    "50 00"  # 10 door: false
    "58 01"  # 11 aircon: true
)
WAY_POINT = (
    bytes.fromhex(
        "08 64"  # 1 msgType: 100
        "a2 06 47"  # 100 body, 71 bytes
    )
    + WAY_POINT_BODY
)

# The same with what is required alone.
BARE_WAY_POINT = bytes.fromhex(
    "08 64"  # 1 msgType: 100
    "a2 06 29"  # 100 body, 41 bytes
    "0a 0a 31 32 43 2d 31 32 33 2e 34 35"  # 1 vehicle: 12C-123.45
    "1d 66 e6 81 42"  # 3 speed: 64.95
    "20 80 b5 84 af 06"  # 4 datetime: 1709251200
    "29 00 00 00 00 00 b0 5a 40"  # 5 x: 106.75
    "31 00 00 00 00 00 e0 35 40"  # 6 y: 21.875
)

BUS_BODY = bytes.fromhex(
    "0a 08 35 31 42 31 32 33 34 35"  # 1 vehicle: 51B12345
    "20 80 b5 84 af 06"  # 4 datetime: 1709251200; 3 speed is left out
    "29 00 00 00 00 00 b0 5a 40"  # 5 x: 106.75
    "31 00 00 00 00 00 e0 35 40"  # 6 y: 21.875
    "50 01"  # 10 aircon: true (in WayPoint 10 is the door)
    "58 00"  # 11 door_up: false
    "60 01"  # 12 door_down: true
    "68 01"  # 13 sos: true
    "70 01"  # 14 working: true
    "7d 00 00 80 3f"  # 15 analog1: 1.0
    "85 01 00 00 80 3f"  # 16 analog2: 1.0
)
BUS_WAY_POINT = (
    bytes.fromhex(
        "08 66"  # 1 msgType: 102
        "b2 06 37"  # 102 body, 55 bytes
    )
    + BUS_BODY
)

# An event with a vehicle but no time between two good ones.
BROKEN_EVENT = bytes.fromhex("0a 02 41 31")  # 1 vehicle: A1
BUS_WAY_POINTS = b"".join(
    (
        bytes.fromhex("08 68"),  # 1 msgType: 104
        bytes.fromhex("c2 06 78"),  # 104 body, 120 bytes
        bytes.fromhex("0a 37"),  # 1 Events, 55 bytes
        BUS_BODY,
        bytes.fromhex("0a 04"),  # 1 Events, 4 bytes
        BROKEN_EVENT,
        bytes.fromhex("0a 37"),  # 1 Events, 55 bytes
        BUS_BODY,
    )
)

REG_VEHICLE = bytes.fromhex(
    "08 90 03"  # 1 msgType: 400
    "82 19 1b"  # 400 body, 27 bytes
    "0a 0a 31 32 43 2d 31 32 33 2e 34 35"  # 1 vehicle: 12C-123.45
    "10 d8 04"  # 2 vehicleType: 600, of a later list
    "1a 00"  # 3 driver: empty
    "22 04 43 54 20 31"  # 4 company: CT 1
    "48 80 b5 01"  # 9 datetime: 23168
)
REG_DRIVER = bytes.fromhex(
    "08 9a 03"  # 1 msgType: 410
    "d2 19 11"  # 410 body, 17 bytes
    "0a 0c 37 39 30 31 32 33 34 35 36 37 38 39"  # 1 driver: 790123456789
    "32 01 45"  # 6 license: E
)
REG_COMPANY = bytes.fromhex(
    "08 a4 03"  # 1 msgType: 420
    "a2 1a 0c"  # 420 body, 12 bytes
    "0a 04 43 54 20 31"  # 1 company: CT 1
    "12 04 c4 90 c3 b4"  # 2 name: Đô
)


def refusal(decode: Decode, payload: bytes) -> DecodeError:
    """The error with which a decoder refuses a payload as a whole."""
    with pytest.raises(DecodeError) as caught:
        decode(payload, None)
    return caught.value


def reason(decode: Decode, payload: bytes) -> Reason:
    return refusal(decode, payload).reason


def real(*parts: str) -> bytes:
    """A file of the real data, or the test is skipped."""
    path = SHARED_DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip("../shared/data is not beside the checkout")
    return path.read_bytes()
