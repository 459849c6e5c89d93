"""Weighings, notices and rejections into the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np

from journey.localtime import day_of
from journey.model import Notice, Rejection, Weighing
from storage.database import Connection
from storage.names import clean, vehicle_ids
from storage.windows import VehicleDays, distinct_days
from storage.wire import storable_time

_WEIGHINGS = """
    INSERT INTO weighing (hash, station, lane, "time", vehicle_id, trailer, axle_kg, spacing_mm, gross_kg, persons,
                          containers, ticket, batch_id)
    SELECT decode(hash, 'hex'), station, lane, to_timestamp("time"), vehicle_id, trailer, axle_kg, spacing_mm,
           gross_kg, persons, containers, ticket, %s
    FROM jsonb_to_recordset(%s::jsonb) AS w (hash text, station text, lane bigint, "time" bigint, vehicle_id int,
        trailer text, axle_kg bigint[], spacing_mm bigint[], gross_kg bigint, persons bigint, containers bigint,
        ticket text)
    ORDER BY hash
    ON CONFLICT (hash) DO NOTHING
    RETURNING vehicle_id, extract(epoch FROM "time")::bigint
"""
_NOTICES = """
    INSERT INTO notice (kind, subject, body, source, received, batch_id)
    SELECT kind, subject, body, %s, to_timestamp(%s::bigint), %s
    FROM unnest(%s::text[], %s::text[], %s::jsonb[]) AS n (kind, subject, body)
"""
_REJECTIONS = """
    INSERT INTO rejection (source, place, reason, detail, payload, received, batch_id)
    SELECT source, place, reason, detail, payload, to_timestamp(received), %s
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::bigint[])
        AS r (source, place, reason, detail, payload, received)
"""


class StoredWeighings(NamedTuple):
    inserted: int  # not known before
    changed: VehicleDays


def store_weighings(connection: Connection, weighings: Sequence[Weighing], batch_id: int) -> StoredWeighings:
    """Store weighings inside the open transaction; one that is equal in every field is stored once.

    Raises ValueError for a time that cannot be stored.
    """
    for one in weighings:
        if not storable_time(one.time):
            raise ValueError(
                f"time {one.time} of a weighing at {one.station} cannot be stored: the years 1 to 9999 can"
            )
    ids = vehicle_ids(connection, {one.plate for one in weighings}) if weighings else {}
    rows = [_row(one, ids) for one in weighings]
    added = connection.execute(_WEIGHINGS, (batch_id, json.dumps(rows))).fetchall() if rows else []
    vehicle, time = (np.array([row[place] for row in added], np.int64) for place in (0, 1))
    return StoredWeighings(len(added), distinct_days(vehicle, day_of(time)))


def _row(weighing: Weighing, ids: dict[str, int]) -> dict[str, Any]:
    sent = asdict(weighing)
    digest = sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
    texts = {name: clean(value) for name, value in sent.items() if isinstance(value, str)}
    return {**sent, **texts, "hash": digest, "vehicle_id": ids[weighing.plate]}


def store_notices(
    connection: Connection, notices: Sequence[Notice], source: str, received: int | None, batch_id: int
) -> None:
    """Store notices inside the open transaction. `received`: s UTC."""
    if not notices:
        return
    kinds, subjects = [one.kind for one in notices], [clean(one.subject) for one in notices]
    bodies = [json.dumps(_cleaned(one.body), ensure_ascii=False, allow_nan=False) for one in notices]
    connection.execute(_NOTICES, (source, received, batch_id, kinds, subjects, bodies))


def _cleaned(value: Any) -> Any:
    """JSON as jsonb can hold it."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): _cleaned(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    return value


def store_rejections(connection: Connection, rejections: Sequence[Rejection], batch_id: int) -> None:
    """Store rejections inside the open transaction."""
    if not rejections:
        return
    columns = zip(
        *(
            (
                clean(one.source),
                clean(one.where),
                str(one.reason),
                clean(one.detail),
                one.payload,
                # A rejection is the last place that anything can go: nothing in it may keep it out.
                one.received if one.received is not None and storable_time(one.received) else None,
            )
            for one in rejections
        ),
        strict=True,
    )
    connection.execute(_REJECTIONS, (batch_id, *(list(column) for column in columns)))
