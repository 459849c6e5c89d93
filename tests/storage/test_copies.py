"""Whatever the batches and their order: what stands is what resolve_copies says of everything at once."""

# ruff: noqa: S608
from __future__ import annotations

import random
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from itertools import count, pairwise
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey.model import Fix, Flag
from journey.track import encode, resolve_copies
from storage.commit import commit_batch
from storage.database import Connection, connect
from storage.tracks import counts
from tests.storage.samples import NOON, fix, frame, stretch

_numbers = count()
_COLUMNS = """v.plate, extract(epoch FROM f.time)::bigint, d.licence,
    extract(epoch FROM f.time)::bigint + f.delay_s,
    f.lon_e7 / 1e7::float8, f.lat_e7 / 1e7::float8, f.speed_dkmh, f.heading,
    f.altitude_m, f.ignition, f.door, f.aircon, f.flags, f.scaled"""

copies = st.builds(
    fix,
    vehicle=st.sampled_from(["A", "B"]),
    time=st.integers(NOON, NOON + 2),
    driver=st.sampled_from([None, "790000000001", "790000000002"]),
    lon=st.sampled_from([105.0, 106.0, -0.0, 0.0]),
    lat=st.sampled_from([21.0, 22.0]),
    speed_dkmh=st.integers(0, 1),
    heading=st.sampled_from([None, 0.0, 90.0]),
    altitude_m=st.sampled_from([None, 1.0]),
    ignition=st.sampled_from([None, False, True]),
    door=st.sampled_from([None, True]),
    received=st.sampled_from([None, NOON + 1, NOON + 2]),
    scaled=st.booleans(),
)


def stored(connection: Connection, table: str, plates: set[str]) -> Counter[tuple[Any, ...]]:
    rows = connection.execute(
        f"""SELECT {_COLUMNS} FROM {table} f JOIN vehicle v ON v.id = f.vehicle_id
            LEFT JOIN driver d ON d.id = f.driver_id WHERE v.plate = ANY(%s)""",
        (list(plates),),
    ).fetchall()
    connection.commit()
    return Counter(rows)


def as_row(one: Fix, flags: int) -> tuple[Any, ...]:
    return (one.vehicle, one.time, one.driver, one.received, one.lon + 0.0, one.lat, one.speed_dkmh, one.heading,
            one.altitude_m, one.ignition, one.door, one.aircon, flags, one.scaled)  # fmt: skip


def rank(one: Fix) -> tuple[Any, ...]:
    """rules.md, section 2, and among what it holds for equal the other columns."""

    def absent_first(value: Any) -> tuple[bool, Any]:
        return (value is not None, 0 if value is None else value)

    received = (one.received is None, one.received or 0)
    driver = (one.driver is not None, one.driver or "")
    rest = [absent_first(value) for value in (one.heading, one.ignition, one.altitude_m, one.door, one.aircon)]
    return (received, one.speed_dkmh, one.lon, one.lat, driver, *rest, one.scaled)


def expected(fixes: list[Fix]) -> tuple[Counter[tuple[Any, ...]], Counter[tuple[Any, ...]]]:
    groups = defaultdict(list)
    for one in fixes:
        groups[one.vehicle, one.time].append(one)
    standing, others = Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]]()
    for group in groups.values():
        first, *rest = sorted(group, key=rank)
        scaled = int(Flag.SCALED_TIME)
        standing[as_row(first, scaled if any(one.scaled for one in group) else 0)] += 1
        others.update(as_row(one, scaled if one.scaled else 0) for one in rest)
    return standing, others


def check(connection: Connection, fixes: list[Fix]) -> None:
    plates = {one.vehicle for one in fixes}
    standing, others = expected(fixes)
    assert stored(connection, "fix", plates) == standing
    assert stored(connection, "fix_copy", plates) == others
    everything = encode(frame(fixes))
    at_once = resolve_copies(everything.frame)
    key = ("vehicle", "driver", "time", "received", "lon", "lat", "speed_dkmh", "heading", "ignition")
    said = Counter(frame(fixes)[at_once.winner].select(key).rows())
    assert said == Counter(
        (row[0], row[2], row[1], row[3], row[4], row[5], row[6], row[7], row[9]) for row in standing.elements()
    )
    found = [one for one in counts(connection) if one.plate in plates]
    connection.commit()
    assert sum(one.fixes for one in found) == len(at_once.winner)
    assert sum(one.duplicates for one in found) == len(at_once.loser)
    assert sum(one.conflicts for one in found) == int(at_once.conflict.sum())


def renamed(fixes: list[Fix]) -> tuple[str, list[Fix]]:
    """Names of their own for each example, which share a database."""
    name = f"example {next(_numbers)}"
    return name, [one._replace(vehicle=f"{name} {one.vehicle}") for one in fixes]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(copies, min_size=1, max_size=12), st.data())
def test_batches_and_their_order_do_not_matter(connection: Connection, drawn: list[Fix], data: st.DataObject) -> None:
    name, fixes = renamed(drawn)
    shuffled = data.draw(st.permutations(fixes))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(fixes)), max_size=4)) | {0, len(fixes)})
    sent = inserted = added = 0
    for start, end in pairwise(cuts):
        done = commit_batch(connection, stretch(name, start, end, frame(shuffled[start:end])))
        sent, inserted, added = sent + done.fixes, inserted + done.inserted, added + done.duplicates
    assert sent == inserted + added == len(fixes)
    check(connection, fixes)


@pytest.mark.native_server
@pytest.mark.parametrize("seed", range(3))
def test_two_connections_at_once(database: str, seed: int) -> None:
    source = random.Random(seed)
    rounds = 15
    fixes = [
        fix(f"V{source.randrange(8)}", NOON + source.randrange(60), received=source.choice([None, 1, 2, 3]),
            speed_dkmh=source.randrange(4), driver=source.choice([None, "790000000001", f"79000000000{seed}"]),
            scaled=source.random() < 0.1, altitude_m=float(source.randrange(2)))
        for _ in range(rounds * 2 * 60)
    ]  # fmt: skip
    barrier = Barrier(2)

    def send(part: int) -> None:
        with connect(database) as connection:
            for turn in range(rounds):
                start = (turn * 2 + part) * 60
                barrier.wait(30)
                commit_batch(connection, stretch(f"part {part}", turn, turn + 1, frame(fixes[start : start + 60])))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(send, range(2)))
    with connect(database) as connection:
        check(connection, fixes)
