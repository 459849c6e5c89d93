"""Every edge of every table of intervals: just below, at and just above it, against what was written by hand.

The probes are made from the tables' own intervals, so an edge that moves, or comes anew, has no entry here.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from rules import law as rulebook
from rules.intervals import NumberInterval, whole
from rules.lawfile import UNITS

LAW = rulebook.load()
STEP = {"km/h": Decimal("0.1"), "percent": Decimal("0.01"), "m": Decimal("0.001")}

SPEED = (
    "4.9 - | 5 5-10 | 5.1 5-10 | 9.9 5-10 | 10 10-20 | 10.1 10-20 | 19.9 10-20 | 20 10-20 | 20.1 20-35 | "
    "34.9 20-35 | 35 20-35 | 35.1 35+"
)
PAYLOAD = (
    "9.99 - | 10 - | 10.01 10-30 | 29.99 10-30 | 30 10-30 | 30.01 30-50 | 49.99 30-50 | 50 30-50 | "
    "50.01 50-100 | 99.99 50-100 | 100 50-100 | 100.01 100-150 | 149.99 100-150 | 150 100-150 | 150.01 150+"
)
TANKER = (
    "19.99 - | 20 - | 20.01 20-30 | 29.99 20-30 | 30 20-30 | 30.01 30-50 | 49.99 30-50 | 50 30-50 | "
    "50.01 50-100 | 99.99 50-100 | 100 50-100 | 100.01 100-150 | 149.99 100-150 | 150 100-150 | 150.01 150+"
)
ROAD_2020 = (
    "9.99 - | 10 - | 10.01 10-20 | 19.99 10-20 | 20 10-20 | 20.01 20-50 | 49.99 20-50 | 50 20-50 | "
    "50.01 50-100 | 99.99 50-100 | 100 50-100 | 100.01 100-150 | 149.99 100-150 | 150 100-150 | 150.01 150+"
)
ROAD_2022 = "9.99 - | 10 - | 10.01 10-20 | 19.99 10-20 | 20 10-20 | 20.01 20-50 | 49.99 20-50 | 50 20-50 | 50.01 50+"
LOADER = "9.99 - | 10 - | 10.01 10-50 | 49.99 10-50 | 50 10-50 | 50.01 50-100 | 99.99 50-100 | 100 50-100 | 100.01 100+"
LOADER_TANKER = (
    "19.99 - | 20 - | 20.01 20-50 | 49.99 20-50 | 50 20-50 | 50.01 50-100 | 99.99 50-100 | 100 50-100 | 100.01 100+"
)
TANDEM = "0 11 | 0.001 11 | 0.999 11 | 1 16 | 1.001 16 | 1.299 16 | 1.3 18 | 1.301 18"
TRIDEM = "0 21 | 0.001 21 | 1.299 21 | 1.3 21 | 1.301 24"
SPAN = "0 32 | 0.001 32 | 6.999 32 | 7 32 | 7.001 34"
KINGPIN_5 = "0 38 | 0.001 38 | 4.499 38 | 4.5 38 | 4.501 42"
KINGPIN_6 = "0 40 | 0.001 40 | 4.499 40 | 4.5 40 | 4.501 44 | 6.499 44 | 6.5 44 | 6.501 48"
KINGPIN_6_CONTAINER = "0 42 | 0.001 42 | 4.499 42 | 4.5 42 | 4.501 -"  # the other rows hold whatever is carried

BY_HAND = {
    "speed.bands": {"2016-08-01": SPEED, "2020-01-01": SPEED, "2025-01-01": SPEED},
    "overload.payload_bands": {"2016-08-01": PAYLOAD, "2020-01-01": PAYLOAD, "2025-01-01": PAYLOAD},
    "overload.payload_bands_liquid_tank": {"2016-08-01": TANKER, "2020-01-01": TANKER, "2025-01-01": TANKER},
    "overload.road_bands": {
        "2016-08-01": ROAD_2020, "2020-01-01": ROAD_2020, "2022-01-01": ROAD_2022, "2025-01-01": ROAD_2022,
    },
    "overload.loader_bands": {"2020-01-01": LOADER, "2022-01-01": LOADER, "2025-01-01": LOADER},
    "overload.loader_bands_liquid_tank": {
        "2020-01-01": LOADER_TANKER, "2022-01-01": LOADER_TANKER, "2025-01-01": LOADER_TANKER,
    },
    "mass.axle_tandem": {"2015-12-01": TANDEM, "2025-01-01": TANDEM},
    "mass.axle_tridem": {"2015-12-01": TRIDEM, "2025-01-01": TRIDEM},
}  # fmt: skip
CLAUSES = {
    ("mass.gross_rigid", "span", "axles_min 5"): SPAN,
    ("mass.gross_semi_trailer", "kingpin", "axles 5"): KINGPIN_5,
    ("mass.gross_semi_trailer", "kingpin", "axles_min 6"): KINGPIN_6,
    ("mass.gross_semi_trailer", "kingpin", "axles_min 6 containers 1"): KINGPIN_6_CONTAINER,
}


def probes(intervals: list[NumberInterval], unit: str) -> list[Decimal]:
    """Each finite edge with its two neighbours, in the printed unit; none below zero."""
    edges = {Decimal(int(edge)) / UNITS[unit] for one in intervals for edge in (one.low, one.high)
             if edge != float("inf")}  # fmt: skip
    return sorted({edge + step for edge in edges for step in (-STEP[unit], Decimal(0), STEP[unit]) if edge + step >= 0})


def holding(value: Decimal, unit: str, rows: list[tuple[NumberInterval, str]]) -> Iterator[str]:
    """Names of the rows whose interval holds a value, which may lie between two base units."""
    per = 100
    number = whole(str(value), UNITS[unit] * per)
    yield from (name for interval, name in rows if interval.holds(number, per))


def table(text: str) -> dict[Decimal, str]:
    return {Decimal(value): name for value, name in (part.split() for part in text.split("|"))}


def agrees(rows: list[tuple[NumberInterval, str]], unit: str, text: str) -> None:
    found = {}
    for value in probes([interval for interval, _ in rows], unit):
        names = list(holding(value, unit, rows))
        assert len(names) <= 1, f"{value} {unit} lies in {names}"
        found[value] = names[0] if names else "-"
    assert found == table(text)


def test_every_table_of_intervals_was_written_by_hand() -> None:
    shaped = {path: {one.effective_from for one in LAW.dated(path)} for path, about in LAW.about.items()
              if about.shape == "bands"}  # fmt: skip
    assert shaped == {path: set(regimes) for path, regimes in BY_HAND.items()}
    held = {(path, key) for path, about in LAW.about.items() if about.shape == "clauses"
            for one in LAW.dated(path) for row in one.value for key in ("span", "kingpin") if key in row}  # fmt: skip
    assert held == {(path, key) for path, key, _ in CLAUSES}


@pytest.mark.parametrize(("path", "since"), [(path, since) for path, regimes in BY_HAND.items() for since in regimes])
def test_edges(path: str, since: str) -> None:
    dated = next(one for one in LAW.dated(path) if one.effective_from == since)
    unit = LAW.about[path].of or dated.unit
    rows = [(row["interval"], str(row.get("band") or _tonnes(row["limit"]))) for row in dated.value]
    agrees(rows, unit, BY_HAND[path][since])


@pytest.mark.parametrize("key", CLAUSES, ids=" ".join)
def test_edges_of_clauses(key: tuple[str, str, str]) -> None:
    path, name, which = key
    for dated in LAW.dated(path):
        rows = [(row[name], _tonnes(row["limit"])) for row in dated.value if name in row and _which(row) == which]
        agrees(rows, "m", CLAUSES[key])


def _which(row: dict[str, object]) -> str:
    return " ".join(f"{key} {row[key]}" for key in ("axles", "axles_min", "containers") if key in row)


def _tonnes(kg: int) -> str:
    assert kg % 1000 == 0
    return str(kg // 1000)
