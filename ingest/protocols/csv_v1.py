"""Our own table of fixes: comma-separated text (UTF-8) with a header.

    vehicle,driver,time,lon,lat,speed_kmh,heading,ignition,received
    12C-123.45,790123456789,1709251200,106.7,21.85,61.5,12.5,1,1709251203

Source: files, of providers and of this project's own cases. Columns in any order; others are ignored.
Units:  time and received in whole Unix seconds, or in milliseconds where above 10^11 (cut to the second; a time in
        milliseconds is marked `scaled`); degrees WGS 84; km/h, rounded half-up to tenths on the text as it stands;
        heading degrees clockwise from north; ignition 0 or 1. Without `received`, the transport's receive time stands.
Must:   vehicle, time, lon, lat, speed_kmh. The other fields may be empty, or their columns absent: not known.
Refuses a line: too few or too many fields, quotes that are not closed on it, bytes that are not UTF-8, an empty field
        that must be there, what is no number, no whole time, not finite, or more than a store could hold. A bad line
        costs only itself. A file may begin with a byte order mark, end its lines with CR LF, and hold blank lines.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

import polars as pl

from ingest.protocols import _fields as fields
from ingest.protocols._lines import Fault, cut
from journey import plates, tenths
from journey.model import BadRecord, Decoded, DecodeError, Reason
from journey.track import FIX, on_grid

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "csv_v1"
_MUST = ("vehicle", "time", "lon", "lat", "speed_kmh")
_MAY = ("driver", "heading", "ignition", "received")
_COLUMNS = _MUST + _MAY
# Up to 8 digits and a dot are few enough for a float64 to show whether the text ended in a five (journey.tenths).
_SHORT = r"^[0-9.]{1,8}$"
_INTEGER = re.compile(r"[+-]?[0-9]+")
_HEADER_SHOWN = 300
_TIME_SENT_MAX = fields.TIME_MAX * 1000 + 999


def decode(payload: bytes, received: int | None) -> Decoded:
    """A whole file. Raises DecodeError where the header cannot be read or lacks a column."""
    fields.check_size(payload)
    header, _, rows = payload.partition(b"\n")
    return decode_rows(header, rows, 2, received)


def decode_rows(header: bytes, rows: bytes, first_line: int, received: int | None) -> Decoded:
    """Some whole lines of a file.

    Args: header: the file's first line. first_line: the number of the first line of `rows` in the file.
    Raises: DecodeError as `decode` does.
    """
    names = _names(header)
    if not rows:
        return Decoded(frame=FIX.to_frame())
    fields.check_size(rows)
    table, faults = cut(rows, [name if name in _COLUMNS else "" for name in names])
    table = table.with_columns(pl.lit("").alias(name) for name in _MAY if name not in names)
    values = _values(table, received)
    good = values.select(pl.all_horizontal(f"{name}_ok" for name in _COLUMNS)).to_series()
    if not good.all():
        faults += _faults(table.filter(~good), values.filter(~good))
        values = values.filter(good)
    decoded = Decoded(frame=on_grid(values.select(pl.col(name).cast(kind) for name, kind in FIX.items())))
    if faults:
        lines = rows.split(b"\n")
        decoded.bad = [
            BadRecord(f"line {first_line + line}", reason, detail, lines[line].removesuffix(b"\r"))
            for line, reason, detail in sorted(faults)
        ]
    return decoded


def _names(header: bytes) -> list[str]:
    try:
        text = header.decode("utf-8-sig").strip("\r\n")
        names = [name.strip() for name in next(csv.reader([text], strict=True), [])]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DecodeError(Reason.UNDECODABLE, f"the header cannot be read: {error}") from None
    shown = repr(",".join(names)[:_HEADER_SHOWN])
    for name in _COLUMNS:
        if name in _MUST and name not in names:
            raise DecodeError(Reason.MISSING_FIELD, f"no column {name}; the header is {shown}")
        if names.count(name) > 1:
            raise DecodeError(Reason.UNDECODABLE, f"column {name} stands twice; the header is {shown}")
    return names


def _values(table: pl.DataFrame, received: int | None) -> pl.DataFrame:
    """The columns of FIX, and for each column of the text `<name>_ok`: whether it holds what it must."""
    lon, lat, heading = (pl.col(name).cast(pl.Float64, strict=False) for name in ("lon", "lat", "heading"))
    sent, got = (pl.col(name).cast(pl.Int64, strict=False) for name in ("time", "received"))
    speed = _speeds(table["speed_kmh"])
    return table.select(
        _mapped(table["vehicle"], _plate),
        _mapped(table["driver"], plates.licence),
        _seconds(sent).alias("time"),
        lon,
        lat,
        speed.alias("speed_dkmh"),
        heading,
        altitude_m=None,
        ignition=pl.col("ignition") == "1",
        door=None,
        aircon=None,
        received=pl.when(pl.col("received") == "").then(pl.lit(received, pl.Int64)).otherwise(_seconds(got)),
        scaled=sent > fields.MILLIS_ABOVE,
        vehicle_ok=_fits(table["vehicle"]),
        driver_ok=_fits(table["driver"]),
        time_ok=_is_time(sent),
        lon_ok=_is_finite(lon),
        lat_ok=_is_finite(lat),
        speed_kmh_ok=speed.is_between(-fields.SPEED_MAX * 10, fields.SPEED_MAX * 10).fill_null(False),
        heading_ok=(pl.col("heading") == "") | (_is_finite(heading) & (heading.abs() <= fields.FLOAT32_MAX)),
        ignition_ok=pl.col("ignition").is_in(["", "0", "1"]),
        received_ok=(pl.col("received") == "") | _is_time(got),
    ).with_columns(
        vehicle_ok=pl.col("vehicle_ok") & pl.col("vehicle").is_not_null(),
        ignition=pl.when(table["ignition"] != "").then(pl.col("ignition")),
    )


def _is_finite(value: pl.Expr) -> pl.Expr:
    return value.is_finite().fill_null(False)


def _is_time(sent: pl.Expr) -> pl.Expr:
    return sent.is_between(0, _TIME_SENT_MAX).fill_null(False)


def _seconds(sent: pl.Expr) -> pl.Expr:
    return pl.when(sent > fields.MILLIS_ABOVE).then(sent // 1000).otherwise(sent)


def _speeds(texts: pl.Series) -> pl.Series:
    """Tenths of km/h, null for what is no speed."""
    short = texts.str.contains(_SHORT)
    floats = texts.cast(pl.Float64, strict=False)
    simple = short & floats.is_not_null()
    result = pl.Series(tenths.of_floats(floats.fill_null(0.0).fill_nan(0.0).clip(-1e9, 1e9).to_numpy()))
    if simple.all():
        return result
    others = texts.filter(~simple).unique()
    exact = others.map_elements(_exact_speed, return_dtype=pl.Int64, skip_nulls=True)
    return result.zip_with(simple, texts.replace_strict(others, exact, default=None, return_dtype=pl.Int64))


def _exact_speed(text: str) -> int | None:
    if not fields.NUMBER.fullmatch(text):
        return None
    try:
        speed = tenths.of_text(text)
    except ArithmeticError:
        return None
    return speed if abs(speed) <= fields.SPEED_MAX * 10 else None


def _mapped(texts: pl.Series, normal: Callable[[str], str | None]) -> pl.Series:
    """Each text in its normal form, worked out once for each that occurs."""
    distinct = texts.unique()
    forms = pl.Series([normal(text) for text in distinct], dtype=pl.String)
    return texts.replace_strict(distinct, forms, return_dtype=pl.String) if len(distinct) else texts


def _plate(text: str) -> str | None:
    return plates.plate(text) or None


def _fits(texts: pl.Series) -> pl.Series:
    """Whether a name is one that a database can hold."""
    unfit = [text for text in texts.unique() if len(text) > fields.TEXT_MAX or "\0" in text]
    return ~texts.is_in(unfit)


def _faults(table: pl.DataFrame, values: pl.DataFrame) -> list[Fault]:
    """The first thing wrong with each line."""
    faults: list[Fault] = []
    for row, judged in zip(table.iter_rows(named=True), values.iter_rows(named=True), strict=True):
        column = next(name for name in _COLUMNS if not judged[f"{name}_ok"])
        error = _explain(column, row[column])
        faults.append(Fault(row["line"], error.reason, error.detail))
    return faults


def _explain(column: str, text: Any) -> DecodeError:
    if not text.strip():
        return fields.missing(column)
    if column in ("vehicle", "driver"):
        try:
            fields.text(text, column)
        except DecodeError as error:
            return error
        return fields.missing(column)
    if column == "ignition":
        return fields.wrong(column, text, "0 or 1")
    if column in ("time", "received"):
        if _INTEGER.fullmatch(text):
            return fields.beyond(column, text, "no time from 1970 on that could be stored")
        return fields.wrong(column, text, "a time in whole Unix seconds")
    if fields.NUMBER.fullmatch(text):
        return fields.beyond(column, text, "more than could be stored")
    if text.lstrip("+-").lower() in ("nan", "inf", "infinity"):
        return fields.beyond(column, text, "not a finite number")
    return fields.wrong(column, text, "a number")
