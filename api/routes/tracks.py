"""A vehicle's track of a day, as few points as a map needs: GeoJSON, or an Arrow stream."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated, Any

import orjson
import polars as pl
from fastapi import APIRouter, Path, Query, Request, Response

from api.access import not_there
from api.answers import chosen, tagged
from api.daytracks import shown_track
from api.exports.listing import Column, local
from api.inputs import Day, Form, PlatePath
from api.listings import FORMS, as_file
from api.problems import Problem
from api.routes._given import GivenCaller, GivenParts, GivenPool
from journey import plates
from journey.localtime import number_of
from storage.pages.daytrack import DayTrack, TrackPoint
from storage.pages.registered import owned, vehicle
from storage.server.pool import reading

ROUTER = APIRouter(prefix="/vehicles", tags=["records"])
GEOJSON, ARROW = "application/geo+json", "application/vnd.apache.arrow.stream"
_TOLERANCE_MAX_M = 10_000
_SCHEMA = pl.Schema(
    {"time": pl.Int64, "lon": pl.Float64, "lat": pl.Float64, "speed_dkmh": pl.Int32, "after_break": pl.Boolean}
)
COLUMNS = (
    Column[TrackPoint]("time", "Thời điểm", lambda row: local(row.time), 20),
    Column[TrackPoint]("lon", "Kinh độ", lambda row: row.lon),
    Column[TrackPoint]("lat", "Vĩ độ", lambda row: row.lat),
    Column[TrackPoint]("speed_dkmh", "Tốc độ, 0,1 km/h", lambda row: row.speed_dkmh),
    Column[TrackPoint]("after_break", "Sau khi mất tín hiệu", lambda row: row.after_break),
)
_FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            GEOJSON: {"schema": {"type": "object"}},
            ARROW: {"schema": {"type": "string", "format": "binary"}},
            **FORMS[200]["content"],
        }
    },
    304: {"description": "The caller's copy still holds."},
}


@ROUTER.get("/{plate}/tracks/{day}", name="get_track", responses=_FORMS, response_class=Response)
def get_track(
    request: Request,
    caller: GivenCaller,
    parts: GivenParts,
    pool: GivenPool,
    plate: PlatePath,
    day: Annotated[Day, Path(description="local day")],
    tolerance_m: Annotated[
        float, Query(ge=0, le=_TOLERANCE_MAX_M, description="no fix that is left out lies farther from the line, m")
    ] = 10,
    form: Annotated[
        Form, Query(alias="format", description="csv, xlsx: its points as a file (scope export); json: as Accept says")
    ] = Form.JSON,
) -> Response:
    """A line for each piece without a break, with the times (s UTC) and speeds (tenths of km/h) of its points.

    Between two pieces nothing usable is known. Fixes that their own flags or their neighbours show to be wrong are
    left out.
    """
    media_type = chosen(request.headers.get("Accept", ""), (GEOJSON, "application/json", ARROW))
    if media_type is None and form is Form.JSON:
        raise Problem(406, f"a track is there as {GEOJSON} or {ARROW}")
    known, number = plates.plate(plate), number_of(day)
    with reading(pool) as connection:
        if vehicle(connection, known, number) is None:
            raise not_there("vehicle")
        if caller.operator is not None and not owned(connection, caller.operator, [(known, number)]):
            raise not_there("vehicle")
        track = shown_track(connection, known, number, tolerance_m, parts.law)
    if form is not Form.JSON:
        return as_file(form, f"{known}-{day}", "Hành trình", COLUMNS, track.points, parts.clock())
    if media_type == ARROW:
        return tagged(request, arrow(track), ARROW)
    content = {"type": "FeatureCollection", "features": features(track), "plate": known, "day": day.isoformat(),
               "fixes": track.fixes, "tolerance_m": tolerance_m}  # fmt: skip
    return tagged(request, orjson.dumps(content), GEOJSON)


def arrow(track: DayTrack) -> bytes:
    """The points as an Arrow IPC stream."""
    out = BytesIO()
    pl.DataFrame(track.points, schema=_SCHEMA, orient="row").write_ipc_stream(out)
    return out.getvalue()


def features(track: DayTrack) -> list[dict[str, Any]]:
    """A GeoJSON feature for each piece: a line, or a point where there is one fix alone."""
    pieces: list[list[TrackPoint]] = []
    for point in track.points:
        if point.after_break or not pieces:
            pieces.append([])
        pieces[-1].append(point)
    return [_feature(piece) for piece in pieces]


def _feature(piece: list[TrackPoint]) -> dict[str, Any]:
    line = [[point.lon, point.lat] for point in piece]
    geometry = {"type": "LineString", "coordinates": line} if line[1:] else {"type": "Point", "coordinates": line[0]}
    return {"type": "Feature", "geometry": geometry,
            "properties": {"times": [point.time for point in piece],
                           "speeds_dkmh": [point.speed_dkmh for point in piece]}}  # fmt: skip
