"""Our own table of fixes."""

from __future__ import annotations

import csv
import io
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.protocols.csv_v1 import decode, decode_rows
from journey.model import Decoded, Fix, Reason
from journey.track import FIX, fix_frame
from tests.protocols.frames import SHARED_DATA, real, reason, refusal

HEADER = b"vehicle,driver,time,lon,lat,speed_kmh,heading,ignition,received"
ROW = b"12C-123.45,79.0123456789,1709251200,106.75,21.875,64.95,12.5,1,1709251203"
ONE = Fix("12C12345", "790123456789", 1709251200, 106.75, 21.875, 650, 12.5, ignition=True, received=1709251203)
SHORT = b"vehicle,time,lon,lat,speed_kmh\n"


def fixes(decoded: Decoded) -> list[Fix]:
    """Also checks that the frame is of the one form."""
    assert decoded.frame is not None
    assert decoded.frame.schema == FIX
    assert decoded.fixes == []
    return [Fix(*row) for row in decoded.frame.iter_rows()]


def row(**changed: str) -> bytes:
    names = HEADER.decode().split(",")
    return ",".join((dict(zip(names, ROW.decode().split(","), strict=True)) | changed).values()).encode()


def one(**changed: str) -> Fix:
    decoded = decode(HEADER + b"\n" + row(**changed) + b"\n", 5)
    assert decoded.bad == []
    (fix,) = fixes(decoded)
    return fix


def test_a_row_with_every_field() -> None:
    decoded = decode(HEADER + b"\n" + ROW, 5)
    assert (fixes(decoded), decoded.bad) == ([ONE], [])
    assert decoded.frame is not None
    assert decoded.frame.equals(fix_frame([ONE]))


def test_optional_fields_may_be_empty_or_without_a_column() -> None:
    bare = ONE._replace(driver=None, heading=None, ignition=None, received=5)
    assert one(driver="", heading="", ignition="", received="") == bare
    assert fixes(decode(SHORT + b"12C12345,1709251200,106.75,21.875,64.95", 5)) == [bare]
    assert fixes(decode(SHORT + b"12C12345,1709251200,106.75,21.875,64.95", None)) == [bare._replace(received=None)]


def test_columns_in_any_order_with_others_among_them() -> None:
    payload = b'note,speed_kmh,"lat",lon ,,time,vehicle,note\n x,64.95,21.875,106.75,?,1709251200,12C12345,\n'
    assert fixes(decode(payload, None)) == [Fix("12C12345", None, 1709251200, 106.75, 21.875, 650)]


def test_byte_order_mark_crlf_and_blank_lines() -> None:
    lines = [b"\xef\xbb\xbf" + HEADER, ROW, b"", ROW.replace(b"1,1709", b"9,1709"), b"  ", ROW, b"", b""]
    decoded = decode(b"\r\n".join(lines), None)
    assert fixes(decoded) == [ONE, ONE]
    assert [(bad.where, bad.payload) for bad in decoded.bad] == [("line 4", lines[3])]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n"])
def test_a_header_alone_is_an_empty_table(end: bytes) -> None:
    decoded = decode(HEADER + end, None)
    assert (fixes(decoded), decoded.bad) == ([], [])


@pytest.mark.parametrize("column", ["vehicle", "time", "lon", "lat", "speed_kmh"])
def test_a_missing_column_is_named_with_the_header_found(column: str) -> None:
    header = HEADER.replace(column.encode(), b"other")
    error = refusal(decode, header + b"\n" + ROW)
    assert error.reason is Reason.MISSING_FIELD
    assert error.detail == f"no column {column}; the header is {header.decode()!r}"


def test_headers_that_cannot_be_read() -> None:
    assert reason(decode, HEADER + b",time\n" + ROW) is Reason.UNDECODABLE
    assert reason(decode, b'"' + HEADER + b"\n" + ROW) is Reason.UNDECODABLE
    assert reason(decode, (HEADER + b"\n" + ROW).decode().encode("utf-16")) is Reason.UNDECODABLE
    assert reason(decode, b"\n" + ROW) is Reason.MISSING_FIELD
    assert reason(decode, b"\0") is Reason.MISSING_FIELD
    assert len(refusal(decode, b"x" * 100_000).detail) < 400


@pytest.mark.parametrize(
    ("text", "tenths"),
    [
        ("64.95", 650),
        ("64.949", 649),
        ("64.9499999999999999999", 649),
        ("64.95000000000000000001", 650),
        ("78.05", 781),
        ("80", 800),
        ("80.", 800),
        (".05", 1),
        ("0.049999", 0),
        ("1e2", 1000),
        ("+64.95", 650),
        ("-1", -10),
        ("00064.95", 650),
        ("1000000", 10_000_000),
        ("64.949996948242", 649),
    ],
)
def test_speeds_are_rounded_half_up_on_the_text(text: str, tenths: int) -> None:
    assert one(speed_kmh=text).speed_dkmh == tenths


@settings(deadline=None)
@given(st.decimals(0, 999, places=4) | st.decimals(0, 999, places=2))
def test_short_and_long_texts_round_alike(speed: Decimal) -> None:
    tenths = int((speed * 10).quantize(Decimal(1), ROUND_HALF_UP))
    assert one(speed_kmh=f"{speed:f}").speed_dkmh == one(speed_kmh=f"{speed:f}000000").speed_dkmh == tenths


def test_milliseconds_are_cut_to_the_second_and_marked() -> None:
    assert one(time="1709251200999", received="1709251203999") == ONE._replace(scaled=True)
    assert one(time="100000000000") == ONE._replace(time=100_000_000_000)
    assert one(time="100000000001") == ONE._replace(time=100_000_000, scaled=True)
    assert one(time="253402300799999") == ONE._replace(time=253_402_300_799, scaled=True)
    assert one(received="1709251203999") == ONE


def test_plates_and_licences_in_their_one_form() -> None:
    assert one(vehicle=" 29lđ-006.78 ").vehicle == "29LD00678"
    assert one(vehicle="粤B·12345").vehicle == "粤B·12345"
    assert one(vehicle="A" * 64).vehicle == "A" * 64
    for unknown in ("", "0000000", "12345", "--"):
        assert one(driver=unknown).driver is None


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("vehicle", "", Reason.MISSING_FIELD),
        ("vehicle", "  ", Reason.MISSING_FIELD),
        ("vehicle", "A" * 65, Reason.OUT_OF_RANGE),
        ("vehicle", "12C\x0012345", Reason.WRONG_TYPE),
        ("driver", "1" * 65, Reason.OUT_OF_RANGE),
        ("driver", "79\x000123456", Reason.WRONG_TYPE),
        ("time", "", Reason.MISSING_FIELD),
        ("time", "1709251200.0", Reason.WRONG_TYPE),
        ("time", "1.7e9", Reason.WRONG_TYPE),
        ("time", "2024-03-01T00:00:00Z", Reason.WRONG_TYPE),
        ("time", "-1", Reason.OUT_OF_RANGE),
        ("time", "9000000000001000", Reason.OUT_OF_RANGE),
        ("time", "9" * 400, Reason.OUT_OF_RANGE),
        ("lon", "", Reason.MISSING_FIELD),
        ("lon", "106°45", Reason.WRONG_TYPE),
        ("lon", "nan", Reason.OUT_OF_RANGE),
        ("lat", "-Infinity", Reason.OUT_OF_RANGE),
        ("lat", "1e400", Reason.OUT_OF_RANGE),
        ("lat", "٢١", Reason.WRONG_TYPE),
        ("speed_kmh", "", Reason.MISSING_FIELD),
        ("speed_kmh", "fast", Reason.WRONG_TYPE),
        ("speed_kmh", "6.4.5", Reason.WRONG_TYPE),
        ("speed_kmh", "٦٤", Reason.WRONG_TYPE),
        ("speed_kmh", "6_4", Reason.WRONG_TYPE),
        ("speed_kmh", "NaN", Reason.OUT_OF_RANGE),
        ("speed_kmh", "inf", Reason.OUT_OF_RANGE),
        ("speed_kmh", "1000000.05", Reason.OUT_OF_RANGE),
        ("speed_kmh", "99999999", Reason.OUT_OF_RANGE),
        ("speed_kmh", "-1e300", Reason.OUT_OF_RANGE),
        ("speed_kmh", "1e999999999999", Reason.OUT_OF_RANGE),
        ("heading", "N", Reason.WRONG_TYPE),
        ("heading", "nan", Reason.OUT_OF_RANGE),
        ("heading", "1e39", Reason.OUT_OF_RANGE),
        ("ignition", "2", Reason.WRONG_TYPE),
        ("ignition", "true", Reason.WRONG_TYPE),
        ("received", "now", Reason.WRONG_TYPE),
        ("received", "-5", Reason.OUT_OF_RANGE),
    ],
)
def test_a_bad_row_says_column_value_and_line(column: str, text: str, expected: Reason) -> None:
    sent = row(**{column: text})
    decoded = decode(b"\n".join([HEADER, ROW, sent, ROW]), None)
    assert fixes(decoded) == [ONE, ONE]
    (bad,) = decoded.bad
    assert (bad.where, bad.reason, bad.payload) == ("line 3", expected, sent)
    assert bad.detail.startswith(column)
    assert "\0" not in bad.detail


def test_a_row_with_the_wrong_number_of_fields() -> None:
    decoded = decode(b"\n".join([HEADER, ROW + b",", ROW[: ROW.rindex(b",")], ROW, b"x"]), None)
    assert fixes(decoded) == [ONE]
    assert [(bad.where, bad.reason, bad.detail) for bad in decoded.bad] == [
        ("line 2", Reason.UNDECODABLE, "10 fields where the header has 9"),
        ("line 3", Reason.UNDECODABLE, "8 fields where the header has 9"),
        ("line 5", Reason.UNDECODABLE, "1 fields where the header has 9"),
    ]


def test_quoted_fields() -> None:
    quoted = b'"' + ROW.replace(b",", b'","') + b'"'
    commas = row(vehicle='"TRUCK, ""RED"""')
    wrong = [b'"' + ROW, ROW.replace(b"12C", b'12C"'), row(vehicle='"12C"x'), row(vehicle='"TRUCK, RED",x')]
    decoded = decode(b"\n".join([HEADER, quoted, wrong[0], commas, *wrong[1:], ROW]), None)
    assert fixes(decoded) == [
        ONE,
        ONE._replace(vehicle='TRUCK, "RED"'),
        ONE,  # a quote inside a plate is a sign like any other, and plates keep letters and digits
        ONE,
    ]
    assert [(bad.where, bad.payload) for bad in decoded.bad] == [
        ("line 3", wrong[0]),
        ("line 6", wrong[2]),
        ("line 7", wrong[3]),
    ]


def test_bytes_that_are_not_utf8_cost_only_their_line() -> None:
    latin = ROW.replace(b"12C", b"12\xd0")
    decoded = decode(b"\r\n".join([HEADER, latin, ROW, row(vehicle="12\ufffd")]), None)
    assert fixes(decoded) == [ONE, ONE._replace(vehicle="12\ufffd")]
    assert [(bad.where, bad.reason, bad.detail, bad.payload) for bad in decoded.bad] == [
        ("line 2", Reason.UNDECODABLE, "not UTF-8: byte 3 of the line is 0xd0", latin)
    ]


def test_a_large_file_in_blocks_has_the_same_lines() -> None:
    rows = [ROW, row(time="x"), b"", ROW.replace(b",", b";"), row(lon=""), ROW]
    whole = decode(b"\n".join([HEADER, *rows]), 5)
    for cut in range(len(rows) + 1):
        first = decode_rows(HEADER, b"\n".join(rows[:cut]), 2, 5)
        second = decode_rows(HEADER + b"\r\n", b"\n".join(rows[cut:]) + b"\n", 2 + cut, 5)
        assert fixes(first) + fixes(second) == fixes(whole)
        assert first.bad + second.bad == whole.bad


def test_the_cases_read_as_a_plain_loop_reads_them() -> None:
    paths = sorted((SHARED_DATA.parent / "cases").glob("*/positions.csv"))
    if not paths:
        real("absent")
    for path in paths:
        payload = path.read_bytes()
        decoded = decode(payload, None)
        assert decoded.bad == []
        assert decoded.frame is not None
        lines = list(csv.DictReader(io.StringIO(payload.decode("utf-8-sig"))))
        speeds = [int((Decimal(line["speed_kmh"]) * 10).quantize(Decimal(1), ROUND_HALF_UP)) for line in lines]
        assert decoded.frame["speed_dkmh"].to_list() == speeds
        assert decoded.frame["lon"].to_list() == [float(line["lon"]) for line in lines]
        times = [int(line["time"]) for line in lines]
        assert decoded.frame["time"].to_list() == [time // 1000 if time > 10**11 else time for time in times]
        assert decoded.frame["heading"].is_null().to_list() == [not line["heading"] for line in lines]


def fix_strategy() -> st.SearchStrategy[Fix]:
    return st.builds(
        Fix,
        vehicle=st.from_regex(r"[0-9]{2}[A-Z]{1,2}[0-9]{3,5}", fullmatch=True),
        driver=st.none() | st.from_regex(r"[1-9][0-9]{11}", fullmatch=True),
        time=st.integers(0, 100_000_000_000),
        lon=st.integers(-2_140_000_000, 2_140_000_000).map(lambda steps: steps / 1e7),
        lat=st.integers(-2_140_000_000, 2_140_000_000).map(lambda steps: steps / 1e7),
        speed_dkmh=st.integers(-10_000_000, 10_000_000),
        heading=st.none() | st.floats(0, 360, width=32),
        altitude_m=st.none(),
        ignition=st.none() | st.booleans(),
        door=st.none(),
        aircon=st.none(),
        received=st.none() | st.integers(0, 100_000_000_000),
        scaled=st.just(False),
    )


@settings(deadline=None)
@given(st.lists(fix_strategy(), max_size=6), st.booleans())
def test_what_was_written_comes_out(sent: list[Fix], quoted: bool) -> None:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writerow(HEADER.decode().split(","))
    for fix in sent:
        speed = Decimal(fix.speed_dkmh) / 10
        ignition = None if fix.ignition is None else int(fix.ignition)
        values = (fix.vehicle, fix.driver, fix.time, fix.lon, fix.lat, speed, fix.heading, ignition, fix.received)
        writer.writerow(values)
    decoded = decode(out.getvalue().encode(), None)
    assert decoded.bad == []
    assert fixes(decoded) == sent


def test_a_frame_of_nothing_has_the_columns() -> None:
    decoded = decode(HEADER + b"\nx", None)
    assert isinstance(decoded.frame, pl.DataFrame)
    assert fixes(decoded) == []
    assert len(decoded.bad) == 1
