"""Clause 4.6: month roll-ups, pair by pair and month by month."""

from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from .driving import activities_of, pair_class
from .figures import LOCAL, day_starts
from .oracle import Inputs, evaluate
from .overload import overload as overload_findings
from .overload import same_record
from .reading import Registry, days_include, metres, plate_of, read_fixes

Line = dict[str, Any]

# Decree 10/2020 Art. 22(10)(b), Decree 158/2024 Art. 23(10)(c), (d), Art. 21(6)(e); method: five breaches at least.
SPEEDING_SINCE, OVERLOAD_SINCE, OPERATOR_SINCE = "2020-04-01", "2025-01-01", "2024-06-01"
NOT_COUNTED_KMH, BREACHES, PER_KM, METHOD_BREACHES = 5, 5, 1000, 5
OVERLOAD_PERCENT, WEIGHINGS, SHARE_PERCENT = 10, 3, 30


def month_name(time: int) -> str:
    """The local month of an instant."""
    return datetime.fromtimestamp(time, LOCAL).strftime("%Y-%m")


def month_edges(name: str) -> tuple[int, int]:
    """First second of a local month, and of the one after it."""
    later = datetime.fromisoformat(f"{name}-01") + timedelta(days=32)
    return day_starts(f"{name}-01"), day_starts(later.strftime("%Y-%m-01"))


def parts(start: int, end: int) -> list[tuple[str, int]]:
    """An interval as (month, seconds of it inside that month)."""
    result = []
    while start < end:
        name = month_name(start)
        stop = min(end, month_edges(name)[1])
        result.append((name, stop - start))
        start = stop
    return result


def judged(name: str, since: str) -> bool:
    """A month is judged by a rule that was in force on its first day."""
    return f"{name}-01" >= since


def badge_for_speeding(n: int, km: Fraction, name: str) -> bool:
    """At least 5 breaches per 1000 km, and at least 5 at all."""
    return judged(name, SPEEDING_SINCE) and km > 0 and n >= METHOD_BREACHES and PER_KM * n >= BREACHES * km


def speeding_lines(inputs: Inputs, registry: Registry) -> list[Line]:
    """A line for every vehicle-month with fixes."""
    breaches = [
        (f["vehicle"], month_name(f["at"]))
        for f in evaluate(inputs)
        if f["rule"] == "speeding" and f["grade"] == "certain" and f["excess"] > NOT_COUNTED_KMH
    ]
    fixes = read_fixes(inputs["positions"], registry.box)
    lines = []
    for vehicle, line in fixes.by_vehicle.items():
        driven: dict[str, Fraction] = {}
        known: dict[str, int] = {}
        usable = fixes.usable(vehicle)
        for a, b in pairwise(usable):
            for name, seconds in parts(a.time, b.time) if pair_class(a, b) == "driving" else []:
                share = Fraction(seconds, b.time - a.time) * Fraction(metres(a, b))
                driven[name] = driven.get(name, Fraction(0)) + share
        for activity in activities_of(usable):
            for name, seconds in parts(activity.start, activity.end) if activity.kind != "unknown" else []:
                known[name] = known.get(name, 0) + seconds
        for name in sorted({month_name(fix.time) for fix in line}):
            n, km = breaches.count((vehicle, name)), driven.get(name, Fraction(0)) / 1000
            start, end = month_edges(name)
            lines.append(
                {
                    "rollup": "vehicle_speeding", "vehicle": vehicle, "month": name, "n": n, "km": round(float(km), 3),
                    "proposed": badge_for_speeding(n, km, name),
                    "coverage": round(known.get(name, 0) / (end - start), 4),
                }
            )  # fmt: skip
    return lines


def overload_lines(inputs: Inputs, registry: Registry) -> list[Line]:
    """A line for every vehicle-month with a weighing that counts."""
    automatic = [s["id"] for s in inputs["stations"] if s.get("automatic_one_stage")]
    counts: dict[tuple[str, str], int] = {}
    seen: list[Line] = []
    for weighing in inputs["weighings"]:
        if any(same_record(weighing, other) for other in seen):
            continue
        seen.append(weighing)
        units = {plate_of(weighing[key]) for key in ("plate", "trailer") if weighing.get(key)}
        permitted = any(plate_of(p["plate"]) in units and days_include(p, weighing["time"]) for p in inputs["permits"])
        if weighing["station"] not in automatic or permitted:
            continue
        found = overload_findings([weighing], inputs["stations"], inputs["permits"], registry)
        over = [
            f
            for f in found
            if f["rule"] in ("overload_axle", "overload_gross")
            and 100 * (f["measured"] - f["limit"]) > OVERLOAD_PERCENT * f["limit"]
        ]
        if over:
            key = (plate_of(weighing["plate"]), month_name(weighing["time"]))
            counts[key] = counts.get(key, 0) + 1
    return [
        {"rollup": "vehicle_overload", "vehicle": vehicle, "month": name, "n": n,
         "proposed": n >= WEIGHINGS and judged(name, OVERLOAD_SINCE)}
        for (vehicle, name), n in counts.items()
    ]  # fmt: skip


def operator_lines(lines: list[Line], registry: Registry) -> list[Line]:
    """A line for every operator and month with a proposed vehicle."""
    result = []
    for name in {line["month"] for line in lines if line["proposed"]}:
        proposed = {line["vehicle"] for line in lines if line["proposed"] and line["month"] == name}
        fleets: dict[str, list[str]] = {}
        for plate in registry.rows:
            row = registry.row(plate, month_edges(name)[1] - 1)
            if row:
                fleets.setdefault(row["operator"], []).append(plate)
        for operator, plates in fleets.items():
            revoked = len([plate for plate in plates if plate in proposed])
            if revoked:
                result.append(
                    {
                        "rollup": "operator", "operator": operator, "month": name, "vehicles": len(plates),
                        "revoked": revoked,
                        "proposed": 100 * revoked >= SHARE_PERCENT * len(plates) and judged(name, OPERATOR_SINCE),
                    }
                )  # fmt: skip
    return result


def rollups(inputs: Inputs) -> list[Line]:
    """Clause 4.6, in the order of the output."""
    registry = Registry(inputs["registry"])
    lines = speeding_lines(inputs, registry) + overload_lines(inputs, registry)
    lines += operator_lines(lines, registry)
    return sorted(lines, key=lambda one: (one["rollup"], one.get("vehicle") or one.get("operator"), one["month"]))
