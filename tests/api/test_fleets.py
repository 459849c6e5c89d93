"""Fleets that are kept are those of the registry as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.pages._fleets import Fleet, Fleets
from journey.registry import Operator, Registration, Registry
from storage.database import Connection, connect
from storage.pages.operator import operator_head
from storage.registry import save_registry

OPERATORS, PLATES, BEGUN = ("OP1", "OP2", "OP3"), ("12C00001", "12C00002", "12C00003"), date(2026, 1, 1)


@pytest.fixture(scope="module")
def store(module_database: str) -> Iterator[Connection]:
    with connect(module_database) as connection:
        connection.autocommit = True
        save_registry(connection, Registry(operators=tuple(Operator(one, one) for one in OPERATORS)))
        yield connection


def of(fleets: Fleets, store: Connection, operator: str) -> Fleet:
    head = operator_head(store, operator)
    assert head is not None
    return fleets.fleet(store, operator, head.registry)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.one_of(
            st.sampled_from(OPERATORS),
            st.tuples(st.sampled_from(PLATES), st.sampled_from(OPERATORS), st.integers(0, 5), st.booleans()),
        ),
        max_size=20,
    ),
    st.integers(1, 8),
)
def test_whatever_is_asked_and_registered_in_whatever_order(
    store: Connection, steps: list[str | tuple[str, str, int, bool]], rows_max: int
) -> None:
    kept = Fleets(rows_max)
    for step in steps:
        if isinstance(step, str):
            assert of(kept, store, step) == of(Fleets(), store, step)
        else:
            plate, operator, days, towed = step
            kind = "semi_trailer" if towed else "truck"
            row = Registration(plate, operator, kind, valid_from=BEGUN + timedelta(days))
            save_registry(store, Registry(vehicles=(row,)))


def test_a_fleet_is_read_once_until_the_registry_changes(store: Connection) -> None:
    row = Registration("12C00009", "OP1", "truck", valid_from=BEGUN)
    save_registry(store, Registry(vehicles=(row,)))
    fleets = Fleets()
    first = of(fleets, store, "OP1")
    assert of(fleets, store, "OP1") is first
    sold = Registration("12C00009", "OP2", "truck", valid_from=BEGUN + timedelta(9))
    save_registry(store, Registry(vehicles=(sold,)))
    after = of(fleets, store, "OP1")
    assert sold in after.rows
    assert sold not in first.rows
    assert [one.row for one in after.own if one.row.plate == "12C00009"] == [row]


def test_of_too_many_that_is_forgotten_which_was_asked_for_longest_ago(store: Connection) -> None:
    save_registry(
        store,
        Registry(vehicles=tuple(Registration(f"12C0001{n}", one, "truck") for n, one in enumerate(OPERATORS))),
    )
    sizes = [len(of(Fleets(), store, one).rows) for one in OPERATORS]
    fleets = Fleets(sum(sizes) - 1)
    one, two = (of(fleets, store, name) for name in OPERATORS[:2])
    assert of(fleets, store, "OP1") is one
    of(fleets, store, "OP3")
    assert of(fleets, store, "OP1") is one
    assert of(fleets, store, "OP2") is not two


def test_one_that_is_too_many_by_itself_is_read_each_time(store: Connection) -> None:
    save_registry(store, Registry(vehicles=tuple(Registration(f"12C0002{n}", "OP1", "truck") for n in range(3))))
    fleets = Fleets(2)
    assert of(fleets, store, "OP1") is not of(fleets, store, "OP1")
    assert of(fleets, store, "OP1") == of(fleets, store, "OP1")
