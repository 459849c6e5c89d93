"""Roads that change make matches near them stale, from their day on; other tiles are asked, once. So is what tiles of
another file answered than the roads are of."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import orjson
import polars as pl
import pytest

from cli.checking.windows import check
from cli.matching.confirming import renewing_matcher, replaced
from cli.matching.tiles import build, current, made_of
from journey.model import Finding
from journey.registry import Operator, Registration, Registry, Road
from rules import law as rulebook
from storage.commit import commit_batch
from storage.database import Connection, connect, scalar, transaction
from storage.findings import load_findings
from storage.registry import save_registry
from storage.roads.importing import import_roads
from storage.roads.matches import MatchedSlice, replace_matches
from storage.windows import waiting
from tests.matching.network import PLATE, Network, track
from tests.storage.samples import stretch

LAW = rulebook.load()
FAR = "12C99999"
DAY = date(2025, 3, 3)  # of tests.matching.network.START, local
NAMES = ("old", "new")


def network(changed: bool) -> Network:
    """A road, cut in two and bent where it has changed, and one 20 km away."""
    made = Network()
    if changed:
        made.way(1, [(0, 0), (1000, 0)], 50)
        made.way(3, [(1000, 0), (1500, 12), (2000, 0)], 50)
    else:
        made.way(1, [(0, 0), (1000, 0), (2000, 0)], 50)
    made.way(9, [(20_000, 0), (22_000, 0)], 50)
    return made


def roads(changed: bool) -> list[Road]:
    return [replace(road, source="osm") for road in network(changed).roads()]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("files")
    return {name: network(name == "new").write(folder / f"{name}.osm.pbf") for name in NAMES}


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def tiles(files: dict[str, Path], tmp_path: Path) -> Path:
    build(files["old"], tmp_path / "tiles")
    return tmp_path / "tiles"


@pytest.fixture
def store(emptied: str, files: dict[str, Path]) -> Iterator[Connection]:
    """Two vehicles, each too fast on one of the roads."""
    vehicles = tuple(Registration(plate, "OP1", "truck", payload_kg=8000) for plate in (PLATE, FAR))
    with connect(emptied) as connection:
        save_registry(connection, Registry((Operator("OP1", "one"),), vehicles))
        import_roads(connection, roads(False), "osm", "old.osm.pbf", hash_of(files["old"]), None)
        connection.commit()
        far = track([(20_000, 0), (22_000, 0)], 72).with_columns(pl.lit(FAR).alias("vehicle"))
        fixes = pl.concat([track([(0, 0), (2000, 0)], 72), far])
        flags = pl.Series([0] * len(fixes), dtype=pl.Int16)
        commit_batch(connection, stretch("test", 0, 1, fixes.with_columns(flags=flags)))
        yield connection


def judge(store: Connection, tiles: Path) -> int:
    """Returns how many vehicle-days were judged."""
    with renewing_matcher(store, tiles) as match:
        assert match is not None
        return check(store, LAW, "test", match=match).windows


def found(store: Connection) -> dict[str, Finding]:
    with transaction(store):
        return {one.vehicle: one for one in load_findings(store, 0, 4_000_000_000) if one.rule == "speeding"}


def kept(store: Connection) -> dict[str, tuple[object, ...]]:
    with transaction(store):
        rows = store.execute(
            "SELECT plate, tiles, stale, made_at, rows::text FROM road_match JOIN vehicle v ON v.id = vehicle_id"
        )
        return {str(plate): tuple(rest) for plate, *rest in rows}


def matched_roads(finding: Finding) -> list[str]:
    return [one["id"] for one in finding.detail["roads"]]


def change(store: Connection, files: dict[str, Path], day: date = DAY, made: str | None = None) -> None:
    import_roads(store, roads(True), "osm", "new.osm.pbf", hash_of(files["new"]), day, tiles=made)
    store.commit()


def test_what_lies_near_is_matched_with_other_tiles_once_and_nothing_else(
    store: Connection, tiles: Path, files: dict[str, Path]
) -> None:
    judge(store, tiles)
    before, first = kept(store), found(store)
    assert [matched_roads(one) for one in first.values()] == [["osm/1"], ["osm/9"]]
    change(store, files)
    assert {plate: row[1] for plate, row in kept(store).items()} == {PLATE: True, FAR: False}
    assert judge(store, tiles) == 1, "judged anew, by the tiles that there are"
    assert kept(store)[PLATE][:2] == (before[PLATE][0], True), "they have said what they can"
    assert judge(store, tiles) == 0
    with renewing_matcher(store, tiles) as match:
        assert not replaced(tiles, match)
        fresh = build(files["new"], tiles)
        assert replaced(tiles, match)
    assert judge(store, tiles) == 1
    after = kept(store)
    assert after[PLATE][:2] == (fresh.version, False)
    assert after[FAR] == before[FAR], "to the byte, and when it was made"
    assert matched_roads(found(store)[PLATE]) == ["osm/1", "osm/3"]
    assert found(store)[FAR].content == first[FAR].content
    assert judge(store, tiles) == 0
    with transaction(store):
        assert waiting(store) == 0
        assert scalar(store, "SELECT count(*) FROM finding WHERE withdrawn_at IS NOT NULL AND body::text LIKE %s",
                      (f"%{FAR}%",)) == 0  # fmt: skip


def test_journeys_before_the_change_keep_their_matches(store: Connection, tiles: Path, files: dict[str, Path]) -> None:
    judge(store, tiles)
    before, first = kept(store), found(store)
    change(store, files, date(2025, 3, 4))
    build(files["new"], tiles)
    assert judge(store, tiles) == 0
    assert kept(store) == before
    assert {plate: one.content for plate, one in found(store).items()} == {
        plate: one.content for plate, one in first.items()
    }


def test_what_tiles_of_the_imported_file_answered_is_not_stale(
    store: Connection, tiles: Path, files: dict[str, Path]
) -> None:
    fresh = build(files["new"], tiles)
    judge(store, tiles)
    about = current(tiles)
    assert about == fresh
    change(store, files, made=fresh.version)
    assert not any(row[1] for row in kept(store).values())
    assert made_of(tiles, "00") is None
    assert made_of(None, "00") is None


def test_a_matcher_that_fails_leaves_what_was_said_before(
    store: Connection, tiles: Path, files: dict[str, Path]
) -> None:
    judge(store, tiles)
    before = kept(store)
    change(store, files)
    build(files["new"], tiles)
    with renewing_matcher(store, tiles) as match:
        assert match is not None
        match.faults = 10
        check(store, LAW, "test", match=match)
    assert kept(store)[PLATE] == (before[PLATE][0], True, *before[PLATE][2:])
    assert judge(store, tiles) == 1
    assert kept(store)[PLATE][1] is False


def test_what_is_matched_between_an_import_and_its_tiles_is_matched_again_with_them(
    store: Connection, tiles: Path, files: dict[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    change(store, files)
    with caplog.at_level(logging.WARNING):
        assert judge(store, tiles) == 2, "no fix was judged before: the roads are new, the tiles are not"
    assert "not made of the file that roads were imported from" in caplog.text
    assert [row[1] for row in kept(store).values()] == [True, True]
    assert judge(store, tiles) == 0, "the same tiles would say the same"
    assert "osm/3" not in str(kept(store)[PLATE][3])
    fresh = build(files["new"], tiles)
    caplog.clear()
    assert judge(store, tiles) == 2
    assert caplog.text.count("not made of") == 0
    assert {(row[0], row[1]) for row in kept(store).values()} == {(fresh.version, False)}
    assert "osm/3" in str(kept(store)[PLATE][3])
    assert judge(store, tiles) == 0


@pytest.mark.parametrize("told", [True, False])
def test_tiles_built_before_the_import_are_right_from_it_on(
    store: Connection, tiles: Path, files: dict[str, Path], told: bool
) -> None:
    """Whether the import knows of the tiles, or `check` finds them to be of the roads' file."""
    fresh = build(files["new"], tiles)
    judge(store, tiles)
    assert [row[1] for row in kept(store).values()] == [True, True]
    change(store, files, made=fresh.version if told else None)
    judge(store, tiles)
    after = kept(store)
    assert [row[:2] for row in after.values()] == [(fresh.version, False)] * 2
    build(files["old"], tiles)
    assert judge(store, tiles) == 0, "nothing that tiles of the roads answered is asked again"
    assert kept(store) == after


def test_the_same_roads_in_other_bytes_are_what_tiles_of_them_are_of(
    store: Connection, tiles: Path, files: dict[str, Path], tmp_path: Path
) -> None:
    other = tmp_path / "other.osm.pbf"
    made = network(False)
    made.ways[50] = ([(0, 900), (9, 900)], {"waterway": "river"})
    made.write(other)
    assert hash_of(other) != hash_of(files["old"])
    fresh = build(other, tiles)
    assert current(tiles) == fresh
    assert fresh.source == hash_of(other)
    for _ in range(2):
        assert not import_roads(store, roads(False), "osm", "other.osm.pbf", hash_of(other), None)
        store.commit()
    judge(store, tiles)
    assert [row[1] for row in kept(store).values()] == [False, False]
    with transaction(store):
        told = store.execute("SELECT file, added + changed + ended FROM road_import ORDER BY id").fetchall()
    assert told == [("old.osm.pbf", 2), ("other.osm.pbf", 0)]


def test_an_import_waits_for_matches_that_are_being_put_in_and_overtakes_them(
    store: Connection, tiles: Path, files: dict[str, Path], emptied: str
) -> None:
    """Both orders of an import and a check at one time leave no match that looks as if it knew the roads."""
    judge(store, tiles)
    with transaction(store):
        rows = store.execute(
            "DELETE FROM road_match RETURNING vehicle_id, first_time, last_time, digest, rows::text"
        ).fetchall()

    def importing() -> None:
        with connect(emptied) as other:
            change(other, files)

    thread = threading.Thread(target=importing)
    with transaction(store):
        for vehicle, first, last, digest, said in rows:
            slices = [
                MatchedSlice("", first, last, digest, "old tiles", "", orjson.loads(said), source=hash_of(files["old"]))
            ]
            replace_matches(store, vehicle, first, last + 1, slices)
        thread.start()
        waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        with connect(emptied) as watching:
            while thread.is_alive() and not scalar(watching, waits):
                watching.commit()
        assert thread.is_alive()
    thread.join(60)
    assert {plate: row[1] for plate, row in kept(store).items()} == {PLATE: True, FAR: False}
