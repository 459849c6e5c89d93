"""Planted bypasses are found, and what only looks like one is left out; nothing is ever certain."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.checking.windows import check
from journey.model import Scale, Weighing
from journey.registry import Registration, Registry, Station
from rules.stations.opening import is_open
from storage.commit import commit_batch
from storage.database import Connection, connect
from storage.registry import save_registry
from tests.casefolder import LAW
from tests.cli.command import called
from tests.stations.test_join_command import CLOCK_S
from tests.stations.test_passages import BEGIN, M
from tests.storage.samples import fix, frame, stretch

STATIONS = (
    Station("KT1", "one", 106.7, 21.8, direction_deg=0.0, open=json.dumps("05:00-20:00")),
    Station("KT2", "silent", 107.0, 21.8, direction_deg=0.0),
)


def drive(plate: str, passing: int, lon: float = 106.7, step_s: int = 30, north: int = 1) -> list[Any]:
    """At 60 km/h past the latitude of the stations at an instant, 4 km on either side."""
    metres = 50 * step_s // 3
    most = 4000 // metres
    return [fix(plate, passing + k * step_s, lon=lon, lat=round(21.8 + north * k * metres * M, 7), speed_dkmh=600)
            for k in range(-most, most + 1)]  # fmt: skip


def weighed(plate: str, passing: int) -> Weighing:
    return Weighing("KT1", 1, passing - CLOCK_S, plate, None, (6000, 9000), (4000,), 15_000, 1, 0, None, Scale("WIM"))


def sample() -> tuple[list[Any], list[Weighing], list[Registration], set[tuple[str, int]]]:
    """Traffic every 5 min from 06:00 to 19:00, every eighth a bypass; then look-alikes."""
    fixes, masses, planted, rows = [], [], set(), []
    for number in range(156):
        plate, passing = f"12C1{number:04d}", BEGIN + 6 * 3600 + 300 * number + 7
        rows.append(Registration(plate, "OP1", "truck"))
        fixes += drive(plate, passing, step_s=(10, 30, 60)[number % 3])
        if number % 8 == 4:
            planted.add((plate, passing))
        else:
            masses.append(weighed(plate, passing))
    noon = BEGIN + 12 * 3600 + 150
    looks: list[tuple[str, str, list[Any], list[Weighing]]] = [
        ("21C00001", "truck", drive("21C00001", noon, north=-1), []),  # the other way
        ("22C00002", "coach", drive("22C00002", noon + 7), []),  # carries people
        ("23C00003", "truck", drive("23C00003", BEGIN + 22 * 3600), []),  # closed
        ("24C00004", "truck", drive("24C00004", noon, lon=107.0), []),  # a station that says nothing
        ("25C00005", "truck", drive("25C00005", noon, lon=106.705), []),  # 500 m beside
        ("26C00006", "truck", drive("26C00006", noon + 33), [weighed("26C0000G", noon + 33)]),  # read wrong
        ("27C00007", "truck", drive("27C00007", noon + 3600), [weighed("?", noon + 3605)]),  # not read
        ("28C00008", "truck", drive("28C00008", noon, step_s=130), []),  # too little is known of its way
        ("29C00009", "", drive("29C00009", noon + 99), []),  # nobody knows what it is
        ("31C00010", "truck", drive("31C00010", noon + 600), [weighed("31C00010", noon + 850)]),  # waited to be weighed
    ]
    for plate, kind, track, own in looks:
        fixes += track
        masses += own
        rows += [Registration(plate, "OP1", kind)] if kind else []
    return fixes, masses, rows, planted


@pytest.fixture
def filled(database: str) -> str:
    with connect(database) as connection:
        _fill(connection)
    return database


def _fill(connection: Connection) -> None:
    fixes, masses, rows, _ = sample()
    save_registry(connection, Registry(vehicles=tuple(rows), stations=STATIONS))
    commit_batch(connection, stretch("test", 0, 1, frame(fixes), weighings=masses))
    check(connection, LAW, "test")


def test_planted_bypasses_are_found_and_look_alikes_are_not(filled: str) -> None:
    days = ("--from", "2025-03-03", "--to", "2025-03-03")
    done = called("station", "reviews", *days, "--kind", "unweighed", DATABASE_URL=filled)
    assert done.code == 0
    assert "unweighed: 19 to look at, 0 made innocent by the record" in done.err
    lines = [json.loads(line) for line in done.out.splitlines()]
    found = {(one["vehicle"], one["at"]) for one in lines}
    *_, planted = sample()
    recall = sum(any(plate == other and abs(at - when) <= 1 for other, when in found) for plate, at in planted)
    print(f"planted {len(planted)}, found {recall}, others {len(found) - recall}")
    assert (recall, len(found)) == (len(planted), len(planted))
    assert {(one["grade"], one["station"], one["operator"]) for one in lines} == {("possible", "KT1", "OP1")}
    assert all(one["innocent"] and one["law"] for one in lines)
    assert all(one["evidence"]["around"] >= 2 and one["evidence"]["clock_s"] == CLOCK_S for one in lines)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        (None, 0, True),
        ('"24/24"', 0, True),
        ('"05:00-20:00"', 5 * 3600, True),
        ('"05:00-20:00"', 5 * 3600 - 1, False),
        ('"05:00-20:00"', 20 * 3600, False),
        ('"22:00-04:00, 12:00-13:00"', 3600, True),
        ('"22:00-04:00, 12:00-13:00"', 11 * 3600, False),
        ('"always"', 0, False),
        ("[1]", 0, False),
    ],
)
def test_opening_times(text: str | None, at: int, expected: bool) -> None:
    assert is_open(Station("KT1", "one", open=text), BEGIN + at) is expected
