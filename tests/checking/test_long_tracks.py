"""Tracks of many days, judged a few days a round and in any order: the store ends with what one evaluation gives.

And with how little: of a day that was judged before, late records of its neighbours load no more than they change.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.checking.windows import check
from journey.localtime import DAY_S, day_of, day_start, midnight
from journey.track import encode
from rules.engine import evaluate, know, vehicle_floor
from rules.quality import fix_flags
from rules.service import service_days
from rules.summaries import DaySum, day_sums
from storage import turns, windows
from storage.commit import commit_batch
from storage.database import Connection, transaction
from storage.registry import save_registry
from storage.turns import Turn
from storage.windows import last_touch, waiting
from tests.casefolder import LAW, kept, read_inputs
from tests.checking.test_windows_equal_whole import EXAMPLES, SETTINGS, reset, service, store, stored
from tests.storage.samples import stretch
from tests.whatif.sample import PLATE, case, fixes

__all__ = ["store"]
OTHER, DRIVERS = "29B00001", ("790123456789", "790123456788")
FIRST = day_of(midnight(date(2025, 3, 6)))  # a Thursday
DAYS = 5
HALF = max(1, EXAMPLES // 2)  # they are long
SUMS = """
    SELECT v.plate, s.day, s.fixes, s.usable, s.flags, s.driving_s, s.standing_s, s.unknown_s, s.driving_m
    FROM day_summary s JOIN vehicle v ON v.id = s.vehicle_id
"""


def legs(random: Random, plate: str) -> list[dict[str, str]]:
    """A vehicle's days: driving, standing and silent for up to ten hours each, with now and then another driver."""
    rows: list[dict[str, str]] = []
    time, licence = day_start(FIRST) + random.randrange(0, 7200), DRIVERS[0]
    while time < day_start(FIRST + DAYS):
        seconds = random.choice((600, 1800, 3600, 4 * 3600, 10 * 3600))
        licence = random.choice((licence, licence, *DRIVERS))
        doing = random.random()
        if doing < 0.75:
            speed = "0" if doing < 0.4 else random.choice(("50", "50", "95"))
            step = random.choice((90, 120, 150))
            rows += fixes(time, seconds, speed, plate, step, licence)
        time += seconds + random.choice((60, 120, 600))
    lat = 15.0
    for before, row in zip([rows[0], *rows], rows, strict=False):
        moved_s = int(row["time"]) - int(before["time"])
        lat += float(before["speed_kmh"]) * min(moved_s, 150) / 3600 / 111.2
        row["lat"] = f"{lat:.6f}"
    return rows


def records(random: Random) -> dict[str, Any]:
    return case(legs(random, PLATE) + legs(random, OTHER))


def by_day(inputs: dict[str, Any]) -> tuple[dict[tuple[str, int], DaySum], dict[tuple[str, int], Any]]:
    """Day sums and sums of service of the whole."""
    frame, _, registry = read_inputs(inputs)
    floor = vehicle_floor(frame, know(registry, LAW), LAW)
    sums = day_sums(floor.fixes.vehicle, floor.fixes.time, floor.flags, floor.usable, floor.kind, floor.activities)
    served = service_days(floor.fixes, floor.flags, floor.usable, floor.kind, LAW)
    return (
        {(floor.plates[code], day): one for (code, day), one in sums.items()},
        {(floor.plates[code], day): one for (code, day), one in served.items()},
    )


def agrees(connection: Connection, inputs: dict[str, Any]) -> None:
    frame, weighings, registry = read_inputs(inputs)
    whole = evaluate(frame, weighings, know(registry, LAW), LAW)
    assert [one.as_dict() for one in stored(connection)] == [one.as_dict() for one in kept(whole.findings)]
    sums, served = by_day(inputs)
    with transaction(connection):
        rows = connection.execute(SUMS).fetchall()
    assert {(plate, day): DaySum(*rest) for plate, day, *rest in rows} == sums
    assert service(connection) == served


@settings(SETTINGS, max_examples=HALF)
@given(seed=st.integers(0, 1 << 30), parts=st.integers(2, 5), most=st.integers(1, 4), few=st.integers(1, 3))
def test_days_judged_a_few_at_a_time_in_any_order(
    store: Connection, monkeypatch: pytest.MonkeyPatch, seed: int, parts: int, most: int, few: int
) -> None:
    random = Random(seed)
    inputs = records(random)
    frame, _, registry = read_inputs(inputs)
    monkeypatch.setattr(windows, "DAYS_MAX", most)
    for module in (windows, turns):
        monkeypatch.setattr(module, "FEW_DAYS", few)
    reset(store)
    save_registry(store, registry)
    # Some hours of a vehicle come together, now and then a fix by itself.
    part_of: defaultdict[tuple[str, int], int] = defaultdict(lambda: random.randrange(parts))
    hours = random.choice((3, 7, 24, 40))
    of_rows = [
        random.randrange(parts) if random.random() < 0.003 else part_of[plate, time // (hours * 3600)]
        for plate, time in frame.select("vehicle", "time").iter_rows()
    ]
    for part in range(parts):
        send(store, frame[[row for row, number in enumerate(of_rows) if number == part]], part)
        if random.random() < 0.7:
            check(store, LAW, "test", round_windows=random.choice((1, 4, 600)), turn=_turn(store, random))
    check(store, LAW, "test", round_windows=random.choice((1, 4, 600)))
    assert waiting(store) == 0
    agrees(store, inputs)


def _turn(connection: Connection, random: Random) -> Turn:
    """As a check that follows gives them: all, late ones, a pass of some, with or without quiet ones."""
    with transaction(connection):
        last = last_touch(connection)
    return Turn(random.random() < 0.4, random.randint(0, last), random.choice((1, last // 2, last + 1)))


@settings(SETTINGS, max_examples=HALF)
@given(
    seed=st.integers(0, 1 << 30),
    day=st.integers(0, DAYS - 1),
    begin_s=st.sampled_from((0, 0, 0, 6 * 3600, 14 * 3600)),
    length_s=st.sampled_from((130, 1000, 5 * 3600, 10 * 3600, DAY_S)),
)
def test_hours_of_a_day_that_come_when_all_else_is_judged(
    store: Connection, seed: int, day: int, begin_s: int, length_s: int
) -> None:
    """Also those next to a midnight, which change the sums of the day beyond it, though nothing was sent of that."""
    inputs = records(Random(seed))
    frame, _, registry = read_inputs(inputs)
    begin = day_start(FIRST + day) + begin_s
    missing = (pl.col("vehicle") == PLATE) & pl.col("time").is_between(begin, begin + length_s - 1)
    missing &= pl.col("time") < day_start(FIRST + day + 1)
    reset(store)
    save_registry(store, registry)
    send(store, frame.filter(~missing), 0)
    check(store, LAW, "test")
    late = frame.filter(missing)
    send(store, late, 1)
    done = check(store, LAW, "test")
    assert done.windows == len({day_of(time) for time in late["time"]})
    agrees(store, inputs)


def send(connection: Connection, some: pl.DataFrame, position: int) -> None:
    flags = pl.Series(fix_flags(encode(some).frame, (102, 8, 110, 24), LAW), dtype=pl.Int16)
    commit_batch(connection, stretch("test", position, position + 1, some.with_columns(flags=flags)))


def quiet_days() -> list[dict[str, str]]:
    """Days of standing but for a drive from 8 to 10, and one over midnight, from 23 o'clock of the fourth day to 1."""
    rows = []
    midnight_s = day_start(FIRST + 4)
    for day in range(DAYS + 3):
        start = day_start(FIRST + day)
        for time in range(start, start + DAY_S, 300):
            driving = start + 8 * 3600 <= time < start + 10 * 3600 or abs(time - midnight_s) < 3600
            rows += fixes(time, 240, "50" if driving else "0", step=60)
    return rows


@pytest.mark.parametrize(
    ("begin_s", "length_s", "days", "loaded_h"),
    [
        (DAY_S // 2, 3600, 1, 36),  # nothing of it reaches a midnight
        (0, 600, 2, 36 + 84),  # a drive over midnight: the day before changes too
        (-600, 600, 2, 36 + 84),  # and so does the day after it
        (0, DAY_S, 3, 84),  # a day of which nothing was known
    ],
)
def test_late_data_recomputes_what_it_touches(
    store: Connection, begin_s: int, length_s: int, days: int, loaded_h: int
) -> None:
    """Counted: windows, days whose sums are made anew, fixes loaded, of which there is one a minute."""
    inputs = case(quiet_days())
    frame, _, registry = read_inputs(inputs)
    begin = day_start(FIRST + 4) + begin_s
    missing = pl.col("time").is_between(begin, begin + length_s - 1)
    reset(store)
    save_registry(store, registry)
    send(store, frame.filter(~missing), 0)
    check(store, LAW, "test")
    with transaction(store):
        before = dict(store.execute("SELECT day, run_id FROM day_summary").fetchall())
    send(store, frame.filter(missing), 1)
    done = check(store, LAW, "test")
    with transaction(store):
        after = dict(store.execute("SELECT day, run_id FROM day_summary").fetchall())
    assert (done.windows, done.days) == (1, days)
    assert sum(before[day] != after[day] for day in before) == days
    # The day with six hours on either side; where a day beside it changes, then both days beside it and six hours more.
    assert done.fixes == loaded_h * 60
    agrees(store, inputs)
