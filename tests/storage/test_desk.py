"""Queries of a desk: what they give, and that none of them scans the table of fixes."""

from __future__ import annotations

import json
from datetime import date

import pytest

from journey.localtime import day_start, number_of
from journey.model import Flag, Grade
from journey.track import DRIVING, haversine_m
from storage.commit import commit_batch
from storage.database import Connection
from storage.findings import Scope, replace_findings
from storage.names import driver_ids, vehicle_ids
from storage.pages import positions
from storage.pages.desk import driver_week, operator_findings, operator_service
from storage.pages.positions import Position, last_positions, nearest_fixes
from storage.sums.service import service_sums
from tests.storage.samples import DAY, NOON, finding, fix, frame, new_run, stretch


def test_last_positions(connection: Connection) -> None:
    swapped = fix("29B00001", NOON, lon=21.25, lat=105.5, driver=None, heading=90.0, ignition=True, received=NOON + 3)
    sent = [fix(), fix(time=NOON + 60, speed_dkmh=0), fix(time=NOON + 90, lon=0, lat=0), fix(time=NOON + 500),
            swapped, fix("99A99999", NOON - 4000)]  # fmt: skip
    commit_batch(connection, stretch("s", 0, 1, frame(sent, [0, 0, Flag.ZERO, 0, Flag.SWAPPED, 0])))
    vehicle_ids(connection, ["11A00001"])
    plain = Position("12C12345", "790123456789", NOON + 60, None, 105.5, 21.25, 0, None, None)
    other = Position("29B00001", None, NOON, NOON + 3, 105.5, 21.25, 450, 90.0, True)
    assert last_positions(connection, NOON + 100, 3600) == [plain, other]
    assert last_positions(connection, NOON + 100, 3600, ["29B00001", "unknown"]) == [other]
    assert last_positions(connection, NOON + 100, 3600, []) == []
    assert [one.time for one in last_positions(connection, NOON + 59, 3600)] == [NOON, NOON]
    assert [one.plate for one in last_positions(connection, NOON + 60, 60)] == ["12C12345"]  # its start is left out
    assert [one.plate for one in last_positions(connection, NOON, 4001)] == ["12C12345", "29B00001", "99A99999"]
    with pytest.raises(ValueError, match="a window of 0 s"):
        last_positions(connection, NOON, 0)
    with pytest.raises(ValueError, match="can be asked for"):
        last_positions(connection, NOON, positions.WINDOW_MAX_S + 1)


def test_nearest_fixes(connection: Connection) -> None:
    """A passes the place at NOON, B 500 m north of it, C there an hour later, D there with a broken position."""
    sent = [fix("A", NOON + step, lon=105.5 + step * 1e-4, lat=21.25) for step in range(-60, 61, 10)]
    sent += [fix("B", NOON + 5, lon=105.5, lat=21.25 + 500 / 111_195), fix("C", NOON + 3600, lon=105.5, lat=21.25)]
    sent += [fix("D", NOON, lon=105.5, lat=21.25), fix("E", NOON, lon=21.25, lat=105.5)]
    flags = [0] * (len(sent) - 2) + [int(Flag.OUTSIDE), int(Flag.SWAPPED)]
    commit_batch(connection, stretch("s", 0, 1, frame(sent, flags)))
    found = nearest_fixes(connection, 105.5, 21.25, NOON, 60, 1000, 10)
    assert [(one.position.plate, one.position.time) for one in found] == [("A", NOON), ("E", NOON), ("B", NOON + 5)]
    assert [one.distance_m for one in found] == pytest.approx([0, 0, 500], abs=0.01)
    place = found[2].position
    assert found[2].distance_m == pytest.approx(float(haversine_m(105.5, 21.25, place.lon, place.lat)), abs=1e-6)
    assert len(nearest_fixes(connection, 105.5, 21.25, NOON, 60, 1000, 2)) == 2
    assert [one.position.plate for one in nearest_fixes(connection, 105.5, 21.25, NOON, 60, 499, 9)] == ["A", "E"]
    late = nearest_fixes(connection, 105.5, 21.25, NOON + 3600, 3600, 100, 9)
    assert {one.position.plate for one in late} == {"A", "C", "E"}
    for wrong in ((181, 21, NOON, 60, 10), (105, 21, NOON, 3601, 10), (105, 21, NOON, 60, 50_001)):
        with pytest.raises(ValueError, match=r"no place|can be asked for"):
            nearest_fixes(connection, *wrong, 10)


def test_a_driver_has_a_week_over_vehicles(connection: Connection) -> None:
    monday = number_of(date(2024, 10, 7))
    start = day_start(monday)
    ids, people = vehicle_ids(connection, ["A", "B"]), driver_ids(connection, ["L1", "L2"])
    rows = [("A", "L1", start - 600, start), ("A", "L1", start, start + 600), ("B", "L1", start + 600, start + 900),
            ("B", "L2", start + 900, start + 999), ("A", "L1", start + 7 * 86_400 - 1, start + 7 * 86_400 + 50),
            ("B", "L1", start + 7 * 86_400, start + 7 * 86_400 + 50)]  # fmt: skip
    for plate, licence, first, stop in rows:
        connection.execute(
            "INSERT INTO activity (vehicle_id, driver_id, start_time, end_time, kind) "
            "VALUES (%s, %s, to_timestamp(%s::bigint), to_timestamp(%s::bigint), 0)",
            (ids[plate], people[licence], first, stop),
        )
    found = driver_week(connection, "L1", monday)
    assert [(one.plate, one.start, one.end) for one in found] == [
        (p, a, b) for p, _, a, b in (rows[1], rows[2], rows[4])
    ]
    assert {one.kind for one in found} == {DRIVING}
    assert driver_week(connection, "nobody", monday) == []
    with pytest.raises(ValueError, match="no Monday"):
        driver_week(connection, "L1", monday + 1)


def test_pages_of_findings_hold_each_once_whatever_happens_between(connection: Connection) -> None:
    every = [finding(start=NOON + place, at=NOON + place // 3, rule=("speeding", "moving_silence")[place % 2])
             for place in range(20)]  # fmt: skip
    other = [finding(vehicle="29B00001", operator="OP2"), finding(vehicle="29B00002", operator=None)]
    scopes = [Scope(("speeding", "moving_silence"), plate, None, 0, 1 << 33) for plate in
              ("12C12345", "29B00001", "29B00002")]  # fmt: skip
    new_run(connection)
    replace_findings(connection, "run-1", scopes, [*every, *other], "test")
    first = operator_findings(connection, "OP1", NOON, NOON + 100, 7)
    assert len(first.findings) == 7
    assert first.next is not None
    # One that was shown, and one that was not, no longer hold; and one comes before what was shown.
    gone = {first.findings[2].id, every[15].id}
    early = finding(start=NOON + 99, at=NOON)
    replace_findings(
        connection, "run-1", scopes, [one for one in every if one.id not in gone] + [early, *other], "test"
    )
    seen, page = list(first.findings), first
    while page.next is not None:
        page = operator_findings(connection, "OP1", NOON, NOON + 100, 7, page.next)
        seen += page.findings
    assert {one.id for one in seen} == {one.id for one in every} - {every[15].id}
    assert len(seen) == 19
    assert [one.at for one in seen] == sorted(one.at for one in seen)
    only = operator_findings(connection, "OP1", NOON, NOON + 100, 99, rules=["moving_silence"])
    assert only.next is None
    assert {one.rule for one in only.findings} == {"moving_silence"}
    assert operator_findings(connection, "OP1", NOON + 1, NOON + 2, 99).findings[0].at == NOON + 1
    assert [one.vehicle for one in operator_findings(connection, None, NOON, NOON + 100, 99).findings] == ["29B00002"]
    assert operator_findings(connection, "OP1", NOON, NOON + 100, 99, rules=[]).findings == []
    assert seen[0].grade is Grade.CERTAIN
    with pytest.raises(ValueError, match="a page of 0"):
        operator_findings(connection, "OP1", 0, 1, 0)


def test_a_full_last_page_has_no_next(connection: Connection) -> None:
    new_run(connection)
    every = [finding(start=NOON + place) for place in range(4)]
    replace_findings(connection, "run-1", [Scope(("speeding",), "12C12345", None, 0, 1 << 33)], every, "test")
    page = operator_findings(connection, "OP1", NOON, NOON + 100, 2)
    assert page.next is not None
    assert operator_findings(connection, "OP1", NOON, NOON + 100, 2, page.next).next is None
    assert operator_findings(connection, "OP1", NOON, NOON + 100, 4).next is None


def test_quality_of_operators_is_the_sum_of_its_vehicles(connection: Connection) -> None:
    new_run(connection)
    for plate, operator in (("A", "OP1"), ("B", "OP1"), ("C", "OP2"), ("D", None)):
        number = vehicle_ids(connection, [plate])[plate]
        if operator is not None:
            connection.execute("INSERT INTO operator (id) VALUES (%s) ON CONFLICT DO NOTHING", (operator,))
            connection.execute("INSERT INTO registration (vehicle_id, operator, kind, liquid_tank) "
                               "VALUES (%s, %s, 'truck', false)", (number, operator))  # fmt: skip
        for day in range(2):
            connection.execute(
                "INSERT INTO service_day SELECT %s, %s, 9, 8, 1, 0, 2, 3, 3, 2, 1, 1, 1, 10, 20, %s::jsonb, 'run-1'",
                (number, DAY + day, json.dumps({"10": number, "inf": 1})),
            )
    found = operator_service(connection, DAY, DAY + 2)
    assert [(one.operator, one.vehicles, one.sums.fixes, one.online_days) for one in found] == [
        ("OP1", 2, 36, 4), ("OP2", 1, 18, 2), (None, 1, 18, 2)]  # fmt: skip
    vehicles = service_sums(connection, DAY, DAY + 2)
    assert found[0].delays == {"10": sum(2 * one.delays["10"] // 2 for one in vehicles[:2]), "inf": 4}
    assert found[0].sums.track_mm == sum(one.sums.track_mm for one in vehicles if one.operator == "OP1")
    assert operator_service(connection, DAY + 5, DAY + 6) == []
