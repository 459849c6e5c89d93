"""overload-edges.md, row by row: a vehicle is weighed just below, at and just above each edge, in whole kg and mm.

Weighed and judged as any other, so that limit, excess, band and penalty come from the rules themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from journey.localtime import DAY_S, midnight
from journey.model import Finding, Weighing
from journey.registry import Registration, Registry, Station
from journey.track import fix_frame
from rules.engine import evaluate, know
from rules.weighings.masses import AxleGroup, gross_limit, group_limit
from tests.casefolder import LAW

PAGE = Path(__file__).with_name("overload-edges.md").read_text(encoding="utf-8")
LIMIT_KG, PERCENT_KG = 10_000, 100  # of the limit; what one percent of it is
MILLION = 1_000_000
LAST = date(2026, 7, 1)  # of what is in force still
AXLES = 6  # single ones, 3 m apart, so that the heavy one alone is over
STATION = Station("KT", "sign of 10 t", gross_limit_kg=LIMIT_KG)
NO_SIGN = Station("KD", "no sign")


@dataclass(frozen=True)
class Row:
    """One row of a table of bands: (above, upto] in percent, upto None without end."""

    section: str
    first: date
    last: date
    of: str
    above: int
    upto: int | None
    cells: tuple[str, ...]


def tables() -> dict[str, list[list[str]]]:
    """Rows of cells by the heading above them."""
    found: dict[str, list[list[str]]] = {}
    section = ""
    for line in PAGE.splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("| ") and not line.startswith(("| in force", "| what")):
            found.setdefault(section, []).append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def rows() -> list[Row]:
    read = []
    for section, lines in tables().items():
        if section == "Limits of the road":
            continue
        for days, of, over, *cells in lines:
            first, _, last = days.partition(" to ")
            edges = re.fullmatch(r"above (\d+) %(?: up to (\d+) %)?", over)
            assert edges is not None, over
            read.append(Row(section, date.fromisoformat(first.removesuffix(" on")),
                            date.fromisoformat(last) if last else LAST, of, int(edges[1]),
                            int(edges[2]) if edges[2] else None, tuple(cells)))  # fmt: skip
    return read


CARGO, LOADING, ROAD = dict.fromkeys(row.section for row in rows())
ROWS = rows()


def name_of(row: Row) -> str:
    return f"{row.section.split()[0]} {row.first} {row.of} >{row.above}"


def weighed(row: Row, measured_kg: int, time: int) -> list[Finding]:
    """What is found where the tested mass is so many kg at a limit of 10,000."""
    if row.section != ROAD:
        unit = Registration("12C00001", "OP", "truck", payload_kg=LIMIT_KG, kerb_kg=5000,
                            liquid_tank=row.of == "liquid tank")  # fmt: skip
        one = Weighing("KD", 1, time, "12C00001", None, (), (), 5000 + 65 + measured_kg, 1, None, "T")
    else:
        unit = Registration("12C00001", "OP", "truck")
        heavy = (measured_kg, *(1000,) * (AXLES - 1)) if row.of == "axle" else ()
        gross = sum(heavy) if heavy else measured_kg
        station = "KD" if row.of == "axle" else "KT"
        one = Weighing(station, 1, time, "12C00001", None, heavy, (3000,) * (len(heavy) - 1), gross, 1, None, "T")
    known = know(Registry(vehicles=(unit,), stations=(STATION, NO_SIGN)), LAW)
    return evaluate(fix_frame([]), [one], known, LAW).findings


def rule_of(row: Row) -> str:
    return "overload_payload" if row.section != ROAD else f"overload_{row.of}"


def moments(row: Row) -> tuple[int, int]:
    """The first and the last second in force."""
    return midnight(row.first), midnight(row.last) + DAY_S - 1


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_row(row: Row) -> None:
    inside = [row.above * PERCENT_KG + 1,
              row.above * PERCENT_KG + 500 if row.upto is None else row.upto * PERCENT_KG]  # fmt: skip
    outside = [row.above * PERCENT_KG - 1, row.above * PERCENT_KG, *([row.upto * PERCENT_KG + 1] if row.upto else [])]
    for time in moments(row):
        for excess in inside:
            assert said_of(row, LIMIT_KG + excess, time) == row.cells
        for excess in outside:
            other = said_of(row, LIMIT_KG + excess, time)
            assert other == expected_beside(row, excess)


def said_of(row: Row, measured_kg: int, time: int) -> tuple[str, ...] | None:
    """The cells that the rules would write into a row; None: no overload. Only the tested rule is looked at."""
    found = [one for one in weighed(row, measured_kg, time) if one.rule == rule_of(row)]
    if not found:
        return None
    (one,) = found
    assert (one.measured, one.limit, one.at) == (measured_kg, LIMIT_KG, time)
    said = {each["subject"]: each for each in one.detail["consequences"]}
    if row.section == LOADING:
        loader = said.get("loader")
        return None if loader is None else (money(loader, "fine_vnd"), money(loader, "organisation_vnd"))
    driver, owner = said.get("driver"), said.get("owner")
    if driver is not None and not driver["fined"]:
        return ("-",) * 4
    return (money(driver, "fine_vnd"), licence(driver), money(owner, "fine_vnd"), money(owner, "organisation_vnd"))


def expected_beside(row: Row, excess: int) -> tuple[str, ...] | None:
    """The row of the same table and days that an excess (hundredths of a percent) lies in, by the page alone."""
    same = [one for one in ROWS if (one.section, one.first, one.of) == (row.section, row.first, row.of)]
    lie = [one for one in same if excess > one.above * PERCENT_KG
           and (one.upto is None or excess <= one.upto * PERCENT_KG)]  # fmt: skip
    assert len(lie) < 2
    return lie[0].cells if lie else None


def money(stated: dict[str, Any] | None, key: str) -> str:
    if stated is None or stated[key] is None:
        return "?"
    return " to ".join(f"{value / MILLION:g}" for value in stated[key])


def licence(stated: dict[str, Any] | None) -> str:
    if stated is None:
        return "?"
    if stated["points"] is not None:
        return f"{stated['points']} points"
    if stated["suspension_months"] is None:
        return "?"
    low, high = stated["suspension_months"]
    return f"{low} to {high} months" if high else "none"


def test_the_page_leaves_no_gap_between_its_rows() -> None:
    """Of each table and days the rows follow one another, the last has no end, and days follow days."""
    for section in (CARGO, LOADING, ROAD):
        for of in {row.of for row in ROWS if row.section == section}:
            mine = [row for row in ROWS if (row.section, row.of) == (section, of)]
            for first in {row.first for row in mine}:
                bands = [row for row in mine if row.first == first]
                assert [row.upto for row in bands[:-1]] == [row.above for row in bands[1:]]
                assert bands[-1].upto is None
            days = sorted({(row.first, row.last) for row in mine})
            assert all((after[0] - before[1]).days == 1 for before, after in pairwise(days))
            assert days[-1][1] == LAST


def millimetres(text: str) -> tuple[int, int | None]:
    """The whole millimetres that a distance names: the first, and the first beyond (None: without end)."""
    low, high = 0, None
    for words in text.split(", "):
        parts = re.fullmatch(r"(from|above|below|up to) (\d+)\.(\d) m", words)
        assert parts is not None, text
        edge = int(parts[2]) * 1000 + int(parts[3]) * 100
        if parts[1] in ("from", "above"):
            low = edge + (parts[1] == "above")
        else:
            high = edge + (parts[1] == "up to")
    return low, high


@pytest.mark.parametrize("time", [midnight(date(2024, 12, 31)), midnight(date(2025, 1, 1))])
def test_the_limits_of_axles(time: int) -> None:
    counts = {"single axle": 1, "two axles": 2, "three axles": 3}
    axles = [line for line in tables()["Limits of the road"] if len(line) == 3]
    for what, distance, tonnes in axles:
        low, high = (0, 1) if distance == "-" else millimetres(distance)
        for spacing in (low, low if high is None else high - 1):
            found = group_limit(AxleGroup(1, counts[what], spacing), None, time, LAW)
            assert found is not None
            assert found.kg == int(tonnes) * 1000, (what, spacing)
    starts = [(what, millimetres(distance)) for what, distance, _ in axles if distance != "-"]
    for (what, (_, high)), (other, (low, _)) in pairwise(starts):
        assert what != other or high == low  # no millimetre without a row


@pytest.mark.parametrize("time", [midnight(date(2024, 12, 31)), midnight(date(2025, 1, 1))])
def test_the_limits_of_whole_vehicles(time: int) -> None:
    for what, number, distance, tonnes in (line for line in tables()["Limits of the road"] if len(line) == 4):
        axles = int(number)
        low, high = (3200, 3300) if distance == "-" else millimetres(distance)
        for length in (low, low + 5000 if high is None else high - 1):
            if what == "rigid":
                row, towed = Registration("12C00001", "OP", "truck"), None
                part = length // (axles - 1)
                spacing = () if distance == "-" else (*(part,) * (axles - 2), length - part * (axles - 2))
            else:
                row = Registration("12C00001", "OP", "tractor")
                towed = Registration("12R00001", "OP", "semi_trailer", kingpin_mm=length)
                spacing = ()
            one = Weighing("KD", 1, time, "12C00001", "12R00001" if towed else None, (1000,) * axles, spacing,
                           1000 * axles, 1, 0, None)  # fmt: skip
            found = gross_limit(row, towed, one, LAW)
            assert found is not None
            assert found.kg == int(tonnes) * 1000, (what, axles, length)


def test_a_king_pin_too_near_costs_two_kg_a_millimetre() -> None:
    time = midnight(date(2025, 1, 1))
    for kingpin, kg in ((2700, 37_000), (3199, 37_998), (3200, 38_000)):
        towed = Registration("12R00001", "OP", "semi_trailer", kingpin_mm=kingpin)
        one = Weighing("KD", 1, time, "12C00001", "12R00001", (1000,) * 5, (), 5000, 1, 0, None)
        found = gross_limit(Registration("12C00001", "OP", "tractor"), towed, one, LAW)
        assert found is not None
        assert found.kg == kg
