"""Weighings as columns, for judging and counting many at once.

Shape: n weighings; axle masses and spacings lie in rows as wide as the longest, filled with zeros.
Units: s, kg, mm, permille. What is not known is -1, which no record can say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

import numpy as np

from journey.localtime import DAY_S, midnight
from journey.model import Weighing
from journey.plates import UNREAD
from journey.registry import Station
from journey.track import Bool, Int

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Weighings:
    """Columns. vehicle, trailer: plate codes; station: place in `stations`, of the station's entry.

    until: the first second after the instrument's verification, UNKNOWN where none is stated. unread: whether its plate
    was not read.
    """

    time: Int
    vehicle: Int
    trailer: Int
    station: Int
    gross: Int
    axle: Int  # n x most axles
    axles: Int
    spacing: Int  # n x most spacings
    spacings: Int
    persons: Int
    containers: Int
    error: Int
    confidence: Int
    until: Int
    unread: Bool

    def __len__(self) -> int:
        return len(self.time)


def columns(
    weighings: Sequence[Weighing], plates: dict[str, int], stations: dict[str, int], known: Sequence[Station | None]
) -> Weighings:
    """Args: plates, stations: codes by name. known: the entry of each station by its code, None where there is none."""
    station = np.array([stations.get(one.station, UNKNOWN) for one in weighings], np.int64)
    of_station = np.array([*((one.instrument_error_permille if one else 0) for one in known), 0], np.int64)
    stated = np.array([(one.scale.error_permille or 0) if one.scale else 0 for one in weighings], np.int64)
    axle, axles = _wide([one.axle_kg for one in weighings])
    spacing, spacings = _wide([one.spacing_mm for one in weighings])
    return Weighings(
        _whole([one.time for one in weighings]),
        np.array([plates.get(one.plate, UNKNOWN) for one in weighings], np.int64),
        np.array([UNKNOWN if one.trailer is None else plates[one.trailer] for one in weighings], np.int64),
        station,
        _whole([one.gross_kg for one in weighings]),
        axle,
        axles,
        spacing,
        spacings,
        _whole([one.persons for one in weighings]),
        _whole([one.containers for one in weighings]),
        np.maximum(of_station[station], stated),
        _whole([one.scale.plate_permille if one.scale else None for one in weighings]),
        _whole([_end(one.scale.certificate_until) if one.scale else None for one in weighings]),
        np.array([one.plate == UNREAD for one in weighings], bool),
    )


def _end(day: str | None) -> int | None:
    """The midnight after a day; whole seconds."""
    return None if day is None else midnight(date.fromisoformat(day)) + DAY_S


def _whole(values: Sequence[int | None]) -> Int:
    return np.array([UNKNOWN if value is None else value for value in values], np.int64)


def _wide(rows: Sequence[tuple[int, ...]]) -> tuple[Int, Int]:
    """Rows of different lengths as one table, and their lengths."""
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    table = np.zeros((len(rows), max(int(lengths.max(initial=0)), 1)), np.int64)
    table[np.arange(table.shape[1]) < lengths[:, None]] = np.fromiter(
        chain.from_iterable(rows), np.int64, lengths.sum()
    )
    return table, lengths
