"""A week of stored records judged anew under any rulebook, by the functions of check; nothing is written.

The week comes with days of margin, so that blocks which cross its borders are whole. Vehicles are taken a few at a
time; the drivers are judged when the activities of all are known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from cli.checking import drivers
from cli.checking.spans import MARGIN_DAYS, Span, activities_of, findings_of, judged
from journey.localtime import day_of, day_start
from journey.model import Finding
from journey.track import STANDING
from rules.engine import Known, know, weighing_floor
from rules.law import Law
from storage.activities import NAMED_ACTIVITY, load_activities
from storage.database import Connection
from storage.lists.weekly import vehicle_sums
from storage.names import known_vehicles
from storage.registry import load_registry
from storage.stations.weighings import weighings_of_period

VEHICLES = 50  # at a time
OnVehicles = Callable[[int, int], object]  # vehicles done, of how many


def week_findings(
    connection: Connection, law: Law, start: int, end: int, on_vehicles: OnVehicles = lambda done, of: None
) -> list[Finding]:
    """Findings with `at` in [start, end), local weeks, of all records stored; in printed order.

    Inside the open transaction. Vehicles that no check has seen yet are not looked at.
    """
    known = know(load_registry(connection), law)
    findings, _ = weighing_floor(weighings_of_period(connection, start, end), known, law)
    first, stop = day_of(start) - MARGIN_DAYS, day_of(end) + MARGIN_DAYS
    plates = sorted({row.plate for row in vehicle_sums(connection, first, stop)})
    on_tracks, named = _tracks(connection, plates, (first, stop), known, law, on_vehicles)
    findings += on_tracks
    findings += _of_drivers(connection, named, start, end, known, law)
    return sorted((one for one in findings if start <= one.at < end), key=Finding.order)


def _tracks(
    connection: Connection,
    plates: Sequence[str],
    days: tuple[int, int],
    known: Known,
    law: Law,
    on_vehicles: OnVehicles = lambda done, of: None,
) -> tuple[list[Finding], pl.DataFrame]:
    """Findings on the tracks of vehicles over days [first, stop), and all that they did there but standing."""
    numbers = known_vehicles(connection, plates)
    findings: list[Finding] = []
    frames = [NAMED_ACTIVITY.to_frame()]
    for place in range(0, len(plates), VEHICLES):
        chunk = plates[place : place + VEHICLES]
        spans = [Span(numbers[plate], plate, *days) for plate in chunk]
        for floor, parts, _ in judged(connection, spans, known, law, recorded=True):
            findings += findings_of(floor, parts)
            frames.append(activities_of(floor, parts).filter(pl.col("kind") != STANDING))
        on_vehicles(place + len(chunk), len(plates))
    return findings, pl.concat(frames)


def _of_drivers(
    connection: Connection, named: pl.DataFrame, start: int, end: int, known: Known, law: Law
) -> list[Finding]:
    """Findings on driving time; for a driver whose block goes beyond what was loaded, of more days around the week."""
    present = named.filter((pl.col("end") > start) & (pl.col("start") < end)).select("driver", "vehicle").unique()
    weeks = {drivers.subject_of(licence, plate): (start, end) for licence, plate in present.iter_rows()}
    findings: list[Finding] = []
    margin = MARGIN_DAYS
    while True:
        days = day_of(start) - margin, day_of(end) + margin
        done = drivers.judge(named, weeks, (day_start(days[0]), day_start(days[1])), known, law)
        findings += done.findings
        weeks = {subject: week for subject, week in weeks.items() if subject not in done.spans}
        if not weeks:
            return findings
        margin *= 4
        days = day_of(start) - margin, day_of(end) + margin
        licences, alone = [one for one, _ in weeks if one], [plate for _, plate in weeks if plate]
        stored = load_activities(connection, licences, alone, day_start(days[0]), day_start(days[1]))
        seen = named.filter(pl.col("driver").is_in(licences))
        plates = sorted({*stored["vehicle"], *seen["vehicle"], *alone})
        _, named = _tracks(connection, plates, days, known, law)
