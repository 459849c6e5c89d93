"""When a weigh station is open, how long its gaps usually are, and when it said nothing for longer than that.

Law:   Circular 41/2024/TT-BGTVT Art. 18 has weigh works run all day and every stop reported; that a gap is a stop is
       not in the record. What is shown is a silence, with the station's own measure for it.
Method: `station_gap_share` of the gaps of the last `station_gap_days` are at most as long as the usual gap; a silence
       is `station_gap_times` as long, and at least `station_gap_min`. Gaps count while the station is open only.
Gaps:   fewer than `station_gap_number` gaps: the usual one is not known (None), and nothing is called a silence.
Units:  s UTC, half-open spans.  Shape: times of one station -> spans.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from journey.localtime import DAY_S, day_start
from journey.registry import Station
from journey.track import Int
from rules.law import Law
from rules.weighing_faults import PERMILLE

type Spans = list[tuple[int, int]]
_SIXTY = 60


def open_spans(station: Station | None, first: int, stop: int) -> Spans:
    """When a station is open in local days [first, stop), neighbouring spans as one. Nothing said: always.

    What cannot be read is closed: then nothing is called a silence.
    """
    begin, end = day_start(first), day_start(stop)
    text = None if station is None or station.open is None else json.loads(station.open)
    if text is None or text == "24/24":
        return [(begin, end)] if begin < end else []
    try:
        parts = [_span(part) for part in text.split(",")] if isinstance(text, str) else []
    except ValueError:
        return []
    # A span over midnight begins the day before, too.
    all_spans = sorted((day_start(day) + low, day_start(day) + high) for day in range(first - 1, stop)
                       for low, high in parts)  # fmt: skip
    merged: Spans = []
    for low, high in ((max(low, begin), min(high, end)) for low, high in all_spans):
        if low >= high:
            continue
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _span(text: str) -> tuple[int, int]:
    low, high = (_clock(edge) for edge in text.split("-"))
    return (low, high) if low < high else (low, high + DAY_S)


def _clock(text: str) -> int:
    hours, minutes = text.strip().split(":")
    return (int(hours) * _SIXTY + int(minutes)) * _SIXTY


def gaps(times: Int, spans: Sequence[tuple[int, int]]) -> tuple[Int, Int]:
    """Where no weighing was, inside open spans: begin and end of each gap. Args: times: in order.

    Edges of spans are edges of gaps: how long before the opening nothing came says nothing.
    """
    begins, ends = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for low, high in spans:
        inside = times[np.searchsorted(times, low) : np.searchsorted(times, high)]
        edges = np.concatenate(([low], inside, [high])).astype(np.int64)
        begins.append(edges[:-1])
        ends.append(edges[1:])
    return np.concatenate(begins), np.concatenate(ends)


def usual_gap(times: Int, spans: Sequence[tuple[int, int]], law: Law) -> int | None:
    """The length that a share of the gaps does not exceed, s; None: too few are known."""
    begin, end = gaps(times, spans)
    length = np.sort(end - begin)
    if len(length) < law.figure("station_gap_number"):
        return None
    place = -(-len(length) * law.figure("station_gap_share") // PERMILLE) - 1
    return int(length[place])


def silence_from(usual_s: int | None, law: Law) -> int | None:
    """From how many seconds on a gap is a silence; None: not known."""
    if usual_s is None:
        return None
    limit: int = max(usual_s * law.figure("station_gap_times"), law.figure("station_gap_min"))
    return limit


def silences(times: Int, spans: Sequence[tuple[int, int]], limit_s: int) -> Spans:
    """Gaps of at least so many seconds."""
    begin, end = gaps(times, spans)
    long = end - begin >= limit_s
    return list(zip(begin[long].tolist(), end[long].tolist(), strict=True))
