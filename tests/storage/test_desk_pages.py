"""What pages of the desk ask of the store, over two operators of whom one sold a vehicle to the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from journey.localtime import day_start, week_of
from storage.cases import actor_of
from storage.database import Connection, connect
from storage.operator_page import driver_count, operator_registry, operator_sums, operator_vehicles, operator_weeks
from storage.overview import case_counts, case_states, changed_since, fleets, latest_finding, rule_counts
from storage.people import Person
from storage.roads import road_shapes
from storage.vehicle_page import known_days
from tests.api.filled import NOW, PLATES, SOLD, TRAILER, fill, first_finding
from tests.storage.samples import DAY, NOON

FIRST, STOP = DAY - 6, DAY + 1
OFFICE, OWNER = Person(1, "a", "A", "inspector", None), Person(2, "b", "B", "operator", "OP1")


@pytest.fixture(scope="module")
def store(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        fill(connection)
        for plate, day, metres in ((PLATES["OP1"], DAY, 2000.0), (SOLD, DAY - 1, 500.0), (SOLD, DAY, 700.0)):
            connection.execute(
                "INSERT INTO day_summary SELECT id, %s, 10, 9, '{}', 60, 30, 0, %s, 'run-1' FROM vehicle "
                "WHERE plate = %s",
                (day, metres, plate),
            )
        connection.commit()
        yield connection


def test_a_week_counts_findings_by_rule_and_those_without_a_case(store: Connection) -> None:
    every = {(one.rule, one.grade): one for one in rule_counts(store, NOON - 10, NOON + 3600, None)}
    assert every["speeding", "certain"].findings == 25  # of one vehicle that is nobody's, too
    assert every["speeding", "certain"].unopened == 23
    assert every["overload_gross", "possible"].findings == 2
    own = {(one.rule, one.grade): one.findings for one in rule_counts(store, NOON - 10, NOON + 3600, "OP1")}
    assert own == {("speeding", "certain"): 12, ("overload_gross", "possible"): 1, ("double_login", "certain"): 1}
    assert rule_counts(store, NOON + 3600, NOON + 7200, None) == []


def test_the_latest_finding_and_what_changed(store: Connection) -> None:
    assert latest_finding(store, None) == NOON + 11 * 60 + 30
    assert latest_finding(store, "nobody") is None
    assert changed_since(store, 0, "OP1") == (14, 0)
    assert changed_since(store, 1 << 32, None) == (0, 0)


def test_cases_are_counted_for_who_may_see_them(store: Connection) -> None:
    assert actor_of(OWNER).operator == "OP1"
    assert [(one.state, one.cases, one.late) for one in case_counts(store, OFFICE, NOW)] == [("sent_to_operator", 2, 0)]
    assert [(one.cases, one.late) for one in case_counts(store, OWNER, NOW + 20 * 86_400)] == [(1, 1)]
    ids = [first_finding(store, "OP1"), first_finding(store, "OP2")]
    assert set(case_states(store, ids, OFFICE)) == set(ids)
    assert set(case_states(store, ids, OWNER)) == {ids[0]}


def test_silent_vehicles_are_counted_without_trailers(store: Connection) -> None:
    days = (DAY, DAY + 1)
    found = {one.operator: (one.registered, one.seen) for one in fleets(store, days, 0, ["semi_trailer"], None)}
    assert found == {"OP1": (1, 1), "OP2": (2, 1)}
    assert [one.operator for one in fleets(store, days, 0, [], "OP2")] == ["OP2"]


def test_a_day_is_the_owners_of_that_day(store: Connection) -> None:
    """The vehicle that was sold drove 500 m for the one and 700 m for the other."""
    start = day_start(FIRST)
    for operator, driven in (("OP1", 2500.0), ("OP2", 700.0)):
        weeks = operator_weeks(store, operator, FIRST, STOP, start)
        assert sum(one.driven_m for one in weeks) == driven
        assert weeks[-1].week == week_of(NOON)
    (week,) = [one for one in operator_weeks(store, "OP1", FIRST, STOP, start) if one.certain]
    assert (week.certain, week.possible) == (13, 1)


def test_vehicles_of_an_operator_are_those_of_the_day(store: Connection) -> None:
    start = day_start(FIRST)
    before = {one.plate: one for one in operator_vehicles(store, "OP1", DAY - 1, FIRST, STOP, start)}
    after = {one.plate: one for one in operator_vehicles(store, "OP1", DAY, FIRST, STOP, start)}
    assert set(before) == {PLATES["OP1"], SOLD}
    assert (before[SOLD].driven_m, before[SOLD].last_day) == (500.0, DAY - 1)
    assert set(after) == {PLATES["OP1"]}
    assert after[PLATES["OP1"]].certain == 13


def test_sums_registry_and_drivers_of_an_operator(store: Connection) -> None:
    sums, online = operator_sums(store, "OP1", DAY - 1, DAY)
    assert (sums.fixes, sums.usable, online) == (60, 59, 1)
    assert operator_sums(store, "nobody", DAY - 1, DAY)[0].fixes == 0
    registry = operator_registry(store, "OP2")
    assert {row.plate for row in registry.vehicles} == {PLATES["OP2"], SOLD, TRAILER}
    assert [one.id for one in registry.stations] == ["KT12"]
    assert driver_count(store, "OP1") == 1


def test_days_of_a_vehicle_are_shown_to_their_owner(store: Connection) -> None:
    assert [one.day for one in known_days(store, SOLD, DAY, 10)] == [DAY, DAY - 1]
    assert [one.day for one in known_days(store, SOLD, DAY, 10, "OP1")] == [DAY - 1]
    assert [one.day for one in known_days(store, SOLD, DAY - 1, 10, "OP2")] == []
    assert known_days(store, "99Z99999", DAY, 10) == []
    assert road_shapes(store, DAY) == []
