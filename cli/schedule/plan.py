"""What is due when: pure, from the settings, the moment, and what was done already.

Weeks and months that were missed are all due, oldest first. Of daily jobs only the last day is: what they do holds for
all days before. What a proof of yesterday would have said nobody can say today: of proofs there is today's, or none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from cli.schedule.settings import Schedule
from journey.localtime import DAY_S, ZONE, date_of, day_of, name_week, parse_week
from storage.jobs import DONE, Run

PUBLISH, AMEND, PROPOSALS, KEEP, PROVE = "publish", "amend", "proposals", "keep", "prove"


class Slot(NamedTuple):
    """What is to be done. at: the instant it was due, s UTC; tried: when it may be tried, after a failure."""

    at: int
    job: str
    name: str
    tried: float


def due(schedule: Schedule, grace_days: int, now: float, runs: Mapping[tuple[str, str], Run]) -> list[Slot]:
    """Slots that may be run now, the upkeep of a day first, else in the order in which they fell due."""
    return [one for one in open_slots(schedule, grace_days, now, runs) if one.tried <= now]


def open_slots(schedule: Schedule, grace_days: int, now: float, runs: Mapping[tuple[str, str], Run]) -> list[Slot]:
    """Slots that have fallen due and are not done."""
    today, found = date_of(day_of(int(now))), []
    if schedule.keep is not None:
        found.append((KEEP, *_last_day(schedule.keep.at, today, now)))
    if schedule.prove is not None and _instant(today, schedule.prove.at) <= now:
        found.append((PROVE, *_last_day(schedule.prove.at, today, now)))
    if schedule.publish is not None:
        found += [(PUBLISH, *each) for each in _weeks(schedule.since, schedule.publish.at, grace_days, now)]
    if schedule.amend is not None:
        found.append((AMEND, *_last_day(schedule.amend.at, today, now)))
    if schedule.proposals is not None:
        found += [(PROPOSALS, *each)
                  for each in _months(schedule.since, schedule.proposals.day, schedule.proposals.at, now)]  # fmt: skip
    slots = []
    for job, name, at in found:
        run = runs.get((job, name))
        if run is None:
            slots.append(Slot(at, job, name, at))
        elif run.outcome != DONE:
            slots.append(Slot(at, job, name, run.ended_at + schedule.retry_s))
    return sorted(slots, key=lambda one: (one.job != KEEP, one.at))


def _weeks(since: str, at: time, grace_days: int, now: float) -> list[tuple[str, int]]:
    weeks: list[tuple[str, int]] = []
    start = parse_week(since)[0]
    while True:
        end = start + 7 * DAY_S
        moment = _instant(date_of(day_of(end) + grace_days), at)
        if moment > now:
            return weeks
        weeks.append((name_week(start), moment))
        start = end


def _months(since: str, day: int, at: time, now: float) -> list[tuple[str, int]]:
    months: list[tuple[str, int]] = []
    first = date_of(day_of(parse_week(since)[0])).replace(day=1)
    while True:
        following = (first + timedelta(days=31)).replace(day=1)
        moment = _instant(following.replace(day=day), at)
        if moment > now:
            return months
        months.append((f"{first:%Y-%m}", moment))
        first = following


def _last_day(at: time, today: date, now: float) -> tuple[str, int]:
    day = today if _instant(today, at) <= now else today - timedelta(days=1)
    return day.isoformat(), _instant(day, at)


def _instant(day: date, at: time) -> int:
    return int(datetime.combine(day, at, ZONE).timestamp())
