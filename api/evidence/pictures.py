"""The drawings of a package: which of them a finding has, from the data of its dossier."""

from __future__ import annotations

from api.drawings.axles import Group, Mass, axle_drawing
from api.drawings.driving_chart import driving_chart
from api.drawings.plane import Mark
from api.drawings.scales import clock
from api.drawings.speed_chart import speed_chart
from api.drawings.track import Point, Track
from api.drawings.track_map import track_map
from api.drawings.words import VI, Words, grouped
from api.evidence.dossier import Dossier, FixRow, Weighed

_SUMMED = ("continuous_driving", "daily_driving", "weekly_driving")
_ROOM_S = 300  # of the speed shown before and after a run
_ROOM_PARTS = 2  # or so many times the run, where that is less


def pictures(dossier: Dossier, words: Words = VI) -> dict[str, str]:
    """SVG by file name: map.svg and speed.svg where there are fixes, driving.svg of a driver's time, weighing.svg."""
    finding, found = dossier.finding, {}
    tracks = tracks_of(dossier)
    station = dossier.weighed.station if dossier.weighed else None
    marks = []
    if station is not None and station.lon is not None and station.lat is not None:
        marks.append(Mark(station.lon, station.lat, station.name))
    if station is not None:
        marks += [_place(row, words) for row in [nearest_in_time(dossier)] if row is not None]
    if tracks or marks:
        found["map.svg"] = track_map(finding.vehicle, tracks, dossier.bands, dossier.roads, marks, finding.at, words)
    own = next((track for track in tracks if track.vehicle == finding.vehicle), None)
    if own is not None and not dossier.on_weighing:
        found["speed.svg"] = _speed(own, dossier, words)
    if dossier.pieces:
        limit = int(finding.limit) if finding.rule in _SUMMED else None
        subject = finding.driver or finding.vehicle
        found["driving.svg"] = driving_chart(
            dossier.pieces, subject, finding.start, finding.end, finding.at, limit, words
        )
    if dossier.weighed is not None:
        found["weighing.svg"] = _weighing(dossier.weighed, dossier, words)
    return found


def nearest_in_time(dossier: Dossier) -> FixRow | None:
    """The usable fix of the finding's own vehicle that is nearest to its `at`."""
    finding = dossier.finding
    own = (row for row in dossier.standing if row.usable and row.vehicle == finding.vehicle)
    return min(own, key=lambda row: (abs(row.time - finding.at), row.time), default=None)


def _place(row: FixRow, words: Words) -> Mark:
    return Mark(row.lon, row.lat, words.vehicle_at.format(time=clock(row.time)))


def tracks_of(dossier: Dossier) -> list[Track]:
    """The usable fixes as drawings take them. A step is known unless its class is unknown."""
    tracks = []
    usable = [row for row in dossier.standing if row.usable]
    for vehicle in dict.fromkeys(row.vehicle for row in usable):
        points, known = [], True
        for row in (row for row in usable if row.vehicle == vehicle):
            points.append(_point(row, known))
            known = row.step != "unknown"
        tracks.append(Track(vehicle, tuple(points)))
    return tracks


def _point(row: FixRow, known: bool) -> Point:
    limit = None if row.limit_dkmh is None else row.limit_dkmh / 10
    return Point(row.time, row.lon, row.lat, row.speed_dkmh / 10, limit, row.band, row.used, known)


def _speed(track: Track, dossier: Dossier, words: Words) -> str:
    finding = dossier.finding
    room = max(_ROOM_S, min(dossier.context[1] - finding.end, _ROOM_PARTS * (finding.end - finding.start)))
    near = [point for point in track.points if finding.start - room <= point.time <= finding.end + room]
    return speed_chart(
        track._replace(points=tuple(near or track.points)), finding.start, finding.end, finding.at, dossier.bands, words
    )


def _weighing(weighed: Weighed, dossier: Dossier, words: Words) -> str:
    finding = dossier.finding
    groups = [Group(*group) for group in weighed.groups]
    masses = []
    if weighed.gross_limit_kg is not None:
        masses.append(Mass(words.gross, weighed.gross_kg, weighed.gross_limit_kg, over=True))
    if weighed.payload_limit_kg is not None:
        note = words.empty.format(kg=grouped(weighed.gross_kg - int(finding.measured), words))
        masses.append(Mass(words.cargo, int(finding.measured), weighed.payload_limit_kg, over=True, note=note))
    return axle_drawing(finding.vehicle, weighed.axle_kg, weighed.sent.spacing_mm, groups, masses, words)
