"""Our own CSV for weighings."""

from __future__ import annotations

import json

import pytest

from ingest.protocols import weighing_csv, weighing_v1
from journey.model import DecodeError, Reason
from tests.protocols.test_weighing_v1 import FULL, SAID, SCALE, WEIGHING

HEADER = (
    b"ticket,station,lane,time,plate,trailer,axle_kg,spacing_mm,gross_kg,persons,containers,instrument,certificate,"
    b"certificate_until,error_permille,speed_kmh,plate_confidence,image,other"
)
ROW = (
    b'KT12-000123,KT12,1,1709251200,12c-123.45,12R-003.21,"6000;9000;9000",3600; 1350,24000,1,0,WIM-2,KD-17,'
    b"2026-12-31,20,42.45,0.9799,kt12/000123.jpg,x"
)
FILE = HEADER + b"\n" + ROW + b"\r\n"


def test_a_line_says_what_the_json_says() -> None:
    decoded = weighing_csv.decode(FILE, None)
    assert decoded.bad == []
    assert decoded.weighings == weighing_v1.decode(json.dumps(FULL | SAID).encode(), None).weighings
    assert decoded.weighings[0].scale == SCALE


def test_short_lines_and_a_plate_that_was_not_read() -> None:
    file = b"\xef\xbb\xbfstation,time,plate,axle_kg,spacing_mm,gross_kg\n\nKT12,1709251200,,,,24000\n"
    (weighing,) = weighing_csv.decode(file, None).weighings
    assert (weighing.plate, weighing.axle_kg, weighing.spacing_mm, weighing.scale) == ("?", (), (), None)
    assert weighing.gross_kg == WEIGHING.gross_kg


@pytest.mark.parametrize(
    ("line", "reason", "where"),
    [
        (ROW.replace(b"24000", b"24 t"), Reason.WRONG_TYPE, "gross_kg"),
        (ROW.replace(b"9000;9000", b"9000;x"), Reason.WRONG_TYPE, "axle_kg"),
        (ROW.replace(b"24000", b""), Reason.MISSING_FIELD, "gross_kg"),
        (ROW + b",y", Reason.UNDECODABLE, "20"),
        (ROW.replace(b'"6000', b'"60"00'), Reason.UNDECODABLE, "the"),
        (b"\xff" + ROW, Reason.UNDECODABLE, "the"),
    ],
)
def test_a_bad_line_costs_only_itself(line: bytes, reason: Reason, where: str) -> None:
    decoded = weighing_csv.decode(HEADER + b"\n" + line + b"\n" + ROW, None)
    (bad,) = decoded.bad
    assert len(decoded.weighings) == 1
    assert (bad.where, bad.reason, bad.detail.split()[0]) == ("line 2", reason, where)
    assert bad.payload == line


@pytest.mark.parametrize("header", [b"station,time", HEADER + b",station", b'"'])
def test_a_bad_header_is_told(header: bytes) -> None:
    with pytest.raises(DecodeError):
        weighing_csv.decode(header + b"\n" + ROW, None)
