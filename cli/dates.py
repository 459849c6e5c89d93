"""Local days as options of commands give them."""

from __future__ import annotations

from datetime import date

from cli.reference import InputError
from journey.localtime import midnight


def first_instant(option: str, text: str | None) -> int | None:
    """Unix seconds at which the local day of an option such as --from begins; None: not given. Raises InputError."""
    try:
        return None if text is None else midnight(date.fromisoformat(text))
    except ValueError:
        raise InputError(f"{option} {text!r} is no date; write it as YYYY-MM-DD") from None
