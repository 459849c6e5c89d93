from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from journey.registry import Driver, Operator, Permit, Registration, Registry, Road, Station
from storage.commit import commit_batch
from storage.database import Connection, scalar
from storage.registry import load_registry, registry_version, save_registry
from storage.windows import mark_checked, take, waiting
from tests.storage.samples import DAY, NOON, fix, frame, stretch, weighing

TRUCK = Registration("12C12345", "OP1", "truck", "goods", seats=2, payload_kg=8000, kerb_kg=7000,
                     design_gross_kg=16_000, badge="XE TAI", valid_from=date(2020, 1, 1))  # fmt: skip
TRAILER = Registration("12R00001", "OP2", "semi_trailer", "container", towed_kg=1, kingpin_mm=4200, liquid_tank=True,
                       valid_to=date(2030, 12, 31))  # fmt: skip
ROAD = Road("QL1/7", "QL1", "divided", None, 80.0, True, 2, ((105.1, 21.2), (105.123456789, 21.0)), date(2024, 1, 1))
FULL = Registry(
    operators=(Operator("OP1", "Vận tải Một", "0100000001"), Operator("OP2", "Vận tải Hai")),
    vehicles=(TRUCK, TRAILER),
    drivers=(Driver("790123456789", "Nguyễn Văn A", "OP1"), Driver("790123456790", "Trần Thị B")),
    stations=(
        Station("KT12", "Dầu Giây", 106.7, 21.85, 180.0, True, 5, 30_000, 10_000, "24/7"),
        Station("KT13", "B"),
        Station(
            "KT14",
            "C",
            106.7,
            21.85,
            corridor=(106.7, 21.82, 106.71, 21.88),
            corridor_m=7000,
            valid_from=date(2024, 1, 1),
            valid_to=date(2026, 1, 1),
        ),
    ),
    permits=(Permit("12C12345", 52_000, date(2024, 1, 1), date(2024, 12, 31)), Permit("12C12345", 40_000)),
    roads=(ROAD, Road("x", None, None, True, None, False, None, ((0.1, 0.2), (-0.3, 1e-7)))),
    box=(102.0, 8.0, 110.0, 24.0),
)


@pytest.fixture
def quiet(connection: Connection) -> Connection:
    """A store with the registry, three vehicles' days, and nothing waiting."""
    save_registry(connection, FULL)
    fixes = [fix("12C12345"), fix("12C12345", NOON + 86_400), fix("29B00001"), fix("29B00002")]
    weighings = [weighing(plate="29B00001"), weighing(plate="29B00002", trailer="12R00001", station="KT13")]
    commit_batch(connection, stretch("s", 0, 1, frame(fixes), weighings=weighings))
    mark_checked(connection, take(connection, 100))
    connection.commit()
    return connection


def waits(connection: Connection) -> list[tuple[str, int]]:
    found = [(one.plate, one.day - DAY) for one in take(connection, 100)]
    connection.commit()
    return found


def test_what_goes_in_comes_out_and_again_changes_nothing(connection: Connection) -> None:
    changes = save_registry(connection, FULL)
    assert changes
    assert changes.rows["registration"] == 2
    assert load_registry(connection) == FULL
    version = registry_version(connection)
    again = save_registry(connection, FULL)
    assert not again
    assert registry_version(connection) == version
    assert load_registry(connection) == FULL


def test_an_empty_store_has_an_empty_registry(connection: Connection) -> None:
    assert load_registry(connection) == Registry()


def test_what_is_not_named_stays(quiet: Connection) -> None:
    other = Registration("29B00001", "OP1", "bus", "fixed_route")
    changes = save_registry(quiet, Registry(vehicles=(other,)))
    assert {table: rows for table, rows in changes.rows.items() if rows} == {"registration": 1}
    assert load_registry(quiet) == replace(FULL, vehicles=(TRUCK, TRAILER, other))


def test_replace_removes_what_is_not_named(quiet: Connection) -> None:
    only = Registry(operators=(FULL.operators[1],), vehicles=(TRAILER,), stations=(FULL.stations[1],))
    assert save_registry(quiet, only, replace=True)
    assert load_registry(quiet) == only
    assert not save_registry(quiet, only, replace=True)


def test_a_new_row_of_a_plate_joins_a_changed_one_replaces(quiet: Connection) -> None:
    later = replace(TRUCK, operator="OP2", valid_from=date(2025, 1, 1))
    changed = replace(TRUCK, payload_kg=9000)
    save_registry(quiet, Registry(vehicles=(later,)))
    assert load_registry(quiet).vehicles == (TRUCK, later, TRAILER)
    save_registry(quiet, Registry(vehicles=(changed,)))
    assert set(load_registry(quiet).vehicles) == {changed, later, TRAILER}


def test_rows_of_one_day_keep_the_order_of_the_file(connection: Connection) -> None:
    rows = tuple(replace(TRUCK, payload_kg=kg) for kg in (3, 1, 2))
    save_registry(connection, Registry(vehicles=rows))
    assert load_registry(connection).vehicles == rows


def test_an_operator_that_no_file_describes(connection: Connection) -> None:
    save_registry(connection, Registry(vehicles=(TRUCK,)))
    assert load_registry(connection) == Registry(vehicles=(TRUCK,))


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (Registry(vehicles=(replace(TRUCK, seats=3),)), [("12C12345", 0), ("12C12345", 1)]),
        (Registry(vehicles=(replace(TRAILER, kingpin_mm=1),)), [("29B00002", 0)]),
        (Registry(permits=(Permit("12C12345", 1),)), [("12C12345", 0), ("12C12345", 1)]),
        (Registry(stations=(replace(FULL.stations[0], axle_limit_kg=1),)), [("29B00001", 0)]),
        (Registry(roads=(replace(ROAD, maxspeed=60.0),)),
         [("12C12345", 0), ("12C12345", 1), ("29B00001", 0), ("29B00002", 0)]),
        (Registry(box=(1.0, 2.0, 3.0, 4.0)),
         [("12C12345", 0), ("12C12345", 1), ("29B00001", 0), ("29B00002", 0)]),
        (Registry(drivers=(Driver("790123456789", "renamed"),)), []),
        (Registry(operators=(Operator("OP1", "renamed"),)), []),
        (FULL, []),
    ],
)  # fmt: skip
def test_what_rests_on_a_change_waits(quiet: Connection, part: Registry, expected: list[tuple[str, int]]) -> None:
    changes = save_registry(quiet, part)
    assert changes.touched == waiting(quiet) == len(expected)
    assert waits(quiet) == expected


def test_the_version_rises_with_a_change(quiet: Connection) -> None:
    before = registry_version(quiet)
    save_registry(quiet, Registry(box=(1.0, 2.0, 3.0, 4.0)))
    assert registry_version(quiet) > before
    assert scalar(quiet, "SELECT count(*) FROM deployment") == 1
