"""What days of vehicles add up to: weeks and months as they are kept, and only what is left over day by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import LiteralString, NamedTuple

from storage.sums.service import ServiceSums
from storage.together import Question, whole_numbers

# Each kind of rows is asked for only where there is one. What is not needed would cost little to look for, but the
# database, which takes it for a lot, would plan the question anew each time: that takes longer than to answer it.
_OF_WEEKS: LiteralString = """
    SELECT vehicle_id, week, driven_mm, sending
    FROM unnest(%(whole_vehicles)s::int[], %(whole_firsts)s::int[], %(whole_stops)s::int[]) AS o (vehicle, first, stop)
    JOIN summary_week ON vehicle_id = vehicle AND week >= first AND week < stop AND days > 0
"""
_OF_DAYS: LiteralString = """
    SELECT vehicle_id, (day + 3) / 7 AS week, round(driving_m * 1000)::bigint AS driven_mm,
           (fixes > 0)::int << ((day + 3) %% 7) AS sending
    FROM unnest(%(driven_vehicles)s::int[], %(driven_firsts)s::int[], %(driven_stops)s::int[])
        AS o (vehicle, first, stop)
    JOIN day_summary ON vehicle_id = vehicle AND day >= first AND day < stop
"""
_DRIVEN: LiteralString = """
    SELECT vehicle_id, week, sum(driven_mm) AS driven_mm,
           max(week * 128 + sending) FILTER (WHERE sending > 0) AS latest
    FROM ({known}) AS known
    GROUP BY GROUPING SETS ((vehicle_id), (week))
"""
_OF_MONTH: LiteralString = """
    SELECT 1 AS sign, online, {names} FROM service_month
    WHERE month = %(month)s::int AND vehicle_id = ANY(%(whole)s::int[])
""".replace("{names}", ", ".join(ServiceSums._fields))
# sign: -1 for days that are taken away again.
_OF_SERVED: LiteralString = """
    SELECT sign, (usable > 0)::int AS online, {names}
    FROM unnest(%(served_vehicles)s::int[], %(served_firsts)s::int[], %(served_stops)s::int[], %(signs)s::int[])
        AS o (vehicle, first, stop, sign)
    JOIN service_day ON vehicle_id = vehicle AND day >= first AND day < stop
""".replace("{names}", ", ".join(ServiceSums._fields))
_SERVICE: LiteralString = "SELECT {sums} FROM ({known}) AS known".replace(
    "{sums}", ", ".join(f"sum(sign * {name}) AS {name}" for name in (*ServiceSums._fields, "online"))
)
_LATEST_BASE = 128


class VehicleDays(NamedTuple):
    """Local days [first, stop) of the vehicle of a number."""

    vehicle: int
    first: int
    stop: int


_Row = tuple[int, ...]  # of an operator there are hundreds: no more is made of them than is sent


def driven_query(days: Iterable[VehicleDays]) -> Question:
    """What gives, of each vehicle and of each week (the other is null), the mm driven and what `last_day` reads.

    days: no day of a vehicle twice.
    """
    weeks: list[_Row] = []
    rest: list[_Row] = []
    for vehicle, first, stop in days:
        begin, end = (first + 9) // 7, (stop + 3) // 7  # of the weeks that are whole
        if begin >= end:
            rest.append((vehicle, first, stop))
            continue
        weeks.append((vehicle, begin, end))
        if first < begin * 7 - 3:
            rest.append((vehicle, first, begin * 7 - 3))
        if end * 7 - 3 < stop:
            rest.append((vehicle, end * 7 - 3, stop))
    asked = _columns(weeks, "whole_vehicles", "whole_firsts", "whole_stops")
    text = _of(_DRIVEN, (_OF_WEEKS, bool(weeks)), (_OF_DAYS, bool(rest)))
    return text, asked | _columns(rest, "driven_vehicles", "driven_firsts", "driven_stops")


def last_day(latest: int | None) -> int | None:
    """The last local day with fixes, of what driven_query tells; None: none had any.

    It tells the week, times 128, and the days of it as the column `sending` has them: whichever others of the week are
    known with it, the last one has the highest bit.
    """
    if latest is None:
        return None
    week, sending = divmod(latest, _LATEST_BASE)
    return week * 7 - 3 + sending.bit_length() - 1


def service_query(month: int, first: int, stop: int, days: Iterable[VehicleDays]) -> Question:
    """What gives ServiceSums and the vehicle-days with a usable fix; null: there are none.

    month: its number, and its local days [first, stop). days: of it, no day of a vehicle twice.
    """
    whole: list[int] = []
    rest: list[_Row] = []
    for vehicle, begin, end in days:
        # The month without its other days, or the days themselves: what is less to add up.
        if stop - first < 2 * (end - begin):
            whole.append(vehicle)
            if first < begin:
                rest.append((vehicle, first, begin, -1))
            if end < stop:
                rest.append((vehicle, end, stop, -1))
        else:
            rest.append((vehicle, begin, end, 1))
    asked = {"month": month, "whole": whole_numbers(whole)}
    text = _of(_SERVICE, (_OF_MONTH, bool(whole)), (_OF_SERVED, bool(rest)))
    return text, asked | _columns(rest, "served_vehicles", "served_firsts", "served_stops", "signs")


@cache
def _of(sums: LiteralString, *kinds: tuple[LiteralString, bool]) -> LiteralString:
    """What adds up rows of the kinds of which there are some."""
    some = [text for text, there in kinds if there] or [kinds[0][0]]
    return sums.replace("{known}", " UNION ALL ".join(some))


def _columns(rows: Sequence[_Row], *names: str) -> dict[str, object]:
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return dict(zip(names, map(whole_numbers, columns), strict=True))
