"""What days of vehicles add up to: weeks and months as they are kept, and only what is left over day by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import LiteralString, NamedTuple

from storage.sums.service import ServiceSums
from storage.together import whole_numbers

_WEEKS: LiteralString = "unnest(%(whole_vehicles)s::int[], %(whole_firsts)s::int[], %(whole_stops)s::int[])"
_DAYS: LiteralString = "unnest(%(driven_vehicles)s::int[], %(driven_firsts)s::int[], %(driven_stops)s::int[])"
_DRIVEN: LiteralString = """
    SELECT vehicle_id, week, sum(driven_mm) AS driven_mm,
           max(week * 128 + sending) FILTER (WHERE sending > 0) AS latest
    FROM (SELECT vehicle_id, week, driven_mm, sending FROM {weeks} AS o (vehicle, first, stop)
          JOIN summary_week ON vehicle_id = vehicle AND week >= first AND week < stop AND days > 0
          UNION ALL
          SELECT vehicle_id, (day + 3) / 7, round(driving_m * 1000)::bigint, (fixes > 0)::int << ((day + 3) %% 7)
          FROM {days} AS o (vehicle, first, stop)
          JOIN day_summary ON vehicle_id = vehicle AND day >= first AND day < stop) AS known
    GROUP BY GROUPING SETS ((vehicle_id), (week))
""".replace("{weeks}", _WEEKS).replace("{days}", _DAYS)
# sign: -1 for days that are taken away again.
_SERVICE: LiteralString = """
    SELECT {sums} FROM (
        SELECT 1 AS sign, {names}, online FROM service_month
        WHERE month = %(month)s::int AND vehicle_id = ANY(%(whole)s::int[])
        UNION ALL
        SELECT sign, {names}, (usable > 0)::int
        FROM unnest(%(served_vehicles)s::int[], %(served_firsts)s::int[], %(served_stops)s::int[], %(signs)s::int[])
            AS o (vehicle, first, stop, sign)
        JOIN service_day ON vehicle_id = vehicle AND day >= first AND day < stop) AS known
"""
_SUMS = ", ".join(f"sum(sign * {name}) AS {name}" for name in (*ServiceSums._fields, "online"))
_SERVICE = _SERVICE.replace("{sums}", _SUMS).replace("{names}", ", ".join(ServiceSums._fields))
_LATEST_BASE = 128


class VehicleDays(NamedTuple):
    """Local days [first, stop) of the vehicle of a number."""

    vehicle: int
    first: int
    stop: int


Asked = tuple[LiteralString, dict[str, object]]


def driven_query(days: Sequence[VehicleDays]) -> Asked:
    """What gives, of each vehicle and of each week (the other is null), the mm driven and what `last_day` reads.

    days: no day of a vehicle twice.
    """
    weeks, rest = [], []
    for one in days:
        first, stop = -(-(one.first + 3) // 7), (one.stop + 3) // 7
        if first >= stop:
            rest.append(one)
            continue
        weeks.append(VehicleDays(one.vehicle, first, stop))
        rest += _filled(one._replace(stop=first * 7 - 3), one._replace(first=stop * 7 - 3))
    return _DRIVEN, {**_parameters("whole", weeks), **_parameters("driven", rest)}


def last_day(latest: int | None) -> int | None:
    """The last local day with fixes, of what driven_query tells; None: none had any.

    It tells the week, times 128, and the days of it as the column `sending` has them: whichever others of the week are
    known with it, the last one has the highest bit.
    """
    if latest is None:
        return None
    week, sending = divmod(latest, _LATEST_BASE)
    return week * 7 - 3 + sending.bit_length() - 1


def service_query(month: int, first: int, stop: int, days: Iterable[VehicleDays]) -> Asked:
    """What gives ServiceSums and the vehicle-days with a usable fix; null: there are none.

    month: its number, and its local days [first, stop). days: of it, no day of a vehicle twice.
    """
    whole: list[int] = []
    rest: list[tuple[int, VehicleDays]] = []
    for one in days:
        others = _filled(one._replace(first=first, stop=one.first), one._replace(first=one.stop, stop=stop))
        # The month without its other days, or the days themselves: what is less to add up.
        if sum(other.stop - other.first for other in others) < one.stop - one.first:
            whole.append(one.vehicle)
            rest += ((-1, other) for other in others)
        else:
            rest.append((1, one))
    return _SERVICE, {"month": month, "whole": whole_numbers(whole), "signs": whole_numbers(sign for sign, _ in rest),
                      **_parameters("served", [one for _, one in rest])}  # fmt: skip


def _filled(*some: VehicleDays) -> list[VehicleDays]:
    return [one for one in some if one.first < one.stop]


def _parameters(name: str, days: Sequence[VehicleDays]) -> dict[str, object]:
    return {f"{name}_vehicles": whole_numbers(one.vehicle for one in days),
            f"{name}_firsts": whole_numbers(one.first for one in days),
            f"{name}_stops": whole_numbers(one.stop for one in days)}  # fmt: skip
