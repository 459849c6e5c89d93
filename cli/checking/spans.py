"""Spans of days of vehicles judged between two cuts of the track (rules.cuts), as the whole track would be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from cli.matching.confirming import confirm, on_record
from cli.matching.matcher import Matcher
from journey.localtime import DAY_S, day_of, day_start
from journey.model import Finding
from journey.track import NO_DRIVER, Bool
from rules.cuts import Cuts, cuts
from rules.edges import edges
from rules.engine import Known, VehicleFloor, vehicle_floor
from rules.law import Law
from rules.scene import Outages
from storage.connections import outages
from storage.database import Connection
from storage.edges import Marks, load_edges
from storage.roads.matches import MatchedSlice
from storage.tracks import Surroundings, load_fixes, surroundings

MARGIN_DAYS = 2  # around weeks of drivers
MARGIN_S = 6 * 3600  # around days of vehicles, at first
LOADED_DAYS = 64  # vehicle-days judged at once, unless one span needs more

type Load = tuple[int, int]  # s UTC, half-open


@dataclass(frozen=True, slots=True)
class Span:
    """Touched days [first, stop) of one vehicle. `known`: they were judged before, and likely keep their borders."""

    vehicle_id: int
    plate: str
    first: int
    stop: int
    known: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A span judged: what lies between two cuts stands as new; days [first, stop) are those whose sums do."""

    span: Span
    start: int
    end: int
    first: int
    stop: int


class Judged(NamedTuple):
    """floor: with margins on both sides of its parts. slices: those of the parts that were matched to roads."""

    floor: VehicleFloor
    parts: list[Part]
    slices: list[MatchedSlice]


def judged(
    connection: Connection, spans: Sequence[Span], known: Known, law: Law, match: Matcher | None = None,
    recorded: bool = False,
) -> Iterator[Judged]:  # fmt: skip
    """The vehicle floor over spans, with as much of the track around each as its cuts need; each span in one part.

    Where a span is known, what lies around it is first loaded to the next cuts only: if by the marks of the days
    there (rules.edges) they are not changed, that is all. Else those days are loaded whole.

    Args: spans: at most one a vehicle, so that tracks do not mix. match: matches slices anew that are not on record.
        recorded: the matches on record are taken as they are, whatever slices this law would ask for.
    """
    days = [(span.vehicle_id, span.first, span.stop) for span in spans]
    around = dict(zip(spans, surroundings(connection, days), strict=True))
    beyond = ((span.vehicle_id, day) for span in spans if span.known for day in _days_around(span, around[span]))
    marks = load_edges(connection, beyond)
    waiting = {attempt: [span for span in spans if span.known is (attempt == 0)] for attempt in (0, 1)}
    attempt = 0
    while any(waiting.values()):
        loads = {span: _load_bounds(span, around[span], attempt) for span in waiting.pop(attempt, ())}
        for some in _portions(loads):
            frame = load_fixes(connection, [(span.vehicle_id, *load) for span, load in some.items()])
            silent = _outages(connection, some.values())
            floor = vehicle_floor(frame, known, law, silent)
            parts, wider = _cut_out(floor, some, around, marks, law)
            waiting.setdefault(attempt + 1, []).extend(wider)
            within = [(part.span.plate, part.start, part.end) for part in parts]
            slices: list[MatchedSlice] = []
            if recorded:
                floor = on_record(connection, floor, within, known, law, silent)
            else:
                floor, slices = confirm(connection, floor, within, known, law, silent, match)
            yield Judged(floor, parts, slices)
        attempt += 1


def _days_around(span: Span, around: Surroundings) -> list[int]:
    """The days of the nearest fixes outside a span."""
    return [day for day in (around.before, around.after) if day is not None]


def _portions(loads: Mapping[Span, Load]) -> Iterator[dict[Span, Load]]:
    """Spans together as far as the days loaded for them allow."""
    portion: dict[Span, Load] = {}
    seconds = 0
    for span, (start, end) in loads.items():
        if portion and seconds + end - start > LOADED_DAYS * DAY_S:
            yield portion
            portion, seconds = {}, 0
        portion[span] = start, end
        seconds += end - start
    if portion:
        yield portion


def activities_of(floor: VehicleFloor, parts: list[Part]) -> pl.DataFrame:
    """The activities inside parts, cut at their borders, as storage.activities.NAMED_ACTIVITY."""
    bounds = pl.DataFrame(
        {
            "vehicle": [part.span.plate for part in parts],
            "from": [part.start for part in parts],
            "to": [part.end for part in parts],
        },
        schema={"vehicle": pl.String, "from": pl.Int64, "to": pl.Int64},
    )
    return (
        _named(floor.activities, floor.plates, floor.licences)
        .join(bounds, on="vehicle")
        .with_columns(pl.max_horizontal("start", "from").alias("start"), pl.min_horizontal("end", "to").alias("end"))
        .filter(pl.col("start") < pl.col("end"))
        .select("vehicle", "driver", "start", "end", "kind")
    )


def findings_of(floor: VehicleFloor, parts: list[Part]) -> list[Finding]:
    """The findings on tracks of registered vehicles that begin inside parts."""
    held = {part.span.plate: part for part in parts}
    return [
        finding
        for finding in of_registered(floor.findings)
        if (part := held.get(finding.vehicle)) and part.start <= finding.start < part.end
    ]


def of_registered(findings: Iterable[Finding]) -> list[Finding]:
    """Those of findings on tracks and drivers that may be kept: of vehicles registered at the time.

    What a plate that nobody has registered sends is stored and reported, and accuses nobody; once the vehicle is
    registered, its days are judged again. A weighing is the Department's own, and needs no registry to be one.
    """
    return [finding for finding in findings if finding.operator is not None]


def _outages(connection: Connection, loads: Collection[Load]) -> Outages:
    """The times without intake that reach into anything loaded."""
    return outages(connection, min(start for start, _ in loads), max(end for _, end in loads))


def _load_bounds(span: Span, around: Surroundings, attempt: int) -> Load:
    """What to load: some hours of the nearest days with fixes outside the span, over however long a hole.

    From the second attempt on those days whole, and hours beyond, each time twice as many.
    """
    before = span.first if around.before is None else around.before
    after = span.stop - 1 if around.after is None else around.after
    if attempt == 0:
        return day_start(min(before + 1, span.first)) - MARGIN_S, day_start(max(after, span.stop)) + MARGIN_S
    margin = MARGIN_S << (attempt - 1)
    return day_start(before) - margin, day_start(after + 1) + margin


def _cut_out(
    floor: VehicleFloor,
    loads: Mapping[Span, Load],
    around: Mapping[Span, Surroundings],
    marks: Mapping[tuple[int, int], Marks],
    law: Law,
) -> tuple[list[Part], list[Span]]:
    """The spans with both cuts inside what was loaded, and those for which more has to be loaded."""
    codes = {plate: code for code, plate in enumerate(floor.plates)}
    before, after = _cuts_around(floor, {codes[span.plate]: span for span in loads if span.plate in codes}, law)
    stored = {(codes[s.plate], day): marks[s.vehicle_id, day] for s in loads if s.plate in codes
              for day in _days_around(s, around[s]) if (s.vehicle_id, day) in marks}  # fmt: skip
    now = edges(floor.fixes, floor.flags, floor.usable, floor.kind, floor.activities, law, stored)
    heads = {key for key, (head, _) in stored.items() if head is not None and head == now[key].head}
    tails = {key for key, (_, tail) in stored.items() if tail is not None and tail == now[key].tail}
    parts, wider = [], []
    for span, (load_start, load_end) in loads.items():
        code, near = codes.get(span.plate, -1), around[span]
        # Where the vehicle has nothing beyond what was loaded, the edge serves as a cut.
        left = load_start if near.first is None or day_start(near.first) >= load_start else None
        right = load_end if near.last is None or day_start(near.last + 1) <= load_end else None
        # Cuts outside the touched days bound what can have changed; then whole days are made good, again to a cut.
        start = _or(before.last_before(code, day_start(span.first) - 1), left)
        end = _or(after.first_after(code, day_start(span.stop)), right)
        if start is None or end is None:
            wider.append(span)
            continue
        first, stop = min(day_of(start), span.first), max(day_of(end - 1) + 1, span.stop)
        if first < span.first and (code, first) in tails:
            first += 1
        else:
            start = _or(before.last_before(code, day_start(first)), left)
        if stop > span.stop and (code, stop - 1) in heads:
            stop -= 1
        else:
            end = _or(after.first_after(code, day_start(stop)), right)
        if start is None or end is None:
            wider.append(span)
        else:
            parts.append(Part(span, start, end, first, stop))
    return parts, wider


def _or(cut: int | None, edge: int | None) -> int | None:
    return edge if cut is None else cut


def _cuts_around(floor: VehicleFloor, spans: dict[int, Span], law: Law) -> tuple[Cuts, Cuts]:
    """Cuts that rest only on fixes before the touched days of their vehicle, and those only on fixes after them."""
    usable = floor.usable
    starts = np.full(len(floor.plates), np.iinfo(np.int64).min)
    ends = np.full(len(floor.plates), np.iinfo(np.int64).max)
    for code, span in spans.items():
        starts[code], ends[code] = day_start(span.first), day_start(span.stop)
    earlier: Bool = usable.time[1:] < starts[usable.vehicle[1:]]
    later: Bool = usable.time[:-1] >= ends[usable.vehicle[:-1]]
    return (
        cuts(usable, floor.kind, floor.flags, law, earlier),
        cuts(usable, floor.kind, floor.flags, law, later),
    )


def _named(frame: pl.DataFrame, plates: Sequence[str], licences: Sequence[str]) -> pl.DataFrame:
    """ACTIVITY with names for codes."""
    driver = frame["driver"].to_numpy()
    return frame.with_columns(
        vehicle=pl.Series([plates[code] for code in frame["vehicle"]], dtype=pl.String),
        driver=pl.Series([None if code == NO_DRIVER else licences[code] for code in driver], dtype=pl.String),
    )
