"""An extract cut short or damaged anywhere is refused by name, or says what it says in the parts that were not hit; and
an import that is ended at any moment leaves the roads as they were."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from cli.reference import InputError
from cli.roads.osm import read_osm
from journey.registry import Road
from storage.database import connect, scalar
from tests.cli.command import COMMAND, called, environment
from tests.roads.test_files import extract

WAYS = 20_000  # several blocks of the format


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return extract(tmp_path_factory.mktemp("whole") / "whole.osm.pbf", ways=WAYS)


@pytest.fixture(scope="module")
def roads(whole: Path) -> dict[str, Road]:
    return {road.id: road for road in read_osm(whole, [])}


def read(path: Path) -> dict[str, Road] | str:
    """The roads, or what the refusal says."""
    try:
        return {road.id: road for road in read_osm(path, [])}
    except InputError as error:
        return str(error)


def test_cut_short_anywhere(whole: Path, roads: dict[str, Road], tmp_path: Path) -> None:
    content, path = whole.read_bytes(), tmp_path / "cut.osm.pbf"
    taken = 0
    for length in np.random.default_rng(1).integers(0, len(content), 60).tolist():
        path.write_bytes(content[:length])
        said = read(path)
        if isinstance(said, str):
            assert said.startswith(f"{path}: is broken or cut short, or no .osm.pbf ("), said
            assert said.endswith("fetch it again")
        else:  # at a seam: fewer roads, each as it is; an import that lacks a tenth is refused (--allow-loss)
            taken += 1
            assert said.items() <= roads.items()
    assert taken < 6


def test_a_byte_changed_anywhere(whole: Path, roads: dict[str, Road], tmp_path: Path) -> None:
    """What is packed carries a sum over its bytes. Outside of it lie the sizes and names of blocks."""
    content, path = whole.read_bytes(), tmp_path / "changed.osm.pbf"
    random = np.random.default_rng(2)
    places = [*range(60), *random.integers(0, len(content), 140).tolist()]
    refused = 0
    for place in places:
        changed = bytearray(content)
        changed[place] ^= int(random.integers(1, 256))
        path.write_bytes(changed)
        said = read(path)
        if isinstance(said, str):
            refused += 1
            assert said.startswith(f"{path}: "), said
        else:
            assert said == roads, f"byte {place}"
    assert refused > 150


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_an_import_that_is_ended_leaves_nothing(whole: Path, emptied: str, ending: signal.Signals) -> None:
    before = subprocess.Popen(
        [COMMAND, "roads", "import", whole], env=environment(DATABASE_URL=emptied), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with connect(emptied) as connection:
        staging = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY staged%%' AND state = 'active'"
        until = time.monotonic() + 60
        while not scalar(connection, staging) and before.poll() is None and time.monotonic() < until:
            connection.commit()
        before.send_signal(ending)
        _, said = before.communicate(timeout=60)
        assert before.returncode != 0
        assert "Traceback" not in said
        assert scalar(connection, "SELECT count(*) FROM road") == 0
        assert scalar(connection, "SELECT count(*) FROM road_import") == 0
        connection.commit()
    assert "20,000 new" in called("roads", "import", whole, DATABASE_URL=emptied).err
