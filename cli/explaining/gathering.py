"""Everything that the store and the law files know of one finding, gathered for its evidence package."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import Any

import numpy as np
from rich.console import Console

from api.drawings.driving_chart import Piece
from api.evidence.dossier import Arrival, BetweenStations, Derived, Dossier, Record, RoadGround, ScaleDrift, Weighed
from api.evidence.law_excerpt import excerpt
from cli.explaining.derivation import Derivation, derive, floor_around
from cli.explaining.explain import EQUAL, NOT_EQUAL, arithmetic, print_explanation
from cli.explaining.fixes import fix_rows, road_lines
from cli.explaining.grounds import Ground
from cli.explaining.known import Roads, read_roads
from cli.explaining.masses import weighed
from cli.lists.weekly import AUTHORITY
from cli.root import code_version
from journey.localtime import DAY_S
from journey.model import Finding, Grade
from journey.registry import Registration
from journey.track import DRIVING, UNKNOWN
from rules.law import Law
from rules.registered import index
from rules.stations.between import between_stations
from storage.database import Connection
from storage.evidence import Batch, Kept, arrived, batches, batches_of_weighing
from storage.runs import get_run
from storage.stations.instruments import drifts_of_finding
from storage.stations.weighings import weighings_of_vehicles
from storage.upkeep.retention import backups_of

CONTEXT_S = 900  # of track shown before and after a finding
_WIDTH = 118  # of the explanation, in characters


def gather(connection: Connection, kept: Kept, law: Law, made_at: int | None, roads: Roads = read_roads) -> Dossier:
    """The dossier of a stored finding, inside one transaction. made_at: s UTC, printed; None: no date is printed."""
    finding = kept.finding
    derivation = derive(connection, finding, law, roads)
    start, end = finding.start - CONTEXT_S, finding.end + CONTEXT_S
    vehicles = sorted({finding.vehicle, *derivation.drives["vehicle"]})
    floor = derivation.floor
    if floor is None:
        floor = floor_around(connection, vehicles, finding.start, finding.end, derivation.known, law)
    sent = arrived(connection, [(vehicle, start, end + 1) for vehicle in vehicles])
    rows = fix_rows(sent, floor, derivation, finding, law)
    brought = batches(connection, [row.batch for row in rows])
    if derivation.weighing is not None:
        brought += batches_of_weighing(connection, finding.vehicle, finding.at)
    masses = weighed(derivation, finding, law)
    return Dossier(
        finding=finding,
        record=_record(connection, kept),
        derived=_derived(derivation, finding),
        differences=_differences(finding, derivation.finding),
        arithmetic=arithmetic(finding),
        explanation=_explanation(derivation, finding),
        context=(start, end),
        fixes=tuple(rows),
        arrivals=_arrivals(brought),
        pieces=_pieces(derivation, finding, law),
        weighed=masses,
        roads=road_lines(floor, derivation, finding, law, CONTEXT_S, _places(masses)),
        grounds=tuple(_ground(one) for one in derivation.grounds),
        between=_between(connection, derivation, finding, law),
        bands=_bands(finding, law),
        backups=tuple(backups_of(connection, finding.start, finding.end + 1)),
        units=_units(derivation, finding),
        operator_name=next(
            (one.name for one in derivation.known.registry.operators if one.id == finding.operator), None
        ),
        law=excerpt(finding, law),
        law_version=law.version,
        method=law.method_name,
        method_title=law.method_title,
        code_version=code_version(),
        authority=AUTHORITY,
        made_at=made_at,
        drifts=tuple(ScaleDrift(*one[1:]) for one in drifts_of_finding(connection, finding)),
    )


def _places(masses: Weighed | None) -> list[tuple[float, float]]:
    station = masses.station if masses else None
    return [(station.lon, station.lat)] if station and station.lon is not None and station.lat is not None else []


def _record(connection: Connection, kept: Kept) -> Record:
    run = get_run(connection, kept.run)
    if run is None:
        raise LookupError(f"finding {kept.id} names the run {kept.run}, which the store does not have")
    return Record(kept.id, kept.content, kept.body, kept.added_at, kept.withdrawn_at, kept.withdrawn_run, kept.reason,
                  run.id, run.made_at, run.watermark, run.law_version, run.method, run.code_version)  # fmt: skip


def _derived(derivation: Derivation, finding: Finding) -> Derived:
    if derivation.finding is None:
        return "gone"
    return "equal" if derivation.equals(finding) else "changed"


def _differences(stored: Finding, derived: Finding | None) -> tuple[tuple[str, Any, Any], ...]:
    if derived is None:
        return ()
    old, new = stored.as_dict(), derived.as_dict()
    return tuple((name, old[name], new[name]) for name in old if old[name] != new[name])


def _explanation(derivation: Derivation, finding: Finding) -> str:
    """As `explain --all` prints it, on paper of one width."""
    out = io.StringIO()
    console = Console(file=out, width=_WIDTH, color_system=None, force_terminal=False, highlight=False, emoji=False)
    print_explanation(console, derivation, finding, all_rows=True)
    console.print(EQUAL if derivation.equals(finding) else NOT_EQUAL)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _arrivals(brought: list[Batch]) -> tuple[Arrival, ...]:
    parts: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    named: dict[int, Batch] = {}
    for one in brought:
        named[one.id] = one
        if one.source is not None and one.position_from is not None and one.position_to is not None:
            part = (one.source, one.position_from, one.position_to)
            if part not in parts[one.id]:
                parts[one.id].append(part)
    return tuple(
        Arrival(number, named[number].connection, named[number].committed_at, tuple(parts[number]))
        for number in sorted(named)
    )


def _pieces(derivation: Derivation, finding: Finding, law: Law) -> tuple[Piece, ...]:
    """The driver's activities cut to the finding, those that count as driving marked as its grade has it."""
    bridged = law.figure("unknown_bridge_max") if finding.grade == Grade.POSSIBLE else 0
    pieces = []
    for row in derivation.drives.iter_rows(named=True):
        start, end = max(row["start"], finding.start), min(row["end"], finding.end)
        counts = row["kind"] == DRIVING or (row["kind"] == UNKNOWN and row["end"] - row["start"] <= bridged)
        pieces.append(Piece(row["vehicle"], start, end, row["kind"], counts))
    return tuple(pieces)


def _ground(one: Ground) -> RoadGround:
    road, basis = one.road, one.citation or ""
    if road is None:
        return RoadGround(None, None, None, one.limit_kmh, basis, "", None, None, None, (), None, one.fixes)
    since, until = (None if day is None else day.isoformat() for day in (road.valid_from, road.valid_to))
    return RoadGround(road.id, road.ref, road.name, one.limit_kmh, basis, road.source, road.dataset, since, until,
                      one.assumed, road.conditional, one.fixes)  # fmt: skip


def _between(connection: Connection, derivation: Derivation, finding: Finding, law: Law) -> BetweenStations | None:
    """Of a speeding finding, what weighings before and after it say of the speed."""
    if finding.rule != "speeding":
        return None
    weighings = weighings_of_vehicles(connection, [finding.vehicle], finding.start - DAY_S, finding.end + DAY_S)
    stations = {one.id: one for one in derivation.known.registry.stations}
    pair = between_stations(weighings, stations, finding.start, finding.end, law)
    if pair is None:
        return None
    return BetweenStations(pair.first.name, pair.first_time, pair.second.name, pair.second_time, pair.straight_m,
                           pair.least_kmh)  # fmt: skip


def _bands(finding: Finding, law: Law) -> tuple[str, ...]:
    bands = law.at("speed.bands", finding.at)
    return tuple(row["band"] for row in bands.value) if bands and bands.value and finding.rule == "speeding" else ()


def _units(derivation: Derivation, finding: Finding) -> tuple[Registration | None, ...]:
    """Registry rows in force at the finding: of the vehicle, and of what it towed when it was weighed."""
    trailer = derivation.weighing.trailer if derivation.weighing else None
    plates = [plate for plate in (finding.vehicle, trailer) if plate is not None]
    rows = index(derivation.known.registry.vehicles, plates)
    found = rows.rows_at(np.arange(len(plates)), np.full(len(plates), finding.at))
    return tuple(rows.rows[row] if row >= 0 else None for row in found.tolist())
