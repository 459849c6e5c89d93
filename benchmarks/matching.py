"""How often the right road, the right limit, and a limit too low and called certain: `python -m benchmarks.matching`.

Drives along known roads of an extract, with errors of 5, 10, 20 m in each axis, a fix every 5, 10, 30 s, matched in
whole. The limits are those of the extract's signs, and of the table where none stands.

A fix may lie before a sign and its measured place behind it. Which single limit is told there is a guess; what may be
told without guessing is every limit that is plausible. So two shares stand beside each other: fixes whose one limit is
right, and fixes at which that by which is judged is right, or the true one is among those that are said. What must not
be is a limit below the true one in judgement, or a wrong one told as the only one: that is "false and certain".
"""

from __future__ import annotations

import argparse
import itertools
import re
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from benchmarks.road_bound import PACE_KMH, right_with_path_known
from benchmarks.road_tracks import DEGREE_M, Drive, Network, drive, errors, read_network
from cli.matching.answers import Point
from cli.matching.matcher import Matcher, matcher
from cli.matching.tiles import build
from journey.registry import Registration
from journey.track import FIX, MATCH, Bool, Int, encode
from rules import law as rulebook
from rules import registered as registrations
from rules.law import Law
from rules.quality import Box, screen, standing
from rules.risk.gamma import quantile
from rules.roads.index import FORWARD, Candidates, RoadIndex, index
from rules.roads.limits import limits_at, limits_of_pairs
from rules.roads.matched import aligned, proof

SHARED = Path(__file__).parents[2] / "shared/data/osm-andorra"
BEGIN = 1_740_963_600
_PLATE = "12C12345"
_BOUND_FIXES = 30_000  # of each combination, for what the path given tells: a fifth as many find it to a tenth percent
_WORLD: Box = (-180, -90, 180, 90)
_SHOWN = 20  # false and certain fixes told one by one
_SURE = 0.95


class Counted(NamedTuple):
    """Fixes of simulated tracks. edge: matched to the road driven on; limit: to one with its limit.

    away: fixes farther along the way from a change of limit than three times the error: nearer, no position can tell.
    judged_*: the highest limit of the plausible roads, which alone makes a finding certain; proven: all have one limit.
    said: judged right, or the true limit is one of several that are said to be plausible.
    false: judged by a limit below the true one, or a wrong one told as the only one; false_tracks: drives with such.
    alone_*: as judged without a match.
    path_*: of fixes that had not to be matched, since the path is given: by the nearest place on it, and the best that
    can be told (benchmarks.road_bound); of white errors alone.
    """

    fixes: int
    edge: int
    limit: int
    judged_right: int
    judged_lower: int
    proven: int
    said: int
    false: int
    false_tracks: int
    alone_right: int
    alone_lower: int
    away: int
    away_right: int
    path_fixes: int
    path_nearest: int
    path_best: int
    seconds: float


def measure(
    network: Network, roads: RoadIndex, match: Matcher, law: Law, noise_m: float, step_s: int, correlated: bool,
    fixes: int, seed: int, pace_kmh: float, told: list[str],
) -> Counted:  # fmt: skip
    random = np.random.default_rng(seed)
    speeds = [max(road.maxspeed or 50, 20) / 3.6 for road in network.roads]
    total = np.zeros(16, np.int64)
    seconds, drives = 0.0, 0
    row = Registration(_PLATE, "OP1", "truck", payload_kg=8000)
    registered = registrations.index((row,), (_PLATE,))
    while total[0] < fixes:
        gone = drive(network, 3600, random, speeds)
        at = np.arange(0, len(gone.lon), step_s)
        if len(at) < 3:
            continue
        east, north = errors(len(at), step_s, noise_m, correlated, random)
        lon = gone.lon[at] + east / DEGREE_M / np.cos(np.radians(gone.lat[at]))
        lat = gone.lat[at] + north / DEGREE_M
        frame = pl.DataFrame(
            {
                "vehicle": [_PLATE] * len(at), "time": BEGIN + at, "lon": lon, "lat": lat,
                "speed_dkmh": np.round(gone.speed[at] * 36).astype(int),
                **{name: pl.Series([None] * len(at), dtype=FIX[name]) for name in FIX.names()
                   if name not in ("vehicle", "time", "lon", "lat", "speed_dkmh", "scaled")},
                "scaled": [False] * len(at),
            },
            schema_overrides=FIX,
        ).select(FIX.names())  # fmt: skip
        sent = encode(frame)
        _, usable = screen(standing(sent.frame, _WORLD, law)[0], law)
        points = [
            Point(*one) for one in zip(usable.time.tolist(), usable.lon.tolist(), usable.lat.tolist(), strict=True)
        ]
        began = time.perf_counter()
        found = match.match(points) or []
        seconds += time.perf_counter() - began
        rows = pl.DataFrame(
            [(_PLATE, one.time, points[0].time, one.road, one.offset_dm, one.through, one.path_dm) for one in found],
            schema=MATCH, orient="row",
        )  # fmt: skip
        true = gone.road[at][np.searchsorted(BEGIN + at, usable.time)]
        count = len(usable.time)
        limit_of = _limits_of(network, roads, registered, law)
        truth = limit_of[true]
        away = _away(limit_of[gone.path_road], gone, 3 * noise_m)[at][np.searchsorted(BEGIN + at, usable.time)]
        names = np.array([road.id for road in network.roads], object)[true]
        alone = limits_at(usable, np.arange(count), registered, roads, law).limit_dkmh
        judged, on = alone.copy(), np.full(count, -1)
        edge, proven, among = np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, bool)
        if len(rows):
            matched = aligned(usable, (_PLATE,), rows)
            said = proof(usable, matched, registered, roads, law)
            judged[matched.fix] = said.highest.limit_dkmh
            on[matched.fix] = said.on.limit_dkmh
            edge[matched.fix] = matched.road == names[matched.fix]
            proven[matched.fix] = said.certain
            among[matched.fix[said.pairs.fix[said.pair_limit == truth[matched.fix[said.pairs.fix]]]]] = True
        wrong = (judged < truth) | (proven & (judged != truth))
        kind = f"{noise_m:g} m {'kept' if correlated else 'white'} {step_s} s"
        told += [
            f"{kind}, drive {drives}, fix {k} of {count} at {usable.lon[k]:.6f}, {usable.lat[k]:.6f}: on {names[k]} "
            f"at {truth[k] / 10:g}, judged by {judged[k] / 10:g}{', the only one' if proven[k] else ''}"
            for k in np.flatnonzero(wrong).tolist()
        ]
        drives += 1
        bound = (0, 0, 0)
        if not correlated and total[13] < _BOUND_FIXES:
            bound = len(at), *right_with_path_known(gone, at, east, north, limit_of, noise_m, pace_kmh)
        total += [
            count, edge.sum(), (on == truth).sum(), (judged == truth).sum(), (judged < truth).sum(), proven.sum(),
            ((judged == truth) | (among & ~proven)).sum(), wrong.sum(), wrong.any(),
            (alone == truth).sum(), (alone < truth).sum(), away.sum(), (away & (on == truth)).sum(),
            *bound,
        ]  # fmt: skip
    return Counted._make([*total.tolist(), seconds])


def _away(limit: Int, gone: Drive, metres: float) -> Bool:
    """The seconds of a drive that lie so many metres along it from the next change of limit, before or behind.

    Args: limit: from each point of the path on.
    """
    changes = gone.path_way[1:][np.diff(limit) != 0]
    place = np.searchsorted(changes, gone.way)
    before = np.concatenate(([-np.inf], changes))[place]
    after = np.concatenate((changes, [np.inf]))[place]
    result: Bool = (gone.way - before > metres) & (after - gone.way > metres)
    return result


def _limits_of(network: Network, roads: RoadIndex, registered: registrations.Registered, law: Law) -> Int:
    key = "benchmark limits"
    if key not in roads.memo:
        every = np.arange(len(network.roads))
        pairs = Candidates(every, every, np.zeros(len(every)), np.full(len(every), FORWARD))
        vehicle, at = np.zeros(len(every), np.int32), np.full(len(every), BEGIN)
        roads.memo[key] = limits_of_pairs(roads, pairs, registered, vehicle, at, law)[0]
    found: Int = roads.memo[key]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extract", type=Path, default=SHARED / "andorra.osm.pbf")
    parser.add_argument("--fixes", type=int, default=100_000, help="of each combination, at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise", type=int, nargs="+", default=[5, 10, 20], help="m")
    parser.add_argument("--step", type=int, nargs="+", default=[5, 10, 30], help="s")
    parser.add_argument("--errors", choices=("white", "kept"), help="one kind alone; kept: for about a minute")
    parser.add_argument("--pace", type=float, default=PACE_KMH, help="km/h by which the mean speed between two fixes "
                        "is taken to differ from the mean of both, for what the path given tells")  # fmt: skip
    given = parser.parse_args()
    asked = [False, True] if given.errors is None else [given.errors == "kept"]
    law = rulebook.load()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        tiles = build(given.extract, Path(folder))
        print(
            f"tiles {tiles.version} of {given.extract.name} by {tiles.matcher} in {time.perf_counter() - began:.1f} s"
        )
        network = read_network(given.extract)
        roads = index(network.roads)
        assert roads is not None
        print(f"{len(network.roads)} roads, {sum(road.maxspeed is not None for road in network.roads)} with a sign")
        print(f"{'':<18}{'fixes':>8} | matched: {'road':>7} {'limit':>7} {'away':>7} | "
              f"path given: {'nearest':>7} {'best':>7} | "
              f"judged: {'right':>7} {'higher':>7} {'lower':>5} {'sure':>7} | {'said':>8} | false and certain | "
              f"unmatched: {'right':>7} {'lower':>5} | fixes/s")  # fmt: skip
        counted: list[Counted] = []
        told: list[str] = []
        with matcher(tiles) as match:
            _gpx(match)
            for correlated, noise, step in itertools.product(asked, given.noise, given.step):
                c = measure(
                    network, roads, match, law, noise, step, correlated, given.fixes, given.seed, given.pace, told
                )
                counted.append(c)
                print(_line(f"{noise:>2} m {'kept' if correlated else 'white':<5} {step:>2} s", c), flush=True)
        fixes, false = sum(c.fixes for c in counted), sum(c.false for c in counted)
        print(
            f"all: {fixes:,} fixes, false and certain {false}, on {sum(c.false_tracks for c in counted)} drives: "
            f"{1e5 * false / fixes:.2f} of 100,000; with 95 % certainty at most "
            f"{1e5 * quantile(false + 1, _SURE) / fixes:.2f}"
        )
        for line in told[:_SHOWN]:
            print(" ", line)


def _line(name: str, c: Counted) -> str:
    return (
        f"{name} {c.fixes:>10,} | {'':>8} {c.edge / c.fixes:>7.2%} "
        f"{c.limit / c.fixes:>7.2%} {c.away_right / c.away:>7.2%} | {'':>11} "
        f"{_share(c.path_nearest, c.path_fixes)} {_share(c.path_best, c.path_fixes)} | {'':>7} "
        f"{c.judged_right / c.fixes:>7.2%} {1 - (c.judged_right + c.judged_lower) / c.fixes:>7.2%} "
        f"{c.judged_lower:>5} {c.proven / c.fixes:>7.2%} | {c.said / c.fixes:>8.3%} | {c.false:>17} | "
        f"{'':>10} {c.alone_right / c.fixes:>7.2%} {c.alone_lower:>5} | {c.fixes / c.seconds:>7,.0f}"
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:>7.2%}" if whole else f"{'-':>7}"


def _gpx(match: Matcher) -> None:
    path = SHARED / "andorra_for_map_matching.gpx"
    text = path.read_text(encoding="utf-8")
    points = [Point(k, float(lon), float(lat)) for k, (lat, lon) in
              enumerate(re.findall(r'lat="([-\d.]+)" lon="([-\d.]+)"', text))]  # fmt: skip
    found = match.match(points) or []
    roads = list(dict.fromkeys(one.road for one in found if one.road))
    ways = [one.path_dm for one in found if one.path_dm is not None]
    metres = sum(ways) / 10
    farthest = max((one.offset_dm or 0 for one in found), default=0) / 10
    print(f"{path.name}: {sum(one.road is not None for one in found)} of {len(points)} points matched, to "
          f"{', '.join(roads)}; {len(ways)} of {len(points) - 1} ways known, {metres:.0f} m along them, the farthest "
          f"point {farthest:.1f} m off")  # fmt: skip


if __name__ == "__main__":
    main()
