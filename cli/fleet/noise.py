"""What recorders and networks do to fixes: noise, losses, wrong values, copies, lateness. None of it is a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cli.fleet.driving import speeds_dkmh
from cli.fleet.roads import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from cli.fleet.driving import Samples
    from cli.fleet.people import Vehicle
    from journey.track import Bool, Int

Columns = dict[str, "npt.NDArray[Any]"]

_DEGREES_PER_M = 1 / 111_195
_ODD_EVERY = 6  # odd samples lie at least so far apart that their neighbours bridge them
_ODD_SHARE = 0.03  # of every sixth sample
_SWITCHED_OFF_SHARE = 0.3  # of stops over two hours
_LONG_STOP_S = 7200
_AWAKE_S = 3 * 3600
_COPY_SHARE, _CONFLICT_SHARE, _SCALED_SHARE = 0.004, 0.002, 0.001
_OFFLINE_SHARE, _DAYS_LATE_SHARE = 0.08, 0.01
_OTHER_FORM_SHARE = 0.01

LOST, ZERO, OUTSIDE, JUMP, SWAPPED, TOO_FAST, SPIKE, NO_DRIVER = range(8)
_ODD_WEIGHTS = np.array([0.35, 0.1, 0.08, 0.1, 0.08, 0.07, 0.15, 0.07])
PARKED_ODD = (LOST, ZERO, OUTSIDE, SWAPPED, TOO_FAST)  # of these, a parked vehicle stays innocent


def columns(
    rng: np.random.Generator, samples: Samples, vehicle: Vehicle, days: int, noise: bool, awake: Sequence[int] = ()
) -> Columns:
    """The fixes of one vehicle, as columns of Fleet.fixes, in time order; copies follow at the end.

    awake: instants about which it is not switched off, s UTC.
    """
    s, back = samples.place()
    route = samples.profile.route
    tenths = speeds_dkmh(rng, samples)
    lon, lat = np.interp(s, route.s, route.lon), np.interp(s, route.s, route.lat)
    bearing = (nearest(route.bearing, route.s, s) + np.where(back, 180, 0)) % 360
    stray = np.clip(rng.normal(0, 2.5, (2, len(s))), -6, 6) * _DEGREES_PER_M
    # To the right of the middle, by the heading.
    right = np.where(samples.moving, 3.0, 5.0) * _DEGREES_PER_M
    lon = lon + (stray[0] + right * np.cos(np.radians(bearing))) / np.cos(np.radians(lat))
    lat = lat + stray[1] - right * np.sin(np.radians(bearing))
    ignition = samples.moving | np.roll(samples.moving, 1)
    passengers = vehicle.model.kind in ("coach", "bus", "taxi")
    fixes: Columns = {
        "vehicle": np.full(len(s), vehicle.number, np.int32),
        "plate_form": _plate_form(rng, len(s), noise),
        "driver": samples.driver.astype(np.int32),
        "driver_form": np.full(len(s), rng.integers(3), np.uint8),
        "time": samples.time,
        "lon": np.round(lon, 6),
        "lat": np.round(lat, 6),
        "speed_dkmh": tenths.astype(np.int32),
        "heading": np.floor((bearing + rng.uniform(-3, 3, len(s))) % 360).astype(np.float32),
        "altitude_m": np.round(260 + 110 * np.sin(s / 9000) + 40 * np.sin(s / 2300)).astype(np.float32),
        "ignition": ignition,
        "door": ~samples.moving & ignition & passengers,
        "aircon": samples.moving & passengers,
        "received": samples.time + 1 + rng.exponential(4, len(s)).astype(np.int64),
        "scaled": np.zeros(len(s), bool),
    }
    keep = samples.keep.copy()
    if noise:
        _odd(rng, samples, fixes, keep)
        _switched_off(rng, samples, keep, np.array(awake, np.int64))
        _late(rng, fixes, days)
        fixes["scaled"] = rng.random(len(s)) < _SCALED_SHARE
    fixes = {name: values[keep] for name, values in fixes.items()}
    return _with_copies(rng, fixes) if noise else fixes


def _plate_form(rng: np.random.Generator, n: int, noise: bool) -> npt.NDArray[np.uint8]:
    """How the plate is written: one way by vehicle, now and then another."""
    form = np.full(n, rng.choice(4, p=[0.7, 0.2, 0.05, 0.05]), np.uint8)
    if noise:
        other = rng.random(n) < _OTHER_FORM_SHARE
        form[other] = rng.integers(0, 4, int(other.sum()))
    return form


def _odd(rng: np.random.Generator, samples: Samples, fixes: Columns, keep: Bool) -> None:
    """Single fixes that are lost or wrong, far from each other and from all that must stay as it is."""
    every = np.arange(int(rng.integers(_ODD_EVERY)), len(keep), _ODD_EVERY)
    every = every[(rng.random(len(every)) < _ODD_SHARE) & ~samples.clean[every] & keep[every]]
    what = rng.choice(len(_ODD_WEIGHTS), len(every), p=_ODD_WEIGHTS)
    fits = samples.moving[every] | np.isin(what, PARKED_ODD)
    every, what = every[fits], what[fits]
    keep[every[what == LOST]] = False
    lon, lat, tenths = fixes["lon"], fixes["lat"], fixes["speed_dkmh"]
    for name in ("lon", "lat"):
        fixes[name][every[what == ZERO]] = 0.0
    lat[every[what == OUTSIDE]] = 1.0
    far = every[what == JUMP]
    lon[far] = np.round(lon[far] + rng.choice([-1, 1], len(far)) * rng.uniform(0.7, 1.2, len(far)), 6)
    swapped = every[what == SWAPPED]
    lon[swapped], lat[swapped] = lat[swapped], lon[swapped]
    tenths[every[what == TOO_FAST]] = rng.integers(2010, 4000, int((what == TOO_FAST).sum()))
    spike = every[what == SPIKE]
    tenths[spike] = np.minimum(tenths[spike] + rng.integers(300, 900, len(spike)), 1900)
    nobody = every[what == NO_DRIVER]
    fixes["driver"][nobody] = -1
    fixes["driver_form"][nobody] = rng.integers(3, size=len(nobody))


def _switched_off(rng: np.random.Generator, samples: Samples, keep: Bool, awake: Int) -> None:
    """Long stops during which nothing is sent after the first fix: the vehicle is found where it was left."""
    parked = ~samples.moving
    # Samples of one stop share a spell; a light stop is shorter than an hour and stays.
    for spell in np.unique(samples.spell[parked]):
        if rng.random() >= _SWITCHED_OFF_SHARE:
            continue
        stop = np.flatnonzero(parked & (samples.spell == spell))
        stop = stop[_last_run(stop) :]
        if samples.time[stop[-1]] - samples.time[stop[0]] > _LONG_STOP_S:
            later = stop[1:]
            near = (np.abs(samples.time[later][:, None] - awake) < _AWAKE_S).any(axis=1)
            keep[later[~samples.clean[later] & ~near]] = False


def _last_run(index: Int) -> int:
    """Where the last run of consecutive numbers begins."""
    gaps = np.flatnonzero(np.diff(index) != 1)
    return int(gaps[-1]) + 1 if len(gaps) else 0


def _late(rng: np.random.Generator, fixes: Columns, days: int) -> None:
    """Hours without a network, after which all is sent at once; some of it days later."""
    time, received = fixes["time"], fixes["received"]
    for _ in range(int(rng.binomial(days, _OFFLINE_SHARE))):
        start = rng.integers(time[0], time[-1] + 1)
        end = start + rng.integers(1200, 21_600)
        if rng.random() < _DAYS_LATE_SHARE / _OFFLINE_SHARE:
            end += rng.integers(86_400, 3 * 86_400)
            inside = (time >= start) & (time < start + 21_600)
        else:
            inside = (time >= start) & (time < end)
        received[inside] = end + rng.integers(1, 90) + np.arange(int(inside.sum())) // 50


def _with_copies(rng: np.random.Generator, fixes: Columns) -> Columns:
    """Some fixes once more, received later: as they were, or saying something else at a higher speed.

    Where no time of receipt is sent, the lower speed stands: in both cases it is the first that counts.
    """
    n = len(fixes["time"])
    chosen = np.flatnonzero(rng.random(n) < _COPY_SHARE + _CONFLICT_SHARE)
    copies = {name: values[chosen] for name, values in fixes.items()}
    copies["received"] = copies["received"] + rng.choice([1, 7, 60, 4000, 90_000], len(chosen))
    other = np.flatnonzero(rng.random(len(chosen)) < _CONFLICT_SHARE / (_COPY_SHARE + _CONFLICT_SHARE))
    copies["speed_dkmh"][other] += rng.integers(30, 400, len(other)).astype(np.int32)
    copies["lon"][other] = np.round(copies["lon"][other] + rng.uniform(-0.02, 0.02, len(other)), 6)
    copies["driver"][other[::3]] = -1
    return {name: np.concatenate((values, copies[name])) for name, values in fixes.items()}
