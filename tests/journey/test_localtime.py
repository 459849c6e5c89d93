"""Local days, weeks and their borders in Asia/Ho_Chi_Minh, against the calendar of the standard library."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey import localtime as lt

# From 1976 on: the offset was another one in parts of the country until June 1975.
instants = st.integers(189_302_400, 4_102_444_800)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def local(time: int) -> datetime:
    return datetime.fromtimestamp(time, UTC).astimezone(HANOI)


def second(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=HANOI).timestamp())  # type: ignore[arg-type]


@given(instants)
def test_days_and_weeks_are_those_of_the_calendar(time: int) -> None:
    day, week = lt.day_of(time), lt.week_of(time)
    assert lt.date_of(day) == local(time).date()
    assert lt.number_of(local(time).date()) == day
    assert lt.day_start(day) <= time < lt.day_start(day + 1)
    assert lt.week_start(week) <= time < lt.week_start(week + 1)
    monday = local(lt.week_start(week))
    assert (monday.weekday(), monday.hour, monday.minute, monday.second) == (0, 0, 0, 0)
    year, number, _ = local(time).isocalendar()
    assert lt.name_week(time) == f"{year}-W{number:02}"
    assert lt.parse_week(lt.name_week(time)) == (lt.week_start(week), lt.week_start(week + 1))
    assert lt.show(time) == local(time).strftime("%Y-%m-%d %H:%M:%S+07")


@given(st.lists(instants, max_size=20))
def test_arrays_are_as_their_instants(times: list[int]) -> None:
    array = np.array(times, np.int64)
    assert lt.day_of(array).tolist() == [lt.day_of(time) for time in times]
    assert lt.week_of(array).tolist() == [lt.week_of(time) for time in times]
    assert lt.day_start(lt.day_of(array)).tolist() == [lt.day_start(lt.day_of(time)) for time in times]
    assert lt.week_start(lt.week_of(array)).tolist() == [lt.week_start(lt.week_of(time)) for time in times]


def test_a_day_ends_at_local_midnight() -> None:
    midnight = second(2025, 1, 1)
    assert midnight == int(datetime(2024, 12, 31, 17, tzinfo=UTC).timestamp())
    assert lt.midnight(date(2025, 1, 1)) == midnight
    assert lt.date_of(lt.day_of(midnight - 1)) == date(2024, 12, 31)
    assert lt.date_of(lt.day_of(midnight)) == date(2025, 1, 1)
    assert lt.date_of(lt.day_of(midnight + lt.DAY_S - 1)) == date(2025, 1, 1)


def test_days_before_1970_have_negative_numbers() -> None:
    assert lt.day_of(-7 * 3600 - 1) == -1
    assert lt.day_of(-7 * 3600) == 0
    assert lt.date_of(-1) == date(1969, 12, 31)
    assert lt.week_start(0) == lt.midnight(date(1969, 12, 29))


@pytest.mark.parametrize(
    ("monday", "week"),
    [
        # Around new year the week belongs to the year that holds its Thursday.
        (date(2024, 12, 30), "2025-W01"),
        (date(2025, 12, 29), "2026-W01"),
        (date(2026, 12, 28), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2020, 12, 28), "2020-W53"),
        (date(2026, 3, 16), "2026-W12"),
    ],
)
def test_weeks_around_new_year(monday: date, week: str) -> None:
    start, end = lt.parse_week(week)
    assert (start, end) == (lt.midnight(monday), lt.midnight(monday + timedelta(days=7)))
    assert lt.name_week(start) == lt.name_week(end - 1) == week
    assert week not in (lt.name_week(start - 1), lt.name_week(end))


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-12", "2026-W1", "2026-W00", "2026-W54", "2025-W53", "W12-2026", "2026-W12 ", "2026-w12",
             "0000-W01"],
)  # fmt: skip
def test_what_is_no_iso_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no ISO week: write it like 2026-W12"):
        lt.parse_week(text)


def test_the_first_week_of_the_calendar() -> None:
    start, end = lt.parse_week("0001-W01")
    assert (lt.date_of(lt.day_of(start)), end - start) == (date(1, 1, 1), 7 * lt.DAY_S)
