"""What somebody types into the filters of a page."""

from __future__ import annotations

from collections.abc import Mapping

from api.problems import fault

_TEXT_MAX = 64


def admit(filters: Mapping[str, str]) -> None:
    """Raises Problem for a text, by the name of its filter, that is too long or cannot be printed."""
    for name, value in filters.items():
        if len(value) > _TEXT_MAX or not value.isprintable():
            raise fault(name, f"write at most {_TEXT_MAX} letters and figures")
