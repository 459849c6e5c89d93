"""What of the weighings watches the instrument: the steering axles of five-axle combinations, and how they lie by day.

A steering axle bears much the same whatever the load behind it, so that its mean over many vehicles moves only where
the instrument does. Taken are combinations of one, two and two axles (FHWA class 9), whose records do not contradict
themselves. Repeated records count once: whoever reads them sees to it.
Units: s, kg, mm.  Shape: n weighings of one station -> those that watch; one row a scale and local day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.localtime import day_of
from journey.track import Bool, Float, Int
from rules.law import Law
from rules.weighings.faults import PERMILLE

_APART = (True, False, True, False)  # whether the axle after is of another group: one, two, two
AXLES = len(_APART) + 1


@dataclass(frozen=True, slots=True)
class Passed:
    """Weighings of one station in order of time. scale, certificate: codes; certificate NONE where none is said.

    axle, spacing: rows of five and four, zeros where a weighing has another number of axles (`five` tells).
    """

    time: Int
    scale: Int
    certificate: Int
    unread: Bool
    five: Bool
    axle: Int
    spacing: Int
    gross: Int

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, slots=True)
class Days:
    """One row a scale and local day with weighings. mean_kg, spread_kg (of a sample): NaN where too few watch."""

    scale: Int
    day: Int
    weighings: Int
    unread: Int
    watching: Int
    mean_kg: Float
    spread_kg: Float


def watching(passed: Passed, law: Law) -> Bool:
    """Which weighings watch the instrument. Shape: n -> n."""
    gap, error = law.figure("axle_group_gap"), law.figure("weighing_sum_error")
    total = passed.axle.sum(1)
    sums = np.abs(total - passed.gross) * PERMILLE <= error * (total + passed.gross)
    sound = sums & (passed.spacing > 0).all(1) & (passed.axle.max(1, initial=0) <= law.figure("weighing_axle_max"))
    shape = ((passed.spacing >= gap) == np.array(_APART)).all(1)
    found: Bool = passed.five & sound & shape & (passed.axle[:, 0] > 0)
    return found


def days(passed: Passed, watch: Bool) -> Days:
    """Args: watch: of `watching`."""
    if not len(passed):
        none, nothing = np.zeros(0, np.int64), np.zeros(0)
        return Days(none, none, none, none, none, nothing, nothing)
    pairs, of = np.unique(np.stack([passed.scale, day_of(passed.time)], axis=1), axis=0, return_inverse=True)
    of, size = of.reshape(-1), len(pairs)
    mass = passed.axle[:, 0]
    # Whole numbers below 2^53, so that the sums are exact.
    number = np.bincount(of[watch], minlength=size)
    total = np.bincount(of[watch], mass[watch], size)
    squares = np.bincount(of[watch], mass[watch] * mass[watch], size)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / number
        spread = np.sqrt((number * squares - total * total) / (number * (number - 1.0)))
    return Days(
        pairs[:, 0], pairs[:, 1], np.bincount(of, minlength=size), np.bincount(of[passed.unread], minlength=size),
        number, np.where(number > 0, mean, np.nan), np.where(number > 1, spread, np.nan),
    )  # fmt: skip
