"""Weeks and months of vehicle-days are kept, and asked for, as what is counted day by day."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey.localtime import date_of, day_of, month_number, number_of
from rules.months import bounds
from storage.database import Connection, connect, scalar
from storage.migrate import load_migrations
from storage.names import vehicle_ids
from storage.sums.service import ServiceSums
from storage.sums.vehicle_days import VehicleDays, driven_query, last_day, service_query
from storage.together import ask_together
from tests.storage.samples import new_run

EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "60"))
PLATES = ("12C00001", "12C00002")
FIRST = number_of(date_of(20_480).replace(day=1))  # of a month, local day
LATER = st.integers(FIRST - 12, FIRST + 45)
DAY_SUM = st.tuples(
    st.just("day"),
    st.sampled_from(PLATES),
    LATER,
    st.sampled_from((0, 0, 7)),
    st.integers(0, 10**6),
    st.integers(0, 900),
)
SERVICE = st.tuples(st.just("service"), st.sampled_from(PLATES), LATER, st.sampled_from((0, 7)), st.integers(0, 10**6))
GONE = st.tuples(st.just("gone"), st.sampled_from(PLATES), LATER, st.sampled_from(("day_summary", "service_day")))
STEPS = st.lists(st.one_of(DAY_SUM, DAY_SUM, SERVICE, SERVICE, GONE), max_size=60)
_PUT = """
    INSERT INTO day_summary VALUES (%s, %s, %s, 0, '{}', %s, 5, 1, %s, 'run-1')
    ON CONFLICT (vehicle_id, day) DO UPDATE SET fixes = EXCLUDED.fixes, driving_s = EXCLUDED.driving_s,
        driving_m = EXCLUDED.driving_m
"""
_SERVE = """
    INSERT INTO service_day VALUES (%s, %s, 9, %s, 1, 2, 3, 30, 29, 20, 10, 9, 8, %s, %s, '{}', 'run-1')
    ON CONFLICT (vehicle_id, day) DO UPDATE SET usable = EXCLUDED.usable, driving_mm = EXCLUDED.driving_mm
"""
_SUMS = ", ".join(ServiceSums._fields)
_KEPT = (
    "SELECT vehicle_id, week, days, sending, driven_mm FROM summary_week WHERE days > 0",
    "SELECT vehicle_id, month, days, fixes, driven_mm, known_s FROM summary_month WHERE days > 0",
    "SELECT vehicle_id, month, days, online, {sums} FROM service_month WHERE days > 0".replace("{sums}", _SUMS),
)
_SERVED = "SELECT vehicle_id, day, {sums} FROM service_day".replace("{sums}", _SUMS)
_GONE = {
    "day_summary": "DELETE FROM day_summary WHERE vehicle_id = %s AND day = %s",
    "service_day": "DELETE FROM service_day WHERE vehicle_id = %s AND day = %s",
}
_EMPTY = ("summary_week", "summary_month", "service_month")

Kept = list[dict[tuple[int, int], tuple[int, ...]]]


@pytest.fixture(scope="module")
def store(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        new_run(connection)
        vehicle_ids(connection, PLATES)
        connection.commit()
        yield connection


def take(store: Connection, steps: list[tuple[object, ...]]) -> None:
    """From nothing; in the open transaction."""
    store.execute("DELETE FROM day_summary")
    store.execute("DELETE FROM service_day")
    numbers = vehicle_ids(store, PLATES)
    for kind, plate, day, *more in steps:
        vehicle = numbers[str(plate)]
        if kind == "day":
            fixes, mm, driving_s = more
            store.execute(_PUT, (vehicle, day, fixes, driving_s, int(str(mm)) / 1000))
        elif kind == "service":
            usable, mm = more
            store.execute(_SERVE, (vehicle, day, usable, mm, mm))
        else:
            store.execute(_GONE[str(more[0])].encode(), (vehicle, day))


def kept(store: Connection) -> Kept:
    return [{(vehicle, span): tuple(some) for vehicle, span, *some in store.execute(one.encode())} for one in _KEPT]


def counted(store: Connection) -> Kept:
    """One day at a time."""
    found: Kept = [{}, {}, {}]

    def add(place: int, key: tuple[int, int], some: tuple[int, ...]) -> None:
        before = found[place].get(key, (0,) * len(some))
        found[place][key] = tuple(a + b for a, b in zip(before, some, strict=True))

    for vehicle, day, fixes, driving_m, known_s in store.execute(
        "SELECT vehicle_id, day, fixes, driving_m, driving_s + standing_s FROM day_summary"
    ):
        bit = 1 << date_of(day).weekday() if fixes else 0
        add(0, (vehicle, (day + 3) // 7), (1, bit, round(driving_m * 1000)))
        add(1, (vehicle, month_number(date_of(day))), (1, fixes, round(driving_m * 1000), known_s))
    for vehicle, day, *sums in store.execute(_SERVED.encode()):
        add(2, (vehicle, month_number(date_of(day))), (1, int(ServiceSums(*sums).usable > 0), *sums))
    return found


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_weeks_and_months_are_those_of_the_days(store: Connection, steps: list[tuple[object, ...]]) -> None:
    with store.transaction(force_rollback=True):
        take(store, steps)
        before = counted(store)
        assert kept(store) == before
        # What a store has that was filled before there were sums: the migration's own statements.
        (text,) = (one.text.decode() for one in load_migrations() if one.name.endswith("_week_and_month.sql"))
        store.execute(f"TRUNCATE {', '.join(_EMPTY)}".encode())
        store.execute(text[text.rindex("INSERT INTO summary_week") :].encode())
        assert kept(store) == before


def test_months_of_the_store_are_those_of_the_calendar(store: Connection) -> None:
    days = range(-800, 40_000)
    found = store.execute("SELECT month_of_day(day) FROM unnest(%s::int[]) AS d (day)", (list(days),))
    assert [month for (month,) in found] == [month_number(date_of(day)) for day in days]


def spans(cuts: list[int]) -> list[tuple[int, int]]:
    """Every second stretch between cuts: none meets another, and some are empty of whole weeks."""
    ordered = sorted(set(cuts))
    return list(zip(ordered[::2], ordered[1::2], strict=False))


CUTS = st.lists(LATER, max_size=6)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, CUTS, CUTS)
def test_whatever_days_are_asked_for(
    store: Connection, steps: list[tuple[object, ...]], one: list[int], other: list[int]
) -> None:
    with store.transaction(force_rollback=True):
        take(store, steps)
        numbers = vehicle_ids(store, PLATES)
        asked = [VehicleDays(numbers[plate], *span)
                 for plate, cuts in zip(PLATES, (one, other), strict=True) for span in spans(cuts)]  # fmt: skip
        agree_on_driven(store, asked)
        agree_on_service(store, asked)


def agree_on_driven(store: Connection, asked: list[VehicleDays]) -> None:
    driven: defaultdict[tuple[str, int], int] = defaultdict(int)
    last: dict[tuple[str, int], int] = {}
    for vehicle, day, fixes, driving_m in store.execute("SELECT vehicle_id, day, fixes, driving_m FROM day_summary"):
        if any(vehicle == one.vehicle and one.first <= day < one.stop for one in asked):
            for key in (("vehicle", vehicle), ("week", (day + 3) // 7)):
                driven[key] += round(driving_m * 1000)
                if fixes:
                    last[key] = max(day, last.get(key, day))
    (rows,) = ask_together(store, [driven_query(asked)])
    found = {("vehicle", vehicle) if week is None else ("week", week): some for vehicle, week, *some in rows}
    assert {key: mm for key, (mm, _) in found.items()} == driven
    assert {key: last_day(latest) for key, (_, latest) in found.items()} == {key: last.get(key) for key in driven}


def agree_on_service(store: Connection, asked: list[VehicleDays]) -> None:
    """Of the month's days alone."""
    month = date_of(FIRST)
    stop = day_of(bounds(month)[1])
    cut = [VehicleDays(one.vehicle, max(one.first, FIRST), min(one.stop, stop)) for one in asked]
    inside = [one for one in cut if one.first < one.stop]
    sums = [0] * (len(ServiceSums._fields) + 1)
    for vehicle, day, *some in store.execute(_SERVED.encode()):
        if any(vehicle == one.vehicle and one.first <= day < one.stop for one in inside):
            sums = [a + b for a, b in zip(sums, (*some, int(ServiceSums(*some).usable > 0)), strict=True)]
    ((found,),) = ask_together(store, [service_query(month_number(month), FIRST, stop, inside)])
    assert [one or 0 for one in found] == sums


@pytest.mark.native_server  # several connections at once
def test_two_who_judge_days_of_one_week_both_count(module_database: str, store: Connection) -> None:
    """The one waits for the other, and adds to what that one has left."""
    number = vehicle_ids(store, PLATES)[PLATES[0]]
    store.commit()

    def judge(day: int) -> None:
        with connect(module_database) as own:
            for round_ in range(20):
                own.execute(_PUT, (number, day, 7, 5, float(round_)))
                own.commit()

    week = [FIRST - (FIRST + 3) % 7 + day for day in range(4)]
    with ThreadPoolExecutor(len(week)) as several:
        list(several.map(judge, week))
    assert kept(store) == counted(store)
    assert scalar(store, "SELECT driven_mm FROM summary_week") == 4 * 19_000
    store.execute("DELETE FROM day_summary")
    store.commit()
