"""Pages of the registry, of findings and of weighings: whole, by their filters, and whose a vehicle was on a day."""

from __future__ import annotations

from datetime import date

import pytest

from storage.commit import commit_batch
from storage.database import Connection
from storage.findings import Scope, replace_findings
from storage.pages import finding_pages, registered
from storage.pages.desk import Key
from storage.pages.finding_pages import Wanted, count_findings, current_finding, finding_page, last_withdrawn
from storage.pages.registered import driver, drivers, operators, owned, plates_of, registrations, vehicle, vehicles
from storage.stations import weighing_pages
from storage.stations.weighing_pages import WantedWeighings, WeighingKey, count_weighings, weighing_page
from tests.api.filled import LICENCES, PLATES, REGISTRY, SOLD, TRAILER, fill
from tests.storage.samples import DAY, NOON, finding, frame, new_run, stretch, weighing

WHOLE = Wanted(NOON - 86_400, NOON + 86_400)


@pytest.fixture
def store(connection: Connection) -> Connection:
    fill(connection)
    return connection


def test_the_registry_by_pages(store: Connection) -> None:
    assert [one.id for one in operators(store, "", 9)] == ["OP1", "OP2"]
    assert [one.id for one in operators(store, "OP1", 9)] == ["OP2"]
    assert [one.id for one in operators(store, "", 9, "OP2")] == ["OP2"]
    every = ["12C11111", SOLD, "29H22222", TRAILER, "99X99999"]
    assert [one.plate for one in vehicles(store, DAY, "", 9)] == every
    assert [one.plate for one in vehicles(store, DAY, "12C11111", 2)] == every[1:3]
    assert [one.operator for one in vehicles(store, DAY, "", 9)] == ["OP1", "OP2", "OP2", "OP2", None]
    assert [one.plate for one in vehicles(store, DAY - 1, "", 9, "OP1")] == ["12C11111", SOLD]
    assert [one.plate for one in vehicles(store, DAY, "", 9, "OP1")] == ["12C11111"]
    assert [one.licence for one in drivers(store, "", 9)] == list(LICENCES.values())
    assert [one.licence for one in drivers(store, "", 9, "OP2")] == [LICENCES["OP2"]]
    found = vehicle(store, SOLD, DAY)
    assert found is not None
    assert (found.operator, found.valid_from, found.valid_to) == ("OP2", date(2024, 10, 4), None)
    assert vehicle(store, "99X99999", DAY) is not None
    assert vehicle(store, "unknown", DAY) is None
    assert driver(store, "unknown") is None
    assert sorted(registrations(store), key=str) == sorted(REGISTRY.vehicles, key=str)
    for page in (lambda: operators(store, "", 0), lambda: vehicles(store, DAY, "", registered.PAGE_MAX + 1)):
        with pytest.raises(ValueError, match="can be asked for"):
            page()


def test_whose_a_vehicle_is_on_a_day(store: Connection) -> None:
    days = {(SOLD, DAY - 1), (SOLD, DAY), (PLATES["OP1"], DAY), ("unknown", DAY), ("99X99999", DAY)}
    assert owned(store, "OP1", days) == {(SOLD, DAY - 1), (PLATES["OP1"], DAY)}
    assert owned(store, "OP2", days) == {(SOLD, DAY)}
    assert owned(store, "OP1", []) == set()
    assert plates_of(store, "OP1", DAY - 1) == [PLATES["OP1"], SOLD]
    assert plates_of(store, "OP2", DAY) == [SOLD, PLATES["OP2"], TRAILER]


def test_pages_of_findings_hold_each_once_in_both_directions(store: Connection) -> None:
    for newest_first in (False, True):
        wanted, seen, after = WHOLE._replace(newest_first=newest_first), [], None
        while page := finding_page(store, wanted, 5, after):
            seen += page
            after = Key(page[-1].at, page[-1].row)
        keys = [(one.at, one.row) for one in seen]
        assert keys == sorted(keys, reverse=newest_first)
        assert len({one.id for one in seen}) == len(seen) == 28
    assert count_findings(store, WHOLE, 100) == 28
    assert count_findings(store, WHOLE, 10) == 10
    assert count_findings(store, WHOLE._replace(plate="unknown"), 10) == 0
    with pytest.raises(ValueError, match="can be asked for"):
        finding_page(store, WHOLE, finding_pages.PAGE_MAX + 1)


def test_a_finding_that_was_withdrawn_says_when_and_why(connection: Connection) -> None:
    new_run(connection)
    one, scopes = finding(), [Scope(("speeding",), "12C12345", None, 0, 1 << 33)]
    replace_findings(connection, "run-1", scopes, [one], "test")
    row = current_finding(connection, one.id)
    assert row is not None
    assert last_withdrawn(connection, one.id) is None
    replace_findings(connection, "run-1", scopes, [], "late data")
    assert current_finding(connection, one.id) is None
    gone = last_withdrawn(connection, one.id)
    assert gone is not None
    assert (gone.reason, gone.operator) == ("late data", "OP1")


def test_pages_of_weighings(store: Connection) -> None:
    many = [weighing(plate="12C11111", time=NOON + 9000, ticket=f"T{number}") for number in range(7)]
    commit_batch(store, stretch("s", 1, 2, frame([]), weighings=many))
    wanted = WantedWeighings(NOON - 90_000, NOON + 86_400)
    seen, after = [], None
    while page := weighing_page(store, wanted, 3, after):
        seen += page
        after = WeighingKey(page[-1].weighing.time, bytes.fromhex(page[-1].id))
    assert len({one.id for one in seen}) == len(seen) == count_weighings(store, wanted, 99) == 11
    assert [one.weighing.time for one in seen] == sorted(one.weighing.time for one in seen)

    def count(**more: object) -> int:
        rows = weighing_page(store, wanted._replace(**more), 99)  # type: ignore[arg-type]
        assert count_weighings(store, wanted._replace(**more), 99) == len(rows)  # type: ignore[arg-type]
        return len(rows)

    assert (count(plate="12C11111"), count(operator="OP2"), count(station="KT12")) == (9, 2, 11)
    assert (count(plate="unknown"), count(operator="OP3"), count(station="KT1")) == (0, 0, 0)
    assert (count(plate="12C11111", operator="OP2"), count(start=NOON), count(stop=NOON)) == (0, 9, 2)
    with pytest.raises(ValueError, match="can be asked for"):
        weighing_page(store, wanted, weighing_pages.PAGE_MAX + 1)


def test_a_weighing_belongs_to_the_operator_of_its_local_day(store: Connection) -> None:
    midnight = NOON - 5 * 3600 - 7 * 3600  # the local midnight at which the vehicle was sold
    some = [weighing(plate=SOLD, time=midnight - 1), weighing(plate=SOLD, time=midnight)]
    commit_batch(store, stretch("s", 1, 2, frame([]), weighings=some))
    rows = weighing_page(store, WantedWeighings(0, NOON + 86_400, plate=SOLD), 9)
    assert [one.operator for one in rows] == ["OP1", "OP2"]
