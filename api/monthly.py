"""Month roll-ups of the stored record, from its day sums, findings and weighings; no fix is read.

All inside the caller's transaction.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date, timedelta

from journey.localtime import day_of
from journey.model import Grade
from journey.registry import Registry
from rules.law import Law
from rules.months import COUNTED_RULES, bounds, stored_sums
from rules.procedure import again_window
from rules.rollups import RollUps, proposed_vehicles, roll_up
from rules.summaries import DaySum
from storage.cases import publishable
from storage.database import Connection
from storage.daysums import load_day_sums
from storage.findings import load_counted
from storage.weighings import weighings_of_period, weighings_of_vehicles


def roll_up_stored(
    connection: Connection, month: date, registry: Registry, law: Law, plates: Collection[str] | None = None,
    at: int | None = None,
) -> RollUps:  # fmt: skip
    """Roll-ups of one month: what `evaluate --rollup` gives of the same records, once all of them are judged.

    But for vehicles that are not registered: their tracks are not judged, so that no breach of theirs is counted.

    Args: month: its first day. plates: of these vehicles alone (operators then count these alone as proposed). at: s
    UTC; what may not be listed then, as its case keeps it back, is not counted; None: cases are not looked at.
    """
    start, end = bounds(month)
    first, stop = day_of(start), day_of(end)
    by_day = day_sums_of(connection, first, stop, plates)
    findings = [
        one for one in load_counted(connection, start, end, COUNTED_RULES, plates) if one.grade == Grade.CERTAIN
    ]
    if at is not None:
        allowed = publishable(connection, [one.id for one in findings], at)
        findings = [one for one in findings if one.id in allowed]
    if plates is None:
        weighings = weighings_of_period(connection, start, end)
    else:
        weighings = weighings_of_vehicles(connection, plates, start, end)
    return roll_up(stored_sums(by_day, findings, weighings, registry, law), registry.vehicles, law)


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
