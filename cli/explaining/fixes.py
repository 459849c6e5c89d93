"""The fixes of a finding and around it, each with its flags, its limit, whether it counts, and where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from api.drawings.track import WITHIN
from api.drawings.track_map import RoadLine
from api.evidence.dossier import STEPS, FixRow
from cli.explaining.derivation import Derivation
from journey.model import FATAL, Finding
from journey.track import NO_DRIVER, Bool, Int
from rules.bands import band_of
from rules.checks import rules_of
from rules.engine import VehicleFloor
from rules.law import Law
from rules.registered import index
from rules.roads.index import candidates
from rules.roads.limits import NO_LAW, NO_ROAD, limits_at
from rules.roads.speedproof import as_judged

_SHOWN = ("driver", "lon", "lat", "speed_dkmh", "heading", "ignition")  # in which copies conflict


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the rules made of the usable fixes of the window: by vehicle and time."""

    used: set[tuple[str, int]]
    step: dict[tuple[str, int], str]
    limit: dict[tuple[str, int], tuple[int, int, str]]  # tenths of km/h, band, road


def fix_rows(
    sent: pl.DataFrame, floor: VehicleFloor, derivation: Derivation, finding: Finding, law: Law
) -> list[FixRow]:
    """Rows of all stored copies. Args: sent: storage.evidence.ARRIVED; floor: of at least its time and vehicles."""
    if sent.is_empty():
        return []
    fixes, shown = floor.fixes, (sent["time"].min(), sent["time"].max())
    near = _within(fixes.time, shown)  # the floor reaches days beyond what is shown
    flags = {
        (floor.plates[code], time): (flag, lon, lat)
        for code, time, flag, lon, lat in zip(
            *(column[near].tolist() for column in (fixes.vehicle, fixes.time, floor.flags, fixes.lon, fixes.lat)),
            strict=True,
        )
    }  # fmt: skip
    judged = _judged(floor, derivation, finding, law, _within(floor.usable.time, shown))
    standing: dict[tuple[str, int], dict[str, Any]] = {}
    rows = []
    for row in sent.iter_rows(named=True):
        key = (row["vehicle"], row["time"])
        if row["copy"]:
            rows.append(_copy(row, standing.get(key)))
            continue
        standing[key] = row
        flag, lon, lat = flags[key]
        limit, band, road = judged.limit.get(key, (None, WITHIN, ""))
        rows.append(_row(row, lon=lon, lat=lat, flags=flag, usable=not flag & FATAL, used=key in judged.used,
                         step=judged.step.get(key, ""), limit_dkmh=limit, band=band, road=road))  # fmt: skip
    return rows


def _row(row: dict[str, Any], **judged: Any) -> FixRow:
    plain: dict[str, Any] = {
        "lon": row["lon"], "lat": row["lat"], "lon_sent": row["lon"], "lat_sent": row["lat"], "usable": False,
        "used": False, "conflict": False, "step": "", "limit_dkmh": None, "band": WITHIN, "road": "",
    }  # fmt: skip
    return FixRow(**{name: row[name] for name in FixRow._fields if name in row} | plain | judged)


def _copy(row: dict[str, Any], stands: dict[str, Any] | None) -> FixRow:
    conflict = stands is None or any(row[name] != stands[name] for name in _SHOWN)
    return _row(row, conflict=conflict)


def _within(time: Int, shown: tuple[Any, Any]) -> Int:
    """Places of the fixes of a time."""
    return np.flatnonzero((time >= shown[0]) & (time <= shown[1]))


def _judged(floor: VehicleFloor, derivation: Derivation, finding: Finding, law: Law, near: Int) -> _Judged:
    """Of the usable fixes at some places."""
    usable = floor.usable
    keys = {
        place: (floor.plates[code], time)
        for place, code, time in zip(
            near.tolist(), usable.vehicle[near].tolist(), usable.time[near].tolist(), strict=True
        )
    }
    steps = near[near < len(floor.kind)]  # a step is one to the next fix: the last has none
    linked = steps[usable.linked[steps]]
    step = {keys[place]: STEPS[kind] for place, kind in zip(linked.tolist(), floor.kind[linked].tolist(), strict=True)}
    rests_on = used_fixes(floor, derivation, finding)
    used = {keys[place] for place in near[rests_on[near]].tolist()}
    if finding.rule != "speeding" or finding.vehicle not in floor.plates:
        return _Judged(used, step, {})
    # Of other findings no limit is looked up: nobody asked how fast the vehicle was.
    # A limit is of its fix alone, so that those beyond what is shown need not be looked up.
    own = near[usable.vehicle[near] == floor.plates.index(finding.vehicle)]
    registered, known = index(derivation.known.registry.vehicles, floor.plates), derivation.known
    judged = as_judged(
        usable, limits_at(usable, own, registered, known.roads, law), registered, known.roads, floor.matched,
        finding.detail.get("reading"), law,
    )  # fmt: skip
    roads = derivation.known.roads.roads if derivation.known.roads else ()
    bands = law.at("speed.bands", finding.at)
    names = [row["band"] for row in bands.value] if bands and bands.value else []
    limit = {}
    for place, dkmh, road in zip(judged.fix.tolist(), judged.limit_dkmh.tolist(), judged.road.tolist(), strict=True):
        if dkmh == NO_LAW:
            continue
        band = band_of(bands.value, int(usable.speed_dkmh[place]) - dkmh) if bands and bands.value else None
        place_of_band = names.index(band["band"]) if band else WITHIN
        limit[keys[place]] = (dkmh, place_of_band, roads[road].id if road != NO_ROAD else "")
    return _Judged(used, step, limit)


def used_fixes(floor: VehicleFloor, derivation: Derivation, finding: Finding) -> Bool:
    """Which usable fixes the finding rests on: those of its time, of a driver's findings those that open or close a
    step of his. A weighing rests on none."""
    usable = floor.usable
    none = np.zeros(len(usable.time), bool)
    if derivation.floor is None:
        return none
    inside: Bool = (usable.time >= finding.start) & (usable.time <= finding.end)
    wanted = {finding.vehicle, *derivation.drives["vehicle"]}
    inside &= np.isin(usable.vehicle, [code for code, plate in enumerate(floor.plates) if plate in wanted])
    if finding.rule in {rule.id for rule in rules_of("track")}:
        return inside
    codes = {licence: code for code, licence in enumerate(floor.licences)}
    his: Bool = usable.driver == (NO_DRIVER if finding.driver is None else codes.get(finding.driver, NO_DRIVER - 1))
    closes = none.copy()
    closes[1:] = his[:-1] & usable.linked
    result: Bool = inside & (his | closes)
    return result


def road_lines(
    floor: VehicleFloor,
    derivation: Derivation,
    finding: Finding,
    law: Law,
    context_s: int,
    also: Sequence[tuple[float, float]],
) -> tuple[RoadLine, ...]:
    """The roads around a finding's fixes, those marked on which a fix of a speeding run may have been.

    Args:
        context_s: how near in time fixes count where the finding rests on none.
        also: places (lon, lat) to be shown.
    """
    roads = derivation.known.roads
    if roads is None:
        return ()
    usable = floor.usable
    fixes: Int = np.flatnonzero(used_fixes(floor, derivation, finding))
    near: set[int] = set()
    if finding.rule == "speeding" and len(fixes):
        near = set(candidates(roads, usable, fixes, law).road.tolist())
    around = fixes if len(fixes) else np.flatnonzero(np.abs(usable.time - finding.at) <= context_s)
    places = [*zip(usable.lon[around].tolist(), usable.lat[around].tolist(), strict=True), *also]
    if not places:
        return ()
    lon, lat = np.array(places).T
    room = max(float(np.ptp(lon)), float(np.ptp(lat)), 0.004)
    around_them = roads.inside(lon.min() - room, lat.min() - room, lon.max() + room, lat.max() + room)
    shown = sorted({*around_them.tolist(), *near})
    return tuple(
        RoadLine(road.name or road.id, roads.line(number), number in near, road.maxspeed)
        for number, road in ((number, roads.roads[number]) for number in shown)
    )
