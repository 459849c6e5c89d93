"""Fixes go after the law's term, a whole part of the table at a time, once a backup holds them. Findings stay.

What a removed fix had to say, its activities, day sums, findings and lists, stays. Nothing may judge days anew of which
the fixes are gone: the findings would be withdrawn for want of them. So days are closed first, with a margin, since a
day is judged by what lies around it. Weighings placed on tracks, with the clocks of stations, are journeys too and go
with the fixes, by the local day; the weighings themselves stay.
"""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from psycopg import sql

from journey.localtime import DAY_S, day_of, day_start
from storage.database import Connection, scalar, transaction
from storage.errors import DropRefused
from storage.upkeep.backup import Manifest
from storage.upkeep.parts import Part, parts
from storage.upkeep.status import on_hypertables

MARGIN_DAYS = 31  # between what is dropped and what may still be judged
_TABLES = ("fix", "fix_copy")
_PLACED: tuple[LiteralString, ...] = ("weighing_place", "station_clock")

_WAITING = "SELECT count(*) FROM vehicle_day WHERE touched > checked AND day < %s"
_CLOSE = "UPDATE deployment SET closed_before = greatest(closed_before, %s)"
_FORGET = "DELETE FROM vehicle_day WHERE day < %s"
_LATEST = """
    SELECT count(*), coalesce(floor(extract(epoch FROM max(committed_at))), 0)::bigint
    FROM {part} p JOIN batch b ON b.id = p.batch_id
"""
_NOTE = """
    INSERT INTO dropped (name, time_from, time_to, rows, backup, backup_sha256)
    VALUES (%s, to_timestamp(%s::bigint), to_timestamp(%s::bigint), %s, %s, %s)
"""
_DROP_CHUNK = """
    SELECT drop_chunks(%s::regclass, older_than => to_timestamp(%s::bigint), newer_than => to_timestamp(%s::bigint))
"""
_DAYS: LiteralString = "SELECT count(*), min(day), max(day) FROM {table} WHERE day < %s::int"
_MADE = "SELECT coalesce(floor(extract(epoch FROM max(made_at))), 0)::bigint FROM station_clock WHERE day < %s::int"
_REMOVE: LiteralString = "DELETE FROM {table} WHERE day < %s::int"
_DROPPED = """
    SELECT DISTINCT backup FROM dropped
    WHERE name IN ('fix', 'fix_copy') AND time_from < to_timestamp(%s::bigint) AND time_to > to_timestamp(%s::bigint)
    ORDER BY backup
"""


class Drop(NamedTuple):
    table: str
    part: Part
    rows: int


def closed_before(connection: Connection) -> int:
    """The local day (number) from which on days may be judged anew."""
    return int(scalar(connection, "SELECT closed_before FROM deployment"))


def droppable(connection: Connection, horizon: int) -> list[tuple[str, Part]]:
    """The parts of the tables of fixes that lie wholly before an instant (s UTC)."""
    return [(table, part) for table in _TABLES for part in parts(connection, table) if part.end <= horizon]


def placed(connection: Connection, horizon: int) -> list[tuple[str, Part, int]]:
    """Weighings on tracks, and clocks, of the local days wholly before an instant (s UTC): what of each table goes."""
    found = []
    for table in _PLACED:
        row = connection.execute(_DAYS.replace("{table}", table), (day_of(horizon),)).fetchone()
        if row is not None and row[0]:
            found.append((table, Part(table, day_start(row[1]), day_start(row[2] + 1), False), int(row[0])))
    return found


def drop(connection: Connection, horizon: int, backup: str, manifest: Manifest) -> list[Drop]:
    """Close the days before an instant (s UTC) and a margin, and drop the parts of fixes wholly before it, and the
    weighings on tracks of the days before it.

    Args: backup: name of the file that holds them, already compared with its manifest. All in one transaction. Raises
    DropRefused where a day still waits to be judged, or a part holds what came after the backup; nothing is done then.
    """
    day = day_of(horizon)
    with transaction(connection):
        connection.execute("SET LOCAL statement_timeout = 0")
        # Whoever would touch a day waits, and then sees that it is closed.
        connection.execute("LOCK TABLE vehicle_day IN SHARE ROW EXCLUSIVE MODE")
        connection.execute(_CLOSE, (day + MARGIN_DAYS,))
        waiting = int(scalar(connection, _WAITING, (day + MARGIN_DAYS,)))
        if waiting:
            raise DropRefused(f"{waiting} vehicle-days that would be closed wait to be judged: run `hanhtrinh check`")
        done = []
        for table, part in droppable(connection, horizon):
            name = sql.SQL(part.name)
            found = connection.execute(sql.SQL(_LATEST).format(part=name)).fetchone()
            rows, latest = (0, 0) if found is None else found
            if latest >= manifest.made_at:
                raise DropRefused(f"{part.name} holds fixes that came after {backup} was made: make another backup")
            connection.execute(_NOTE, (table, part.start, part.end, rows, backup, manifest.sha256))
            _drop_part(connection, table, part)
            done.append(Drop(table, part, rows))
        first = max((one.part.end for one in done), default=None)
        done += _drop_placed(connection, horizon, backup, manifest)
        if first is not None:
            connection.execute(_FORGET, (day_of(first),))
    return done


def _drop_placed(connection: Connection, horizon: int, backup: str, manifest: Manifest) -> list[Drop]:
    """A day's rows are made together, and its clock says when: the backup has to be younger."""
    day = day_of(horizon)
    if int(scalar(connection, _MADE, (day,))) >= manifest.made_at:
        raise DropRefused(f"weighings were placed on tracks after {backup} was made: make another backup")
    done = []
    for table, part, rows in placed(connection, horizon):
        connection.execute(_NOTE, (table, part.start, part.end, rows, backup, manifest.sha256))
        connection.execute(_REMOVE.replace("{table}", table), (day,))
        done.append(Drop(table, part, rows))
    return done


def _drop_part(connection: Connection, table: str, part: Part) -> None:
    if not on_hypertables(connection):
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(part.name)))
        return
    connection.execute(_DROP_CHUNK, (table, part.end, part.start))


def backups_of(connection: Connection, start: int, end: int) -> list[str]:
    """Names of the backups that hold fixes of [start, end) s UTC which the store has no more."""
    return [name for (name,) in connection.execute(_DROPPED, (end, start))]


def horizon_of(now: int, days: int) -> int:
    """The instant before which fixes are older than so many days."""
    return now - days * DAY_S
