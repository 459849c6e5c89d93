"""All reviews of one local day, in the order in which they are printed: time, kind, vehicle, station."""

from __future__ import annotations

from rules.stations.day import Day, Review
from rules.stations.detours import detours
from rules.stations.silent import silent
from rules.stations.unweighed import unweighed
from rules.stations.waits import waits


def reviews(day: Day) -> list[Review]:
    """What looks as if somebody avoided a scale on a day. The same for whatever order its records came in."""
    found = [*unweighed(day), *detours(day), *waits(day), *silent(day)]
    return sorted(found, key=lambda one: (one.at, one.kind, one.vehicle, one.station))
