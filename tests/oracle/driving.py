"""Section 3 and clauses 4.2, 4.2a, 4.3, 4.5: activities, driving time, silence."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .figures import (
    BREAK_LONG_S,
    BREAK_SHORT_S,
    CONTINUOUS_S,
    DAY_DRIVING_S,
    DAY_S,
    DRIVING_LAW,
    MOVING_GAP_MAX_S,
    MOVING_MIN_TENTHS,
    OFFSET_S,
    PARKED_RADIUS_M,
    SHORT_STOP_MAX_S,
    SILENCE_M,
    SILENCE_S,
    UNKNOWN_BRIDGE_MAX_S,
    WEEK_DRIVING_S,
    WEEK_LAW,
    day_starts,
    in_force,
    law_entry,
    method_entry,
)
from .reading import Fix, Registry, metres

Finding = dict[str, Any]


@dataclass
class Activity:
    """One interval of section 3."""

    vehicle: str
    driver: str | None
    kind: str
    start: int
    end: int


@dataclass
class Piece:
    """A stretch of time during which one and the same set of vehicles is driven."""

    start: int
    end: int
    plates: list[str]


def pair_class(a: Fix, b: Fix) -> str:
    """Section 3: the class of the interval between two consecutive usable fixes."""
    dt = b.time - a.time
    moving = a.tenths >= MOVING_MIN_TENTHS
    if moving and dt <= MOVING_GAP_MAX_S:
        return "driving"
    if not moving and (dt <= MOVING_GAP_MAX_S or metres(a, b) <= PARKED_RADIUS_M):
        return "standing"
    return "unknown"


def merged(activities: list[Activity]) -> list[Activity]:
    """Section 3: neighbouring intervals with the same class and driver become one."""
    result: list[Activity] = []
    for a in activities:
        last = result[-1] if result else None
        if last and last.kind == a.kind and last.driver == a.driver and last.end == a.start:
            result[-1] = Activity(last.vehicle, last.driver, last.kind, last.start, a.end)
        else:
            result.append(a)
    return result


def activities_of(usable: list[Fix]) -> list[Activity]:
    """Section 3: one vehicle's activities, after merging and the short-stop step."""
    raw = [Activity(a.vehicle, a.driver, pair_class(a, b), a.time, b.time) for a, b in pairwise(usable)]
    first = merged(raw)
    kinds = [a.kind for a in first]
    for i in range(1, len(first) - 1):
        before, here, after = first[i - 1], first[i], first[i + 1]
        if (
            here.kind == "standing"
            and here.end - here.start < SHORT_STOP_MAX_S
            and before.kind == after.kind == "driving"
            and before.driver == here.driver == after.driver
        ):
            kinds[i] = "driving"
    return merged([Activity(a.vehicle, a.driver, k, a.start, a.end) for a, k in zip(first, kinds, strict=True)])


def distance_driven(usable: list[Fix]) -> float:
    """Section 3: metres over the driving intervals, before the short-stop step."""
    return sum(metres(a, b) for a, b in pairwise(usable) if pair_class(a, b) == "driving")


def pieces_of(intervals: list[Activity]) -> list[Piece]:
    """Clause 4.2: the union in time of driving intervals, cut wherever the set of vehicles changes."""
    changes: dict[int, list[tuple[str, int]]] = {}
    for a in intervals:
        changes.setdefault(a.start, []).append((a.vehicle, 1))
        changes.setdefault(a.end, []).append((a.vehicle, -1))
    pieces: list[Piece] = []
    running: dict[str, int] = {}
    times = sorted(changes)
    for here, following in pairwise(times):
        for plate, step in changes[here]:
            running[plate] = running.get(plate, 0) + step
        plates = sorted(p for p, n in running.items() if n > 0)
        if plates:
            pieces.append(Piece(here, following, plates))
    return pieces


def seconds(pieces: list[Piece]) -> int:
    """Clause 4.2: driving time, overlaps counted once."""
    return sum(p.end - p.start for p in pieces)


def crossing(pieces: list[Piece], limit: int) -> tuple[int, str]:
    """Clause 4.2: the start of the driving second with which the sum first exceeds the limit, and its vehicle."""
    total = 0
    for p in pieces:
        if total + (p.end - p.start) > limit:
            return p.start + (limit - total), p.plates[0]
        total += p.end - p.start
    raise ValueError("the limit is not exceeded")


def legal_break(registry: Registry, last: Piece) -> int:
    """Clause 4.2: the break of the vehicle driven in the last second before the stretch (two: the shorter)."""
    needed = []
    for plate in last.plates:
        row = registry.row(plate, last.end - 1)
        short = row is None or row.get("business") in (None, "taxi", "bus")
        needed.append(BREAK_SHORT_S if short else BREAK_LONG_S)
    return min(needed)


def blocks_of(pieces: list[Piece], registry: Registry) -> list[list[Piece]]:
    """Clause 4.2: the driving between two breaks."""
    blocks: list[list[Piece]] = []
    for p in pieces:
        if blocks and p.start - blocks[-1][-1].end < legal_break(registry, blocks[-1][-1]):
            blocks[-1].append(p)
        else:
            blocks.append([p])
    return blocks


def time_finding(
    rule: str, parameter: str, grade: str, driver: str | None, pieces: list[Piece],
    limit: int, law: list[tuple[str, str]], registry: Registry,
) -> Finding | None:  # fmt: skip
    """Clauses 4.2 and 4.3: the finding of a sum over its limit, or None (also where no law is in force at `at`)."""
    measured = seconds(pieces)
    if measured <= limit:
        return None
    at, vehicle = crossing(pieces, limit)
    source = in_force(law, at)
    if source is None:
        return None
    return {
        "rule": rule,
        "grade": grade,
        "vehicle": vehicle,
        "driver": driver,
        "operator": registry.operator(vehicle, at),
        "start": pieces[0].start,
        "end": pieces[-1].end,
        "at": at,
        "measured": measured,
        "limit": limit,
        "excess": measured - limit,
        "unit": "s",
        "band": None,
        "law": [law_entry(parameter, limit, source)],
        "detail": {},
    }


def counts_unfavourably(a: Activity) -> bool:
    """Clause 4.2, unfavourable: driving, or an unknown activity of at most 1800 s."""
    return a.kind == "driving" or (a.kind == "unknown" and a.end - a.start <= UNKNOWN_BRIDGE_MAX_S)


def continuous_driving(driver: str | None, activities: list[Activity], registry: Registry) -> list[Finding]:
    """Clause 4.2: for one driver, or for one vehicle with unknown driver."""

    def read(counts: Callable[[Activity], bool], grade: str) -> list[Finding]:
        found = []
        for block in blocks_of(pieces_of([a for a in activities if counts(a)]), registry):
            finding = time_finding(
                "continuous_driving", "driving.continuous", grade, driver, block,
                CONTINUOUS_S, DRIVING_LAW, registry,
            )  # fmt: skip
            if finding:
                found.append(finding)
        return found

    certain = read(lambda a: a.kind == "driving", "certain")
    possible = read(counts_unfavourably, "possible")
    alone = [p for p in possible if not any(c["start"] < p["end"] and p["start"] < c["end"] for c in certain)]
    return certain + alone


def double_login(driver: str, pieces: list[Piece], registry: Registry) -> list[Finding]:
    """Clause 4.2a: one finding a maximal stretch with two or more vehicles driven at once."""
    stretches: list[list[Piece]] = []
    for p in pieces:
        if len(p.plates) < 2:
            continue
        if stretches and stretches[-1][-1].end == p.start:
            stretches[-1].append(p)
        else:
            stretches.append([p])
    findings = []
    for stretch in stretches:
        plates = sorted({plate for p in stretch for plate in p.plates})
        start, end = stretch[0].start, stretch[-1].end
        findings.append(
            {
                "rule": "double_login",
                "grade": "certain",
                "vehicle": plates[0],
                "driver": driver,
                "operator": registry.operator(plates[0], end),
                "start": start,
                "end": end,
                "at": end,
                "measured": end - start,
                "limit": 0,
                "excess": end - start,
                "unit": "s",
                "band": None,
                "law": [method_entry("double_login", 0)],
                "detail": {"vehicles": plates},
            }
        )
    return findings


def day_of(time: int) -> int:
    """Section 1: number of the local day."""
    return (time + OFFSET_S) // DAY_S


def week_of(time: int) -> int:
    """Section 1: number of the local Monday-to-Monday week (day 0, 1970-01-01, was a Thursday)."""
    return (day_of(time) + 3) // 7


def cut_by_day(pieces: list[Piece], since: int) -> list[Piece]:
    """Clause 4.3: pieces cut at local midnights, with nothing before the limit's first day in force."""
    result = []
    for p in pieces:
        start = max(p.start, since)
        while start < p.end:
            midnight = (day_of(start) + 1) * DAY_S - OFFSET_S
            end = min(p.end, midnight)
            result.append(Piece(start, end, p.plates))
            start = end
    return result


def period_driving(
    rule: str, parameter: str, driver: str, pieces: list[Piece], period: Callable[[int], int],
    limit: int, law: list[tuple[str, str]], registry: Registry,
) -> list[Finding]:  # fmt: skip
    """Clause 4.3: the driving seconds inside each local day or week."""
    periods: dict[int, list[Piece]] = {}
    for p in cut_by_day(pieces, day_starts(law[0][0])):
        periods.setdefault(period(p.start), []).append(p)
    found = [
        time_finding(rule, parameter, "certain", driver, inside, limit, law, registry) for inside in periods.values()
    ]
    return [f for f in found if f]


def moving_silence(usable: list[Fix], registry: Registry) -> list[Finding]:
    """Clause 4.5: a pair of neighbouring fixes classed unknown, over 120 s and at least 1000 m apart."""
    findings = []
    for a, b in pairwise(usable):
        dt, d = b.time - a.time, metres(a, b)
        if pair_class(a, b) != "unknown" or dt <= SILENCE_S or d < SILENCE_M:
            continue
        findings.append(
            {
                "rule": "moving_silence",
                "grade": "certain",
                "vehicle": a.vehicle,
                "driver": a.driver,
                "operator": registry.operator(a.vehicle, b.time),
                "start": a.time,
                "end": b.time,
                "at": b.time,
                "measured": dt,
                "limit": SILENCE_S,
                "excess": dt - SILENCE_S,
                "unit": "s",
                "band": None,
                "law": [method_entry("moving_silence_s", SILENCE_S), method_entry("moving_silence_m", SILENCE_M)],
                "detail": {"distance_m": round(d, 1)},
            }
        )
    return findings


def driving_findings(activities: list[Activity], registry: Registry) -> list[Finding]:
    """Clauses 4.2, 4.2a, 4.3 over the activities of all vehicles."""
    per_driver: dict[str, list[Activity]] = {}
    per_vehicle: dict[str, list[Activity]] = {}
    for a in activities:
        if a.driver is None:
            per_vehicle.setdefault(a.vehicle, []).append(a)
        else:
            per_driver.setdefault(a.driver, []).append(a)
    findings: list[Finding] = []
    for own in per_vehicle.values():
        findings += continuous_driving(None, own, registry)
    for driver, own in per_driver.items():
        findings += continuous_driving(driver, own, registry)
        pieces = pieces_of([a for a in own if a.kind == "driving"])
        findings += double_login(driver, pieces, registry)
        findings += period_driving(
            "daily_driving", "driving.day", driver, pieces, day_of, DAY_DRIVING_S, DRIVING_LAW, registry
        )
        findings += period_driving(
            "weekly_driving", "driving.week", driver, pieces, week_of, WEEK_DRIVING_S, WEEK_LAW, registry
        )
    return findings
