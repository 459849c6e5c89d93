"""Recordings of devices that nobody here built: what is stored equals a count by hand from the raw files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.checking.windows import check
from cli.intake.recorded import replay_files, store_reference
from journey.settings import Settings
from rules import law as rulebook
from storage.database import Connection, connect, scalar, transaction
from storage.rejections import count_rejections
from storage.tracks import counts
from tests.ingest import plain

DATA = Path(__file__).parents[2].parent / "shared" / "data"
TRUCK = DATA / "trucks-myanmar" / "vehicle1-trip1.jsonl"
CABS = sorted((DATA / "cabs-sanfrancisco").glob("*.txt"))
LAW = rulebook.load()
# Around most of the records: some lie outside.
TRUCK_BOX = (96.0, 22.25, 98.0, 24.2)
CAB_BOX = (-122.52, 37.65, -122.35, 37.85)
pytestmark = pytest.mark.skipif(
    not TRUCK.exists() or not CABS, reason="../shared/data is not beside the checkout: no real recording was replayed"
)


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        yield connection


def taken(store: Connection, folder: Path, files: list[Path], form: str, box: tuple[float, ...]) -> None:
    """Import a box, replay files and judge them; a second time there is nothing to do."""
    (folder / "registry.json").write_text(json.dumps({"box": box}), encoding="utf-8")
    store_reference(store, folder)
    settings = Settings(batch_fixes=5000)
    totals = replay_files(store, settings, LAW, files, form)
    lines = sum(len(path.read_bytes().splitlines()) for path in files)
    assert totals.fixes == totals.inserted + totals.duplicates == lines
    assert count_rejections(store) == {}
    store.commit()
    assert replay_files(store, settings, LAW, files, form).messages == 0
    done = check(store, LAW, "test")
    assert done.windows == _scalar(store, "SELECT count(*) FROM vehicle_day") > 0
    again = check(store, LAW, "test")
    assert (again.windows, again.added, again.withdrawn, again.changed) == (0, 0, 0, 0)


def _scalar(store: Connection, query: Any) -> Any:
    with transaction(store):
        return scalar(store, query)


def stored(store: Connection) -> dict[str, dict[str, Any]]:
    with transaction(store):
        rows = counts(store)
        sums: dict[str, dict[str, int]] = {row.plate: {} for row in rows}
        days = store.execute("SELECT v.plate, s.flags FROM day_summary s JOIN vehicle v ON v.id = s.vehicle_id")
        for plate, flags in days.fetchall():
            for name, number in flags.items():
                sums[plate][name] = sums[plate].get(name, 0) + number
        assert scalar(store, "SELECT sum(fixes)::bigint FROM day_summary") == sum(row.fixes for row in rows)
    assert {row.plate: row.flags for row in rows} == sums
    return {row.plate: {"fixes": row.fixes, "duplicates": row.duplicates, "conflicts": row.conflicts,
                        "flags": row.flags} for row in rows}  # fmt: skip


def test_the_truck(store: Connection, tmp_path: Path) -> None:
    taken(store, tmp_path, [TRUCK], "tajo", TRUCK_BOX)
    records = plain.trucks(TRUCK)
    expected = plain.summary(records, TRUCK_BOX)
    assert stored(store) == expected
    (truck,) = expected.values()
    assert truck["fixes"] + truck["duplicates"] == len(records) == 865
    assert truck["duplicates"] > truck["fixes"] > truck["flags"]["outside"] > 0


def test_the_cabs(store: Connection, tmp_path: Path) -> None:
    taken(store, tmp_path, CABS, "cabspotting", CAB_BOX)
    expected: dict[str, Any] = {}
    for path in CABS:
        expected |= plain.summary(plain.cab(path), CAB_BOX)
    assert stored(store) == expected
    assert set(expected) == {path.stem for path in CABS}
    flags = {name for vehicle in expected.values() for name in vehicle["flags"]}
    assert {"outside", "speed_range"} <= flags


def test_a_box_that_does_not_fit_makes_every_fix_unusable(store: Connection, tmp_path: Path) -> None:
    """The default box is Viet Nam: of a truck in Myanmar all is stored, and nothing is judged."""
    taken(store, tmp_path, [TRUCK], "tajo", (102, 8, 110, 24))
    (truck,) = stored(store).values()
    assert truck["flags"]["outside"] == truck["fixes"]
    assert _scalar(store, "SELECT count(*) FROM activity") == 0
    assert _scalar(store, "SELECT count(*) FROM finding") == 0
