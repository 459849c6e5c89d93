"""The screen leaves out no fix that is over: same runs with it and with a search for roads at every fix."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey.registry import Road
from journey.track import Int
from rules import registered as registrations
from rules.bands import NEVER_OVER, lowest
from rules.engine import Known, know, vehicle_floor
from rules.quality import Usable
from rules.roads.limits import NO_LAW, limits_at
from rules.roads.suspects import runs_of, suspects
from tests.casefolder import LAW, read_inputs
from tests.strategies import cases

EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "150"))
DEGREE_M = 111_194.9


def in_runs(usable: Usable, known: Known, plates: tuple[str, ...]) -> Int:
    """The fixes of speeding runs, by a search at every fix."""
    registered = registrations.index(known.registry.vehicles, plates)
    judged = limits_at(usable, np.arange(len(usable.time)), registered, known.roads, LAW)
    least = lowest(LAW, "speed.bands", usable.time)
    over = np.flatnonzero(
        (judged.limit_dkmh != NO_LAW) & (least != NEVER_OVER) & (usable.speed_dkmh - judged.limit_dkmh >= least)
    )
    return over[runs_of(usable, over, LAW).flat()]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_no_run_is_lost(inputs: dict[str, Any]) -> None:
    fixes, _, registry = read_inputs(inputs)
    known = know(registry, LAW)
    floor = vehicle_floor(fixes, known, LAW)
    registered = registrations.index(known.registry.vehicles, floor.plates)
    kept = suspects(floor.usable, registered, known.roads, LAW)
    assert np.isin(in_runs(floor.usable, known, floor.plates), kept).all()
    assert (np.diff(kept) > 0).all()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    cases(),
    st.integers(0, 1 << 30),
    st.sampled_from((0.0, 15.0, -34.0, 63.0, 79.99, 80.01, 84.0)),
    st.sampled_from((0.0, 106.7, -179.9995, 179.9995)),
)
def test_no_run_is_lost_anywhere_on_earth(inputs: dict[str, Any], seed: int, lat: float, lon: float) -> None:
    """Fixes in a cloud around roads of any length, at the edges of cells and of the world."""
    fixes, _, registry = read_inputs(inputs)
    floor = vehicle_floor(fixes, know(registry, LAW), LAW)
    random = np.random.default_rng(seed)
    roads = []
    for number in range(int(random.integers(1, 6))):
        ends = np.round(
            random.normal(0, float(random.choice([2e-4, 2e-3, 5e-2])), (2, 2)) + np.array([lon, lat]),
            3 if number % 2 else 7,
        )
        line = tuple((float(np.clip(x, -180, 180)), float(np.clip(y, -90, 90))) for x, y in ends)
        roads.append(
            Road(f"R{number}", None, "undivided", False, float(random.choice([40, 60, 90])), False, None, line)
        )
    known = know(replace(registry, roads=tuple(roads)), LAW)
    usable = floor.usable
    ends = np.array([road.line for road in roads])
    which = random.integers(0, len(roads), len(usable.time))
    share = random.uniform(0, 1, (len(usable.time), 1))
    at = ends[which, 0] + share * (ends[which, 1] - ends[which, 0])
    at += random.uniform(-40, 40, at.shape) / DEGREE_M / np.array([np.cos(np.radians(min(lat, 80))), 1])
    usable = replace(usable, lon=np.clip(at[:, 0], -180, 180), lat=np.clip(at[:, 1], -90, 90))
    registered = registrations.index(known.registry.vehicles, floor.plates)
    kept = suspects(usable, registered, known.roads, LAW)
    assert np.isin(in_runs(usable, known, floor.plates), kept).all()
