"""Our own CSV for weighings: a header line, then one weighing a line, with the fields of weighing_v1 as columns.

    station,lane,time,plate,trailer,axle_kg,spacing_mm,gross_kg,persons,ticket,instrument,plate_confidence
    KT12,1,1709251200,12C-123.45,,6000;9000;9000,3600;1350,24000,1,KT12-000123,WIM-2,0.97

Source: weigh stations. Columns stand in any order; those of other names are ignored.
Units:  as weighing_v1. Lists are separated by semicolons; an empty list says that its figures are not known.
Must:   columns station, time, plate, axle_kg, spacing_mm, gross_kg. An empty plate is one that could not be read.
Refuses a line: as weighing_v1 refuses a record. A bad line costs only itself.
"""

from __future__ import annotations

import csv
from typing import Any

import orjson

from ingest.protocols import _fields as fields
from ingest.protocols._weighings import read_weighing
from journey.model import BadRecord, Decoded, DecodeError, Reason
from journey.plates import UNREAD

NAME = "weighing_csv"
_MUST = ("station", "time", "plate", "axle_kg", "spacing_mm", "gross_kg")
_LISTS = ("axle_kg", "spacing_mm")
_NUMBERS = ("lane", "time", "gross_kg", "persons", "containers", "error_permille", "speed_kmh", "plate_confidence")
_TEXTS = ("station", "plate", "trailer", "ticket", "instrument", "certificate", "certificate_until", "image")
_KNOWN = frozenset((*_LISTS, *_NUMBERS, *_TEXTS))


def decode(payload: bytes, received: int | None) -> Decoded:
    """A whole file. Raises DecodeError where the header cannot be read or lacks a column."""
    return decode_from(payload, 2)


def decode_from(payload: bytes, first_line: int) -> Decoded:
    """A header and some lines of its file. Args: first_line: the number of the first of them in the file."""
    fields.check_size(payload)
    lines = payload.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    fields.check_count(len(lines))
    names = _names(lines[0])
    decoded = Decoded()
    for number, line in enumerate(lines[1:], first_line):
        if not line.strip():
            continue
        try:
            decoded.weighings.append(read_weighing(_record(names, _cells(line))))
        except DecodeError as error:
            decoded.bad.append(BadRecord(f"line {number}", error.reason, error.detail, line.removesuffix(b"\r")))
    return decoded


def _names(line: bytes) -> list[str]:
    names = [name.strip() for name in _cells(line)]
    for name in _KNOWN:
        if names.count(name) > 1:
            raise DecodeError(Reason.UNDECODABLE, f"column {name} stands twice in the header")
    for name in _MUST:
        if name not in names:
            raise DecodeError(Reason.MISSING_FIELD, f"no column {name}; the header is {fields.show(','.join(names))}")
    return names


def _cells(line: bytes) -> list[str]:
    try:
        return next(csv.reader([line.decode().strip("\r\n")], strict=True), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise DecodeError(Reason.UNDECODABLE, f"the line cannot be read: {error}") from None


def _record(names: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) != len(names):
        raise DecodeError(Reason.UNDECODABLE, f"{len(cells)} fields where the header has {len(names)}")
    record: dict[str, Any] = dict.fromkeys(_LISTS)
    for name, cell in zip(names, cells, strict=True):
        text = cell.strip()
        if name in _LISTS:
            record[name] = [_number(part.strip(), name) for part in text.split(";")] if text else None
        elif name in _NUMBERS and text:
            record[name] = _number(text, name)
        elif name in _TEXTS and text:
            record[name] = text
    record.setdefault("plate", UNREAD)
    return record


def _number(text: str, field: str) -> int | float:
    if not fields.NUMBER.fullmatch(text):
        raise fields.wrong(field, text, "a number")
    try:
        value: int | float = orjson.loads(text)
    except orjson.JSONDecodeError:  # forms such as +5 or 05, which JSON has not
        value = float(text)
    return value
