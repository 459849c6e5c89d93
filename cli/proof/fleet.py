"""The fleet of a self-proof: one operator, plates of a province that does not exist, the last whole week."""

from __future__ import annotations

from datetime import timedelta

from cli.fleet import Fleet, FleetSpec, generate
from journey.localtime import date_of, day_of, week_of, week_start

OPERATOR = "SELF-PROOF"  # the operator of its vehicles and the sender of its records
PROVINCE = "00"  # none: provinces have 11 to 99
VEHICLES = 14


def fleet_of(now: int, vehicles: int = VEHICLES) -> Fleet:
    """The fleet of a day: another each day, the same whenever it is asked for on that day. now: s UTC."""
    monday = date_of(day_of(week_start(week_of(now)))) - timedelta(days=7)
    return generate(FleetSpec(vehicles=vehicles, days=7, start=monday, seed=day_of(now), operators=1, operator=OPERATOR,
                              provinces=(PROVINCE,)))  # fmt: skip
