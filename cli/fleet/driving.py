"""From drives to samples: when a vehicle sends, where it is and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cli.fleet.roads import nearest, profile

if TYPE_CHECKING:
    from cli.fleet.people import Vehicle
    from cli.fleet.roads import Profile
    from cli.fleet.spec import Drive
    from journey.track import Bool, Float, Int

PARKED_EVERY_S = 900
_LIGHT_S = 59  # a stop at a light stays shorter than 60 s
_LIGHT_SHARE = 0.006  # of moving samples
_STARTING, _STOPPING = 0.35, 0.5  # share of the usual speed in the first and last sample of a drive
_SLOWEST_KMH = 8.0  # well above what counts as standing


@dataclass(slots=True)
class Samples:
    """One vehicle's samples in time order, changed in place while things are planted. All arrays have length n.

    spell: index of the drive that a sample belongs to or follows, -1 before the first. factor: share of the profile's
    reference speed. fixed: speed in tenths where it is planted, -1 elsewhere. keep: is sent. clean: nothing may be
    lost, wrong or without driver here. travelled: s on the profile's clock, along the road and back without end.
    """

    time: Int
    spell: Int
    driver: Int
    moving: Bool
    factor: Float
    fixed: Int
    keep: Bool
    clean: Bool
    offset: float
    profile: Profile

    def travelled(self) -> Float:
        step = np.diff(self.time, append=self.time[-1]) * self.factor * self.moving
        result: Float = self.offset + np.concatenate(([0.0], np.cumsum(step)[:-1]))
        return result

    def place(self) -> tuple[Float, Bool]:
        """m along the road, and whether it drives back. Shape: n, n."""
        whole = float(self.profile.clock[-1])
        along = self.travelled() % (2 * whole)
        back = along > whole
        s: Float = np.interp(np.where(back, 2 * whole - along, along), self.profile.clock, self.profile.route.s)
        return s, back

    def position(self) -> tuple[Float, Float]:
        """Degrees on the middle of the road. Shape: n, n."""
        s, _ = self.place()
        route = self.profile.route
        return np.interp(s, route.s, route.lon), np.interp(s, route.s, route.lat)


def sample(
    rng: np.random.Generator,
    vehicle: Vehicle,
    drives: list[Drive],
    begin: int,
    end: int,
    parked_s: int = PARKED_EVERY_S,
) -> Samples:
    """Samples of a vehicle over [begin, end): every sampling_s while it drives, every parked_s while it is parked."""
    times: list[Int] = []
    spells: list[int] = []
    moves: list[bool] = []
    free = begin + int(rng.integers(parked_s))

    def send(start: int, stop: int, every: int, spell: int, moves_: bool) -> None:
        if start < stop:
            times.append(np.arange(start, stop, every))
            spells.append(spell)
            moves.append(moves_)

    for n, drive in enumerate(drives):
        send(free, drive.start, parked_s, n - 1, False)
        send(drive.start, drive.end, vehicle.sampling_s, n, True)
        free = drive.end
    send(free, end, parked_s, len(drives) - 1, False)
    lengths = [len(part) for part in times]
    time = np.concatenate(times)
    spell = np.repeat(np.array(spells), lengths)
    moving = np.repeat(np.array(moves), lengths)
    # Before its first drive the vehicle shows the driver who will drive it.
    at_wheel = np.array([d.driver for d in drives] or [vehicle.driver])
    pure = np.array([d.pure for d in drives] or [False])
    which = np.maximum(spell, 0)
    edge = _edges(spell, moving)
    course = profile(vehicle.route, vehicle.speed_class)
    samples = Samples(
        time=time,
        spell=spell,
        driver=at_wheel[which],
        moving=moving,
        factor=_factors(rng, len(time), moving) * vehicle.pace,
        fixed=np.full(len(time), -1),
        keep=np.ones(len(time), bool),
        clean=edge | (pure[which] & moving),
        offset=float(rng.uniform(0, 2 * course.clock[-1])),
        profile=course,
    )
    _lights(rng, samples, vehicle.sampling_s)
    return samples


def _edges(spell: Int, moving: Bool) -> Bool:
    """The two samples before and after each start, stop and change of driver, and the ends of the track."""
    change = np.flatnonzero((np.diff(spell) != 0) | (np.diff(moving.astype(np.int8)) != 0))
    edge = np.zeros(len(spell), bool)
    for shift in (-1, 0, 1, 2):
        edge[np.clip(change + shift, 0, len(edge) - 1)] = True
    edge[[0, -1]] = True
    return edge


def _factors(rng: np.random.Generator, n: int, moving: Bool) -> Float:
    """A driver's mood, changing over some ten samples, and slow starts and stops."""
    knots = rng.uniform(0.84, 1.04, n // 10 + 2)
    factor: Float = np.interp(np.arange(n) / 10, np.arange(len(knots)), knots)
    first = moving & ~np.concatenate(([False], moving[:-1]))
    last = moving & ~np.concatenate((moving[1:], [False]))
    factor[last] *= _STOPPING
    factor[first] *= _STARTING
    return factor


def _lights(rng: np.random.Generator, samples: Samples, sampling_s: int) -> None:
    """Stops at lights: samples amid a drive that stand still, under 60 s."""
    n = len(samples.time)
    starts = np.flatnonzero(samples.moving & (rng.random(n) < _LIGHT_SHARE))
    edge = _edges(samples.spell, samples.moving)
    most = _LIGHT_S // sampling_s
    blocked = np.convolve(edge, np.ones(2 * most + 1), "same") > 0
    starts = starts[~blocked[starts]]
    starts = starts[np.diff(starts, prepend=-100) > 2 * most + 2]
    stood = np.zeros(n, bool)
    for shift in range(most):
        stood[starts + shift] |= rng.random(len(starts)) < (1.0 if shift == 0 else 0.5)
        if shift:
            stood[starts + shift] &= stood[starts + shift - 1]
    samples.moving &= ~stood


def speeds_dkmh(rng: np.random.Generator, samples: Samples) -> Int:
    """Speed that the recorder shows, tenths of km/h: below the limit of the road driven on, except where planted."""
    course = samples.profile
    s, _ = samples.place()
    usual = np.interp(s, course.route.s, course.reference) * samples.factor * 3.6
    limit = nearest(course.limit, course.route.s, s)
    noise = np.clip(rng.normal(0, 0.8, len(s)), -2, 2)
    shown = np.clip(usual + noise, _SLOWEST_KMH, limit - 1.5)
    tenths = np.where(samples.moving, np.round(shown * 10), 0).astype(np.int64)
    return np.where(samples.fixed >= 0, samples.fixed, tenths)
