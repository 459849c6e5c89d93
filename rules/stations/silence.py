"""How long a weigh station's gaps usually are while it is open, and when it said nothing for longer than that.

Law:   Circular 41/2024/TT-BGTVT Art. 18 has weigh works run all day and every stop reported; that a gap is a stop is
       not in the record. What is shown is a silence, with the station's own measure for it.
Method: `station_gap_share` of the gaps of the last `station_gap_days` are at most as long as the usual gap; a silence
       is `station_gap_times` as long, and at least `station_gap_min`. Gaps count while the station is open only.
Gaps:   fewer than `station_gap_number` gaps: the usual one is not known (None), and nothing is called a silence.
Units:  s UTC, half-open spans.  Shape: times of one station -> spans.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from journey.track import Int
from rules.law import Law
from rules.stations.opening import Spans
from rules.weighings.faults import PERMILLE


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
