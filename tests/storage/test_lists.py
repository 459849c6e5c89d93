"""Weighings, rejections and weekly sums as they are read back."""

from __future__ import annotations

from datetime import date

from journey.localtime import date_of
from journey.model import Reason, Rejection
from journey.registry import Operator, Registration, Registry
from storage.activities import DaySummary, save_day_summaries
from storage.commit import commit_batch
from storage.database import Connection
from storage.lists.weekly import OperatorWeek, VehicleWeek, operator_coverage, vehicle_sums
from storage.names import known_vehicles, vehicle_ids
from storage.registry import save_registry
from storage.rejections import count_rejections, list_rejections
from storage.stations.weighings import weighings_of_days, weighings_of_period
from tests.storage.samples import DAY, NOON, new_run, stretch, weighing


def test_weighings_by_days_and_by_period(connection: Connection) -> None:
    midnight = DAY * 86_400 - 7 * 3600
    first, last = weighing(time=midnight), weighing(time=midnight + 86_399)
    before, after = weighing(time=midnight - 1), weighing(time=midnight + 86_400)
    other = weighing(plate="29B00001", time=midnight + 5)
    commit_batch(connection, stretch("s", 0, 1, weighings=[after, other, last, first, before]))
    number = known_vehicles(connection, ["29B00001"])["29B00001"]
    assert weighings_of_days(connection, [("12C12345", DAY)]) == [first, last]
    assert weighings_of_days(connection, [("12C12345", DAY), (number, DAY), ("29B00001", DAY)]) == [first, other, last]
    assert weighings_of_days(connection, [("99A99999", DAY)]) == []
    assert weighings_of_days(connection, []) == []
    assert weighings_of_period(connection, midnight, midnight + 86_400) == [first, other, last]
    assert weighings_of_period(connection, midnight - 1, midnight) == [before]


def test_rejections(connection: Connection) -> None:
    every = [Rejection(f"s{place % 2}", f"line {place}", list(Reason)[place % 3], "why", bytes([place]), NOON)
             for place in range(6)]  # fmt: skip
    commit_batch(connection, stretch("s", 0, 1, rejections=every))
    latest = list_rejections(connection, 2)
    assert [one.rejection for one in latest] == [every[5], every[4]]
    assert [one.rejection for one in list_rejections(connection, 10, before=latest[-1].id)] == every[3::-1]
    assert [one.rejection for one in list_rejections(connection, 10, source="s1")] == [every[5], every[3], every[1]]
    assert [one.rejection for one in list_rejections(connection, 10, reason=Reason.UNDECODABLE)] == [every[3], every[0]]
    assert latest[0].first_seen > NOON
    assert count_rejections(connection)["s0", Reason.UNDECODABLE] == 1
    assert sum(count_rejections(connection).values()) == 6


def row(plate: str, operator: str, valid_from: date | None = None, valid_to: date | None = None) -> Registration:
    return Registration(plate, operator, "truck", "goods", valid_from=valid_from, valid_to=valid_to)


def test_weekly_sums_follow_the_registry_day_by_day(connection: Connection) -> None:
    vehicles = (
        row("A", "OP1", valid_to=date_of(DAY)),
        row("A", "OP2", valid_from=date_of(DAY + 1)),
        row("B", "OP1"),
        row("B", "OP2", valid_from=date_of(DAY + 7)),
        row("C", "OP1", valid_to=date_of(DAY - 1)),
        row("D", "OP2"),
    )
    save_registry(connection, Registry(operators=(Operator("OP1", "Một"), Operator("OP2", "Hai")), vehicles=vehicles))
    ids = vehicle_ids(connection, "ABCE")
    run = new_run(connection)
    days = [("A", 0), ("A", 1), ("A", 2), ("B", 6), ("B", 7), ("B", -1), ("E", 3)]
    save_day_summaries(connection, run, [DaySummary(ids[plate], DAY + day, 1, 1, {}, 10, 20, 30, 0.5)
                                         for plate, day in days])  # fmt: skip
    assert vehicle_sums(connection, DAY, DAY + 7) == [
        VehicleWeek("OP1", "A", 1, 10, 20, 30, 0.5),
        VehicleWeek("OP1", "B", 1, 10, 20, 30, 0.5),
        VehicleWeek("OP2", "A", 2, 20, 40, 60, 1.0),
        VehicleWeek(None, "E", 1, 10, 20, 30, 0.5),
    ]
    assert operator_coverage(connection, DAY, DAY + 7) == [
        OperatorWeek("OP1", 2, 2),
        OperatorWeek("OP2", 2, 1),
        OperatorWeek(None, 0, 1),
    ]
