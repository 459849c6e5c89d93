"""Suspect slices of tracks matched to roads, or found matched on record, and the findings judged by what that says."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from cli.matching.answers import Point
from cli.matching.matcher import Matcher, matcher
from cli.matching.tiles import current
from cli.reference import InputError
from journey.track import GRID
from rules.engine import Known, VehicleFloor, slices_to_match, with_matches
from rules.law import Law
from rules.quality import Usable
from rules.scene import Outages
from storage.database import Connection, transaction
from storage.roads.matches import MatchedSlice, load_matches, match_frame, settle, touch_stale

log = logging.getLogger(__name__)
_OTHER_FILE = (
    "the tiles in use were not made of the file that roads were imported from: what is matched with them is matched "
    "again once tiles of that file are in use (hanhtrinh roads build FILE)"
)


@contextmanager
def renewing_matcher(connection: Connection, folder: Path | None) -> Iterator[Matcher | None]:
    """The matcher over the tiles in use; days wait at which they are to be asked again (storage.roads.matches)."""
    with opened_matcher(folder) as match:
        if match is not None:
            with transaction(connection):
                agree = settle(connection, match.tiles.version, match.tiles.source)
                count = touch_stale(connection, match.tiles.version)
            if not agree:
                log.warning(_OTHER_FILE)
            if count:
                log.info("%d vehicle-days are judged anew: their tracks are matched with other tiles", count)
        yield match


def replaced(folder: Path | None, match: Matcher | None) -> bool:
    """Whether other tiles have been put in use since the matcher was opened, that it can read."""
    if folder is None or match is None:
        return False
    with suppress(InputError, OSError, ValueError):
        tiles = current(folder)
        return tiles is not None and tiles.version != match.tiles.version
    return False


@contextmanager
def opened_matcher(folder: Path | None) -> Iterator[Matcher | None]:
    """The matcher over the tiles in use; None where no folder is set. Raises InputError where it holds no tiles."""
    if folder is None:
        yield None
        return
    tiles = current(folder)
    if tiles is None:
        raise InputError(
            f"HANHTRINH_TILES_FOLDER {folder}: no tiles there; make them: hanhtrinh roads build FILE.osm.pbf"
        )
    with matcher(tiles) as opened:
        yield opened


def confirm(
    connection: Connection,
    floor: VehicleFloor,
    spans: Sequence[tuple[str, int, int]],
    known: Known,
    law: Law,
    outages: Outages,
    match: Matcher | None,
) -> tuple[VehicleFloor, list[MatchedSlice]]:
    """A floor judged with its slices matched, those of spans (plate, since, until) alone; and these slices.

    A slice that is on record for the same times and places is not matched again, unless roads near it have changed and
    other tiles are in use since. Without a matcher, or where it finds
    or answers nothing, fixes are judged by all roads near them.
    """
    runs = slices_to_match(floor, known, law)
    if not len(runs.first):
        return floor, []
    usable, within = floor.usable, {plate: (since, until) for plate, since, until in spans}
    stored = {(one.plate, one.first_time, one.digest): one for one in load_matches(connection, spans)}
    slices = []
    for first, last in zip(runs.first.tolist(), runs.last.tolist(), strict=True):
        plate, time = floor.plates[int(usable.vehicle[first])], int(usable.time[first])
        since, until = within.get(plate, (0, 0))
        if not since <= time < until:
            continue
        digest = digest_of(usable, first, last)
        held = stored.get((plate, time, digest))
        if match is not None and (held is None or (held.stale and held.tiles != match.tiles.version)):
            fresh = _matched(plate, usable, first, last, digest, match)
            # Where the matcher failed what it said before still stands, and is asked about again.
            held = held if fresh is None and match.faults else fresh
        if held is not None:
            slices.append(held)
    if not slices:
        return floor, []
    return with_matches(floor, match_frame(slices), known, law, outages), slices


def on_record(
    connection: Connection,
    floor: VehicleFloor,
    spans: Sequence[tuple[str, int, int]],
    known: Known,
    law: Law,
    outages: Outages,
) -> VehicleFloor:
    """A floor judged with all that is on record of matches in spans (plate, since, until), as check left it there."""
    slices = load_matches(connection, spans)
    return with_matches(floor, match_frame(slices), known, law, outages) if slices else floor


def digest_of(usable: Usable, first: int, last: int) -> bytes:
    """What says that a slice is still the one that was matched: the times and places of its fixes."""
    digest = hashlib.blake2b(digest_size=16)
    for column in (
        usable.time,
        np.rint(usable.lon * GRID).astype(np.int64),
        np.rint(usable.lat * GRID).astype(np.int64),
    ):
        digest.update(np.ascontiguousarray(column[first : last + 1]))
    return digest.digest()


def _matched(plate: str, usable: Usable, first: int, last: int, digest: bytes, match: Matcher) -> MatchedSlice | None:
    inside = slice(first, last + 1)
    columns = (usable.time[inside].tolist(), usable.lon[inside].tolist(), usable.lat[inside].tolist())
    points = [Point(*point) for point in zip(*columns, strict=True)]
    rows = match.match(points)
    if rows is None:
        return None
    return MatchedSlice(plate, points[0].time, points[-1].time, digest, match.tiles.version, match.tiles.matcher, rows,
                        source=match.tiles.source)  # fmt: skip
