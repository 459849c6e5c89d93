"""A store that the chaos is about, and how much of it there is: a little in CI, all of it by `make chaos`."""

from __future__ import annotations

import os
from typing import NamedTuple

import pytest

from storage.database import connect
from storage.registry import save_registry
from tests.live.conftest import rig as rig  # the same fixture
from tests.live.records import REGISTRY


class Amount(NamedTuple):
    kills: int  # of the ingest process
    broker_kills: int
    cuts: int
    absent_s: float  # that the database is away
    messages: int


@pytest.fixture(scope="session")
def amount() -> Amount:
    if os.environ.get("HANHTRINH_CHAOS") == "full":
        return Amount(50, 10, 10, 60, 60_000)
    return Amount(5, 2, 2, 4, 12_000)


@pytest.fixture
def store(database: str) -> str:
    """URL of a database that knows who may send."""
    with connect(database) as connection:
        save_registry(connection, REGISTRY)
    return database
