"""W-records of the Traffic Monitoring Guide, written by hand from the list of fields in ingest/protocols/_tmg.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.protocols import tmg_w, tmg_w_2016, tmg_w_lb
from journey.model import Reason, Weighing

# W, state 12, station 000021, direction 1, lane 2, 2026-03-02 08 h, class 09, open, 24.0 t, 3 axles.
FIXED = (
    b"W12000021" + b"12" + b"2026030208" + b"09" + b"   " + b"0240" + b"03" + b"060" + b"036" + b"090" + b"013" + b"090"
)
SHORT_YEAR = FIXED.replace(b"2026030208", b"26030208")
PIPED = b"W|12|000021|1|2|2026|03|02|08|09||240|3|60|36|90|13|90"
PIPED_WITHOUT_OPEN = b"W|12|000021|1|2|2026|3|2|8|9|240|3|60|36|90|13|90|"


def read(line: bytes) -> Weighing:
    decoded = tmg_w.decode(line, None)
    assert decoded.bad == []
    (weighing,) = decoded.weighings
    return weighing


def test_a_fixed_line() -> None:
    weighing = read(FIXED + b"\r\n")
    assert (weighing.station, weighing.lane, weighing.plate) == ("000021", 2, "?")
    assert weighing.time == 1772413200  # 2026-03-02 08:00 at UTC+7 is 01:00 UTC
    assert (weighing.axle_kg, weighing.spacing_mm) == ((6000, 9000, 9000), (3600, 1300))
    assert weighing.gross_kg == 24_000
    assert weighing.scale is not None
    assert weighing.scale.instrument == "TMG 000021 1"


@pytest.mark.parametrize("line", [SHORT_YEAR, PIPED, PIPED_WITHOUT_OPEN, FIXED.replace(b"060", b" 60"), FIXED + b"   "])
def test_other_ways_to_write_it(line: bytes) -> None:
    assert read(line) == read(FIXED)


def test_pounds_and_feet() -> None:
    (weighing,) = tmg_w_lb.decode(PIPED, None).weighings
    # 60 * 45.359237 kg = 2721.55422; 90: 4082.33133; 240: 10886.21688. 36 * 30.48 mm = 1097.28; 13: 396.24.
    assert (weighing.axle_kg, weighing.gross_kg) == ((2722, 4082, 4082), 10_886)
    assert weighing.spacing_mm == (1097, 396)
    assert replace(weighing, axle_kg=(), spacing_mm=(), gross_kg=0) == replace(
        read(PIPED), axle_kg=(), spacing_mm=(), gross_kg=0
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"C" + FIXED[1:], Reason.UNSUPPORTED_TYPE),
        (FIXED[:-1], Reason.UNDECODABLE),
        (FIXED.replace(b"03060", b"00060"), Reason.UNDECODABLE),
        (FIXED.replace(b"20260302", b"20260231"), Reason.OUT_OF_RANGE),
        (FIXED.replace(b"0302080", b"0302240"), Reason.OUT_OF_RANGE),
        (FIXED.replace(b"060036", b"0x0036"), Reason.WRONG_TYPE),
        (b"W\xff" + FIXED[2:], Reason.UNDECODABLE),
        (PIPED.replace(b"000021", b""), Reason.MISSING_FIELD),
        (PIPED + b"|90", Reason.UNDECODABLE),
        (b"W", Reason.UNDECODABLE),
        (b"W|", Reason.UNDECODABLE),
    ],
)
def test_what_is_no_record_costs_only_itself(line: bytes, reason: Reason) -> None:
    decoded = tmg_w.decode(line + b"\n" + FIXED, None)
    assert decoded.weighings == [read(FIXED)]
    assert [(bad.where, bad.reason, bad.payload) for bad in decoded.bad] == [("line 1", reason, line)]


# As FIXED, in pounds by the columns of 2016: gross 27-32, axles 33-34, then 5 and 4 columns in turn from 35 on.
WIDE = (
    b"W12000021" + b"12" + b"2026030208" + b"09" + b"   " + b"052910" + b"03"
    + b"13228" + b" 118" + b"19841" + b"0043" + b"19841"
)  # fmt: skip


def test_the_columns_of_2016() -> None:
    assert (WIDE[26:32], WIDE[32:34], WIDE[34:39], WIDE[39:43]) == (b"052910", b"03", b"13228", b" 118")
    (weighing,) = tmg_w_2016.decode(WIDE, None).weighings
    # 13,228 lb = 6000.12 kg; 19,841 lb = 8999.73 kg; 52,910 lb = 23,999.57 kg.
    # 11.8 ft = 3596.64 mm, 4.3 ft = 1310.64 mm.
    assert (weighing.axle_kg, weighing.gross_kg) == ((6000, 9000, 9000), 24_000)
    assert weighing.spacing_mm == (3597, 1311)
    assert (weighing.station, weighing.lane, weighing.time) == ("000021", 2, read(FIXED).time)


def test_a_record_of_other_widths_is_refused_and_not_read_askew() -> None:
    assert [bad.reason for bad in tmg_w_2016.decode(FIXED, None).bad] == [Reason.UNDECODABLE]
    assert [bad.reason for bad in tmg_w.decode(WIDE, None).bad] == [Reason.UNDECODABLE]


@pytest.mark.parametrize("kind", [b" m", b" d", b"M "])
def test_an_hour_without_a_vehicle_is_said_to_be_one(kind: bytes) -> None:
    lines = (FIXED[:21] + kind, PIPED.replace(b"|09|", b"|" + kind + b"|"))
    for line in lines:
        (bad,) = tmg_w.decode(line, None).bad
        assert bad.reason == Reason.UNSUPPORTED_TYPE
        assert "no vehicle" in bad.detail
