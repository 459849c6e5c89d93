"""What a package and the desk say of the roads of a matched finding: which, since when, what else, how sure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from api.evidence import doubts, roads, words_vi
from api.evidence.dossier import Dossier
from api.evidence.pictures import pictures
from api.evidence.road_words import EN, VI
from api.evidence.summary import summary
from cli.checking.windows import check
from cli.explaining.gathering import gather
from cli.matching.confirming import opened_matcher
from cli.matching.tiles import build
from journey.model import Grade
from journey.registry import Operator, Registration, Registry, Station
from rules import law as rulebook
from storage.commit import commit_batch
from storage.database import Connection, connect, transaction
from storage.evidence import kept_finding
from storage.findings import load_findings
from storage.registry import save_registry
from storage.roads.importing import import_roads
from tests.evidence.checker import has_page
from tests.matching.network import PLATE, Network, place, track
from tests.storage.samples import stretch

LAW = rulebook.load()


def overpass() -> Network:
    network = Network()
    network.way(1, [(0, 0), (1000, 0), (2000, 0)], 50)
    network.way(2, [(1000, -1000), (1000, 0), (1000, 1000)], 100, level="1", bridge="yes")
    return network


def side_by_side() -> Network:
    network = Network()
    network.way(1, [(0, 0), (3000, 0)], 80)
    network.way(2, [(0, 18), (3000, 18)], 50, "secondary")
    return network


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        yield connection


def told(store: Connection, network: Network, fixes: pl.DataFrame, folder: Path) -> Dossier:
    """The dossier of the only speeding finding of a drive."""
    vehicle = Registration(PLATE, "OP1", "truck", payload_kg=8000)
    stations = [Station(id_, f"Trạm {id_}", *place(east, 0)) for id_, east in (("W1", -20_000), ("W2", 25_000))]
    save_registry(store, Registry((Operator("OP1", "one"),), (vehicle,), stations=tuple(stations)))
    roads = [replace(road, source="osm", valid_from=date(2024, 5, 1), ref="QL1") for road in network.roads()]
    import_roads(store, roads, "osm", "made.osm.pbf", "00", None)
    store.commit()
    flags = pl.Series([0] * len(fixes), dtype=pl.Int16)
    commit_batch(store, stretch("test", 0, 1, fixes.with_columns(flags=flags)))
    build(network.write(folder / "made.osm.pbf"), folder / "tiles")
    with opened_matcher(folder / "tiles") as match:
        check(store, LAW, "test", match=match)
    with transaction(store):
        (finding,) = (one for one in load_findings(store, 0, 4_000_000_000) if one.rule == "speeding")
        kept = kept_finding(store, finding.id)
        assert kept is not None
        return gather(store, kept, LAW, None)


def test_a_certain_limit_is_told_with_its_road_source_and_days(store: Connection, tmp_path: Path) -> None:
    dossier = told(store, overpass(), track([(0, 0), (2000, 0)], 72), tmp_path)
    (row,) = roads.rows(dossier, VI)
    assert (row.road, row.limit, row.holds, row.fixes) == ("QL1 way 1 (osm/1)", "50 km/h", "từ 01/05/2024", "10")
    assert row.basis.endswith("; dữ liệu đường: OpenStreetMap (osm)")
    (english,) = roads.rows(dossier, EN)
    assert (row.basis.split(";")[0], english.basis.split(";")[0]) == (
        "Điều 4 Thông tư 38/2024/TT-BGTVT", "Circular 38/2024/TT-BGTVT, Art. 4",
    )  # fmt: skip
    said = " ".join(doubts.unknown(dossier, words_vi.VI))
    assert "10/10 bản ghi khớp với một con đường. Ở mọi bản ghi, tất cả các đường còn có thể đã đi đều có cùng" in said
    assert "CHƯA LOẠI TRỪ" not in said
    (average,) = roads.averages(dossier, VI)
    assert "trung bình 72,1 km/h" in average  # along the roads as the matcher measures them
    paper = summary(dossier, pictures(dossier))
    (tmp_path / "summary.pdf").write_bytes(paper)
    assert paper == summary(dossier, pictures(dossier))
    assert has_page(paper, 2, tmp_path)
    assert not has_page(paper, 3, tmp_path)


def test_what_other_road_it_may_have_been_is_told_where_only_the_match_accuses(
    store: Connection, tmp_path: Path
) -> None:
    dossier = told(store, side_by_side(), track([(0, 18), (3000, 18)], 70, noise_m=3), tmp_path)
    assert dossier.finding.grade is Grade.POSSIBLE
    applied, other = roads.rows(dossier, VI)
    assert (applied.road, applied.limit, applied.applied) == ("QL1 way 2 (osm/2)", "50 km/h", True)
    assert (other.road, other.limit, other.applied) == ("way 1 (osm/1)", "80 km/h", False)
    assert other.basis == VI.alternative
    assert not has_page(summary(dossier, pictures(dossier)), 3, tmp_path)
    assert "CHƯA LOẠI TRỪ được đường có giới hạn cao hơn" in " ".join(doubts.unknown(dossier, words_vi.VI))


def test_a_speed_that_the_way_denies_is_told_as_doubted(store: Connection, tmp_path: Path) -> None:
    network = Network()
    network.way(1, [(0, 0), (3000, 0)], 60)
    dossier = told(store, network, track([(0, 0), (3000, 0)], 50, reported_kmh=90), tmp_path)
    assert "Quãng đường theo vị trí không phù hợp với tốc độ" in " ".join(doubts.unknown(dossier, words_vi.VI))


def test_many_roads_are_told_in_few_lines(store: Connection, tmp_path: Path) -> None:
    network = Network()
    for number in range(8):
        network.way(1 + number, [(500 * number, 0), (500 * number + 500, 0)], 50)
        network.way(11 + number, [(500 * number, 14), (500 * number + 500, 14)], 40, "service")
    dossier = told(store, network, track([(0, 0), (4000, 0)], 72), tmp_path)
    rows = roads.rows(dossier, VI)
    names = [row.road for row in rows]
    assert [len([row for row in rows if row.applied is one]) for one in (True, False)] == [4, 4]
    assert names[:3] == ["QL1 way 1 (osm/1)", "QL1 way 2 (osm/2)", "QL1 way 3 (osm/3)"]
    assert [name for name in names if "đường khác" in name] == [names[3], names[7]]
    (tmp_path / "summary.pdf").write_bytes(summary(dossier, pictures(dossier)))
    assert not has_page(summary(dossier, pictures(dossier)), 3, tmp_path)
