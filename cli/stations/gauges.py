"""What a following check tells of weigh stations: instruments, plates not read, silence. Read from what was made."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Gauge

from journey.localtime import DAY_S, day_of
from journey.metrics import CheckMetrics
from journey.registry import Station
from rules.stations.opening import open_spans
from storage.database import Connection
from storage.registry import load_stations
from storage.stations.instruments import instruments
from storage.stations.stops import last_weighings, station_gaps, unread_on

_LEVELS = {"warning": 1, "alarm": 2}
_BACK_DAYS = 8  # a station that is silent for longer is shown as silent for so long


def tell_stations(connection: Connection, metrics: CheckMetrics, now: int) -> None:
    """Inside the open transaction."""
    drift = {(one.station, _lane(one.lane), one.instrument or ""): _LEVELS.get(one.state, 0)
             for one in instruments(connection)}  # fmt: skip
    lanes = unread_on(connection, day_of(now) - 1)
    known = {one.id: one for one in load_stations(connection)}
    last = last_weighings(connection, now - _BACK_DAYS * DAY_S, now)
    limits = {(gap.station,): gap.silence_s for gap in station_gaps(connection) if gap.silence_s is not None}
    silent = {(name,): silent_s(known.get(name), last.get(name), now) for (name,) in limits}
    _set(metrics.instrument_drift, drift)
    _set(metrics.unread_plates, {(one.station, _lane(one.lane)): one.unread / one.weighings for one in lanes})
    _set(metrics.lane_weighings, {(one.station, _lane(one.lane)): one.weighings for one in lanes})
    _set(metrics.station_silence, limits)
    _set(metrics.station_silent, silent)


def _set[Labels: tuple[str, ...]](gauge: Gauge, values: Mapping[Labels, float]) -> None:
    """The values by label; those of labels that are no more go, the others are never away."""
    told = {tuple(sample.labels.values()) for metric in gauge.collect() for sample in metric.samples}
    for labels in told.difference(values):
        gauge.remove(*labels)
    for named, value in values.items():
        gauge.labels(*named).set(value)


def silent_s(station: Station | None, last: int | None, now: int) -> int:
    """How long an open station has said nothing, s: since its last weighing, or since it opened; 0: it is closed."""
    spans = open_spans(station, day_of(now) - _BACK_DAYS, day_of(now) + 1)
    opened = max((low for low, high in spans if low <= now < high), default=None)
    return 0 if opened is None else now - max(opened, last or opened)


def _lane(lane: int | None) -> str:
    return "" if lane is None else str(lane)
