"""Cutting intervals at the borders of local days, weeks or months."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from journey.track import Int

Period = Callable[[Int], Int]


def cut(start: Int, end: Int, period_of: Period, period_start: Period) -> tuple[Int, Int, Int, Int]:
    """Cut non-empty intervals at period borders.

    Args: period_of: instants to period numbers; period_start: period numbers to their first instants.
    Returns: for each part the index of its interval, its start, its end and its period's number.
    """
    first = period_of(start)
    parts = period_of(end - 1) - first + 1
    row = np.repeat(np.arange(len(start)), parts)
    period = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(parts) - parts, parts)
    return row, np.maximum(start[row], period_start(period)), np.minimum(end[row], period_start(period + 1)), period
