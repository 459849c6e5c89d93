"""Months made by hand, at the borders that the law and the method draw."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.rollups.lines import lines
from journey.model import Weighing
from journey.registry import Permit, Registration, Registry, Station
from journey.track import FIX, fix_frame
from rules.engine import know, vehicle_floor
from rules.months import MonthSum, VehicleMonth, bounds, month_sums
from rules.rollups import RollUps, roll_up
from tests.casefolder import LAW
from tests.cli.command import called, refused
from tests.cli.samples import write_folder
from tests.rollups.sample import drive, overloaded

MARCH = date(2025, 3, 1)
PLATE = "12C12345"
KM = 10**6  # mm


def of_speeding(n: int, km: float, month: date = MARCH) -> RollUps:
    return roll_up({(PLATE, month): MonthSum(fixes=1, driven_mm=round(km * KM), breaches=n)}, (), LAW)


@pytest.mark.parametrize(
    ("n", "km", "proposed"),
    [
        (5, 1010, False),  # 4.950
        (6, 1150, True),  # 5.217
        (5, 1000, True),  # 5.000
        (5, 1000.000001, False),
        (10, 2000, True),
        (4, 10, False),  # below the method's least number, however short the distance
        (5, 10, True),
        (5, 0, False),  # nothing driven, no rate
    ],
)
def test_rate_of_breaches(n: int, km: float, proposed: bool) -> None:
    assert of_speeding(n, km).speeding[0].proposed is proposed


def test_before_the_law_nothing_is_proposed_and_a_note_says_so() -> None:
    rolled = of_speeding(50, 10, date(2020, 3, 1))
    assert (rolled.speeding[0].n, rolled.speeding[0].proposed) == (50, False)
    assert {(note.kind, note.subject) for note in rolled.notes} == {
        ("not_in_force", "rollups.speeding_breaches_min"),
        ("not_in_force", "rollups.speeding_distance"),
        ("not_in_force", "rollups.speeding_excess_over"),
    }
    assert "2020-03" in rolled.notes[0].text
    assert of_speeding(50, 10, date(2020, 4, 1)).speeding[0].proposed
    overload = roll_up({(PLATE, date(2024, 12, 1)): MonthSum(weighings=9)}, (), LAW)
    assert (overload.overload[0].n, overload.overload[0].proposed) == (9, False)
    assert overload.notes[0].text == "not in force from the first day of 2024-12: nothing proposed by it"


def test_a_proposal_on_a_figure_not_verified_says_so() -> None:
    month = date(2024, 6, 1)
    rolled = roll_up({(PLATE, month): MonthSum(fixes=1, driven_mm=KM, breaches=5)}, fleet(1), LAW)
    assert rolled.operators[0].proposed
    assert {(note.kind, note.subject) for note in rolled.notes} == {
        ("not_verified", "rollups.operator_share_min"),
        ("not_verified", "rollups.speeding_breaches_min"),
        ("not_verified", "rollups.speeding_distance"),
        ("not_verified", "rollups.speeding_excess_over"),
    }


NOTHING = Registry()


def sums(
    fixes: list[Any], weighings: Sequence[Weighing] = (), registry: Registry = NOTHING
) -> dict[VehicleMonth, MonthSum]:
    frame = fix_frame(fixes) if fixes else FIX.to_frame()
    known = know(registry, LAW)
    return month_sums(vehicle_floor(frame, known, LAW), weighings, known, LAW)


def test_an_excess_of_exactly_five_is_a_finding_but_no_breach_of_the_roll_up() -> None:
    start = bounds(MARCH)[0] + 3600
    # Without roads the limit is the expressway maximum, 120 km/h.
    legs = [(1250, 30), (600, 60), (1251, 30), (600, 60)]
    fixes = drive(PLATE, start, legs)
    floor = vehicle_floor(fix_frame(fixes), know(Registry(), LAW), LAW)
    assert [finding.excess for finding in floor.findings if finding.rule == "speeding"] == [5.0, 5.1]
    assert sums(fixes)[PLATE, MARCH].breaches == 1


def test_metres_and_time_over_a_months_border_are_shared() -> None:
    border = bounds(MARCH)[0]
    fixes = drive(PLATE, border - 45, [(600, 60), (0, 60)], step=60)
    found = sums(fixes)
    february, march = found[PLATE, date(2025, 2, 1)], found[PLATE, MARCH]
    assert (february.fixes, march.fixes) == (1, 2)
    assert (february.known_s, march.known_s) == (45, 15 + 60)
    assert february.driven_mm == pytest.approx(3 * march.driven_mm, abs=3)
    assert february.driven_mm + march.driven_mm == pytest.approx(1 * KM, rel=1e-3)


def test_a_breach_belongs_to_the_month_in_which_it_is_complete() -> None:
    border = bounds(MARCH)[0]
    found = sums(drive(PLATE, border - 20, [(1300, 30), (600, 60)], step=10))
    assert (found[PLATE, date(2025, 2, 1)].breaches, found[PLATE, MARCH].breaches) == (1, 0)
    later = sums(drive(PLATE, border - 10, [(1300, 30), (600, 60)], step=10))
    assert (later[PLATE, date(2025, 2, 1)].breaches, later[PLATE, MARCH].breaches) == (0, 1)


def test_a_month_with_nothing_but_unusable_fixes_has_a_line() -> None:
    fix = drive(PLATE, bounds(MARCH)[0], [(600, 60)], step=60)[0]._replace(lon=0.0, lat=0.0)
    rolled = roll_up(sums([fix]), (), LAW)
    assert lines(rolled) == [
        {"rollup": "vehicle_speeding", "vehicle": PLATE, "month": "2025-03", "n": 0, "km": 0.0, "proposed": False,
         "coverage": 0.0}
    ]  # fmt: skip


def test_coverage_is_of_the_whole_month() -> None:
    start = int(datetime(2028, 2, 10, tzinfo=UTC).timestamp())
    fixes = drive(PLATE, start, [(0, 86400)], step=60) + drive(PLATE, start + 90000, [(0, 60)], step=60)
    line = lines(roll_up(sums(fixes), (), LAW))[0]
    assert line["coverage"] == round((90000 + 60) / (29 * 86400), 4)


def weighed(*some: Weighing, automatic: bool = True, permits: tuple[Permit, ...] = ()) -> int:
    station = Station("KT12", "Station", automatic_one_stage=automatic)
    found = sums([], some, Registry(stations=(station,), permits=permits))
    return found.get((PLATE, MARCH), MonthSum()).weighings


def test_which_weighings_count() -> None:
    one, two, three = (overloaded(PLATE, bounds(MARCH)[0] + hour * 3600) for hour in range(3))
    assert weighed(one, two, three, three) == 3  # a record that came twice is one weighing
    assert weighed(one, two, three, automatic=False) == 0
    day = date(2025, 3, 1)
    assert weighed(one, two, three, permits=(Permit(PLATE, 1, None, date(2025, 2, 28)),)) == 3
    assert weighed(one, two, three, permits=(Permit(PLATE, 1, day, day),)) == 0
    drawing = overloaded(PLATE, bounds(MARCH)[0] + 9 * 3600, trailer="12R00001")
    assert weighed(one, two, drawing) == 3
    assert weighed(one, two, drawing, permits=(Permit("12R00001", 1, day, day),)) == 2
    assert weighed(overloaded(PLATE, bounds(MARCH)[0] - 1)) == 0  # February's
    just = overloaded(PLATE, bounds(MARCH)[0], axles=(6000, 11000))
    assert weighed(just) == 0  # 10.00 %
    assert weighed(overloaded(PLATE, bounds(MARCH)[0], axles=(6000, 11001))) == 1  # no fine, but it counts


def test_three_weighings_cost_the_badge_and_two_do_not() -> None:
    for n, proposed in ((2, False), (3, True)):
        assert roll_up({(PLATE, MARCH): MonthSum(weighings=n)}, (), LAW).overload[0].proposed is proposed


def fleet(count: int, kind: str = "truck", first: int = 45, **fields: Any) -> tuple[Registration, ...]:
    return tuple(Registration(f"12C123{first + place}", "OP1", kind, "goods", **fields) for place in range(count))


def reviewed(registry: tuple[Registration, ...], revoked: int) -> list[tuple[int, int, bool]]:
    plates = [row.plate for row in registry][:revoked]
    rolled = roll_up({(plate, MARCH): MonthSum(weighings=3) for plate in plates}, registry, LAW)
    return [(one.vehicles, one.revoked, one.proposed) for one in rolled.operators]


def test_share_of_an_operators_vehicles() -> None:
    assert reviewed(fleet(10), 3) == [(10, 3, True)]  # exactly 30 %
    assert reviewed(fleet(11), 3) == [(11, 3, False)]
    assert reviewed(fleet(10), 2) == [(10, 2, False)]
    assert reviewed(fleet(10), 0) == []
    assert reviewed(fleet(9) + fleet(1, "semi_trailer", first=70), 3) == [(10, 3, True)]  # trailers are vehicles too
    assert reviewed(fleet(9) + fleet(2, "semi_trailer", first=70), 3) == [(11, 3, False)]
    gone = fleet(2, first=80, valid_to=date(2025, 3, 30))
    last = fleet(1, first=90, valid_from=date(2025, 3, 31), valid_to=date(2025, 3, 31))
    assert reviewed(fleet(9) + gone + last, 3) == [(10, 3, True)]


def test_a_vehicle_proposed_on_two_grounds_is_one_vehicle() -> None:
    one = MonthSum(fixes=1, driven_mm=KM, breaches=5, weighings=3)
    rolled = roll_up({(PLATE, MARCH): one, ("FOREIGN 7", MARCH): one}, fleet(2), LAW)
    assert [(line.operator, line.vehicles, line.revoked) for line in rolled.operators] == [("OP1", 2, 1)]


def test_command_prints_lines_in_order(tmp_path: Path) -> None:
    write_folder(tmp_path)
    with (tmp_path / "weighings.ndjson").open("w", encoding="utf-8") as file:
        for hour in range(3):
            one = overloaded(PLATE, bounds(MARCH)[0] + hour * 3600)
            fields = {name: getattr(one, name) for name in Weighing.__slots__}
            file.write(json.dumps(fields) + "\n")
    done = called("evaluate", "--rollup", tmp_path)
    assert (done.code, done.err) == (0, "")
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"rollup": "operator", "operator": "OP1", "month": "2025-03", "vehicles": 1, "revoked": 1, "proposed": True},
        {"rollup": "vehicle_overload", "vehicle": PLATE, "month": "2025-03", "n": 3, "proposed": True},
        {"rollup": "vehicle_speeding", "vehicle": PLATE, "month": "2025-03", "n": 0, "km": 1.835, "proposed": False,
         "coverage": 0.0},
    ]  # fmt: skip
    refused(called("evaluate", "--rollup", "--summary", tmp_path), "--summary and --rollup exclude each other")
