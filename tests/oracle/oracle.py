"""The oracle: what the rules give for one set of inputs, read plainly and slowly."""

import csv
import json
from pathlib import Path
from typing import Any

from .driving import activities_of, distance_driven, driving_findings, moving_silence
from .overload import overload
from .reading import Registry, read_fixes
from .speeding import speeding

Inputs = dict[str, Any]


def load_case(folder: str | Path) -> Inputs:
    """Cases README, inputs: all optional but the registry."""
    base = Path(folder)

    def document(name: str, default: Any) -> Any:
        path = base / name
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else default

    positions: list[dict[str, str]] = []
    if (base / "positions.csv").exists():
        with (base / "positions.csv").open(encoding="utf-8-sig", newline="") as lines:
            positions = list(csv.DictReader(lines))
    weighings: list[dict[str, Any]] = []
    if (base / "weighings.ndjson").exists():
        text = (base / "weighings.ndjson").read_text(encoding="utf-8")
        weighings = [json.loads(line) for line in text.split("\n") if line.strip()]
    return {
        "positions": positions,
        "registry": document("registry.json", {}),
        "weighings": weighings,
        "stations": document("stations.json", []),
        "roads": document("roads.geojson", None),
        "permits": document("permits.json", []),
    }


def output_order(finding: dict[str, Any]) -> tuple[Any, ...]:
    """Cases README: (rule, vehicle, driver, start, at), absent driver first; then the whole line as text."""
    driver = finding["driver"]
    return (
        finding["rule"],
        finding["vehicle"],
        driver is not None,
        driver or "",
        finding["start"],
        finding["at"],
        finding["grade"],
        json.dumps(finding, sort_keys=True),
    )


def evaluate(inputs: Inputs) -> list[dict[str, Any]]:
    """Section 4: every finding, in the order of the output."""
    registry = Registry(inputs["registry"])
    fixes = read_fixes(inputs["positions"], registry.box)
    findings: list[dict[str, Any]] = []
    activities = []
    for vehicle in fixes.by_vehicle:
        usable = fixes.usable(vehicle)
        findings += speeding(usable, inputs["roads"], registry)
        findings += moving_silence(usable, registry)
        activities += activities_of(usable)
    findings += driving_findings(activities, registry)
    findings += overload(inputs["weighings"], inputs["stations"], inputs["permits"], registry)
    return sorted(findings, key=output_order)


def summary(inputs: Inputs) -> dict[str, Any]:
    """Cases README, summary.json: fixes, duplicates, conflicts, flags, driving seconds and metres."""
    registry = Registry(inputs["registry"])
    fixes = read_fixes(inputs["positions"], registry.box)
    flags: dict[str, int] = {}
    driving_s: dict[str, int] = {}
    driving_m: dict[str, float] = {}
    for vehicle, line in fixes.by_vehicle.items():
        for fix in line:
            for flag in fix.flags:
                flags[flag] = flags.get(flag, 0) + 1
        usable = fixes.usable(vehicle)
        driving_s[vehicle] = sum(a.end - a.start for a in activities_of(usable) if a.kind == "driving")
        driving_m[vehicle] = round(distance_driven(usable), 1)
    return {
        "fixes": sum(len(line) for line in fixes.by_vehicle.values()),
        "duplicates": fixes.duplicates,
        "conflicts": fixes.conflicts,
        "flags": dict(sorted(flags.items())),
        "driving_s": driving_s,
        "driving_m": driving_m,
    }
