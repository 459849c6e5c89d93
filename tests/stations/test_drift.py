"""Drift of instruments: columns equal one by one, what is planted is found in time, sound instruments stay quiet."""

from __future__ import annotations

import random
from math import isqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.stations.drift import ALARM, HIGH, LEARNING, LOW, NONE, WARNING, WATCHED, Excursion, Figures, figures, spans
from tests.casefolder import LAW

METHOD = figures(LAW)
SMALL = Figures(baseline=4, slack=250, clip=3, warning=3, alarm=6, spread_min=20)


def plainly(masses: list[int], times: list[int], method: Figures) -> tuple[list[Excursion], str]:
    """The method as its words say it, one weighing after another."""
    size = method.baseline
    first = masses[:size]
    total = sum(first)
    spread = isqrt(size * sum(one * one for one in first) - total * total)
    spread = max(spread, method.spread_min * total // 1000)
    found: list[Excursion] = []
    for direction, sign in ((HIGH, 1), (LOW, -1)):
        value = 0
        inside: list[tuple[int, int, int]] = []  # time, mass, sum
        for mass, time in zip(masses[size:], times[size:], strict=True):
            deviation = min(max(size * mass - total, -method.clip * spread), method.clip * spread)
            value = max(0, value + 1000 * sign * deviation - method.slack * spread)
            if value > 0:
                inside.append((time, mass, value))
            else:
                found += excursion(direction, inside, time, total, spread, method)
                inside = []
        found += excursion(direction, inside, None, total, spread, method)
    standing = [one for one in found if one.until is None]
    alarmed = any(one.alarmed_at is not None for one in standing)
    state = ALARM if alarmed else WARNING if standing else WATCHED
    return sorted(found, key=lambda one: (one.since, one.direction)), state


def excursion(
    direction: str, inside: list[tuple[int, int, int]], until: int | None, total: int, spread: int, method: Figures
) -> list[Excursion]:
    warned = [time for time, _, value in inside if value > 1000 * method.warning * spread]
    alarmed = [(place, time) for place, (time, _, value) in enumerate(inside, 1)
               if value > 1000 * method.alarm * spread]  # fmt: skip
    if not warned:
        return []
    shift = 1000 * method.baseline * sum(mass for _, mass, _ in inside) // (total * len(inside)) - 1000
    return [Excursion(direction, inside[0][0], warned[0], alarmed[0][1] if alarmed else None, until, len(inside),
                      alarmed[0][0] if alarmed else len(inside), shift)]  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.integers(4600, 5400), min_size=4, max_size=4), st.lists(
    st.one_of(st.integers(4000, 6000), st.sampled_from((1, 30_000, 5000, 4700, 5300))), max_size=60))  # fmt: skip
def test_columns_are_what_the_words_say(first: list[int], rest: list[int]) -> None:
    masses = first + rest
    times = [1000 + 10 * place for place in range(len(masses))]
    (span,) = spans(np.array(times), np.array(masses), np.full(len(masses), NONE), SMALL)
    assert (list(span.excursions), span.state) == plainly(masses, times, SMALL)


def test_the_comparison_means_something() -> None:
    """Random masses give excursions of both kinds that end, that go on, and that stay below the alarm."""
    dice = random.Random(1)
    seen = set()
    for _ in range(300):
        masses = [dice.randint(4600, 5400) for _ in range(4)] + [dice.randint(4000, 6000) for _ in range(60)]
        for one in plainly(masses, list(range(64)), SMALL)[0]:
            seen.add((one.direction, one.alarmed_at is None, one.until is None))
    assert len(seen) == 8


def steering(dice: np.random.Generator, number: int, mean: float = 5400, spread: float = 0.08) -> np.ndarray:
    """Steering axles of five-axle combinations: about 5.4 t, spread 8 percent, one in a hundred of another build."""
    masses = dice.normal(mean, spread * mean, number)
    odd = dice.random(number) < 0.01
    masses[odd] = dice.uniform(2500, 9000, int(odd.sum()))
    return masses.astype(np.int64)


def watched(masses: np.ndarray) -> list[Excursion]:
    (span,) = spans(np.arange(len(masses)), masses, np.full(len(masses), NONE), METHOD)
    return list(span.excursions)


# Drift of so many permille -> steering axles within which at least 99 of 100 alarms are given.
WITHIN = {80: 100, 60: 180, 40: 720, -60: 180, -80: 100}


@pytest.mark.parametrize("permille", WITHIN)
def test_a_planted_drift_is_found_within_so_many_weighings(permille: int) -> None:
    delays = []
    for seed in range(200):
        dice = np.random.default_rng(seed)
        masses = steering(dice, 3000)
        masses[1000:] = masses[1000:] * (1000 + permille) // 1000
        alarms = [one for one in watched(masses) if one.alarmed_at is not None]
        assert all(one.alarmed_at >= 1000 for one in alarms)  # none before it began
        right = [one for one in alarms if one.direction == (HIGH if permille > 0 else LOW)]
        delays.append(right[0].alarmed_at - 1000 + 1 if right else 10_000)
    assert int(np.quantile(delays, 0.99, method="higher")) <= WITHIN[permille], sorted(delays)[-5:]


def test_a_slow_drift_is_found_before_it_matters() -> None:
    """Two percent a thousand weighings: found before the instrument is six percent off."""
    for seed in range(50):
        masses = steering(np.random.default_rng(seed), 5000)
        slope = np.maximum(np.arange(5000) - 1000, 0)
        masses = masses * (1_000_000 + 20 * slope) // 1_000_000
        (first, *_) = [one for one in watched(masses) if one.alarmed_at is not None]
        assert first.direction == HIGH
        assert 1000 <= first.alarmed_at <= 4000


def test_sound_instruments_give_no_alarm() -> None:
    """A year of a busy lane each, 10,000 five-axle combinations; the rate of false alarms is that of this count."""
    lanes = 300
    alarms = sum(one.alarmed_at is not None for seed in range(lanes)
                 for one in watched(steering(np.random.default_rng(1000 + seed), 10_000)))  # fmt: skip
    assert alarms == 0  # in 3,000,000 combinations


@given(st.integers(0, 1 << 32))
@settings(max_examples=30)
def test_the_scale_of_the_instrument_makes_no_difference(seed: int) -> None:
    """Twice the masses, the same excursions: spreads are measured in the instrument's own."""
    masses = steering(np.random.default_rng(seed), 1800)
    masses[1000:] += 400
    once, twice = watched(masses), watched(masses * 2)
    assert [one[:5] for one in once] == [one[:5] for one in twice]


def test_a_new_certificate_begins_anew() -> None:
    dice = np.random.default_rng(5)
    masses = steering(dice, 3000)
    masses[800:1300] = masses[800:1300] * 115 // 100
    certificate = np.where(np.arange(3000) < 1300, 0, 1)
    certificate[300:600] = NONE  # not said: the one before holds on
    first, second = spans(np.arange(3000), masses, certificate, METHOD)
    assert (first.certificate, first.state, first.until) == (0, ALARM, 1300)
    assert (second.certificate, second.state, second.since, second.until) == (1, WATCHED, 1300, None)
    (drift,) = first.excursions
    assert drift.direction == HIGH
    assert 780 <= drift.since <= drift.alarmed_at <= 880
    assert 130 <= drift.shift_permille <= 165
    assert drift.until is None


def test_a_drift_that_ends_is_over_when_the_sum_is_zero_again() -> None:
    masses = steering(np.random.default_rng(6), 3000)
    masses[800:860] = masses[800:860] * 115 // 100
    (span,) = spans(np.arange(3000), masses, np.zeros(3000, np.int64), METHOD)
    (drift,) = (one for one in span.excursions if one.alarmed_at is not None)
    assert drift.until is not None
    assert 860 <= drift.until < 1300
    assert span.state in (WATCHED, WARNING)


@pytest.mark.parametrize("number", [0, 1, METHOD.baseline - 1, METHOD.baseline, METHOD.baseline + 1])
def test_few_weighings_are_learning_and_say_nothing(number: int) -> None:
    found = spans(np.arange(number), steering(np.random.default_rng(1), number), np.full(number, NONE), METHOD)
    assert [(one.state, one.number) for one in found] == (
        [(LEARNING if number < METHOD.baseline else WATCHED, number)] if number else [])  # fmt: skip
    assert all(one.excursions == () for one in found)


def test_a_stuck_instrument_is_no_reason_for_an_alarm_at_one_kilogram() -> None:
    masses = np.full(5000, 5400)
    masses[700:] = 5420
    assert watched(masses) == []
