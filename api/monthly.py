"""Month roll-ups of the stored record, from its day sums, findings and weighings; no fix is read.

All inside the caller's transaction.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from journey.localtime import month_number
from journey.model import Grade
from journey.registry import Registry
from rules.checks.overload import record_of
from rules.law import Law
from rules.months import (
    BREACH,
    COUNTED_RULES,
    OVERLOADS,
    MonthSum,
    VehicleMonth,
    bounds,
    breach_from,
    count_overloads,
    countable,
)
from rules.procedure import again_window
from rules.rollups import RollUps, proposed_vehicles, roll_up
from rules.summaries import DaySum
from storage.cases.reading import publishable
from storage.database import Connection
from storage.names import known_vehicles
from storage.stations.weighings import weighings_of_vehicles
from storage.sums.counted import counted_rows, load_counted
from storage.sums.daysums import load_day_sums
from storage.sums.month_counts import MonthCount, Wanted, month_counts


def roll_up_stored(
    connection: Connection, month: date, registry: Registry, law: Law, plates: Collection[str] | None = None,
    at: int | None = None,
) -> RollUps:  # fmt: skip
    """Roll-ups of one month: what `evaluate --rollup` gives of the same records, once all of them are judged.

    But for vehicles that are not registered: their tracks are not judged, so that no breach of theirs is counted.

    Args: month: its first day. plates: of these vehicles alone (operators then count these alone as proposed). at: s
    UTC; what may not be listed then, as its case keeps it back, is not counted; None: cases are not looked at.
    """
    known = None if plates is None else {number: plate for plate, number in known_vehicles(connection, plates).items()}
    counts = month_counts(connection, counted(month, law, at), known)
    return roll_up_counts(connection, month, counts, registry, law, at)


def counted(month: date, law: Law, at: int | None) -> Wanted:
    """What a month's roll-up rests on. at: as in roll_up_stored."""
    start, end = bounds(month)
    return Wanted(month_number(month), start, end, BREACH, breach_from(month, law), OVERLOADS, at)


def roll_up_counts(
    connection: Connection, month: date, counts: Sequence[MonthCount], registry: Registry, law: Law, at: int | None
) -> RollUps:
    """The roll-ups of counts. registry: its vehicles, and where overloads were found its stations and permits."""
    sums = {(one.plate, month): MonthSum(one.fixes, one.driven_mm, one.known_s, one.breaches) for one in counts}
    for key, number in _weighings(connection, month, counts, registry, law, at).items():
        sums[key].weighings = number
    return roll_up(sums, registry.vehicles, law)


def _weighings(
    connection: Connection, month: date, counts: Sequence[MonthCount], registry: Registry, law: Law, at: int | None
) -> Counter[VehicleMonth]:
    """Overloads that count towards the badge. They are few, and rest on the weighings as they were sent."""
    findings = counted_rows(connection, [row for one in counts for row in one.overloads])
    if not findings:
        return Counter()
    if at is not None:
        allowed = publishable(connection, [one.id for one in findings], at)
        findings = [one for one in findings if one.id in allowed]
    plates = sorted({one.vehicle for one in findings})
    if not plates:
        return Counter()
    weighings = countable(weighings_of_vehicles(connection, plates, *bounds(month)), registry)
    records = {(one.plate, record_of(one)) for one in weighings}
    return count_overloads([one for one in findings if (one.vehicle, one.detail.get("record")) in records], law)


def day_sums_of(
    connection: Connection, first: int, stop: int, plates: Collection[str] | None = None
) -> dict[tuple[str, int], DaySum]:
    """Stored sums of local days [first, stop) by plate and day; which flags fixes had is left out."""
    return {
        (one.plate, one.day): DaySum(
            one.fixes, one.usable, {}, one.driving_s, one.standing_s, one.unknown_s, one.driving_m
        )
        for one in load_day_sums(connection, first, stop, plates)
    }


def held_back(connection: Connection, month: date, at: int, plates: Collection[str] | None = None) -> Counter[str]:
    """Certain findings of a month, of the kinds that roll-ups count, that their cases keep back at `at`, by plate."""
    found = load_counted(connection, *bounds(month), COUNTED_RULES, plates)
    counted = [one for one in found if one.grade == Grade.CERTAIN]
    allowed = publishable(connection, [one.id for one in counted], at)
    return Counter(one.vehicle for one in counted if one.id not in allowed)


def earlier_proposals(
    connection: Connection, month: date, plates: Collection[str], registry: Registry, law: Law, at: int | None = None
) -> dict[str, list[date]]:
    """Of vehicles proposed for a month, the months before it for which the store proposes them too, oldest first.

    As many months back as the law counts two revocations together; a month is left out where a decision on it could
    have been signed only before the law counted. at: as in roll_up_stored.
    """
    found: defaultdict[str, list[date]] = defaultdict(list)
    months = again_window(law, month) if plates else 0
    earlier = month
    for _ in range(months):
        earlier = (earlier - timedelta(days=1)).replace(day=1)
        signed_from = earlier + timedelta(days=monthrange(earlier.year, earlier.month)[1])
        if again_window(law, signed_from):
            for plate in proposed_vehicles(roll_up_stored(connection, earlier, registry, law, plates, at)):
                found[plate].insert(0, earlier)
    return dict(found)
