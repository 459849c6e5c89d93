"""A province's vehicles for the benchmarks of the store: days of dense driving, as cheap to make as to count.

Each vehicle sends 3,000 fixes a day, ten seconds apart, up and down a meridian, and rests twice. One in fifty a day
goes too fast for five minutes, one in twenty-five never rests.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from journey.localtime import DAY_S, day_start
from journey.registry import Driver, Operator, Registration, Registry
from journey.track import FIX, on_grid

FIXES_A_DAY = 3_000
_STEP_S = 10
_REST = 120  # fixes
_DEGREE_M = 111_195.0


def plate(number: int) -> str:
    return f"12C{number:05d}"


def licence(number: int) -> str:
    return f"79{number:010d}"


def registry(vehicles: int, operators: int) -> Registry:
    """Trucks of so many operators, each with a driver of its own."""
    return Registry(
        operators=tuple(Operator(f"OP{n:03d}", f"Operator {n}") for n in range(operators)),
        vehicles=tuple(
            Registration(plate(n), f"OP{n % operators:03d}", "truck", payload_kg=15_000, kerb_kg=9_000)
            for n in range(vehicles)
        ),
        drivers=tuple(Driver(licence(n), f"Driver {n}", f"OP{n % operators:03d}") for n in range(vehicles)),
        stations=(),
        permits=(),
        roads=(),
    )


def day_fixes(first: int, vehicles: int, day: int, fixes: int = FIXES_A_DAY) -> pl.DataFrame:
    """What vehicles [first, first + vehicles) send on a local day, in order of arrival: a FIX frame.

    Args: fixes: of each vehicle, 720 to 8,640.
    """
    random = np.random.default_rng((day, first))
    shape = vehicles, fixes
    free = DAY_S - fixes * _STEP_S + 1
    time = day_start(day) + random.integers(0, free, vehicles)[:, None] + _STEP_S * np.arange(shape[1])
    speed = random.integers(400, 620, vehicles)[:, None] + random.integers(-30, 31, shape)
    rests = np.zeros(shape, bool)
    for begin in (shape[1] // 3, 2 * shape[1] // 3):
        rests[random.random(vehicles) > 1 / 25, begin : begin + _REST] = True
    fast = np.flatnonzero(random.random(vehicles) < 1 / 50)
    speed[fast, 600:630] = 1150
    speed[rests] = 0
    # An hour up, an hour down.
    way = np.where(np.arange(shape[1]) // 360 % 2 == 0, 1, -1)
    moved = np.cumsum(np.concatenate((np.zeros((vehicles, 1)), (speed * way / 36 * _STEP_S)[:, :-1]), axis=1), axis=1)
    lon = 106.0 + 0.0005 * np.arange(first, first + vehicles)[:, None] + random.integers(-200, 201, shape) * 1e-7
    numbers = np.repeat(np.arange(first, first + vehicles), shape[1])
    order = np.argsort(time.ravel(), kind="stable")
    names = pl.Series([plate(n) for n in range(first, first + vehicles)])
    licences = pl.Series([licence(n) for n in range(first, first + vehicles)])
    flat = time.ravel()[order]
    return on_grid(
        pl.DataFrame(
            {
                "vehicle": names.gather((numbers - first)[order]),
                "driver": licences.gather((numbers - first)[order]),
                "time": flat,
                "lon": lon.ravel()[order],
                "lat": 21.3 + moved.ravel()[order] / _DEGREE_M,
                "speed_dkmh": speed.ravel()[order],
                "heading": np.broadcast_to(np.where(way > 0, 0.0, 180.0), shape).ravel()[order],
                "altitude_m": None,
                "ignition": True,
                "door": False,
                "aircon": None,
                "received": flat + random.integers(1, 4, len(flat)),
                "scaled": False,
            },
            schema=FIX,
            strict=False,
        )
    )
