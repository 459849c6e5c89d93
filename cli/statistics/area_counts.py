"""Statistics by administrative area: findings by where they were complete, distance by where it was driven."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from api.reports.statistics import Counts, Section
from cli.checking.area_days import Areas, read_areas
from journey.localtime import date_of
from journey.registry import Area
from rules.areas import NOWHERE, locate
from rules.law import Law
from storage import areas as stored
from storage.areas import Placed
from storage.database import Connection

_LEVELS = {1: "Địa bàn cấp tỉnh", 2: "Địa bàn dưới cấp tỉnh"}
_UNKNOWN = "Không rõ địa bàn"
type Days = tuple[int, int]  # local day numbers, half-open


@dataclass(slots=True)
class _Found:
    """Findings of one area. vehicles: with one."""

    rules: Counter[str] = field(default_factory=Counter)
    vehicles: set[int] = field(default_factory=set)
    over_mm: int = 0


def area_sections(
    connection: Connection, law: Law, days: Days, before: Days | None, whole: Counts, at: int
) -> Iterator[Section]:
    """A section for each level of areas. Inside the open transaction.

    Args: before: the period before; None: nothing is known of it. whole: of the period; what no area has of it is said
    to be of none that is known. at: s UTC, for which it is decided what may be listed.
    """
    areas = read_areas(connection)
    if areas is None:
        return
    oldest_s = int(law.figure("moving_gap_max"))
    found = _located(areas, stored.placed(connection, *days, at, oldest_s))
    earlier = {} if before is None else _located(areas, stored.placed(connection, *before, at, oldest_s))
    driven = {one.area_id: one for one in stored.driven(connection, *days)}
    for level in areas.prepared.levels:
        there = {NOWHERE: Counts()}
        for number, (key, area) in enumerate(zip(areas.numbers, areas.prepared.areas, strict=True)):
            one = driven.get(key)
            if area.level == level and (one or number in found.get(level, {}) or number in earlier.get(level, {})):
                there[number] = Counts(driven_mm=one.driving_mm if one else 0, sending=one.vehicles if one else 0)
        for number, counts in there.items():
            _add(counts, found.get(level, {}).get(number))
            if before is not None and _through(areas, number, (before[0], days[1])):
                counts.before = earlier.get(level, {}).get(number, _Found()).rules.total()
        if whole.driven_mm is not None:
            there[NOWHERE].driven_mm = whole.driven_mm - sum(one.driven_mm or 0 for one in there.values())
        yield Section(_LEVELS.get(level, f"Địa bàn cấp {level}"), tuple(_rows(areas.prepared.areas, there)), areas=True)


def _rows(areas: Sequence[Area], there: dict[int, Counts]) -> Iterator[tuple[str, Counts]]:
    yield from ((named(areas[number]), counts) for number, counts in there.items() if number != NOWHERE)
    unknown = there[NOWHERE]
    if unknown.rules or unknown.driven_mm or unknown.before:
        yield _UNKNOWN, unknown


def named(area: Area) -> str:
    """Name, code and, where there are such, the first and the last day: before and after a reform they differ."""
    since = f", từ {area.valid_from:%d/%m/%Y}" if area.valid_from else ""
    until = f", đến {area.valid_to:%d/%m/%Y}" if area.valid_to else ""
    return f"{area.name} ({area.code}){since}{until}"


def _add(counts: Counts, found: _Found | None) -> None:
    if found is not None:
        counts.rules, counts.breaching, counts.over_mm = found.rules, len(found.vehicles), found.over_mm


def _through(areas: Areas, number: int, days: Days) -> bool:
    """Whether an area was in force on all days, so that two periods of them can be compared."""
    if number == NOWHERE:
        return all(area.valid_from is None and area.valid_to is None for area in areas.prepared.areas)
    area = areas.prepared.areas[number]
    first, last = date_of(days[0]), date_of(days[1] - 1)
    return (area.valid_from is None or area.valid_from <= first) and (area.valid_to is None or area.valid_to >= last)


def _located(areas: Areas, findings: Iterable[Placed]) -> dict[int, dict[int, _Found]]:
    """Findings by level and area (index, or NOWHERE)."""
    rows = list(findings)
    lon, lat = (np.array([np.nan if one[place] is None else one[place] for one in rows], float) for place in (4, 5))
    known = ~(np.isnan(lon) | np.isnan(lat))
    day = np.array([one.day for one in rows], np.int64)
    places = locate(areas.prepared, lon[known], lat[known], day[known])
    result: dict[int, dict[int, _Found]] = {}
    for level, located in places.items():
        area = np.full(len(rows), NOWHERE, np.int64)
        area[known] = located
        sums: defaultdict[int, _Found] = defaultdict(_Found)
        for one, number in zip(rows, area.tolist(), strict=True):
            found = sums[number]
            found.rules[one.rule] += 1
            found.vehicles.add(one.vehicle_id)
            found.over_mm += one.over_mm
        result[level] = dict(sums)
    return result
