"""Where a track may be cut, so that a part of it judged alone gives what the whole would give.

At a cut fix nothing runs through: no speeding run, no short stop, no flag that rests on neighbours. What starts before
it does not depend on later fixes, what starts at or after it does not depend on earlier ones. An activity may be cut
in two there; both parts keep their class and driver, and merging them again gives the whole.

A fix is a cut where a silence longer than any run bears follows it, or in the middle of a long stand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.model import FATAL, Flag
from journey.track import STANDING, Bool, Int
from rules.activity import Kind
from rules.checks import rules_of
from rules.law import Law
from rules.quality import Flags, Usable

_KMH = 3.6


@dataclass(frozen=True, slots=True)
class Cuts:
    """Cut fixes: vehicle code and time, ordered."""

    vehicle: Int
    time: Int

    def last_before(self, vehicle: int, time: int) -> int | None:
        """The latest cut of a vehicle at or before a time."""
        times = self._times(vehicle)
        place = int(np.searchsorted(times, time, side="right"))
        return int(times[place - 1]) if place else None

    def first_after(self, vehicle: int, time: int) -> int | None:
        """The earliest cut of a vehicle at or after a time."""
        times = self._times(vehicle)
        place = int(np.searchsorted(times, time))
        return int(times[place]) if place < len(times) else None

    def _times(self, vehicle: int) -> Int:
        return self.time[slice(*np.searchsorted(self.vehicle, [vehicle, vehicle + 1]).tolist())]


def cuts(usable: Usable, kind: Kind, flags: Flags, law: Law, allowed: Bool) -> Cuts:
    """Cuts that rest only on allowed steps: those between fixes that no later record can have changed.

    Args: flags: of all fixes, as `screen` gave them with `usable`. allowed: for each step between usable fixes.
    """
    fastest = law.figure("jump_speed_max") / 10 / _KMH
    calm = usable.linked & allowed & (np.diff(_ordinals(flags)) == 1) & (usable.step_m <= fastest * usable.step_s)
    silence = _silence_borne(law)
    frozen_speed = usable.speed_dkmh >= law.figure("frozen_speed_min")
    stuck = (np.diff(usable.lon) == 0) & (np.diff(usable.lat) == 0) & frozen_speed[:-1] & frozen_speed[1:]
    silent = calm & (usable.step_s > silence) & ~stuck
    cut = np.append(silent, False) | _long_stand(usable, calm & (kind == STANDING), law.figure("short_stop_max"))
    return Cuts(usable.vehicle[cut].astype(np.int64), usable.time[cut])


def _silence_borne(law: Law) -> int:
    """The longest silence, s, that an activity or anything found on a track may run through, whenever in force."""
    paths = {"method.moving_gap_max", *(path for rule in rules_of("track") for path in rule.bears)}
    return max(int(dated.value) for path in paths for dated in law.all_of(path) if dated.value is not None)


def _ordinals(flags: Flags) -> Int:
    """Place of each usable fix among the fixes without a fatal flag of their own, so that a removed jump shows."""
    own = (flags & (FATAL & ~Flag.JUMP)) == 0
    places: Int = np.cumsum(own)[(flags & FATAL) == 0]
    return places


def _long_stand(usable: Usable, standing: Bool, short_stop_s: int) -> Bool:
    """Fixes with at least a short stop's length of standing under one driver on both sides."""
    count = len(usable.time)
    if count < 2:
        return np.zeros(count, bool)
    # Step k goes on from step k - 1 where both stand under one driver.
    same_driver = np.diff(usable.driver) == 0
    inside = np.zeros(count, bool)
    inside[1:-1] = standing[1:] & standing[:-1] & same_driver[:-1]
    place = np.arange(count)
    # An inside fix belongs to the stand that the last fix not inside began, and the next such fix ends. The end is
    # taken one fix early: whether the last fix stays rests on the one after it.
    begin = np.maximum.accumulate(np.where(inside, 0, place))
    end = np.minimum.accumulate(np.where(inside, count - 1, place)[::-1])[::-1] - 1
    long: Bool = (usable.time - usable.time[begin] >= short_stop_s) & (usable.time[end] - usable.time >= short_stop_s)
    return inside & long
