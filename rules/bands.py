"""Bands of the penalty articles: in which interval an excess lies, decided in integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from journey.track import Int
from rules.law import Law

NEVER_OVER = np.iinfo(np.int64).max


def band_of(rows: tuple[dict[str, Any], ...], value: int, per: int = 1) -> dict[str, Any] | None:
    """The band whose interval holds value / per; None below the first."""
    return next((row for row in rows if row["interval"].holds(value, per)), None)


def lowest(law: Law, path: str, times: Int) -> Int:
    """For each instant the least whole value inside the first band in force; NEVER_OVER where none was."""
    edges = []
    for dated in law.dated(path):
        first = dated.value[0]["interval"]
        edges.append(first.low if first.low_in else first.low + 1)
    table = np.array([*edges, NEVER_OVER], np.int64)
    return table[law.series(path, times)]
