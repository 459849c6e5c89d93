"""Taxi tracks without speeds."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.protocols.cabspotting import decode
from journey.model import Fix, Reason
from journey.track import haversine_m
from tests.protocols.frames import real, reason

TRACK = b"37.7500 -122.3900 0 1000\n37.7600 -122.3900 1 1060\n37.7600 -122.3900 1 1060\n37.7700 -122.3900 1 1240\n"


def test_a_fix_has_the_chord_speed_to_the_next() -> None:
    decoded = decode(TRACK, 5, vehicle="new_abboip")
    # 0.01 degrees of a meridian are 1111.95 m: 66.717 km/h in 60 s, 22.239 km/h in 180 s.
    assert [fix.speed_dkmh for fix in decoded.fixes] == [667, 0, 222, 0]
    assert decoded.fixes[0] == Fix("new_abboip", None, 1000, -122.39, 37.75, 667, received=5)


def test_the_order_of_lines_does_not_matter() -> None:
    lines = TRACK.splitlines()
    assert decode(b"\r\n".join(reversed(lines)), None, "cab").fixes == decode(TRACK, None, "cab").fixes


def test_the_vehicle_must_be_named() -> None:
    assert reason(decode, TRACK) is Reason.MISSING_FIELD


def test_a_bad_line_costs_only_itself() -> None:
    bad = [
        b"37.75 -122.39 0",
        b"x 1 0 1",
        b"91 0 0 1",
        b"0 181 0 1",
        b"0 0 0 1.5",
        b"0 0 0 -1",
        b"1e400 0 0 1",
        b"\xff",
    ]
    decoded = decode(b"\n".join([*bad, b"", *TRACK.splitlines()]), None, "cab")
    assert len(decoded.fixes) == 4
    assert [line.payload for line in decoded.bad] == bad
    assert [line.where for line in decoded.bad] == [f"line {number}" for number in range(1, 9)]
    assert [line.reason for line in decoded.bad] == [
        Reason.UNDECODABLE,
        Reason.WRONG_TYPE,
        Reason.OUT_OF_RANGE,
        Reason.OUT_OF_RANGE,
        Reason.WRONG_TYPE,
        Reason.OUT_OF_RANGE,
        Reason.OUT_OF_RANGE,
        Reason.UNDECODABLE,
    ]


def test_a_payload_without_a_single_fix() -> None:
    with pytest.raises(ValueError, match="no line is of the form"):
        decode(b"hello\n", None, "cab")


def test_half_the_globe_in_a_second() -> None:
    fixes = decode(b"0 0 0 1\n0 180 0 2\n", None, "cab").fixes
    assert fixes[0].speed_dkmh == 10_000_000


@pytest.mark.parametrize(("name", "fixes"), [("new_abboip", 23495), ("new_ugthfu", 18317)])
def test_the_real_taxis(name: str, fixes: int) -> None:
    decoded = decode(real("cabs-sanfrancisco", f"{name}.txt"), None, vehicle=name)
    assert (len(decoded.fixes), decoded.bad) == (fixes, [])
    _, _, time, lon, lat, speed, *_ = (np.array(column) for column in zip(*decoded.fixes, strict=True))
    assert np.all(np.diff(time) >= 0)
    told = speed[:-1] / 36 * np.diff(time)
    real_m = haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    apart = np.diff(time) > 0
    assert np.all(np.abs(told - real_m)[apart] <= 0.0501 / 3.6 * np.diff(time)[apart])
