"""The least average speed between two weighings: the straight line less both radii, over the time and more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from journey.model import Weighing
from journey.registry import Station
from rules import law as rulebook
from rules.stations.between import between_stations
from tests.matching.network import place

LAW = rulebook.load()
A, B, C = (Station(name, name, *place(east, 0)) for name, east in (("A", 0), ("B", 30_600), ("C", 31_500)))
NOWHERE = Station("N", "N")
STATIONS = {one.id: one for one in (A, B, C, NOWHERE)}
START = 1_741_000_200


def weighed(station: str, time: int) -> Weighing:
    return Weighing(station, None, START + time, "12C12345", None, (6000, 8000), (3500,), 14_000, None, None, None)


def test_the_least_that_it_was() -> None:
    pair = between_stations([weighed("B", 1500), weighed("A", 0)], STATIONS, START + 600, START + 700, LAW)
    assert pair is not None
    assert (pair.first.id, pair.second.id, pair.second_time - pair.first_time) == ("A", "B", 1500)
    assert pair.straight_m == pytest.approx(30_600, abs=2)
    assert pair.least_kmh == pytest.approx(30_000 / 1800 * 3.6, abs=0.01)  # 300 m a station, 300 s in all


@pytest.mark.parametrize(
    ("weighings", "start", "end"),
    [
        ([], 600, 700),
        ([("A", 0)], 600, 700),
        ([("A", 0), ("A", 1500)], 600, 700),  # one place
        ([("B", 0), ("C", 1500)], 600, 700),  # too near
        ([("A", 0), ("N", 1500)], 600, 700),  # nobody knows where
        ([("A", 0), ("X", 1500)], 600, 700),  # not on file
        ([("A", 0), ("B", 500)], 600, 700),  # before the finding
        ([("A", 800), ("B", 1500)], 600, 700),  # after it
        ([("A", 0), ("N", 300), ("B", 1500)], 600, 700),  # not neighbours: where it was between is not known
    ],
)
def test_where_nothing_can_be_told(weighings: list[tuple[str, int]], start: int, end: int) -> None:
    given = [weighed(*one) for one in weighings]
    assert between_stations(given, STATIONS, START + start, START + end, LAW) is None


def test_of_two_pairs_the_faster() -> None:
    given = [weighed("A", 0), weighed("B", 2000), weighed("A", 3500)]
    pair = between_stations(given, STATIONS, START + 1900, START + 2100, LAW)
    assert pair is not None
    assert pair.first.id == "B"
    assert (
        between_stations([replace(one, time=one.time - 10_000) for one in given], STATIONS, START, START, LAW) is None
    )
