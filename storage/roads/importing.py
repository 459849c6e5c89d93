"""Roads of one dataset against what is stored of it: what changed ends and begins anew on a day, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from journey.registry import Road
from storage.database import Connection, scalar, transaction
from storage.errors import ImportRefused
from storage.roads.matches import settle
from storage.roads.rows import COLUMNS, road_row
from storage.roads.touched import reach_of, touch_roads

_STAGE: LiteralString = "CREATE TEMPORARY TABLE staged (LIKE road INCLUDING DEFAULTS) ON COMMIT DROP"
_COPY: LiteralString = "COPY staged (row, " + COLUMNS + ") FROM STDIN"
_CONTENT: LiteralString = """
    {0}.name, {0}.kind, {0}.urban, {0}.maxspeed, {0}.oneway, {0}.lanes, {0}.line, {0}.ref, {0}.road_class,
    {0}.maxspeed_forward, {0}.maxspeed_backward, {0}.maxspeed_hgv, {0}.maxspeed_hgv_forward, {0}.maxspeed_hgv_backward,
    {0}.source, {0}.assumed, {0}.tunnel, {0}.bridge, {0}.layer, {0}.conditional"""
_OLD, _NEW = _CONTENT.replace("{0}", "r"), _CONTENT.replace("{0}", "s")
_SAME: LiteralString = "(" + _OLD + ") IS NOT DISTINCT FROM (" + _NEW + ")"

_TAKEN = "SELECT s.id, r.dataset FROM staged s JOIN road r ON r.id = s.id WHERE r.dataset IS DISTINCT FROM %s LIMIT 1"
_TWICE = "SELECT id FROM staged GROUP BY id, valid_from HAVING count(*) > 1 ORDER BY id LIMIT 1"
_OVERLAP = """
    SELECT id, valid_from FROM (
        SELECT id, valid_from, lag(valid_to, 1) OVER w AS before, lag(id) OVER w AS same
        FROM staged WINDOW w AS (PARTITION BY id ORDER BY valid_from NULLS FIRST)) AS t
    WHERE same IS NOT NULL AND (before IS NULL OR valid_from IS NULL OR before >= valid_from) ORDER BY id LIMIT 1
"""
# What is to be done, by row of road (goes, ends) or of staged (comes). A road of which the file states days of its own
# is stated by the file as a whole; of another its open row is compared.
_PLAN: LiteralString = f"""
    CREATE TEMPORARY TABLE plan ON COMMIT DROP AS
    WITH dated AS (SELECT id FROM staged GROUP BY id HAVING bool_or(valid_from IS NOT NULL OR valid_to IS NOT NULL)),
    same AS (
        SELECT r.row, s.row AS staged FROM road r JOIN staged s ON s.id = r.id
        WHERE r.dataset = %(dataset)s AND {_SAME} AND CASE WHEN EXISTS (SELECT FROM dated d WHERE d.id = r.id)
                   THEN (r.valid_from, r.valid_to) IS NOT DISTINCT FROM (s.valid_from, s.valid_to)
                   ELSE r.valid_to IS NULL END),
    old AS (
        SELECT r.row, r.id, r.valid_from, EXISTS (SELECT FROM dated d WHERE d.id = r.id) AS dated
        FROM road r WHERE r.dataset = %(dataset)s AND r.row NOT IN (SELECT row FROM same)),
    going AS (
        SELECT row, id, CASE WHEN dated OR valid_from >= %(day)s::date THEN 'goes' ELSE 'ends' END AS what
        FROM old WHERE dated OR row IN (SELECT row FROM road WHERE dataset = %(dataset)s AND valid_to IS NULL))
    SELECT row, id, what FROM going
    UNION ALL
    SELECT s.row, s.id, 'comes' FROM staged s WHERE s.row NOT IN (SELECT staged FROM same)
"""  # noqa: S608
_COUNTS = """
    SELECT count(*) FILTER (WHERE comes AND NOT had), count(*) FILTER (WHERE comes AND had),
           count(*) FILTER (WHERE NOT comes), (SELECT count(DISTINCT id) FROM staged) - count(*) FILTER (WHERE comes)
    FROM (SELECT id, bool_or(what = 'comes') OR EXISTS (SELECT FROM staged s WHERE s.id = p.id) AS comes,
                 EXISTS (SELECT FROM road r WHERE r.id = p.id) AS had
          FROM plan p GROUP BY id) AS t
"""
_END = "UPDATE road r SET valid_to = %(day)s::date - 1 FROM plan p WHERE p.what = 'ends' AND r.row = p.row"
_GO = "DELETE FROM road r USING plan p WHERE p.what = 'goes' AND r.row = p.row"
_COME: LiteralString = f"""
    INSERT INTO road ({COLUMNS})
    SELECT id, name, kind, urban, maxspeed, oneway, lanes, line,
           CASE WHEN d.own THEN s.valid_from ELSE %(day)s::date END, valid_to, ref, road_class, maxspeed_forward,
           maxspeed_backward, maxspeed_hgv, maxspeed_hgv_forward, maxspeed_hgv_backward, source, %(dataset)s, assumed,
           tunnel, bridge, layer, conditional
    FROM staged s CROSS JOIN LATERAL (
        SELECT bool_or(o.valid_from IS NOT NULL OR o.valid_to IS NOT NULL) AS own FROM staged o WHERE o.id = s.id) AS d
    WHERE s.row IN (SELECT row FROM plan WHERE what = 'comes') ORDER BY s.row
"""  # noqa: S608
_RECORD = """
    INSERT INTO road_import (dataset, file, hash, valid_from, added, changed, ended, same)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
# The same roads in other bytes: from now on tiles of this file are those of the roads.
_RECORD_SAME = """
    INSERT INTO road_import (dataset, file, hash, valid_from, added, changed, ended, same)
    SELECT dataset, %(file)s, %(hash)s, valid_from, 0, 0, 0, %(same)s FROM road_import
    WHERE id = (SELECT max(id) FROM road_import WHERE dataset = %(dataset)s) AND hash <> %(hash)s
"""
_LOSS_SHARE = 0.1  # of a dataset's roads that may vanish at once unasked: a file cut short looks the same
_LOSS_FEW = 20


@dataclass(frozen=True, slots=True)
class RoadChanges:
    """Roads by what became of them, and how many vehicle-days wait for a new check because of it."""

    added: int
    changed: int
    ended: int
    same: int
    touched: int

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.ended)


def import_roads(
    connection: Connection,
    roads: Iterable[Road],
    dataset: str,
    file: str,
    file_hash: str,
    day: date | None,
    loss: bool = False,
    dry: bool = False,
    tiles: str | None = None,
) -> RoadChanges:
    """Take in the roads of a dataset, all or none, as a transaction of its own. Again with the same roads: no change.

    What is new or different begins on `day`, the row before it ends on the day before; so does what the roads no
    longer name. None: from always, which only the first import of a dataset can say. A road with days of its own has
    those, and is stated as a whole. Windows with fixes near what changed, from `day` on, are touched, and matches there
    are stale.

    Args: loss: more than a tenth may vanish. dry: tell what would change and change nothing. tiles: those in use that
        were made of this very file: what they answered is not stale. Raises: ImportRefused.
    """
    with transaction(connection):
        scalar(connection, "SELECT box FROM deployment FOR UPDATE")  # one change of the registry at a time
        _stage(connection, roads)
        _examine(connection, dataset, day)
        connection.execute(_PLAN, {"dataset": dataset, "day": day})
        added, changed, ended, same = connection.execute(_COUNTS).fetchone() or (0, 0, 0, 0)
        if added or changed or ended:
            _refuse_loss(connection, dataset, day, ended, loss)
        if not dry and not (added or changed or ended):
            connection.execute(_RECORD_SAME, {"dataset": dataset, "file": file, "hash": file_hash, "same": same})
            _settle(connection, tiles, file_hash)
        if dry or not (added or changed or ended):
            return RoadChanges(added, changed, ended, same, 0)
        own = scalar(connection, "SELECT EXISTS (SELECT FROM staged WHERE valid_from IS NOT NULL)")
        reach = reach_of(connection, None if own else day)
        for statement in (_END, _GO, _COME):
            connection.execute(statement, {"dataset": dataset, "day": day})
        touched = touch_roads(connection, reach, tiles)
        connection.execute(_RECORD, (dataset, file, file_hash, day, added, changed, ended, same))
        _settle(connection, tiles, file_hash)
        connection.execute("UPDATE deployment SET registry_version = registry_version + 1")
        return RoadChanges(added, changed, ended, same, touched)


def _settle(connection: Connection, tiles: str | None, file_hash: str) -> None:
    if tiles is not None:
        settle(connection, tiles, file_hash)


def _stage(connection: Connection, roads: Iterable[Road]) -> None:
    connection.execute(_STAGE)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for number, road in enumerate(roads):
            copy.write_row((number, *road_row(road)))
    connection.execute("CREATE INDEX ON staged (id)")
    connection.execute("ANALYZE staged")


def _examine(connection: Connection, dataset: str, day: date | None) -> None:
    if scalar(connection, "SELECT count(*) FROM staged") == 0:
        raise ImportRefused("holds no road that could be used; nothing was imported")
    if found := connection.execute(_TAKEN, (dataset,)).fetchone():
        owner = "reference data (hanhtrinh import)" if found[1] is None else f"the dataset {found[1]!r}"
        raise ImportRefused(f"road {found[0]!r} belongs to {owner}: give ids of its own, or --dataset {found[1]}")
    if found := connection.execute(_TWICE).fetchone():
        raise ImportRefused(f"road {found[0]!r} is there twice for the same days; give each an id of its own")
    if found := connection.execute(_OVERLAP).fetchone():
        raise ImportRefused(
            f"road {found[0]!r}: its row from {found[1]} begins before the one before it has ended; mend valid_to"
        )
    later = scalar(connection, "SELECT max(valid_from) FROM road_import WHERE dataset = %s", (dataset,))
    if day is not None and later is not None and day < later:
        raise ImportRefused(f"{dataset!r} stands as of {later}; state a --valid-from on that day or later")


def _refuse_loss(connection: Connection, dataset: str, day: date | None, ended: int, loss: bool) -> None:
    before = scalar(
        connection, "SELECT count(DISTINCT id) FROM road WHERE dataset = %s AND valid_to IS NULL", (dataset,)
    )
    if before and day is None and scalar(connection, _NEEDS_DAY):
        raise ImportRefused(
            f"it differs from what is stored of {dataset!r}: state from which day its state holds: --valid-from"
        )
    if ended > max(_LOSS_FEW, _LOSS_SHARE * before) and not loss:
        raise ImportRefused(
            f"{ended} of {before} roads of {dataset!r} are not in it; if they are gone indeed, add --allow-loss"
        )


_NEEDS_DAY = """
    SELECT EXISTS (SELECT FROM plan WHERE what = 'ends')
        OR EXISTS (SELECT FROM staged s JOIN plan p ON p.what = 'comes' AND p.row = s.row
                   WHERE NOT EXISTS (SELECT FROM staged o WHERE o.id = s.id
                                     AND (o.valid_from IS NOT NULL OR o.valid_to IS NOT NULL)))
"""
