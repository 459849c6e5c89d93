"""Fixes that tests send, each different, and a store that knows their vehicles."""

from __future__ import annotations

import orjson

from journey.registry import Operator, Provider, Registration, Registry

BEGIN = 1_760_000_000  # s UTC
VEHICLES = [f"12C{number:05}" for number in range(40)]
OPERATORS = ("OP1", "OP2")
REGISTRY = Registry(
    operators=tuple(Operator(one, f"operator {one}") for one in OPERATORS),
    vehicles=tuple(
        Registration(plate, OPERATORS[place >= 30], "truck", "goods") for place, plate in enumerate(VEHICLES)
    ),
    providers=(Provider("BOTH", "provider for both", OPERATORS), Provider("ALL", "provider for all")),
)
OF_OP1 = 30  # vehicles


def fix(number: int) -> dict[str, object]:
    """A fix of OP1 that no other number gives."""
    return {
        "vehicle": VEHICLES[number % OF_OP1],
        "driver": "790123456789",
        "time": BEGIN + number,
        "lon": 106.5 + number % 1000 * 1e-5,
        "lat": 21.5,
        "speed_kmh": number % 900 / 10,
        "ignition": True,
    }


def one_each(start: int, stop: int) -> list[bytes]:
    """A message a fix."""
    return [orjson.dumps(fix(number)) for number in range(start, stop)]


def many_each(start: int, stop: int, each: int) -> list[bytes]:
    """Messages of `each` fixes, as JSON arrays."""
    return [
        orjson.dumps([fix(number) for number in range(first, min(first + each, stop))])
        for first in range(start, stop, each)
    ]
