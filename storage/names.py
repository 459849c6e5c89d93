"""Plates and licences as the numbers that tables hold, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import LiteralString

import numpy as np
import numpy.typing as npt
import polars as pl

from storage.database import Connection

type Ids = npt.NDArray[np.int32]

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# table: find, add
_VEHICLE: tuple[LiteralString, LiteralString] = (
    "SELECT plate, id FROM vehicle WHERE plate = ANY(%s)",
    "INSERT INTO vehicle (plate) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING",
)
_DRIVER: tuple[LiteralString, LiteralString] = (
    "SELECT licence, id FROM driver WHERE licence = ANY(%s)",
    "INSERT INTO driver (licence) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING",
)


def clean(text: str) -> str:
    """Text as PostgreSQL can hold it: NUL and half surrogate pairs become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def vehicle_ids(connection: Connection, plates: Iterable[str]) -> dict[str, int]:
    """Numbers of plates; unseen plates are added."""
    return _ids(connection, _VEHICLE, plates)


def driver_ids(connection: Connection, licences: Iterable[str]) -> dict[str, int]:
    """Numbers of licences; unseen licences are added."""
    return _ids(connection, _DRIVER, licences)


def known_vehicles(connection: Connection, plates: Iterable[str]) -> dict[str, int]:
    """Numbers of those plates that have one."""
    return _found(connection, _VEHICLE[0], {name: clean(name) for name in plates})


def known_drivers(connection: Connection, licences: Iterable[str]) -> dict[str, int]:
    """Numbers of those licences that have one."""
    return _found(connection, _DRIVER[0], {name: clean(name) for name in licences})


def _found(connection: Connection, find: LiteralString, names: Mapping[str, str]) -> dict[str, int]:
    rows = connection.execute(find, (sorted(set(names.values())),)).fetchall() if names else []
    ids: dict[str, int] = dict(rows)
    return {name: ids[stored] for name, stored in names.items() if stored in ids}


def _ids(connection: Connection, table: tuple[LiteralString, LiteralString], names: Iterable[str]) -> dict[str, int]:
    find, add = table
    wanted = {name: clean(name) for name in names}
    found = _found(connection, find, wanted)
    unseen = sorted({stored for name, stored in wanted.items() if name not in found})
    if unseen:
        # In order, so that two transactions that add the same names wait for each other one way round only.
        connection.execute(add, (unseen,))
        found |= _found(connection, find, {name: stored for name, stored in wanted.items() if name not in found})
    return found


def plate_series(connection: Connection, ids: Ids) -> pl.Series:
    """The plate of each number. Shape: n -> n."""
    return _series(connection, "SELECT id, plate FROM vehicle WHERE id = ANY(%s)", ids)


def licence_series(connection: Connection, ids: Ids) -> pl.Series:
    """The licence of each number, null for -1. Shape: n -> n."""
    return _series(connection, "SELECT id, licence FROM driver WHERE id = ANY(%s)", ids)


def _series(connection: Connection, find: LiteralString, ids: Ids) -> pl.Series:
    highest = int(ids.max(initial=-1))
    used = np.zeros(highest + 2, bool)  # the last place stands for -1
    used[ids] = True
    rows = connection.execute(find, (np.flatnonzero(used[:-1]).tolist(),)).fetchall()
    names: list[str | None] = [None]
    place = np.zeros(highest + 2, np.uint32)
    for number, name in rows:
        place[number] = len(names)
        names.append(name)
    return pl.Series(names, dtype=pl.String).gather(place[ids])
