"""Local days as options of commands give them."""

from __future__ import annotations

from datetime import date, datetime

from cli.reference import InputError
from journey.localtime import ZONE, midnight


def first_instant(option: str, text: str | None) -> int | None:
    """Unix seconds at which the local day of an option such as --from begins; None: not given. Raises InputError."""
    try:
        return None if text is None else midnight(date.fromisoformat(text))
    except ValueError:
        raise InputError(f"{option} {text!r} is no date; write it as YYYY-MM-DD") from None


def local_day(option: str, text: str | None) -> date:
    """The local day of an option such as --at, today where it is not given. Raises InputError."""
    try:
        return datetime.now(ZONE).date() if text is None else date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is no date; write it as YYYY-MM-DD") from None
