"""Fixtures of TimescaleDB: one server for a whole run, and a fresh database for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.timescale.server import NATIVE, OVER_TIMESCALE, Timescale, open_timescale

_FOLDER = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What lies here needs the engine, and so does what uses its fixture; over the engine not everything can run."""
    engine = os.environ.get(OVER_TIMESCALE) and not os.environ.get(NATIVE)
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.path.is_relative_to(_FOLDER) or "timescale_server" in fixtures:
            item.add_marker(pytest.mark.timescale)
        if engine and ("second" in fixtures or item.get_closest_marker("native_server")):
            item.add_marker(pytest.mark.skip("the engine has one session, and cannot RESET SESSION AUTHORIZATION"))


@pytest.fixture(scope="session")
def timescale_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Timescale]:
    with open_timescale(tmp_path_factory.mktemp("timescale") / "server") as server:
        yield server


@pytest.fixture
def timescale_database(timescale_server: Timescale) -> str:
    """URL of a database with the extension and nothing else in it."""
    return timescale_server.fresh()
