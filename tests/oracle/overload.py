"""Clause 4.4: payload, gross and axle findings of weighings."""

from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any

from .figures import (
    AXLE_GROUP_GAP_MM,
    PAYLOAD_PENALTY_LAW,
    PERSON_KG,
    ROAD_LOAD_LAW,
    ROAD_PENALTY_LAW,
    THREE_ROAD_BANDS_FROM,
    day_starts,
    in_force,
    law_entry,
)
from .reading import Registry, days_include, plate_of

Finding = dict[str, Any]
Row = dict[str, Any]

SEMI_KINDS = ("semi_trailer", "tanker_semi_trailer")
TOWED_KINDS = (*SEMI_KINDS, "trailer")
# Circular 39/2024 Art. 15, kg by number of axles.
RIGID = {2: 16_000, 3: 24_000, 4: 30_000}
RIGID_5_SHORT, RIGID_5_LONG, RIGID_SPAN_MM = 32_000, 34_000, 7_000
KINGPIN_MIN_MM, KINGPIN_KG_PER_MM = 3_200, 2
TRUCK_AND_TRAILER_CAP = 45_000
SEMI_HIGHEST = 48_000
# Circular 39/2024 Art. 14.
SINGLE_AXLE = 10_000


def unit_rows(weighing: Row, registry: Registry) -> tuple[Row | None, Row | None]:
    """Clause 4.4: the registry rows of the vehicle and of what it tows, valid at the weighing's time."""
    lead = registry.row(plate_of(weighing["plate"]), weighing["time"])
    trailer = weighing.get("trailer")
    return lead, registry.row(plate_of(trailer), weighing["time"]) if trailer else None


def correct(mass: int, station: Row) -> int:
    """Clause 4.4, instrument error: floor(mass * (1000 - e) / 1000)."""
    error = Fraction(str(station.get("instrument_error_permille") or 0))
    return floor(mass * (1000 - error) / 1000)


def above(measured: int, limit: int, percent: int) -> bool:
    """Clause 4.4: 100 * (measured - limit) > percent * limit."""
    return 100 * (measured - limit) > percent * limit


def percent_over(measured: int, limit: int) -> float:
    """Output: the excess in percent, rounded half-up to 2 decimals."""
    hundredths = (2 * 10_000 * (measured - limit) + limit) // (2 * limit)
    return hundredths / 100


def band_of(measured: int, limit: int, edges: list[int]) -> str:
    """Clause 4.4: bands (a, b] in percent; above the last edge the band is open."""
    for low, high in pairwise(edges):
        if not above(measured, limit, high):
            return f"{low}-{high}"
    return f"{edges[-1]}+"


def road_edges(time: int) -> list[int]:
    """Clause 4.4: five bands of the road article until 2021-12-31, three from 2022-01-01."""
    return [10, 20, 50] if time >= day_starts(THREE_ROAD_BANDS_FROM) else [10, 20, 50, 100, 150]


def finding(
    rule: str, weighing: Row, registry: Registry, measured: int, limit: int, band: str,
    law: list[dict[str, Any]], detail: dict[str, Any],
) -> Finding:  # fmt: skip
    """Clause 4.4: one finding of a weighing; it carries no driver."""
    plate, time = plate_of(weighing["plate"]), weighing["time"]
    return {
        "rule": rule,
        "grade": "certain",
        "vehicle": plate,
        "driver": None,
        "operator": registry.operator(plate, time),
        "start": time,
        "end": time,
        "at": time,
        "measured": measured,
        "limit": limit,
        "excess": percent_over(measured, limit),
        "unit": "kg",
        "band": band,
        "law": law,
        "detail": detail,
    }


def is_liquid_tank(row: Row) -> bool:
    """Clause 4.4: the unit carries liquid; a tanker whose flag is absent counts as one."""
    flag = row.get("liquid_tank")
    return bool(flag) if flag is not None else str(row.get("kind")).startswith("tanker")


def certificate_payload(lead: Row, towed: Row | None) -> int | None:
    """Clause 4.4, payload: own payload; the semi-trailer's; truck and trailer: the sum; None where not on file."""
    if towed is None:
        units = [] if lead.get("kind") == "tractor" else [lead]
    elif towed.get("kind") in SEMI_KINDS:
        units = [towed]
    else:
        units = [lead, towed]
    loads = [unit.get("payload_kg") or None for unit in units]
    known = [load for load in loads if load is not None]
    return sum(known) if known and len(known) == len(loads) and sum(known) > 0 else None


def payload(weighing: Row, station: Row, registry: Registry) -> Finding | None:
    """Clause 4.4, payload: gross less kerb of all units less 65 kg a person, against the certificate."""
    source = in_force(PAYLOAD_PENALTY_LAW, weighing["time"])
    lead, towed = unit_rows(weighing, registry)
    if source is None or lead is None or (weighing.get("trailer") and towed is None):
        return None
    units = [lead] if towed is None else [lead, towed]
    limit = certificate_payload(lead, towed)
    if limit is None or any(unit.get("kerb_kg") is None for unit in units):
        return None
    persons = 1 if weighing.get("persons") is None else weighing["persons"]
    cargo = correct(weighing["gross_kg"], station) - sum(u["kerb_kg"] for u in units) - PERSON_KG * persons
    tolerance = 20 if any(is_liquid_tank(unit) for unit in units) else 10
    if not above(cargo, limit, tolerance):
        return None
    band = band_of(cargo, limit, [tolerance, 30, 50, 100, 150])
    law = [law_entry("overload.payload_percent", tolerance, source)]
    return finding("overload_payload", weighing, registry, cargo, limit, band, law, {})


def spacings(weighing: Row) -> list[int] | None:
    """Clause 4.4: the spacings where all are known, else None."""
    given = weighing.get("spacing_mm")
    if given is None or len(given) != len(weighing.get("axle_kg") or []) - 1 or None in given:
        return None
    return list(given)


def rigid_limit(axles: int, spacing: list[int] | None) -> int:
    """Facts 6.2, rigid: by axles, from five axles by first-to-last span; span unknown: the higher."""
    if axles in RIGID:
        return RIGID[axles]
    span = None if spacing is None else sum(spacing)
    return RIGID_5_SHORT if span is not None and span <= RIGID_SPAN_MM else RIGID_5_LONG


def semi_limit(axles: int, kingpin: int | None, containers: int | None) -> int:
    """Facts 6.2, tractor and semi-trailer: by axles and king-pin distance; distance unknown: the highest."""
    if axles == 3:
        base = 26_000
    elif axles == 4:
        base = 34_000
    elif axles == 5:
        base = 42_000 if kingpin is None or kingpin > 4_500 else 38_000
    elif kingpin is None or kingpin > 6_500:
        base = SEMI_HIGHEST
    elif kingpin > 4_500:
        base = 44_000
    else:
        base = 42_000 if containers is None or containers == 1 else 40_000
    missing = 0 if kingpin is None else max(0, KINGPIN_MIN_MM - kingpin)
    return base - KINGPIN_KG_PER_MM * missing


def truck_and_trailer_limit(axles: int) -> int:
    """Facts 6.2, truck and trailer, axles not told apart: the best split, every trailer axle single, cap 45 t."""
    splits = [rigid_limit(own, None) + SINGLE_AXLE * (axles - own) for own in range(2, axles)]
    return min(TRUCK_AND_TRAILER_CAP, max(splits))


def highest_limit(axles: int) -> int:
    """Clause 4.4, gross: the highest limit that the number of axles allows, of any kind of vehicle."""
    if axles < 2:
        return SEMI_HIGHEST  # the number of axles itself is not known
    if axles == 2:
        return RIGID[2]
    return max(rigid_limit(axles, None), semi_limit(axles, None, None), truck_and_trailer_limit(axles))


def table_limit(weighing: Row, registry: Registry) -> int:
    """Clause 4.4, gross: the limit by axle count and geometry, or the highest where something is unknown."""
    lead, towed = unit_rows(weighing, registry)
    axles = len(weighing.get("axle_kg") or [])
    if axles < 2 or lead is None or lead.get("kind") in TOWED_KINDS:
        return highest_limit(axles)
    tractor = lead.get("kind") == "tractor"
    if not weighing.get("trailer"):
        return highest_limit(axles) if tractor else rigid_limit(axles, spacings(weighing))
    if axles < 3 or towed is None:
        return highest_limit(axles)
    if tractor and towed.get("kind") in SEMI_KINDS:
        return semi_limit(axles, towed.get("kingpin_mm"), weighing.get("containers"))
    if not tractor and towed.get("kind") == "trailer":
        return truck_and_trailer_limit(axles)
    return highest_limit(axles)


def permit_limit(weighing: Row, permits: list[Row]) -> int | None:
    """Clause 4.4, gross: the highest circulation permit of the vehicle or what it tows, valid that day."""
    plates = {plate_of(p) for p in (weighing["plate"], weighing.get("trailer")) if p}
    allowed = [
        p["gross_kg"]
        for p in permits
        if plate_of(p["plate"]) in plates and p.get("gross_kg") is not None and days_include(p, weighing["time"])
    ]
    return max(allowed) if allowed else None


def gross(weighing: Row, station: Row, registry: Registry, permits: list[Row]) -> Finding | None:
    """Clause 4.4, gross: table, lower sign, or permit in place of both."""
    source = in_force(ROAD_LOAD_LAW, weighing["time"])
    penalty = in_force(ROAD_PENALTY_LAW, weighing["time"])
    if source is None or penalty is None:
        return None
    limit = table_limit(weighing, registry)
    sign = station.get("gross_limit_kg")
    if sign is not None:
        limit = min(limit, sign)
    permit = permit_limit(weighing, permits)
    if permit is not None:
        limit = permit
    measured = correct(weighing["gross_kg"], station)
    if not above(measured, limit, 10):
        return None
    band = band_of(measured, limit, road_edges(weighing["time"]))
    law = [law_entry("overload.gross", limit, source), law_entry("overload.road_percent", 10, penalty)]
    return finding("overload_gross", weighing, registry, measured, limit, band, law, {})


def axle_groups(spacing: list[int]) -> list[list[int]]:
    """Clause 4.4, axle: axles closer than 2.0 m to the next form a group; lists of axle numbers from 0."""
    groups = [[0]]
    for i, gap in enumerate(spacing):
        if gap < AXLE_GROUP_GAP_MM:
            groups[-1].append(i + 1)
        else:
            groups.append([i + 1])
    return groups


def group_limit(group: list[int], spacing: list[int], station: Row) -> int | None:
    """Facts 6.1: single, tandem and tridem limits; a station's axle limit for single axles; None for four or more."""
    gaps = [spacing[i] for i in group[:-1]]
    if len(group) == 1:
        sign: int | None = station.get("axle_limit_kg")
        return SINGLE_AXLE if sign is None else sign
    if len(group) == 2:
        if gaps[0] < 1_000:
            return 11_000
        return 16_000 if gaps[0] < 1_300 else 18_000
    if len(group) == 3:
        return 21_000 if max(gaps) <= 1_300 else 24_000
    return None


def axle(weighing: Row, station: Row, registry: Registry) -> Finding | None:
    """Clause 4.4, axle: the worst group above 10 % (the first of equals); no fine at or below 20 %."""
    source = in_force(ROAD_LOAD_LAW, weighing["time"])
    penalty = in_force(ROAD_PENALTY_LAW, weighing["time"])
    spacing = spacings(weighing)
    if source is None or penalty is None or spacing is None:
        return None
    masses = [correct(mass, station) for mass in weighing["axle_kg"]]
    worst: tuple[Fraction, int, int, list[int]] | None = None
    for group in axle_groups(spacing):
        limit = group_limit(group, spacing, station)
        measured = sum(masses[i] for i in group)
        if limit is None or not above(measured, limit, 10):
            continue
        over = Fraction(measured - limit, limit)
        if worst is None or over > worst[0]:
            worst = (over, measured, limit, group)
    if worst is None:
        return None
    _, measured, limit, group = worst
    band = band_of(measured, limit, road_edges(weighing["time"]))
    detail = {"axles": "+".join(str(i + 1) for i in group)}
    if band == "10-20":
        detail["fine"] = "none"
    law = [law_entry("overload.axle", limit, source), law_entry("overload.road_percent", 10, penalty)]
    return finding("overload_axle", weighing, registry, measured, limit, band, law, detail)


def contradicts_itself(weighing: Row, station: Row) -> bool:
    """A record that cannot be: axles that do not add up to the whole within the instrument's error of each (20 permille
    where none is stated), two axles in one place, more than 30 t on one. It accuses nobody."""
    masses, whole = weighing.get("axle_kg") or [], weighing["gross_kg"]
    error = station.get("instrument_error_permille") or 20
    apart = 1000 * abs(sum(masses) - whole) > error * (sum(masses) + whole)
    return bool(masses) and (apart or 0 in (weighing.get("spacing_mm") or []) or max(masses) > 30_000)


def same_record(a: Row, b: Row) -> bool:
    """Clause 4.4: two records are one when every field is equal (absent and null alike, plates normalised)."""

    def fields(w: Row) -> Row:
        plates = {k: plate_of(w[k]) for k in ("plate", "trailer") if w.get(k)}
        return {k: v for k, v in {**w, **plates}.items() if v is not None}

    return fields(a) == fields(b)


def overload(weighings: list[Row], stations: list[Row], permits: list[Row], registry: Registry) -> list[Finding]:
    """Clause 4.4: up to one finding of each kind per distinct weighing."""
    distinct: list[Row] = []
    for weighing in weighings:
        if not any(same_record(weighing, other) for other in distinct):
            distinct.append(weighing)
    by_id = {station["id"]: station for station in stations}
    findings: list[Finding] = []
    for weighing in distinct:
        station = by_id.get(weighing.get("station"), {})
        if contradicts_itself(weighing, station):
            continue
        found = (
            payload(weighing, station, registry),
            gross(weighing, station, registry, permits),
            axle(weighing, station, registry),
        )
        findings += [f for f in found if f]
    return findings
