"""What a round of check is to take, found by looking at every window that waits: the oracle of storage.turns."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from storage.database import Connection
from storage.turns import FEW_DAYS, Turn

CANDIDATES = """
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


def choose_of_all(connection: Connection, limit: int, most: int, turn: Turn) -> dict[int, dict[bool, int]]:
    """As storage.turns.choose."""
    chosen: defaultdict[int, dict[bool, int]] = defaultdict(dict)
    days = 0
    # Rows are locked as they are fetched, so none is locked that is not taken.
    with connection.cursor(name="waiting") as cursor:
        cursor.execute(CANDIDATES, {"few": FEW_DAYS, "most": most, **turn._asdict()})
        while days < limit and (row := cursor.fetchone()) is not None:
            lanes = chosen[row[0]]
            days += max(0, row[2] - max(lanes.values(), default=0))
            lanes[row[1]] = row[2]
    return chosen


def queue_of_all(connection: Connection) -> dict[int, tuple[Any, ...]]:
    """By vehicle what vehicle_queue is to say, of those of whom something waits."""
    days = defaultdict(list)
    for vehicle, *row in connection.execute("SELECT vehicle_id, day, touched, checked FROM vehicle_day"):
        days[vehicle].append(row)
    rows = defaultdict(list)
    for vehicle, *row in connection.execute(
        "SELECT vehicle_id, operator, valid_from, valid_to FROM registration ORDER BY valid_from NULLS FIRST, row"
    ):
        rows[vehicle].append(row)
    queue = {}
    for vehicle, every in days.items():
        waits = [row for row in every if row[1] > row[2]]
        if waits:
            last, newest = max(row[0] for row in waits), max(row[0] for row in every)
            on = date(1970, 1, 1) + timedelta(last)
            operator = ["", *(row[0] for row in rows[vehicle] if (row[1] or on) <= on <= (row[2] or on))][-1]
            touched = [row[1] for row in waits]
            queue[vehicle] = (len(waits), last == newest, len(waits) > 1 or last < newest, operator, min(touched),
                              max(touched), max(row[2] for row in waits))  # fmt: skip
    return queue


def queue_kept(connection: Connection) -> dict[int, tuple[Any, ...]]:
    """By vehicle what vehicle_queue says."""
    rows = connection.execute(
        "SELECT vehicle_id, days, live, late, operator, first_touch, last_touch, checked FROM vehicle_queue "
        "WHERE days > 0"
    )
    return {row[0]: row[1:] for row in rows}
