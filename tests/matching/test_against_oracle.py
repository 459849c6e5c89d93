"""The vectorised confidence equals its plain reading on random roads, tracks and matches."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.registry import Registration, Road
from journey.track import FIX, MATCH, encode
from rules import law as rulebook
from rules.quality import screen, standing
from rules.registered import index as register
from rules.roads.index import index
from rules.roads.matched import aligned, proof
from tests.matching.network import PLATE, START, place
from tests.oracle import matching as oracle

LAW = rulebook.load()
EXAMPLES = int(os.environ.get("HANHTRINH_TEST_EXAMPLES", "150"))
BOX = (-180.0, -90.0, 180.0, 90.0)

# Few places, so that roads meet, cross and run side by side.
_point = st.tuples(st.sampled_from((0, 20, 45, 300, 600)), st.sampled_from((0, 15, 35, 90, 300, 600)))
_line = st.lists(_point, min_size=2, max_size=4, unique=True)
_road = st.fixed_dictionaries(
    {"id": st.sampled_from(("osm/1", "osm/2", "osm/3", "osm/4")), "line": _line,
     "maxspeed": st.sampled_from((40, 50, 80)),
     "oneway": st.booleans(), "layer": st.sampled_from((0, 0, 0, 1))}
)  # fmt: skip
_fix = st.fixed_dictionaries(
    {"step": st.sampled_from((5, 10, 30, 121)), "at": _point, "aside": st.sampled_from((0, 7, 22, 31, 70)),
     "heading": st.sampled_from((None, None, 0.0, 45.0, 180.0)),
     "road": st.sampled_from((None, "osm/1", "osm/2", "osm/9")), "offset": st.sampled_from((0, 50, 120, 400)),
     "speed": st.sampled_from((0, 100, 400, 720)), "way": st.sampled_from((None, 3, 40, 90, 310)),
     "through": st.lists(st.sampled_from(("osm/1", "osm/2", "osm/3")), max_size=2)}
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(_road, min_size=1, max_size=5), st.lists(_fix, min_size=1, max_size=6))
def test_limits_equal(roads: list[dict[str, Any]], fixes: list[dict[str, Any]]) -> None:
    rows = [
        Road(one["id"], None, "undivided", False, one["maxspeed"], one["oneway"], None,
             tuple(place(*point) for point in one["line"]), layer=one["layer"])
        for one in roads
    ]  # fmt: skip
    known, registered = index(rows), register((Registration(PLATE, "OP1", "truck"),), (PLATE,))
    assert known is not None
    times = (START + np.cumsum([one["step"] for one in fixes])).tolist()
    places = [place(one["at"][0], one["at"][1] + one["aside"]) for one in fixes]
    sent = pl.DataFrame(
        {
            "vehicle": [PLATE] * len(fixes), "time": times, "lon": [lon for lon, _ in places],
            "lat": [lat for _, lat in places], "heading": [one["heading"] for one in fixes],
            "speed_dkmh": [one["speed"] for one in fixes], "scaled": [False] * len(fixes),
        },
        schema_overrides={"heading": pl.Float32},
    )  # fmt: skip
    sent = sent.select(
        pl.col(name).cast(kind) if name in sent.columns else pl.lit(None, kind).alias(name)
        for name, kind in FIX.items()
    )
    _, usable = screen(standing(encode(sent).frame, BOX, LAW)[0], LAW)
    kept = [times.index(time) for time in usable.time.tolist()]  # a jump is no usable fix, and was never matched
    # The first of a slice has no way to it; a jump between leaves the fixes beside it no neighbours in the record.
    ways = [None if k == kept[0] else one["way"] and 10 * one["way"] for k, one in enumerate(fixes)]
    matches = pl.DataFrame(
        [
            (PLATE, times[k], times[kept[0]], fixes[k]["road"],
             None if fixes[k]["road"] is None else fixes[k]["offset"], fixes[k]["through"], ways[k])
            for k in kept
        ],
        schema=MATCH, orient="row",
    )  # fmt: skip
    said = proof(usable, aligned(usable, (PLATE,), matches), registered, known, LAW)
    theirs = oracle.limits(
        [
            oracle.Place(times[k], *places[k], fixes[k]["heading"], fixes[k]["road"],
                         None if fixes[k]["road"] is None else fixes[k]["offset"] / 10, fixes[k]["through"],
                         fixes[k]["speed"])
            for k in kept
        ],
        [oracle.Line(row.id, list(row.line), row.oneway, row.layer, round(10 * (row.maxspeed or 0))) for row in rows],
        1200,
    )  # fmt: skip
    ours = zip(said.highest.limit_dkmh.tolist(), said.on.limit_dkmh.tolist(), said.certain.tolist(), strict=True)
    assert list(ours) == theirs
    without = proof(usable, aligned(usable, (PLATE,), matches.clear()), registered, known, LAW)
    assert not len(without.certain)
