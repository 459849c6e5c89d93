"""Who is planted as avoiding a scale is found, who only looks as if is not; each excuse by a case of its own."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from benchmarks.avoidance import fleet_of, reviews_of
from cli.fleet import FleetSpec, generate, match_reviews
from journey.model import Scale, Weighing
from journey.registry import Registration, Station
from rules.stations.day import Day, Review, day_of_records
from rules.stations.reasons import BY_KIND, EXCUSES, REASONS
from rules.stations.reviews import reviews
from rules.stations.sightings import sightings, together
from tests.casefolder import LAW
from tests.stations.test_join_command import CLOCK_S
from tests.stations.test_passages import BEGIN, M, floor_of

HOUR = 3600
CLOSE = 20 * HOUR
STATION = Station("KT1", "one", 106.7, 21.8, 0.0, open='"06:00-20:00"',
                  corridor=(106.7, 21.8 - 3000 * M, 106.7, 21.8 + 3000 * M))  # fmt: skip
OWN = "12C99999"


def row(plate: str, after: float, north: float, east: float = 0.0, speed: int = 500) -> dict[str, Any]:
    return {"vehicle": plate, "driver": None, "time": BEGIN + int(after), "lon": round(106.7 + east * M / 0.9285, 7),
            "lat": round(21.8 + north * M, 7), "speed_dkmh": speed, "received": BEGIN + int(after),
            "scaled": False}  # fmt: skip


def way(plate: str, start: float, points: list[tuple[float, float]], pace: float = 14.0) -> list[dict[str, Any]]:
    """Along points (east, north), every 20 s. start: s after midnight."""
    places, marks = np.array(points), [0.0]
    for a, b in pairwise(points):
        marks.append(marks[-1] + float(np.hypot(b[0] - a[0], b[1] - a[1])) / pace)
    at = np.arange(0, marks[-1], 20)
    return [row(plate, start + k, float(np.interp(k, marks, places[:, 1])), float(np.interp(k, marks, places[:, 0])))
            for k in at]  # fmt: skip


def standing(plate: str, start: float, end: float, north: float, east: float = 0.0) -> list[dict[str, Any]]:
    return [row(plate, start + k, north, east, 0) for k in range(0, int(end - start) + 1, 60)]


ROUND = [(0.0, -5000.0), (0.0, -2400.0), (4000.0, -2400.0), (4000.0, 2400.0), (0.0, 2400.0), (0.0, 5000.0)]


def weighed(plate: str, passing: float, **fields: Any) -> Weighing:
    standing_ = Weighing("KT1", 1, BEGIN + int(passing) - CLOCK_S, plate, None, (6000, 9000), (4000,), 15_000, 1, 0,
                         None, Scale("WIM"))  # fmt: skip
    return replace(standing_, **fields)


def traffic() -> tuple[list[dict[str, Any]], list[Weighing]]:
    """Every ten minutes from 6 to 20 h somebody passes and is weighed."""
    fixes, masses = [], []
    for number in range(84):
        passing = 6 * HOUR + 300 + 600 * number
        plate = f"21C{number:05d}"
        fixes += way(plate, passing - 5000 / 14, [(0.0, -5000.0), (0.0, 5000.0)])
        masses.append(weighed(plate, passing))
    return fixes, masses


TRAFFIC = traffic()


def a_day(
    fixes: list[dict[str, Any]], masses: list[Weighing] | None = None, station: Station = STATION,
    rows: list[Registration] | None = None, outages: tuple[tuple[int, int], ...] = (), parts: int = 1,
) -> Day:  # fmt: skip
    every = TRAFFIC[0] + fixes
    weighings = TRAFFIC[1] + (masses or [])
    plates = sorted({one["vehicle"] for one in every} | {one.plate for one in weighings})
    codes = {plate: code for code, plate in enumerate(plates)}
    portions = [[one for one in every if codes[one["vehicle"]] % parts == part] for part in range(parts)]
    floors = [floor_of(portion) for portion in portions]
    seen = together(
        [sightings(one.fixes, one.usable, one.activities, (station,), LAW) for one in floors],
        [np.array([codes[plate] for plate in one.plates], np.int64) for one in floors],
    )
    registered = rows or [Registration(plate, "OP1", "truck") for plate in plates]
    return day_of_records((BEGIN, BEGIN + 24 * HOUR), plates, registered, (station,), weighings, seen, outages, LAW)


def own(day: Day) -> list[Review]:
    """Of everybody but the traffic, which never gives any."""
    found = reviews(day)
    assert all(not one.vehicle.startswith("21C") for one in found)
    return found


def only(day: Day) -> tuple[str, str | None]:
    (one,) = own(day)
    assert one.vehicle == OWN
    assert one.reasons == BY_KIND[one.kind]
    assert one.as_dict()["grade"] == "possible"
    return one.kind, one.excuse


@pytest.mark.parametrize("seed", range(3))
def test_who_is_planted_is_found_and_look_alikes_are_left_out(seed: int) -> None:
    fleet = fleet_of(seed)
    result = match_reviews(fleet.reviews, [one._asdict() for one in reviews_of(fleet, LAW)])
    assert set(result) == set(BY_KIND)
    for kind, one in result.items():
        assert (one.found, one.extra, one.look_alikes) == (one.planted, 0, 0), (kind, one)
        assert one.planted >= 2
        assert one.innocent >= 1


def test_no_finding_comes_of_the_day_at_the_scale() -> None:
    spec = FleetSpec(vehicles=12, days=2, seed=5)
    plain, with_scale = generate(replace(spec, scale=False)), generate(replace(spec, scale=True))
    assert with_scale.answers == plain.answers
    assert len(with_scale.plates) > len(plain.plates)


def test_the_order_of_records_and_portions_change_nothing() -> None:
    fixes = way(OWN, 10 * HOUR, ROUND) + standing("12C88888", 18.9 * HOUR, 20.2 * HOUR, -1500)
    fixes += way("12C88888", 20.2 * HOUR + 60, [(0.0, -1500.0), (0.0, 5000.0)])
    fixes += way("12C77777", 11 * HOUR, [(0.0, -5000.0), (0.0, 5000.0)])
    masses = [weighed("12C66666", 12 * HOUR)]
    expected = own(a_day(fixes, masses))
    assert [(one.kind, one.vehicle) for one in expected] == [
        ("detour", OWN), ("unweighed", "12C77777"), ("silent", "12C66666"), ("wait", "12C88888")
    ]  # fmt: skip
    dice = random.Random(3)
    for parts in (1, 2, 5):
        dice.shuffle(fixes)
        assert own(a_day(fixes + fixes[:50], masses * 2, parts=parts)) == expected


def test_a_way_round_is_seen_and_a_stop_a_queue_or_a_gap_excuses_it() -> None:
    assert only(a_day(way(OWN, 10 * HOUR, ROUND))) == ("detour", None)
    there = way(OWN, 10 * HOUR, ROUND[:4])
    stopped = there[-1]["time"] - BEGIN
    back = way(OWN, stopped + 400, ROUND[3:])
    assert only(a_day(there + standing(OWN, stopped + 20, stopped + 380, 2400, 4000) + back)) == ("detour", "stop")
    short = way(OWN, stopped + 200, ROUND[3:])
    assert only(a_day(there + standing(OWN, stopped + 20, stopped + 180, 2400, 4000) + short)) == ("detour", None)
    queue = [one for n in range(3) for one in standing(f"22C0000{n}", 9.9 * HOUR, 10.3 * HOUR, -900 - 50 * n)]
    assert only(a_day(way(OWN, 10 * HOUR, ROUND) + queue)) == ("detour", "full")
    assert only(a_day(way(OWN, 10 * HOUR, ROUND) + queue[: 2 * len(queue) // 3])) == ("detour", None)
    whole = way(OWN, 10 * HOUR, ROUND)
    lost = [one for one in whole if not 10 * HOUR + 500 < one["time"] - BEGIN < 10 * HOUR + 700]
    assert only(a_day(lost)) == ("detour", "track_gap")


def test_a_way_round_is_none_where_the_station_is_closed_or_nothing_is_known_of_the_direct_way() -> None:
    track = way(OWN, 10 * HOUR, ROUND)
    assert own(a_day(track, station=replace(STATION, open='"11:00-20:00"'))) == []
    assert own(a_day(track, station=replace(STATION, corridor=None))) == []
    assert own(a_day(track, station=replace(STATION, corridor_m=12_000))) == []
    assert only(a_day(track, station=replace(STATION, corridor_m=6000))) == ("detour", None)
    assert own(a_day(track, [weighed(OWN, 10 * HOUR + 500)])) == []  # weighed there all the same
    assert own(a_day(way(OWN, 10 * HOUR, ROUND[::-1]))) == []  # the other direction
    assert own(a_day(track, rows=[Registration(OWN, "OP1", "coach")])) == []


def wait(north: float = -1500.0, begins: float = 18.9, ends: float = 20.2) -> list[dict[str, Any]]:
    arrives = way(OWN, begins * HOUR - (5000 + north) / 14, [(0.0, -5000.0), (0.0, north)])
    leaves = way(OWN, ends * HOUR + 30, [(0.0, north), (0.0, 5000.0)])
    return arrives + standing(OWN, begins * HOUR, ends * HOUR, north) + leaves


def test_a_wait_until_it_closed_is_seen_and_a_rest_that_was_due_or_a_queue_excuses_it() -> None:
    assert only(a_day(wait())) == ("wait", None)
    (one,) = own(a_day(wait()))
    assert (one.evidence["closed_at"], one.evidence["away_m"]) == (BEGIN + CLOSE, 1500)
    drive = way(OWN, 18.9 * HOUR - 12_700, [(0.0, -1500.0 - 14 * 12_700), (0.0, -1500.0)])
    rest = drive + [one for one in wait() if one["time"] >= BEGIN + 18.9 * HOUR]
    assert only(a_day(rest)) == ("wait", "rest_due")
    queue = [one for n in range(3) for one in standing(f"22C0000{n}", 19.5 * HOUR, 20.5 * HOUR, -900 - 50 * n)]
    assert only(a_day(wait() + queue)) == ("wait", "full")


@pytest.mark.parametrize(("north", "begins", "ends"), [
    (-4000.0, 18.9, 20.2),  # too far away to watch
    (-200.0, 18.9, 20.2),  # in its yard
    (-1500.0, 19.8, 20.2),  # too short before it closed
    (-1500.0, 15.9, 20.2),  # it parked
    (-1500.0, 18.9, 21.3),  # something else kept it
])  # fmt: skip
def test_other_standing_is_no_wait(north: float, begins: float, ends: float) -> None:
    assert own(a_day(wait(north, begins, ends))) == []


def test_a_station_that_never_closes_has_nobody_who_waits_for_it() -> None:
    found = own(a_day(wait(), station=replace(STATION, open='"24/24"')))
    assert "wait" not in {one.kind for one in found}


def test_a_silent_recorder_is_seen_and_told_apart_from_outages_and_plates() -> None:
    parked = standing(OWN, 5 * HOUR, 6 * HOUR, -8000) + standing(OWN, 18 * HOUR, 19 * HOUR, -8000)
    mass = [weighed(OWN, 12 * HOUR)]
    assert only(a_day(parked, mass)) == ("silent", None)
    (one,) = own(a_day(parked, mass))
    assert (one.evidence["sent_before"], one.evidence["sent_after"]) == (BEGIN + 6 * HOUR, BEGIN + 18 * HOUR)
    assert one.evidence["others_sending"] > 0
    assert own(a_day([*parked, row(OWN, 12 * HOUR + 1700, -8000, speed=0)], mass)) == []
    alone = [Registration(OWN, "OP9", "truck"), Registration("12C88888", "OP9", "truck")]
    other = standing("12C88888", 5 * HOUR, 9 * HOUR, -8000)
    assert only(a_day(parked + other, mass, rows=alone)) == ("silent", "feed_silent")
    sending = standing("12C88888", 5 * HOUR, 13 * HOUR, -8000)
    assert only(a_day(parked + sending, mass, rows=alone)) == ("silent", None)
    assert only(a_day(parked, mass, rows=[Registration("12C88888", "OP9", "truck")])) == ("silent", "unregistered")
    unsure = [weighed(OWN, 12 * HOUR, scale=Scale("WIM", plate_permille=800))]
    assert only(a_day(parked, unsure)) == ("silent", "plate_unsure")
    down = ((BEGIN + 12 * HOUR, BEGIN + 12 * HOUR + 60),)
    assert only(a_day(parked, mass, outages=down)) == ("silent", "our_outage")
    assert own(a_day(parked, [weighed("?", 12 * HOUR)])) == []


def test_a_plate_read_wrong_by_a_character_accuses_neither() -> None:
    passed = way("12C99998", 12 * HOUR - 5000 / 14, [(0.0, -5000.0), (0.0, 5000.0)])
    assert only(a_day(passed, [weighed(OWN, 12 * HOUR)])) == ("silent", "plate_near")


def test_every_reason_and_excuse_has_words() -> None:
    assert {one for some in BY_KIND.values() for one in some} == set(REASONS)
    assert all(text == text.strip() and len(text) > 20 for text in (*EXCUSES.values(), *REASONS.values()))
