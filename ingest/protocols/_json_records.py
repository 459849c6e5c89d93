"""The records of a JSON payload: one object, an array of objects, or one object a line (NDJSON)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import orjson

from ingest.protocols._fields import check_count, check_size, show
from journey.model import BadRecord, DecodeError, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # Takes one object and its place ("line 17", "record 3"; empty for a lone object). Raises DecodeError.
    Read = Callable[[dict[str, Any], str], None]

_BOM = b"\xef\xbb\xbf"
# A string, or one of the signs that give an array its form. Possessive: a match never goes back.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},]', re.DOTALL)
_INTEGER_DIGITS = 19


def read_each(payload: bytes, read: Read) -> list[BadRecord]:
    """Give every object of a payload to `read`; return those that it refused.

    NaN, Infinity and numbers beyond a float64 are no JSON, but they are read, so that one of them spoils its own record
    only and the error can name the field. A lone bad object is the whole payload: its error is raised.

    Raises: DecodeError, where the payload is neither of the three forms, or too large.
    """
    check_size(payload)
    payload = payload.removeprefix(_BOM)
    try:
        value = _parse(payload)
    except ValueError as error:
        # An array that is broken is read by lines too: the first of many lines may be what only looks like one.
        return _read_lines(payload, read, DecodeError(Reason.UNDECODABLE, f"not JSON: {error}"))
    if type(value) is list:
        return _read_array(payload, value, read)
    read(as_object(value), "")
    return []


def as_object(value: object, name: str = "a record") -> dict[str, Any]:
    """Raises DecodeError for anything that is no JSON object."""
    if type(value) is not dict:
        raise DecodeError(Reason.WRONG_TYPE, f"{name} is {show(value)}, not an object")
    return value


def _parse(payload: bytes) -> Any:
    """Raises ValueError, worded as by the strict parser."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        strict = error
    try:
        return json.loads(payload.decode(), parse_int=_integer)
    except (ValueError, RecursionError):
        raise strict from None


def _integer(digits: str) -> int | float:
    """Long integers become floats, as in the strict parser; one of 5,000 digits becomes infinite, not an error."""
    return int(digits) if len(digits) <= _INTEGER_DIGITS else float(digits)


def _read_array(payload: bytes, items: list[Any], read: Read) -> list[BadRecord]:
    check_count(len(items))
    faults: list[tuple[int, DecodeError]] = []
    for index, item in enumerate(items):
        try:
            read(as_object(item), f"record {index + 1}")
        except DecodeError as error:
            faults.append((index, error.with_traceback(None)))
    if not faults:
        return []
    pieces = list(_pieces(payload))
    return [BadRecord(f"record {at + 1}", fault.reason, fault.detail, pieces[at]) for at, fault in faults]


def _read_lines(payload: bytes, read: Read, fault: DecodeError) -> list[BadRecord]:
    """Raises `fault` where not a single line is an object: such a payload is not NDJSON."""
    lines = payload.split(b"\n")
    check_count(len(lines))
    bad: list[BadRecord] = []
    objects = 0
    for index, line in enumerate(lines, 1):
        if not line or line.isspace():
            continue
        where = f"line {index}"
        try:
            record = as_object(_parse(line))
            objects += 1
            read(record, where)
        except DecodeError as error:
            bad.append(BadRecord(where, error.reason, error.detail, line))
        except ValueError as error:
            bad.append(BadRecord(where, Reason.UNDECODABLE, f"not JSON: {error}", line))
    if not objects:
        raise fault
    return bad


def _pieces(array: bytes) -> Iterator[bytes]:
    """The text of each element of an array that is known to be JSON."""
    depth = 0
    start = 0
    for token in _TOKEN.finditer(array):
        sign = token[0]
        if sign in b"[{":
            depth += 1
            if depth == 1:
                start = token.end()
        elif sign in b"]}":
            depth -= 1
            if depth == 0:
                yield array[start : token.start()].strip()
        elif sign == b"," and depth == 1:
            yield array[start : token.start()].strip()
            start = token.end()
