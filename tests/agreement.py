"""What it means that findings, a summary or month roll-ups agree with a worked case: the page of the cases, in code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Line = dict[str, Any]

EXACT = ("rule", "grade", "vehicle", "driver", "operator", "start", "end", "at", "measured", "limit", "excess", "unit",
         "band")  # fmt: skip
LAW = {"parameter", "value", "in_force_from", "citation"}
# One metre: positions of 7 decimals and whole mm of each pair may differ from the page's arithmetic by less.
KM_NEAR = 0.001


def lines(text: str) -> list[Line]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def expected(folder: Path, name: str) -> list[Line]:
    return lines((folder / name).read_text(encoding="utf-8"))


def near(want: float, got: Any) -> bool:
    """Within 0.5 % or half of the last whole unit."""
    return isinstance(got, int | float) and abs(want - got) <= max(0.005 * abs(want), 0.51)


def findings_differ(want: list[Line], got: list[Line]) -> str | None:
    """The first difference of two lists of findings in their order, or None."""
    for place, (one, other) in enumerate(zip(want, got, strict=False), 1):
        for key in EXACT:
            if other[key] != one[key]:
                return f"line {place}, {_name(one)}: {key} is {other[key]!r}, expected {one[key]!r}"
        if not other["law"] or any(entry.keys() < LAW for entry in other["law"]):
            return f"line {place}, {_name(one)}: law is absent, or an entry of it lacks a field"
        for key, value in one["detail"].items():
            if isinstance(value, int | float) and not near(value, other["detail"].get(key)):
                return f"line {place}, {_name(one)}: detail.{key} is {other['detail'].get(key)!r}, expected {value}"
    if len(want) > len(got):
        return f"missing: {_name(want[len(got)])}"
    return f"not expected: {_name(got[len(want)])}" if len(got) > len(want) else None


def summaries_differ(want: Line, got: Line) -> str | None:
    """Counts and driving seconds exactly, metres nearly; of the notes, those that the case names must be there."""
    for key in ("fixes", "duplicates", "conflicts"):
        if want[key] != got[key]:
            return f"{key} is {got[key]}, expected {want[key]}"
    if want["flags"] != {flag: n for flag, n in got["flags"].items() if n}:
        return f"flags are {got['flags']}, expected {want['flags']}"
    for plate, seconds in want["driving_s"].items():
        if got["driving_s"].get(plate, 0) != seconds:
            return f"driving_s of {plate} is {got['driving_s'].get(plate, 0)}, expected {seconds}"
    for plate, metres in want["driving_m"].items():
        if not near(metres, got["driving_m"].get(plate, 0)):
            return f"driving_m of {plate} is {got['driving_m'].get(plate, 0)}, expected {metres}"
    said = {(note["kind"], note["subject"]) for note in got.get("notes", ())}
    missing = [note for note in want.get("notes", ()) if (note["kind"], note["subject"]) not in said]
    return f"notes lack {missing[0]}" if missing else None


def rollups_differ(want: list[Line], got: list[Line]) -> str | None:
    """Every field of every line in its order; km within a metre."""
    for one, other in zip(want, got, strict=False):
        if list(one) != list(other) or abs(one.get("km", 0) - other.get("km", 0)) > KM_NEAR + 1e-9:
            return f"roll-up is {other}, expected {one}"
        if {**one, "km": 0} != {**other, "km": 0}:
            return f"roll-up is {other}, expected {one}"
    return None if len(want) == len(got) else f"{len(got)} roll-ups, expected {len(want)}"


def _name(finding: Line) -> str:
    return f"{finding['grade']} {finding['rule']} of {finding['vehicle']}, {finding['driver']}, from {finding['start']}"
