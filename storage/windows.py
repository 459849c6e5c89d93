"""Windows of check: the vehicle-days whose findings have to be computed anew.

A commit touches the days that it changed; `take` hands waiting days to a worker and `mark_checked` settles them. A
day that is touched while a worker has it stays waiting. Ingest never waits for a worker: what a worker locks is the
row of the vehicle, which commits only refer to.
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

DAYS_MAX = 40  # of one vehicle in a round
_EVER = (1 << 63) - 1  # above every number of a touch
_FEW_DAYS = 7  # a vehicle of which no more wait is judged as a whole with its newest day

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
# Two lanes, live and late, advance evenly in days, and so do the operators within each; one may be in both lanes.
_CANDIDATES = """
    WITH waits AS MATERIALIZED (
        SELECT vehicle_id, count(*)::int AS days, max(day) AS last, min(touched) AS touched, max(checked) AS checked,
               max(touched) AS newest_touch
        FROM vehicle_day WHERE touched > checked GROUP BY vehicle_id),
    known AS MATERIALIZED (
        SELECT w.*, w.last = (SELECT max(day) FROM vehicle_day WHERE vehicle_id = w.vehicle_id) AS newest,
               (SELECT operator FROM registration WHERE vehicle_id = w.vehicle_id
                AND (valid_from IS NULL OR valid_from <= date '1970-01-01' + w.last)
                AND (valid_to IS NULL OR valid_to >= date '1970-01-01' + w.last)
                ORDER BY valid_from DESC NULLS LAST, row DESC LIMIT 1) AS operator
        FROM waits w),
    shares AS (
        SELECT vehicle_id, operator, true AS live, CASE WHEN days <= %(few)s THEN days ELSE 1 END AS days,
               checked AS since
        FROM known WHERE newest AND (newest_touch <= %(quiet)s OR NOT %(late)s AND checked < %(before)s)
        UNION ALL
        SELECT vehicle_id, operator, false, least(days, %(most)s), touched FROM known WHERE days > 1 OR NOT newest),
    turns AS (
        SELECT *, sum(days) OVER (PARTITION BY live, operator ORDER BY since, vehicle_id
                                  ROWS UNBOUNDED PRECEDING) AS turn FROM shares),
    places AS (
        SELECT *, sum(days) OVER (PARTITION BY live ORDER BY turn, since, vehicle_id
                                  ROWS UNBOUNDED PRECEDING) AS place FROM turns)
    SELECT v.id, p.live, p.days
    FROM places p JOIN vehicle v ON v.id = p.vehicle_id
    ORDER BY p.place, p.live
    FOR NO KEY UPDATE OF v SKIP LOCKED
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
        connection.execute(_TOUCH, (vehicles, numbers, fixes))


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


class Turn(NamedTuple):
    """Which live windows are given. Numbers are those of touches (`last_touch`).

    late: none but those beside late ones, and quiet ones. quiet: who was last touched no later than this is quiet, and
    always given. before: of the others those that were last judged for an earlier touch; none: all of them.
    """

    late: bool = False
    quiet: int = 0
    before: int = _EVER


ALL = Turn()


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
    while True:
        chosen: defaultdict[int, dict[bool, int]] = defaultdict(dict)
        days = 0
        # Rows are locked as they are fetched, so none is locked that is not taken.
        with connection.cursor(name="waiting") as cursor:
            cursor.execute(_CANDIDATES, {"few": _FEW_DAYS, "most": most, **turn._asdict()})
            while days < limit and (row := cursor.fetchone()) is not None:
                lanes = chosen[row[0]]
                days += max(0, row[2] - max(lanes.values(), default=0))  # both lanes may give the same windows
                lanes[row[1]] = row[2]
        if not chosen:
            return []
        by_vehicle: defaultdict[int, list[Window]] = defaultdict(list)
        for one in (Window(*row) for row in connection.execute(_WAITING_OF, (list(chosen),))):
            by_vehicle[one.vehicle_id].append(one)
        # What another worker has settled between both statements is not waiting any more.
        windows = [one for vehicle, some in by_vehicle.items() for one in _share(some, chosen[vehicle], most)]
        if windows:
            return windows


def _share(windows: list[Window], lanes: Container[bool], most: int) -> list[Window]:
    """What a round takes of one vehicle's waiting windows, by day, as `shares` counted them."""
    late = windows[:most] if False in lanes else []
    live = windows[0 if len(windows) <= _FEW_DAYS else -1 :] if True in lanes else []
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
