"""The limits that innocent driving stays below and planted driving goes above: a plain copy of this package's own.

An answer key must not be computed by the engine that it checks, so nothing here is read from the engine's law files.
"""

from __future__ import annotations

from datetime import date

CONTINUOUS_S = 14_400
DAY_S = 36_000
WEEK_S = 172_800
WEEK_FROM = date(2025, 1, 1)

_CLASSES_CHANGED = date(2025, 1, 1)
_URBAN = {True: 60, False: 50}  # by divided
_RURAL = {
    "A": {True: 90, False: 80},
    "B": {True: 80, False: 70},
    "C": {True: 70, False: 60},
    "D": {True: 60, False: 50},
}


def legal_break_s(business: str) -> int:
    """Shortest stop that ends a continuous drive, s."""
    return 300 if business in ("taxi", "bus") else 900


def speed_class(kind: str, seats: int | None, payload_kg: int | None, liquid_tank: bool, day: date) -> str:
    """Class A to D of the speed tables on a local day. `seats` counts the driver's."""
    new = day >= _CLASSES_CHANGED
    if kind in ("coach", "taxi"):
        most = 29 if new else 30
        return "A" if (seats or 0) <= most else "B"
    if kind == "truck":
        return "A" if (payload_kg or 0) <= 3500 else "B"
    if kind == "tractor":
        return "D" if liquid_tank and new else "C"
    return "D" if kind in ("tanker_truck", "mixer") else "C"


def table_limit(speed_class: str, *, divided: bool, urban: bool) -> int:
    """Limit in km/h where no sign stands, on a two-way road."""
    return (_URBAN if urban else _RURAL[speed_class])[divided]


def speeding_band(excess_dkmh: int) -> str:
    """Band of a sustained excess of at least 5.0 km/h, given in tenths."""
    if excess_dkmh < 100:
        return "5-10"
    if excess_dkmh <= 200:
        return "10-20"
    return "20-35" if excess_dkmh <= 350 else "35+"
