"""Single fields of a record, read strictly: the checks and the wording of errors that all formats share.

Every reader takes the value as its parser gave it and the field's name as the format writes it. None means "not sent":
an error where the function gives a plain value, None where it is optional. A DecodeError says field, value and wish.
"""

from __future__ import annotations

import math
import re
import reprlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from journey import plates, tenths
from journey.model import DecodeError, Reason

BYTES_MAX = 16 * 2**20
# No real record is shorter than 16 bytes; more of them in one payload are rubbish that would fill the memory.
RECORDS_MAX = 1_000_000
TEXT_MAX = 64
TIME_MAX = 253_402_300_799  # s: the last second of the year 9999, the end of every calendar that follows
SPEED_MAX = 1_000_000  # km/h
MILLIS_ABOVE = 100_000_000_000  # a later time than this (year 5138) in s is one in ms
FLOAT32_MAX = 3.4028234663852886e38

_EPOCH, _SECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1)
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_BRIEF = reprlib.Repr(maxlevel=1, maxdict=2, maxlist=2, maxstring=80, maxother=80)


def show(value: object) -> str:
    """A value as an error message quotes it: short, whatever was sent."""
    return _BRIEF.repr(value)


def missing(field: str) -> DecodeError:
    return DecodeError(Reason.MISSING_FIELD, f"{field} is missing or empty")


def wrong(field: str, value: object, wish: str) -> DecodeError:
    return DecodeError(Reason.WRONG_TYPE, f"{field} is {show(value)}, not {wish}")


def beyond(field: str, value: object, limit: str) -> DecodeError:
    return DecodeError(Reason.OUT_OF_RANGE, f"{field} is {show(value)}: {limit}")


def check_size(payload: bytes) -> None:
    """Raises DecodeError for a payload that holds nothing, or more than one payload may."""
    if not payload:
        raise DecodeError(Reason.UNDECODABLE, "the payload is empty")
    if len(payload) > BYTES_MAX:
        raise DecodeError(Reason.TOO_LARGE, f"{len(payload)} bytes; a payload holds at most {BYTES_MAX}")


def check_count(records: int) -> None:
    if records > RECORDS_MAX:
        raise DecodeError(Reason.TOO_LARGE, f"{records} records; a payload holds at most {RECORDS_MAX}")


def text(value: object, field: str, longest: int | None = TEXT_MAX) -> str:
    """Text that a database can hold, as sent."""
    if value is None:
        raise missing(field)
    if type(value) is not str:
        raise wrong(field, value, "text")
    if "\0" in value:
        raise wrong(field, value, "text without NUL characters")
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise wrong(field, value, "valid Unicode text")
    if longest is not None and len(value) > longest:
        raise beyond(field, value, f"longer than {longest} characters")
    return value


def vehicle(value: object, field: str = "vehicle") -> str:
    """A normalised plate, never empty."""
    return _plate(value, field) if type(value) is str else text(value, field)


@lru_cache(16_384)
def _plate(value: str, field: str) -> str:
    plate = plates.plate(text(value, field))
    if not plate:
        raise missing(field)
    return plate


def driver(value: object, field: str = "driver") -> str | None:
    """A normalised licence number; None for an unknown driver."""
    if value is None:
        return None
    return _licence(value, field) if type(value) is str else text(value, field)


@lru_cache(16_384)
def _licence(value: str, field: str) -> str | None:
    return plates.licence(text(value, field))


def number(value: object, field: str) -> float:
    """A finite number. A truth value or a text is none."""
    if type(value) is int:
        return float(value)
    if type(value) is not float:
        raise missing(field) if value is None else wrong(field, value, "a number")
    if not math.isfinite(value):
        raise beyond(field, value, "not a finite number")
    return value


def short_number(value: object, field: str) -> float | None:
    """A number that a float32 can hold; None where not sent."""
    if value is None:
        return None
    result = number(value, field)
    if not -FLOAT32_MAX <= result <= FLOAT32_MAX:
        raise beyond(field, value, "more than a float32 holds")
    return result


def whole(value: object, field: str) -> int:
    """A whole number; one written with a fraction of zero is whole."""
    if type(value) is int:
        return value
    result = number(value, field)
    if not result.is_integer():
        raise wrong(field, value, "a whole number")
    return int(result)


def seconds(value: object, field: str) -> tuple[int, bool]:
    """An instant in s, and whether it was sent in ms (then cut to the second)."""
    time = whole(value, field)
    scaled = time > MILLIS_ABOVE
    if scaled:
        time //= 1000
    if not 0 <= time <= TIME_MAX:
        raise beyond(field, value, "no time from 1970 on that could be stored")
    return time, scaled


def iso_seconds(value: object, field: str) -> int:
    """An instant of ISO 8601 with its offset from UTC, cut to the second, in s."""
    written = text(value, field)
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        raise wrong(field, value, "a time of ISO 8601") from None
    if instant.tzinfo is None:
        raise wrong(field, value, "a time with its offset from UTC")
    time = (instant - _EPOCH) // _SECOND
    if time < 0:
        raise beyond(field, value, "no time from 1970 on that could be stored")
    return time


def receipt(value: object, received: int | None) -> int | None:
    """When a record was received, s: as it says itself, else as the transport says."""
    return received if value is None else seconds(value, "received")[0]


def speed(value: object, field: str) -> int:
    """Tenths of km/h of a number in km/h that was written as a decimal text."""
    return tenths.of_float(_speed(value, field))


def speed32(value: object, field: str) -> int:
    """Tenths of km/h of a float32 in km/h."""
    return tenths.of_float32(_speed(value, field))


def _speed(value: object, field: str) -> float:
    result = number(value, field)
    if not -SPEED_MAX <= result <= SPEED_MAX:
        raise beyond(field, value, f"beyond {SPEED_MAX} km/h")
    return result


def truth(value: object, field: str) -> bool | None:
    """True or false; None where not sent."""
    if value is None or type(value) is bool:
        return value
    raise wrong(field, value, "true or false")
