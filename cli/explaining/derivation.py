"""Deriving one finding anew from stored records: the same functions as check, on as much of the record as it needs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from cli.checking.spans import of_registered
from cli.explaining.grounds import Ground, grounds
from cli.explaining.known import Roads, known_around, read_roads
from cli.matching.confirming import on_record
from journey.localtime import DAY_S, week_of, week_start
from journey.model import Finding, Weighing
from journey.track import NO_DRIVER
from rules.checks import rules_of
from rules.engine import Known, VehicleFloor, driver_floor, vehicle_floor, weighing_floor
from rules.law import Law
from rules.registered import index
from rules.roads.limits import limits
from rules.roads.speedproof import as_judged
from storage.activities import load_activities
from storage.connections import outages
from storage.database import Connection
from storage.stations.weighings import weighings_of_period
from storage.tracks import load_fixes

type Knowing = Callable[[Collection[str]], Known]  # what is known of vehicles by their plates

_NOBODY = NO_DRIVER - 1  # a code that no record has
_CONTEXT_S = 2 * DAY_S  # of track around a finding, so that flags and short stops come out as in the whole


@dataclass(frozen=True, slots=True)
class Derivation:
    """A finding as derived anew (None: the stored records no longer give it), and what it was derived from.

    floor: every fix that was loaded, with its flags, classes and activities; None for a weighing.
    fixes: vehicle, time, lon, lat, speed_kmh, limit_kmh (null: below any limit), of the finding's time.
    drives: vehicle, start, end, kind of the driver's activities in the finding's time.
    grounds: of a speeding finding, the roads that its limits rest on.
    """

    finding: Finding | None
    known: Known
    floor: VehicleFloor | None
    fixes: pl.DataFrame
    drives: pl.DataFrame
    weighing: Weighing | None
    grounds: tuple[Ground, ...] = ()

    def equals(self, stored: Finding) -> bool:
        """Whether the records still give the finding as it is stored, in every field."""
        return self.finding is not None and self.finding.content == stored.content


_NO_FIXES = pl.DataFrame(
    schema={
        "vehicle": pl.String, "time": pl.Int64, "lon": pl.Float64, "lat": pl.Float64, "speed_kmh": pl.Float64,
        "limit_kmh": pl.Float64,
    }
)  # fmt: skip
_NO_DRIVES = pl.DataFrame(schema={"vehicle": pl.String, "start": pl.Int64, "end": pl.Int64, "kind": pl.Int8})


def derive(connection: Connection, finding: Finding, law: Law, roads: Roads = read_roads) -> Derivation:
    """Derive a stored finding anew from stored fixes or weighings, under the given law. roads: where they come from."""

    def known(plates: Collection[str]) -> Known:
        return known_around(connection, plates, finding.operator, law, roads)

    if finding.rule.startswith("overload"):
        return _of_weighing(connection, finding, known, law)
    if finding.rule in {rule.id for rule in rules_of("track")}:
        return _of_track(connection, finding, known([finding.vehicle]), law)
    return _of_driver(connection, finding, known, law)


def _same(finding: Finding, candidates: list[Finding]) -> Finding | None:
    return next((one for one in candidates if one.id == finding.id and one.grade == finding.grade), None)


def _of_track(connection: Connection, finding: Finding, known: Known, law: Law) -> Derivation:
    floor = floor_around(connection, [finding.vehicle], finding.start, finding.end, known, law)
    found = _same(finding, of_registered(floor.findings))
    table, ground = _fixes(floor, finding, known, law)
    return Derivation(found, known, floor, table, _NO_DRIVES, None, ground if finding.rule == "speeding" else ())


def _of_driver(connection: Connection, finding: Finding, knowing: Knowing, law: Law) -> Derivation:
    """From the fixes of every vehicle that the driver drove in the finding's week."""
    start = min(finding.start, week_start(week_of(finding.at)))
    end = max(finding.end, week_start(week_of(finding.at) + 1))
    named = load_activities(
        connection,
        [finding.driver] if finding.driver else [],
        [] if finding.driver else [finding.vehicle],
        start - _CONTEXT_S,
        end + _CONTEXT_S,
    )
    vehicles = sorted({finding.vehicle, *named["vehicle"]})
    known = knowing(vehicles)
    floor = floor_around(connection, vehicles, start, end, known, law)
    plates, licences = floor.plates, floor.licences
    findings, _ = driver_floor(floor.activities, plates, licences, known, law)
    known_names = {name: code for code, name in enumerate(licences)}
    driver = NO_DRIVER if finding.driver is None else known_names.get(finding.driver, _NOBODY)
    drives = floor.activities.filter(
        (pl.col("driver") == driver) & (pl.col("end") > finding.start) & (pl.col("start") < finding.end)
    )
    if finding.driver is None:
        drives = drives.filter(
            pl.col("vehicle") == (plates.index(finding.vehicle) if finding.vehicle in plates else _NOBODY)
        )
    names = pl.Series([plates[code] for code in drives["vehicle"]], dtype=pl.String)
    table = drives.with_columns(vehicle=names).select(_NO_DRIVES.columns).sort("start")
    found = _same(finding, of_registered(findings))
    return Derivation(found, known, floor, _fixes(floor, finding, known, law)[0], table, None)


def _of_weighing(connection: Connection, finding: Finding, knowing: Knowing, law: Law) -> Derivation:
    weighings = [
        weighing
        for weighing in weighings_of_period(connection, finding.at, finding.at + 1)
        if weighing.plate == finding.vehicle
    ]
    trailers = {weighing.trailer for weighing in weighings if weighing.trailer is not None}
    known = knowing({finding.vehicle, *trailers})
    for weighing in weighings:
        found = _same(finding, weighing_floor([weighing], known, law)[0])
        if found is not None:
            return Derivation(found, known, None, _NO_FIXES, _NO_DRIVES, weighing)
    return Derivation(None, known, None, _NO_FIXES, _NO_DRIVES, weighings[0] if weighings else None)


def floor_around(
    connection: Connection, vehicles: list[str], start: int, end: int, known: Known, law: Law
) -> VehicleFloor:
    """The vehicle floor over [start, end] s UTC, with as much around it as flags and short stops need."""
    start, end = start - _CONTEXT_S, end + _CONTEXT_S
    spans = [(plate, start, end) for plate in vehicles]
    silent = outages(connection, start, end)
    return on_record(
        connection, vehicle_floor(load_fixes(connection, spans), known, law, silent), spans, known, law, silent
    )


def _fixes(floor: VehicleFloor, finding: Finding, known: Known, law: Law) -> tuple[pl.DataFrame, tuple[Ground, ...]]:
    """The fixes of the finding's time, and the grounds of their limits."""
    usable = floor.usable
    registered = index(known.registry.vehicles, floor.plates)
    inside = np.flatnonzero((usable.time >= finding.start) & (usable.time <= finding.end))
    judged = as_judged(
        usable, limits(usable, inside, registered, known.roads, law), registered, known.roads, floor.matched,
        finding.detail.get("reading"), law,
    )  # fmt: skip
    limit = np.full(len(usable.time), np.nan)
    limit[judged.fix] = np.where(judged.limit_dkmh >= 0, judged.limit_dkmh / 10, np.nan)
    table = pl.DataFrame(
        {
            "vehicle": [floor.plates[code] for code in usable.vehicle[inside]],
            "time": usable.time[inside],
            "lon": usable.lon[inside],
            "lat": usable.lat[inside],
            "speed_kmh": usable.speed_dkmh[inside] / 10,
            "limit_kmh": pl.Series(limit[inside]).fill_nan(None),
        },
        schema=_NO_FIXES.schema,
    ).sort("time", "vehicle")
    return table, grounds(judged, inside, usable, known.roads, law)
