"""Parallel roads, overpasses, service roads, tunnels, roundabouts, ramps: on which road, at which limit, how surely."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest

from journey.model import Finding, Grade
from tests.matching.judging import judged
from tests.matching.network import Network, track


def speeding(findings: list[Finding]) -> list[tuple[Grade, float]]:
    return [(one.grade, one.limit) for one in findings if one.rule == "speeding"]


def on(rows: pl.DataFrame) -> set[str]:
    return set(rows["road"].drop_nulls())


def test_a_road_alone_is_certain_and_its_finding_says_so(tmp_path: Path) -> None:
    network = Network()
    network.way(1, [(0, 0), (3000, 0)], 60)
    before, after, _ = judged(network, track([(0, 0), (3000, 0)], 80, noise_m=5), tmp_path)
    assert speeding(before) == speeding(after) == [(Grade.CERTAIN, 60)]
    detail = next(one.detail for one in after if one.rule == "speeding")
    assert detail["certain_limits"] == detail["matched"] == detail["fixes"]
    assert detail["roads"] == [
        {
            "id": "osm/1",
            "name": "way 1",
            "limit": 60.0,
            "valid_from": None,
            "source": "speed.sign",
            "fixes": detail["fixes"],
        }
    ]
    assert detail["alternatives"] == []
    assert abs(detail["average"]["speed_kmh"] - 80) < 2
    assert detail["average"]["least_kmh"] < detail["average"]["speed_kmh"]


def test_a_parallel_road_within_the_error_stays_possible(tmp_path: Path) -> None:
    """A slow road 18 m beside a fast one: positions cannot tell which, so nothing certain comes of the lower limit."""
    network = Network()
    network.way(1, [(0, 0), (3000, 0)], 80)
    network.way(2, [(0, 18), (3000, 18)], 50, "secondary")
    before, after, rows = judged(network, track([(0, 18), (3000, 18)], 70, noise_m=3), tmp_path)
    assert on(rows) == {"osm/2"}
    assert speeding(before) == []
    assert speeding(after) == [(Grade.POSSIBLE, 50)]
    assert after[0].detail["alternatives"][0]["id"] == "osm/1"


def test_a_vehicle_on_the_fast_road_is_not_accused_by_the_slow_one_beside_it(tmp_path: Path) -> None:
    network = Network()
    network.way(1, [(0, 0), (3000, 0)], 80)
    network.way(2, [(0, 40), (3000, 40)], 50, "service")
    fixes = track([(0, 0), (3000, 0)], 78, aside_m=(0, 24))
    # Each fix lies nearer to the service road, and within reach of it; the road it was on is within reach as well.
    before, after, _ = judged(network, fixes, tmp_path)
    assert not [one for one in before + after if one.grade is Grade.CERTAIN]


def test_noise_beyond_the_candidate_distance_withdraws_what_all_near_roads_would_say(tmp_path: Path) -> None:
    """Fixes 32 m off the fast road, 13 m off the slow one: without a match that accuses, with one it does not."""
    network = Network()
    network.way(1, [(0, 0), (1000, 0)], 80)
    network.way(2, [(1000, 0), (2500, 0)], 80)
    network.way(3, [(2500, 0), (4000, 0)], 80)
    network.way(4, [(1000, 45), (2500, 45)], 50, "service")
    line = [(0.0, 0.0), (1000.0, 0.0), (1010.0, 32.0), (2490.0, 32.0), (2500.0, 0.0), (4000.0, 0.0)]
    before, after, _ = judged(network, track(line, 75), tmp_path)
    assert (Grade.CERTAIN, 50) in speeding(before)
    assert (Grade.CERTAIN, 50) not in speeding(after)


def test_an_overpass_gives_no_limit_to_what_goes_under_it(tmp_path: Path) -> None:
    """A fast road over a slow one: its higher limit would break the run at the crossing, and end the finding there."""
    network = Network()
    network.way(1, [(0, 0), (1000, 0), (2000, 0)], 50)
    network.way(2, [(1000, -1000), (1000, 0), (1000, 1000)], 100, level="1", bridge="yes")
    before, after, rows = judged(network, track([(0, 0), (2000, 0)], 72, step_s=10), tmp_path)
    assert on(rows) == {"osm/1"}
    assert len(speeding(before)) == 2, "the fix at the crossing has the overpass as a candidate"
    assert speeding(after) == [(Grade.CERTAIN, 50)]
    assert after[0].detail["certain_limits"] == after[0].detail["fixes"]


def test_a_vehicle_on_the_overpass_is_not_judged_by_the_road_below(tmp_path: Path) -> None:
    network = Network()
    network.way(1, [(0, 0), (1000, 0), (2000, 0)], 50)
    network.way(2, [(1000, -1000), (1000, 0), (1000, 1000)], 100, level="1", bridge="yes")
    before, after, _ = judged(network, track([(1000, -1000), (1000, 1000)], 100), tmp_path)
    assert speeding(before) == speeding(after) == []


def test_a_crossing_at_grade_keeps_its_limit(tmp_path: Path) -> None:
    """Where roads meet a vehicle may have turned: the higher limit of the other stays possible at that fix."""
    network = Network()
    network.way(1, [(0, 0), (1000, 0), (2000, 0)], 50)
    network.way(2, [(1000, -1000), (1000, 0), (1000, 1000)], 100)
    before, after, _ = judged(network, track([(0, 0), (2000, 0)], 72), tmp_path)
    assert len(speeding(before)) == len(speeding(after)) == 2


def test_a_service_road_that_leaves_and_comes_back(tmp_path: Path) -> None:
    """On the service road 60 m off the main one: told apart by distance, its own limit is certain in the middle."""
    network = Network()
    network.way(1, [(0, 0), (500, 0), (2500, 0), (3000, 0)], 80)
    network.way(2, [(500, 0), (560, 60), (2440, 60), (2500, 0)], 30, "service")
    line = [(0.0, 0.0), (500.0, 0.0), (560.0, 60.0), (2440.0, 60.0), (2500.0, 0.0), (3000.0, 0.0)]
    _, after, rows = judged(network, track(line, 60, noise_m=3), tmp_path)
    assert {"osm/1", "osm/2"} <= on(rows)
    assert speeding(after) == [(Grade.CERTAIN, 30)]


def test_a_tunnel_without_fixes_is_gone_through(tmp_path: Path) -> None:
    """No fix for a kilometre under ground: the way through is known, and no limit from above gets in."""
    network = Network()
    network.way(1, [(0, 0), (1000, 0)], 60)
    network.way(2, [(1000, 0), (1500, 400), (2000, 0)], 60, tunnel="yes", level="")
    network.way(3, [(2000, 0), (3000, 0)], 60)
    network.way(4, [(1500, -2000), (1500, 2000)], 100, level="1")
    line = [(0.0, 0.0), (1000.0, 0.0), (1500.0, 400.0), (2000.0, 0.0), (3000.0, 0.0)]
    fixes = track(line, 75, silent=(1000, 1000 + 2 * math.hypot(500, 400)))
    _, after, rows = judged(network, fixes, tmp_path)
    through = rows.sort("path_dm", descending=True, nulls_last=True).row(0, named=True)
    assert through["path_dm"] > 12_000, "along the tunnel, not straight"
    assert through["through"] == ["osm/1", "osm/2", "osm/3"]
    assert speeding(after) == [(Grade.CERTAIN, 60)]


def test_a_roundabout_on_the_way_breaks_no_certainty(tmp_path: Path) -> None:
    network = Network()
    ring = [
        (1000 + 25 * math.cos(a), 25 * math.sin(a)) for a in (math.radians(180 - step) for step in range(0, 360, 30))
    ]
    network.way(1, [(0, 0), ring[0]], 50)
    network.way(2, [*ring, ring[0]], 50, oneway="yes", junction="roundabout")
    network.way(3, [ring[6], (2000, 0)], 50)
    line = [(0.0, 0.0), *ring[:1], *ring[:6:-1], ring[6], (2000.0, 0.0)]
    _, after, rows = judged(network, track(line, 65, noise_m=4, seed=3), tmp_path)
    assert {"osm/1", "osm/3"} <= on(rows)
    assert speeding(after) == [(Grade.CERTAIN, 50)]


@pytest.mark.parametrize("takes_ramp", [False, True])
def test_a_ramp_beside_the_carriageway(tmp_path: Path, takes_ramp: bool) -> None:
    """While ramp and road run side by side the higher limit holds; once they are apart each its own."""
    network = Network()
    network.way(1, [(0, 0), (800, 0), (3000, 0)], 100, "motorway", oneway="yes")
    network.way(2, [(800, 0), (1200, 15), (1600, 60), (2000, 250), (3000, 900)], 50, "motorway_link", oneway="yes")
    ramp = [(0.0, 0.0), (800.0, 0.0), (1200.0, 15.0), (1600.0, 60.0), (2000.0, 250.0), (3000.0, 900.0)]
    line = ramp if takes_ramp else [(0.0, 0.0), (3000.0, 0.0)]
    _, after, rows = judged(network, track(line, 80, step_s=5, noise_m=3), tmp_path)
    if not takes_ramp:
        assert speeding(after) == []
        return
    assert "osm/2" in on(rows)
    (finding,) = (one for one in after if one.rule == "speeding")
    assert (finding.grade, finding.limit) == (Grade.CERTAIN, 50)
    at = rows.filter((pl.col("time") >= finding.start) & (pl.col("time") <= finding.end))
    assert on(at) == {"osm/2"}


def test_a_speed_that_the_way_denies_is_only_possible(tmp_path: Path) -> None:
    network = Network()
    network.way(1, [(0, 0), (3000, 0)], 60)
    before, after, _ = judged(network, track([(0, 0), (3000, 0)], 50, reported_kmh=90), tmp_path)
    assert speeding(before) == [(Grade.CERTAIN, 60)]
    assert speeding(after) == [(Grade.POSSIBLE, 60)]
    assert after[0].detail["doubt"] == "distance"


def test_a_speed_that_leaps_is_only_possible(tmp_path: Path) -> None:
    network = Network()
    network.way(1, [(0, 0), (3000, 0)], 60)
    fixes = track([(0, 0), (3000, 0)], 80, step_s=1)
    leap = pl.when(pl.col("time") == fixes["time"][60]).then(1600).otherwise(pl.col("speed_dkmh"))
    _, after, _ = judged(network, fixes.with_columns(leap.cast(pl.Int32).alias("speed_dkmh")), tmp_path)
    assert speeding(after) == [(Grade.POSSIBLE, 60)]
    assert after[0].detail["doubt"] == "acceleration"
