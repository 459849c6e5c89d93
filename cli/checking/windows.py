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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from cli.checking.area_days import Areas, read_areas, save_area_days
from cli.checking.edges import save_marks
from cli.checking.service import save_service
from cli.checking.spans import Part, Span, activities_of, findings_of, judged
from cli.checking.weeks import judge_weeks
from cli.matching.matcher import Matcher
from journey.localtime import day_start
from rules.checks import rules_of
from rules.engine import Known, VehicleFloor, know, weighing_floor
from rules.law import Law
from rules.summaries import DaySum, day_sums
from storage.activities import (
    Affected,
    DaySummary,
    remove_day_summaries,
    replace_activities,
    save_day_summaries,
)
from storage.database import Connection, transaction
from storage.findings import Changes, Scope, replace_findings
from storage.migrate import require_same
from storage.registry import load_registry, registry_version
from storage.roads.matches import replace_matches
from storage.runs import Run, get_run, save_run
from storage.stations.reviews import wait_for_review
from storage.stations.weighings import weighings_of_days
from storage.turns import ALL, Turn
from storage.upkeep.hours import refresh_late, save_hours
from storage.windows import Window, mark_checked, take

ROUND_WINDOWS = 600  # at most
_ROUND_S = 1.0  # what a round aims at, so that what is late waits little
_REFRESH_S = 20.0  # between two refreshes of what dashboards show of late days
_BRIDGED_DAYS = 2  # a day between two touched days is judged with them: it would be loaded twice else
_FIRST_ROUND, _LEAST_ROUND = 64, 8
_SUMS = ("windows", "fixes", "days", "added", "withdrawn", "changed")
_TRACK_RULES = tuple(rule.id for rule in rules_of("track"))
_OVERLOADS = ("overload_axle", "overload_gross", "overload_payload")
_DATA = "late or corrected data"  # why a finding goes where law, method and code are those that gave it


@dataclass(slots=True)
class Checked:
    """What rounds of check did."""

    windows: int = 0
    fixes: int = 0  # loaded, those around the windows included
    days: int = 0  # vehicle-days whose sums were made anew, neighbours of windows included
    added: int = 0
    withdrawn: int = 0
    changed: int = 0
    runs: list[str] = field(default_factory=list)

    def since(self, before: Checked) -> Checked:
        """What came after an earlier state."""
        sums = {name: getattr(self, name) - getattr(before, name) for name in _SUMS}
        return Checked(**sums, runs=self.runs[len(before.runs) :])

    def copied(self) -> Checked:
        return replace(self, runs=list(self.runs))

    def add(self, other: Checked) -> None:
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.runs += other.runs

    def count(self, *several: Changes) -> None:
        for changes in several:
            self.added += len(changes.added)
            self.withdrawn += len(changes.withdrawn)
            self.changed += len(changes.changed)


def check(
    connection: Connection,
    law: Law,
    code_version: str,
    on_round: Callable[[Checked], None] = lambda done: None,
    round_windows: int = ROUND_WINDOWS,
    turn: Turn = ALL,
    match: Matcher | None = None,
) -> Checked:
    """Judge waiting windows until none waits. Safe to run in several processes at once.

    Args: round_windows: at most so many windows a round, or those of one vehicle. turn: which live windows.
        match: None: slices of track that are not on record as matched are judged by all roads near them.
    Raises: MigrationRefused where the schema is no longer the one that this program knows.
    """
    done, registry, size = Checked(), _Registry(), _FIRST_ROUND
    days: set[int] = set()
    refreshed = time.monotonic()
    while True:
        size = min(size, round_windows)
        began = time.monotonic()
        with transaction(connection):
            require_same(connection)
            windows = take(connection, size, turn)
            if windows:
                _judge(connection, windows, registry, law, code_version, done, match)
        days.update(window.day for window in windows)
        if not windows or time.monotonic() - refreshed > _REFRESH_S:
            refresh_late(connection, sorted(days), int(time.time()))
            days, refreshed = set(), time.monotonic()
        if not windows:
            return done
        rate = len(windows) / (time.monotonic() - began)
        size = max(_LEAST_ROUND, min(int(rate * _ROUND_S), 2 * size))
        on_round(done)


@dataclass(slots=True)
class _Registry:
    """The registry prepared for judging, read anew when it has changed."""

    version: int = -1
    known: Known | None = None
    areas: Areas | None = None

    def current(self, connection: Connection, law: Law) -> Known:
        version = registry_version(connection)
        if self.known is None or version != self.version:
            self.known, self.areas = know(load_registry(connection), law), read_areas(connection)
            self.version = version
        return self.known


def _judge(
    connection: Connection, windows: Sequence[Window], registry: _Registry, law: Law, code_version: str, done: Checked,
    match: Matcher | None,
) -> None:  # fmt: skip
    known = registry.current(connection, law)
    run = _run(windows, law, code_version)
    if get_run(connection, run.id) is None:  # else judged already, of the same records by the same rules
        save_run(connection, run)
    affected: list[Affected] = []
    for spans in _rounds_of_spans(windows):
        affected += _vehicles(connection, spans, known, registry.areas, law, run.id, done, match)
    done.count(*judge_weeks(connection, affected, known, law, run.id))
    _weighings(connection, windows, known, law, run.id, done)
    save_hours(connection, [(window.vehicle_id, window.day) for window in windows])
    wait_for_review(connection, {window.day for window in windows})
    mark_checked(connection, windows)
    done.windows += len(windows)
    done.runs.append(run.id)


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


def _rounds_of_spans(windows: Sequence[Window]) -> Iterator[list[Span]]:
    """Contiguous touched days as spans; each round holds at most one span of a vehicle, so that tracks do not mix."""
    by_vehicle: dict[tuple[int, str], list[Window]] = defaultdict(list)
    for window in windows:
        by_vehicle[window.vehicle_id, window.plate].append(window)
    spans: dict[tuple[int, str], list[Span]] = {}
    for (number, plate), some in by_vehicle.items():
        some.sort(key=lambda window: window.day)
        days = [window.day for window in some]
        breaks = [0, *(k for k in range(1, len(days)) if days[k] - days[k - 1] > _BRIDGED_DAYS), len(days)]
        spans[number, plate] = [
            Span(number, plate, days[a], days[b - 1] + 1, known=some[a].checked > 0 and some[b - 1].checked > 0)
            for a, b in pairwise(breaks)
        ]
    for place in range(max(map(len, spans.values()))):
        yield [some[place] for some in spans.values() if place < len(some)]


def _vehicles(
    connection: Connection, spans: list[Span], known: Known, areas: Areas | None, law: Law, run_id: str, done: Checked,
    match: Matcher | None,
) -> list[Affected]:  # fmt: skip
    """The vehicle floor over spans, stored; returns whose activities changed."""
    affected: list[Affected] = []
    for floor, parts, slices in judged(connection, spans, known, law, match):
        done.fixes += len(floor.flags)
        affected += _store(connection, floor, parts, areas, law, run_id, done)
        for part in parts:
            own = [one for one in slices if one.plate == part.span.plate]
            replace_matches(connection, part.span.vehicle_id, part.start, part.end, own)
    return affected


def _store(
    connection: Connection, floor: VehicleFloor, parts: list[Part], areas: Areas | None, law: Law, run_id: str,
    done: Checked,
) -> list[Affected]:  # fmt: skip
    if not parts:
        return []
    replaced = [(part.span.vehicle_id, part.start, part.end) for part in parts]
    affected = replace_activities(connection, replaced, activities_of(floor, parts))
    scopes = [Scope(_TRACK_RULES, part.span.plate, None, part.start, part.end) for part in parts]
    done.count(replace_findings(connection, run_id, scopes, findings_of(floor, parts), _DATA))
    sums = day_sums(floor.fixes.vehicle, floor.fixes.time, floor.flags, floor.usable, floor.kind, floor.activities)
    _save_sums(connection, floor, parts, sums, run_id)
    save_area_days(connection, floor, parts, areas, {key: one.driving_m for key, one in sums.items()})
    save_service(connection, floor, parts, law, run_id)
    save_marks(connection, floor, parts, law)
    done.days += sum(part.stop - part.first for part in parts)
    return affected


def _save_sums(
    connection: Connection, floor: VehicleFloor, parts: list[Part], sums: dict[tuple[int, int], DaySum], run_id: str
) -> None:
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
    remove_day_summaries(connection, [(part.span.vehicle_id, part.first, part.stop) for part in parts], rows)
    save_day_summaries(connection, run_id, rows)


def _weighings(
    connection: Connection, windows: Sequence[Window], known: Known, law: Law, run_id: str, done: Checked
) -> None:
    days = [(window.vehicle_id, window.day) for window in windows]
    findings, _ = weighing_floor(weighings_of_days(connection, days), known, law)
    scopes = [
        Scope(_OVERLOADS, window.plate, None, day_start(window.day), day_start(window.day + 1), by="at")
        for window in windows
    ]
    done.count(replace_findings(connection, run_id, scopes, findings, _DATA))
