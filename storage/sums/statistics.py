"""Counts for state statistics, added up in the store: breaches, kilometres and silences by one property at a time."""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from storage.cases.reading import MAY_BE_LISTED
from storage.database import Connection
from storage.in_force import date_of_day, row_in_force

_LOCAL_DAY: LiteralString = "(floor((extract(epoch FROM {time}) + 25200) / 86400))::int"
_SILENT_DAY: LiteralString = _LOCAL_DAY.replace(
    "{time}", "least(a.end_time, to_timestamp(%(end)s::bigint)) - interval '1 second'"
)
# What things are counted by; {day} is the local day number of the thing.
_KEYS: dict[str, LiteralString] = {
    "all": "''",
    "kind": "coalesce(r.kind, '')",
    "province": "CASE WHEN v.plate ~ '^[0-9]{2}[A-Z]' THEN left(v.plate, 2) ELSE '' END",
    "day": "to_char(date '1970-01-01' + {day}, 'YYYY-MM-DD')",
    "month": "to_char(date '1970-01-01' + {day}, 'YYYY-MM')",
    # The name where the road has one: a long road lies in many pieces.
    "road": """coalesce((SELECT min(coalesce(name, id)) FROM road WHERE id = f.body->'detail'->'segments'->>0),
                        f.body->'detail'->'segments'->>0, '')""",
}
_BREACHES: LiteralString = """
    SELECT {key}, f.rule, count(*), count(DISTINCT f.vehicle_id),
           coalesce(sum(round((f.body->'detail'->>'distance_m')::numeric * 1000)) FILTER (WHERE f.rule = 'speeding'), 0)
               ::bigint
    FROM finding f JOIN vehicle v ON v.id = f.vehicle_id LEFT JOIN finding_case c ON c.finding = f.id
    LEFT JOIN LATERAL ({row}) AS r ON true
    WHERE f.withdrawn_at IS NULL AND f.day >= %(first)s AND f.day < %(stop)s AND {listed}
    GROUP BY GROUPING SETS ((1, 2), (1))
""".replace("{row}", row_in_force("f.vehicle_id", date_of_day("f.day"), "kind")).replace("{listed}", MAY_BE_LISTED)
_DRIVEN: LiteralString = """
    SELECT {key}, sum(round(s.driving_m::numeric * 1000))::bigint, sum(s.fixes)::bigint,
           count(DISTINCT s.vehicle_id) FILTER (WHERE s.fixes > 0)
    FROM day_summary s JOIN vehicle v ON v.id = s.vehicle_id
    LEFT JOIN LATERAL ({row}) AS r ON true
    WHERE s.day >= %(first)s AND s.day < %(stop)s
    GROUP BY 1
""".replace("{row}", row_in_force("s.vehicle_id", date_of_day("s.day"), "kind"))
_SILENCES: LiteralString = """
    SELECT {key}, count(*), sum(extract(epoch FROM least(a.end_time, to_timestamp(%(end)s::bigint))
                                             - greatest(a.start_time, to_timestamp(%(start)s::bigint))))::bigint
    FROM activity a JOIN vehicle v ON v.id = a.vehicle_id
    LEFT JOIN LATERAL ({row}) AS r ON true
    WHERE a.kind = 2 AND a.end_time > to_timestamp(%(start)s::bigint) AND a.start_time < to_timestamp(%(end)s::bigint)
    AND a.end_time - a.start_time >= make_interval(secs => %(least)s::int)
    GROUP BY 1
""".replace("{row}", row_in_force("a.vehicle_id", date_of_day(_SILENT_DAY), "kind"))


_LEFT_OUT: LiteralString = """
    SELECT count(*) FILTER (WHERE grade = 'certain' AND NOT listed),
           count(*) FILTER (WHERE grade <> 'certain' AND listed)
    FROM (SELECT f.grade, coalesce({listed}, false) AS listed
          FROM finding f LEFT JOIN finding_case c ON c.finding = f.id
          WHERE f.withdrawn_at IS NULL AND f.day >= %(first)s AND f.day < %(stop)s) AS found
""".replace("{listed}", MAY_BE_LISTED)


class LeftOut(NamedTuple):
    """held: certain findings that their cases keep from every list, so that they are not counted; confirmed: possible
    ones that a person confirmed, and that are."""

    held: int
    confirmed: int


class Breaches(NamedTuple):
    """Current findings of one key that may be listed. rule None: of all rules. over_mm: length of the runs over the
    limit."""

    key: str
    rule: str | None
    number: int
    vehicles: int
    over_mm: int


class Driven(NamedTuple):
    """What was driven, and how many vehicles sent anything."""

    key: str
    driven_mm: int
    fixes: int
    vehicles: int


class Silences(NamedTuple):
    """Times of unknown activity, cut at the period's borders, by the last day of what is left."""

    key: str
    number: int
    seconds: int


def breaches(connection: Connection, by: str, first: int, stop: int, at: int) -> list[Breaches]:
    """Of local days [first, stop) by all, kind, province (plate code), day, month or road (the run's first).

    Args: at: s UTC, the moment for which storage.cases.reading says what may be listed.
    """
    statement = _BREACHES.replace("{key}", _KEYS[by].replace("{day}", "f.day"))
    return [Breaches(*row) for row in connection.execute(statement, _asked(first, stop, at))]


def left_out(connection: Connection, first: int, stop: int, at: int) -> LeftOut:
    """What the breaches of local days [first, stop) leave out, and what they hold beside certain findings."""
    (row,) = connection.execute(_LEFT_OUT, _asked(first, stop, at))
    return LeftOut(*row)


def _asked(first: int, stop: int, at: int) -> dict[str, object]:
    return {"first": first, "stop": stop, "now": at, "unheard": True}


def driven(connection: Connection, by: str, first: int, stop: int) -> list[Driven]:
    """Of local days [first, stop) by all, kind, province, day or month."""
    statement = _DRIVEN.replace("{key}", _KEYS[by].replace("{day}", "s.day"))
    return [Driven(*row) for row in connection.execute(statement, {"first": first, "stop": stop})]


def silences(connection: Connection, by: str, start: int, end: int, least_s: int) -> list[Silences]:
    """Times of unknown activity of at least `least_s` that reach into [start, end) s UTC; by as `driven`."""
    statement = _SILENCES.replace("{key}", _KEYS[by].replace("{day}", _SILENT_DAY))
    return [Silences(*row) for row in connection.execute(statement, {"start": start, "end": end, "least": least_s})]
