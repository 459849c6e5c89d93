"""Overload of many weighings at once: which are over, by how much, and which a person has to be told something of.

The same tests as rules.checks.overload, which judges one weighing and words its findings; a test holds both equal.
Shape: n weighings -> for each test measured and limit, n each. Units: kg. Integers only.
Cost:  limits are looked up once for each different combination of vehicle kinds, axles and spacing class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from journey.model import Weighing
from journey.registry import Permit, Registration, Station
from journey.track import Bool, Int
from rules.intervals import NumberInterval
from rules.law import Dated, Law
from rules.registered import Registered, days
from rules.weighings.columns import UNKNOWN, Weighings
from rules.weighings.faults import PERMILLE
from rules.weighings.masses import SEMI_TRAILERS, gross_limit

_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Tested:
    """One test of n weighings. limit: UNKNOWN where it was not judged; axle: the worst group's."""

    measured: Int
    limit: Int
    over: Bool


@dataclass(frozen=True, slots=True)
class Verdicts:
    """impossible: not judged. told: something is to be said of it besides findings (a gap, a fault)."""

    payload: Tested
    gross: Tested
    axle: Tested
    impossible: Bool
    told: Bool

    @property
    def over(self) -> Bool:
        return self.payload.over | self.gross.over | self.axle.over

    @property
    def plain(self) -> Bool:
        """Those that have to be worded one by one."""
        return self.over | self.told


def judge(
    weighed: Weighings,
    stations: Sequence[Station | None],
    registered: Registered,
    permits: Mapping[int, Sequence[Permit]],
    law: Law,
) -> Verdicts:
    """Args: stations: entries by the station codes of `weighed`. permits: by plate code."""
    impossible, told = _faults(weighed, law)
    rest = (PERMILLE - weighed.error)[:, None]
    axle = weighed.axle * rest // PERMILLE
    gross = weighed.gross * rest[:, 0] // PERMILLE
    row = registered.rows_at(np.maximum(weighed.vehicle, 0), weighed.time)
    row[weighed.vehicle == UNKNOWN] = UNKNOWN
    towed = registered.rows_at(np.maximum(weighed.trailer, 0), weighed.time)
    towed[weighed.trailer == UNKNOWN] = UNKNOWN
    payload, gap = _payload(weighed, gross, registered.rows, row, towed, law)
    whole = _gross(weighed, gross, stations, registered.rows, row, towed, permits, law)
    groups, odd = _axle(weighed, axle, stations, law)
    for test in (payload, whole, groups):
        test.over[impossible] = False
    return Verdicts(payload, whole, groups, impossible, told | (~impossible & (gap | odd)))


def _faults(weighed: Weighings, law: Law) -> tuple[Bool, Bool]:
    """Which records are impossible, and which have any fault at all (rules.weighings.faults)."""
    error = np.where(weighed.error > 0, weighed.error, law.figure("weighing_sum_error"))
    total = weighed.axle.sum(1)
    there = weighed.axles > 0
    sums = there & (np.abs(total - weighed.gross) * PERMILLE > error * (total + weighed.gross))
    inside = np.arange(weighed.spacing.shape[1]) < weighed.spacings[:, None]
    zero = there & ((weighed.spacing == 0) & inside).any(1)
    heavy = weighed.axle.max(1) > law.figure("weighing_axle_max")
    sure = (weighed.confidence == UNKNOWN) | (weighed.confidence >= law.figure("plate_confidence_min"))
    verified = (weighed.until == UNKNOWN) | (weighed.time < weighed.until)
    impossible = sums | zero | heavy | weighed.unread
    return impossible, impossible | ~there | ~verified | ~sure


def _payload(
    weighed: Weighings, gross: Int, rows: Sequence[Registration], row: Int, towed: Int, law: Law
) -> tuple[Tested, Bool]:
    def of(values: Sequence[int | None]) -> Int:
        return np.array([*(UNKNOWN if value is None else value for value in values), UNKNOWN], np.int64)

    payload, kerb = of([one.payload_kg for one in rows]), of([one.kerb_kg for one in rows])
    semi = np.array([*(one.kind in SEMI_TRAILERS for one in rows), False])
    tractor = np.array([*(one.kind == "tractor" for one in rows), False])
    liquid = np.array([*(one.liquid_tank for one in rows), False])
    single = weighed.trailer == UNKNOWN
    known = (row != UNKNOWN) & (single | (towed != UNKNOWN))
    # A semi-trailer carries the load of its combination; where there is none, every unit its own.
    any_semi = semi[row] | semi[towed]
    own, other = np.maximum(payload[row], 0), np.maximum(payload[towed], 0)
    first, second = ~any_semi | semi[row], (~any_semi | semi[towed]) & ~single
    limit = np.where(first, own, 0) + np.where(second, other, 0)
    stated = (~first | (own > 0)) & (~second | (other > 0)) & ~(single & tractor[row])
    kerbs = (kerb[row] >= 0) & (single | (kerb[towed] >= 0))
    judged = known & stated & kerbs
    persons = np.where(weighed.persons == UNKNOWN, law.figure("persons_default"), weighed.persons)
    empty = kerb[row] + np.where(single, 0, kerb[towed])
    cargo = gross - empty - law.figure("person_mass") * persons
    tank = liquid[row] | liquid[towed]
    over = np.zeros(len(weighed), bool)
    for path, those in (("overload.payload_bands", ~tank), ("overload.payload_bands_liquid_tank", tank)):
        over |= those & _over(law, path, weighed.time, cargo, limit)
    in_force = np.where(tank, law.series("overload.payload_bands_liquid_tank", weighed.time),
                        law.series("overload.payload_bands", weighed.time)) >= 0  # fmt: skip
    return Tested(cargo, np.where(judged & in_force, limit, UNKNOWN), over & judged), ~judged


def _over(law: Law, path: str, time: Int, measured: Int, limit: Int) -> Bool:
    """Whether the excess in percent lies in a band in force at its time."""
    over = np.zeros(len(time), bool)
    period = law.series(path, time)
    for number, dated in enumerate(law.dated(path)):
        excess = _PERCENT * (measured - limit)
        for band in dated.value or ():
            over |= (period == number) & _holds(band["interval"], excess, limit)
    return over


def _holds(interval: NumberInterval, value: Int, per: Int | int = 1) -> Bool:
    """`interval.holds` for many."""
    low = interval.low * per
    above: Bool = value >= low if interval.low_in else value > low
    if np.isinf(interval.high):
        return above
    high = int(interval.high) * per
    below: Bool = value <= high if interval.high_in else value < high
    return above & below


def _codes(values: Sequence[Any]) -> Int:
    """A number for each different value."""
    places: dict[Any, int] = {}
    return np.array([places.setdefault(value, len(places)) for value in values], np.int64)


def _gross(
    weighed: Weighings, gross: Int, stations: Sequence[Station | None], rows: Sequence[Registration], row: Int,
    towed: Int, permits: Mapping[int, Sequence[Permit]], law: Law,
) -> Tested:  # fmt: skip
    if not len(weighed):
        return Tested(gross, gross, np.zeros(0, bool))
    whole = weighed.spacings == weighed.axles - 1
    span = np.where(whole & (weighed.spacings > 0), weighed.spacing.sum(1), UNKNOWN)
    tables = [dated.value for name in ("gross_rigid", "gross_semi_trailer") for dated in law.dated(f"mass.{name}")]
    spans = [clause["span"] for table in tables for clause in table or () if "span" in clause]
    kind = np.append(_codes([one.kind for one in rows]), UNKNOWN)
    of_towed = np.append(_codes([(one.kind, one.kingpin_mm) for one in rows]), UNKNOWN)
    names = ("gross_rigid", "gross_semi_trailer", "gross_truck_trailer_max", "axle_single", "kingpin_min",
             "kingpin_deduction")  # fmt: skip
    columns = [
        kind[row], of_towed[towed], weighed.trailer == UNKNOWN, weighed.axles, whole, span == UNKNOWN,
        weighed.containers,
        *(_holds(interval, span) for interval in spans),
        *(law.series(f"mass.{name}", weighed.time) for name in names),
    ]  # fmt: skip
    first, place = _combinations(columns)
    limits = []
    for one in first.tolist():
        found = gross_limit(_row(rows, int(row[one])), _row(rows, int(towed[one])), _bare(weighed, one), law)
        limits.append(UNKNOWN if found is None else found.kg)
    limit = np.array(limits, np.int64)[place]
    limit[law.series("mass.sign", weighed.time) < 0] = UNKNOWN
    sign = np.array([*(one.gross_limit_kg if one and one.gross_limit_kg is not None else np.iinfo(np.int64).max
                       for one in stations), np.iinfo(np.int64).max], np.int64)  # fmt: skip
    limit = np.where(limit == UNKNOWN, UNKNOWN, _permitted(weighed, np.minimum(limit, sign[weighed.station]), permits))
    over = (limit != UNKNOWN) & _over(law, "overload.road_bands", weighed.time, gross, limit)
    judged = law.series("overload.road_bands", weighed.time) >= 0
    return Tested(gross, np.where(judged, limit, UNKNOWN), over)


def _combinations(columns: Sequence[Int | Bool]) -> tuple[Int, Int]:
    """Which rows differ: the first of each kind, and the kind of each row. Codes are made dense step by step."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, dense = np.unique(column, return_inverse=True)
        if len(values) > 1:
            _, code = np.unique(code * len(values) + dense, return_inverse=True)
    _, first, place = np.unique(code, return_index=True, return_inverse=True)
    return first.astype(np.int64), place.astype(np.int64)


def _row(rows: Sequence[Registration], place: int) -> Registration | None:
    return None if place < 0 else rows[place]


def _bare(weighed: Weighings, one: int) -> Weighing:
    """As much of one weighing as a limit by geometry asks for."""
    axles, spacings = int(weighed.axles[one]), int(weighed.spacings[one])
    containers = int(weighed.containers[one])
    return Weighing(
        "", None, int(weighed.time[one]), "", None if weighed.trailer[one] == UNKNOWN else "?",
        tuple(weighed.axle[one, :axles].tolist()), tuple(weighed.spacing[one, :spacings].tolist()), 0, None,
        None if containers == UNKNOWN else containers, None,
    )  # fmt: skip


def _permitted(weighed: Weighings, limit: Int, permits: Mapping[int, Sequence[Permit]]) -> Int:
    """The limits with circulation permits in their place where one is valid; of several the highest."""
    best = np.full(len(limit), UNKNOWN, np.int64)
    for plate, held in permits.items():
        those = np.flatnonzero((weighed.vehicle == plate) | (weighed.trailer == plate))
        for permit in held:
            start, end = days(permit.valid_from, permit.valid_to)
            valid = those[(weighed.time[those] >= start) & (weighed.time[those] < end)]
            best[valid] = np.maximum(best[valid], permit.gross_kg)
    return np.where(best == UNKNOWN, limit, best)


def _axle(weighed: Weighings, axle: Int, stations: Sequence[Station | None], law: Law) -> tuple[Tested, Bool]:
    """The worst group of each weighing, and where something is to be said: spacings that do not fit, large groups."""
    size, time = len(weighed), weighed.time
    fits = (weighed.axles > 0) & (weighed.spacings == weighed.axles - 1)
    sign = np.array([*((one.axle_limit_kg or 0) if one else 0 for one in stations), 0], np.int64)[weighed.station]
    gap = law.figure("axle_group_gap")
    best_mass, best_limit, large = np.zeros(size, np.int64), np.full(size, UNKNOWN, np.int64), np.zeros(size, bool)
    over = np.zeros(size, bool)
    in_force = law.series("overload.road_bands", time) >= 0
    mass, members, widest = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    for place in range(axle.shape[1]):
        present = fits & (place < weighed.axles)
        mass = mass + np.where(present, axle[:, place], 0)
        members = members + present
        last = place + 1 == weighed.axles
        between = weighed.spacing[:, place] if place < weighed.spacing.shape[1] else np.zeros(size, np.int64)
        ends = present & (last | (between >= gap))
        limit = np.where(ends & in_force, _group_limit(members, widest, sign, time, law), UNKNOWN)
        judged = limit != UNKNOWN
        large |= ends & ~judged & (members > _TRIDEM)
        is_over = judged & _over(law, "overload.road_bands", time, mass, limit)
        worse = is_over & (~over | (mass * best_limit > best_mass * limit))
        best_mass, best_limit = np.where(worse, mass, best_mass), np.where(worse, limit, best_limit)
        over |= is_over
        mass, members = np.where(ends, 0, mass), np.where(ends, 0, members)
        widest = np.where(ends, 0, np.maximum(widest, between))
    return Tested(best_mass, best_limit, over), ~fits | large


_TRIDEM = 3


def _group_limit(members: Int, widest: Int, sign: Int, time: Int, law: Law) -> Int:
    """rules.weighings.masses.group_limit for many."""
    limit = np.full(len(members), UNKNOWN, np.int64)
    for axles, name in ((1, "axle_single"), (2, "axle_tandem"), (_TRIDEM, "axle_tridem")):
        period = law.series(f"mass.{name}", time)
        for number, dated in enumerate(law.dated(f"mass.{name}")):
            those = (members == axles) & (period == number)
            limit = _by_spacing(limit, those, dated, widest)
    return np.where((members == 1) & (limit != UNKNOWN) & (sign > 0), sign, limit)


def _by_spacing(limit: Int, those: Bool, dated: Dated, widest: Int) -> Int:
    if isinstance(dated.value, int):
        return np.where(those, dated.value, limit)
    for row in dated.value or ():
        limit = np.where(those & _holds(row["interval"], widest), row["limit"], limit)
    return limit
