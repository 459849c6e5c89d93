"""Innocent working days: who drives which vehicle when, well within the law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.fleet.law_margins import legal_break_s
from cli.fleet.spec import Drive
from journey.localtime import DAY_S

if TYPE_CHECKING:
    import numpy as np

    from cli.fleet.people import Vehicle
    from cli.fleet.spec import FleetSpec

UNKNOWN_DRIVER = -1
_MOST_S = 22_000  # a working day: seven of them stay below the week's limit
_SPELL_S = (3000, 11_400)  # of a long-distance drive
_SHORT_SPELL_S = (1500, 3900)  # of a bus or taxi
_BREAK_S = (1500, 6000)
_SHORT_BREAK_S = (400, 880)  # longer than the legal 5 minutes, shorter than the 15 of others
_REST_DAY_SHARE = 0.07
_CREW_SHARE = 0.25
_UNKNOWN_SHARE = 0.03
_SWAP_SHARE = 0.3


def draw(rng: np.random.Generator, low_high: tuple[int, int]) -> int:
    return int(rng.integers(low_high[0], low_high[1] + 1))


def workday(
    rng: np.random.Generator, vehicle: Vehicle, midnight: int, driver: int, most_s: int = _MOST_S, *, rest: bool = True
) -> list[Drive]:
    """Drives of one vehicle on one day; none crosses the next midnight but a night driver's. rest: may have none."""
    if rest and rng.random() < _REST_DAY_SHARE:
        return []
    local = legal_break_s(vehicle.model.business) < 900
    spell, pause = (_SHORT_SPELL_S, _SHORT_BREAK_S) if local else (_SPELL_S, _BREAK_S)
    left = draw(rng, (most_s * 6 // 10, most_s))
    start = midnight + (draw(rng, (68_000, 72_000)) if vehicle.night else draw(rng, (18_000, 28_000)))
    drives = []
    while left > spell[0]:
        seconds = min(left, draw(rng, spell))
        unknown = rng.random() < _UNKNOWN_SHARE
        drives.append(Drive(start, seconds, UNKNOWN_DRIVER if unknown else driver))
        left -= seconds
        start += seconds + draw(rng, pause)
    return drives


def crew_day(rng: np.random.Generator, vehicle: Vehicle, midnight: int) -> list[Drive]:
    """A coach that does not stop for over five hours while its two drivers change at the wheel."""
    start = midnight + draw(rng, (18_000, 30_000))
    first, second = draw(rng, (9000, 12_000)), draw(rng, (9000, 11_000))
    return [Drive(start, first, vehicle.driver), Drive(start + first, second, vehicle.mate)]


def swaps(
    spec: FleetSpec, rng: np.random.Generator, vehicles: list[Vehicle], busy: set[int]
) -> dict[tuple[int, int], int]:
    """Days on which two drivers of one operator drive each other's vehicle: (vehicle, day) to driver."""
    result: dict[tuple[int, int], int] = {}
    for a in vehicles:
        partner = a.number + spec.operators
        day = int(rng.integers(spec.days))
        if rng.random() >= _SWAP_SHARE or partner >= len(vehicles):
            continue
        b = vehicles[partner]
        free = not ({a.number, b.number} & busy or a.night or b.night)
        if free and (a.number, day) not in result and (b.number, day) not in result:
            result[a.number, day], result[b.number, day] = b.driver, a.driver
    return result


def innocent_drives(
    spec: FleetSpec, rng: np.random.Generator, vehicle: Vehicle, changed: dict[tuple[int, int], int]
) -> list[Drive]:
    """All drives of an innocent vehicle."""
    drives: list[Drive] = []
    coach = vehicle.model.kind == "coach" and not vehicle.night
    for day in range(spec.days):
        midnight = spec.begin + day * DAY_S
        if vehicle.night and (day == spec.days - 1 or day % 7 == 6):
            continue  # a night of Sunday would count in two weeks
        driver = changed.get((vehicle.number, day))
        if driver is None and coach and rng.random() < _CREW_SHARE:
            drives += crew_day(rng, vehicle, midnight)
        else:
            drives += workday(rng, vehicle, midnight, vehicle.driver if driver is None else driver)
    return drives
