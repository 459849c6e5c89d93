"""The generator keeps its word: the same bytes again, the sizes asked for, every rule planted, no finding besides."""

import hashlib
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from cli.fleet import Fleet, FleetSpec, frame, generate, match, write
from tests.oracle.oracle import evaluate, load_case

SMALL = FleetSpec(vehicles=12, days=5, seed=3, sampling_s=(27, 30), operators=6, split_feeds=True)
PLANTED = {
    *(("speeding", "certain", band) for band in ("5-10", "10-20", "20-35", "35+")),
    *(("overload_payload", "certain", band) for band in ("10-30", "20-30", "30-50", "50-100", "100-150", "150+")),
    *(("overload_gross", "certain", band) for band in ("10-20", "20-50", "50+")),
    *(("overload_axle", "certain", band) for band in ("10-20", "20-50", "50+")),
    *((f"{rule}_driving", "certain", None) for rule in ("continuous", "daily", "weekly")),
    ("continuous_driving", "possible", None),
    ("double_login", "certain", None),
    ("moving_silence", "certain", None),
}


@pytest.fixture(scope="module")
def small() -> Fleet:
    return generate(SMALL)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_oracle_finds_what_is_planted_and_nothing_else(small: Fleet, tmp_path: Path) -> None:
    write(small, tmp_path, ["positions.csv"])
    result = match(small.answers, evaluate(load_case(tmp_path)))
    assert result.missing == []
    assert result.extra == []
    assert len(result.found) == len(small.answers)


def test_every_rule_grade_and_band_is_planted(small: Fleet) -> None:
    assert {(a["rule"], a["grade"], a["band"]) for a in small.answers} == PLANTED


def test_speeding_is_planted_by_the_table_and_on_signs_either_way(small: Fleet) -> None:
    why = " ".join(a["why"] for a in small.answers if a["rule"] == "speeding")
    assert "by the table" in why
    assert "sign above the table" in why
    assert "sign below the table" in why


@pytest.mark.parametrize("seed", range(6))
def test_even_one_day_of_the_fewest_vehicles_has_everything_but_a_week(seed: int) -> None:
    fleet = generate(FleetSpec(vehicles=12, days=1, seed=seed))
    planted = {(a["rule"], a["grade"], a["band"]) for a in fleet.answers}
    assert planted == PLANTED - {("weekly_driving", "certain", None)}


def test_beside_a_planted_silence_nobody_stands_at_a_light() -> None:
    # A stop beside it is none amid a drive, and would shorten the driving that the answers count.
    fleet = generate(FleetSpec(vehicles=150, days=1, seed=6, sampling_s=(10, 10), noise=False))
    ends = [(a["vehicle"], a["at_to"]) for a in fleet.answers if "without a fix while moving" in a["why"]]
    assert ends
    for plate, end in ends:
        track = fleet.fixes.filter(pl.col("vehicle") == fleet.plates.index(plate)).sort("time")
        at = int(track["time"].search_sorted(end))
        assert 0 not in track["speed_dkmh"][at - 4 : at + 4].to_list(), (plate, end)


def test_the_same_spec_gives_the_same_bytes(small: Fleet, tmp_path: Path) -> None:
    write(small, tmp_path / "a")
    write(generate(SMALL), tmp_path / "b")
    first = digests(tmp_path / "a")
    assert first == digests(tmp_path / "b")
    assert set(first) == {
        "answers.ndjson", "feed.csv", "feed.ndjson", "feed.ufms", "permits.json", "positions.csv", "registry.json",
        "roads.geojson", "stations.json", "weighings.ndjson",
    }  # fmt: skip


def test_another_seed_gives_another_fleet(small: Fleet) -> None:
    other = generate(FleetSpec(vehicles=12, days=1, seed=4))
    assert not other.fixes.equals(generate(FleetSpec(vehicles=12, days=1, seed=5)).fixes)


def test_sizes_follow_the_spec(small: Fleet) -> None:
    assert len(small.plates) == len(set(small.plates)) == 12
    assert len(small.registry["operators"]) == 6
    assert small.fixes["vehicle"].n_unique() == 12
    time = small.fixes["time"]
    assert SMALL.begin <= time.min() < SMALL.begin + 900  # type: ignore[operator]
    assert time.max() < SMALL.end  # type: ignore[operator]
    active = small.fixes.filter(pl.col("speed_dkmh") > 0).group_by("vehicle").agg(pl.col("time").n_unique())
    # From under an hour and a half to ten hours a day, a fix every 27 to 30 s.
    assert active["time"].is_between(5 * 170, 5 * 1280).all()


def test_more_vehicles_carry_more_planted_driving() -> None:
    def drivers(share: float) -> int:
        fleet = generate(FleetSpec(vehicles=40, days=1, sampling_s=(30, 30), planted_share=share))
        return sum(not a["rule"].startswith("overload") for a in fleet.answers)

    assert drivers(1.0) >= 3 * drivers(0.1)


def test_nothing_planted_means_no_answer() -> None:
    fleet = generate(FleetSpec(vehicles=12, days=1, planted=False))
    assert fleet.answers == []
    assert len(fleet.weighings) >= 8


def test_fixes_stand_in_the_order_in_which_they_arrived(small: Fleet) -> None:
    received, time = small.fixes["received"], small.fixes["time"]
    assert received.is_sorted()
    assert not time.is_sorted()
    assert (received >= time).all()


def test_noise_is_there_and_can_be_left_out(small: Fleet) -> None:
    noisy = small.fixes
    assert noisy["scaled"].any()
    assert noisy.select("vehicle", "time").is_duplicated().any()
    for wrong in (pl.col("lon") == 0, pl.col("lat") == 1, pl.col("lon") < 90, pl.col("speed_dkmh") > 2000):
        assert noisy.filter(wrong).height
    plain = generate(FleetSpec(vehicles=12, days=1, noise=False)).fixes
    assert not plain["scaled"].any()
    assert not plain.select("vehicle", "time").is_duplicated().any()
    assert plain["lon"].min() > 106  # type: ignore[operator]


def test_a_copy_never_stands_before_the_fix_that_it_contradicts(small: Fleet) -> None:
    """With times of receipt and without them, the same one stands."""
    by_receipt = small.fixes.sort("received", "speed_dkmh").unique(["vehicle", "time"], keep="first")
    by_speed = small.fixes.sort("speed_dkmh", "lon", "lat").unique(["vehicle", "time"], keep="first")
    names = ["vehicle", "time", "speed_dkmh", "lon", "lat", "driver"]
    assert by_receipt.select(names).sort(names).equals(by_speed.select(names).sort(names))


def test_some_drivers_drive_two_vehicles_in_a_week() -> None:
    fleet = generate(FleetSpec(vehicles=40, days=7, sampling_s=(30, 30), planted=False))
    moving = fleet.fixes.filter((pl.col("speed_dkmh") > 0) & (pl.col("driver") >= 0))
    assert (moving.group_by("driver").agg(pl.col("vehicle").n_unique())["vehicle"] > 1).sum() >= 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"vehicles": 11},
        {"days": 0},
        {"operators": 0},
        {"start": date(2026, 3, 3)},
        {"start": date(2024, 12, 30)},
        {"start": date(2021, 3, 1)},
        {"sampling_s": (9, 30)},
        {"sampling_s": (20, 10)},
        {"planted_share": 1.5},
    ],
)
def test_a_spec_that_cannot_be_kept_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must|answers"):
        FleetSpec(**wrong)  # type: ignore[arg-type]


def test_the_table_for_benchmarks_is_of_fixes(small: Fleet) -> None:
    table = frame(small)
    assert table.height == small.fixes.height
    assert table["driver"].null_count() == (small.fixes["driver"] < 0).sum()
    assert set(table["vehicle"].unique()) == set(small.plates)
