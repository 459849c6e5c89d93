"""A store that the chaos is about, and how much of it there is: a little in CI, all of it by `make chaos`."""

from __future__ import annotations

import os
from typing import NamedTuple

import pytest

from storage.access import issue
from storage.database import Connection, connect
from storage.registry import save_registry
from tests.live.conftest import rig as rig  # the same fixture
from tests.live.records import REGISTRY
from tests.live.rigs import Rig
from tests.live.rigs.http import Rig as HttpRig


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
def store(database: str, rig: Rig) -> str:
    """URL of a database that knows who may send; over HTTP they send with the keys that it issued."""
    with connect(database) as connection:
        know_senders(connection, rig)
    return database


def know_senders(connection: Connection, rig: Rig) -> None:
    """Enter who may send."""
    save_registry(connection, REGISTRY)
    if isinstance(rig, HttpRig):
        rig.use_keys(lambda sender: issue(connection, sender))
