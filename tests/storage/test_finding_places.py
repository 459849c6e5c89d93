"""Where findings were complete: kept when they are added, said to be unknown where no fix or station tells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.model import Flag
from journey.registry import Registry, Road, Station
from journey.track import haversine_m
from storage.commit import commit_batch
from storage.database import Connection
from storage.findings import Scope, replace_findings
from storage.pages import finding_places
from storage.pages.finding_pages import Wanted, count_findings, current_finding, finding_page
from storage.pages.finding_places import Area, around, roads_called
from storage.registry import save_registry
from tests.storage.samples import NOON, finding, fix, frame, new_run, stretch

REGISTRY = Registry(
    stations=(Station("KT12", "Trạm", 106.7, 21.8), Station("KT13", "Trạm không tọa độ")),
    roads=(Road("QL1A-10", "Quốc lộ 1A", None, None, None, False, None, ((105.0, 21.0), (105.1, 21.0))),
           Road("QL1A-11", "Quốc lộ 1A", None, None, None, False, None, ((105.1, 21.0), (105.2, 21.0)))),
)  # fmt: skip
_RULES = ("speeding", "overload_gross", "daily_driving")


@pytest.fixture
def store(connection: Connection) -> Connection:
    save_registry(connection, REGISTRY)
    fixes = [
        fix("A", NOON, lon=105.5, lat=21.25),
        fix("A", NOON + 30, lon=105.6, lat=21.25),
        fix("A", NOON + 40, lon=105.7, lat=21.25),
        fix("A", NOON + 600, lon=21.25, lat=105.8),
    ]
    flags = [0, 0, int(Flag.JUMP), int(Flag.SWAPPED)]
    commit_batch(connection, stretch("s", 0, 1, frame(fixes, flags)))
    new_run(connection)
    connection.commit()
    return connection


def add(connection: Connection, **more: object) -> str:
    one = finding(**{"vehicle": "A", "detail": {}, **more})
    replace_findings(connection, "run-1", [Scope(_RULES, "A", None, one.start, one.start + 1)], [one], "test")
    connection.commit()
    return one.id


def place(connection: Connection, id_: str) -> tuple[float | None, float | None]:
    row = current_finding(connection, id_)
    assert row is not None
    return row.lon, row.lat


def test_the_place_is_that_of_the_last_usable_fix_of_a_minute(store: Connection) -> None:
    for start, (at, expected) in enumerate({
        NOON: (105.5, 21.25), NOON + 29: (105.5, 21.25), NOON + 30: (105.6, 21.25), NOON + 45: (105.6, 21.25),
        NOON + 89: (105.6, 21.25), NOON + 90: (None, None), NOON - 1: (None, None), NOON + 600: (105.8, 21.25),
    }.items()):  # fmt: skip
        assert place(store, add(store, rule="daily_driving", start=NOON - 99 + start, at=at)) == expected, at


def test_a_weighing_has_the_place_of_its_station_where_that_is_known(store: Connection) -> None:
    for start, (station, expected) in enumerate({
        "KT12": (106.7, 21.8), "KT13": (None, None), "unknown": (None, None)
    }.items()):  # fmt: skip
        id_ = add(store, rule="overload_gross", start=NOON + start, at=NOON, detail={"station": station})
        assert place(store, id_) == expected


@pytest.mark.parametrize("many", [0, 1, 5000])
def test_findings_by_box_circle_and_road(store: Connection, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether they are looked for from the places or one by one."""
    monkeypatch.setattr(finding_places, "_MANY_PLACES", many)
    first = add(store, start=NOON, at=NOON, detail={"segments": ["QL1A-10", "QL1A-11"]})
    second = add(store, start=NOON + 1, at=NOON + 30, detail={"segments": ["QL1A-11"]})
    third = add(store, start=NOON + 2, at=NOON + 599, detail={})  # nobody knows where

    def found(**by: object) -> list[str]:
        wanted = Wanted(NOON - 999, NOON + 999)._replace(**by)  # type: ignore[arg-type]
        ids = [row.id for row in finding_page(store, wanted, 9)]
        assert count_findings(store, wanted, 9) == len(ids)
        return ids

    assert found() == [first, second, third]
    assert found(area=Area(105.4, 21, 105.55, 22)) == [first]
    assert found(area=Area(105.4, 21, 105.65, 22)) == [first, second]
    assert found(area=Area(105.5, 21.25, 105.6, 21.26)) == [first, second]  # edges belong to it
    assert found(area=Area(-180, -90, 180, 90)) == [first, second]
    assert found(area=around(105.5, 21.25, 10_000)) == [first]  # 0.1 degrees are 10.36 km here
    assert found(area=around(105.5, 21.25, 10_500)) == [first, second]
    assert found(road="QL1A-10") == [first]
    assert found(road="quoc LO 1a") == found(road="QL1A-11") == [first, second]
    assert found(road="QL1A-11", area=around(105.6, 21.25, 9)) == [second]
    assert found(plate="A", area=Area(105.4, 21, 105.55, 22)) == [first]
    assert found(road="QL1A") == found(road="%") == []
    assert {*roads_called(store, "Quốc lộ 1A")} == {"QL1A-10", "QL1A-11", "Quốc lộ 1A"}  # it may be an id itself


def test_what_was_stored_before_gets_its_place_too(store: Connection) -> None:
    """The statements of the migration do what is done at each addition."""
    ids = [
        add(store, start=NOON, at=NOON + 20, detail={"segments": ["QL1A-10"]}),
        add(store, start=NOON + 1, at=NOON + 600, detail={}),
        add(store, start=NOON + 2, at=NOON + 300, detail={}),
        add(store, rule="overload_gross", start=NOON + 3, at=NOON, detail={"station": "KT12"}),
    ]
    kept = [place(store, id_) for id_ in ids]
    roads = store.execute("SELECT * FROM finding_road ORDER BY 1, 2").fetchall()
    assert (len({*kept}), len(roads)) == (4, 1)
    text = Path("storage/migrations/0019_place.sql").read_text(encoding="utf-8")
    store.execute("TRUNCATE finding_place, finding_road")
    for part in text.split("INSERT INTO")[1:]:
        store.execute(f"INSERT INTO {part.split(';')[0]}".encode())
    assert [place(store, id_) for id_ in ids] == kept
    assert store.execute("SELECT * FROM finding_road ORDER BY 1, 2").fetchall() == roads


@pytest.mark.parametrize("wrong", [(105.0, 21.0, 0), (105.0, 21.0, 50_001), (105.0, 80.0, 500), (105.0, -79.9, 50_000)])
def test_a_circle_that_cannot_be_reckoned_is_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"radius|latitude"):
        around(*wrong)


@given(
    lon=st.floats(-170, 170), lat=st.floats(-79, 79), radius=st.floats(1, 50_000), east=st.floats(-1, 1),
    north=st.floats(-1, 1),
)  # fmt: skip
def test_the_box_holds_the_whole_circle(lon: float, lat: float, radius: float, east: float, north: float) -> None:
    try:
        area = around(lon, lat, radius)
    except ValueError:
        return
    point = lon + 4 * east, lat + north
    distance = float(haversine_m(np.float64(lon), np.float64(lat), np.float64(point[0]), np.float64(point[1])))
    inside = area.west <= point[0] <= area.east and area.south <= point[1] <= area.north
    assert inside or distance > radius
