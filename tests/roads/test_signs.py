"""What tags of OpenStreetMap say of limits, and of the road besides."""

from __future__ import annotations

import pytest

from cli.roads.signs import signs
from cli.roads.ways import is_road, road_of_way

LINE = ((106.0, 21.0), (106.1, 21.1))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"maxspeed": "50"}, {"for_all": 50.0, "known": True}),
        ({"maxspeed": "50 km/h"}, {"for_all": 50.0}),
        ({"maxspeed": "30 mph"}, {"for_all": 48.3}),
        ({"maxspeed": "VN:urban"}, {"for_all": None, "urban": True, "known": True}),
        ({"maxspeed": "VN:rural"}, {"for_all": None, "urban": False, "known": True}),
        ({"maxspeed": "VN:motorway"}, {"for_all": None, "expressway": True, "known": True}),
        ({"maxspeed": "60", "maxspeed:type": "VN:urban"}, {"for_all": 60.0, "urban": True}),
        ({"maxspeed": "60", "source:maxspeed": "sign"}, {"for_all": 60.0, "urban": None}),
        ({"traffic_sign": "VN:R.420"}, {"urban": True, "known": False}),
        ({"traffic_sign": "VN:R.421"}, {"urban": False}),
        ({"traffic_sign": "VN:P.127[20]"}, {"urban": None}),
        ({"maxspeed": "none"}, {"for_all": None, "known": True}),
        ({"maxspeed": "walk"}, {"for_all": None, "known": False, "conditional": ["maxspeed=walk"]}),
        ({"maxspeed": "signals"}, {"for_all": None, "known": False, "conditional": ["maxspeed=signals"]}),
        ({"maxspeed": "50 mph"}, {"for_all": 80.5, "known": True}),
        ({"maxspeed": "-50"}, {"for_all": None, "known": False, "conditional": ["maxspeed=-50"]}),
        ({"maxspeed": "0"}, {"for_all": None, "known": False, "conditional": ["maxspeed=0"]}),
        ({"maxspeed": "60", "maxspeed:hgv": "-40"}, {"for_all": 60.0, "hgv": None}),
        ({"maxspeed:hgv:conditional": "50 @ (weight>7.5)"},
         {"for_all": None, "hgv": None, "known": False, "conditional": ["maxspeed:hgv:conditional=50 @ (weight>7.5)"]}),
        ({"maxspeed": "999"}, {"for_all": None, "known": False}),
        ({"maxspeed": "90;30"}, {"for_all": 90.0, "conditional": ["maxspeed=90;30"]}),
        ({"maxspeed": "90;walk"}, {"for_all": None, "known": False}),
        ({"maxspeed:forward": "60", "maxspeed:backward": "40"}, {"forward": 60.0, "backward": 40.0, "known": True}),
        ({"maxspeed:forward": "60"}, {"forward": 60.0, "known": False}),
        ({"maxspeed": "80", "maxspeed:hgv": "60"}, {"for_all": 80.0, "hgv": 60.0}),
        # A limit for some times cannot lower a sign, but may raise it: the doubt is the driver's gain.
        ({"maxspeed": "80", "maxspeed:conditional": "60 @ (22:00-06:00)"}, {"for_all": 80.0}),
        ({"maxspeed": "80", "maxspeed:conditional": "100 @ (dry); 60 @ wet"}, {"for_all": 100.0}),
        ({"maxspeed": "80", "maxspeed:hgv": "60", "maxspeed:hgv:conditional": "70 @ (weight<7.5)"},
         {"for_all": 80.0, "hgv": 70.0}),
        ({"maxspeed:conditional": "60 @ (22:00-06:00)"}, {"for_all": None, "known": False}),
        ({"maxspeed": "60", "maxspeed:lanes": "60|80"}, {"for_all": 80.0}),
        ({"maxspeed": "60", "maxspeed:bus": "50"}, {"for_all": 60.0, "conditional": ["maxspeed:bus=50"]}),
        ({"maxspeed": "60", "maxspeed:advisory": "30"}, {"for_all": 60.0, "conditional": []}),
        ({}, {"for_all": None, "known": False, "conditional": []}),
    ],
)  # fmt: skip
def test_limits(tags: dict[str, str], expected: dict[str, object]) -> None:
    found = signs(tags)
    assert {name: getattr(found, name) for name in expected} == expected


def _assumed(**tags: str) -> set[str]:
    return set(road_of_way(7, {"highway": "primary", **tags}, LINE).assumed)


def test_what_no_tag_states_is_assumed() -> None:
    assert _assumed() == {"kind", "urban", "maxspeed"}
    assert _assumed(oneway="yes") == {"kind", "urban", "maxspeed", "lanes"}
    assert _assumed(maxspeed="VN:urban", dual_carriageway="no", lanes="2") == set()
    assert _assumed(maxspeed="60") == {"kind", "urban"}
    assert _assumed(motorroad="yes", maxspeed="80") == {"kind", "urban"}


@pytest.mark.parametrize(
    ("tags", "kind", "oneway"),
    [
        ({"highway": "motorway"}, "expressway", True),
        ({"highway": "motorway", "oneway": "no"}, "expressway", False),
        ({"highway": "trunk", "motorroad": "yes"}, "expressway", False),
        ({"highway": "primary", "oneway": "yes"}, "divided", True),
        ({"highway": "primary", "oneway": "reversible"}, "undivided", False),
        ({"highway": "primary_link", "oneway": "yes"}, "undivided", True),
        ({"highway": "primary", "junction": "roundabout"}, "undivided", True),
        ({"highway": "primary", "dual_carriageway": "yes"}, "divided", False),
        ({"highway": "primary", "divider": "median"}, "divided", False),
        ({"highway": "primary"}, "undivided", False),
    ],
)
def test_kind_and_direction(tags: dict[str, str], kind: str, oneway: bool) -> None:
    road = road_of_way(7, tags, LINE)
    assert (road.kind, road.oneway) == (kind, oneway)


def test_a_way_against_its_points_is_turned_with_its_signs() -> None:
    tags = {"highway": "primary", "oneway": "-1", "maxspeed:backward": "40", "maxspeed:hgv:backward": "30"}
    road = road_of_way(7, tags, LINE)
    assert (road.line, road.oneway) == (LINE[::-1], True)
    assert (road.maxspeed_forward, road.maxspeed_backward, road.maxspeed_hgv_forward) == (40.0, None, 30.0)


def test_other_tags() -> None:
    tags = {"highway": "trunk", "name": "Quốc lộ 1", "ref": "QL.1", "distance": "12", "tunnel": "yes", "layer": "-1",
            "lanes": "2;3", "bridge": "no"}  # fmt: skip
    road = road_of_way(7, tags, LINE)
    assert (road.id, road.name, road.ref, road.road_class) == ("osm/7", "Quốc lộ 1", "QL.1 km 12", "trunk")
    assert (road.tunnel, road.bridge, road.layer, road.lanes, road.source) == (True, False, -1, 3, "osm")
    assert not is_road({"highway": "footway"})
    assert not is_road({"highway": "service", "area": "yes"})
