"""Planted driving times: days and weeks that break one limit each, and others that only look like it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cli.fleet.days import UNKNOWN_DRIVER, draw, workday
from cli.fleet.law_margins import CONTINUOUS_S, WEEK_FROM, WEEK_S, legal_break_s
from cli.fleet.law_margins import DAY_S as DAILY_S
from cli.fleet.spec import Answer, Drive, Request
from journey.localtime import date_of, day_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from cli.fleet.people import People, Vehicle

_SHORT_DAY_S = 16_000  # so that a planted long day leaves the week within its limit
_FEWEST_WEEK_DAYS = 5


class Week(NamedTuple):
    """The part of one local week that the fleet covers. turn: number of this planting, to vary it."""

    midnights: tuple[int, ...]
    turn: int


@dataclass(frozen=True, slots=True)
class Book:
    """What is planned so far: drives and requests by vehicle number, and the answers already certain."""

    who: People
    drives: dict[int, list[Drive]] = field(default_factory=dict)
    requests: dict[int, list[Request]] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)

    def answer(self, rule: str, vehicle: Vehicle, driver: int, at: int, why: str, *, grade: str = "certain") -> None:
        """Note a finding of driving time: no band, an instant known to the second."""
        self.answers.append(
            Answer(
                rule=rule,
                grade=grade,
                vehicle=vehicle.plate,
                driver=None if driver == UNKNOWN_DRIVER else self.who.licences[driver],
                operator=self.who.operators[vehicle.operator]["id"],
                band=None,
                at_from=at,
                at_to=at,
                why=why,
            )
        )

    def add(self, vehicle: Vehicle, drives: Sequence[Drive], requests: Sequence[Request] = ()) -> None:
        self.drives.setdefault(vehicle.number, []).extend(drives)
        self.requests.setdefault(vehicle.number, []).extend(requests)


def crossing(drives: Sequence[Drive], limit_s: int) -> int:
    """The driving second with which the sum over drives first exceeds the limit."""
    left = limit_s
    for drive in drives:
        if drive.seconds > left:
            return drive.start + left
        left -= drive.seconds
    raise ValueError("the drives do not exceed the limit")


def _others(rng: np.random.Generator, vehicle: Vehicle, week: Week, taken: Sequence[int]) -> list[Drive]:
    """Short innocent days on the other days of the week."""
    drives: list[Drive] = []
    for midnight in week.midnights:
        if midnight not in taken:
            drives += workday(rng, vehicle, midnight, vehicle.driver, _SHORT_DAY_S)
    return drives


def _a_day(rng: np.random.Generator, week: Week) -> int:
    return week.midnights[int(rng.integers(len(week.midnights)))]


def _spells(rng: np.random.Generator, start: int, seconds: Sequence[int], driver: int) -> list[Drive]:
    """Drives of these lengths with clear breaks between them."""
    drives = []
    for length in seconds:
        drives.append(Drive(start, length, driver, pure=True))
        start += length + draw(rng, (1800, 3300))
    return drives


def continuous(book: Book, rng: np.random.Generator, vehicle: Vehicle, week: Week) -> None:
    """Over four hours: without a stop, with one too short to be a break, by one second, by an unknown driver."""
    midnight = _a_day(rng, week)
    start = midnight + draw(rng, (18_000, 27_000))
    driver = UNKNOWN_DRIVER if week.turn % 4 == 3 else vehicle.driver
    if week.turn % 4 == 1:
        short = legal_break_s(vehicle.model.business) * 9 // 10
        first, stop = draw(rng, (7200, 9600)), draw(rng, (100, short))
        second = CONTINUOUS_S - first + draw(rng, (300, 2400))
        block = [Drive(start, first, driver, pure=True), Drive(start + first + stop, second, driver, pure=True)]
        why = f"{first + second} s at the wheel with a stop of {stop} s"
    else:
        long = CONTINUOUS_S + (1 if week.turn % 4 == 2 else draw(rng, (600, 4000)))
        block = [Drive(start, long, driver, pure=True)]
        why = f"{long} s at the wheel without a stop"
    book.answer("continuous_driving", vehicle, driver, crossing(block, CONTINUOUS_S), why)
    later = Drive(block[-1].end + draw(rng, (3600, 5400)), draw(rng, (3000, 7000)), vehicle.driver)
    book.add(vehicle, [*block, later, *_others(rng, vehicle, week, [midnight])])


def possible(book: Book, rng: np.random.Generator, vehicle: Vehicle, week: Week) -> None:
    """Over four hours only if a silence counts as driving: a silence of break length, or a shorter one."""
    midnight = _a_day(rng, week)
    start = midnight + draw(rng, (18_000, 27_000))
    if week.turn % 2 == 0:
        before, silence, after = draw(rng, (6600, 9000)), draw(rng, (1080, 1560)), draw(rng, (6900, 8400))
    else:
        # Shorter than any break, so that the driving around it counts as one block in the certain reading too.
        silence = draw(rng, (220, 240)) if legal_break_s(vehicle.model.business) < 900 else draw(rng, (420, 780))
        before = draw(rng, (6600, 9000))
        after = CONTINUOUS_S - before - silence // 2
    total = before + silence + after
    drive = Drive(start, total, vehicle.driver, pure=True)
    why = f"{total} s at the wheel if a silence of about {silence} s counts as driving"
    book.answer("continuous_driving", vehicle, vehicle.driver, start + CONTINUOUS_S, why, grade="possible")
    request = Request("silence", start=start + before, seconds=silence)
    book.add(vehicle, [drive, *_others(rng, vehicle, week, [midnight])], [request])


def double_login(book: Book, rng: np.random.Generator, pair: tuple[Vehicle, Vehicle], week: Week) -> None:
    """One licence that drives two vehicles at once. The union stays below four hours."""
    a, b = pair
    midnight = _a_day(rng, week)
    start = midnight + draw(rng, (18_000, 25_000))
    own = Drive(start, draw(rng, (10_000, 13_000)), a.driver, pure=True)
    at_once = Drive(start + draw(rng, (1200, 3600)), draw(rng, (1500, 5400)), a.driver, pure=True)
    later_a = Drive(own.end + draw(rng, (3000, 5000)), draw(rng, (3000, 6000)), a.driver)
    later_b = Drive(at_once.end + draw(rng, (3000, 5000)), draw(rng, (3000, 9000)), b.driver)
    named = min(pair, key=lambda vehicle: vehicle.plate)
    why = f"one licence on {a.plate} and {b.plate} for {at_once.seconds} s"
    book.answer("double_login", named, a.driver, at_once.end, why)
    book.add(a, [own, later_a, *_others(rng, a, week, [midnight])])
    book.add(b, [at_once, later_b, *_others(rng, b, week, [midnight])])


def daily(book: Book, rng: np.random.Generator, vehicle: Vehicle, week: Week) -> None:
    """More than ten hours in a day, by much or by one second, with breaks that keep each drive short."""
    midnight = _a_day(rng, week)
    each = 9000 if week.turn % 3 == 1 else draw(rng, (9200, 10_200))
    last = each + 1 if each == 9000 else each
    drives = _spells(rng, midnight + draw(rng, (14_000, 20_000)), [each, each, each, last], vehicle.driver)
    why = f"{3 * each + last} s at the wheel in a day"
    book.answer("daily_driving", vehicle, vehicle.driver, crossing(drives, DAILY_S), why)
    book.add(vehicle, [*drives, *_others(rng, vehicle, week, [midnight])])


def weekly(book: Book, rng: np.random.Generator, vehicle: Vehicle, week: Week) -> None:
    """More than 48 hours in a week, no day above ten and no drive above four. Innocent where the week is too short."""
    days = week.midnights[:6]
    if len(days) < _FEWEST_WEEK_DAYS or date_of(day_of(days[0])) < WEEK_FROM:
        book.add(vehicle, _others(rng, vehicle, week, []))
        return
    total = WEEK_S + (draw(rng, (300, 2000)) if len(days) == _FEWEST_WEEK_DAYS else draw(rng, (300, 7000)))
    drives: list[Drive] = []
    for midnight in days:
        third = -(-total // (3 * len(days)))
        drives += _spells(rng, midnight + draw(rng, (16_000, 20_000)), [third] * 3, vehicle.driver)
    why = f"{sum(d.seconds for d in drives)} s at the wheel in a week"
    book.answer("weekly_driving", vehicle, vehicle.driver, crossing(drives, WEEK_S), why)
    book.add(vehicle, drives)


def look_alike(book: Book, rng: np.random.Generator, vehicle: Vehicle, week: Week) -> None:
    """At the limits and not over: four and ten hours exactly, the shortest legal break, a stop that is no driving."""
    legal = legal_break_s(vehicle.model.business)
    first_day = _a_day(rng, week)
    start = first_day + draw(rng, (16_000, 22_000))
    first = Drive(start, 7800, vehicle.driver, pure=True)
    second = Drive(first.end + legal, 7500, vehicle.driver, pure=True)
    third = Drive(second.end + draw(rng, (2400, 4200)), CONTINUOUS_S, vehicle.driver, pure=True)
    drives, taken = [first, second, third], [first_day]
    others = [midnight for midnight in week.midnights if midnight != first_day]
    if others:
        drives += _spells(rng, others[0] + draw(rng, (16_000, 22_000)), [DAILY_S // 3] * 3, vehicle.driver)
    if len(others) > 1:
        before = Drive(others[1] + draw(rng, (16_000, 22_000)), 7200, vehicle.driver, pure=True)
        drives += [before, Drive(before.end + 90, CONTINUOUS_S - 7260, vehicle.driver, pure=True)]
    taken += others[:2]
    requests = [Request("speeding_19s", 250), Request("under", 49), Request("crawl")]
    book.add(vehicle, [*drives, *_others(rng, vehicle, week, taken)], requests)


def silences(book: Book, rng: np.random.Generator, vehicle: Vehicle, week: Week) -> None:
    """Moving while nothing is sent: for long, for a few minutes, and moved while parked; one below the distance."""
    midnight = _a_day(rng, week)
    start = midnight + draw(rng, (18_000, 24_000))
    first = Drive(start, draw(rng, (8000, 10_000)), vehicle.driver)
    second = Drive(first.end + draw(rng, (4000, 6000)), draw(rng, (7000, 9000)), vehicle.driver)
    third = Drive(second.end + draw(rng, (4000, 6000)), draw(rng, (3000, 4000)), vehicle.driver)
    requests = [
        Request("silence", start=first.start + 2000, seconds=draw(rng, (1900, 3000))),
        Request("silence", start=second.start + 2500, seconds=draw(rng, (240, 840))),
        Request("late_start", start=third.start, seconds=draw(rng, (300, 600))),
        Request("crawl"),
    ]
    book.add(vehicle, [first, second, third, *_others(rng, vehicle, week, [midnight])], requests)


def speeder(book: Book, rng: np.random.Generator, vehicle: Vehicle, week: Week) -> None:
    """Speeding in every band, on the table and on signs, at the bands' edges every second time."""
    drives: list[Drive] = []
    for midnight in week.midnights:
        drives += workday(rng, vehicle, midnight, vehicle.driver, rest=len(week.midnights) > 1)
    if week.turn % 2 == 0:
        wanted = [(75, 8, 0), (150, 25, 0), (275, 40, 0), (410, 25, 0), (120, 15, -1), (150, 15, 1)]
    else:
        wanted = [(50, 0, 0), (99, 0, 0), (100, 0, 0), (200, 0, -1), (201, 0, 1), (350, 0, 0), (351, 0, 0), (75, 5, -1)]
    requests = [Request("speeding", excess, jitter, sign) for excess, jitter, sign in wanted]
    book.add(vehicle, drives, [*requests, Request("speeding_19s", 250), Request("under", 49)])
