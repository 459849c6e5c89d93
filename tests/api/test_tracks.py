"""A vehicle's track of a day: lines where something is known, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from itertools import pairwise

import httpx
import polars as pl
import pytest

from api.answers import chosen
from api.routes.tracks import features
from journey.track import haversine_m
from storage.pages.daytrack import DayTrack, TrackPoint
from tests.api.filled import DATE, NOON, SOLD
from tests.api.walking import V1

Of = Callable[..., httpx.Client]
PATH = f"{V1}/vehicles/12C11111/tracks/{DATE}"
GEOJSON, ARROW = "application/geo+json", "application/vnd.apache.arrow.stream"


def test_a_line_with_the_times_and_speeds_of_its_points(client: Of) -> None:
    answer = client().get(PATH)
    assert answer.headers["content-type"] == GEOJSON
    track = answer.json()
    assert (track["type"], track["plate"], track["fixes"]) == ("FeatureCollection", "12C11111", 60)
    (line,) = track["features"]
    assert line["geometry"] == {"type": "LineString", "coordinates": [[105.5, 21.25], [105.559, 21.25]]}
    assert line["properties"] == {"times": [NOON, NOON + 59 * 30], "speeds_dkmh": [450, 450]}


def test_without_tolerance_no_bend_is_left_out(client: Of) -> None:
    exact = client().get(PATH, params={"tolerance_m": "0"}).json()["features"][0]["geometry"]["coordinates"]
    assert exact[0] == [105.5, 21.25]
    assert all(float(haversine_m(*a, *b)) > 0 for a, b in pairwise(exact))


def test_an_arrow_stream_holds_the_same_points(client: Of) -> None:
    answer = client().get(PATH, headers={"Accept": ARROW})
    assert answer.headers["content-type"] == ARROW
    frame = pl.read_ipc_stream(BytesIO(answer.content))
    assert frame.columns == ["time", "lon", "lat", "speed_dkmh", "after_break"]
    line = client().get(PATH).json()["features"][0]
    assert frame["time"].to_list() == line["properties"]["times"]
    assert [list(row) for row in frame.select("lon", "lat").iter_rows()] == line["geometry"]["coordinates"]
    again = client().get(PATH, headers={"Accept": ARROW, "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client().get(PATH, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


def test_a_day_of_which_nothing_is_known_is_empty(client: Of) -> None:
    track = client().get(f"{V1}/vehicles/12C11111/tracks/2024-01-01").json()
    assert (track["fixes"], track["features"]) == (0, [])
    empty = client().get(f"{V1}/vehicles/12C11111/tracks/2024-01-01", headers={"Accept": ARROW})
    assert pl.read_ipc_stream(BytesIO(empty.content)).height == 0
    assert client().get(f"{V1}/vehicles/{SOLD}/tracks/2024-10-03").json()["fixes"] == 10


def test_no_line_leads_over_a_break() -> None:
    points = [TrackPoint(0, 105, 21, 1, False), TrackPoint(9, 106, 21, 2, False), TrackPoint(999, 107, 21, 3, True),
              TrackPoint(5000, 108, 21, 4, True), TrackPoint(5010, 109, 21, 5, False)]  # fmt: skip
    found = [one["geometry"] for one in features(DayTrack(5, points))]
    assert found == [
        {"type": "LineString", "coordinates": [[105, 21], [106, 21]]},
        {"type": "Point", "coordinates": [107, 21]},
        {"type": "LineString", "coordinates": [[108, 21], [109, 21]]},
    ]
    assert features(DayTrack(0, [])) == []


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", GEOJSON),
        ("*/*", GEOJSON),
        ("application/*", GEOJSON),
        (ARROW, ARROW),
        (f"{GEOJSON};q=0.5, {ARROW}", ARROW),
        (f"{ARROW};q=0.1, */*;q=0.2", GEOJSON),
        (f"text/html, {ARROW};q=0", None),
        ("text/html", None),
        (f"{ARROW};q=x", None),
    ],
)
def test_the_form_is_that_which_was_asked_for(accept: str, expected: str | None) -> None:
    assert chosen(accept, (GEOJSON, ARROW)) == expected


def test_a_form_that_is_not_there_is_refused(client: Of) -> None:
    answer = client().get(PATH, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (406, "application/problem+json")
