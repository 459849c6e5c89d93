"""Windows of check: the vehicle-days whose findings have to be computed anew.

A commit touches the days that it changed; `take` hands waiting days to a worker (whose: storage.turns) and
`mark_checked` settles them. A day that is touched while a worker has it stays waiting. Ingest does not wait for what a
worker computes: what that locks is the row of the vehicle, which commits only refer to. Marking, which is the last that
a worker does in its transaction, and touching lock days and then queues, each in order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from journey.track import Int
from storage.database import Connection, scalar
from storage.names import driver_ids
from storage.turns import ALL, FEW_DAYS, Turn, choose

DAYS_MAX = 40  # of one vehicle in a round

# Days that are new get their rows first, so that the next statement finds every one: of one that inserts and updates,
# the triggers would lock the queues of the ones and then of the others, in no common order.
_ENTER = """
    INSERT INTO vehicle_day (vehicle_id, day, touched, fixes)
    SELECT vehicle_id, day, 0, fixes FROM unnest(%s::int[], %s::int[], %s::bool[]) AS t (vehicle_id, day, fixes)
    WHERE day >= (SELECT closed_before FROM deployment)
    ORDER BY vehicle_id, day ON CONFLICT DO NOTHING
"""
# The number is drawn where the row is locked already, so that later changes get higher numbers.
_TOUCH = """
    INSERT INTO vehicle_day (vehicle_id, day, touched, fixes)
    SELECT vehicle_id, day, nextval('touch'), fixes
    FROM unnest(%s::int[], %s::int[], %s::bool[]) AS t (vehicle_id, day, fixes)
    WHERE day >= (SELECT closed_before FROM deployment)
    ORDER BY vehicle_id, day
    ON CONFLICT (vehicle_id, day) DO UPDATE
    SET touched = nextval('touch'), fixes = vehicle_day.fixes OR EXCLUDED.fixes
"""
_TOUCH_AGAIN = """
    INSERT INTO vehicle_day (vehicle_id, day, touched)
    SELECT vehicle_id, day, touched FROM vehicle_day
    WHERE (%(all)s OR vehicle_id = ANY(%(vehicles)s::int[])) AND day >= (SELECT closed_before FROM deployment)
    ORDER BY vehicle_id, day
    ON CONFLICT (vehicle_id, day) DO UPDATE SET touched = nextval('touch')
"""
_TOUCH_DAYS = """
    INSERT INTO vehicle_day (vehicle_id, day, touched)
    SELECT vehicle_id, day, touched FROM vehicle_day
    WHERE (%(first)s::date IS NULL OR day >= %(first)s::date - date '1970-01-01')
    AND (%(last)s::date IS NULL OR day <= %(last)s::date - date '1970-01-01')
    AND day >= (SELECT closed_before FROM deployment)
    ORDER BY vehicle_id, day
    ON CONFLICT (vehicle_id, day) DO UPDATE SET touched = nextval('touch')
"""
# Of each vehicle the days in between; where it has none, the one before, if there is one after to which a step leads.
_TOUCH_OVER = """
    INSERT INTO vehicle_day (vehicle_id, day, touched)
    SELECT d.vehicle_id, d.day, d.touched
    FROM vehicle v CROSS JOIN LATERAL (
        SELECT * FROM vehicle_day WHERE vehicle_id = v.id AND day BETWEEN %(first)s AND %(last)s
        UNION ALL
        (SELECT * FROM vehicle_day WHERE vehicle_id = v.id AND day < %(first)s
         AND NOT EXISTS (SELECT FROM vehicle_day WHERE vehicle_id = v.id AND day BETWEEN %(first)s AND %(last)s)
         AND EXISTS (SELECT FROM vehicle_day WHERE vehicle_id = v.id AND day > %(last)s)
         ORDER BY day DESC LIMIT 1)) AS d
    WHERE d.day >= (SELECT closed_before FROM deployment)
    ORDER BY d.vehicle_id, d.day
    ON CONFLICT (vehicle_id, day) DO UPDATE SET touched = nextval('touch')
"""
_WAITING_OF = """
    SELECT d.vehicle_id, v.plate, d.day, d.touched, d.checked
    FROM vehicle_day d JOIN vehicle v ON v.id = d.vehicle_id
    WHERE d.vehicle_id = ANY(%s) AND d.touched > d.checked
    ORDER BY v.plate, d.day
"""
# Locked in the order in which commits touch, else both could wait for each other.
_MARK = """
    WITH taken AS (
        SELECT d.vehicle_id, d.day, t.touched
        FROM unnest(%s::int[], %s::int[], %s::bigint[]) AS t (vehicle_id, day, touched)
        JOIN vehicle_day d ON d.vehicle_id = t.vehicle_id AND d.day = t.day
        ORDER BY d.vehicle_id, d.day FOR UPDATE OF d)
    UPDATE vehicle_day d SET checked = taken.touched
    FROM taken WHERE d.vehicle_id = taken.vehicle_id AND d.day = taken.day AND d.checked < taken.touched
"""


class VehicleDays(NamedTuple):
    """Pairs of vehicle number and local day number, in order, each once."""

    vehicle_id: Int
    day: Int

    def joined(self, other: VehicleDays) -> VehicleDays:
        """The pairs of either."""
        return distinct_days(np.concatenate((self.vehicle_id, other.vehicle_id)), np.concatenate((self.day, other.day)))


NO_DAYS = VehicleDays(np.empty(0, np.int64), np.empty(0, np.int64))


class Window(NamedTuple):
    vehicle_id: int
    plate: str
    day: int  # local day number
    touched: int  # what mark_checked settles
    checked: int  # what was settled last, 0: never judged before


def distinct_days(vehicle_id: Int, day: Int) -> VehicleDays:
    """The different pairs of two columns."""
    if not len(day):
        return VehicleDays(vehicle_id, day)
    first = int(day.min())
    span = int(day.max()) - first + 1
    pairs = np.unique(vehicle_id * span + (day - first))
    return VehicleDays(pairs // span, pairs % span + first)


def touch(connection: Connection, with_fixes: VehicleDays, others: VehicleDays) -> None:
    """Make windows wait, inside the open transaction; those of days that are closed do not.

    Args: with_fixes: days of which fixes are stored. others: days of which other things are.
    """
    days = with_fixes.joined(others)
    if len(days.day):
        holds = set(zip(with_fixes.vehicle_id.tolist(), with_fixes.day.tolist(), strict=True))
        vehicles, numbers = days.vehicle_id.tolist(), days.day.tolist()
        fixes = [pair in holds for pair in zip(vehicles, numbers, strict=True)]
        for statement in (_ENTER, _TOUCH):
            connection.execute(statement, (vehicles, numbers, fixes))


def touch_again(connection: Connection, vehicles: Iterable[int] | None) -> int:
    """Make every window that vehicles (numbers; None: all) have wait, inside the open transaction; how many."""
    numbers = sorted(vehicles or ())
    return connection.execute(_TOUCH_AGAIN, {"all": vehicles is None, "vehicles": numbers}).rowcount


def touch_days(connection: Connection, first: date | None, last: date | None) -> int:
    """Make the windows of local days [first, last] (None: open) wait, inside the open transaction; how many."""
    return connection.execute(_TOUCH_DAYS, {"first": first, "last": last}).rowcount


def touch_over(connection: Connection, first: int, last: int) -> int:
    """Make windows wait that steps of tracks over local days [first, last] rest on, inside the open transaction.

    Those days themselves of every vehicle, and of one that has none of them the day before from which a step leads
    over them. Gives how many.
    """
    return connection.execute(_TOUCH_OVER, {"first": first, "last": last}).rowcount


def take(connection: Connection, limit: int, turn: Turn = ALL) -> list[Window]:
    """Waiting windows for this worker alone, until its transaction ends; none where all are taken or settled.

    About half of the `limit` is live: the newest day of a vehicle, with all that waits of it where that is little;
    the least lately judged first. The other half is late: of one vehicle at most DAYS_MAX days and half of the limit,
    the oldest first; who waits longest comes first. Where one half is empty the other has all. In each, operators
    (of the registration in force; vehicles without one are as one operator) have equal shares of days, so that
    nobody's backlog stands before the windows of others.

    Vehicles are added until there are `limit` windows or more. Load what the windows rest on after this call, in the
    same transaction (READ COMMITTED).
    """
    most = min(DAYS_MAX, max(1, limit // 2))
    while chosen := choose(connection, limit, most, turn):
        by_vehicle: defaultdict[int, list[Window]] = defaultdict(list)
        for one in (Window(*row) for row in connection.execute(_WAITING_OF, (list(chosen),))):
            by_vehicle[one.vehicle_id].append(one)
        # What another worker has settled between both statements is not waiting any more.
        windows = [one for vehicle, some in by_vehicle.items() for one in _share(some, chosen[vehicle], most)]
        if windows:
            return windows
    return []


def _share(windows: list[Window], lanes: Container[bool], most: int) -> list[Window]:
    """What a round takes of one vehicle's waiting windows, by day, as `shares` counted them."""
    late = windows[:most] if False in lanes else []
    live = windows[0 if len(windows) <= FEW_DAYS else -1 :] if True in lanes else []
    return sorted({*late, *live}, key=lambda one: one.day)


def last_touch(connection: Connection) -> int:
    """The number of the last touch so far, in the open transaction; commits under way may have some of them."""
    return int(scalar(connection, "SELECT last_value FROM touch"))


def lock_drivers(connection: Connection, licences: Iterable[str]) -> None:
    """Keep other workers from computing the windows of these drivers until the transaction ends; waits for them.

    Call it once a transaction, before the activities of the drivers are loaded: a driver's window spans vehicles,
    and of two workers on two vehicles of one driver the later has to see the activities of the earlier.
    """
    ids = driver_ids(connection, licences)
    if not ids:
        return
    statement = "SELECT FROM driver WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
    connection.execute(statement, (sorted(ids.values()),))


def mark_checked(connection: Connection, windows: Sequence[Window]) -> None:
    """Settle windows as they stood when taken, inside the open transaction."""
    if windows:
        columns = zip(*sorted((one.vehicle_id, one.day, one.touched) for one in windows), strict=True)
        connection.execute(_MARK, [list(column) for column in columns])


def waiting(connection: Connection) -> int:
    """How many windows wait, those that a worker has at the moment included."""
    with connection.transaction():
        return int(scalar(connection, "SELECT count(*) FROM vehicle_day WHERE touched > checked"))
