"""W-records of the Traffic Monitoring Guide (FHWA): truck weights, one record a line.

Fields in order: W, state (2), station (6), direction (1), lane (1), year (4; in older files 2), month (2), day (2),
hour (2), class (2), open (3), gross, number of axles (2), then mass and spacing in turn, from the front.
Widths of gross, mass and spacing: 4, 3, 3; in the guide of 2016 6, 5, 4, since masses are in pounds there.
Fixed width, or with a pipe between the fields, where the open field may be left out; blank and zero filled alike.
A class of m or d is no vehicle: it says that an hour has no data, or had no truck.

Source: columns 1 to 26, the order, and the widths of 2016 as FHWA's own library for its analysis system documents them
        (namespace Fhwa.Tmas.Traffic, WeightData; Traffic Monitoring Guide of 2016, FHWA-PL-17-003, chapter 7). The
        widths 4, 3, 3 of the older editions (2001: metric, year of two digits) are from knowledge of the guide; no
        text of theirs was found to compare.
Units:  a record does not say them: the format's name does. Time: the hour, local, at its beginning.
Gaps:   no plate, no ticket: such a weighing accuses nobody. It counts for the instrument and for the station.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ingest.protocols import _fields as fields
from journey.localtime import midnight
from journey.model import BadRecord, Decoded, DecodeError, Reason, Scale, Weighing
from journey.plates import UNREAD

_HEAD = ((1, 2), (3, 6), (9, 1), (10, 1))  # state, station, direction, lane: place and width
_PARTS = (2, 2, 2, 2, 3)  # month, day, hour, class, open
_AXLES = 2
_AXLES_MAX = 25
_NO_VEHICLE = {"m": "no data of the hour", "d": "no truck in the hour"}
_CENTURY = 2000
_INSTRUMENT = "TMG"


class Units(NamedTuple):
    """What one step of a record's masses and spacings is, as fractions: kg = mass * kg[0] // kg[1], and mm alike."""

    kg: tuple[int, int]
    mm: tuple[int, int]
    gross: int = 4  # columns of a fixed record
    mass: int = 3
    spacing: int = 3


def decode_lines(payload: bytes, units: Units) -> Decoded:
    """All W-records of a payload; a line of another kind is a bad record. Raises DecodeError for no payload."""
    fields.check_size(payload)
    lines = payload.split(b"\n")
    fields.check_count(len(lines))
    decoded = Decoded()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            text = line.rstrip(b"\r").decode("ascii")
            decoded.weighings.append(_weighing(_cut(text, units), units))
        except UnicodeDecodeError as error:
            fault = f"not ASCII: byte {error.start + 1} of the line"
            decoded.bad.append(BadRecord(f"line {number}", Reason.UNDECODABLE, fault, line))
        except DecodeError as error:
            decoded.bad.append(BadRecord(f"line {number}", error.reason, error.detail, line))
    return decoded


class _Record(NamedTuple):
    station: str
    direction: str
    lane: str
    when: tuple[str, str, str, str]  # year, month, day, hour
    gross: str
    cells: list[str]  # mass, spacing, mass ...


def _cut(text: str, units: Units) -> _Record:
    if not text.startswith("W"):
        raise DecodeError(Reason.UNSUPPORTED_TYPE, f"a record of type {fields.show(text[:1])}, not W")
    return _of_pipes(text.split("|")) if "|" in text else _of_columns(text, units)


def _need_vehicle(kind: str) -> None:
    if said := _NO_VEHICLE.get(kind.strip().lower()):
        raise DecodeError(Reason.UNSUPPORTED_TYPE, f"class {kind.strip()}: no vehicle but {said}")


def _of_pipes(parts: list[str]) -> _Record:
    _need_vehicle(parts[9] if len(parts) > 9 else "")
    while parts and not parts[-1].strip():
        parts.pop()
    for opened in (1, 0):
        place = 11 + opened
        if len(parts) > place and len(parts) - place - 1 == _cells_of(parts[place]):
            year, month, day, hour = parts[5:9]
            return _Record(parts[2], parts[3], parts[4], (year, month, day, hour), parts[place - 1], parts[place + 1 :])
    raise DecodeError(Reason.UNDECODABLE, f"{len(parts)} fields, which fit no number of axles")


def _of_columns(text: str, units: Units) -> _Record:
    text = text.rstrip()
    _, station, direction, lane = (text[place : place + width] for place, width in _HEAD)
    pair = units.mass + units.spacing
    for year_width in (4, 2):
        places, place = [], 11 + year_width
        for width in (*_PARTS, units.gross, _AXLES):
            places.append(text[place : place + width])
            place += width
        month, day, hour, kind, _, gross, axles = places
        _need_vehicle(kind)
        rest, number = text[place:], (_cells_of(axles) + 1) // 2
        if number > 0 and len(rest) == pair * number - units.spacing:
            edges = [pair * at + part for at in range(number) for part in (0, units.mass)][:-1]
            cells = [rest[begin:end] for begin, end in zip(edges, [*edges[1:], len(rest)], strict=True)]
            return _Record(station, direction, lane, (text[11 : 11 + year_width], month, day, hour), gross, cells)
    raise DecodeError(Reason.UNDECODABLE, f"{len(text)} characters, which fit no number of axles")


def _cells_of(axles: str) -> int:
    """Masses and spacings of so many axles; -1 for what is no number of axles."""
    number = int(axles) if axles.strip().isdecimal() else 0
    return 2 * number - 1 if 0 < number <= _AXLES_MAX else -1


def _weighing(record: _Record, units: Units) -> Weighing:
    station = record.station.strip()
    if not station:
        raise fields.missing("station")
    values = [_whole(cell, f"axle field {place + 1}") for place, cell in enumerate(record.cells)]
    direction = record.direction.strip()
    return Weighing(
        station=station,
        lane=_whole(record.lane, "lane"),
        time=_hour(record.when),
        plate=UNREAD,
        trailer=None,
        axle_kg=tuple(_in(value, units.kg) for value in values[::2]),
        spacing_mm=tuple(_in(value, units.mm) for value in values[1::2]),
        gross_kg=_in(_whole(record.gross, "gross"), units.kg),
        persons=None,
        containers=None,
        ticket=None,
        scale=Scale(instrument=f"{_INSTRUMENT} {station} {direction or '-'}"),
    )


def _in(value: int, unit: tuple[int, int]) -> int:
    """Rounded half-up to whole kg or mm."""
    return (2 * value * unit[0] + unit[1]) // (2 * unit[1])


def _whole(text: str, field: str) -> int:
    stripped = text.strip()
    if not stripped.isdecimal():
        raise fields.wrong(field, text, "a whole number")
    return int(stripped)


def _hour(when: tuple[str, str, str, str]) -> int:
    year, month, day, hour = (_whole(text, name) for text, name in
                              zip(when, ("year", "month", "day", "hour"), strict=True))  # fmt: skip
    try:
        start = midnight(date(year + _CENTURY if year < 100 else year, month, day))
    except ValueError as error:
        raise DecodeError(Reason.OUT_OF_RANGE, f"{'-'.join(when[:3])} is no day: {error}") from None
    if hour > 23:
        raise fields.beyond("hour", when[3], "not from 0 to 23")
    if start < 0:
        raise fields.beyond("year", when[0], "no time from 1970 on that could be stored")
    return start + hour * 3600
