"""Roads taken into the store: rows that end and begin on a day, all or none, and the days judged anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from journey.registry import Registry, Road
from storage.commit import commit_batch
from storage.database import Connection
from storage.errors import ImportRefused
from storage.registry import load_registry, registry_version, save_registry
from storage.roads.importing import RoadChanges, import_roads
from storage.roads.rows import load_roads, road_imports
from storage.windows import mark_checked, take
from tests.storage.samples import DAY, NOON, fix, frame, stretch

A = Road("osm/1", "A", "undivided", False, 60.0, False, 2, ((106.0, 21.0), (106.01, 21.0)), maxspeed_hgv=50.0,
         source="osm", assumed=frozenset(("kind", "urban")), ref="QL1", road_class="primary", layer=1, bridge=True,
         conditional="maxspeed=60;50")  # fmt: skip
B = replace(A, id="osm/2", name="B", line=((106.5, 21.5), (106.51, 21.5)))
FIRST, SECOND = date(2025, 6, 1), date(2025, 9, 1)


def take_in(connection: Connection, *roads: Road, day: date | None = None, dataset: str = "osm") -> RoadChanges:
    changes = import_roads(connection, roads, dataset, "file.pbf", "00", day)
    connection.commit()
    return changes


def spans(connection: Connection) -> list[tuple[str, float | None, date | None, date | None]]:
    found = [(road.id, road.maxspeed, road.valid_from, road.valid_to) for road in load_roads(connection)]
    connection.commit()
    return found


def test_a_sign_that_changes_is_a_new_row_and_the_old_one_stays(connection: Connection) -> None:
    assert take_in(connection, A, B) == RoadChanges(2, 0, 0, 0, 0)
    assert list(load_roads(connection)) == [replace(A, dataset="osm"), replace(B, dataset="osm")]
    connection.commit()
    version = registry_version(connection)
    assert not take_in(connection, A, B)
    assert registry_version(connection) == version
    slower = replace(A, maxspeed=50.0)
    assert take_in(connection, slower, B, day=FIRST) == RoadChanges(0, 1, 0, 1, 0)
    assert not take_in(connection, slower, B, day=FIRST)
    assert spans(connection) == [
        ("osm/1", 60.0, None, date(2025, 5, 31)), ("osm/1", 50.0, FIRST, None), ("osm/2", 60.0, None, None),
    ]  # fmt: skip
    assert take_in(connection, slower, day=SECOND) == RoadChanges(0, 0, 1, 1, 0)
    assert spans(connection)[-1] == ("osm/2", 60.0, None, date(2025, 8, 31))
    assert [(one.valid_from, one.added, one.changed, one.ended) for one in road_imports(connection)] == [
        (None, 2, 0, 0), (FIRST, 0, 1, 0), (SECOND, 0, 0, 1),
    ]  # fmt: skip
    connection.commit()
    assert take_in(connection, slower, B, day=SECOND) == RoadChanges(0, 1, 0, 1, 0)


def test_a_state_corrected_on_its_own_day_leaves_no_empty_row(connection: Connection) -> None:
    take_in(connection, A)
    take_in(connection, replace(A, maxspeed=50.0), B, day=FIRST)
    take_in(connection, replace(A, maxspeed=40.0), day=FIRST)
    assert spans(connection) == [("osm/1", 60.0, None, date(2025, 5, 31)), ("osm/1", 40.0, FIRST, None)]


def test_roads_with_days_of_their_own_are_stated_as_a_whole(connection: Connection) -> None:
    old, new = replace(A, valid_to=date(2024, 12, 31)), replace(A, maxspeed=50.0, valid_from=date(2025, 1, 1))
    assert take_in(connection, old, new) == RoadChanges(1, 0, 0, 0, 0)
    assert not take_in(connection, old, new)
    moved = replace(old, valid_to=date(2024, 11, 30)), replace(new, valid_from=date(2024, 12, 1))
    assert take_in(connection, *moved) == RoadChanges(0, 1, 0, 0, 0)
    assert spans(connection) == [
        ("osm/1", 60.0, None, date(2024, 11, 30)), ("osm/1", 50.0, date(2024, 12, 1), None),
    ]  # fmt: skip


def _broken() -> Iterator[Road]:
    yield A
    raise ValueError("cut short")


def test_what_breaks_midway_leaves_nothing(connection: Connection) -> None:
    with pytest.raises(ValueError, match="cut short"):
        import_roads(connection, _broken(), "osm", "file", "00", None)
    assert spans(connection) == []
    assert road_imports(connection) == []


def test_refusals_name_the_road_and_change_nothing(connection: Connection) -> None:
    many = [replace(A, id=f"osm/{number}") for number in range(100, 140)]
    take_in(connection, A, *many)
    save_registry(connection, Registry(roads=(replace(B, id="own", source="authority"),)))
    before = spans(connection)
    for roads, day, part in (
        ([replace(A, maxspeed=50.0), *many], None, "--valid-from"),
        ([A], FIRST, "40 of 41 roads .* --allow-loss"),
        ([], FIRST, "no road"),
        ([A, A, *many], FIRST, "'osm/1' is there twice"),
        ([A, *many, replace(B, valid_to=SECOND), replace(B, valid_from=FIRST)], FIRST, "'osm/2'.* begins before"),
        ([A, *many, replace(B, id="own")], FIRST, "'own' belongs to reference data"),
    ):
        with pytest.raises(ImportRefused, match=part):
            import_roads(connection, roads, "osm", "file", "00", day)
        connection.commit()
        assert spans(connection) == before
    take_in(connection, A, B, *many, day=SECOND)
    with pytest.raises(ImportRefused, match="stands as of 2025-09-01"):
        import_roads(connection, [A, *many], "osm", "file", "00", FIRST)


def test_reference_data_leaves_imported_roads_alone(connection: Connection) -> None:
    take_in(connection, A)
    own = replace(B, source="authority")
    assert save_registry(connection, Registry(roads=(own,)), replace=True)
    assert not save_registry(connection, Registry(roads=(own,)), replace=True)
    assert {road.id for road in load_registry(connection).roads} == {"osm/1", "osm/2"}
    connection.commit()
    assert not take_in(connection, A)


def test_a_dry_run_tells_and_changes_nothing(connection: Connection) -> None:
    assert import_roads(connection, [A, B], "osm", "file", "00", None, dry=True) == RoadChanges(2, 0, 0, 0, 0)
    assert spans(connection) == []


def test_days_with_fixes_near_a_change_are_judged_anew(connection: Connection) -> None:
    near, far = {"lon": 106.005, "lat": 21.0002}, {"lon": 106.505, "lat": 21.5}
    day = 86_400
    fixes = [
        fix("12C00001", **near), fix("12C00001", NOON + 5 * day, **near), fix("12C00002", **far),
        fix("12C00001", NOON + 9 * day, **far),
    ]  # fmt: skip
    commit_batch(connection, stretch("s", 0, 1, frame(fixes)))
    take_in(connection, A, B)
    mark_checked(connection, take(connection, 100))
    connection.commit()
    start = date.fromordinal(date(1970, 1, 1).toordinal() + DAY + 4)
    changes = take_in(connection, replace(A, maxspeed=40.0), B, day=start)
    assert changes.touched == 1
    assert [(one.plate, one.day - DAY) for one in take(connection, 100)] == [("12C00001", 5)]
    connection.commit()
    mark_checked(connection, take(connection, 100))
    connection.commit()
    assert take_in(connection, replace(A, maxspeed=40.0), replace(B, maxspeed=30.0), day=start).touched == 1
    assert [(one.plate, one.day - DAY) for one in take(connection, 100)] == [("12C00001", 9)]
