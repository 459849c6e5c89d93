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
from journey.track import Bool
from storage.database import Connection
from storage.errors import Unstorable
from storage.names import clean, vehicle_ids
from storage.windows import VehicleDays, distinct_days
from storage.wire import storable_time

_WEIGHINGS = """
    INSERT INTO weighing (hash, station, lane, "time", vehicle_id, trailer, axle_kg, spacing_mm, gross_kg, persons,
                          containers, ticket, instrument, certificate, certificate_until, error_permille, speed_dkmh,
                          plate_permille, image, batch_id)
    SELECT decode(hash, 'hex'), station, lane, to_timestamp("time"), vehicle_id, trailer, axle_kg, spacing_mm,
           gross_kg, persons, containers, ticket, instrument, certificate, certificate_until, error_permille,
           speed_dkmh, plate_permille, image, %s
    FROM jsonb_to_recordset(%s::jsonb) AS w (hash text, station text, lane bigint, "time" bigint, vehicle_id int,
        trailer text, axle_kg bigint[], spacing_mm bigint[], gross_kg bigint, persons bigint, containers bigint,
        ticket text, instrument text, certificate text, certificate_until text, error_permille int, speed_dkmh int,
        plate_permille int, image text)
    ORDER BY hash
    ON CONFLICT (hash, "time") DO NOTHING
    RETURNING vehicle_id, extract(epoch FROM "time")::bigint, encode(hash, 'hex')
"""
_NOTICES = """
    INSERT INTO notice (kind, subject, body, source, received, batch_id, hash)
    SELECT kind, subject, body, %s, to_timestamp(%s::bigint), %s, decode(hash, 'hex')
    FROM unnest(%s::text[], %s::text[], %s::jsonb[], %s::text[]) AS n (kind, subject, body, hash)
    ORDER BY hash
    ON CONFLICT (hash) DO NOTHING
    RETURNING encode(hash, 'hex')
"""
# Locked in one order whatever the order of arrival, in which they are then numbered.
_LOCK_REJECTIONS = """
    SELECT FROM rejection WHERE hash IN (SELECT decode(hash, 'hex') FROM unnest(%s::text[]) AS h (hash))
    ORDER BY hash FOR UPDATE
"""
_REJECTIONS = """
    INSERT INTO rejection (source, sender, place, reason, detail, protocol, payload, received, hash, seen, batch_id)
    SELECT source, sender, place, reason, detail, protocol, payload, to_timestamp(received), decode(hash, 'hex'), seen,
           %s
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::bigint[],
                %s::text[], %s::bigint[])
        AS r (source, sender, place, reason, detail, protocol, payload, received, hash, seen)
    ON CONFLICT (hash) DO UPDATE SET seen = rejection.seen + EXCLUDED.seen, last_seen = clock_timestamp()
"""


class StoredWeighings(NamedTuple):
    new: Bool  # of each as sent: not known before
    changed: VehicleDays


def store_weighings(connection: Connection, weighings: Sequence[Weighing], batch_id: int) -> StoredWeighings:
    """Store weighings inside the open transaction; one that is equal in every field is stored once.

    Raises Unstorable for a time that cannot be stored.
    """
    for one in weighings:
        if not storable_time(one.time):
            raise Unstorable(
                f"time {one.time} of a weighing at {one.station} cannot be stored: the years 1 to 9999 can"
            )
    ids = vehicle_ids(connection, {one.plate for one in weighings}) if weighings else {}
    rows = [_row(one, ids) for one in weighings]
    added = connection.execute(_WEIGHINGS, (batch_id, json.dumps(rows))).fetchall() if rows else []
    vehicle, time = (np.array([row[place] for row in added], np.int64) for place in (0, 1))
    new = _first([row["hash"] for row in rows], {row[2] for row in added})
    return StoredWeighings(new, distinct_days(vehicle, day_of(time)))


def _first(hashes: Sequence[str], added: set[str]) -> Bool:
    """Which of the records were added: the first of each hash that is new. Shape: n -> n."""
    places: dict[str, int] = {}
    for place, one in enumerate(hashes):
        places.setdefault(one, place)
    new = np.zeros(len(hashes), bool)
    new[[places[one] for one in added]] = True
    return new


def _row(weighing: Weighing, ids: dict[str, int]) -> dict[str, Any]:
    sent = asdict(weighing)
    if sent["scale"] is None:  # a record of the older form keeps the hash that it always had
        del sent["scale"]
    digest = sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
    sent |= sent.pop("scale", {})
    texts = {name: clean(value) for name, value in sent.items() if isinstance(value, str)}
    return {**sent, **texts, "hash": digest, "vehicle_id": ids[weighing.plate]}


def store_notices(
    connection: Connection, notices: Sequence[Notice], source: str, received: int | None, batch_id: int
) -> Bool:
    """Store notices inside the open transaction; which were not known before. `received`: s UTC. Shape: n -> n."""
    if not notices:
        return np.empty(0, bool)
    kinds, subjects = [one.kind for one in notices], [clean(one.subject) for one in notices]
    bodies = [json.dumps(_cleaned(one.body), ensure_ascii=False, allow_nan=False) for one in notices]
    hashes = [_hash(source, *parts) for parts in zip(kinds, subjects, bodies, strict=True)]
    added = connection.execute(_NOTICES, (source, received, batch_id, kinds, subjects, bodies, hashes)).fetchall()
    return _first(hashes, {row[0] for row in added})


def _hash(*parts: str | bytes | None) -> str:
    """SHA-256 over parts, each with its length in front, so that no two lists of parts give the same bytes."""
    digest = sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(b"-" if content is None else b"%d:" % len(content) + content)
    return digest.hexdigest()


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
    """Store rejections inside the open transaction; bytes that were rejected before for the same reason are counted."""
    rows: dict[str, list[Any]] = {}
    for one in rejections:
        source, sender = clean(one.source), None if one.sender is None else clean(one.sender)
        key = _hash(source, sender, str(one.reason), one.protocol, one.payload)
        if key in rows:
            rows[key][-1] += 1
            continue
        # A rejection is the last place that anything can go: nothing in it may keep it out.
        received = one.received if one.received is not None and storable_time(one.received) else None
        rows[key] = [source, sender, clean(one.where), str(one.reason), clean(one.detail), one.protocol, one.payload,
                     received, key, 1]  # fmt: skip
    if rows:
        columns = zip(*rows.values(), strict=True)
        connection.execute(_LOCK_REJECTIONS, (list(rows),))
        connection.execute(_REJECTIONS, (batch_id, *(list(column) for column in columns)))
