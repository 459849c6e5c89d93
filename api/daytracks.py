"""A vehicle's day as maps show it: by the fixes that the rules would use."""

from __future__ import annotations

from functools import partial

from rules.law import Law
from rules.quality import jumped
from storage.database import Connection
from storage.pages.daytrack import DayTrack, day_track


def shown_track(connection: Connection, plate: str, day: int, tolerance_m: float, law: Law) -> DayTrack:
    """The track of a local day (number) without what its own flags or its neighbours show to be wrong.

    The first and the last fix of the day are taken as they are: their neighbours lie in other days.
    """
    return day_track(connection, plate, day, tolerance_m, law.figure("moving_gap_max"), partial(jumped, law=law))
