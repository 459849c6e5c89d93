"""Whether an instrument drifts: a two-sided CUSUM of steering axles against the instrument's own first ones.

Method: of each scale and certificate the first `drift_baseline` steering axles are its baseline, with mean and spread.
        Of each later one the deviation from the mean, in spreads and cut at `drift_clip`, less `drift_slack`, is summed
        up while the sum is positive, upwards and downwards apart (Page 1954; Montgomery, Statistical Quality Control,
        9.1). Beyond `drift_warning` the instrument is to be looked at, beyond `drift_alarm` it drifts: since the sum
        last left zero, and until it is zero again or another certificate begins.
Exact:  integers throughout, spreads times the baseline's size, so that summing in columns is summing one by one.
Gaps:   a baseline that is itself wrong is not seen; an instrument with too few combinations is `learning`, and said so.
Units:  s, kg, permille.  Shape: n steering axles of one scale -> its spans between certificates, with what was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import isqrt
from typing import NamedTuple

import numpy as np

from journey.track import Bool, Int
from rules.law import Law
from rules.weighings.faults import PERMILLE

NONE = -1
LEARNING, WATCHED, WARNING, ALARM = "learning", "watched", "warning", "alarm"
HIGH, LOW = "high", "low"


class Excursion(NamedTuple):
    """A time in which one sum stood beyond the warning. `high`: the instrument shows more than it did.

    since: the weighing from which the sum rose; warned_at, alarmed_at (None: never): those that took it beyond; until:
    that with which it was zero again, None: it is not yet. Times s. weighings: of the steering axles since `since`,
    how many were summed; after: how many of them until the alarm (or in all). shift_permille: of their mean.
    """

    direction: str
    since: int
    warned_at: int
    alarmed_at: int | None
    until: int | None
    weighings: int
    after: int
    shift_permille: int


@dataclass(frozen=True, slots=True)
class Span:
    """One scale under one certificate. until: where the next certificate begins, None: it is the last.

    number: steering axles in it. mean_kg, spread_kg: of the baseline, None while it is learnt. level: the larger sum
    at the end, in thousandths of a spread. excursions: in order of time.
    """

    certificate: int
    since: int
    until: int | None
    number: int
    state: str
    mean_kg: float | None
    spread_kg: float | None
    level: int
    excursions: tuple[Excursion, ...]


class Figures(NamedTuple):
    """Those of the method, as in law/method.yaml."""

    baseline: int
    slack: int
    clip: int
    warning: int
    alarm: int
    spread_min: int


def figures(law: Law) -> Figures:
    return Figures(*(law.figure(f"drift_{name}") for name in Figures._fields))


def spans(time: Int, mass: Int, certificate: Int, method: Figures) -> list[Span]:
    """Args: steering axles of one scale in order of time, kg; certificate: codes, NONE: not said, then the one before
    is taken to hold on."""
    if not len(time):
        return []
    said = np.maximum.accumulate(np.where(certificate == NONE, 0, np.arange(len(time))))
    held = certificate[said]
    edges = [0, *(np.flatnonzero(held[1:] != held[:-1]) + 1).tolist(), len(time)]
    return [
        _span(int(held[begin]), time[begin:end], mass[begin:end], int(time[end]) if end < len(time) else None, method)
        for begin, end in pairwise(edges)
    ]


def _span(certificate: int, time: Int, mass: Int, until: int | None, method: Figures) -> Span:
    size = method.baseline
    if len(time) < size:
        return Span(certificate, int(time[0]), until, len(time), LEARNING, None, None, 0, ())
    first = mass[:size]
    total = int(first.sum())
    spread = isqrt(size * int((first * first).sum()) - total * total)  # times size
    spread = max(spread, method.spread_min * total // PERMILLE)
    deviation = np.clip(size * mass[size:] - total, -method.clip * spread, method.clip * spread)
    found: list[Excursion] = []
    level = 0
    for direction, sign in ((HIGH, 1), (LOW, -1)):
        sums = _sums(PERMILLE * sign * deviation - method.slack * spread)
        found += _excursions(direction, sums, time[size:], mass[size:], total, spread, method)
        level = max(level, int(sums[-1]) // spread if len(sums) else 0)
    standing = [one for one in found if one.until is None]
    state = ALARM if any(one.alarmed_at is not None for one in standing) else WARNING if standing else WATCHED
    return Span(certificate, int(time[0]), until, len(time), state, total / size, spread / size, level,
                tuple(sorted(found, key=lambda one: (one.since, one.direction))))  # fmt: skip


def _sums(steps: Int) -> Int:
    """max(0, the sum before + the step), one by one: the running sum less its lowest value so far, or zero."""
    run: Int = np.cumsum(steps)
    return run - np.minimum(np.minimum.accumulate(run), 0) if len(run) else run


def _excursions(
    direction: str, sums: Int, time: Int, mass: Int, total: int, spread: int, method: Figures
) -> list[Excursion]:
    warning, alarm = (level * PERMILLE * spread for level in (method.warning, method.alarm))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], sums > 0, [False]))))
    begins, ends = edges[::2], edges[1::2]
    if not len(begins):
        return []
    found = []
    for run in np.flatnonzero(np.maximum.reduceat(sums, begins) > warning).tolist():
        begin, end = int(begins[run]), int(ends[run])
        inside, at = sums[begin:end], time[begin:end]
        warned, alarmed = _first(inside > warning), _first(inside > alarm)
        shown = PERMILLE * method.baseline * int(mass[begin:end].sum()) // (total * len(inside)) - PERMILLE
        found.append(Excursion(
            direction, int(at[0]), int(at[warned]), None if alarmed == NONE else int(at[alarmed]),
            int(time[end]) if end < len(time) else None, len(inside),
            len(inside) if alarmed == NONE else alarmed + 1, shown,
        ))  # fmt: skip
    return found


def _first(which: Bool) -> int:
    """The first place of those that hold, NONE where none does."""
    return int(which.argmax()) if which.any() else NONE
