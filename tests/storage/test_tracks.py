from __future__ import annotations

from journey.localtime import DAY_S, day_of
from journey.model import Flag
from journey.track import FIX
from storage.commit import commit_batch
from storage.database import Connection
from storage.names import known_vehicles
from storage.tracks import Counts, counts, load_fixes, surroundings
from tests.storage.samples import NOON, fix, frame, stretch, weighing


def test_windows_are_half_open_and_may_overlap(connection: Connection) -> None:
    fixes = [fix(vehicle, NOON + place) for vehicle in ("B", "A") for place in range(10)]
    commit_batch(connection, stretch("s", 0, 1, frame(fixes)))
    number = known_vehicles(connection, ["B"])["B"]
    loaded = load_fixes(connection, [("A", NOON + 2, NOON + 4), (number, NOON, NOON + 2), ("B", NOON + 1, NOON + 3),
                                     ("B", NOON + 8, NOON + 9), ("A", NOON + 5, NOON + 5), ("C", 0, NOON)])  # fmt: skip
    found = [(vehicle, time - NOON) for vehicle, time in loaded.select("vehicle", "time").rows()]
    assert found == [("A", 2), ("A", 3), ("B", 0), ("B", 1), ("B", 2), ("B", 8)]


def test_nothing_asked_nothing_found(connection: Connection) -> None:
    for windows in ([], [("nowhere", 0, NOON)]):
        loaded = load_fixes(connection, windows)
        assert loaded.schema == FIX
        assert len(loaded) == 0
    connection.commit()
    commit_batch(connection, stretch("s", 0, 1, frame([fix("A")])))
    loaded = load_fixes(connection, [("A", 0, 1)])
    assert loaded.schema == FIX
    assert len(loaded) == 0


def test_windows_beyond_the_calendar(connection: Connection) -> None:
    commit_batch(connection, stretch("s", 0, 1, frame([fix("A")])))
    assert len(load_fixes(connection, [("A", -(2**62), 2**62)])) == 1


def test_surroundings(connection: Connection) -> None:
    assert surroundings(connection, [(1, 0, 9)]) == [(None, None, None, None)]
    connection.commit()
    commit_batch(connection, stretch("s", 0, 1, frame([fix("A", NOON + place * DAY_S) for place in (5, 3, 9)])))
    alone = stretch("s", 1, 2, weighings=[weighing(plate="A", time=NOON + place * DAY_S) for place in (4, 5, 12)])
    commit_batch(connection, alone)  # on two days there is nothing but a weighing
    day = day_of(NOON)
    number = known_vehicles(connection, ["A"])["A"]
    spans = [(number, day + 4, day + 9), (number, day, day + 3), (number, day + 9, day + 10)]
    edges = day + 3, day + 9
    assert surroundings(connection, spans) == [(*edges, *edges), (*edges, None, day + 3), (*edges, day + 5, None)]


def test_counts(connection: Connection) -> None:
    flags = [int(Flag.ZERO | Flag.FROZEN), int(Flag.ZERO), 0, 0, 0, 0]
    fixes = [fix("A", NOON), fix("A", NOON + 1), fix("A", NOON + 2, received=1),
             fix("A", NOON + 2, received=2), fix("A", NOON + 2, received=2, heading=1.0),
             fix("B", scaled=True)]  # fmt: skip
    commit_batch(connection, stretch("s", 0, 1, frame(fixes, flags)))
    assert counts(connection) == [
        Counts("A", 3, 2, 1, {"zero": 2, "frozen": 1}),
        Counts("B", 1, 0, 0, {"scaled_time": 1}),
    ]
