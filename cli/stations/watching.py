"""Watching instruments and stations: stored weighings of a station -> its days, its drifts, its usual gap.

A station is made anew whole, in a transaction of its own: again is the same, and a killed run leaves whole stations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from journey.localtime import day_of
from journey.plates import UNREAD
from journey.registry import Station
from journey.track import Bool
from rules.law import Law
from rules.stations.drift import NONE, Span, figures, spans
from rules.stations.opening import open_spans
from rules.stations.silence import silence_from, usual_gap
from rules.stations.steering import AXLES, Days, Passed, days, watching
from storage.database import Connection, transaction
from storage.stations.instruments import replace_watched, stations_seen, weighed_at

type Scale = tuple[int | None, str | None]  # lane, instrument


class Read(NamedTuple):
    """A station's weighings as columns, and what their codes stand for."""

    passed: Passed
    scales: list[Scale]
    certificates: list[str]


def watch_stations(
    connection: Connection, known: Sequence[Station], law: Law, now: int,
    on_station: Callable[[int, int], None] = lambda done, of: None,
) -> int:  # fmt: skip
    """Make every station anew; how many there are."""
    by_id = {one.id: one for one in known}
    with transaction(connection):
        names = stations_seen(connection)
    for number, name in enumerate(names):
        with transaction(connection):
            read = read_station(connection, name)
            replace_watched(connection, name, made_of(read, by_id.get(name), law, now))
        on_station(number + 1, len(names))
    return len(names)


def read_station(connection: Connection, station: str) -> Read:
    scales: dict[Scale, int] = {}
    certificates: dict[str, int] = {}
    parts: list[tuple[np.ndarray[Any, Any], ...]] = []
    for rows in weighed_at(connection, station, UNREAD):
        five = [len(row[5]) == AXLES and len(row[6]) == AXLES - 1 for row in rows]
        parts.append((
            np.array([row[0] for row in rows], np.int64),
            np.array([scales.setdefault((row[1], row[2]), len(scales)) for row in rows], np.int64),
            np.array([NONE if row[3] is None else certificates.setdefault(row[3], len(certificates)) for row in rows],
                     np.int64),
            np.array([row[4] for row in rows], bool),
            np.array(five, bool),
            np.array([row[5] if fits else (0,) * AXLES for row, fits in zip(rows, five, strict=True)], np.int64),
            np.array([row[6] if fits else (0,) * (AXLES - 1) for row, fits in zip(rows, five, strict=True)],
                     np.int64),
            np.array([row[7] for row in rows], np.int64),
        ))  # fmt: skip
    if not parts:
        none: Bool = np.zeros(0, bool)
        whole = np.zeros(0, np.int64)
        parts = [(whole, whole, whole, none, none, np.zeros((0, AXLES), np.int64), np.zeros((0, AXLES - 1), np.int64),
                  whole)]  # fmt: skip
    return Read(Passed(*(np.concatenate(column) for column in zip(*parts, strict=True))), list(scales),
                list(certificates))  # fmt: skip


def made_of(read: Read, station: Station | None, law: Law, now: int) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, times as ISO text."""
    passed, watch, method = read.passed, watching(read.passed, law), figures(law)
    span_rows: list[dict[str, Any]] = []
    drift_rows: list[dict[str, Any]] = []
    for code, (lane, instrument) in enumerate(read.scales):
        mine = watch & (passed.scale == code)
        for one in spans(passed.time[mine], passed.axle[mine, 0], passed.certificate[mine], method):
            certificate = None if one.certificate == NONE else read.certificates[one.certificate]
            named = {"lane": lane, "instrument": instrument, "certificate": certificate}
            span_rows.append(named | _span_row(one))
            drift_rows += [named | row for row in _drift_rows(one)]
    return {
        "instrument_day": _day_rows(days(passed, watch), read.scales),
        "instrument_span": span_rows,
        "instrument_drift": drift_rows,
        "station_gap": [_gap_row(read, station, law, now)],
    }


def _day_rows(made: Days, scales: Sequence[Scale]) -> list[dict[str, Any]]:
    columns = (made.scale, made.day, made.weighings, made.unread, made.watching, made.mean_kg, made.spread_kg)
    names = ("day", "weighings", "unread", "watching", "mean_kg", "spread_kg")
    return [
        {"lane": scales[scale][0], "instrument": scales[scale][1],
         **{name: None if value != value else value for name, value in zip(names, rest, strict=True)}}
        for scale, *rest in zip(*(column.tolist() for column in columns), strict=True)
    ]  # fmt: skip


def _span_row(one: Span) -> dict[str, Any]:
    return {"since": _iso(one.since), "until": _iso(one.until), "watching": one.number, "state": one.state,
            "mean_kg": one.mean_kg, "spread_kg": one.spread_kg, "level": one.level}  # fmt: skip


def _drift_rows(one: Span) -> list[dict[str, Any]]:
    return [
        {"direction": each.direction, "since": _iso(each.since), "warned_at": _iso(each.warned_at),
         "alarmed_at": _iso(each.alarmed_at), "until": _iso(one.until if each.until is None else each.until),
         "watching": each.weighings, "after": each.after, "shift_permille": each.shift_permille}
        for each in one.excursions
    ]  # fmt: skip


def _gap_row(read: Read, station: Station | None, law: Law, now: int) -> dict[str, Any]:
    today = day_of(now)
    opened = open_spans(station, today - law.figure("station_gap_days"), today)
    usual = usual_gap(read.passed.time, opened, law)
    return {"usual_s": usual, "silence_s": silence_from(usual, law), "made_at": _iso(now)}


def _iso(time: int | None) -> str | None:
    return None if time is None else datetime.fromtimestamp(time, UTC).isoformat()
