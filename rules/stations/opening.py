"""When a station is open, and when it closed last before an instant. Units: s UTC.  Shape: n instants -> n.

What cannot be read of its opening times is closed, in favour of the driver; so are days on which it does not stand.
"""

from __future__ import annotations

import json

import numpy as np

from journey.localtime import DAY_S, day_of, day_start
from journey.registry import Station
from journey.track import Bool, Int
from rules.registered import days
from rules.stations.joining import NONE

type Spans = list[tuple[int, int]]  # [begin, end)
_SIXTY = 60


def is_open(station: Station, at: int) -> bool:
    """Whether the station's entry says that it is open at one instant; see `open_at`."""
    return bool(open_at(station, np.array([at], np.int64))[0])


def open_at(station: Station, time: Int) -> Bool:
    """Nothing said or "24/24" (or "24/7") is always, else "06:00-22:00" and the like, local, several with commas."""
    spans = _spans(station)
    inside: Bool = np.full(len(time), spans is None)
    second = time - day_start(day_of(time))
    for begin, end in spans or ():
        inside |= (second >= begin) & (second < end) if begin < end else (second >= begin) | (second < end)
    start, stop = days(station.valid_from, station.valid_to)
    held: Bool = inside & (time >= start) & (time < stop)
    return held


def closed_since(station: Station, time: Int) -> Int:
    """The last instant at or before each at which it closed for the day; NONE where it is open, or never closes."""
    found = np.full(len(time), NONE, np.int64)
    spans = _spans(station)
    for before in (1, 0):
        for _, end in spans or ():
            close = day_start(day_of(time) - before) + end
            # Of two spans that touch the earlier one's end closes nothing.
            shut = (close <= time) & open_at(station, close - 1) & ~open_at(station, close)
            found = np.where(shut, np.maximum(found, close), found)
    return np.where(open_at(station, time), NONE, found)


def open_spans(station: Station | None, first: int, stop: int) -> Spans:
    """When a station is open in local days [first, stop), neighbouring spans as one. None: one not on file, always."""
    begin, end = day_start(first), day_start(stop)
    parts: Spans | None = None
    if station is not None:
        parts = _spans(station)
        since, until = days(station.valid_from, station.valid_to)
        begin, end = max(begin, since), min(end, until)
    if parts is None:
        return [(begin, end)] if begin < end else []
    # A span over midnight begins the day before, too.
    each = sorted((day_start(day) + low, day_start(day) + (high if low < high else high + DAY_S))
                  for day in range(first - 1, stop) for low, high in parts)  # fmt: skip
    merged: Spans = []
    for low, high in ((max(low, begin), min(high, end)) for low, high in each):
        if low >= high:
            continue
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _spans(station: Station) -> Spans | None:
    """Local seconds of the day [begin, end), over midnight where begin is not before end; None: always open."""
    try:
        text = None if station.open is None else json.loads(station.open)
        if text in (None, "24/24", "24/7"):
            return None
        if not isinstance(text, str):
            return []
        pairs = [part.split("-") for part in text.split(",")]
        return [(_seconds(begin), _seconds(end)) for begin, end in pairs]
    except ValueError:
        return []


def _seconds(clock: str) -> int:
    hours, minutes = clock.strip().split(":")
    return (int(hours) * _SIXTY + int(minutes)) * _SIXTY
