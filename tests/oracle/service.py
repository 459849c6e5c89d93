"""Quality of service of each vehicle-day, one fix and one step at a time."""

from itertools import pairwise
from typing import Any

from .driving import day_of, pair_class
from .figures import MOVING_MIN_TENTHS, day_starts
from .reading import Registry, metres, read_fixes

DRIFT = {"zero", "outside", "jump", "frozen"}
UPLOAD_MOVING_S = 30  # Circular 09/2015/TT-BGTVT Art. 4; kept from 2025 on
UPLOAD_STOPPED_S = 15 * 60  # Circular 09/2015/TT-BGTVT Art. 4; from 2025 on not known
SINCE, UNTIL = day_starts("2015-06-01"), day_starts("2025-01-01")
EDGES_S = (1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400,
           172800, 432000, 864000, 2592000)  # fmt: skip

Sums = dict[str, Any]


def service(inputs: dict[str, Any]) -> dict[tuple[str, int], Sums]:
    """Sums by plate and local day; zeros left out, distances in metres."""
    fixes = read_fixes(inputs["positions"], Registry(inputs["registry"]).box)
    days: dict[tuple[str, int], Sums] = {}

    def count(plate: str, second: int, name: str, more: float = 1) -> None:
        sums = days.setdefault((plate, day_of(second)), {})
        sums[name] = sums.get(name, 0) + more

    for plate, line in fixes.by_vehicle.items():
        for fix in line:
            count(plate, fix.time, "fixes")
            count(plate, fix.time, "usable", fix.usable)
            count(plate, fix.time, "drifted", bool(fix.flags & DRIFT))
            if fix.received is None:
                count(plate, fix.time, "without_receipt")
            elif "future" in fix.flags:
                count(plate, fix.time, "future")
            else:
                delay = fix.received - fix.time
                edge = next((str(edge) for edge in EDGES_S if delay <= edge), "inf")
                delays = days[plate, day_of(fix.time)].setdefault("delays", {})
                delays[edge] = delays.get(edge, 0) + 1
        for a, b in pairwise(fixes.usable(plate)):
            last = b.time - 1  # the last second that belongs to the step
            moves, interval = a.tenths >= MOVING_MIN_TENTHS, b.time - a.time
            name, longest = ("moving", UPLOAD_MOVING_S) if moves else ("standing", UPLOAD_STOPPED_S)
            count(plate, last, f"{name}_steps")
            if b.time >= SINCE and (moves or b.time < UNTIL):
                count(plate, last, f"{name}_judged")
                count(plate, last, f"{name}_timely", interval <= longest)
            count(plate, last, "track_m", metres(a, b))
            if pair_class(a, b) == "driving":
                count(plate, last, "driving_m", metres(a, b))
    return {key: {name: value for name, value in sums.items() if value} for key, sums in days.items()}
