"""Where the borders lie: days, intervals of the law, classes of delay."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from journey.localtime import day_of, midnight
from rules.service import ServiceDay
from tests.service.test_against_oracle import judged
from tests.whatif.sample import PLATE, case

MIDNIGHT = midnight(date(2025, 3, 4))
DAY = day_of(MIDNIGHT)


def at(time: int, speed: str = "50", north: float = 0.0, **fields: str) -> dict[str, str]:
    return {"vehicle": PLATE, "driver": "", "time": str(time), "lon": "106.7", "lat": f"{15 + north:.6f}",
            "speed_kmh": speed, "heading": "", "ignition": "", "received": "", **fields}  # fmt: skip


def days(*positions: dict[str, str]) -> dict[int, ServiceDay]:
    return {day: one for (_, day), one in judged(case(list(positions))).items()}


@pytest.mark.parametrize(("after", "day"), [(-1, DAY - 1), (0, DAY - 1), (1, DAY)])
def test_a_step_belongs_to_the_day_of_its_last_second(after: int, day: int) -> None:
    found = days(at(MIDNIGHT - 20), at(MIDNIGHT + after, north=0.001))
    assert {number: one.moving_steps for number, one in found.items() if one.moving_steps} == {day: 1}
    assert found[day].track_mm == found[day].driving_mm == 111_195


def test_a_step_over_days_without_a_fix_is_one_of_its_last_day() -> None:
    found = days(at(MIDNIGHT - 3 * 86_400), at(MIDNIGHT + 60, north=1.0))
    assert [(number - DAY, one.moving_steps, one.fixes) for number, one in found.items()] == [(-3, 0, 1), (0, 1, 1)]
    assert (found[DAY].moving_timely, found[DAY].driving_mm, found[DAY].track_mm > 0) == (0, 0, True)


@pytest.mark.parametrize(
    ("end", "speed", "step", "judged_timely"),
    [
        (date(2024, 6, 3), "5", 30, ("moving", 1, 1)),
        (date(2024, 6, 3), "5", 31, ("moving", 1, 0)),
        (date(2024, 6, 3), "4.9", 900, ("standing", 1, 1)),
        (date(2024, 6, 3), "4.9", 901, ("standing", 1, 0)),
        (date(2025, 1, 1), "0", 60, ("standing", 0, 0)),  # since then the figure is not known
        (date(2025, 1, 1), "50", 30, ("moving", 1, 1)),
        (date(2015, 5, 31), "50", 30, ("moving", 0, 0)),  # and before 2015-06-01 none was in force
        (date(2015, 6, 1), "50", 30, ("moving", 1, 1)),
    ],
)
def test_the_interval_of_the_law_at_the_end_of_the_step(
    end: date, speed: str, step: int, judged_timely: tuple[str, int, int]
) -> None:
    time = midnight(end) + 1
    one = days(at(time - step, speed), at(time, speed))[day_of(time - 1)]
    name, known, timely = judged_timely
    assert [getattr(one, f"{name}_{part}") for part in ("steps", "judged", "timely")] == [1, known, timely]


@pytest.mark.parametrize(
    ("delay", "edge"),
    [(-300, "1"), (0, "1"), (1, "1"), (2, "2"), (120, "120"), (121, "180"), (432_000, "432000"), (9_999_999, "inf")],
)
def test_a_delay_is_counted_under_the_least_edge_that_holds_it(delay: int, edge: str) -> None:
    one = days(at(MIDNIGHT, received=str(MIDNIGHT + delay)))[DAY]
    assert (one.delays, one.without_receipt, one.future) == ({edge: 1}, 0, 0)


def test_a_fix_ahead_of_its_receipt_has_no_delay() -> None:
    one = days(at(MIDNIGHT, received=str(MIDNIGHT - 301)), at(MIDNIGHT + 30))[DAY]
    assert (one.fixes, one.usable, one.future, one.without_receipt, one.delays) == (2, 1, 1, 1, {})


def test_a_fix_that_lost_its_position_twice_over_is_one() -> None:
    lost: dict[str, Any] = {"lon": "0", "lat": "0"}  # flagged zero and outside
    one = days(at(MIDNIGHT, **lost), at(MIDNIGHT + 30))[DAY]
    assert (one.fixes, one.usable, one.drifted) == (2, 1, 1)
