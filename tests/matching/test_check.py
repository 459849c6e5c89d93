"""Check with a matcher: what it finds is kept, rebuilt without it, and never lost to its faults."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from cli.checking.windows import check
from cli.explaining.derivation import derive
from cli.matching.answers import Point
from cli.matching.confirming import opened_matcher
from cli.matching.matcher import Matcher, matcher
from cli.matching.tiles import build, current
from cli.reference import InputError
from journey.model import Finding, Grade
from journey.track import encode
from rules import law as rulebook
from rules.engine import evaluate, know
from rules.quality import fix_flags
from storage.commit import commit_batch
from storage.database import Connection, connect, scalar, transaction
from storage.findings import load_findings
from storage.registry import save_registry
from storage.windows import touch_again
from tests.matching.network import PLATE, Network, place, track
from tests.storage.samples import stretch

LAW = rulebook.load()
BOX = (102.0, 8.0, 110.0, 24.0)
EVER = (0, 4_000_000_000)


def overpass() -> Network:
    network = Network()
    network.way(1, [(0, 0), (1000, 0), (2000, 0)], 50)
    network.way(2, [(1000, -1000), (1000, 0), (1000, 1000)], 100, level="1", bridge="yes")
    return network


FIXES = track([(0, 0), (2000, 0)], 72)


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        save_registry(connection, overpass().registry())
        yield connection


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiles")
    build(overpass().write(folder / "made.osm.pbf"), folder / "built")
    return folder / "built"


@pytest.fixture
def match(tiles: Path) -> Iterator[Matcher]:
    with opened_matcher(tiles) as opened:
        assert opened is not None
        yield opened


def sent(store: Connection, fixes: pl.DataFrame, number: int = 0) -> None:
    flags = pl.Series(fix_flags(encode(fixes).frame, BOX, LAW), dtype=pl.Int16)
    commit_batch(store, stretch("test", number, number + 1, fixes.with_columns(flags=flags)))


def found(store: Connection) -> list[Finding]:
    with transaction(store):
        return [one for one in load_findings(store, *EVER) if one.rule == "speeding"]


def rows(store: Connection) -> int:
    with transaction(store):
        return int(scalar(store, "SELECT count(*) FROM road_match"))


def test_what_a_match_proves_is_found_kept_and_rebuilt_without_it(store: Connection, match: Matcher) -> None:
    sent(store, FIXES)
    check(store, LAW, "test", match=match)
    (finding,) = found(store)
    assert (finding.grade, finding.limit, finding.detail["fixes"]) == (Grade.CERTAIN, 50, len(FIXES))
    with transaction(store):
        kept = store.execute("SELECT tiles, matcher, jsonb_array_length(rows) FROM road_match").fetchall()
        assert kept == [(match.tiles.version, match.tiles.matcher, len(FIXES))]
        derived = derive(store, finding, LAW)
        assert derived.equals(finding)
        assert set(derived.fixes["limit_kmh"]) == {50.0}, "that of the overpass is not shown"
        touch_again(store, None)
    again = check(store, LAW, "test")  # no matcher: what is on record still holds
    assert (again.added, again.changed, again.withdrawn) == (0, 0, 0)
    assert [one.content for one in found(store)] == [finding.content]


def test_without_a_matcher_it_is_as_ever(store: Connection) -> None:
    sent(store, FIXES)
    check(store, LAW, "test")
    whole = evaluate(FIXES, [], know(overpass().registry(), LAW), LAW)
    assert [one.content for one in found(store)] == [one.content for one in whole.findings if one.rule == "speeding"]
    assert len(found(store)) == 2
    assert rows(store) == 0


def test_late_fixes_are_matched_anew(store: Connection, match: Matcher) -> None:
    """In whatever order they come, the store ends with the match of them all."""
    sent(store, FIXES.filter(pl.int_range(pl.len()) % 3 != 1))
    check(store, LAW, "test", match=match)
    first = found(store)
    sent(store, FIXES.filter(pl.int_range(pl.len()) % 3 == 1), 1)
    check(store, LAW, "test", match=match)
    (finding,) = found(store)
    assert finding.detail["fixes"] == len(FIXES) > first[0].detail["fixes"]
    assert rows(store) == 1
    with transaction(store):
        assert derive(store, finding, LAW).equals(finding)


def test_a_slice_that_is_gone_takes_its_match_along(store: Connection, match: Matcher) -> None:
    sent(store, FIXES)
    check(store, LAW, "test", match=match)
    slow = FIXES.with_columns(pl.lit(300, pl.Int32).alias("speed_dkmh"), (pl.col("time") - 1).alias("received"))
    sent(store, slow, 1)  # copies that were received first stand
    check(store, LAW, "test", match=match)
    assert found(store) == []
    assert rows(store) == 0


def test_a_matcher_that_dies_or_hangs_leaves_the_candidates_reading(
    store: Connection, tiles: Path, caplog: pytest.LogCaptureFixture
) -> None:
    in_use = current(tiles)
    assert in_use is not None
    points = [Point(number, *place(10 * number, 0)) for number in range(5)]
    with matcher(in_use, timeout_s=1.0) as match:
        assert match.match(points)
        assert match.child is not None
        os.kill(match.child.pid, signal.SIGKILL)
        sent(store, FIXES)
        check(store, LAW, "test", match=match)
        assert "could not be matched" in caplog.text
        assert len(found(store)) == 2  # as without a matcher
        assert match.match(points)  # the next slice has a new process
        os.kill(match.child.pid, signal.SIGSTOP)
        assert match.match(points) is None
        assert "no answer in 1 s" in caplog.text
        assert match.match(points)
        with transaction(store):
            touch_again(store, None)
        check(store, LAW, "test", match=match)
        assert len(found(store)) == 1


def test_points_where_no_road_is_are_no_fault(tiles: Path) -> None:
    with opened_matcher(tiles) as match:
        assert match is not None
        assert match.match([Point(0, 100.0, 10.0), Point(10, 100.0, 10.001)]) is None
        assert match.faults == 0


def test_a_folder_without_tiles_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no tiles there; make them: hanhtrinh roads build"), opened_matcher(tmp_path):
        pass


def test_a_broken_file_leaves_the_tiles_in_use(tiles: Path, tmp_path: Path) -> None:
    before = current(tiles)
    for content in (b"", b"no map" * 1000):
        broken = tmp_path / "broken.osm.pbf"
        broken.write_bytes(content)
        with pytest.raises(InputError, match="no tiles can be made of it"):
            build(broken, tiles)
    with pytest.raises(InputError, match="no such file"):
        build(tmp_path / "absent.osm.pbf", tiles)
    assert current(tiles) == before
    assert sorted(one.name for one in tiles.iterdir()) == sorted(["current", before.version if before else ""])


def test_the_same_roads_are_the_same_tiles(tmp_path: Path) -> None:
    file = overpass().write(tmp_path / "made.osm.pbf")
    one = build(file, tmp_path / "one")
    assert build(file, tmp_path / "one") == one
    assert build(file, tmp_path / "other").version == one.version
    other = Network()
    other.way(7, [(0, 0), (500, 0)], 40)
    fresh = build(other.write(tmp_path / "other.osm.pbf"), tmp_path / "one")
    assert current(tmp_path / "one") == fresh != one
    assert one.folder.exists(), "who reads the old ones goes on reading them"


def test_the_finding_of_a_matched_track_is_of_the_vehicle(store: Connection, match: Matcher) -> None:
    sent(store, FIXES)
    check(store, LAW, "test", match=match)
    (finding,) = found(store)
    assert finding.vehicle == PLATE
    assert finding.detail["reading"] == "highest"
    names = {use.parameter for use in finding.law}
    assert {"method.match_noise_factor", "method.speed_path_percent"} <= names
