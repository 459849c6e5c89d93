"""Working through touched windows: stored records -> activities, findings, day sums. The one scheduler of the rules.

Vehicles first: each touched span of days is judged between two cuts of its track (rules.cuts), so that the result is
that of the whole track. Then the drivers whose activities that changed, week by week and from break to break. Then
weighings. One transaction a round; a killed worker leaves its windows waiting.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import polars as pl

from journey.localtime import DAY_S, day_of, day_start, week_of, week_start
from journey.track import ACTIVITY, NO_DRIVER, Bool
from rules.activity import merge
from rules.checks import rules_of
from rules.cuts import Cuts, cuts
from rules.engine import Known, VehicleFloor, driver_floor, know, vehicle_floor, weighing_floor
from rules.law import Law
from rules.streams import driving_or_bridged, streams, unite
from rules.summaries import day_sums
from storage.activities import Affected, DaySummary, load_activities, replace_activities, save_day_summaries
from storage.database import Connection, transaction
from storage.findings import Changes, Scope, replace_findings
from storage.registry import load_registry, registry_version
from storage.runs import Run, save_run
from storage.tracks import Surroundings, load_fixes, surroundings
from storage.weighings import weighings_of_days
from storage.windows import Window, lock_drivers, mark_checked, take

Subject = tuple[str | None, str | None]  # a licence, or the plate of a vehicle while its driver is unknown

ROUND_WINDOWS = 600
_MARGIN_DAYS = 2
_RULES = {floor: tuple(rule.id for rule in rules_of(floor)) for floor in ("track", "driver")}
_PERIOD_RULES = ("daily_driving", "weekly_driving")
_OVERLOADS = ("overload_axle", "overload_gross", "overload_payload")


@dataclass(slots=True)
class Checked:
    """What rounds of check did."""

    windows: int = 0
    fixes: int = 0
    added: int = 0
    withdrawn: int = 0
    changed: int = 0
    runs: list[str] = field(default_factory=list)

    def count(self, changes: Changes) -> None:
        self.added += len(changes.added)
        self.withdrawn += len(changes.withdrawn)
        self.changed += len(changes.changed)


@dataclass(frozen=True, slots=True)
class _Span:
    """Touched days [first, stop) of one vehicle."""

    vehicle_id: int
    plate: str
    first: int
    stop: int


@dataclass(frozen=True, slots=True)
class _Part:
    """A span judged: what lies between two cuts stands as new; days [first, stop) are those it can have changed."""

    span: _Span
    start: int
    end: int
    first: int
    stop: int


def check(
    connection: Connection,
    law: Law,
    code_version: str,
    on_round: Callable[[Checked], None] = lambda done: None,
    round_windows: int = ROUND_WINDOWS,
) -> Checked:
    """Judge waiting windows until none waits. Safe to run in several processes at once."""
    done = Checked()
    registry = _Registry()
    while _round(connection, registry, law, code_version, done, round_windows):
        on_round(done)
    return done


@dataclass(slots=True)
class _Registry:
    """The registry prepared for judging, read anew when it has changed."""

    version: int = -1
    known: Known | None = None

    def current(self, connection: Connection, law: Law) -> Known:
        version = registry_version(connection)
        if self.known is None or version != self.version:
            self.known, self.version = know(load_registry(connection), law), version
        return self.known


def _round(
    connection: Connection, registry: _Registry, law: Law, code_version: str, done: Checked, round_windows: int
) -> bool:
    with transaction(connection):
        windows = take(connection, round_windows)
        if not windows:
            return False
        known = registry.current(connection, law)
        run = _run(windows, law, code_version)
        save_run(connection, run)
        affected: list[Affected] = []
        for spans in _rounds_of_spans(windows):
            affected += _vehicles(connection, spans, known, law, run.id, done)
        _drivers(connection, affected, known, law, run.id, done)
        _weighings(connection, windows, known, law, run.id, done)
        mark_checked(connection, windows)
    done.windows += len(windows)
    done.runs.append(run.id)
    return True


def _run(windows: Sequence[Window], law: Law, code_version: str) -> Run:
    taken = sorted((window.plate, window.day, window.touched) for window in windows)
    digest = hashlib.sha256(json.dumps([taken, law.version, law.method_name, code_version]).encode()).hexdigest()[:32]
    days = [window.day for window in windows]
    scope = {
        "windows": len(windows),
        "vehicles": len({w.plate for w in windows}),
        "first": min(days),
        "last": max(days),
    }
    watermark = max(window.touched for window in windows)
    return Run(digest, int(time.time()), scope, watermark, law.version, law.method_name, code_version)


def _rounds_of_spans(windows: Sequence[Window]) -> Iterator[list[_Span]]:
    """Contiguous touched days as spans; each round holds at most one span of a vehicle, so that tracks do not mix."""
    by_vehicle: dict[tuple[int, str], list[int]] = defaultdict(list)
    for window in windows:
        by_vehicle[window.vehicle_id, window.plate].append(window.day)
    spans: dict[tuple[int, str], list[_Span]] = {}
    for (number, plate), days in by_vehicle.items():
        days.sort()
        breaks = [0, *(k for k in range(1, len(days)) if days[k] - days[k - 1] > 2 * _MARGIN_DAYS), len(days)]
        spans[number, plate] = [_Span(number, plate, days[a], days[b - 1] + 1) for a, b in pairwise(breaks)]
    for place in range(max(map(len, spans.values()))):
        yield [some[place] for some in spans.values() if place < len(some)]


def _vehicles(
    connection: Connection, spans: list[_Span], known: Known, law: Law, run_id: str, done: Checked
) -> list[Affected]:
    """The vehicle floor over spans, with as much of the track around each as its cuts need."""
    days = [(span.vehicle_id, day_start(span.first), day_start(span.stop)) for span in spans]
    around = dict(zip(spans, surroundings(connection, days), strict=True))
    affected: list[Affected] = []
    margin = _MARGIN_DAYS
    while spans:
        loads = {span.plate: _load_bounds(span, around[span], margin) for span in spans}
        frame = load_fixes(connection, [(span.vehicle_id, *loads[span.plate]) for span in spans])
        floor = vehicle_floor(frame, known, law)
        done.fixes += len(floor.flags)
        parts, spans = _cut_out(floor, spans, around, loads, law)
        affected += _store(connection, floor, parts, run_id, done)
        margin *= 2
    return affected


def _load_bounds(span: _Span, around: Surroundings, margin_days: int) -> tuple[int, int]:
    """What to load: some days around the nearest fixes outside the span, over however long a hole."""
    before = span.first if around.before is None else day_of(around.before)
    after = span.stop if around.after is None else day_of(around.after)
    return day_start(before - margin_days), day_start(after + 1 + margin_days)


def _cut_out(
    floor: VehicleFloor,
    spans: list[_Span],
    around: dict[_Span, Surroundings],
    loads: dict[str, tuple[int, int]],
    law: Law,
) -> tuple[list[_Part], list[_Span]]:
    """The spans with both cuts inside what was loaded, and those for which more has to be loaded."""
    codes = {plate: code for code, plate in enumerate(floor.plates)}
    before, after = _cuts_around(floor, {codes[span.plate]: span for span in spans if span.plate in codes}, law)
    parts, wider = [], []
    for span in spans:
        load_start, load_end = loads[span.plate]
        code, near = codes.get(span.plate, -1), around[span]
        # Where the vehicle has nothing beyond what was loaded, the edge serves as a cut.
        left = load_start if near.first is None or near.first >= load_start else None
        right = load_end if near.last is None or near.last < load_end else None
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
            parts.append(_Part(span, start, end, first, stop))
    return parts, wider


def _or(cut: int | None, edge: int | None) -> int | None:
    return edge if cut is None else cut


def _cuts_around(floor: VehicleFloor, spans: dict[int, _Span], law: Law) -> tuple[Cuts, Cuts]:
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


def _store(
    connection: Connection, floor: VehicleFloor, parts: list[_Part], run_id: str, done: Checked
) -> list[Affected]:
    if not parts:
        return []
    plates, licences = floor.plates, floor.licences
    bounds = pl.DataFrame(
        {
            "vehicle": [part.span.plate for part in parts],
            "from": [part.start for part in parts],
            "to": [part.end for part in parts],
        },
        schema={"vehicle": pl.String, "from": pl.Int64, "to": pl.Int64},
    )
    inside = (
        _named(floor.activities, plates, licences)
        .join(bounds, on="vehicle")
        .with_columns(pl.max_horizontal("start", "from").alias("start"), pl.min_horizontal("end", "to").alias("end"))
        .filter(pl.col("start") < pl.col("end"))
        .select("vehicle", "driver", "start", "end", "kind")
    )
    affected = replace_activities(connection, [(p.span.vehicle_id, p.start, p.end) for p in parts], inside)
    scopes = [Scope(_RULES["track"], part.span.plate, None, part.start, part.end) for part in parts]
    held = {part.span.plate: part for part in parts}
    findings = [
        finding
        for finding in floor.findings
        if (part := held.get(finding.vehicle)) and part.start <= finding.start < part.end
    ]
    done.count(replace_findings(connection, run_id, scopes, findings, "recomputed from stored fixes"))
    _save_sums(connection, floor, parts, run_id)
    return affected


def _save_sums(connection: Connection, floor: VehicleFloor, parts: list[_Part], run_id: str) -> None:
    sums = day_sums(floor.fixes.vehicle, floor.fixes.time, floor.flags, floor.usable, floor.kind, floor.activities)
    held = {part.span.plate: part for part in parts}
    rows = []
    for (code, day), one in sums.items():
        part = held.get(floor.plates[code])
        if part is not None and part.first <= day < part.stop:
            rows.append(
                DaySummary(
                    part.span.vehicle_id, day, one.fixes, one.usable, one.flags,
                    one.driving_s, one.standing_s, one.unknown_s, one.driving_m,
                )
            )  # fmt: skip
    save_day_summaries(connection, run_id, rows)


def _named(frame: pl.DataFrame, plates: Sequence[str], licences: Sequence[str]) -> pl.DataFrame:
    """ACTIVITY with names for codes."""
    driver = frame["driver"].to_numpy()
    return frame.with_columns(
        vehicle=pl.Series([plates[code] for code in frame["vehicle"]], dtype=pl.String),
        driver=pl.Series([None if code == NO_DRIVER else licences[code] for code in driver], dtype=pl.String),
    )


def _drivers(
    connection: Connection, affected: Iterable[Affected], known: Known, law: Law, run_id: str, done: Checked
) -> None:
    """The driver floor over the weeks of every driver, and driverless vehicle, whose activities changed."""
    weeks: dict[Subject, tuple[int, int]] = {}
    for one in affected:
        key = (one.licence, one.plate)
        start, end = weeks.get(key, (one.start, one.end))
        weeks[key] = min(start, one.start), max(end, one.end)
    weeks = {key: (week_start(week_of(a)), week_start(week_of(b - 1) + 1)) for key, (a, b) in weeks.items()}
    if not weeks:
        return
    lock_drivers(connection, [licence for licence, _ in weeks if licence])
    margin = _MARGIN_DAYS * DAY_S
    while weeks:
        done_weeks = _drivers_once(connection, weeks, margin, known, law, run_id, done)
        weeks = {key: span for key, span in weeks.items() if key not in done_weeks}
        margin *= 4


def _drivers_once(
    connection: Connection,
    weeks: dict[Subject, tuple[int, int]],
    margin: int,
    known: Known,
    law: Law,
    run_id: str,
    done: Checked,
) -> set[Subject]:
    """Judge those of the drivers whose blocks end inside the margin around their weeks; returns who they were."""
    start, end = min(a for a, _ in weeks.values()) - margin, max(b for _, b in weeks.values()) + margin
    named = load_activities(
        connection, [name for name, _ in weeks if name], [plate for _, plate in weeks if plate], start, end
    )
    plates = tuple(named["vehicle"].unique().sort())
    licences = tuple(named["driver"].drop_nulls().unique().sort())
    frame = merge(_coded(named, plates, licences))
    stream = streams(frame, len(licences))
    numbers: dict[Subject, int] = {(licence, None): code for code, licence in enumerate(licences)}
    numbers |= {(None, plate): len(licences) + code for code, plate in enumerate(plates)}
    spans = {}
    for key, (a, b) in weeks.items():
        number = numbers.get(key)
        block = (
            _block_span(frame.filter(pl.Series(stream == number)), a, b, start, end, law)
            if number is not None
            else (a, b)
        )
        if block is not None:
            spans[key] = block
    wanted = np.zeros(len(frame), bool)
    begins, stops = frame["start"].to_numpy(), frame["end"].to_numpy()
    for key, (a, b) in spans.items():
        if (number := numbers.get(key)) is not None:
            wanted |= (stream == number) & (stops > a) & (begins < b)
    findings, _ = driver_floor(frame.filter(pl.Series(wanted)), plates, licences, known, law)
    scopes, kept = [], []
    blocks = tuple(rule for rule in _RULES["driver"] if rule not in _PERIOD_RULES)
    for (licence, plate), (a, b) in spans.items():
        week = weeks[licence, plate]
        scopes.append(Scope(blocks, plate, licence, a, b, driverless=licence is None))
        scopes.append(Scope(_PERIOD_RULES, plate, licence, *week, by="at", driverless=licence is None))
    for finding in findings:
        key = (finding.driver, None if finding.driver else finding.vehicle)
        week, span = weeks[key], spans[key]
        if week[0] <= finding.at < week[1] if finding.rule in _PERIOD_RULES else span[0] <= finding.start < span[1]:
            kept.append(finding)
    done.count(replace_findings(connection, run_id, scopes, kept, "recomputed from stored activities"))
    return set(spans)


def _coded(named: pl.DataFrame, plates: Sequence[str], licences: Sequence[str]) -> pl.DataFrame:
    plate_code = {plate: code for code, plate in enumerate(plates)}
    licence_code = {licence: code for code, licence in enumerate(licences)}
    return pl.DataFrame(
        {
            "vehicle": [plate_code[plate] for plate in named["vehicle"]],
            "driver": [NO_DRIVER if name is None else licence_code[name] for name in named["driver"]],
            "start": named["start"],
            "end": named["end"],
            "kind": named["kind"],
        },
        schema=ACTIVITY,
    ).sort("vehicle", "start")


def _block_span(
    frame: pl.DataFrame, week_from: int, week_to: int, load_from: int, load_to: int, law: Law
) -> tuple[int, int] | None:
    """From break to break around [week_from, week_to), in either reading; None: a block may go beyond what was loaded.

    A stretch without driving or bridged unknown time that is as long as the longest legal break divides blocks of
    every business.
    """
    longest = max(length for dated in law.dated("driving_time.break_min") for length in dated.value.values())
    bridge = law.figure("unknown_bridge_max")
    # An unknown activity at the edge may be longer than loaded: at most that makes a span too long.
    busy = unite(frame, np.zeros(len(frame), np.int64), driving_or_bridged(frame, bridge))
    if not len(busy.start):
        return week_from, week_to
    begins = np.flatnonzero(np.concatenate(([True], busy.start[1:] - busy.end[:-1] >= longest)))
    block_from = busy.start[begins]
    block_to = np.append(busy.end[begins[1:] - 1], busy.end[-1])
    crossing_start = (block_from < week_from) & (block_to > week_from)
    crossing_end = (block_from < week_to) & (block_to > week_to)
    start = int(block_from[crossing_start].min()) if crossing_start.any() else week_from
    end = int(block_to[crossing_end].max()) if crossing_end.any() else week_to
    if start < load_from + longest or end > load_to - longest:
        return None
    return start, end


def _weighings(
    connection: Connection, windows: Sequence[Window], known: Known, law: Law, run_id: str, done: Checked
) -> None:
    days = [(window.vehicle_id, window.day) for window in windows]
    findings, _ = weighing_floor(weighings_of_days(connection, days), known, law)
    scopes = [
        Scope(_OVERLOADS, window.plate, None, day_start(window.day), day_start(window.day + 1), by="at")
        for window in windows
    ]
    done.count(replace_findings(connection, run_id, scopes, findings, "recomputed from stored weighings"))
