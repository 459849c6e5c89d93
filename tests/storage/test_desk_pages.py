"""What pages of the desk ask of the store, over two operators of whom one sold a vehicle to the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from journey.localtime import date_of, month_number, week_of
from rules.months import bounds
from storage.cases.reading import actor_of
from storage.database import Connection, connect
from storage.pages.operator import (
    OperatorSums,
    operator_head,
    operator_sums,
    registrations,
    stations_and_permits,
)
from storage.pages.overview import case_counts, case_states, changed_since, fleets, latest_finding, rule_counts
from storage.pages.vehicle import known_days
from storage.people.accounts import Person
from storage.registry import registry_version
from storage.roads.rows import road_shapes
from storage.sums.month_counts import Wanted
from storage.sums.vehicle_days import VehicleDays
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
    every = rule_counts(store, week_of(NOON), None)
    assert every[0][:2] == ("speeding", 25)  # of one vehicle that is nobody's, too
    assert every[0].unopened == 23
    assert {one.rule: one.possible for one in every}["overload_gross"] == 2
    own = {one.rule: one[1:3] for one in rule_counts(store, week_of(NOON), "OP1")}
    assert own == {"speeding": (12, 0), "overload_gross": (0, 1), "double_login": (1, 0)}
    assert rule_counts(store, week_of(NOON) + 1, None) == []


def test_the_latest_finding_and_what_changed(store: Connection) -> None:
    assert latest_finding(store, None) == NOON + 11 * 60 + 30
    assert latest_finding(store, "nobody") is None
    assert changed_since(store, 0, "OP1") == (14, 0)
    assert changed_since(store, 1 << 30, None) == (0, 0)


def test_cases_are_counted_for_who_may_see_them(store: Connection) -> None:
    assert actor_of(OWNER).operator == "OP1"
    assert [(one.state, one.cases, one.late) for one in case_counts(store, OFFICE, NOW)] == [("sent_to_operator", 2, 0)]
    assert [(one.cases, one.late) for one in case_counts(store, OWNER, NOW + 20 * 86_400)] == [(1, 1)]
    ids = [first_finding(store, "OP1"), first_finding(store, "OP2")]
    assert set(case_states(store, ids, OFFICE)) == set(ids)
    assert set(case_states(store, ids, OWNER)) == {ids[0]}


def test_silent_vehicles_are_counted_without_trailers(store: Connection) -> None:
    week = week_of(NOON)
    found = {one.operator: (one.registered, one.seen) for one in fleets(store, week, 0, ["semi_trailer"], None)}
    assert found == {"OP1": (2, 2), "OP2": (2, 1)}  # the one that was sold in it was of both
    assert [one.operator for one in fleets(store, week, 0, [], "OP2")] == ["OP2"]


def summed(
    store: Connection, operator: str, week: int, driven: list[VehicleDays], served: list[VehicleDays] | None = None
) -> OperatorSums:
    """Of one week; no vehicle's month is asked for."""
    first = date_of(DAY).replace(day=1)
    month = Wanted(month_number(first), *bounds(first), "speeding", 0.0, (), None)
    return operator_sums(store, operator, (week, week + 1), driven, served or [], month, [])


def numbers_of(store: Connection, operator: str) -> dict[str, int]:
    return registrations(store, operator).numbers


def test_what_was_driven_on_some_days_is_summed_by_vehicle_and_week(store: Connection) -> None:
    """The vehicle that was sold drove 500 m for the one and 700 m for the other."""
    numbers = numbers_of(store, "OP1")
    days = [VehicleDays(numbers[PLATES["OP1"]], FIRST, STOP), VehicleDays(numbers[SOLD], FIRST, DAY)]
    sums = summed(store, "OP1", week_of(NOON), days).driven
    assert sums.by_vehicle == {numbers[PLATES["OP1"]]: (2_000_000, DAY), numbers[SOLD]: (500_000, DAY - 1)}
    assert sums.by_week == {week_of(NOON): (2_500_000, DAY)}
    assert summed(store, "OP1", week_of(NOON), []).driven == ({}, {})


def test_findings_of_an_operator_are_summed_by_vehicle_and_week(store: Connection) -> None:
    sums = summed(store, "OP1", week_of(NOON), []).found
    assert sums == ({numbers_of(store, "OP1")[PLATES["OP1"]]: (13, 1)}, {week_of(NOON): (13, 1)})
    for week in (week_of(NOON) - 1, week_of(NOON) + 1):
        assert summed(store, "OP1", week, []).found == ({}, {})


def test_head_sums_and_registry_of_an_operator(store: Connection) -> None:
    days = [VehicleDays(number, DAY - 1, DAY) for number in numbers_of(store, "OP1").values()]
    sums = summed(store, "OP1", week_of(NOON), [], days)
    assert (sums.service.fixes, sums.service.usable, sums.online) == (60, 59, 1)
    assert summed(store, "OP1", week_of(NOON), []).service.fixes == 0
    other = registrations(store, "OP2")
    assert {row.plate for row in other.rows} == set(other.numbers) == {PLATES["OP2"], SOLD, TRAILER}
    assert [row.operator for row in other.rows if row.plate == SOLD] == ["OP1", "OP2"]  # what it was before, too
    stations, permits = stations_and_permits(store)
    assert ([one.id for one in stations], permits) == (["KT12"], ())
    head = operator_head(store, "OP1")
    assert head is not None
    assert (head.tax_code, head.drivers, head.latest) == ("0101", 1, NOON + 11 * 60 + 30)
    assert head.registry == registry_version(store)
    assert operator_head(store, "nobody") is None
    assert registrations(store, "nobody") == ([], {})


def test_days_of_a_vehicle_are_shown_to_their_owner(store: Connection) -> None:
    assert [one.day for one in known_days(store, SOLD, DAY, 10)] == [DAY, DAY - 1]
    assert [one.day for one in known_days(store, SOLD, DAY, 10, "OP1")] == [DAY - 1]
    assert [one.day for one in known_days(store, SOLD, DAY - 1, 10, "OP2")] == []
    assert known_days(store, "99Z99999", DAY, 10) == []
    assert road_shapes(store, DAY) == []
