"""Whose turn it is: the vehicles of which a round of check takes windows.

Two lanes, live and late, advance evenly in days, and so do the operators within each; a vehicle may be in both lanes.
The table vehicle_queue says of each vehicle what of it waits; triggers of vehicle_day keep it so, and nothing else
writes it. A round reads so many at the head of each operator's queue as may get their turn, by index, and reads
further where these do not fill it: what it costs grows with operators and with what it takes, not with what waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from storage.database import Connection

FEW_DAYS = 7  # a vehicle of which no more wait is judged as a whole with its newest day
_EVER = (1 << 63) - 1  # above every number of a touch
_FURTHER = 4  # times as far a round reads where it was not filled

# Of an operator of whom only the head was read, nothing is known behind the turn of the last one: a lane is known up to
# the least such turn, and what is given is known up to where the first lane ends.
_CANDIDATES = """
    WITH RECURSIVE live_names AS (
        (SELECT operator FROM vehicle_queue WHERE live AND NOT %(late)s ORDER BY operator LIMIT 1)
        UNION ALL
        SELECT (SELECT operator FROM vehicle_queue WHERE live AND operator > n.operator ORDER BY operator LIMIT 1)
        FROM live_names n WHERE n.operator IS NOT NULL),
    late_names AS (
        (SELECT operator FROM vehicle_queue WHERE late ORDER BY operator LIMIT 1)
        UNION ALL
        SELECT (SELECT operator FROM vehicle_queue WHERE late AND operator > n.operator ORDER BY operator LIMIT 1)
        FROM late_names n WHERE n.operator IS NOT NULL),
    head AS MATERIALIZED (
        SELECT %(reach)s * (1 + %(limit)s / greatest(1, (SELECT count(operator) FROM live_names))) AS live,
               %(reach)s * (1 + %(limit)s / greatest(1, (SELECT count(operator) FROM late_names))) AS late),
    heads AS (
        SELECT true AS live, q.vehicle_id, q.operator, CASE WHEN q.days <= %(few)s THEN q.days ELSE 1 END AS days,
               q.checked AS since, q.rank = (SELECT live FROM head) AS ends
        FROM live_names n CROSS JOIN LATERAL (
            SELECT *, row_number() OVER (ORDER BY checked, vehicle_id) AS rank FROM vehicle_queue
            WHERE live AND operator = n.operator AND checked < %(before)s
            ORDER BY checked, vehicle_id LIMIT (SELECT live FROM head)) q
        UNION ALL
        SELECT true, q.vehicle_id, q.operator, CASE WHEN q.days <= %(few)s THEN q.days ELSE 1 END, q.checked,
               q.rank = (SELECT live FROM head)
        FROM (SELECT *, row_number() OVER (PARTITION BY operator ORDER BY checked, vehicle_id) AS rank
              FROM vehicle_queue WHERE live AND last_touch <= %(quiet)s AND (%(late)s OR checked >= %(before)s)) q
        WHERE q.rank <= (SELECT live FROM head)
        UNION ALL
        SELECT false, q.vehicle_id, q.operator, least(q.days, %(most)s), q.first_touch, q.rank = (SELECT late FROM head)
        FROM late_names n CROSS JOIN LATERAL (
            SELECT *, row_number() OVER (ORDER BY first_touch, vehicle_id) AS rank FROM vehicle_queue
            WHERE late AND operator = n.operator
            ORDER BY first_touch, vehicle_id LIMIT (SELECT late FROM head)) q),
    turns AS (
        SELECT *, sum(days) OVER (PARTITION BY live, operator ORDER BY since, vehicle_id
                                  ROWS UNBOUNDED PRECEDING) AS turn FROM heads),
    places AS MATERIALIZED (
        SELECT *, sum(days) OVER (PARTITION BY live ORDER BY turn, since, vehicle_id
                                  ROWS UNBOUNDED PRECEDING) AS place FROM turns),
    known AS (
        SELECT min(place) AS place FROM (
            SELECT max(p.place) AS place
            FROM places p JOIN (SELECT live, min(turn) AS turn FROM turns WHERE ends GROUP BY live) c ON c.live = p.live
            WHERE p.turn <= c.turn GROUP BY p.live) lane)
    SELECT p.vehicle_id, p.live, p.days, k.place IS NOT NULL AS more
    FROM places p CROSS JOIN known k
    WHERE k.place IS NULL OR p.place <= k.place
    ORDER BY p.place, p.live
"""
_LOCK = "SELECT id FROM vehicle WHERE id = ANY(%s::int[]) FOR NO KEY UPDATE SKIP LOCKED"


class Turn(NamedTuple):
    """Which live windows are given. Numbers are those of touches (`storage.windows.last_touch`).

    late: none but those beside late ones, and quiet ones. quiet: who was last touched no later than this is quiet, and
    always given. before: of the others those that were last judged for an earlier touch; none: all of them.
    """

    late: bool = False
    quiet: int = 0
    before: int = _EVER


ALL = Turn()


class Candidate(NamedTuple):
    vehicle_id: int
    live: bool  # the lane
    days: int  # that it takes of the lane
    more: bool  # whether vehicles wait that were not read


def choose(connection: Connection, limit: int, most: int, turn: Turn) -> Mapping[int, Mapping[bool, int]]:
    """Lock vehicles that wait until `limit` of their days are had, or all are; what each takes of which lane (live?).

    Args: most: days of one vehicle in the late lane. Vehicles that others have locked are passed over.
    """
    asked = {"limit": limit, "most": most, "few": FEW_DAYS, **turn._asdict()}
    reach = 1
    while True:
        rows = [Candidate(*row) for row in connection.execute(_CANDIDATES, {**asked, "reach": reach})]
        chosen, days = _locked(connection, rows, limit)
        if days >= limit or not rows or not rows[0].more:
            return chosen
        reach *= _FURTHER


def _locked(connection: Connection, rows: Sequence[Candidate], limit: int) -> tuple[dict[int, dict[bool, int]], int]:
    """Of candidates, in their order, those that nobody else has, and how many days; none is locked in vain."""
    chosen: defaultdict[int, dict[bool, int]] = defaultdict(dict)
    had: dict[int, int] = {}  # days by vehicle: both lanes may give the same windows
    place = 0
    while (days := sum(had.values())) < limit and place < len(rows):
        first, hoped = place, dict(had)
        while days < limit and place < len(rows):
            vehicle, one = rows[place].vehicle_id, rows[place].days
            days += max(0, one - hoped.get(vehicle, 0))
            hoped[vehicle] = max(one, hoped.get(vehicle, 0))
            place += 1
        wanted = rows[first:place]
        free = {id_ for (id_,) in connection.execute(_LOCK, ([one.vehicle_id for one in wanted],))}
        for candidate in wanted:
            if candidate.vehicle_id in free:
                chosen[candidate.vehicle_id][candidate.live] = candidate.days
                had[candidate.vehicle_id] = max(candidate.days, had.get(candidate.vehicle_id, 0))
    return chosen, days
