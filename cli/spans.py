"""Spans of days of vehicles judged between two cuts of the track (rules.cuts), as the whole track would be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from journey.localtime import day_of, day_start
from journey.model import Finding
from journey.track import NO_DRIVER, Bool
from rules.cuts import Cuts, cuts
from rules.engine import Known, VehicleFloor, vehicle_floor
from rules.law import Law
from rules.scene import Outages
from storage.connections import outages
from storage.database import Connection
from storage.tracks import Surroundings, load_fixes, surroundings

MARGIN_DAYS = 2


@dataclass(frozen=True, slots=True)
class Span:
    """Touched days [first, stop) of one vehicle."""

    vehicle_id: int
    plate: str
    first: int
    stop: int


@dataclass(frozen=True, slots=True)
class Part:
    """A span judged: what lies between two cuts stands as new; days [first, stop) are those it can have changed."""

    span: Span
    start: int
    end: int
    first: int
    stop: int


def judged(
    connection: Connection, spans: list[Span], known: Known, law: Law
) -> Iterator[tuple[VehicleFloor, list[Part]]]:
    """The vehicle floor over spans, with as much of the track around each as its cuts need; each span in one part.

    Args: spans: at most one a vehicle, so that tracks do not mix.
    """
    days = [(span.vehicle_id, span.first, span.stop) for span in spans]
    around = dict(zip(spans, surroundings(connection, days), strict=True))
    margin = MARGIN_DAYS
    while spans:
        loads = {span.plate: _load_bounds(span, around[span], margin) for span in spans}
        frame = load_fixes(connection, [(span.vehicle_id, *loads[span.plate]) for span in spans])
        floor = vehicle_floor(frame, known, law, _outages(connection, loads))
        parts, spans = _cut_out(floor, spans, around, loads, law)
        yield floor, parts
        margin *= 2


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


def _outages(connection: Connection, loads: dict[str, tuple[int, int]]) -> Outages:
    """The times without intake that reach into anything loaded."""
    return outages(connection, min(start for start, _ in loads.values()), max(end for _, end in loads.values()))


def _load_bounds(span: Span, around: Surroundings, margin_days: int) -> tuple[int, int]:
    """What to load: some days around the nearest fixes outside the span, over however long a hole."""
    before = span.first if around.before is None else around.before
    after = span.stop if around.after is None else around.after
    return day_start(before - margin_days), day_start(after + 1 + margin_days)


def _cut_out(
    floor: VehicleFloor,
    spans: list[Span],
    around: dict[Span, Surroundings],
    loads: dict[str, tuple[int, int]],
    law: Law,
) -> tuple[list[Part], list[Span]]:
    """The spans with both cuts inside what was loaded, and those for which more has to be loaded."""
    codes = {plate: code for code, plate in enumerate(floor.plates)}
    before, after = _cuts_around(floor, {codes[span.plate]: span for span in spans if span.plate in codes}, law)
    parts, wider = [], []
    for span in spans:
        load_start, load_end = loads[span.plate]
        code, near = codes.get(span.plate, -1), around[span]
        # Where the vehicle has nothing beyond what was loaded, the edge serves as a cut.
        left = load_start if near.first is None or day_start(near.first) >= load_start else None
        right = load_end if near.last is None or day_start(near.last) < load_end else None
        # Cuts outside the touched days bound what can have changed; then whole days are made good, again to a cut.
        changed_from = _or(before.last_before(code, day_start(span.first) - 1), left)
        changed_to = _or(after.first_after(code, day_start(span.stop)), right)
        if changed_from is None or changed_to is None:
            wider.append(span)
            continue
        first, stop = min(day_of(changed_from), span.first), max(day_of(changed_to - 1) + 1, span.stop)
        start = _or(before.last_before(code, day_start(first)), left)
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
