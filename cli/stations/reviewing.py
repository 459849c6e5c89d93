"""Stored tracks and weighings of a day -> its reviews, stored; made anew where it changed, as by `station join`."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from cli.stations.joining import VEHICLES, join_day
from journey.localtime import DAY_S, day_start
from rules.law import Law
from rules.quality import figures_box
from rules.stations.day import Day, Review, Stopped, day_of_records
from rules.stations.reviews import reviews
from rules.stations.sightings import Sightings, seen_in, together
from storage.connections import outages
from storage.database import Connection, transaction
from storage.registry import registry_of, registry_version
from storage.stations.joins import state_of, vehicles_on
from storage.stations.reviews import claim_day, days_to_review, replace_reviews, waiting_days
from storage.stations.stops import stops_between
from storage.stations.weighings import weighings_of_period
from storage.tracks import load_fixes

_BEFORE_S, _AFTER_S = DAY_S, 3 * 3600  # of a track around the day: for driving before a rest, for clocks and silences
_LETTERS = 16  # of a hash, in a version


class Reviewed(NamedTuple):
    """days: made; left: found as they were."""

    days: int
    left: int


def review_days(
    connection: Connection, law: Law, first: int, stop: int, on_day: Callable[[int, int], None] = lambda done, of: None
) -> Reviewed:
    """Make the local days in [first, stop). One transaction a day: killed, those made stay made."""
    with transaction(connection):
        days = days_to_review(connection, first, stop)
    made = 0
    for number, day in enumerate(days):
        made += review_day(connection, day, law)
        on_day(number + 1, len(days))
    return Reviewed(made, len(days) - made)


def review_day(connection: Connection, day: int, law: Law, patient: bool = True) -> bool:
    """Make one day anew where it changed, as a transaction of its own; whether it was made.

    Args: patient: wait for another process that makes it, instead of leaving it to that one.
    """
    with transaction(connection):
        held = claim_day(connection, day, patient)
        # Read before the rows: a change that comes in between is a change of the next time.
        version = f"{state_of(connection, day)}.{registry_version(connection)}.{law.version}{_told(connection, day)}"
        if held is None or held == version:
            return False
        found = reviews(day_of_store(connection, day, law))
        replace_reviews(connection, day, [_row(one) for one in found], version)
        return True


def review_waiting(connection: Connection, law: Law, stop: int, most: int | None = None, patient: bool = True) -> int:
    """Make the days before `stop` that `check` left waiting, until so many are made; how many were.

    Their weighings are placed on the tracks too.
    """
    with transaction(connection):
        waiting = waiting_days(connection, stop)
        weighed = set(days_to_review(connection, min(waiting), max(waiting) + 1)) if waiting else set()
    made = 0
    for day in waiting:
        if most is not None and made >= most:
            break
        if day in weighed:
            join_day(connection, day, law)  # first: a day waits until its reviews are made
            made += review_day(connection, day, law, patient)
        else:
            with transaction(connection):
                claim_day(connection, day, patient)
    return made


def day_of_store(connection: Connection, day: int, law: Law) -> Day:
    """A local day as its reviews are made of it, inside the open transaction."""
    start, end = day_start(day), day_start(day + 1)
    margin = law.figure("clock_search")
    weighings = weighings_of_period(connection, start - margin, end + margin)
    tracked = sorted({*vehicles_on(connection, day), *(one.plate for one in weighings)})
    codes = {plate: code for code, plate in enumerate(tracked)}
    registry = registry_of(connection, tracked, None)
    parts: list[Sightings] = []
    renamed = []
    for at in range(0, max(len(tracked), 1), VEHICLES):
        windows = [(plate, start - _BEFORE_S, end + _AFTER_S) for plate in tracked[at : at + VEHICLES]]
        fixes = load_fixes(connection, windows)
        plates, seen = seen_in(fixes, registry.box or figures_box(law), registry.stations, law)
        parts.append(seen)
        renamed.append(np.array([codes[plate] for plate in plates], np.int64))
    return day_of_records(
        (start, end), tracked, registry.vehicles, registry.stations, weighings, together(parts, renamed),
        outages(connection, start - margin, end + margin), law, stops_on(connection, day),
    )  # fmt: skip


def stops_on(connection: Connection, day: int) -> list[Stopped]:
    """What stations reported of a local day and those beside it."""
    stops = stops_between(connection, day_start(day - 1), day_start(day + 2))
    return [Stopped(one.station, one.start, one.end) for one in stops]


def _told(connection: Connection, day: int) -> str:
    """What of a version the reported stops are; nothing where there are none, so that days made before stand."""
    stops = stops_on(connection, day)
    return "." + sha256(repr([tuple(one) for one in stops]).encode()).hexdigest()[:_LETTERS] if stops else ""


def _row(one: Review) -> dict[str, object]:
    said = one.as_dict()
    body = {name: said[name] for name in ("evidence", "reasons", "law")}
    return {"kind": one.kind, "station": one.station, "vehicle": one.vehicle, "at": one.at, "operator": one.operator,
            "excuse": one.excuse, "body": body}  # fmt: skip
